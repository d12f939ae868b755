"""One history of one plan told month by month, in words."""

from collections.abc import Sequence

from goodoffices.analysis.deals import Deal
from goodoffices.analysis.effects import schedule, takes_effect
from goodoffices.analysis.ranking import label
from goodoffices.analysis.runs import Run
from goodoffices.analysis.search import Lab
from goodoffices.analysis.trials import Plan
from goodoffices.core import rollout
from goodoffices.core.chances import Chances, numbers
from goodoffices.core.stage import STATES, spread, spread_schedule
from goodoffices.domain.plans import MONTHS
from goodoffices.words import N_, _, listing

__all__ = ["told"]

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
_STANDS = (
    N_("talks go on"),
    N_("talks are broken off"),
    N_("being carried out"),
    N_("carried out"),
    N_("collapsed"),
)
assert len(_STANDS) == len(STATES)


def told(lab: Lab, plan: Plan, number: int) -> tuple[str, ...]:
    """Tell history `number` of a plan; they are counted draw after draw, turn about.

    History n is the one numbered n // draws of draw n % draws, whatever else is run.
    """
    task, run = lab.task, lab.run
    each, first = number // run.draws, number % run.draws
    chances = Chances(task.seed, numbers(range(run.draws), each, 1))
    happening = schedule(lab.book, plan)
    months = rollout.tell(
        spread(task.scenario, 1), MONTHS, first, chances, spread_schedule(happening, 1), task.horizon
    )
    names = _names(run, lab.deal)
    made: dict[int, list[str]] = {}
    for step in plan:
        made.setdefault(takes_effect(step), []).append(label(run, step.choice))
    lines, before = [_("{plan}: history {n}").format(plan=_plan(run, plan), n=number)], -1
    for now, happened, state in months:
        said = [_(_SAYS[name]).format(who=names[name == "spoilers_strike"][who]) for name, who in happened]
        said = [_("move: {move}").format(move=move) for move in made.get(now, ())] + said
        if state != before or said:
            where = f" [{_(_STANDS[state])}]" if state != before else ""
            told_of = listing(list(dict.fromkeys(said))) if said else _("nothing new")
            lines.append(_("month {n}: ").format(n=now) + told_of + where)
        before = state
    return tuple(lines)


def _plan(run: Run, plan: Plan) -> str:
    return ", ".join(label(run, step.choice) for step in plan) or _("Do nothing")


def _names(run: Run, deal: Deal) -> tuple[Sequence[str], Sequence[str]]:
    """Names of decision-makers, and of sides."""
    people = [player.office.called for player in deal.players]
    return people, [run.encoded.called(party) for party in deal.text.binds]
