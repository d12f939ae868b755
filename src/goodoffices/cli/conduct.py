"""Commands on conduct: what an actor is reported to do next, under present conditions."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from goodoffices.cli import asymmetry
from goodoffices.cli.gap import day_of, print_json
from goodoffices.errors import UsageError
from goodoffices.words import _, figure

__all__ = ["app"]

app = typer.Typer(
    help=_("Conduct as it is reported: the next act, and how lopsided it is."), rich_markup_mode=None
)
app.command()(asymmetry.asymmetry)

StorePath = Annotated[Path | None, typer.Option("--store", help=_("A store of reports."))]
Events = Annotated[Path | None, typer.Option("--events", help=_("A file that one of the sources can read."))]
Source = Annotated[
    str, typer.Option("--source", help=_("One source of the store, or the reader of the file."))
]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]
At = Annotated[
    str | None,
    typer.Option("--at", help=_("The day that is asked about; only what was known before it counts.")),
]
ModelFile = Annotated[
    Path | None, typer.Option("--model", help=_("A model of conduct fit; else the one that ships."))
]
ByCountry = Annotated[bool, typer.Option("--by-country", help=_("Put the actors of a country together."))]
SHOWN = 20


def _found(store: Path | None, events: Path | None, source: str, *, by_country: bool = False) -> Any:
    from goodoffices.workbench.conducting import acts_of  # noqa: PLC0415 - heavy

    found = acts_of(store=store, events=events, source=source, by_country=by_country)
    if found.said:
        typer.echo(found.said, err=True)
    return found


def _model(path: Path | None) -> Any:
    from goodoffices.workbench import conduct_model  # noqa: PLC0415 - heavy

    return conduct_model.ConductModel(conduct_model.read_model(path) if path else None)


@app.command()
def fit(
    out: Annotated[Path, typer.Option("-o", "--out", help=_("Write the model to this file."))],
    store: StorePath = None,
    events: Events = None,
    source: Source = "",
    until: Annotated[
        str | None, typer.Option("--until", help=_("Learn only from what was known before this day."))
    ] = None,
    by_country: ByCountry = False,
    as_json: Json = False,
) -> None:
    """Fit the weights of the population to the acts of a store, by the recipe that ships."""
    model = _model(None).fit(
        _found(store, events, source, by_country=by_country), until=day_of("--until", until)
    )
    model.save(out)
    about = model.model.about
    if as_json:
        print_json({"ok": True, "file": out.name, **about})
        return
    said = _("{n} acts from {first} to {last}: {count} weights written to {file}")
    typer.echo(said.format(n=about["acts"], first=about["first"], last=about["last"],
                           count=len(model.model.weights) + 1, file=out))  # fmt: skip


@app.command()
def predict(
    store: StorePath = None,
    events: Events = None,
    actor: Annotated[str | None, typer.Option("--actor", help=_("Whose act is asked about."))] = None,
    target: Annotated[str | None, typer.Option("--target", help=_("Towards whom."))] = None,
    at: At = None,
    model: ModelFile = None,
    source: Source = "",
    by_country: ByCountry = False,
    as_json: Json = False,
) -> None:
    """Foresee the next reported act of an actor towards another, or of every pair seen so far."""
    found = _foreseen(_asked(actor, target), store, events, at, model, source, by_country=by_country)
    if as_json:
        print_json({"ok": True, "forecasts": [one.to_dict() for one in found], "said": _said()})
        return
    for one in sorted(found, key=lambda one: -one.seen)[:SHOWN]:
        typer.echo(_line(one))
    if len(found) > SHOWN:
        typer.echo(_("{n} more pairs: --json prints all").format(n=len(found) - SHOWN))
    typer.echo(_said())


@app.command()
def why(
    actor: Annotated[str, typer.Option("--actor", help=_("Whose act is asked about."))],
    target: Annotated[str, typer.Option("--target", help=_("Towards whom."))],
    store: StorePath = None,
    events: Events = None,
    at: At = None,
    model: ModelFile = None,
    source: Source = "",
    by_country: ByCountry = False,
    as_json: Json = False,
) -> None:
    """Show what each part adds to the log-odds of a forecast; with the base they add up exactly."""
    one = _foreseen([(actor, target)], store, events, at, model, source, by_country=by_country)[0]
    if as_json:
        print_json({"ok": True, **one.to_dict()})
        return
    typer.echo(_line(one))
    for part, says in one.parts():
        typer.echo(f"  {one.why[part]:+.2f}  {_(part)}: {_(says)}")
    typer.echo(f"  {one.base:+.2f}  " + _("base"))
    typer.echo(_said())


@app.command()
def score(
    store: StorePath = None,
    events: Events = None,
    split: Annotated[float, typer.Option("--split", help=_("Share of the acts that is learnt from."))] = 0.8,
    source: Source = "",
    models: Annotated[
        str | None, typer.Option("--models", help=_("Baselines, joined by commas; else all."))
    ] = None,
    runs: Annotated[Path | None, typer.Option("--runs", help=_("Folder in which runs are kept."))] = None,
    note: Annotated[str, typer.Option("--note", help=_("A note on the run."))] = "",
    as_json: Json = False,
) -> None:
    """Fit on the first part by the recipe that ships, score the rest beside all baselines, keep the run."""
    from goodoffices.workbench import conduct_model, conduct_scores  # noqa: PLC0415 - heavy

    found = _found(store, events, source)
    run = conduct_scores.scored(
        found, conduct_model.shipped_recipe(), split=split, models=models, runs=runs,
        note=note, tick=lambda done, total, name: _tick(done, total, name, as_json=as_json),
    )  # fmt: skip
    told = conduct_scores.score_dict(run, found)
    if as_json:
        print_json(told)
        return
    said = _("{n} acts from {first} to {last}, run {run}")
    typer.echo(said.format(n=told["n"], first=run.first, last=run.last, run=run.id))
    if found.unvalued:
        missing = _("{n} reports were left out, for their codes have no published value: {codes}")
        typer.echo(missing.format(n=found.unvalued, codes=", ".join(found.unvalued_codes)))
    typer.echo(_row("conduct", told))
    for name, scores in sorted(told["baselines"].items(), key=lambda item: item[1]["log_loss"]):
        typer.echo(_row(name, scores))
    typer.echo(_said())


def _tick(done: int, total: int, name: str, *, as_json: bool) -> None:
    if sys.stderr.isatty() and not as_json:
        sys.stderr.write(f"\r{done}/{total} {name:<24}" + ("\n" if done == total else ""))


def _asked(actor: str | None, target: str | None) -> list[tuple[str, str]] | None:
    if actor is None and target is None:
        return None
    if actor is None or target is None:
        raise UsageError(_("give --actor and --target, or neither for all pairs"))
    return [(actor, target)]


def _foreseen(
    pairs: list[tuple[str, str]] | None, store: Path | None, events: Path | None, at: str | None,
    model: Path | None, source: str, *, by_country: bool,
) -> Any:  # fmt: skip
    found = _found(store, events, source, by_country=by_country)
    return _model(model).read(found).predict(at=day_of("--at", at), pairs=pairs)


def _said() -> str:
    from goodoffices.workbench.conduct_model import said  # noqa: PLC0415 - heavy

    return said()


def _line(one: Any) -> str:
    spread = f"{figure(one.p)} ({figure(one.lo)}–{figure(one.hi)})"
    pooled = "  " + _("pooled prior: hardly anything is known of this pair") if one.pooled else ""
    return (
        f"{one.actor} → {one.target}, {one.at}: {spread}  "
        + _("acts remembered: {n}").format(n=figure(one.seen, 0))
        + pooled
    )


def _row(name: str, scores: Any) -> str:
    auc = "–" if scores["auc"] is None else figure(scores["auc"], 3)
    said = _("log loss {log_loss}, Brier {brier}, AUC {auc}, calibration error {ece} (perfect {perfect})")
    return f"  {name:20} " + said.format(
        log_loss=figure(scores["log_loss"], 4), brier=figure(scores["brier"], 4), auc=auc,
        ece=figure(scores["ece"], 4), perfect=figure(scores["ece_perfect"], 4),
    )  # fmt: skip
