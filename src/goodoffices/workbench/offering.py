"""What could be asked of a case on a day: texts that are open, and moves with who could make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goodoffices.analysis.choices import Choice, Refused, Step, choices
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.effects import takes_effect
from goodoffices.analysis.runs import Run
from goodoffices.domain.moves import Move
from goodoffices.words import _
from goodoffices.workbench.planning import Question, laid_out

__all__ = ["Offered", "Offers", "offered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One move of those that a case allows, in the reader's words.

    Attributes
    ----------
    month
        In which it takes effect, if it is begun in the first.
    consent
        Who must agree: by, towards or all_bound.
    cost
        Political cost by role, from 0 to 5.
    fails
        What may go wrong.
    basis, source
        `cited` or `judged`; the key of the bibliography.
    casts
        Who could make it, and at whom it would be aimed; empty if nobody in particular makes it.
    fits
        Whether anybody can make it.
    refused
        Who cannot, and why.
    """

    id: str
    label: str
    family: str
    says: str
    weeks: int
    month: int
    consent: Sequence[str]
    cost: Mapping[str, int]
    reversible: str
    fails: Sequence[str]
    basis: str
    source: str
    casts: Sequence[str]
    fits: bool
    refused: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Before which texts moves can be ranked, and which moves there are.

    Attributes
    ----------
    text
        The one that is meant.
    texts
        Id and title of each that is open, in the order in which they came on the table.
    moves
        In the order in which they take effect; doing nothing is always compared and not among them.
    """

    text: str
    texts: Sequence[tuple[str, str]]
    moves: Sequence[Offered]


def _cast(run: Run, choice: Choice) -> str:
    """Who makes a move and at whom it is aimed, by their names."""
    return " → ".join(run.encoded.called(name) for name in (choice.by, choice.towards) if name)


def _offered(run: Run, move: Move, fit: Sequence[Choice], refused: Sequence[Refused]) -> Offered:
    casts = [_cast(run, choice) for choice in fit if choice.move.id == move.id]
    return Offered(
        id=move.id,
        label=_(move.label),
        family=move.family,
        says=_(move.says),
        weeks=move.weeks,
        month=takes_effect(Step(Choice(move))),
        consent=move.consent,
        cost=dict(move.cost),
        reversible=move.reversible,
        fails=[_(said) for said in move.fails],
        basis=move.basis,
        source=move.source,
        casts=[cast for cast in casts if cast],
        fits=bool(casts),
        refused=[(_cast(run, one.choice), one.reason) for one in refused if one.choice.move.id == move.id],
    )


def _open(run: Run) -> list[Deal]:
    found = [d for d in run.deals.values() if d.text.signed_on is None and len(d.text.binds) > 1]
    return sorted(found, key=lambda deal: deal.text.tabled_on)


def offered(run: Run, moves: Mapping[str, Move], text: str | None) -> Offers:
    """Say what could be asked.

    Raises
    ------
    UsageError
        If no text is open on the day of the run, or the one named is not.
    """
    _each, deal, allowed = laid_out(run, moves, Question(text=text or None))
    fit, refused = choices(run, deal, allowed)
    found = [_offered(run, move, fit, refused) for move in allowed.values() if move.id != "nothing"]
    return Offers(
        text=deal.text.id,
        texts=[(one.text.id, one.text.title) for one in _open(run)],
        moves=sorted(found, key=lambda one: one.month),
    )
