"""How long agreements lasted, as `backtest durability` tells it."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goodoffices.words import _, figure, number

if TYPE_CHECKING:
    from goodoffices.domain.lasting import ClassShares, Durability, Score, Spread

__all__ = ["durability"]


def durability(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("The CSV of the UCDP Peace Agreement Dataset."))
    ],
    out: Annotated[Path | None, typer.Option("--out", "-o", help=_("Write a page to this file."))] = None,
    draws: Annotated[int, typer.Option("--draws", help=_("Draws of whole conflicts, for intervals."))] = 1000,
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the draws."))] = 1,
    runs: Annotated[
        Path | None,
        typer.Option(
            "--runs", help=_("Folder of the runs; else GOODOFFICES_RUNS, else one among your data.")
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> None:
    """Score forecasts of how long agreements last, each from other conflicts, against base rates.

    Takes about half a minute for 370 agreements; the run is kept.
    """
    from goodoffices.workbench import lasting  # noqa: PLC0415 - heavy
    from goodoffices.workbench.runs import Runs  # noqa: PLC0415 - heavy

    if out is not None:
        lasting.check_place(out)
    found = lasting.durability(file, seed=seed, draws=draws, runs=Runs(runs))
    if out is not None:
        lasting.save_page(found, out)
    if as_json:
        sys.stdout.write(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        return
    _show(found)
    if out is not None:
        typer.echo(_("Wrote {path}").format(path=out))


def _told(one: "Spread", digits: int = 2) -> str:
    return f"{figure(one.value, digits)} ({figure(one.lo, digits)}–{figure(one.hi, digits)})"


def _show(found: "Durability") -> None:
    typer.echo(found.says)
    typer.echo(_("Outcome: {outcome}.").format(outcome=_(found.outcome)))
    counted = _("{used} of {rows} agreements used: {ended} recorded as ended, {not_ended} as not ended, "
                "{blank} with nothing recorded; data end on {day}")  # fmt: skip
    typer.echo(counted.format(day=found.until, **found.counts))
    typer.echo(_("Ended within (years), with 95% intervals by drawing whole conflicts"))
    for shares in found.classes:
        typer.echo(_class(shares))
    typer.echo(_("Scores of run {run}: Brier after 1, 2 and 5 years, and concordance").format(run=found.run))
    for score in found.scores:
        typer.echo(_score(score))


def _class(shares: "ClassShares") -> str:
    pairs = zip(shares.years, shares.share, strict=True)
    return f"  {_(shares.name):8} {shares.n:4}  " + "  ".join(
        f"{number(y)}: {_told(one)}" for y, one in pairs
    )


def _score(score: "Score") -> str:
    return f"  {_(score.forecaster):30} " + "  ".join(_told(one, 3) for one in score.figures.values())
