"""A question about what could be done, put to a run of a case."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from goodoffices.analysis.answer import Stamps
from goodoffices.analysis.choices import choices
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.plans import OBJECTIVES, ranking, told, trials
from goodoffices.analysis.runs import Run
from goodoffices.domain.moves import Move
from goodoffices.domain.plans import Ranking
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["Question", "ranked"]


@dataclass(frozen=True)
class Question:
    """What is asked: before which text, which moves, how many histories a plan, ranked by what."""

    text: str | None
    moves: Iterable[str] | None
    rollouts: int
    objective: str
    tick: Callable[[str], None]
    trace: int | None = None


def _deal(run: Run, text: str | None) -> Deal:
    """The text in question: the one named, or the last on the table that is not signed."""
    if text is not None:
        if text not in run.deals:
            known = ", ".join(run.deals) or _("none")
            said = _('no text "{text}" is on the table on {day}: {known}')
            raise UsageError(said.format(text=text, day=run.day, known=known))
        return run.deals[text]
    unsigned = [deal for deal in run.deals.values() if deal.text.signed_on is None]
    if not unsigned:
        said = _("no unsigned text is on the table on {day}: choose another day with --at")
        raise UsageError(said.format(day=run.day))
    return max(unsigned, key=lambda deal: deal.text.tabled_on)


def _allowed(question: Question, moves: Mapping[str, Move]) -> dict[str, Move]:
    wanted = set(moves) if question.moves is None else set(question.moves) | {"nothing"}
    unknown = sorted(wanted - set(moves))
    if unknown:
        said = _('no move "{move}": use some of {known}')
        raise UsageError(said.format(move=unknown[0], known=", ".join(moves)))
    return {name: move for name, move in moves.items() if name in wanted}


def ranked(run: Run, moves: Mapping[str, Move], question: Question, stamps: Stamps) -> Ranking:
    """Rank every move that could be made.

    Raises
    ------
    UsageError
        For an unknown text, move or objective, or too few histories.
    """
    if question.objective not in OBJECTIVES:
        said = _('no objective "{name}": use {known}')
        raise UsageError(said.format(name=question.objective, known=", ".join(OBJECTIVES)))
    if question.rollouts < run.draws:
        said = _("{n} histories a plan: give at least {least}, one for each draw")
        raise UsageError(said.format(n=question.rollouts, least=run.draws))
    deal, each = _deal(run, question.text), question.rollouts // run.draws
    if len(deal.text.binds) < 2:
        raise UsageError(_("{text} binds fewer than two sides").format(text=deal.text.id))
    fit, refused = choices(run, deal, _allowed(question, moves))
    number = question.trace
    if number is not None and not 0 <= number < run.draws * each:
        last = run.draws * each - 1
        raise UsageError(_("no history {n}: use 0 to {last}").format(n=number, last=last))
    made = trials(run, deal, fit, each, seed=run.seed, tick=question.tick)
    found = ranking(run, deal, made, refused, stamps, objective=question.objective, each=each)
    if number is None:
        return found
    best = next(choice for choice in fit if choice.id == found.plans[0].id)
    return replace(found, trace=told(run, deal, best, each, number, seed=run.seed))
