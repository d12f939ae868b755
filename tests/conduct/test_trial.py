"""The harness: origins, scores, intervals, and that leaks are found where there are some."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest

from goodoffices.conduct import resampling, trial
from goodoffices.conduct.acts import before, taken
from goodoffices.conduct.baselines import BaseRate, Boosting, Lags, MultiScale, Share
from goodoffices.conduct.blind import looks_ahead, shuffled_dates, shuffled_signs
from goodoffices.conduct.origins import Origins, Split, parts
from goodoffices.conduct.ratings import Elo, Glicko2
from goodoffices.core.scoring import log_loss
from goodoffices.errors import UsageError
from tests.conduct.making import FIRST, acts_of, habits

DAY = date.fromordinal(FIRST)
QUICK = Boosting(settings=(("max_iter", 20), ("early_stopping", False), ("random_state", 0)))


@pytest.fixture(scope="module")
def acts():
    return habits(3000, late=4)


# -- origins --------------------------------------------------------------------------------------


def test_a_split_asks_about_the_last_part_of_the_acts(acts):
    """The first 80% are not asked about, the rest is, and the day that the split cuts is not learnt from."""
    (part,) = parts(acts, Split(share=0.8))

    assert list(part.asked) == list(range(2400, 3000))
    assert part.day == acts.day[2400]
    assert (before(acts, part.day).day < acts.day[2400]).all()


def test_rolling_origins_expand_and_look_as_far_as_they_say(acts):
    """Each origin asks about the acts of its horizon and learns from more than the one before."""
    found = parts(acts, Origins(origin=date.fromordinal(FIRST + 200), horizon=30, stride=45, count=4))
    learnt = [len(before(acts, part.day).day) for part in found]

    assert [part.day - FIRST for part in found] == [200, 245, 290, 335]
    assert learnt == sorted(set(learnt))
    for part in found:
        days = acts.day[part.asked]
        assert list(part.asked) == list(np.flatnonzero((acts.day >= part.day) & (acts.day < part.day + 30)))
        assert days.min() >= part.day


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (lambda: Split(share=1.0), "between 0 and 1"),
        (lambda: Split(share=0.0), "between 0 and 1"),
        (lambda: Split(share=0.00001), "too few"),
        (lambda: Origins(origin=DAY, horizon=0, stride=1, count=1), "horizon"),
        (lambda: Origins(origin=DAY, horizon=10, stride=1, count=1), "nothing to fit"),
        (
            lambda: Origins(origin=date.fromordinal(FIRST + 300), horizon=30, stride=30, count=37),
            "fewer origins",
        ),
    ],
)
def test_a_schedule_that_leaves_nothing_is_refused(acts, design, words):
    """Nothing is left out silently: an empty part, or one beyond the data, is a sentence."""
    with pytest.raises(UsageError, match=words):
        parts(acts, design())


def test_what_became_known_after_an_origin_is_not_learnt_from():
    """A planted act that happened long before, and became known only after the origin, changes no forecast."""
    rows = [(k, 0, 1, 2.0 if k % 3 else -2.0) for k in range(60)]
    planted = [*rows, *[(10, 0, 1, -9.0)] * 50]
    late = [0] * 60 + [200] * 50
    one, other = acts_of(rows, ["A", "B"]), acts_of(planted, ["A", "B"], late)
    found = []
    for acts in (one, other):
        (part,) = parts(acts, Origins(origin=date.fromordinal(FIRST + 40), horizon=20, stride=1, count=1))
        found.append(list(trial.forecast_part(Share(name="s"), acts, part)))

    assert found[0] == found[1]


# -- leaks ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cheats:
    """A forecaster that sees further than it may, by some days: 0 its own day, -1 nothing."""

    ahead: int = 0
    name: str = "cheats"

    def fit(self, _acts, _day):
        return self

    def forecast(self, acts, asked):
        found = []
        for place in np.arange(len(acts.day))[asked]:
            same = (acts.actor == acts.actor[place]) & (acts.target == acts.target[place])
            seen = same & (np.maximum(acts.known, acts.day) <= acts.day[place] + self.ahead)
            found.append((acts.good[seen].sum() + 0.5) / (seen.sum() + 1.0))
        return np.array(found)


@dataclass(frozen=True)
class Peeks(Cheats):
    """A forecaster that looks at the very act."""

    def forecast(self, acts, asked):
        return np.where(acts.good[asked], 0.99, 0.01)


@dataclass(frozen=True)
class Backdated(Cheats):
    """A forecaster that counts acts from the day they happened, not from the day they were known."""

    def forecast(self, acts, asked):
        return Share(name="s", rate=0.6).forecast(acts._replace(known=acts.day), asked)


@pytest.mark.parametrize(
    "model", [Cheats(0), Cheats(1), Peeks(), Backdated()], ids=lambda m: type(m).__name__
)
def test_a_forecaster_that_looks_ahead_is_caught(model, acts):
    """Looking at its own day, at the next one, at the act itself, or at what was not known yet."""
    (part,) = parts(acts, Split())

    assert looks_ahead(trial.fitted_at(model, acts, part), acts, part, seed=1, many=6).moved


@pytest.mark.parametrize(
    "model",
    [BaseRate(), Share(name="s", half_life=30.0), Elo(), Glicko2(), Lags(), MultiScale(), Cheats(-1)],
    ids=lambda model: model.name,
)
def test_an_honest_forecaster_is_not_caught(model, acts):
    """Forecasts of forecasters that keep their promise do not move by anything."""
    (part,) = parts(acts, Split())
    found = looks_ahead(trial.fitted_at(model, acts, part), acts, part, seed=1, many=6)

    assert (len(found.days), found.moved, found.most < 1e-12) == (6, (), True)


def losses(acts, models):
    (part,) = parts(acts, Split())
    came = acts.good[part.asked].astype(float)
    return {model.name: log_loss(trial.forecast_part(model, acts, part), came) for model in models}


def test_with_shuffled_signs_all_skill_is_gone(acts):
    """Nothing beats the base rate once signs are shuffled among acts, while much does before."""
    pytest.importorskip("sklearn")
    models = [BaseRate(), Share(name="s", half_life=30.0), Elo(), Lags(), MultiScale(), QUICK]
    before_, after = losses(acts, models), losses(shuffled_signs(acts, 3), models)

    for model in models[1:]:
        assert before_[model.name] < before_["base-rate"] - 0.01, model.name
        assert after[model.name] > after["base-rate"] - 0.004, model.name


def test_with_shuffled_dates_the_skill_of_time_is_gone():
    """A weighted share beats the pair's frequency where habits turn, and no more once dates are shuffled."""
    acts = habits(6000, turn=60)
    models = [Share(name="ever"), Share(name="lately", half_life=20.0)]
    true, shuffled = losses(acts, models), losses(shuffled_dates(acts, 3), models)

    assert true["lately"] < true["ever"] - 0.02
    assert shuffled["lately"] > shuffled["ever"] - 0.002


def test_a_forecaster_is_shown_no_day_after_the_last_one_asked(acts):
    """What is handed in ends with the day of the last act asked about, and to fit with the day before the origin."""
    seen = {}

    @dataclass(frozen=True)
    class Looks(Cheats):
        def fit(self, some, _day):
            seen["fit"] = some
            return self

        def forecast(self, some, asked):
            seen["ask"] = some
            return np.full(len(some.day[asked]), 0.5)

    (part,) = parts(acts, Origins(origin=date.fromordinal(FIRST + 200), horizon=30, stride=1, count=1))
    trial.forecast_part(Looks(), acts, part)

    assert np.maximum(seen["fit"].known, seen["fit"].day).max() < part.day
    assert seen["ask"].day.max() == acts.day[part.asked[-1]]


def test_what_is_no_chance_is_refused(acts):
    """A forecast that is NaN or beyond 1 stops the run with the model's name."""

    @dataclass(frozen=True)
    class Broken(Cheats):
        def forecast(self, some, asked):
            return np.full(len(some.day[asked]), np.nan)

    with pytest.raises(UsageError, match="cheats"):
        trial.forecast_part(Broken(), acts, parts(acts, Split())[0])


# -- intervals ------------------------------------------------------------------------------------


def test_intervals_hold_what_they_say():
    """Where blocks are single acts 90% intervals of a mean hold it about nine times in ten."""
    rng = np.random.default_rng(5)
    held = 0
    for time in range(200):
        values, block = rng.normal(size=(80, 1)), np.arange(80)
        (found,) = resampling.intervals(values, resampling.Blocks(block, block), time, 200)
        held += found.lo <= 0.0 <= found.hi

    assert 0.83 <= held / 200 <= 0.96


def test_blocks_that_move_together_widen_an_interval():
    """Acts of one pair that are alike count as little more than one, and the wider blocks are named."""
    rng = np.random.default_rng(6)
    pair = np.repeat(np.arange(30), 50)
    values = (rng.normal(size=30)[pair] + 0.1 * rng.normal(size=1500))[:, None]
    weeks = rng.integers(0, 40, 1500)
    (found,) = resampling.intervals(values, resampling.Blocks(pair, weeks), 1)

    assert found.by == "pairs"
    assert found.hi - found.lo == pytest.approx(2 * 1.645 * values.std() / np.sqrt(30), rel=0.25)


def test_a_difference_is_paired():
    """What is hard for both forecasters does not blur their difference, and turned it has the other sign."""
    rng = np.random.default_rng(7)
    hard, block = rng.exponential(size=400) * 3, np.arange(400)
    blocks = resampling.Blocks(block, block)
    found = resampling.difference(hard + 0.1, hard, blocks, 1)
    turned = resampling.difference(hard, hard + 0.1, blocks, 1)

    assert (found.lo, found.hi) == (pytest.approx(0.1), pytest.approx(0.1))
    assert turned.mean == pytest.approx(-found.mean)


# -- scores ---------------------------------------------------------------------------------------


def test_results_by_group_add_up_to_those_over_all(acts):
    """Groups of one sort share out the acts asked about, and their mean loss is the whole one's."""
    split = parts(acts, Split())
    asked = split[0].asked
    came = acts.good[asked].astype(float)
    forecasts = {m.name: trial.forecast_part(m, acts, split[0]) for m in (BaseRate(), Share(name="s"))}
    regions = dict.fromkeys(acts.parties.names[:5], "north")
    groups = trial.groups_of(acts, split, regions)
    found = trial.results(forecasts, came, trial.blocks_of_parts(acts, split), groups, seed=1)

    assert {group.by for group in groups} == {"activity", "kind", "quad", "region"}
    for result in found:
        for by, some in result.groups.items():
            assert sum(one.n for one in some.values()) == len(asked), by
            total = sum(one.n * one.log_loss for one in some.values()) / len(asked)
            assert total == pytest.approx(result.scores.log_loss)
        assert result.log_loss_interval[0] < result.scores.log_loss < result.log_loss_interval[1]


def test_activity_counts_what_was_known_before_the_origin(acts):
    """The activity of a pair is the number of its acts that were known before the origin."""
    split = parts(acts, Origins(origin=date.fromordinal(FIRST + 200), horizon=30, stride=60, count=2))
    found, k = trial.activity(acts, split), 0
    for part in split:
        past = before(acts, part.day)
        for place in part.asked[:40]:
            same = (past.actor == acts.actor[place]) & (past.target == acts.target[place])
            assert found[k + np.flatnonzero(part.asked == place)[0]] == same.sum()
        k += len(part.asked)


def test_every_two_models_are_compared_once(acts):
    """The difference is that of the two log losses, and it is found from either side."""
    split = parts(acts, Split())
    came = acts.good[split[0].asked].astype(float)
    models = (BaseRate(), Share(name="s"), Elo())
    forecasts = {m.name: trial.forecast_part(m, acts, split[0]) for m in models}
    found = trial.compared(forecasts, came, trial.blocks_of_parts(acts, split), seed=1, draws=50)

    assert len(found) == 3
    for one in found:
        apart = log_loss(forecasts[one.model], came) - log_loss(forecasts[one.baseline], came)
        assert one.log_loss == pytest.approx(apart)
        assert one.turned.log_loss == -one.log_loss
        assert one.lo <= one.log_loss <= one.hi


def test_mirrored_names_mirror_scores(acts):
    """Renamed parties leave every score as it was: no name counts for anything."""
    turn = np.roll(np.arange(len(acts.parties.names)), 3).astype(np.int32)
    turned = taken(acts._replace(actor=turn[acts.actor], target=turn[acts.target]), slice(None))
    models = [Share(name="s"), replace(Elo(), most=16.0), MultiScale()]

    assert losses(acts, models) == pytest.approx(losses(turned, models), abs=1e-9)


@pytest.mark.parametrize(("horizon", "stride", "count"), [(10**9, 1, 1), (3, 1, 10**9), (30, 10**9, 3)])
def test_a_schedule_beyond_a_century_is_refused(horizon, stride, count):
    """An absurd number is one sentence with what would be right, before any day is reckoned with."""
    with pytest.raises(UsageError, match="at most 36525"):
        Origins(origin=DAY, horizon=horizon, stride=stride, count=count)
