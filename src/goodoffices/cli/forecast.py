"""The commands that register forecasts, say what came of them, and calibrate on them."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from goodoffices.errors import UsageError
from goodoffices.words import N_, _, figure, printable

__all__ = ["app"]

NAMES = {"forecast": N_("forecast"), "base": N_("base rate"), "expert": N_("expert")}

app = typer.Typer(
    help=_("Register a forecast before anybody knows, resolve it, and score it."), rich_markup_mode=None
)

Folder = Annotated[
    Path | None, typer.Option("--register", help=_("Folder of the register; else one among your data."))
]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]
Id = Annotated[str, typer.Argument(metavar="ID", help=_("Of the forecast, or how it begins."))]


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _say(text: str) -> None:
    typer.echo(printable(text))


def _work() -> Any:
    from goodoffices.workbench import forecasting  # noqa: PLC0415 - heavy

    return forecasting


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = _('{name}: found "{found}"; give a day such as 2026-12-31')
        raise UsageError(said.format(name=name, found=text)) from None


@app.command()
def register(
    case: Annotated[
        str, typer.Argument(metavar="CASE", help=_("A case folder or the name of a library case."))
    ],
    question: Annotated[
        str, typer.Option("--question", help=_('"signed by DAY", or "lasts N years": 1, 5 or 10.'))
    ],
    by: Annotated[str, typer.Option("--by", help=_("The deadline: the last day that counts."))],
    resolves: Annotated[
        str, typer.Option("--resolves", help=_("By what rule it will be resolved, from what source."))
    ],
    text: Annotated[
        str | None, typer.Option("--text", help=_("The text in question, by id; else the last on the table."))
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help=_("Read the case as of this day."))] = None,
    expert: Annotated[
        float | None, typer.Option("--expert", help=_("What somebody says unaided, between 0 and 1."))
    ] = None,
    role: Annotated[
        str, typer.Option("--expert-role", help=_("Who that is, by role and not by name."))
    ] = "unaided expert",
    base_rate: Annotated[
        float | None,
        typer.Option("--base-rate", help=_("A rate of signing among talks, those that failed included.")),
    ] = None,
    base_source: Annotated[str, typer.Option("--base-source", help=_("Where that rate is from."))] = "",
    blinded: Annotated[
        str,
        typer.Option("--blinded", metavar="BY", help=_("The case has no names: who removed them, by role.")),
    ] = "",
    seed: Annotated[int | None, typer.Option("--seed", help=_("Seed of the draws."))] = None,
    draws: Annotated[int | None, typer.Option("--draws", help=_("Number of draws."))] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=_("Also write the forecast to this file."))
    ] = None,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Freeze what a reading says of a question, with its hash, before the outcome is known."""
    work = _work()
    given = {"seed": seed, "draws": draws, "folder": folder, "at": at and _day("--at", at)}
    asked = work.Asked(
        question=question, by=_day("--by", by), resolves=resolves, text=text, expert=expert, role=role,
        base=base_rate, base_source=base_source, blinded_by=blinded,
        **{name: value for name, value in given.items() if value is not None},
    )  # fmt: skip
    path, made = work.register(case, asked)
    if out is not None:
        work.save(out, made)
    if as_json:
        _print_json({"ok": True, "file": path.name, **made.to_dict()})
    else:
        _tell(made)
        _say(_("Hash {sha}: note it outside of the register too.").format(sha=made.forecast.sha256))


@app.command()
def resolve(
    name: Id,
    happened: Annotated[str, typer.Option("--happened", help=_("yes, no, or void (condition not met)."))],
    on: Annotated[str, typer.Option("--on", help=_("The day on which it was decided."))],
    source: Annotated[str, typer.Option("--source", help=_("A page, or a text and its date."))],
    why: Annotated[
        str, typer.Option("--why", help=_("What was wrong with the resolution that this corrects."))
    ] = "",
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Say what came of a forecast, and score it; nothing that was said before is taken away."""
    path, found = _work().resolve(name, happened, _day("--on", on), source, why=why, folder=folder)
    if as_json:
        _print_json({"ok": True, "file": path.name, **found.to_dict()})
    else:
        _tell(found)


@app.command("list")
def list_(folder: Folder = None, as_json: Json = False) -> None:
    """List all forecasts, those due first, with their scores."""
    found = _work().listed(folder)
    if as_json:
        rows = [one.to_dict() for one in found["forecasts"]]
        _print_json({"ok": True, **found, "forecasts": rows})
        return
    for one in found["forecasts"]:
        _say(_line(one))
    for standing, sums in found["scores"].items():
        _sums(standing, sums)
    _say(_("{n} forecasts; {said}.").format(n=len(found["forecasts"]), said=found["said"]))


@app.command()
def show(name: Id, folder: Folder = None, as_json: Json = False) -> None:
    """Show one forecast with all that was frozen with it."""
    found = _work().shown_by(name, folder)
    if as_json:
        _print_json({"ok": True, **found.to_dict()})
    else:
        _tell(found)


@app.command()
def check(
    head: Annotated[
        str, typer.Option("--head", help=_("A hash noted earlier, which must still be there."))
    ] = "",
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Hold every file of the register against its hash and its place."""
    found = _work().chain(folder, head)
    if as_json:
        _print_json({"ok": True, **found})
    else:
        said = _(
            "{n} entries, {forecasts} of them forecasts, as they were written; the last has the hash {head}."
        )
        given = {"n": found["entries"], "forecasts": found["forecasts"], "head": found["head"] or "–"}
        _say(said.format(**given))


@app.command()
def calibrate(
    question: Annotated[
        str, typer.Option("--question", help=_("Only forecasts of signing, or of lasting."))
    ] = "",
    years: Annotated[int, typer.Option("--years", help=_("Of those of lasting: for 1, 5 or 10 years."))] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=_("Write the calibration to this file."))
    ] = None,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Fit the calibration of K to what came of forecasts: 30 dated cases at least, none of the library."""
    from goodoffices.workbench import calibrating  # noqa: PLC0415 - heavy

    record, counted = calibrating.calibrate(folder, about=question, years=years, out=out)
    if as_json:
        _print_json({"ok": True, "calibration": record.model_dump(mode="json"), "aside": counted.aside})
        return
    said = _(
        "logit K' = {level} + {slope} logit K, from {n} dated cases "
        "({registered} registered, {blinded} blinded)"
    )
    given = {"level": figure(record.level), "slope": figure(record.slope), "n": record.cases}
    _say(said.format(**given, registered=record.registered, blinded=record.blinded))
    for name, word in (("level", _("level")), ("slope", _("slope"))):
        low, high = getattr(record.interval, name)
        _say(
            _("  {name}: 80% interval {low} to {high}").format(name=word, low=figure(low), high=figure(high))
        )
    if counted.aside:
        aside = ", ".join(f"{_(why)} {n}" for why, n in counted.aside.items())
        _say(_("Set aside: {aside}").format(aside=aside))


# -- on the screen --------------------------------------------------------------------------------------


def _line(one: Any) -> str:
    frozen, last = one.forecast, one.resolutions[0] if one.resolutions else None
    state = _(last.happened) if last else _("due") if one.due else _("open")
    told = _("{id}  {by}  {state:<5} {said}  {case}, {text}: {question} ({standing})")
    said = figure(frozen.forecast.median)
    about = {"case": frozen.case, "text": frozen.text, "question": frozen.question}
    return told.format(id=one.id, by=frozen.by, state=state, said=said, standing=_(one.standing), **about)


def _tell(one: Any) -> None:
    """Tell one forecast whole."""
    frozen = one.forecast
    _say(_line(one))
    _say("  " + _(frozen.condition))
    said, base = frozen.forecast, frozen.base
    ends = {"x": figure(said.median), "low": figure(said.lo), "high": figure(said.hi)}
    _say(_("  forecast {x} ({low}–{high}), a model index, scored as if it were a chance").format(**ends))
    of = f"{base.name}, n = {base.n}, {base.source}" if base.name else _(base.source)
    _say(_("  base rate {x} ({of})").format(x=figure(base.chance), of=of))
    if frozen.expert:
        _say(_("  {role}: {x}").format(role=frozen.expert.role, x=figure(frozen.expert.chance)))
    for row in frozen.players:
        told = _("  {who}: K {keep}, p* {needed}")
        _say(told.format(who=row.id, keep=figure(row.keep.median), needed=figure(row.threshold.median)))
    _say(_("  resolves: {rule}").format(rule=frozen.resolves))
    stamps = frozen.stamps
    told = _(
        "  registered {at}, read as of {day}; {method}, code {code}, case {case}, seed {seed}, {n} draws"
    )
    given = {"at": frozen.at, "day": stamps.as_of, "method": stamps.method, "code": stamps.code}
    _say(told.format(**given, case=stamps.case_hash[:12], seed=stamps.seed, n=stamps.draws))
    for last in one.resolutions:
        told = _("  resolved: {happened}, {on}, {source}")
        _say(told.format(happened=_(last.happened), on=last.on, source=last.source))
    for name, scores in one.scores.items():
        told = _("  {name}: Brier score {brier}, log score {log}")
        given = {"brier": figure(scores["brier"], 3), "log": figure(scores["log"], 3)}
        _say(told.format(name=_(NAMES[name]), **given))


def _sums(standing: str, sums: dict[str, Any]) -> None:
    """Tell the mean scores of one standing, and how they differ from what they are held against."""
    if sums["said"]:
        _say(f"{_(standing)}: {sums['said']}")
    for name, scores in sums["scores"].items():
        if scores:
            told = _("{standing}, {name}: Brier score {brier}, log score {log}, n = {n}")
            given = {"brier": figure(scores["brier"], 3), "log": figure(scores["log"], 3), "n": scores["n"]}
            _say(told.format(standing=_(standing), name=_(NAMES[name]), **given))
    for name, found in sums["differences"].items():
        if found:
            _say(_difference(standing, name, found))


def _difference(standing: str, name: str, found: dict[str, Any]) -> str:
    told = _(
        "{standing}, forecast less {name}: Brier score {brier}, log score {log}, n = {n} (below 0: better)"
    )
    given = {score: _spanned(found[score]) for score in ("brier", "log")}
    return told.format(standing=_(standing), name=_(NAMES[name]), n=found["n"], **given)


def _spanned(one: dict[str, Any]) -> str:
    mean = f"{one['mean']:+.3f}"
    if one["interval"] is None:
        return mean
    low, high = one["interval"]
    return _("{mean} ({low} to {high})").format(mean=mean, low=f"{low:+.3f}", high=f"{high:+.3f}")
