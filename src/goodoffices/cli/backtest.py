"""The commands that try forecasters on the past, and show what came of it."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goodoffices.cli import lasting
from goodoffices.errors import UsageError
from goodoffices.words import _, figure, number, printable

if TYPE_CHECKING:
    from goodoffices.domain.backtests import Difference, Result, Run

__all__ = ["app"]

SHOWN = 30  # runs in a list
WIDE = 20  # letters of a forecaster's name

app = typer.Typer(help=_("Try forecasters on the past, and score them."), rich_markup_mode=None)
app.command()(lasting.durability)

Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]
Folder = Annotated[
    Path | None,
    typer.Option("--runs", help=_("Folder of the runs; else GOODOFFICES_RUNS, else one among your data.")),
]
Id = Annotated[str, typer.Argument(metavar="ID", help=_("Of the run, or how it begins."))]


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _say(text: str) -> None:
    typer.echo(printable(text))


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = _('{name}: found "{found}"; give a day such as 2018-04-01')
        raise UsageError(said.format(name=name, found=text)) from None


def _runs(folder: Path | None) -> Any:
    from goodoffices.workbench.runs import Runs  # noqa: PLC0415 - heavy

    return Runs(folder)


@contextlib.contextmanager
def _progress(*, silent: bool) -> Iterator[Callable[[int, int, str], None]]:
    """Show how many forecasts of forecasters and origins are done, on the error stream."""
    from rich import progress as bars  # noqa: PLC0415 - heavy, and only wanted here
    from rich.console import Console  # noqa: PLC0415

    columns = (bars.TextColumn("{task.description}"), bars.BarColumn(), bars.MofNCompleteColumn(),
               bars.TimeElapsedColumn())  # fmt: skip
    with bars.Progress(
        *columns, console=Console(stderr=True), transient=True, disable=silent or not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(_("reading"), total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name[:30])


@app.command()
def run(
    events: Annotated[
        Path | None, typer.Option("--events", help=_("A file of events that one of the sources can read."))
    ] = None,
    store: Annotated[Path | None, typer.Option("--store", help=_("A store of event data."))] = None,
    source: Annotated[str, typer.Option("--source", help=_("Which source."))] = "",
    as_of: Annotated[
        str | None, typer.Option("--as-of", help=_("Only what was known by the end of this day."))
    ] = None,
    question: Annotated[
        str, typer.Option("--question", help=_("next-act, material-conflict or agreement."))
    ] = "next-act",
    split: Annotated[
        float | None, typer.Option("--split", help=_("Share of the acts that is fitted on (0.8)."))
    ] = None,
    origin: Annotated[
        str | None, typer.Option("--origin", help=_("First day of the first window of rolling origins."))
    ] = None,
    horizon: Annotated[int | None, typer.Option("--horizon", help=_("Days that each looks ahead."))] = None,
    stride: Annotated[
        int | None, typer.Option("--stride", help=_("Days from one origin to the next (the horizon)."))
    ] = None,
    origins: Annotated[int | None, typer.Option("--origins", help=_("How many origins."))] = None,
    models: Annotated[
        str | None, typer.Option("--models", help=_("Only these forecasters, joined by commas."))
    ] = None,
    first: Annotated[
        float, typer.Option("--first", help=_("Use the first share of the acts only, such as 0.8."))
    ] = 1.0,
    note: Annotated[str, typer.Option("--note", help=_("A remark that is kept with the run."))] = "",
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the draws."))] = 1,
    on: Annotated[
        str, typer.Option("--on", help=_("Spread over a cluster: ray or ray://address; else here."))
    ] = "",
    folder: Folder = None,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", help=_("Print the id of the run only."))] = False,
) -> None:
    """Try forecasters on the acts of a store or a file, and keep the run.

    Ctrl-C ends at the next forecaster; asked again, the same question goes on there.
    """
    from goodoffices.cli.events import _stoppable  # noqa: PLC0415 - the same as of an import
    from goodoffices.workbench import backtesting  # noqa: PLC0415 - heavy

    windows = question in backtesting.WINDOWS
    if windows and (split is not None or horizon is not None or stride is not None or on or models):
        raise UsageError(
            _("a question about windows takes --origin and --origins only: months follow months")
        )
    begin = _day("--origin", origin)
    asked = backtesting.Asked(
        events=events, store=store, source=source, as_of=_day("--as-of", as_of), first=first,
        design=backtesting.design_of(split, *((None,) * 4 if windows else (begin, horizon, stride, origins))),
        models=models, question=question, origin=begin if windows else None,
        origins=origins if windows else None, seed=seed, note=note, folder=folder, on=on,
    )  # fmt: skip
    try:
        with _stoppable() as stop, _progress(silent=quiet or as_json) as tick:
            found = backtesting.run(asked, tick, stop)
    except backtesting.Stopped:
        _say(_("Stopped before anything was scored; the same command goes on from here."))
        raise typer.Exit(130) from None
    if as_json:
        _print_json({"ok": True, **found.to_dict()})
    elif quiet:
        typer.echo(found.id)
    else:
        _show(found)


def _head(run: "Run") -> None:
    said = _("Run {id} of {day}: {name}, {question}; {n} questions from {first} to {last}")
    _say(said.format(id=run.id, day=run.at[:10], name=run.name, question=run.question, n=number(run.asked),
                     first=run.first, last=run.last))  # fmt: skip
    if run.note:
        _say(run.note)


def _row(one: "Result") -> str:
    scores = one.scores
    lo, hi = one.log_loss_interval
    spread = f"{figure(scores.log_loss, 4)} ({figure(lo, 4)}–{figure(hi, 4)})"
    error = f"{figure(scores.ece, 4)} / {figure(scores.ece_perfect, 4)}"
    told = f"{spread}  {figure(scores.brier, 4)}  {figure(scores.auc, 3)}  {error}"
    return f"  {one.model:{WIDE}} {told}" + (f"  {figure(scores.crps, 4)}" if scores.crps is not None else "")


def _apart(one: "Difference") -> str:
    return f"  {one.baseline:{WIDE}} {one.log_loss:+.4f} ({one.lo:+.4f} … {one.hi:+.4f})"


def _show(run: "Run") -> None:
    _head(run)
    ordered = sorted(run.results, key=lambda one: one.scores.log_loss)
    typer.echo(
        _("  log loss with an interval of 90%, Brier, AUC, calibration error / that of a perfect forecaster")
    )
    for one in ordered:
        _say(_row(one))
    best = ordered[0].model
    typer.echo(_("{model} less each of the others, act by act").format(model=best))
    for one in ordered[1:]:
        _say(_apart(run.difference(best, one.model)))
    _said()


def _said() -> None:
    from goodoffices.domain.backtests import ACCURACY  # noqa: PLC0415 - heavy
    from goodoffices.workbench.backtesting import SAID  # noqa: PLC0415 - as above

    typer.echo(_(SAID))
    typer.echo(_(ACCURACY))


@app.command("list")
def list_(folder: Folder = None, as_json: Json = False) -> None:
    """List the runs that are kept, the newest last."""
    found = _runs(folder).listed()
    if as_json:
        names = ("id", "sort", "at", "name", "question", "asked", "last_part", "note")
        _print_json({"ok": True, "runs": [{name: told.get(name) for name in names} for told in found]})
        return
    if not found:
        typer.echo(_("No run is kept yet: goodoffices backtest run makes one."))
    for told in found[-SHOWN:]:
        what = told.get("question") or told["sort"]
        _say(
            "  ".join(
                (told["id"], told["at"][:16], f"{what:18}", told.get("name", ""), told.get("note", ""))
            ).rstrip()
        )


@app.command()
def show(
    name: Id,
    out: Annotated[Path | None, typer.Option("--out", "-o", help=_("Write a page to this file."))] = None,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Show a run, or write its page with reliability diagrams."""
    runs = _runs(folder)
    told = runs.get(name)
    if out is not None:
        from goodoffices.workbench import backtest_page  # noqa: PLC0415 - heavy

        backtest_page.save(told, out)
    if as_json or told["sort"] != "backtest":
        _print_json({"ok": True, **told})
        return
    from goodoffices.domain.backtests import Run  # noqa: PLC0415 - as above

    _show(Run.from_dict(told))
    if out is not None:
        typer.echo(_("Wrote {path}").format(path=out))


@app.command()
def compare(name: Id, other: Id, folder: Folder = None, as_json: Json = False) -> None:
    """Compare two runs of the same questions, model by model and act by act."""
    from goodoffices.workbench import backtesting  # noqa: PLC0415 - heavy

    found = backtesting.compare(_runs(folder), name, other)
    if as_json:
        _print_json({"ok": True, **found})
        return
    typer.echo(
        _("Log loss of run {one} less that of run {other}").format(one=found["run"], other=found["other"])
    )
    for row in found["models"]:
        _say(f"  {row['model']:{WIDE}} {row['log_loss']:+.4f} ({row['lo']:+.4f} … {row['hi']:+.4f})")
    for words in found["differs"]:
        _say("  " + words)


@app.command()
def table(folder: Folder = None, as_json: Json = False) -> None:
    """Put all scorings of the next act side by side, with how often each last part was scored."""
    from goodoffices.workbench import backtesting  # noqa: PLC0415 - heavy

    rows = backtesting.table(_runs(folder))
    if as_json:
        _print_json({"ok": True, "rows": rows})
        return
    names = list(dict.fromkeys(name for row in rows for name in row["log_loss"]))
    for row in rows:
        share = row["design"].get("share")
        how = _("split at {share}").format(share=share) if share else _("rolling origins")
        part = _("last part") if row["last_part"] else _("not the last part")
        often = _("scored {n} times").format(n=row["scorings_of_the_last_part"])
        _say(f"{row['name']}  {how}, {part} ({often}), n {number(row['asked'])}, {_('run')} {row['run']}")
        for name in names:
            if name in row["log_loss"]:
                ece, perfect = row["ece"][name]
                error = f"{figure(ece, 4)} / {figure(perfect, 4)}"
                typer.echo(f"  {name:{WIDE}} {figure(row['log_loss'][name], 4)}   {error}")
    if not rows:
        typer.echo(_("No run is kept yet: goodoffices backtest run makes one."))
    else:
        typer.echo(_("log loss, and calibration error / that of a perfect forecaster"))


@app.command()
def export(
    name: Id,
    views: Annotated[
        Path, typer.Option("--views", help=_("Folder for files in the layout of VIEWS: window=Y2018/…"))
    ],
    model: Annotated[str, typer.Option("--model", help=_("Which forecaster; else the best."))] = "",
    draws: Annotated[int, typer.Option("--draws", help=_("Draws of each act."))] = 100,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Write the forecasts of a run as draws, one folder for each window."""
    from goodoffices.workbench import views as layout  # noqa: PLC0415 - heavy

    written = layout.export(_runs(folder), name, views, model=model, draws=draws)
    if as_json:
        _print_json({"ok": True, "files": [path.relative_to(views).as_posix() for path in written]})
    else:
        _say(_("Wrote {n} files into {folder}").format(n=len(written), folder=views))
