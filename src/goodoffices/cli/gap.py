"""The command that lists where ledger and forecast of the same acts disagree."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from goodoffices.domain.gaps import Gap, GapRow, Measured, Surprise
from goodoffices.errors import UsageError
from goodoffices.words import _, figure

__all__ = ["day_of", "gap", "print_json", "spread"]

SHOWN = 20  # pairs on the screen; all stand in the JSON


def day_of(name: str, text: str | None) -> date | None:
    """Read the day of an option.

    Raises
    ------
    UsageError
        If it is none.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(_('{name}: found "{found}"; give a day such as 2013-01-01').format(
            name=name, found=text
        )) from None  # fmt: skip


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def spread(one: Measured | None, digits: int = 2) -> str:
    """Say a figure with its interval."""
    if one is None:
        return figure(None)
    return f"{figure(one.value, digits)} ({figure(one.lo, digits)}–{figure(one.hi, digits)})"


def gap(
    store: Annotated[Path, typer.Option("--store", help=_("A store of reports."))],
    at: Annotated[str, typer.Option("--at", help=_("Read what was known by this day."))],
    source: Annotated[str, typer.Option("--source", help=_("Which source of the store."))] = "",
    forecaster: Annotated[
        str, typer.Option("--forecaster", help=_("With which forecast the ledger is compared."))
    ] = "",
    by_country: Annotated[
        bool, typer.Option("--by-country", help=_("Put the actors of a country together."))
    ] = False,
    draws: Annotated[
        int | None, typer.Option("--draws", help=_("Halves of the pairs that the intervals rest on."))
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=_("Seed of the draws."))] = None,
    half_life: Annotated[
        float | None, typer.Option("--half-life", help=_("Days by which surprise at an act halves."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> None:
    """List the pairs on which two models of the same reported acts, ledger and forecast, disagree."""
    from goodoffices.workbench import gaps  # noqa: PLC0415 - heavy

    day = day_of("--at", at)
    assert day is not None
    chosen: dict[str, Any] = {"draws": draws, "seed": seed, "half_life": half_life}
    found = gaps.gap(
        store, day, source=source, forecaster=forecaster, by_country=by_country,
        **{name: value for name, value in chosen.items() if value is not None},
    )  # fmt: skip
    if as_json:
        print_json(found.to_dict())
    else:
        _shown(found)


def _shown(found: Gap) -> None:
    title = _("{label}, ledger and forecast ({forecaster}), on the acts of {source} known by {day}")
    typer.echo(title.format(
        label=found.label[:1].upper() + found.label[1:], forecaster=found.forecaster, source=found.source,
        day=found.as_of,
    ))  # fmt: skip
    for row in found.rows[:SHOWN]:
        typer.echo("  " + _line(row))
    if len(found.rows) > SHOWN:
        typer.echo(_("and {n} more").format(n=len(found.rows) - SHOWN))
    typer.echo(found.reason or _("{n} of {pairs} pairs are listed; left out: {reasons}").format(
        n=len(found.rows), pairs=found.pairs,
        reasons="; ".join(f"{n}: {reason}" for reason, n in found.left_out.items()),
    ))  # fmt: skip
    terms = _("a {a}, b {b}, fitted to these {n} acts; draws {draws}, seed {seed}, data {data}")
    typer.echo(terms.format(
        a=figure(found.a), b=figure(found.b), n=found.acts, draws=found.draws, seed=found.seed,
        data=found.data,
    ))  # fmt: skip
    typer.echo(found.says)


def _line(row: GapRow) -> str:
    said = _("{actor} towards {target}: ledger implies {implied}, forecast {forecast}, "
             "difference {difference}; n {n}, last {last}")  # fmt: skip
    told = said.format(
        actor=row.actor, target=row.target, implied=figure(row.implied), forecast=figure(row.forecast),
        difference=spread(row.difference), n=row.n, last=row.last,
    )  # fmt: skip
    return told + (f"; {_surprised(row.surprise)}" if row.surprise else "")


def _surprised(one: Surprise) -> str:
    said = _("surprise lately {loss}, expected {expected} (n {n})")
    return said.format(loss=figure(one.loss), expected=figure(one.expected), n=one.n)
