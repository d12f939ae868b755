"""A question about what could be done, put to a run of a case."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from goodoffices.analysis.answer import Stamps
from goodoffices.analysis.choices import Choice, Refused, Step, choices
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.flips import flips
from goodoffices.analysis.ranking import front, label, listed, ranked, sentence
from goodoffices.analysis.runs import Run
from goodoffices.analysis.search import Bounds, Interrupted, Lab, Search
from goodoffices.analysis.telling import told
from goodoffices.analysis.trials import Plan, Trial, who
from goodoffices.compute.engines import engine
from goodoffices.core import rollout
from goodoffices.core.stage import TRANSITIONS
from goodoffices.domain.moves import Move
from goodoffices.domain.plans import (
    BUDGET,
    HORIZON,
    LONGEST,
    MONTHS,
    OBJECTIVES,
    ROLLOUTS,
    Flip,
    Ranking,
    RefusedMove,
)
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.words import _
from goodoffices.workbench.shelf import Kept, Unkept

__all__ = ["METHOD", "Question", "answered", "laid_out", "retold"]

METHOD = "simulation-2"
MOST = 10_000_000  # histories a plan; judged: more take hours, and inputs leave more open than chance


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: before which text, which moves, within which bounds, ranked by what, run where.

    Attributes
    ----------
    keep
        Whether counts are kept on disk while the search is not done, so that it can go on.
    shelf
        The folder where they are kept; the user's cache, if none is given.
    """

    text: str | None = None
    moves: Iterable[str] | None = None
    rollouts: int = ROLLOUTS
    objective: str = OBJECTIVES[0]
    horizon: int = HORIZON
    budget: int = BUDGET
    longest: int = LONGEST
    trace: int | None = None
    look_for_flips: bool = True
    on: str = ""
    device: str = "cpu"
    threads: int | None = None
    keep: bool = True
    shelf: Path | None = None
    tick: Callable[[int, str], None] = field(default=lambda _n, _name: None)
    stop: Callable[[], bool] = field(default=lambda: False)


def _text(run: Run, text: str | None) -> Deal:
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


def _checked(run: Run, question: Question) -> int:
    """Refuse what cannot be asked; give the histories of each draw."""
    if question.objective not in OBJECTIVES:
        said = _('no objective "{name}": use {known}')
        raise UsageError(said.format(name=question.objective, known=", ".join(OBJECTIVES)))
    if question.rollouts < run.draws:
        said = _("{n} histories a plan: give at least {least}, one for each draw")
        raise UsageError(said.format(n=question.rollouts, least=run.draws))
    if question.rollouts > MOST:
        raise UsageError(
            _("{n} histories a plan: give at most {most}").format(n=question.rollouts, most=MOST)
        )
    if not 1 <= question.horizon <= MONTHS:
        raise UsageError(_("horizon {n}: give 1 to {most} months").format(n=question.horizon, most=MONTHS))
    if question.budget < 0:
        raise UsageError(_("budget {n}: give 0 or more").format(n=question.budget))
    if not 1 <= question.longest <= LONGEST:
        raise UsageError(_("plans of {n} moves: give 1 to {most}").format(n=question.longest, most=LONGEST))
    each = question.rollouts // run.draws
    last = run.draws * each - 1
    if question.trace is not None and not 0 <= question.trace <= last:
        raise UsageError(_("no history {n}: use 0 to {last}").format(n=question.trace, last=last))
    return each


def _about(
    run: Run, deal: Deal, moves: Iterable[str], question: Question, stamps: Stamps
) -> dict[str, object]:
    """Everything that counts hang on."""
    return {
        "method": METHOD,
        "code": stamps.code,
        "case": stamps.case_hash,
        "tables": [run.tables.codebook_hash, run.tables.defaults_hash],
        "day": run.day,
        "seed": run.seed,
        "draws": run.draws,
        "text": deal.text.id,
        "moves": sorted(moves),
        "horizon": question.horizon,
        "where": [question.on, question.device],
    }


def laid_out(run: Run, moves: Mapping[str, Move], question: Question) -> tuple[int, Deal, dict[str, Move]]:
    """Give the histories of each draw, the text and the moves that a question asks for.

    Raises
    ------
    UsageError
        If it cannot be asked.
    """
    each, deal, allowed = _checked(run, question), _text(run, question.text), _allowed(question, moves)
    if len(deal.text.binds) < 2:
        raise UsageError(_("{text} binds fewer than two sides").format(text=deal.text.id))
    return each, deal, allowed


def _shelf(about: dict[str, object], question: Question) -> Kept | Unkept:
    return Kept(about, question.shelf) if question.keep else Unkept()


def answered(run: Run, moves: Mapping[str, Move], question: Question, stamps: Stamps) -> Ranking:
    """Look for plans and rank them.

    Raises
    ------
    UsageError
        For an unknown text, move, objective or engine, or bounds that mean nothing.
    """
    each, deal, allowed = laid_out(run, moves, question)
    fit, refused = choices(run, deal, allowed)
    shelf = _shelf(_about(run, deal, [str(move) for move in allowed.values()], question, stamps), question)
    where = engine(question.on, question.device, question.threads)
    lab = Lab(run, deal, where, question.horizon, shelf, question.tick, question.stop)
    bounds = Bounds(question.horizon, question.budget, question.longest)
    search = Search(lab, fit, bounds, question.objective, each)
    found = _searched(search, question, shelf)
    return _ranking(search, refused, stamps, question, found)


@dataclass
class _Found:
    partial: bool = False
    flips: tuple[Flip, ...] = ()
    tested: tuple[str, ...] = ()


def _searched(search: Search, question: Question, shelf: Kept | Unkept) -> _Found:
    """Search until done or told to stop; what was counted is kept if it was told to stop."""
    found = _Found()
    try:
        search.find()
        if question.look_for_flips:
            found.flips, found.tested = _turned(search, question)
        shelf.drop()
    except Interrupted:
        found.partial = True
        shelf.save()
        if not search.seen:
            raise KeyboardInterrupt from None
    return found


def _turned(search: Search, question: Question) -> tuple[tuple[Flip, ...], tuple[str, ...]]:
    order = listed(search.ordered())
    if len(order) < 2:
        return (), ()
    return flips(search.lab, order[0], order[1], question.objective, lambda name: question.tick(0, name))


def _ranking(
    search: Search, refused: Sequence[Refused], stamps: Stamps, question: Question, found: _Found
) -> Ranking:
    run, deal, order = search.lab.run, search.lab.deal, search.ordered()
    case, plans = run.encoded.case, ranked(run, deal, order, question.objective)
    best = next((trial.plan for trial in order if trial.plan), ())
    return Ranking(
        ok=True,
        case=case.id,
        title=case.title,
        text=deal.text.id,
        text_title=deal.text.title,
        as_of=run.day,
        method=METHOD,
        code=stamps.code,
        case_hash=stamps.case_hash,
        codebook_hash=run.tables.codebook_hash,
        defaults_hash=run.tables.defaults_hash,
        seed=run.seed,
        draws=run.draws,
        rollouts=sum(trial.histories for trial in search.seen.values()),
        months=MONTHS,
        horizon=question.horizon,
        budget=question.budget,
        objective=question.objective,
        engine=search.lab.engine.name,
        calibrated=False,
        ranking_only=True,
        partial=found.partial,
        compared=len(search.seen),
        plans=plans,
        pareto=front(plans),
        flips=found.flips,
        tested=found.tested,
        refused=tuple(_refused(run, one.choice, one.reason) for one in refused),
        drift=_drift(search),
        transitions=_transitions(list(search.seen.values())),
        names={office.name: office.called for office in run.encoded.present},
        sentence=sentence(plans, deal.text.title, len(search.seen)),
        trace=() if question.trace is None else told(search.lab, best, question.trace),
    )


def _refused(run: Run, choice: Choice, reason: str) -> RefusedMove:
    names = {"by": who(run, choice.by), "towards": who(run, choice.towards)}
    return RefusedMove(move=choice.move.id, **names, label=label(run, choice), reason=reason)


def _drift(search: Search) -> float:
    """How far mean trust moves if nothing is done."""
    idle = search.seen.get("nothing")
    if idle is None:
        return 0.0
    scene = search.lab.task.scenario
    across = scene.party[:, None] != scene.party[None, :]
    start = rollout.believed(scene.prior, scene.stores, scene.flags)[across]
    return float(idle.trust().mean() - start.mean())


def _transitions(trials: Sequence[Trial]) -> dict[str, int]:
    total = np.sum([trial.tally.transitions.sum(axis=0) for trial in trials], axis=0)
    return {name: int(count) for name, count in zip(TRANSITIONS, total, strict=True)}


def retold(run: Run, moves: Mapping[str, Move], question: Question, plan: str) -> tuple[str, ...]:
    """Tell the history `question.trace` of a plan, which is named by its id in a ranking.

    Raises
    ------
    NotFoundError
        If no such plan can be made.
    UsageError
        If the question cannot be asked.
    """
    _each, deal, allowed = laid_out(run, moves, question)
    fit, _refused_ones = choices(run, deal, allowed)
    lab = Lab(run, deal, engine("numpy"), question.horizon)  # one history needs no compiling
    return told(lab, _named(plan, fit), question.trace or 0)


def _named(plan: str, fit: Sequence[Choice]) -> Plan:
    """The steps of a plan, read from its id."""
    known = {choice.id: choice for choice in fit}
    parts = [] if plan == "nothing" else [part.partition("@") for part in plan.split(" + ")]
    try:
        return tuple(Step(known[name], int(start or 1)) for name, _at, start in parts)
    except (KeyError, ValueError):
        raise NotFoundError(_("no such plan can be made before this text")) from None
