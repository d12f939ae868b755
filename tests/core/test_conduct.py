"""The compiled records of acts against the rules as they stand, and the gradient against differences."""

import numpy as np
import pytest

pytest.importorskip("numba")

from goodoffices.compute import kernels
from goodoffices.conduct.model import Follower, Model, Recipe
from goodoffices.conduct.numbering import Numbering
from goodoffices.conduct.parts import PARTS
from goodoffices.core import records
from tests.conduct.two_typed import acts_from, two_typed

DRIVER = kernels.prepared("goodoffices.core.conduct", "a test")
RECIPE = Recipe()
LIVES, PART = len(RECIPE.half_lives), len(PARTS)


def plain(acts, recipe=RECIPE):
    """The features of every act, one cell at a time, by the rules of core/records.py in float64."""
    place = Numbering().places(acts).astype(int)
    start = np.array([recipe.start[part.name] for part in PARTS])
    half = np.array([*recipe.half_lives] * 2 + [recipe.effect_half_life, recipe.effect_half_life / 2])
    cells, since = {}, {}

    def at(own, day):
        held = cells.setdefault(own, np.zeros(8))
        return held * np.exp2(-(day - since.get(own, day)) / half)

    def take_in(act):
        day, late = acts.known[act], acts.known[act] - acts.day[act]
        mine = [at(own, day) for own in place[act]]
        variance = sum(start[k] + one[7] for k, one in enumerate(mine))
        chance = records.expected(sum(one[6] for one in mine), variance)
        told = records.shared(chance, variance)
        fresh, good = np.exp2(-late / half), bool(acts.good[act])
        for k, own in enumerate(place[act]):
            one = at(own, day)
            one[:LIVES] += (1 if good else -1) * fresh[:LIVES]
            one[LIVES : 2 * LIVES] += fresh[:LIVES]
            spread = start[k] + one[7]
            one[6] += records.gain(spread, (good - chance) * fresh[6], told)
            one[7] -= records.narrowed(spread, chance, told) * fresh[7]
            cells[own], since[own] = one, day

    order, done, found = np.argsort(acts.known, kind="stable"), 0, []
    for act in range(len(acts.day)):
        while done < len(order) and acts.known[order[done]] < acts.day[act]:
            take_in(order[done])
            done += 1
        leanings = np.zeros((2, PART, 2, LIVES))
        for k, own in enumerate(place[act]):
            for side, key in enumerate((own, own ^ 1)):
                held = at(key, acts.day[act])
                leanings[:, k, side] = records.leaning(held[:LIVES], held[LIVES : 2 * LIVES], 0.5, 5.0)
        found.append([*leanings.reshape(-1), *(at(own, acts.day[act])[6] for own in place[act])])
    return np.array(found)


def late():
    """Acts of which some became known days after they happened."""
    rng = np.random.default_rng(3)
    rows = [(735000 + int(d), int(a), int(a + 1 + rng.integers(0, 4)) % 6, float(v), 735000 + int(d) + int(k))
            for d, a, v, k in zip(rng.integers(0, 60, 300), rng.integers(0, 6, 300),
                                  rng.choice([4.0, -5.0], 300), rng.choice([0, 0, 3, 20], 300), strict=True)]  # fmt: skip
    return acts_from(rows, 6)


@pytest.mark.parametrize("acts", [two_typed(actors=4, days=12), late()], ids=["at once", "late"])
def test_features_are_those_of_the_rules(acts):
    """The compiled pass gives what the rules give one cell at a time, late acts included."""
    found = Follower(DRIVER, RECIPE).features(acts)
    assert np.abs(found - plain(acts)).max() < 2e-4
    assert np.abs(found).max() > 0.5


def test_gradient_against_differences():
    """The gradient that the pass adds up is the slope of the loss that it gives."""
    acts, rng = two_typed(actors=5, days=20), np.random.default_rng(1)
    weights = rng.normal(0, 0.3, PART * (4 * LIVES + 1))

    def loss(moved, base):
        model = Model(recipe=RECIPE, base=base, weights=moved)
        return Follower(DRIVER, RECIPE).value(acts, model)

    _value, gradient, chances = loss(weights, 0.2)
    good = acts.good.astype(float)
    assert _value == pytest.approx(-np.sum(np.log(np.where(acts.good, chances, 1 - chances))), rel=1e-6)
    assert gradient[-1] == pytest.approx(np.sum(chances - good), rel=1e-5)
    for cell in (0, 7, 64, 98, 103):
        step = np.zeros_like(weights)
        step[cell] = 1e-2
        slope = (loss(weights + step, 0.2)[0] - loss(weights - step, 0.2)[0]) / 2e-2
        assert gradient[cell] == pytest.approx(slope, rel=2e-3, abs=2e-2)


def test_same_day_acts_do_not_see_one_another():
    """What acts of one day were is unknown to all of them."""
    acts = two_typed(actors=4, days=15)
    day = int(acts.day[len(acts.day) // 2])
    turned = acts._replace(value=np.where(acts.day == day, -acts.value, acts.value))
    before, after = (Follower(DRIVER, RECIPE).features(one) for one in (acts, turned))
    until = acts.day <= day
    assert (before[until] == after[until]).all()
    assert (before[~until] != after[~until]).any()


def test_streaming_day_by_day_equals_one_pass():
    """Batches of whole days, taken in one after the other, leave the same records bit by bit."""
    acts = two_typed(actors=6, days=25)
    whole, bit = Follower(DRIVER, RECIPE), Follower(DRIVER, RECIPE)
    whole.take_in(acts)
    for day in np.unique(acts.day):
        rows = acts.day == day
        bit.take_in(type(acts)(*(column[rows] for column in acts[:-1]), acts.parties))
    pairs, at = [("p000", "p001"), ("p003", "p002"), ("p005", "p000")], int(acts.day[-1]) + 5
    assert (whole.look(pairs, at)[0] == bit.look(pairs, at)[0]).all()


def test_an_act_tells_less_the_more_effects_share_it():
    """What an act tells is divided: no effect moves by more than its own variance would by itself."""
    chance = 0.7
    alone, shared = records.shared(chance, 0.3), records.shared(chance, 3.0)
    assert shared < alone < 1.0
    assert records.gain(0.3, 0.3, shared) < records.gain(0.3, 0.3, alone)
    assert records.narrowed(0.3, chance, alone) < 0.3
    assert records.expected(2.0, 8.0) == pytest.approx(1 / (1 + np.exp(-2.0 / (1 + np.pi) ** 0.5)))


def test_leanings_of_hand_made_counts():
    """Three good acts and one bad: 2 of 4.5, and 2 of 9; nothing seen is zero."""
    assert records.leaning(2.0, 4.0, 0.5, 5.0) == pytest.approx((2 / 4.5, 2 / 9))
    assert records.leaning(0.0, 0.0, 0.5, 5.0) == (0.0, 0.0)
