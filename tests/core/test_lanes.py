"""The compiled driver against the plain one: the same chances, the same histories, the same counts."""

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from goodoffices.compute import kernels
from goodoffices.compute.engines import Compiled
from goodoffices.core import draws, durability, flat, lanes, ledger, tally
from goodoffices.core.chances import numbers
from goodoffices.core.engine import Plain, Task
from goodoffices.core.follow import Day, Parameters, Push, begin, follow, levels
from goodoffices.core.lanes import Lane, Stage
from goodoffices.core.rollout import History, beliefs, keep, run
from goodoffices.core.stage import (
    FACT,
    INTENTION,
    MEETING,
    MONTH,
    PUT,
    TERMS,
    TRANSITIONS,
    Bank,
    Event,
    Scenario,
    Schedule,
    Terms,
    pairs,
    spread,
    spread_schedule,
)
from tests.core.scenes import HALF, QUIET, SURE, Council, chances, scenario

SEED, NOTHING = 11, Schedule()
EXACT = tuple(name for name in tally.Tally._fields if name != "trust")


class Block(NamedTuple):
    """Histories of one draw, run through the lanes."""

    stage: Stage
    lane: Lane
    draw: int
    months: int
    counts: np.ndarray  # (transition,)
    trust: np.ndarray  # (L,): mean at the end


def compiled_lanes() -> SimpleNamespace:
    """The functions of the lanes as they stand compiled."""
    return SimpleNamespace(**kernels.prepared("goodoffices.core.lanes_cpu", "planning")._ALL)


def blocks(
    scene: Scenario, plan: Schedule, many: int, each: int, months: int, horizon: int, *,
    driver: Any = lanes, store: type = np.float64,
) -> list[Block]:  # fmt: skip
    """Run `each` histories of every draw, uncompiled unless another driver is given."""
    stage, texts = flat.stage(scene, SEED, months, many), flat.texts(scene, plan, many)
    acts, found = flat.acts(scene, plan, SEED, many), []
    lane = flat.lane(stage, texts.strikes.shape[2], each, store)
    for draw in range(many):
        counts = np.zeros(len(TRANSITIONS), np.int64)
        lane.counter[:] = numbers(range(draw, draw + 1), 0, each)
        with np.errstate(over="ignore"):  # the hash of a number runs over
            driver.run_block(stage, texts, acts, lane, draw, months, horizon, counts)
            driver.mean_trust(stage, lane, draw, months, lane.plain[lanes.CHANCE])
            driver.judge(stage, lane, draw, months, each)
        kept = Lane(*(item.copy() for item in lane))  # the next draw takes the same room
        found.append(Block(stage, kept, draw, months, counts, kept.plain[lanes.CHANCE]))
    return found


def stores(block: Block) -> np.ndarray:
    """Stores as they stand at the end, shape (2 signs, belief, 4 facets, 2 owners, L)."""
    many = len(block.stage.beliefs)
    rows = (
        block.lane.stores.astype(np.float64).reshape(2, many, 4, 2, -1)
        * block.lane.fades[:, None, :, None, None]
    )
    whole, leader = rows[:, :, :, 0], rows[:, :, :, 1]
    return np.stack([whole - leader, leader], axis=3)


def level(block: Block) -> np.ndarray:
    """Levels of belief at the end, shape (belief, 4 facets, L)."""
    good, bad = stores(block).sum(axis=3)
    return block.stage.about[block.draw, :, :4, None] + good - bad


def flags(block: Block) -> np.ndarray:
    """Flags as they stand at the end, shape (belief, 2 owners, L)."""
    lane, rules = block.lane, block.stage.rules[block.draw]
    left = ledger.fade(block.months * MONTH, rules[lanes.FLAG_LIFE])
    first = block.stage.about[block.draw, :, lanes.FLAGS :, None] * left
    return first * np.stack([np.ones_like(lane.about[lanes.FLAG_KEPT]), lane.about[lanes.FLAG_KEPT]], axis=1)


def agree(scene: Scenario, done: History, found: list[Block], within: float = 1e-9) -> None:
    """All that stands in the histories is the same in both drivers, history by history."""
    truster, trustee = pairs(scene)
    across = scene.party[:, None] != scene.party[None, :]

    def joined(item: Callable[[Block], np.ndarray]) -> np.ndarray:
        return np.concatenate([item(block) for block in found], axis=-1)

    for row, name in (
        (lanes.STATUS, "status"), (lanes.STEP, "step"), (lanes.SIGNED_ON, "signed_on"), (lanes.ENDED_ON, "ended_on"),
        (lanes.GOOD, "good"), (lanes.TAKES_PART, "takes_part"), (lanes.CHANGES, "changes"),
    ):  # fmt: skip
        assert np.array_equal(joined(lambda b, row=row: b.lane.one[row]), getattr(done, name)), name
    for row, name in ((lanes.NEEDED, "needed"), (lanes.LATER, "needed_later"), (lanes.ACCEPTED, "accepted")):
        assert np.array_equal(joined(lambda b, row=row: b.lane.who[row]), getattr(done, name)), name
    standing = (done.status == lanes.SIGNED) | (done.status == lanes.CARRIED_OUT)
    assert np.array_equal(joined(lambda b: b.lane.who[lanes.TURNED])[:, standing], done.turned[:, standing])
    for row, name in (
        (lanes.THRESHOLD, "threshold"),
        (lanes.BARE, "deterrence_bare"),
        (lanes.ASSISTANCE, "assistance"),
    ):
        assert np.array_equal(joined(lambda b, row=row: b.lane.own[row]), getattr(done.terms, name)), name
    for row, name in ((lanes.RATIOS, "log_ratios"), (lanes.STEPS, "steps")):
        assert np.array_equal(joined(lambda b, row=row: b.lane.plain[row]), getattr(done.terms, name)), name
    assert np.array_equal(
        joined(lambda b: b.lane.about[lanes.DETERRENCE]), done.terms.deterrence[truster, trustee]
    )
    assert np.array_equal(joined(lambda b: b.lane.strikes), done.terms.strikes)
    held = np.moveaxis(done.stores[truster, trustee], 2, 0)
    assert joined(stores) == pytest.approx(held, abs=within)
    assert joined(lambda b: b.lane.truth) == pytest.approx(done.truth, abs=within)
    assert joined(lambda b: b.lane.own[lanes.NOISE]) == pytest.approx(done.noise, abs=within)
    assert joined(flags) == pytest.approx(done.flags[truster, trustee], abs=within)
    assert joined(lambda b: b.trust) == pytest.approx(
        beliefs(scene, done)[across].mean(axis=(0, 1)), abs=within
    )
    held = keep(scene, done.terms, beliefs(scene, done))
    assert joined(lambda b: b.lane.own[lanes.WHOLE]) == pytest.approx(held, abs=within)
    counts = done.counts.reshape(len(TRANSITIONS), len(found), -1).sum(axis=2)
    assert np.array_equal(np.transpose([block.counts for block in found]), counts)


# ---- uncompiled, history by history ------------------------------------------------------------


def test_chances_are_those_of_the_keyed_draws():
    """One chance is the keyed draw to the last bit, one normal chance to 1e-12, compiled and not."""
    keys = [0, 2**64 - 1, *(draws.stream_key(SEED, "facts", f"north:{month}") for month in range(20))]
    counters = np.array([0, 1, 2**32 - 1, 5 * 2**32 + 7, 2**64 - 2], np.uint64)
    hashed = compiled_lanes()
    out = np.zeros(len(counters))
    for key in keys:
        hashed.draw_all(np.uint64(key), counters, out)
        with np.errstate(over="ignore"):
            plain = [lanes.draw(np.uint64(key), counter) for counter in counters]
            normal = [lanes.draw_normal(np.uint64(key), counter) for counter in counters]
        assert np.array_equal(draws.uniform_at(key, counters), plain)
        assert np.array_equal(draws.uniform_at(key, counters), out)
        assert normal == pytest.approx(draws.normal_at(key, counters), abs=1e-12)


class Scene(NamedTuple):
    """A scene whose histories both drivers run."""

    scenario: Scenario
    plan: Schedule
    draws: int
    each: int
    months: int
    horizon: int

    def plain(self) -> History:
        keyed = chances(SEED, self.each, draws=range(self.draws))
        scene, plan = spread(self.scenario, self.each), spread_schedule(self.plan, self.each)
        return run(scene, self.months, keyed, plan, self.horizon)

    def without(self, kind: int) -> History:
        """The plain driver without the events of one kind."""
        events = tuple(event for event in self.plan.events if event.kind != kind)
        return self._replace(plan=self.plan._replace(events=events)).plain()


@lru_cache
def hurried() -> tuple[Scene, History]:
    """Four decision-makers, in no order of sides, for whom much happens in fourteen months."""
    council = Council(4, seed=7, party=(0, 1, 1, 0), person=(1, 0, 1, 0), pace=2.5)
    scene = Scene(council.scenario(), council.plan(), 4, 24, 14, 12)
    return scene, scene.plain()


def test_the_lanes_uncompiled_are_the_plain_driver():
    """All that stands in 96 histories after 14 months of everything is what the plain driver has (1e-9)."""
    scene, done = hurried()

    agree(spread(scene.scenario, scene.each), done, blocks(*scene))


def test_those_histories_leave_nothing_out():
    """In these histories every transition happens, every state is reached, and every kind of event matters."""
    scene, done = hurried()
    without = [scene.without(kind) for kind in range(4)]

    assert dict(zip(TRANSITIONS, done.counts.sum(axis=1) > 0, strict=True)) == dict.fromkeys(
        TRANSITIONS, True
    )
    assert set(done.status) == set(range(5))
    assert set(done.good) == {False, True}
    assert len(set(done.changes)) >= 6
    assert np.any(done.step > 1)
    assert np.any((done.ended_on >= 0) & (done.ended_on > done.signed_on + 6))
    assert np.any(done.takes_part != without[TERMS].takes_part)
    assert np.any(done.needed != without[MEETING].needed)
    assert np.any(done.signed_on != without[PUT].signed_on)
    assert np.any(done.stores != without[FACT].stores)


@pytest.mark.parametrize("missing", ["facts to come", "flags", "sides", "everything"])
def test_the_lanes_uncompiled_are_the_plain_driver_on_bare_scenes(missing):
    """The same without facts to come, lies or a plan, and with a third side from which nobody strikes."""
    council = Council(2, seed=4, party=(0, 1, 2, 1), person=(1, 0, 1, 1), pace=3.0)
    bare, plan = council.scenario(), council.plan()
    if missing in ("facts to come", "everything"):
        bare = bare._replace(bank=Bank(*(item[:0] for item in bare.bank)))
    if missing in ("flags", "everything"):
        bare = bare._replace(flags=np.zeros_like(bare.flags))
    if missing == "everything":
        calm = bare.terms._replace(strikes=np.zeros_like(bare.terms.strikes))
        bare = bare._replace(terms=calm, rules={**bare.rules, "office_rate": np.zeros(2)})
        plan = NOTHING
    scene = Scene(bare, plan, 2, 12, 8, 8)

    agree(spread(bare, 12), scene.plain(), blocks(*scene))


def test_attacks_from_a_side_without_decision_makers_are_alike():
    """Where a side has nobody at the table its spoilers move nobody, in both drivers."""
    council = Council(2, seed=4, party=(0, 1, 1, 0), person=(1, 0, 1, 1), pace=3.0)
    scene, plan = council.scenario(), council.plan()

    def struck(terms: Terms) -> Terms:
        return terms._replace(strikes=np.concatenate([terms.strikes, np.full((1, 2, 2), 0.4)]))

    scene = scene._replace(side_keys=("x", "y", "z"), terms=struck(scene.terms))
    plan = plan._replace(texts=tuple(struck(terms) for terms in plan.texts))
    both = Scene(scene, plan, 2, 12, 8, 8)

    agree(spread(scene, 12), both.plain(), blocks(*both))


def test_one_draw_is_laid_out_as_many_are():
    """Arrays have the same kinds for one draw as for more: nothing is compiled twice."""

    def kinds(many: int) -> list[str]:
        council = Council(many)
        scene, plan = council.scenario(), council.plan()
        laid_out = (
            flat.stage(scene, SEED, 12, many), flat.texts(scene, plan, many), flat.acts(scene, plan, SEED, many),
        )  # fmt: skip
        return [
            f"{a.dtype} {a.ndim} {a.flags.c_contiguous} {a.flags.writeable}"
            for part in laid_out
            for a in part
        ]

    assert kinds(1) == kinds(2)


# ---- compiled, count by count ------------------------------------------------------------------


@lru_cache
def crowd(months: int) -> tuple[Task, Schedule]:
    """Six decision-makers, everything happening, eight draws."""
    council = Council(8)
    return Task(council.scenario(), SEED, 8, months, months - 6), council.plan()


def tallied(engine: Any, task: Task, plan: Schedule, span: tuple[int, int]) -> tally.Tally:
    return engine.tallies(task, [plan], span)[0]


def same(one: tally.Tally, other: tally.Tally) -> None:
    for name in tally.Tally._fields:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.mark.parametrize("months", [36, 60])
def test_compiled_tallies_are_those_of_the_plain_driver(months):
    """Every count of a plan, and of no plan, is the same whole number in both drivers; trust to its unit."""
    task, plan = crowd(months)
    compiled = Compiled(1).tallies(task, [plan, NOTHING], (0, 50))
    plain = Plain().tallies(task, [plan, NOTHING], (0, 50))

    for one, other in zip(compiled, plain, strict=True):
        for name in EXACT:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
        assert np.abs(one.trust - other.trust).max() <= 1  # a sum may be rounded the other way


def test_every_transition_happens_compiled():
    """None of the transitions of the written model is dead in the compiled driver."""
    counts = tallied(Compiled(1), *crowd(60), (0, 50)).transitions.sum(axis=0)

    assert dict(zip(TRANSITIONS, counts > 0, strict=True)) == dict.fromkeys(TRANSITIONS, True)


def test_each_history_ends_in_exactly_one_state_compiled():
    """States add up to the histories; months of signing and ending agree with them, and so does what was learned."""
    found = tallied(Compiled(1), *crowd(60), (0, 64))
    signed, ended = found.signed_in.sum(axis=1), found.ended_in.sum(axis=1)

    assert np.all(found.histories == 64)
    assert np.array_equal(found.states.sum(axis=1), found.histories)
    assert np.array_equal(signed, found.states[:, 2:].sum(axis=1))
    assert np.array_equal(ended, found.states[:, 4])
    assert np.all(np.cumsum(found.signed_in, axis=1) >= np.cumsum(found.ended_in, axis=1))
    assert np.array_equal(found.learned[:, :2].sum(axis=1), signed)
    assert np.array_equal(found.learned.sum(axis=1), found.histories)
    assert np.array_equal(signed, found.transitions[:, TRANSITIONS.index("text_signed")])
    assert np.all(found.signed_in[:, 55:] == 0)  # the text may be signed until month 54


def test_threads_change_no_bit():
    """One thread, two threads, and draws in another order of work give one tally."""
    task, plan = crowd(36)
    one, two = tallied(Compiled(1), task, plan, (0, 64)), tallied(Compiled(2), task, plan, (0, 64))
    pieces = [Compiled(1).piece(task, plan, range(at, at + 1), (0, 64)) for at in reversed(range(task.draws))]

    same(one, two)
    same(one, tally.merged(pieces[::-1]))


@pytest.mark.parametrize("width", [1, 7, 64])
def test_widths_and_pieces_change_no_bit(width):
    """Histories run 1, 7 or 64 side by side, in pieces that are joined, are those of one run."""
    task, plan = crowd(36)
    engine = Compiled(2)
    pieces = [(at, at + width) for at in range(0, 448, width)] if width > 1 else [(0, 431), (431, 448)]
    parts = [tallied(engine, task, plan, piece) for piece in pieces]
    whole = parts[0]
    for part in parts[1:]:
        whole = tally.join(whole, part)

    assert {flat.width_for(last - first) for first, last in pieces} >= {width}
    same(whole, tallied(engine, task, plan, (0, 448)))


def mirrored(scene: Scenario, plan: Schedule) -> tuple[Scenario, Schedule]:
    """The same people in another order, and the sides each in the other's place."""
    order = np.arange(len(scene.keys))[::-1]
    place = np.argsort(order)

    def text(terms: Terms) -> Terms:
        return terms._replace(
            threshold=terms.threshold[order], deterrence=terms.deterrence[order][:, order],
            deterrence_bare=terms.deterrence_bare[order], assistance=terms.assistance[order],
            strikes=terms.strikes[::-1],
        )  # fmt: skip

    single = ("truth", "truth_doubt", "person", "wrecking", "veto", "veto_implementation")
    double = ("prior", "stores", "flags")
    bank = scene.bank._replace(truster=place[scene.bank.truster], trustee=place[scene.bank.trustee])
    other = scene._replace(
        keys=tuple(scene.keys[k] for k in order), side_keys=scene.side_keys[::-1],
        party=1 - scene.party[order], terms=text(scene.terms), bank=bank,
        **{name: getattr(scene, name)[order] for name in single},
        **{name: getattr(scene, name)[order][:, order] for name in double},
    )  # fmt: skip
    events = tuple(
        event._replace(truster=int(place[event.truster]), trustee=int(place[event.trustee]))
        for event in plan.events
    )
    return other, plan._replace(events=events, texts=tuple(text(terms) for terms in plan.texts))


@pytest.mark.parametrize("engine", [Plain(), Compiled(1)], ids=["plain", "compiled"])
def test_a_mirror_mirrors(engine):
    """Swapping the two sides, with their keys, changes no count: neither side is favoured, nor any order."""
    task, plan = crowd(36)
    scene, swapped = mirrored(task.scenario, plan)
    found = tallied(engine, task, plan, (0, 40))
    other = tallied(engine, Task(scene, SEED, 8, 36, task.horizon), swapped, (0, 40))

    for name in EXACT:
        assert np.array_equal(getattr(found, name), getattr(other, name)), name
    assert np.abs(found.trust - other.trust).max() <= 1


# ---- single precision --------------------------------------------------------------------------


def test_single_precision_stores_hold_levels():
    """Under the same facts for five years levels of belief differ by less than 1e-4 from those in double."""
    council = Council(2, seed=6)
    scene, plan = council.scenario(), council.plan()
    scene = scene._replace(rules={**scene.rules, "offer_rate": np.zeros(2)})
    plan = plan._replace(events=tuple(event for event in plan.events if event.kind < 2))
    double, single = (
        blocks(scene, plan, 2, 32, 60, 0, driver=compiled_lanes(), store=store)
        for store in (np.float64, np.float32)
    )
    apart = [np.abs(level(one) - level(other)).max() for one, other in zip(double, single, strict=True)]

    for one, other in zip(double, single, strict=True):
        assert np.array_equal(one.counts, other.counts)
        assert one.counts[:3].min() > 50
        assert other.lane.stores.dtype == np.float32
    assert 0 < max(apart) < 1e-4


def test_single_precision_changes_few_histories():
    """Of 512 histories at most three end, or are signed, otherwise with stores in single precision."""
    task, plan = crowd(60)
    double, single = (tallied(Compiled(1, store), task, plan, (0, 64)) for store in (np.float64, np.float32))

    for name in ("states", "signed_in", "ended_in", "learned"):
        assert np.abs(getattr(double, name) - getattr(single, name)).sum() / 2 <= 3, name
    assert np.abs(double.trust - single.trust).max() < 1e-4 * 64 / tally.UNIT


# ---- one history through all drivers -----------------------------------------------------------

SIXTEENTHS = 487  # of a day, in a month of 365.25 / 12 days
CONDUCT = (  # month, facet, sign, weight, size of gesture; weights are exact in single precision
    (1, 1, 0, 0.5, 0.5), (1, 1, 1, 0.25, 0.0), (2, 2, 0, 0.75, 0.0), (3, 0, 0, 0.5, 0.0), (3, 0, 1, 0.125, 0.0),
    (5, 3, 0, 0.375, 0.0), (5, 1, 0, 1.0, 0.25), (6, 2, 1, 0.5, 0.0), (9, 3, 1, 0.25, 0.0), (9, 1, 0, 0.75, 0.75),
    (9, 0, 1, 0.625, 0.0), (12, 2, 0, 1.0, 0.0), (12, 1, 1, 1.0, 0.0), (13, 1, 0, 0.25, 0.0),
)  # fmt: skip
MONTHS = 14
PRIOR = (0.5, -0.25, 0.75, -0.5)


def by_follow() -> np.ndarray:
    """The driver of a reading."""

    def one(value: float) -> np.ndarray:
        return np.array([float(value)])

    days = []
    for month in range(1, MONTHS + 1):
        pushes = [
            Push(0, facet, sign, 0, int(size > 0), one(weight), one(1), one(size), one(0), one(0), 0, 0)
            for now, facet, sign, weight, size in CONDUCT if now == month
        ]  # fmt: skip
        attack = Push(0, INTENTION, 1, 0, 2, one(1), one(1), one(0), one(0), one(0), 0, 0)
        days.append(Day(month * SIXTEENTHS, (), [*pushes, attack], ()))
    rules = Parameters(HALF[:, :, None] * 16, one(12 * 16), one(0.5), one(0.4))
    state = follow(begin(np.array(PRIOR)[:, None], 0), days, MONTHS * SIXTEENTHS, (), rules)
    return levels(state)[:, 0]


def by_stream() -> np.ndarray:
    """The driver of many beliefs under one stream of evidence."""
    stream = kernels.stream()
    lam = 1.0
    rows = [
        (month, facet, 1 - 2 * sign, weight / (size * lam) if size else weight, size)
        for month, facet, sign, weight, size in CONDUCT
    ] + [(month, INTENTION, 0, 1.0, 0.0) for month in range(1, MONTHS + 1)]
    month, facet, sign, weight, size = map(np.array, zip(*sorted(rows), strict=True))
    assert np.array_equal(weight.astype(np.float32) * size, weight * size)
    nothing = np.zeros(len(month), np.float32)
    table = stream.Rows(
        np.zeros(len(month), np.int32), facet.astype(np.int8), (month * SIXTEENTHS).astype(np.int32),
        sign.astype(np.int8), weight.astype(np.float32), size.astype(np.float32), nothing, nothing,
    )  # fmt: skip
    rules = stream.Rules(np.ones((2, 4)), HALF * 365.25 * 16, lam, 0.5)
    state = stream.begin(np.array([PRIOR]), 0)
    stream.follow(state, table, rules)
    return stream.levels_on(state, MONTHS * SIXTEENTHS, rules)[0]


def simulated() -> tuple[Scenario, Schedule]:
    """The same conduct as the plan of a simulation in which spoilers strike every month."""
    prior = np.zeros((2, 2, 4))
    prior[0, 1] = PRIOR
    strikes = np.array([[0.0, 0.0], [1.0, 1.0]])
    rules = QUIET | {"offer_rate": 0.0}
    events = [
        Event(month, FACT, "c", "c", np.ones(1), 0, 1, facet, sign, 0, np.full(1, weight), np.full(1, size))
        for month, facet, sign, weight, size in CONDUCT
    ]
    return scenario(rules=rules, prior=prior, strikes=strikes), Schedule(tuple(events))


def by_rollout() -> np.ndarray:
    """The plain driver of the simulation."""
    scene, plan = simulated()
    held = run(scene, MONTHS, chances(SEED, 1), plan).stores[0, 1, :, :, :, 0].sum(axis=2)
    return np.array(PRIOR) + held[:, 0] - held[:, 1]


def by_lanes(store: type = np.float64, *, compiled: bool = True) -> np.ndarray:
    """The lanes."""
    driver = compiled_lanes() if compiled else lanes
    scene, plan = simulated()
    block, _ = blocks(scene, plan, 2, 1, MONTHS, MONTHS, driver=driver, store=store)
    return level(block)[block.stage.belief[0, 1], :, 0]


def test_one_history_through_all_drivers():
    """One sequence of monthly facts and attacks moves one belief alike: 1e-9 in double, 1e-4 in single precision."""
    plain = by_follow()

    assert np.abs(plain - PRIOR).min() > 0.05
    assert by_stream() == pytest.approx(plain, abs=1e-9)
    assert by_rollout() == pytest.approx(plain, abs=1e-9)
    assert by_lanes(compiled=False) == pytest.approx(plain, abs=1e-9)
    assert by_lanes() == pytest.approx(plain, abs=1e-9)
    assert by_lanes(np.float32) == pytest.approx(plain, abs=1e-4)


# ---- closed forms ------------------------------------------------------------------------------

MANY = 100_000


def near(found: float, expected: float, trials: int = MANY) -> bool:
    """Is a share within 4 standard errors?"""
    return abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / trials)


def of_many(scene: Scenario, months: int) -> tally.Tally:
    """What became of 100,000 histories of two draws alike."""
    found = tallied(Compiled(), Task(scene, 3, 2, months, months), NOTHING, (0, MANY // 2))
    return tally.Tally(*(item.sum(axis=0) for item in found))


@pytest.mark.parametrize("multiplier", [0.59, 1.0, 1.55])
def test_durations_agree_with_the_closed_form_compiled(multiplier):
    """No moves, facts or spoilers and learning frozen: F(T) of the keep index, within 4 standard errors."""
    capacity = float(np.log(0.6 / 0.4))
    found = of_many(scenario(capacity, rules=QUIET, multiplier=multiplier), 120)
    trust = ledger.trust(np.array([capacity, SURE, SURE, SURE]), 0.0)
    kept = trust[0] * trust[1] * (1 - 0.6 * (1 - trust[2])) * (1 - 0.25 * (1 - trust[3]))

    assert found.signed_in[1] == MANY
    for years in (1, 5, 10):
        failed = found.ended_in[: 12 * years + 1].sum() / MANY
        assert near(failed, durability.failure(years, multiplier, kept, 0.6, 1.5, 0.0))
        assert abs(failed - durability.failure(years, multiplier, 0.6, 0.6, 1.5, 0.0)) < 0.05


def test_signing_agrees_with_the_closed_form_compiled():
    """Offered at a rate to those who accept it, the text is signed by month T with chance 1 - (1 - rate)^T."""
    found = of_many(scenario(rules=QUIET | {"offer_rate": 0.07}), 24)

    for months in (1, 6, 24):
        assert near(found.signed_in[: months + 1].sum() / MANY, 1 - (1 - 0.07) ** months)


def test_talks_agree_with_the_closed_form_compiled():
    """Refused for ever, talks are broken off with the chance of the two-state chain."""
    rates = {"offer_rate": 0.4, "break_rate": 0.3, "resume_rate": 0.2}
    found = of_many(scenario(rules=QUIET | rates, threshold=np.full(2, 9.0)), 10)
    broken = 0.4 * 0.3
    expected = broken / (broken + 0.2) * (1 - (1 - broken - 0.2) ** 10)

    assert near(found.states[1] / MANY, expected)


def test_rates_are_met_compiled():
    """Turnover, facts, attacks and obligations happen, and are kept, as often as their rates say."""
    scene = scenario(
        0.0, rules=QUIET | {"office_rate": 0.05, "fact_rate": 1.4, "obligation_rate": 0.3}, multiplier=1e-9,
        strikes=np.array([[0.0, 0.11], [0.0, 0.02]]), steps=99.0, bank=Council(1, party=(0, 1), person=(1, 1)).bank(),
    )  # fmt: skip
    months = 4
    count = dict(zip(TRANSITIONS, of_many(scene, months).transitions, strict=True))
    trust = ledger.trust(np.array([0.0, SURE, SURE, SURE]), 0.0)
    kept = trust[0] * trust[1] * (1 - 0.6 * (1 - trust[2])) * (1 - 0.25 * (1 - trust[3]))
    due = count["obligation_kept"] + count["obligation_broken"]

    assert near(count["office_changes"] / (2 * months * MANY), 1 - np.exp(-0.05), 2 * months * MANY)
    assert near(count["facts_arise"] / (months * MANY) - 1, 0.4, months * MANY)
    after = (months - 1) * MANY  # months that begin with a signed text
    mean, spread_ = 0.11 + 0.02, 0.11 * 0.89 + 0.02 * 0.98
    assert abs(count["spoilers_strike"] / after - mean) < 4 * np.sqrt(spread_ / after)
    assert near(due / (2 * after), 0.3, 2 * after)
    assert near(count["obligation_kept"] / due, kept, due)


# ---- meetings ----------------------------------------------------------------------------------


def met(before: float, reads: float) -> tuple[Scenario, Schedule]:
    """One meeting, in which one reads the face of another who is, in truth, as he believes."""
    prior = np.zeros((2, 2, 4))
    prior[0, 1, INTENTION] = before
    truth = np.zeros((2, 4))
    truth[1, INTENTION] = before
    rules = QUIET | {"offer_rate": 0.0, "hawk": 0.0}
    meeting = Event(1, MEETING, "m", "m", np.ones(1), 0, 1, weight=np.full(1, reads))
    return scenario(prior=prior, truth=truth, rules=rules), Schedule((meeting,))


def after_meeting(before: float, reads: float, *, compiled: bool) -> np.ndarray:
    """What he believes of the other's intention afterwards in 100,000 histories."""
    scene, plan = met(before, reads)
    if not compiled:
        return beliefs(scene, run(scene, 1, chances(SEED, MANY), plan))[0, 1, INTENTION]
    both = blocks(scene, plan, 2, MANY // 2, 1, 1, driver=compiled_lanes())
    levels_held = np.concatenate([level(block)[block.stage.belief[0, 1], INTENTION] for block in both])
    return ledger.trust(levels_held, 0.0)


@pytest.mark.parametrize("compiled", [False, True], ids=["plain", "compiled"])
@pytest.mark.parametrize("before", [-1.5, 0.0, 2.0])
def test_meetings_keep_the_mean_of_belief_and_spread_it(before, compiled):
    """With truth as the observer believes, reading a face leaves mean belief (.005) and spreads it, better reading more."""
    spreads = []
    for reads in (0.0, 0.3, 0.8, 1.5):
        found = after_meeting(before, reads, compiled=compiled)
        assert abs(found.mean() - ledger.trust(before, 0.0)) < 0.005
        spreads.append(found.std())

    assert spreads[0] < 1e-12
    assert spreads == sorted(spreads)
    assert np.diff(spreads).min() > 0.02
