"""The command that measures how lopsided reported conduct is."""

from pathlib import Path
from typing import Annotated

import typer

from goodoffices.cli.gap import day_of, print_json, spread
from goodoffices.domain.gaps import Asymmetry, TypesRow
from goodoffices.words import _

__all__ = ["asymmetry"]


def asymmetry(
    store: Annotated[Path, typer.Option("--store", help=_("A store of reports."))],
    source: Annotated[str, typer.Option("--source", help=_("One source of the store; else each."))] = "",
    at: Annotated[str | None, typer.Option("--at", help=_("Read what was known by this day."))] = None,
    by_country: Annotated[
        bool, typer.Option("--by-country", help=_("Put the actors of a country together."))
    ] = False,
    draws: Annotated[
        int | None, typer.Option("--draws", help=_("Draws of pairs that the intervals rest on."))
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help=_("Seed of the draws."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> None:
    """Measure how lopsided reported conduct is: two types, by source, window of time and kind of act."""
    from goodoffices.workbench import gaps  # noqa: PLC0415 - heavy

    chosen = {"draws": draws, "seed": seed}
    found = gaps.asymmetry(
        store, source=source, as_of=day_of("--at", at), by_country=by_country,
        **{name: value for name, value in chosen.items() if value is not None},
    )  # fmt: skip
    if as_json:
        print_json(found.to_dict())
    else:
        _shown(found)


def _shown(found: Asymmetry) -> None:
    typer.echo(_("Two types: {label}.").format(label=found.label))
    for row in found.rows:
        typer.echo("  " + _line(row))
    typer.echo(_verdict(found.verdict))
    said = _("intervals of 90%; draws {draws}, seed {seed}, data {data}")
    typer.echo(said.format(draws=found.draws, seed=found.seed, data=found.data))
    typer.echo(found.says)


def _line(row: TypesRow) -> str:
    head = f"{row.source:8} {_(row.kind):9} {_(row.window):6} n {row.n:<8}"
    if row.reason:
        return f"{head} {row.reason}"
    said = _("a {a}, b {b}; one conflictive act offsets {offset} cooperative ones")
    return f"{head} " + said.format(a=spread(row.a), b=spread(row.b), offset=spread(row.offset, 1))


def _verdict(verdict: str) -> str:
    if verdict == "below":
        return _("b lies below one half in every row.")
    if verdict == "above":
        return _("b lies above one half in every row.")
    return _("Not identified: b lies on both sides of one half, or an interval of it holds one half.")
