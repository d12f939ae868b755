"""The ledger index from a store of reports, as `trust --store` asks for it."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import typer

from goodoffices.domain.gaps import TYPES
from goodoffices.domain.indexes import PairIndex, Summary
from goodoffices.errors import UsageError
from goodoffices.words import _, figure, listing, percent

__all__ = ["judged_only", "store_trust"]

SHOWN = 24  # rows of a trajectory on the screen
ASYMMETRIES = ("judged", "conduct")  # the usual one first
SETTLED = {
    "end": "--to",
    "source": "--source",
    "rates": "--false-positives",
    "actors": "--actors",
    "whole": "--actors-apart",
    "asymmetry": "--asymmetry",
}  # what partitions hang on


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(_('{name}: found "{found}"; give a day such as 2013-01-01').format(
            name=name, found=text
        )) from None  # fmt: skip


def store_trust(
    store: Path | None,
    truster: str | None,
    trustee: str | None,
    *,
    out: str | None,
    everybody: bool,
    as_json: bool,
    on: str | None,
    partitions: str | None,
    **given: Any,
) -> None:
    """Show the index of one pair, or write that of all pairs."""
    if everybody:
        if out is None or truster or trustee:
            raise UsageError(
                _("--all writes every pair into a file: give it with -o, and no truster or trustee")
            )
        _summary(_everybody(store, out, on or "", partitions or "", given), out, as_json=as_json)
        return
    if on or partitions:
        raise UsageError(_("--on and --partitions go with --all"))
    if store is None or not (truster and trustee):
        raise UsageError(_("give --truster and --trustee, or --all"))
    from goodoffices.workbench import index_page, indexing  # noqa: PLC0415 - heavy

    found = indexing.pair_index(_asked(store, given), truster, trustee)
    if out is not None:
        index_page.save(found, Path(out))
    _pair(found, as_json=as_json)


def _asymmetry(given: str | None) -> str:
    if given is not None and given not in ASYMMETRIES:
        raise UsageError(_('--asymmetry: found "{found}"; use {names}').format(
            found=given, names=", ".join(ASYMMETRIES)
        ))  # fmt: skip
    return given or ASYMMETRIES[0]


def judged_only(asymmetry: str | None) -> None:
    """Refuse another asymmetry than the judged one: a curated case keeps its table.

    Raises
    ------
    UsageError
        If another is asked for.
    """
    if _asymmetry(asymmetry) != ASYMMETRIES[0]:
        raise UsageError(
            _("--asymmetry conduct applies to a store of reports alone; a case keeps the judged table")
        )


def _given(given: dict[str, Any]) -> dict[str, Any]:
    """Give the options that were given, days as days."""
    days = {"start": _day("--from", given["start"]), "end": _day("--to", given["end"])}
    return {name: one for name, one in {**given, **days}.items() if one is not None and one is not False}


def _asked(store: Path, given: dict[str, Any]) -> Any:
    from goodoffices.workbench import indexing  # noqa: PLC0415 - heavy

    known = _given(given)
    if "rates" in known:
        known["rates"] = indexing.rates_of(known["rates"])
    if _asymmetry(known.pop("asymmetry", None)) == "conduct":
        from goodoffices.workbench import gaps  # noqa: PLC0415 - heavy

        known["asymmetry"] = gaps.ratios_of(
            store, known.get("source", ""), known.get("end"), by_country="whole" not in known
        )
    return indexing.Asked(store=store, **known)


def _everybody(store: Path | None, out: str, on: str, partitions: str, given: dict[str, Any]) -> Summary:
    """Write all pairs: at once into a file, or by partitions."""
    from goodoffices.workbench import index_places, index_spread, indexing  # noqa: PLC0415 - heavy

    if store is None:
        return index_spread.index_of_partitions(partitions, out, _view(given), on=on)
    if on or partitions or index_places.is_place(out):
        return index_spread.spread_index(_asked(store, given), out, on=on, partitions=partitions)
    return indexing.all_index(_asked(store, given), Path(out))


def _view(given: dict[str, Any]) -> Any:
    from goodoffices.workbench import index_spread  # noqa: PLC0415 - heavy

    known = _given(given)
    wrong = [option for name, option in SETTLED.items() if name in known]
    if wrong:
        said = _("{options}: settled when the partitions were laid down; give --store too, or leave it out")
        raise UsageError(said.format(options=", ".join(wrong)))
    return index_spread.View(**known)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _name(out: str) -> str:
    return out if "://" in out else Path(out).name


def _summary(told: Summary, out: str, *, as_json: bool) -> None:
    if as_json:
        _print_json({"ok": True, "file": _name(out), **told.to_dict()})
        return
    said = _("{label}: {rows} rows on {pairs} pairs of {source} written to {file}")
    typer.echo(
        said.format(
            label=_("Ledger index from reports"),
            rows=told.rows,
            pairs=told.pairs,
            source=told.source,
            file=out,
        )
    )
    left = listing([f"{n} {_(reason)}" for reason, n in told.left_out.items() if n])
    counted = _("{counted} of {reports} reports counted").format(counted=told.counted, reports=told.reports)
    typer.echo(counted + (_("; left out: {left}").format(left=left) if left else ""))
    _terms(told)


def _terms(told: Summary) -> None:
    """Say on which terms the figures stand: scale, clip, and what they cannot be compared with."""
    how = {"rule": _("by the rule"), "kept": _("by the rule, found earlier"), "given": _("given")}
    said = _("evidence scale {value} ({how}, judged); draws {draws}, seed {seed}")
    typer.echo(
        said.format(value=f"{told.scale.value:g}", how=how[told.scale.by], draws=told.draws, seed=told.seed)
    )
    if told.known:
        typer.echo(_("reports: {rule}").format(rule=told.known))
    if told.asymmetry:
        said = _(
            "asymmetry of intention: conduct, not the judged table; a {a}, b {b}, fitted to {n} acts; {label}"
        )
        a, b = figure(told.asymmetry.a), figure(told.asymmetry.b)
        typer.echo(said.format(a=a, b=b, n=told.asymmetry.acts, label=_(TYPES)))
    swept = ", ".join(f"×{clip.factor:g} {percent(clip.share)}" for clip in told.clip)
    typer.echo(_("active pair-dates at the clip, by scale: {swept}").format(swept=swept))
    if told.meaningless:
        typer.echo(_("More than 5% lie at the clip: levels mean nothing here; look at changes and ranks."))
    typer.echo(
        _("Change and rank within this source count; no level is compared with that of a curated case.")
    )


def _pair(found: PairIndex, *, as_json: bool) -> None:
    if as_json:
        _print_json(found.to_dict())
        return
    title = _("Ledger index from reports: {truster} on {trustee}, {source}")
    typer.echo(title.format(truster=found.truster, trustee=found.trustee, source=found.summary.source))
    rows = [row for row in found.rows if row.facet == "intention"]
    for row in rows[-SHOWN:]:
        spread = f"{figure(row.median)} ({figure(row.lo)}–{figure(row.hi)})"
        typer.echo(f"  {row.date}  {spread:22}  {row.change:+.2f}  n {row.n}")
    if not rows:
        typer.echo(_("  no report of this pair speaks of intention"))
    for one in found.words:
        if one["factor"] == 1.0:
            typer.echo("  " + _kept(one))
    _terms(found.summary)


def _kept(one: dict[str, Any]) -> str:
    said = _(
        "words and deeds, {word}: {met} met, {contradicted} contradicted, {silent} unobserved, {open} open"
    )
    told = said.format(
        word=_(one["word"]),
        met=one["met"],
        contradicted=one["contradicted"],
        silent=one["unobserved"],
        open=one["open"],
    )
    return (
        told
        if one["share"] is None
        else told + _(" ({share} of those decided)").format(share=percent(one["share"]))
    )
