"""The ledger index from a store of reports, as `trust --store` asks for it."""

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import typer

from goodoffices.domain.indexes import PairIndex, Summary
from goodoffices.errors import UsageError
from goodoffices.words import _, figure, listing, percent

__all__ = ["store_trust"]

SHOWN = 24  # rows of a trajectory on the screen


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
    store: Path,
    truster: str | None,
    trustee: str | None,
    *,
    start: str | None,
    end: str | None,
    out: Path | None,
    everybody: bool,
    as_json: bool,
    rates: Path | None,
    **given: Any,
) -> None:
    """Show the index of one pair, or write that of all pairs."""
    from goodoffices.workbench import indexing  # noqa: PLC0415 - heavy

    asked = indexing.Asked(
        store=store, start=_day("--from", start), end=_day("--to", end),
        **{name: value for name, value in given.items() if value is not None},
    )  # fmt: skip
    if rates is not None:
        asked = replace(asked, rates=indexing.rates_of(rates))
    if everybody:
        if out is None or truster or trustee:
            raise UsageError(
                _("--all writes every pair into a file: give it with -o, and no truster or trustee")
            )
        _summary(indexing.all_index(asked, out), out, as_json=as_json)
        return
    if not (truster and trustee):
        raise UsageError(_("give --truster and --trustee, or --all"))
    found = indexing.pair_index(asked, truster, trustee)
    if out is not None:
        from goodoffices.workbench import index_page  # noqa: PLC0415 - heavy

        index_page.save(found, out)
    _pair(found, as_json=as_json)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _summary(told: Summary, out: Path, *, as_json: bool) -> None:
    if as_json:
        _print_json({"ok": True, "file": out.name, **told.to_dict()})
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
