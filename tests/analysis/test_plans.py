"""Plans: what could be done, what it does in the simulation, and how surely one is better than another."""

import json
import subprocess
import sys
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import goodoffices
from goodoffices.analysis.choices import Step, choices, gesture_room
from goodoffices.analysis.effects import TextBook, changes_text, schedule
from goodoffices.analysis.flips import _turn
from goodoffices.analysis.inputs import Input
from goodoffices.analysis.ranking import groups, listed, pareto
from goodoffices.analysis.scenario import scenario
from goodoffices.analysis.search import Bounds, Lab, Search
from goodoffices.analysis.trials import cost, gap, held, plan_id
from goodoffices.cases.moves import moves
from goodoffices.cli.app import run as cli
from goodoffices.compute.engines import Compiled
from goodoffices.core import rollout, stage
from goodoffices.core.chances import Chances, numbers
from goodoffices.core.draws import triangular_at
from goodoffices.core.engine import Plain
from goodoffices.domain.case import Change
from goodoffices.errors import UsageError
from goodoffices.workbench import Workbench
from goodoffices.workbench.shelf import Kept
from tests.test_fairness import mirrored, said, swapped

__all__ = ["mirrored"]  # the fixture

MADE = str(Path(__file__).parents[1] / "made")
DAY = "2003-08-01"
FEW = ["summit_private", "gesture", "phasing", "bond", "verification", "prisoner_exchange", "meeting_without"]


def asked(case=MADE, draws=6):
    run = replace(Workbench()._run(case, DAY, 1, draws, None), ends=False)
    deal = list(run.deals.values())[-1]
    return run, deal


def asked_of(case=MADE, **given):
    """A small question: few histories, plans of up to two moves, on the driver that needs no compiling."""
    return goodoffices.plan(
        case, DAY, **{"rollouts": 96, "longest": 1, "on": "numpy", "look_for_flips": False, **given}
    )


@pytest.fixture(scope="module")
def ranked():
    return asked_of(moves=FEW)


def test_doing_nothing_is_always_listed(ranked):
    """Whatever is asked for, the plan without moves is compared; best first, groups in order."""
    idle = [plan for plan in ranked.plans if not plan.moves]

    assert len(idle) == 1
    assert idle[0].cost == {}
    assert [plan.group for plan in ranked.plans] == sorted(plan.group for plan in ranked.plans)
    assert all(plan.regret >= 0 for plan in ranked.plans)
    assert max(plan.p_best for plan in ranked.plans) > 0
    assert set(ranked.pareto) <= {plan.id for plan in ranked.plans}
    assert ranked.calibrated is False
    assert ranked.ranking_only is True


def test_what_ended_a_history_adds_up(ranked):
    """Each history of a plan ends in one state: the shares sum to one."""
    for plan in ranked.plans:
        assert sum(plan.ended_by.values()) == pytest.approx(1.0)
        assert plan.in_force_at.m60.median <= 1.0


def test_a_plan_is_the_same_alone_and_among_others(ranked):
    """Chances are keyed by what happens, not by which plans are compared."""
    alone = asked_of(moves=["verification"])
    one = next(plan for plan in alone.plans if plan.id == "verification")
    other = next(plan for plan in ranked.plans if plan.id == "verification")

    assert (one.sign, one.in_force_at, one.ended_by) == (other.sign, other.in_force_at, other.ended_by)


def test_mirror(mirrored):
    """Swapping names, codes and ids of the two sides mirrors the ranking, bit for bit."""
    plain = asked_of(rollouts=48, moves=FEW, trace=3).to_dict()
    other = asked_of(mirrored, rollouts=48, moves=FEW, trace=3).to_dict()
    for found in (plain, other):
        found.pop("case_hash")

    assert said(plain) == swapped(said(other))


def test_python_and_command_line_give_the_same(capsys, ranked):
    """`plan --json` prints what `goodoffices.plan(...)` gives."""
    given = ["--rollouts", "96", "--longest", "1", "--on", "numpy", "--no-flips", "--moves", ",".join(FEW)]
    status = cli(["plan", MADE, "--at", DAY, *given, "--json"])

    assert status == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(ranked.to_dict(), default=str))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"moves": ["flattery"]}, "flattery"),
        ({"text": "peace"}, "peace"),
        ({"objective": "glory"}, "in_force_m60"),
        ({"rollouts": 3}, "at least 24"),
        ({"horizon": 61}, "1 to 60"),
        ({"budget": -1}, "0 or more"),
        ({"longest": 7}, "1 to 6"),
        ({"on": "abacus"}, "compiled, numpy"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_sentence(given, said):
    """Unknown moves, texts and objectives, and too few histories, are refused with what would be right."""
    with pytest.raises(UsageError, match=said):
        goodoffices.plan(MADE, DAY, **given)


def test_one_history_can_be_told_month_by_month():
    """The story ends where the history ended, says who left office, and is the same each time."""
    one = asked_of(rollouts=48, moves=["phasing"], trace=17)
    two = asked_of(rollouts=48, moves=["phasing"], trace=17)

    assert one.trace == two.trace
    assert "history 17" in one.trace[0]
    assert one.trace[1].startswith("month 1: ")
    assert len(one.trace) > 10
    states = [line[line.index("[") :] for line in one.trace if "[" in line]
    assert len(states) == len([s for s, before in zip(states, ["", *states], strict=False) if s != before])
    with pytest.raises(UsageError, match="0 to 47"):
        asked_of(rollouts=48, trace=48)


def test_a_gesture_above_the_senders_limit_is_refused():
    """Who has nothing to gain can afford no gesture; the reason gives its size and the limit."""
    run, deal = asked()
    fit, refused = choices(run, deal, {"gesture": moves()["gesture"]})
    rows = [s for s in run.encoded.case.stakes if s.quantity == "kept" and s.text == deal.text.id]
    value = {"word": "disaster", "low": "", "high": ""}
    poor = run.changed([Change(id=s.key, op="set_stake", target=s.key, value=value) for s in rows])
    none, all_refused = choices(poor, poor.deals[deal.text.id], {"gesture": moves()["gesture"]})

    assert (len(fit), refused) == (2, [])
    assert none == []
    assert all("limit 0.00" in one.reason for one in all_refused)
    assert len(all_refused) == 2


def test_nobody_bound_by_a_text_can_be_left_out_of_signing_it():
    """No move takes a bound party's consent away; a meeting without it is labelled, with a note."""
    run, deal = asked()
    found, book = scenario(run, deal.text.id), TextBook(run, deal)
    fit, _refused = choices(run, deal, moves())
    for choice in fit:
        for text in schedule(book, [Step(choice)]).texts:
            assert text.threshold.shape == found.terms.threshold.shape


@pytest.mark.parametrize("name", sorted(moves()))
def test_every_move_does_what_it_says(name):
    """Its events point at decision-makers of the text, in months that it takes, with finite sizes."""
    run, deal = asked()
    fit, _refused = choices(run, deal, {name: moves()[name]})
    many = len(deal.players)
    for choice in fit:
        made = schedule(TextBook(run, deal), [Step(choice)]).events
        assert name in {"nothing", "meeting_without"} or made
        for event in made:
            assert 1 <= event.month <= 60
            assert 0 <= event.truster < many
            assert 0 <= event.trustee < many
            assert event.kind in (stage.FACT, stage.MEETING, stage.TERMS, stage.PUT)
            assert np.all(np.isfinite(event.weight))
            assert np.all((event.consent > 0) & (event.consent <= 1))


def test_a_meeting_teaches_without_leaning():
    """Nothing exposed, and the other's type as likely as the observer believes: the mean stays, doubt grows."""
    run, deal = asked(draws=1)
    found = stage.spread(scenario(run, deal.text.id), 60_000)
    i, j = (
        0,
        next(
            k for k, player in enumerate(deal.players) if player.office.party != deal.players[0].office.party
        ),
    )
    level = np.zeros_like(found.prior)
    quiet = found._replace(
        prior=level, stores=np.zeros_like(found.stores), flags=np.zeros_like(found.flags),
        truth=np.zeros_like(found.truth), truth_doubt=np.zeros_like(found.truth_doubt),
    )  # fmt: skip
    chances = Chances(3, numbers(range(1), 0, 60_000))
    spreads = []
    for size in (0.2, 0.5):
        history = rollout.begin(quiet, chances)
        event = stage.Event(1, stage.MEETING, "m", "m", np.ones(1), truster=i, trustee=j, weight=size)
        rollout._act(quiet, history, rollout.beliefs(quiet, history), event, stage.Schedule(), chances, 1)
        after = rollout.beliefs(quiet, history)[i, j, stage.INTENTION]
        assert float(after.mean()) == pytest.approx(0.5, abs=0.005)
        spreads.append(float(after.var()))
    assert spreads[1] > spreads[0] > 0


def test_plans_that_differ_by_less_than_the_doubt_are_bracketed():
    """A sure difference starts a new group, an unsure one does not."""
    rng = np.linspace(0, 1, 24)
    best, near, far = rng + 0.30, rng + 0.25 + 0.3 * np.cos(20 * rng), rng

    def grouped(*figures):
        return groups(len(figures), lambda i, j: figures[i] - figures[j])

    assert grouped(best, near, far) == [1, 1, 2]
    assert grouped(best, best, far, far) == [1, 1, 2, 2]


def test_the_front_holds_what_nothing_beats():
    """Better on every count beats; better on one does not."""
    assert pareto([(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (0.4, 0.4), (1.0, 0.0)]) == [0, 1, 2, 4]


def test_a_plan_of_text_changes_is_worked_out_under_every_set_that_may_come_about():
    """Two changes that different people must agree to: with the one, the other, both; the last is the strongest."""
    run, deal = asked()
    fit, _refused = choices(run, deal, {name: moves()[name] for name in ("verification", "bond")})
    check = next(choice for choice in fit if choice.move.id == "verification")
    bond = next(choice for choice in fit if choice.move.id == "bond")
    found = schedule(TextBook(run, deal), [Step(check), Step(bond)])
    none = scenario(run, deal.text.id).terms.threshold.sum()
    one, two, both = (found.texts[found.of[bits]].threshold.sum() for bits in (1, 2, 3))

    assert len(found.texts) == 3
    assert both < min(one, two) < none


def test_moves_that_hang_on_the_same_people_are_agreed_together():
    """Who will not have the text changed will not have it changed at all: one draw for both."""
    run, deal = asked()
    fit, _refused = choices(run, deal, {name: moves()[name] for name in ("verification", "phasing")})
    found = schedule(TextBook(run, deal), [Step(choice) for choice in fit if choice.move.id != "nothing"])

    assert len({event.agreed for event in found.events}) == 1
    assert len(found.texts) == 2  # the first month's change alone, then both: none is ever left out


def searched(each=96, longest=2, names=("phasing", "bond", "verification"), **bounds):
    """A case small enough to enumerate: the search and its laboratory, compiled."""
    run, deal = asked(draws=24)
    fit, _refused = choices(run, deal, {name: moves()[name] for name in ("nothing", *names)})
    lab = Lab(run, deal, Compiled(), 36)
    given = {"horizon": 36, "budget": 20, "longest": longest, **bounds}
    return Search(lab, fit, Bounds(**given), "in_force_m60", each)


def enumerated(search, longest):
    """Every plan within the bounds that the search could write down."""
    plans, last = [()], [()]
    pool = [choice for choice in search.choices if choice.move.id != "nothing"]
    for _length in range(longest):
        grown = {plan_id(p): p for plan in last for p in search._carried_on(plan, pool)}
        last = list(grown.values())
        plans += last
    return plans


def mean(trial):
    return float(trial.objective("in_force_m60").mean())


def test_the_found_plan_is_within_a_hundredth_of_the_best():
    """On a case small enough to enumerate, every plan run on all histories."""
    search = searched(longest=3)
    search.find()
    found = search.ordered()[0]
    best = max(search.lab.trials(enumerated(search, 3), 96), key=mean)

    assert mean(found) >= 0.99 * mean(best)
    assert len(search.seen) < len(enumerated(search, 3))


def test_no_plan_goes_beyond_its_bounds():
    """Cost to any one actor, months and number of moves are bounds of every plan that is looked at."""
    search = searched(each=8, budget=3, horizon=4)
    search.find()

    assert len(search.seen) > 3
    for trial in search.seen.values():
        assert trial.month <= 4
        assert len(trial.plan) <= 2
        assert max(cost(search.lab.run, search.lab.deal, trial.plan).values(), default=0) <= 3


def test_all_gestures_of_one_sender_stay_within_its_limit():
    """A second gesture is refused once both together are more than the sender could afford."""
    search = searched(names=("gesture",))
    gesture = next(choice for choice in search.choices if choice.move.id == "gesture")
    size, limit = gesture_room(search.lab.run, search.lab.deal, gesture)
    many = int(limit // size)
    plan = tuple(Step(gesture, month) for month in range(1, many + 1))

    assert search.allowed(plan)
    assert not search.allowed((*plan, Step(gesture, many + 1)))


def test_an_interrupted_search_goes_on_to_the_same_end(tmp_path, monkeypatch):
    """Stopped half-way it gives the ranking so far, marked; asked again, that of a search left alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    looks = iter(range(100))
    few = {"moves": ["phasing", "summit_private"], "longest": 2, "rollouts": 24 * 9, "look_for_flips": True}
    part = asked_of(**few, stop=lambda: next(looks) >= 2)
    kept = [
        (path.suffix, path.stat().st_mode & 0o077) for path in (tmp_path / "goodoffices" / "plans").iterdir()
    ]
    ticks = []
    resumed = asked_of(**few, tick=lambda many, _name: ticks.append(many))
    alone = asked_of(**few)

    assert part.partial
    assert part.compared < resumed.compared
    assert kept == [(".npz", 0)]
    assert resumed.to_dict() == alone.to_dict()
    assert not resumed.partial
    assert list((tmp_path / "goodoffices" / "plans").iterdir()) == []


def test_a_kept_file_that_cannot_be_read_counts_as_none(tmp_path):
    """Rubbish in the place of kept counts is no fault: the search begins anew."""
    first = Kept({"seed": 1}, tmp_path)
    first.path.write_bytes(b"rubbish")

    assert Kept({"seed": 1}, tmp_path).resumed == 0
    assert Kept({"seed": 2}, tmp_path).path != first.path


def test_an_input_that_turns_the_ranking_is_found_where_it_turns():
    """The difference of the plans has one sign at the likeliest value, the other beyond what is given."""
    found = asked_of(moves=["phasing", "verification"], look_for_flips=True, rollouts=24 * 8)
    labels = [plan.id for plan in found.plans]

    assert found.tested
    for flip in found.flips:
        assert (flip.first, flip.second) == tuple(labels[:2])
        assert np.isfinite(flip.value)
    assert {flip.label for flip in found.flips} <= set(found.tested)


def test_a_turn_is_where_the_sign_changes():
    """The place is halved towards the middle, and none is given where the sign stays."""
    one = Input("x", "x", (0.0, 1.0, 2.0))

    assert _turn(lambda q: 0.5 + 0.25 - q, one) == pytest.approx(
        float(triangular_at(np.array([0.75]), 0.0, 1.0, 2.0)[0]), abs=0.05
    )
    assert _turn(lambda _q: 1.0, one) is None


def test_what_learning_is_worth_adds_up(ranked):
    """Good and bad deals, signed or not, are all histories; what is signed is what `sign` says."""
    for plan in ranked.plans:
        known = plan.learned
        signed = known.good_signed + known.bad_signed
        assert signed + known.good_lost + known.bad_avoided == pytest.approx(1.0)
        assert plan.in_force[0] == 0.0
        assert len(plan.in_force) == 61
        assert plan.se <= 0.5 / np.sqrt(plan.rollouts) + 1e-9


def test_the_budget_bounds_the_plans_that_are_listed():
    """With a small budget, dear moves are not listed."""
    cheap = asked_of(moves=FEW, budget=1, rollouts=24)

    assert all(max(plan.cost.values(), default=0) <= 1 for plan in cheap.plans)
    assert len(cheap.plans) < len(asked_of(moves=FEW, rollouts=24).plans)


def test_nothing_is_signed_after_the_horizon():
    """With a horizon of three months the text is signed within three months or never."""
    early, late = (asked_of(moves=["phasing"], horizon=months) for months in (3, 36))

    assert all((plan.median_month or 0) <= 3 for plan in early.plans)
    assert max(plan.median_month or 0 for plan in late.plans) > 3


def test_a_second_meeting_tells_less_than_the_first():
    """Readings of one face repeat one another: the second adds less, and what it bonds is less."""
    run, deal = asked()
    fit, _refused = choices(run, deal, {"summit_private": moves()["summit_private"]})
    one, two = schedule(TextBook(run, deal), [Step(fit[0], 1), Step(fit[0], 5)]).events[::2]

    assert np.all(two.weight < one.weight)
    assert np.all(np.abs(two.bonding) < np.abs(one.bonding))
    assert np.all(two.weight > 0)


def test_plans_are_compared_on_the_histories_that_both_have_run():
    """Two plans that do the same differ by nothing, also where one has run on more histories."""
    run, deal = asked()
    fit, _refused = choices(run, deal, {"phasing": moves()["phasing"]})
    lab = Lab(run, deal, Plain(), 36)
    many, few = lab.trials([(Step(fit[0]),)], 20)[0], lab.trials([(Step(fit[0]),)], 8)[0]

    assert many.histories > few.histories
    assert not np.array_equal(many.objective("sign"), few.objective("sign"))
    assert np.all(gap(few, many, "sign") == 0.0)
    assert np.all(gap(many, few, "sign") == 0.0)


def test_doing_nothing_runs_on_as_many_histories_as_the_first():
    """What everything is held against is known as well as what stands first."""
    found = asked_of(moves=["phasing", "bond", "verification"], rollouts=24 * 100)
    idle = next(plan for plan in found.plans if not plan.moves)

    assert idle.rollouts == found.plans[0].rollouts == 24 * 100


def test_ten_sequences_are_ten_ideas():
    """Of sequences that hold the same moves only the best is listed, with how many timings were looked at."""
    search = searched(each=32, longest=3)
    search.find()
    order = search.ordered()
    shown = listed(order)
    ideas = [held(trial.plan) for trial in order]

    assert len(set(ideas)) < len(ideas)
    assert len({held(trial.plan) for trial in shown}) == len(shown)
    assert all(order[ideas.index(held(trial.plan))] is trial for trial in shown)
    assert all(trial.histories == 32 * 24 for trial in shown[:10])

    found = asked_of(moves=["phasing", "bond"], longest=2, rollouts=24 * 8)
    many = Counter(" + ".join(sorted(move.move + move.by for move in plan.moves)) for plan in found.plans)
    assert max(many.values()) == 1
    assert sum(plan.timings for plan in found.plans) == found.compared
    assert max(plan.timings for plan in found.plans) > 1


def test_counting_piece_by_piece_leaves_no_trace(monkeypatch):
    """A span of histories counted in pieces comes to what it comes to at once."""
    run, deal = asked()
    plan = (Step(next(c for c in choices(run, deal, moves())[0] if c.move.id == "phasing")),)
    whole = Lab(run, deal, Plain(), 36).trials([plan], 20)[0]
    monkeypatch.setattr("goodoffices.analysis.search.PIECE", 5)
    pieces = Lab(run, deal, Plain(), 36).trials([plan], 20)[0]

    assert all(np.array_equal(a, b) for a, b in zip(whole.tally, pieces.tally, strict=True))


def test_memory_does_not_grow_with_the_number_of_histories(monkeypatch):
    """Ten times as many histories of a plan take no more memory at once, plainly counted."""
    monkeypatch.setattr("goodoffices.analysis.search.PIECE", 16)
    run, deal = asked(draws=2)
    plan = (Step(next(c for c in choices(run, deal, moves())[0] if c.move.id == "phasing")),)
    peaks = []
    for each in (32, 320):
        lab = Lab(run, deal, Plain(), 36)
        lab.task = replace(lab.task, months=12)
        schedule(lab.book, plan)
        tracemalloc.start()
        lab.trials([plan], each)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.2 * peaks[0]


COMPILED = """
import resource
from goodoffices.analysis.choices import Step, choices
from goodoffices.analysis.search import Lab
from goodoffices.cases.moves import moves
from goodoffices.compute.engines import Compiled
from tests.analysis.test_plans import asked

run, deal = asked(draws=24)
plan = (Step(next(c for c in choices(run, deal, moves())[0] if c.move.id == "phasing")),)
for each in (200, 2000):
    Lab(run, deal, Compiled(), 36).trials([plan], each)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs the peak of a process in KiB")
def test_memory_of_the_compiled_driver_does_not_grow_either():
    """48,000 histories of a plan take at most 4 MiB more at once than 4,800: what one adds is not kept."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", COMPILED], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    few, many = map(int, done.stdout.split())

    assert many - few < 4 * 1024


@pytest.mark.slow
def test_twenty_moves_and_two_hundred_sequences():
    """On the desk's own case all of them are looked at, and the first ten are known to half a hundredth."""
    found = goodoffices.plan("camp-david", "1978-09-12", longest=3, look_for_flips=False)
    single = sum(len(plan.moves) == 1 for plan in found.plans)

    assert single >= 20
    assert found.compared - single - 1 >= 200
    assert all(plan.se <= 0.005 for plan in found.plans[:10])


def test_what_is_asked_for_is_told_by_names():
    """No label of an input holds the id of a person, party, spoiler, text or move that has a name."""
    run = replace(Workbench()._run("camp-david", "1978-09-12", 1, 4, None), ends=False)
    deal = list(run.deals.values())[-1]
    fit, _refused = choices(run, deal, moves())
    scenario(run, deal.text.id)
    schedule(TextBook(run, deal), [Step(choice) for choice in fit if not changes_text(choice)])
    case = run.encoded.case
    ids = {one.id for lot in (case.decision_makers, case.spoilers, case.texts) for one in lot}
    ids = {name for name in ids | set(moves()) if "-" in name or "_" in name}
    labels = [one.label for one in run.model.values.asked.values() if not one.name.startswith("reliability:")]

    assert len(ids) > 20
    assert [(name, label) for label in labels for name in ids if name in label] == []


def test_what_cannot_be_done_is_told_in_words(capsys):
    """The command line names a refused move, and who would make it, as a reader knows them."""
    given = ["--rollouts", "24", "--longest", "1", "--on", "numpy", "--no-flips", "--moves", "guarantee_word"]
    assert cli(["plan", "camp-david", "--at", "1978-09-12", *given]) == 0
    printed = " ".join(capsys.readouterr().out.split())

    assert "not possible: A guarantor gives its word (Jimmy Carter): whether" in printed
    assert "guarantee word" not in printed
