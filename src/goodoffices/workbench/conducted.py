"""A forecast of conduct beside the reading of a case that asks for it: shown apart, and never weighed.

What a party is likely to do next is not whether it would keep a text: nothing of a belief, of K or of a
verdict changes.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

from goodoffices.conduct.acts import SAID
from goodoffices.domain.case import Case, Conduct
from goodoffices.domain.readings import ConductReading, ConductRow, Reading
from goodoffices.errors import GoodOfficesError, NotFoundError, UsageError
from goodoffices.words import _
from goodoffices.workbench.feeding import VARIABLE, beside

__all__ = ["with_conduct"]


def _conducting() -> Any:
    from goodoffices.workbench import conduct_model  # noqa: PLC0415 - an extra

    return conduct_model


def _file(asked: Conduct, name: str) -> Path:
    found = beside(asked.near, name)
    if found is None:
        said = _(
            "{name}, which [conduct] asks for, lies neither beside the case nor in the folder {variable}"
        )
        raise NotFoundError(said.format(name=name, variable=VARIABLE))
    return found


def _pairs(case: Case, asked: Conduct) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Give truster and trustee by party, and the same as actors of the store."""
    actors = {party.id: party.iso3 for party in case.parties if party.iso3} | dict(asked.actors)
    for pair in asked.pairs or permutations(actors, 2):
        one, two = pair
        if not (actors.get(one) and actors.get(two)):
            said = _("{party} has no actor in the store: name one under [conduct], actors")
            raise UsageError(said.format(party=two if actors.get(one) else one))
        yield (one, two), (actors[one], actors[two])


def _read(case: Case, asked: Conduct, day: date) -> Iterator[ConductRow]:
    store = _file(asked, asked.store)
    given: dict[str, Any] = {}
    if asked.source:
        given["source"] = asked.source
    if asked.model:
        given["model"] = _file(asked, asked.model)
    for (truster, trustee), (one, two) in _pairs(case, asked):
        yield ConductRow(truster=truster, trustee=trustee, forecast=_forecast(store, one, two, day, given))


def _forecast(store: Path, one: str, two: str, day: date, given: dict[str, Any]) -> dict[str, Any]:
    """Give the forecast of a pair; one that cannot be given takes none of the others away."""
    try:
        found: dict[str, Any] = _conducting().forecast_pair(store, one, two, day, **given)
    except GoodOfficesError as error:
        return {"said": str(error)}
    return found


def with_conduct(reading: Reading, case: Case) -> Reading:
    """Give the reading with the forecast that its case asks for in a part of its own; nothing else moves."""
    asked = case.conduct
    if asked is None:
        return reading
    told: dict[str, Any] = {"label": _(SAID), "store": asked.store, "source": asked.source}
    try:
        rows, said = tuple(_read(case, asked, reading.as_of)), ""
    except GoodOfficesError as error:
        rows, said = (), str(error)
    shown = ConductReading(**told, model=asked.model, rows=rows, said=said)
    return replace(reading, conduct=shown)
