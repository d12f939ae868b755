"""What could be done, in the report: complete, honest about what cannot be told apart, and safe."""

import re
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from goodoffices.cli.app import run as cli
from goodoffices.domain.plans import Flip, PlannedMove, Ranking, RefusedMove
from goodoffices.errors import UsageError
from goodoffices.report.drawing import ENDS, SHOWN, curves, endings, ladder, rows
from goodoffices.workbench import Workbench
from tests.report.test_report import BROWSER, DAY, EVIL, MADE, Reader

LATER = "2004-06-01"
QUICK = {"on": "numpy", "longest": 1, "rollouts": 48, "look_for_flips": False, "trace": 0}


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    found = Workbench().plan(MADE, DAY, **QUICK)
    refused = RefusedMove(
        move="guarantee_word",
        by="clara",
        towards="",
        label="A guarantor gives its word (Clara)",
        reason="whether it would is not coded",
    )
    return replace(found, refused=(*found.refused, refused))


@pytest.fixture(scope="module")
def later() -> Ranking:
    return Workbench().plan(MADE, LATER, **QUICK, moves=["bond", "gesture"])


@pytest.fixture(scope="module")
def reading():
    return Workbench().read(MADE, DAY, draws=50)


@pytest.fixture(scope="module")
def page(ranking, reading) -> str:
    return shown(ranking, reading)


def shown(ranking, reading, **given) -> str:
    return Workbench().report(MADE, ranking.as_of, plans=ranking, reading=reading, **given)


def section(page: str) -> str:
    return re.search(r'<section id="plans".*?</section>', page, re.DOTALL)[0]


def doubled(ranking, number=0, **changed) -> Ranking:
    """A ranking with one of its plans changed."""
    plans = list(ranking.plans)
    plans[number] = replace(plans[number], **changed)
    return replace(ranking, plans=tuple(plans))


def test_the_section_has_what_it_must(page, ranking):
    """Sentence, its caution, all pictures and tables, the history; linked from the contents."""
    text = Reader(section(page)).text

    assert ranking.sentence in text
    assert "for ranking only" in text
    assert 'href="#plans"' in page
    for word in (
        "Plans, best first",
        "Do nothing",
        "Agreement in force over time",
        "share of histories in which the text is in force (model index)",
        "months from the day of the reading",
        "What the histories had come to",
        "What learning before a signature is worth",
        "What would change the ranking",
        "It was not looked for.",
        "Who bears the cost",
        "Moves that cannot be made",
    ):
        assert word in text, word
    assert all(end in text for end in ENDS)
    assert all(line in text for line in ranking.trace)
    assert all(f"{one.label}: {one.reason}" in text for one in ranking.refused)
    assert "interrupted" not in text
    assert len(page.encode()) < 700_000


def test_without_plans_there_is_no_such_section(reading):
    """By default nothing is simulated and nothing said of it."""
    page = Workbench().report(MADE, DAY, reading=reading)

    assert 'id="plans"' not in page
    assert "What could be done" not in page


def test_the_page_stays_one_safe_file(page):
    """Nothing is loaded, no id stands twice, headings keep their order, pictures are described."""
    tags = Reader(page).tags
    ids = [attrs["id"] for _tag, attrs in tags if attrs.get("id")]
    pictures = re.findall(r"<svg[^>]*>.*?</svg>", section(page), re.DOTALL)

    assert "script" not in {tag for tag, _attrs in tags}
    assert "url(" not in page
    assert len(ids) == len(set(ids))
    assert len(pictures) == 3
    assert all('role="img"' in one and "<title" in one and "<desc" in one for one in pictures)
    for match in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert set(match.split()) <= set(ids)
    assert "probabilit" not in Reader(section(page)).text.lower()
    assert "chance" not in Reader(section(page)).text.lower()


def test_brackets_join_just_the_plans_of_one_group(ranking):
    """Each bracket spans the rows of one group and no other; together they hold every row once."""
    listed = rows(ranking)
    drawn = ladder(listed)
    wanted = [[row.number for row in found] for _group, found in groupby(listed, key=lambda r: r.plan.group)]

    assert [list(one.numbers) for one in drawn.brackets] == wanted
    tops = {rung.number: rung.y for rung in drawn.rungs}
    for one in drawn.brackets:
        inside = {number for number, y in tops.items() if one.top <= y + 20 <= one.bottom}
        assert inside == set(one.numbers)


def test_doing_nothing_is_always_on_the_ladder(ranking):
    """Even where it stands below all that is shown: with its own number, and a mark for what is left out."""
    idle = next(plan for plan in ranking.plans if not plan.moves)
    others = [plan for plan in ranking.plans if plan.moves]
    many = [replace(others[k % len(others)], id=f"plan-{k}", group=1) for k in range(SHOWN + 4)]
    last = replace(idle, group=2)
    drawn = ladder(rows(replace(ranking, plans=(*many, last))))

    assert len(drawn.rungs) == SHOWN + 1
    assert [rung.number for rung in drawn.rungs if rung.idle] == [SHOWN + 5]
    assert drawn.brackets[-1].numbers == (SHOWN + 5,)
    assert drawn.idle == drawn.rungs[-1].dot
    assert drawn.gaps == (drawn.rungs[-1].y,)


def test_dots_lie_within_their_lines_and_follow_the_objective(ranking):
    """A dot is the median of what plans were ranked by."""
    for objective, figure in (
        ("sign", lambda plan: plan.sign),
        ("in_force_m12", lambda plan: plan.in_force_at.m12),
        ("in_force_m60", lambda plan: plan.in_force_at.m60),
    ):
        listed = rows(replace(ranking, objective=objective))
        assert [row.figure for row in listed] == [figure(row.plan) for row in listed]
        assert all(rung.lo <= rung.dot <= rung.hi for rung in ladder(listed).rungs)


def test_moves_stand_with_their_months(ranking):
    """A plan of several moves is told month by month; its short name has the move that fewest others have."""
    one, two = [plan for plan in ranking.plans if plan.moves][:2]
    moves = (replace(one.moves[0], month=8), replace(two.moves[0], month=2))
    label = f"{one.label} + {two.label}"
    plans = tuple(replace(plan, moves=moves, label=label) if plan is one else plan for plan in ranking.plans)
    row = next(row for row in rows(replace(ranking, plans=plans)) if len(row.plan.moves) == 2)

    assert row.steps == ((2, (two.label,)), (8, (one.label,)))
    assert row.name == f"2 moves, with {one.label}"


def test_a_plus_within_a_name_does_not_shift_months(ranking):
    """If a label cannot be taken apart the moves stand by their ids."""
    move = PlannedMove(move="gesture", by="Anna + Co", towards="birch", month=3)
    found = rows(doubled(ranking, moves=(move,), label="A gesture (Anna + Co, Birch)"))[0]

    assert found.steps == ((3, ("gesture Anna + Co birch",)),)


def test_courses_can_be_told_apart(ranking):
    """Doing nothing and at most three distinct plans, each with dashes of its own and a name of its own height."""
    found = curves(rows(ranking))

    assert [one.idle for one in found].count(True) == 1
    assert len(found) <= 4
    assert len({one.dash for one in found}) == len(found)
    heights = sorted(one.label for one in found)
    assert all(b - a >= 18.9 for a, b in pairwise(heights))
    assert all(len(one.line.split()) == 61 for one in found)


def test_strips_fill_the_whole_and_differ_without_colour(ranking):
    """Pieces lie side by side over the full width; each state has its own lines or none."""
    for row, ended in zip(rows(ranking), endings(rows(ranking)), strict=True):
        assert ended.number == row.number
        assert sum(piece.width for piece in ended.pieces) == pytest.approx(534.0, abs=1.0)
        for piece in ended.pieces:
            assert bool(piece.lines) == (piece.kind in (1, 2, 4)) or piece.width < 3.0


def test_a_partial_ranking_says_so(ranking, reading):
    """What was interrupted is marked as partial."""
    assert "It was interrupted" in shown(replace(ranking, partial=True), reading)


def flip(name: str, label: str, ranking: Ranking) -> Flip:
    first, second = ranking.plans[:2]
    return Flip(input=name, label=label, value=0.3, likeliest=0.6, first=first.id, second=second.id)


def test_what_turns_the_ranking_is_told(ranking, reading):
    """A flip stands with its value and the numbers of both plans; without one, what was tried."""
    turned = shown(
        replace(ranking, flips=(flip("x", "its weight", ranking),), tested=("its weight",)), reading
    )
    none = shown(replace(ranking, tested=("Its weight.", "its age")), reading)

    assert "its weight: at 0.30 (likeliest 0.60) plan 2 comes before plan 1." in turned
    assert "None of the 2 inputs" in none
    assert "Its weight; its age." in none


@pytest.mark.parametrize("audience", ["clear", "green", "amber"])
def test_inputs_that_name_a_withheld_fact_are_left_out(later, audience):
    """Neither a flip nor a tested input may name what the audience may not see; none is denied either."""
    bench = Workbench()
    levels = ("clear", "green", "amber", "red")
    facts = [f for f in bench.load_case(MADE).facts if str(f.known_on) <= LATER]
    secret = [f for f in facts if levels.index(f.sensitivity) > levels.index(audience)]
    named = [(f"reliability:{f.id}", f"whether {f.id} ({f.kind}) is as coded") for f in secret]
    named += [(f"scale:{f.id}", f"scale of {f.id}") for f in secret]
    told = [flip(name, label, later) for name, label in [*named, ("age", "its age")]]
    tested = tuple(one.label for one in told)
    reading = bench.read(MADE, LATER, draws=50)
    pages = [
        shown(replace(later, flips=flips, tested=tested), reading, audience=audience)
        for flips in (tuple(told), ())
    ]

    assert secret
    for text in pages:
        for fact in secret:
            for word in (fact.id, fact.says, fact.source_title, fact.source_url, fact.note):
                assert not word or word not in text, word
        assert f"rest on withheld facts were tried too and are not shown: {len(named)}." in text
        assert "None of the" not in section(text)
    assert "its age: at 0.30" in pages[0]


def test_markup_in_any_field_is_shown_not_run(ranking, reading):
    """Names, labels, notes, reasons and the history are text, whatever they hold."""
    evil = doubled(ranking, label=EVIL, note=EVIL, cost={EVIL: 2})
    evil = replace(
        evil,
        sentence=EVIL,
        tested=(EVIL,),
        flips=(flip("x", EVIL, evil),),
        refused=(RefusedMove(move=EVIL, by=EVIL, towards=EVIL, label=EVIL, reason=EVIL),),
        trace=(EVIL, EVIL),
        engine=EVIL,
        names={EVIL: EVIL},
    )
    text = shown(evil, reading)

    assert "&lt;img" in section(text)
    assert not any(tag == "img" for tag, _attrs in Reader(text).tags)
    assert not any("onerror" in attrs for _tag, attrs in Reader(text).tags)


def test_a_note_names_the_plans_it_holds_for(ranking, reading):
    """What a plan without a party cannot be is said once, with the numbers."""
    noted = doubled(doubled(ranking, 0, note="Their consent remains."), 2, note="Their consent remains.")

    text = Reader(section(shown(noted, reading))).text
    assert re.search(r"Plans 1 and 3:\s+Their consent remains\.", text)


def test_plans_of_another_day_are_refused(ranking):
    """A ranking must be of what was read."""
    with pytest.raises(UsageError, match="not of what was read"):
        Workbench().report(MADE, LATER, plans=ranking, draws=20)


def test_the_brief_has_the_sentence(ranking, reading):
    """One page in words says what could be done in one sentence."""
    assert ranking.sentence in Reader(shown(ranking, reading, brief=True)).text


@pytest.mark.parametrize(("partial", "status"), [(False, 0), (True, 130)])
def test_the_command_asks_for_plans_only_if_told_to(ranking, monkeypatch, tmp_path, partial, status):
    """`report --plans` ranks with the same seed and shows it; interrupted, it shows what there is."""
    asked = []

    def plan(_bench, _case, _at, **given):
        asked.append(given)
        return replace(ranking, partial=partial)

    monkeypatch.setattr(Workbench, "plan", plan)
    out = tmp_path / "made.html"
    given = ["report", str(MADE), "--at", DAY, "--draws", "20", "-o", str(out)]

    assert cli(given) == 0
    assert not asked
    assert cli([*given, "--plans", "--seed", "7"]) == status
    assert (asked[0]["seed"], asked[0]["trace"]) == (7, 0)
    assert 'id="plans"' in out.read_text(encoding="utf-8")


def test_asked_for_by_python_they_are_looked_for(ranking, reading, monkeypatch):
    """`plans=True` makes the ranking on the day of the reading, with its seed."""
    asked = []
    monkeypatch.setattr(Workbench, "plan", lambda _b, _c, at, **given: asked.append((at, given)) or ranking)
    page = Workbench().report(MADE, DAY, plans=True, draws=20, seed=9)

    assert asked == [(reading.as_of, {"trace": 0, "seed": 9})]
    assert 'id="plans"' in page


def test_a_long_ranking_stays_small(ranking, reading):
    """A page with as many long plans as are shown is under 700 kB."""
    plan = next(plan for plan in ranking.plans if plan.moves)
    long = replace(
        plan, moves=plan.moves * 6, label=" + ".join(["A move with a long name (Anna, Basil)"] * 6)
    )
    many = replace(ranking, plans=(*[long] * 30, *(p for p in ranking.plans if not p.moves)))

    assert len(shown(many, reading).encode()) < 700_000


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
def test_it_fits_a_phone(page, tmp_path):
    """Nothing in the section is wider than a phone, and what must be read is not smaller than nine pixels."""
    api = pytest.importorskip("playwright.sync_api")
    path = Path(tmp_path / "report.html")
    path.write_text(page, encoding="utf-8")
    with api.sync_playwright() as made:
        browser = made.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        for width in (390, 1280):
            tab = browser.new_page(viewport={"width": width, "height": 900})
            tab.goto(path.as_uri())
            tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            lie = "[...document.querySelectorAll('#plans svg text')].filter(t => t.getClientRects().length)"
            ends = tab.evaluate(f"{lie}.map(t => t.getBoundingClientRect()).map(b => [b.left, b.right])")
            assert min(left for left, _right in ends) >= 0
            assert max(right for _left, right in ends) <= width
            sizes = "t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a"
            assert min(tab.evaluate(f"{lie}.map({sizes})")) >= 9
            tab.close()
        browser.close()
