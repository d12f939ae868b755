"""Two pages of the documentation, written from rankings: every finding on them is what brackets say.

The one puts the questions of the founding essay to its case; the other ranks what could be done in
each case of the library on the day on which its first text came on the table.  Every figure comes
from counts of histories and is rounded to two digits.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goodoffices.domain.case import Case
from goodoffices.domain.moves import Move
from goodoffices.domain.plans import PLAN_DRAWS, PlanReading, Ranking, RefusedMove
from goodoffices.domain.readings import Quantity
from goodoffices.errors import UsageError
from goodoffices.words import N_, _, figure, listing

if TYPE_CHECKING:
    from goodoffices.workbench.bench import Workbench

__all__ = ["ESSAY_CASE", "QUESTIONS", "EssayQuestion", "against", "answer", "essay_page", "hindsight_page"]

ESSAY_CASE = "ukraine-2025"
EACH = 96  # histories of each draw: the most that every single move is run on, so that all have as many
EACH_HINDSIGHT = 64  # fewer, because sequences are looked for in six cases
LONGEST_HINDSIGHT = 3


@dataclass(frozen=True, kw_only=True)
class EssayQuestion:
    """One question of the essay, told in our own words, and the moves that answer it."""

    heading: str
    gist: str
    moves: tuple[str, ...]


QUESTIONS = (
    EssayQuestion(
        heading=N_("A meeting without Zelensky"),
        gist=N_(
            "The essay sees a temptation to leave Zelensky out of the meetings, and warns that leaders who "
            "do not meet the other side come to know it too late."
        ),
        moves=("meeting_without",),
    ),
    EssayQuestion(
        heading=N_("The relation of the president of the United States with Putin"),
        gist=N_(
            "The essay asks whether Trump could use his relation with Putin to move him to steps that show "
            "Zelensky that he can be trusted; here a third party uses its hold, or vouches."
        ),
        moves=("leverage", "vouching"),
    ),
    EssayQuestion(
        heading=N_("Gestures"),
        gist=N_("The essay holds that conciliatory gestures could be the key, as Sadat's journey once was."),
        moves=("gesture",),
    ),
    EssayQuestion(
        heading=N_("Lower levels, first or in parallel"),
        gist=N_(
            "The essay proposes that talks begin at a much lower level and grow upwards, or run beside those "
            "of the leaders."
        ),
        moves=("lower_level_first", "parallel_tracks"),
    ),
    EssayQuestion(
        heading=N_("Meeting face to face"),
        gist=N_(
            "The essay expects that Putin and Zelensky could reassure each other face to face, though one "
            "good act shows little; here they meet in private, in public, over shared work, before or after "
            "signing."
        ),
        moves=(
            "summit_private",
            "summit_ceremony",
            "summit_shared_work",
            "meet_before_signing",
            "meet_after_signing",
        ),
    ),
)


# -- words for figures ----------------------------------------------------------------------------


def _index(value: float) -> str:
    """Two digits; what was computed in another order of summing rounds to the same."""
    return figure(round(value, 9))


def _interval(found: Quantity) -> str:
    return _("{median} ({lo} to {hi})").format(
        median=_index(found.median), lo=_index(found.lo), hi=_index(found.hi)
    )


def _gain(plan: PlanReading, idle: PlanReading) -> str:
    gain = round(round(plan.mean - idle.mean, 9), 2) + 0.0  # never a minus before zero
    return f"{gain:+.2f}"


def _number(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(n=count)


def _in_order(plans: Iterable[PlanReading]) -> list[PlanReading]:
    """Best first, as ranked; of equals the order is that of their names."""
    return sorted(plans, key=lambda plan: (plan.group, -round(plan.mean, 9), plan.id))


def _idle(ranking: Ranking) -> PlanReading:
    return next(plan for plan in ranking.plans if not plan.moves)


# -- what brackets say ----------------------------------------------------------------------------


def against(plan: PlanReading, idle: PlanReading) -> str:
    """Say by its bracket how surely a plan differs from doing nothing."""
    if not plan.moves:
        return "–"
    if plan.group == idle.group:
        return _("cannot be told apart")
    return _("told apart: better") if plan.group < idle.group else _("told apart: worse")


def answer(ranking: Ranking) -> str:
    """Say of all plans of a ranking how surely they differ from doing nothing."""
    idle, plans = _idle(ranking), _in_order(plan for plan in ranking.plans if plan.moves)
    if not plans:
        return _("No plan of this kind can be made.")
    same = [plan.label for plan in plans if plan.group == idle.group]
    better = [plan.label for plan in plans if plan.group < idle.group]
    worse = [plan.label for plan in plans if plan.group > idle.group]
    lines = []
    if better:
        lines.append(_("Told apart from doing nothing, and better: {plans}.").format(plans="; ".join(better)))
    if worse:
        lines.append(_("Told apart from doing nothing, and worse: {plans}.").format(plans="; ".join(worse)))
    if len(same) == len(plans):
        one = _("The one plan of this kind cannot be told apart from doing nothing.")
        many = _(
            "There are {n} plans of this kind; none is better or worse for sure: they cannot be told apart "
            "from doing nothing."
        )
        lines.append(_number(len(same), one, many))
    elif same:
        lines.append(_("{plans} cannot be told apart from doing nothing.").format(plans="; ".join(same)))
    return " ".join(lines)


# -- parts of a section ---------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows)]


def _figures(ranking: Ranking, names: Mapping[str, str]) -> list[str]:
    """One row a plan, doing nothing first."""
    idle = _idle(ranking)
    head = (
        *(_("plan"), _("signed"), _("in force, 12 months"), _("in force, 60 months")),
        *(_("mean at 60"), _("gain"), _("against doing nothing"), _("none better in"), _("cost"), _("weeks")),
    )
    rows = []
    for plan in (idle, *_in_order(one for one in ranking.plans if one.moves)):
        borne = ", ".join(f"{names.get(who, who)} {size}" for who, size in plan.cost.items() if size)
        best = _("{n} of {draws} draws").format(n=round(plan.p_best * ranking.draws), draws=ranking.draws)
        force = (_interval(plan.in_force_at.m12), _interval(plan.in_force_at.m60))
        gain = _gain(plan, idle) if plan.moves else "–"
        rows.append(
            (
                *(plan.label, _interval(plan.sign), *force, _index(plan.mean), gain),
                *(against(plan, idle), best, borne or _("nothing"), str(plan.weeks)),
            )
        )
    return _table(head, rows)


def _rarely(ranking: Ranking) -> list[str]:
    """Say where there is little to tell apart: most draws in which hardly anything is signed."""
    if _index(_idle(ranking).sign.median) != figure(0.0):
        return []
    said = _(
        "If nothing is done the median index of signing is {zero}: in half of the draws or more hardly any "
        "history is signed, and there plans can differ by little or nothing."
    )
    return [said.format(zero=figure(0.0)), ""]


def _endings(ranking: Ranking) -> list[str]:
    """How the histories stood in their last month; plans that agree to two digits share a line."""
    alike: dict[str, list[str]] = {}
    for plan in (_idle(ranking), *_in_order(one for one in ranking.plans if one.moves)):
        ended = ", ".join(f"{_(state)} {_index(share)}" for state, share in plan.ended_by.items())
        alike.setdefault(ended, []).append(plan.label)
    said = _("How the histories stood after {months} months, in shares:").format(months=ranking.months)
    if len(alike) == 1:
        return [said, "", _("- whatever is done of these: {ended}").format(ended=next(iter(alike)))]
    return [said, "", *(f"- {'; '.join(labels)}: {ended}" for ended, labels in alike.items())]


def _refusals(
    refused: Iterable[RefusedMove], moves: Mapping[str, Move], names: Mapping[str, str]
) -> list[str]:
    """What cannot be made, with the reason; those that share one share a line."""
    found: dict[tuple[str, str], list[RefusedMove]] = {}
    for one in refused:
        found.setdefault((one.move, one.reason), []).append(one)
    lines = []
    for (name, reason), those in found.items():
        by = listing(list(dict.fromkeys(names.get(one.by, one.by) for one in those if one.by)))
        to = listing(list(dict.fromkeys(names.get(one.towards, one.towards) for one in those if one.towards)))
        roles = [_("by {who}").format(who=by)] if by else []
        roles += [_("towards {who}").format(who=to)] if to else []
        lines.append("- " + ", ".join([_(moves[name].label), *roles]) + f": {reason}")
    return lines


def _noted(plans: Iterable[PlanReading]) -> list[str]:
    """What must be said beside some of these plans, each note once."""
    notes = dict.fromkeys(plan.note for plan in plans if plan.note)
    return [line for note in notes for line in (f"> {note}", "")]


def _names(case: Case, ranking: Ranking) -> dict[str, str]:
    """What people call offices, parties and spoilers."""
    known = {party.id: party.name for party in case.parties}
    known |= {spoiler.id: spoiler.name for spoiler in case.spoilers}
    known |= {person.id: person.name for person in case.decision_makers}
    return known | ranking.names


# -- the essay's questions ------------------------------------------------------------------------


def _section(asked: EssayQuestion, ranking: Ranking, moves: Mapping[str, Move], case: Case) -> list[str]:
    """One question: what is asked, what the model says, how surely, and what is refused."""
    names = _names(case, ranking)
    links = listing([f"[{_(moves[name].label)}](../reference/moves.md#{name})" for name in asked.moves])
    lines = [f"## {_(asked.heading)}", "", _(asked.gist), ""]
    lines += [_("Moves: {moves}.").format(moves=links), "", f"**{answer(ranking)}**", ""]
    lines += [*_figures(ranking, names), "", *_rarely(ranking), *_endings(ranking), ""]
    refused = _refusals(ranking.refused, moves, names)
    lines += [_("Refused:"), "", *refused, ""] if refused else [_("Nothing is refused."), ""]
    return [*lines, *_noted(ranking.plans)]


def _essay_head(case: Case, rankings: Sequence[Ranking]) -> list[str]:
    first = rankings[0]
    error = max(plan.se for ranking in rankings for plan in ranking.plans)
    many = max(plan.rollouts for ranking in rankings for plan in ranking.plans)
    few = min(plan.rollouts for ranking in rankings for plan in ranking.plans)
    given = {
        "case": case.title,
        "day": first.as_of,
        "text": first.text_title,
        "many": f"{many:,}" if many == few else _("{few} to {many}").format(few=f"{few:,}", many=f"{many:,}"),
        "draws": first.draws,
        "seed": first.seed,
        "method": first.method,
        "months": first.months,
        "horizon": first.horizon,
        "error": figure(math.ceil(round(100 * error, 6)) / 100),
        "drift": f"{round(round(first.drift, 6), 2) + 0.0:+.2f}",
    }
    return [
        "# " + _("The essay's questions"),
        "",
        _("Written by `python tools/pages.py`: no figure and no finding on this page is typed by hand."),
        "",
        _(
            "The questions are those of [Wilcox (2025)](../reference/bibliography.md#wilcox-2025), each told "
            "here in a sentence of our own. They are put to the case *{case}* as of {day}, its last day, and "
            "to the text on the table then: *{text}*. The answers are those of `goodoffices plan`: single "
            "moves, ranked by the model index that the text is in force after {months} months."
        ).format(**given),
        "",
        _(
            "{many} histories of each plan over {draws} draws, seed {seed}, {method}; moves are made and the "
            "text is signed within {horizon} months. From the number of histories alone the standard error "
            "of a mean is at most {error}. If nothing is done, mean trust across the sides moves by {drift} "
            "in {months} months."
        ).format(**given),
        "",
        "## " + _("How to read the tables"),
        "",
        _(
            "- **signed, in force**: model indices, median over the draws, and in brackets the interval that "
            "holds eight draws in ten. A figure of 0.00 is below .005, and need not be nought."
        ),
        _(
            "- **mean at 60**: mean over the draws of the index in force after 60 months, by which plans "
            "stand in order; **gain**: this less the mean of doing nothing."
        ),
        _(
            "- **against doing nothing**: how surely. The plans of one question and doing nothing are put in "
            "order; a new bracket begins where the interval of a plan's difference from the first of the "
            "bracket leaves zero out, draw by draw on the same chances. Plans in the bracket of doing "
            "nothing are not told apart from it."
        ),
        _(
            "- **none better in**: draws in which no other plan of the question is better; "
            "equals count for each."
        ),
        _("- **cost**: political, from 0 to 5 a move, by who bears it; never added up over people."),
        _("- **weeks**: until the move takes effect."),
        "",
    ]


def _essay_limits() -> list[str]:
    return [
        "## " + _("What this page cannot show"),
        "",
        _(
            "- All figures are model indices, **for ranking only**: there is no base rate of signing whose "
            "denominator includes talks that failed, so their level says nothing about the world."
        ),
        _(
            "- What moves do is judged, or taken from studies of other people in other places, and drawn "
            "over ranges; what those ranges leave out is left out here."
        ),
        _(
            "- Not to be told apart is not the same as to be equal: it says that this model, with these "
            "ranges, cannot decide."
        ),
        _("- Other moves, other texts and sequences of moves are not on this page."),
        _("- The case is one coding of public sources up to its last day; what is not public is not in it."),
        _(
            "- It is no verdict on the essay, on any leader, or on what should be done. See [the "
            "simulation](simulation.md), [what it is not](what-it-is-not.md) and [how to rank what could be "
            "done](../how-to/plan.md)."
        ),
    ]


def essay_page(bench: "Workbench", questions: Sequence[EssayQuestion] = QUESTIONS) -> str:
    """Write the page that puts the essay's questions to its case, as of its last day."""
    case, moves = bench.load_case(ESSAY_CASE), bench.moves(ESSAY_CASE)
    rankings = [
        bench.plan(
            ESSAY_CASE,
            case.end,
            moves=asked.moves,
            longest=1,
            rollouts=EACH * PLAN_DRAWS,
            look_for_flips=False,
        )
        for asked in questions
    ]
    lines = _essay_head(case, rankings)
    for asked, ranking in zip(questions, rankings, strict=True):
        lines += _section(asked, ranking, moves, case)
    return "\n".join([*lines, *_essay_limits()]) + "\n"


# -- the six cases from their start ---------------------------------------------------------------


def _hindsight_head(each: int, longest: int) -> list[str]:
    given = {"histories": f"{each * PLAN_DRAWS:,}", "draws": PLAN_DRAWS, "longest": longest}
    return [
        "# " + _("Each case from its start"),
        "",
        _(
            "**These cases were chosen because their outcomes are famous, and they were coded by people who "
            "knew them. Nothing on this page is evidence of accuracy.** It carries no score and no average "
            "over the cases; it does not say which moves were made."
        ),
        "",
        _("Written by `python tools/pages.py`: no finding on this page is typed by hand."),
        "",
        _(
            "Each case of the library is run from the day on which its first text came on the table, with "
            "what was known then. All single moves and sequences of up to {longest} moves are looked for; up "
            "to {histories} histories of each plan over {draws} draws. Plans are ranked by the model index "
            "that the text is in force after 60 months, **for ranking only**; so the page gives places, no "
            "levels."
        ).format(**given),
        "",
        _(
            "A new bracket begins where the interval of a plan's difference from the first of the bracket "
            "leaves zero out. Of sequences that hold the same moves in another order or month the best is "
            "listed, with the number of such timings that were looked at. The sequences are the best of "
            "many, on the histories by which they were found: their lead is overstated."
        ),
        "",
    ]


def _bracket(plans: Sequence[PlanReading]) -> list[str]:
    """The plans of one bracket in words: sequences by the moves that they hold, then single moves."""
    lots = [(sorted(plan.label.split(" + ")), plan.timings) for plan in plans if len(plan.moves) > 1]
    lines = []
    for held, count in sorted(lots):
        times = _number(count, _("one timing"), _("best of {n} timings"))
        lines.append(f"- {'; '.join(held)} ({times})")
    single = sorted(plan.label for plan in plans if len(plan.moves) == 1)
    if single:
        said = _number(len(single), _("1 single move: "), _("{n} single moves: "))
        lines.append(f"- {said}{'; '.join(single)}")
    return lines


def _place(ranking: Ranking) -> str:
    """Where doing nothing stands."""
    idle, brackets = _idle(ranking), max(plan.group for plan in ranking.plans)
    above = sum(plan.group < idle.group for plan in ranking.plans)
    beside = sum(plan.group == idle.group for plan in ranking.plans) - 1
    below = len(ranking.plans) - above - beside - 1
    if idle.group == 1:
        first = _("Doing nothing stands in the first bracket of {brackets}: no plan is better for sure.")
    else:
        first = _("Doing nothing stands in bracket {place} of {brackets}.")
    second = _(
        "Of the other plans {above} stand in a bracket above it, {beside} beside it, {below} below it."
    )
    given = {"place": idle.group, "above": above, "beside": beside, "below": below}
    return f"{first} {second}".format(brackets=brackets, **given)


def _standing(ranking: Ranking) -> list[str]:
    """What was compared, the first bracket in words, and where doing nothing stands."""
    first = [plan for plan in ranking.plans if plan.group == 1]
    longer = sum(len(plan.moves) > 1 for plan in ranking.plans)
    said = _(
        "{compared} plans were compared; {listed} are listed: doing nothing, all {single} single moves "
        "that can be made, and the {longer} best sequences, no two of the same moves. Seed {seed}, {method}."
    )
    single = sum(len(plan.moves) == 1 for plan in ranking.plans)
    given = {"compared": ranking.compared, "listed": len(ranking.plans), "single": single, "longer": longer}
    head = _number(
        len(first),
        _("The first bracket holds one plan:"),
        _("The first bracket holds {n} plans, which cannot be told apart from the first of them:"),
    )
    held = _bracket(first)
    held += ["- " + _("doing nothing")] if any(not plan.moves for plan in first) else []
    told = said.format(seed=ranking.seed, method=ranking.method, **given)
    return [told, "", head, "", *held, "", *_noted(first), _place(ranking), ""]


def _from_start(bench: "Workbench", name: str, each: int, longest: int) -> list[str]:
    """One case on the day on which its first text came on the table."""
    case = bench.load_case(name)
    lines = [f"## {case.title}", ""]
    if not case.texts:
        return [*lines, _("No text came on the table: nothing can be planned."), ""]
    day = min(text.tabled_on for text in case.texts)
    try:
        ranking = bench.plan(name, day, rollouts=each * PLAN_DRAWS, longest=longest, look_for_flips=False)
    except UsageError as error:
        return [*lines, _("On {day} nothing can be planned: {why}.").format(day=day, why=error), ""]
    said = _("`{name}` as of {day}; on the table: *{text}*.")
    lines += [said.format(name=name, day=day, text=ranking.text_title), "", *_standing(ranking)]
    refused = _refusals(ranking.refused, bench.moves(name), _names(case, ranking))
    return [*lines, *([_("Refused:"), "", *refused, ""] if refused else [_("Nothing is refused."), ""])]


def hindsight_page(
    bench: "Workbench",
    names: Sequence[str] | None = None,
    each: int = EACH_HINDSIGHT,
    longest: int = LONGEST_HINDSIGHT,
) -> str:
    """Write the page that ranks what could be done in each case, from its start."""
    lines = _hindsight_head(each, longest)
    for name in [card.id for card in bench.cases()] if names is None else names:
        lines += _from_start(bench, name, each, longest)
    lines += [
        "## " + _("What this page cannot show"),
        "",
        _(
            "That a plan stands first here does not say that it was right, nor that it would have been "
            "possible; that doing nothing stands beside it does not say that nothing could be done. The "
            "ranges of what moves do are judged, and the coders knew how it ended. See [the "
            "simulation](simulation.md) and [what it is not](what-it-is-not.md)."
        ),
    ]
    return "\n".join(lines) + "\n"
