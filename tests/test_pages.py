"""The two pages that are written from rankings: they are as the program writes them, and claim no more."""

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.cases.library import library_names
from goodoffices.domain.plans import InForce, Learned, PlannedMove, PlanReading, Ranking
from goodoffices.domain.readings import Quantity
from goodoffices.workbench import Workbench
from goodoffices.workbench.pages import against, answer, essay_page

DOCS = Path(__file__).resolve().parents[1] / "docs" / "discussion"
ESSAY = (DOCS / "essay.md").read_text(encoding="utf-8")
HINDSIGHT = (DOCS / "hindsight.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_essay_page_is_that_of_today():
    """Every sentence and figure of the page is what the program writes now."""
    assert essay_page(Workbench()) == ESSAY


@pytest.mark.parametrize("name", library_names())
def test_every_library_case_is_seen_in_hindsight(name):
    """Each of the six cases has its section."""
    assert Workbench().load_case(name).title in HINDSIGHT


def test_hindsight_is_no_evidence():
    """The page says so before any figure, and carries no score and no average."""
    head = HINDSIGHT.split("\n## ")[0]

    assert "Nothing on this page is evidence of accuracy" in head
    assert not re.search(r"\b(brier|log score|mean score|hit rate|per cent)\b", HINDSIGHT, re.I)


@pytest.mark.parametrize("page", [ESSAY, HINDSIGHT], ids=["essay", "hindsight"])
def test_the_pages_say_what_they_cannot_show(page):
    """Each ends with what it cannot show, and says how many histories, draws and which seed stand behind it."""
    assert "cannot show" in page
    assert "24 draws" in page
    assert "seed 20250430" in page.lower()


def test_exclusion_carries_its_note():
    """The question of a meeting without a party is answered with the note on rights and consent."""
    asked = ESSAY.split("## A meeting without Zelensky")[1].split("\n## ")[0]

    assert "their rights and consent remain" in asked


def test_exclusion_carries_its_note_in_hindsight_too():
    """Each case that lists a meeting without a party has the note on rights and consent, and no other has."""
    for section in HINDSIGHT.split("\n## ")[1:]:
        assert ("their rights and consent remain" in section) == ("Meet without a party" in section)

    assert "Meet without a party" in HINDSIGHT


def test_hindsight_warns_before_all_else():
    """The first paragraph after the title is the warning, and no figure stands beside a word of merit."""
    title, warning = HINDSIGHT.split("\n\n")[:2]

    assert title.startswith("# ")
    assert warning.startswith("**These cases were chosen because their outcomes are famous")
    for line in HINDSIGHT.splitlines():
        if re.search(r"accura|scor|average", line, re.I):
            assert not re.search(r"\d", line), line


def made_plan(number: int, group: int) -> PlanReading:
    """A plan that stands in a bracket; number 0 is doing nothing."""
    nothing = Quantity(median=0.0, lo=0.0, hi=0.0)
    made = PlannedMove(move="gesture", by="ann", towards="b", month=2)
    return PlanReading(
        id=f"plan-{number:02}",
        label=f"Plan {number:02}" if number else "Do nothing",
        moves=(made,) if number else (),
        sign=nothing,
        in_force_at=InForce(m12=nothing, m60=nothing),
        median_month=None,
        mean=1.0 - group / 10,
        se=0.0,
        p10=0.0,
        regret=0.0,
        p_best=0.0,
        group=group,
        cost={},
        reversible="yes",
        weeks=0,
        ended_by={},
        learned=Learned(good_signed=0.0, bad_signed=0.0, good_lost=0.0, bad_avoided=1.0),
        in_force=(0.0,),
        rollouts=24,
        note="",
    )


def made_ranking(brackets: list[int]) -> Ranking:
    """A ranking of plans in these brackets, the first of them doing nothing."""
    plans = sorted((made_plan(n, group) for n, group in enumerate(brackets)), key=lambda p: p.group)
    empty: dict[str, object] = {"str": "", "int": 0, "float": 0.0, "bool": True, "date": date(2000, 1, 1)}
    known = {f.name: empty.get(getattr(f.type, "__name__", str(f.type)), ()) for f in fields(Ranking)}
    return Ranking(**{**known, "plans": tuple(plans), "transitions": {}, "names": {}})


@given(st.lists(st.integers(1, 4), min_size=1, max_size=7))
def test_nothing_is_told_apart_but_by_brackets(brackets):
    """ "Cannot be told apart" is said of a plan exactly if it stands in the bracket of doing nothing."""
    ranking = made_ranking(brackets)
    idle = next(plan for plan in ranking.plans if not plan.moves)
    others = [plan for plan in ranking.plans if plan.moves]
    said = answer(ranking)

    for plan in others:
        assert (against(plan, idle) == "cannot be told apart") == (plan.group == idle.group)
        assert ("better" in against(plan, idle)) == (plan.group < idle.group)
        assert ("worse" in against(plan, idle)) == (plan.group > idle.group)
    assert against(idle, idle) == "–"
    assert ("cannot be told apart" in said) == any(plan.group == idle.group for plan in others)
    apart = {plan.label for plan in others if plan.group != idle.group}
    assert apart <= set(re.findall(r"Plan \d\d", said))
    for sentence in re.findall(r"[^.]+\.", said):
        named = set(re.findall(r"Plan \d\d", sentence))
        places = {plan.group for plan in others if plan.label in named}
        if "cannot be told apart" in sentence:
            assert places <= {idle.group}
        elif "and better" in sentence:
            assert max(places) < idle.group
        elif "and worse" in sentence:
            assert min(places) > idle.group


def test_the_pages_print_two_digits():
    """Every figure of the essay's tables has two digits: it comes from counts, and no processor moves it."""
    rows = [line for line in ESSAY.splitlines() if line.startswith("| ")]

    assert rows
    assert all(len(digits) == 2 for row in rows for digits in re.findall(r"\d\.(\d+)", row))
