"""Plans compared on the same chances: how far each would come, how surely, and which cannot be told apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.answer import Stamps
from goodoffices.analysis.choices import Choice, Refused
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.effects import events
from goodoffices.analysis.runs import Run, quantity
from goodoffices.analysis.scenario import scenario
from goodoffices.core import rollout
from goodoffices.core.rollout import Chances, History, Scenario
from goodoffices.domain.plans import InForce, PlannedMove, PlanReading, Ranking, RefusedMove
from goodoffices.words import N_, _, listing

__all__ = ["MONTHS", "OBJECTIVES", "Trial", "compare", "groups", "pareto", "ranking", "told", "trials"]

Floats = NDArray[np.float64]
MONTHS = 60
OBJECTIVES = ("in_force_m60", "in_force_m12", "sign")
_ENDS = (
    N_("talks went on"),
    N_("talks broke off"),
    N_("being carried out"),
    N_("carried out"),
    N_("collapsed"),
)
INTERVAL = (0.1, 0.9)


@dataclass(frozen=True)
class Trial:
    """One plan as it went: shares by draw, shape (draws,), and what ended its histories."""

    choice: Choice
    signed: Floats
    m12: Floats
    m60: Floats
    months: NDArray[np.int64]  # of signing, over all histories that signed
    ended: dict[str, float]
    counts: NDArray[np.int64]
    drift: float

    def objective(self, name: str) -> Floats:
        """The figure that plans are ranked by, by draw."""
        return {"in_force_m60": self.m60, "in_force_m12": self.m12, "sign": self.signed}[name]


def _in_force(done: History, at: int) -> NDArray[np.bool_]:
    begun = (done.signed_on >= 0) & (done.signed_on <= at)
    return np.asarray(begun & ((done.ended_on < 0) | (done.ended_on > at)))


def _mean_trust(found: Scenario, done: History) -> float:
    trust = rollout.beliefs(found, done)
    others = found.party[:, None] != found.party[None, :]
    return float(trust[others].mean())


def trials(
    run: Run,
    deal: Deal,
    chosen: Sequence[Choice],
    each: int,
    *,
    seed: int,
    tick: Callable[[str], None] = lambda _name: None,
) -> list[Trial]:
    """Run every plan on the same chances, `each` histories a draw.

    Parameters
    ----------
    tick
        Called with the name of each plan that is done.
    """
    found = rollout.spread(scenario(run, deal.text.id), each)
    size = run.draws * each
    chances = Chances(seed, 0, size)
    start = _mean_trust(found, rollout.begin(found, chances))
    made = []
    for choice in chosen:
        happening = events(run, deal, choice, 1, each)
        done = rollout.run(found, MONTHS, size, seed=seed, events=happening, chances=chances)
        made.append(_trial(choice, done, run.draws, _mean_trust(found, done) - start))
        tick(choice.id)
    return made


def told(run: Run, deal: Deal, choice: Choice, each: int, number: int, *, seed: int) -> tuple[str, ...]:
    """Tell one history of one plan month by month, in words."""
    found = rollout.spread(scenario(run, deal.text.id), each)
    happening = events(run, deal, choice, 1, each)
    months = rollout.tell(found, MONTHS, number, chances=Chances(seed, 0, run.draws * each), events=happening)
    names = [player.office.called for player in deal.players]
    sides = [_called(run, party) for party in deal.text.binds]
    lines = [_("{plan}: history {n}").format(plan=_label(run, choice), n=number)]
    before = -1
    for now, happened, state in months:
        said = [_say(name, who, sides if name == "spoilers_strike" else names) for name, who in happened]
        said += [_("the move is made")] if any(event.month == now for event in happening) else []
        if state != before or said:
            where = f" [{_(_ENDS[state])}]" if state != before else ""
            lines.append(
                _("month {n}: ").format(n=now) + (listing(said) if said else _("nothing new")) + where
            )
        before = state
    return tuple(lines)


_SAYS = {
    "office_changes": N_("{who} leaves office"),
    "facts_arise": N_("conduct as in a month of the last two years"),
    "spoilers_strike": N_("spoilers strike from the side of {who}"),
    "obligation_kept": N_("{who} keeps what was due"),
    "obligation_broken": N_("{who} does not do what was due"),
    "text_signed": N_("the text is signed"),
    "text_refused": N_("the text is put to them and refused"),
    "talks_break_off": N_("the talks break off"),
    "talks_resume": N_("the talks resume"),
    "step_done": N_("a step is done"),
    "carried_out": N_("the last step is done"),
    "turns_away": N_("{who} would no longer accept it"),
    "collapses": N_("it ends"),
}


def _say(name: str, who: int, names: Sequence[str]) -> str:
    return _(_SAYS[name]).format(who=names[who] if who >= 0 else "")


def _trial(choice: Choice, done: History, draws: int, drift: float) -> Trial:
    def by_draw(happened: NDArray[np.bool_]) -> Floats:
        return np.asarray(happened.reshape(draws, -1).mean(axis=1))

    signed = done.signed_on >= 0
    return Trial(
        choice=choice,
        signed=by_draw(signed),
        m12=by_draw(_in_force(done, 12)),
        m60=by_draw(_in_force(done, MONTHS)),
        months=done.signed_on[signed],
        ended={_(name): float(np.mean(done.status == state)) for state, name in enumerate(_ENDS)},
        counts=done.counts,
        drift=drift,
    )


def groups(figures: Sequence[Floats]) -> list[int]:
    """Group plans, best first, that cannot be told apart from the first of their group.

    Two plans are told apart if the 80% interval of their difference over the draws, each taken on
    the same chances, leaves zero out.
    """
    found: list[int] = []
    first = 0
    for number, figure in enumerate(figures):
        low, high = np.quantile(figures[first] - figure, INTERVAL)
        if number and (low > 0.0 or high < 0.0):
            first = number
        found.append((found[-1] if found else 0) + (first == number))
    return found


def pareto(values: Sequence[tuple[float, ...]]) -> list[int]:
    """Give the places of those that no other beats on every count (more is better)."""
    return [
        i
        for i, one in enumerate(values)
        if not any(all(b >= a for a, b in zip(one, other, strict=True)) and other != one for other in values)
    ]


def compare(run: Run, deal: Deal, made: Sequence[Trial], objective: str) -> tuple[PlanReading, ...]:
    """Rank plans by the mean of an objective over the draws, best first."""
    figures = np.array([trial.objective(objective) for trial in made])
    best = figures.max(axis=0)
    order = sorted(range(len(made)), key=lambda k: (-float(figures[k].mean()), k))
    grouped = dict(zip(order, groups([figures[k] for k in order]), strict=True))
    return tuple(_reading(run, deal, made[k], figures[k], best, grouped[k]) for k in order)


def _reading(run: Run, deal: Deal, trial: Trial, figure: Floats, best: Floats, group: int) -> PlanReading:
    move, choice = trial.choice.move, trial.choice
    month = 1 + max(0, round(move.weeks / (52.0 / 12.0)))
    moves = (
        ()
        if move.id == "nothing"
        else (
            PlannedMove(
                move=move.id, by=_who(run, choice.by), towards=_who(run, choice.towards), month=month
            ),
        )
    )
    return PlanReading(
        id=choice.id,
        label=_label(run, choice),
        moves=moves,
        sign=quantity(trial.signed),
        in_force_at=InForce(m12=quantity(trial.m12), m60=quantity(trial.m60)),
        median_month=int(np.median(trial.months)) if len(trial.months) else None,
        p10=float(np.quantile(figure, 0.1)),
        regret=float(np.mean(best - figure)),
        p_best=float(np.mean(figure >= best)),
        group=group,
        cost=_cost(run, deal, choice),
        reversible=move.reversible,
        ended_by=trial.ended,
        note=_note(choice),
    )


def _who(run: Run, name: str) -> str:
    return run.encoded.offices[name].name if name in run.encoded.offices else name


def _called(run: Run, name: str) -> str:
    if name in run.encoded.offices:
        return run.encoded.offices[name].called
    parties = {one.id: one.name for one in run.encoded.case.parties}
    spoilers = {one.id: one.name for one in run.encoded.case.spoilers}
    return (parties | spoilers).get(name, name)


def _label(run: Run, choice: Choice) -> str:
    names = [_called(run, name) for name in (choice.by, choice.towards) if name]
    return f"{_(choice.move.label)} ({', '.join(names)})" if names else _(choice.move.label)


def _cost(run: Run, deal: Deal, choice: Choice) -> dict[str, int]:
    found: dict[str, int] = {}
    for role, size in choice.move.cost.items():
        bearers = deal.text.binds if role == "all_bound" else (_who(run, getattr(choice, role)),)
        for who in filter(None, bearers):
            found[who] = found.get(who, 0) + size
    return found


def _note(choice: Choice) -> str:
    if choice.move.family != "exclusion" or choice.move.id == "include_party":
        return ""
    return _(
        "A meeting may be held without a party; a text cannot be signed without those whom it binds. "
        "An agreement without them would be an agreement among others, and their rights and consent remain."
    )


METHOD = "simulation-1"


def ranking(
    run: Run,
    deal: Deal,
    made: Sequence[Trial],
    refused: Sequence[Refused],
    stamps: Stamps,
    *,
    objective: str,
    each: int,
) -> Ranking:
    """Put plans, best first, together with what could not be done and why."""
    plans, case = compare(run, deal, made, objective), run.encoded.case
    idle = next((trial for trial in made if trial.choice.move.id == "nothing"), None)
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
        rollouts=run.draws * each * len(made),
        horizon=MONTHS,
        objective=objective,
        calibrated=False,
        ranking_only=True,
        plans=plans,
        pareto=_front(plans, made, objective),
        refused=tuple(
            RefusedMove(
                move=one.choice.move.id,
                by=_who(run, one.choice.by),
                towards=_who(run, one.choice.towards),
                reason=one.reason,
            )
            for one in refused
        ),
        drift=idle.drift if idle else 0.0,
        transitions=_counts(made),
        names={office.name: office.called for office in run.encoded.present},
        sentence=_sentence(plans, deal),
    )


def _counts(made: Sequence[Trial]) -> dict[str, int]:
    total = np.sum([trial.counts for trial in made], axis=0)
    return {name: int(count) for name, count in zip(rollout.TRANSITIONS, total, strict=True)}


def _front(plans: Sequence[PlanReading], made: Sequence[Trial], objective: str) -> tuple[str, ...]:
    """Plans that no other beats in what they bring, in what they bring at worst, and in time."""
    found = {trial.choice.id: trial for trial in made}
    values = [
        (float(found[p.id].objective(objective).mean()), p.p10, -float(found[p.id].choice.move.weeks))
        for p in plans
    ]
    return tuple(plans[place].id for place in pareto(values))


def _sentence(plans: Sequence[PlanReading], deal: Deal) -> str:
    """Say what stands first, and whether it can be told from doing nothing."""
    idle = next((p.group for p in plans if not p.moves), None)
    first = [p for p in plans if p.group == 1]
    if idle == 1:
        told = _("{text}: no single move can be told apart from doing nothing; {n} plans were compared.")
        return told.format(text=deal.text.title, n=len(plans))
    names = listing([p.label for p in first[:3]])
    more = _(" and {n} more").format(n=len(first) - 3) if len(first) > 3 else ""
    told = _("{text}: first {among} {plans}{more}; for ranking only.")
    among = _("(they cannot be told apart)") if len(first) > 1 else ""
    return " ".join(told.format(text=deal.text.title, plans=names, more=more, among=among).split())
