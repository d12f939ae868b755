"""The model of conduct: parts that add up, nothing of the future, nobody favoured, nobody named."""

import json
from importlib.resources import files

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("duckdb")

from goodoffices import ConductModel
from goodoffices.conduct.acts import before, kept, taken, tidy
from goodoffices.conduct.model import Conduct, Model, Recipe, chances, contributions, fitted
from goodoffices.conduct.parts import PARTS
from goodoffices.core.scoring import log_loss
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.store.tables import countries
from goodoffices.workbench.conduct_model import driver, read_model, shipped
from tests.conduct.two_typed import acts_from, two_typed


@pytest.fixture(scope="module")
def acts():
    return two_typed(actors=8, days=60)


@pytest.fixture(scope="module")
def model(acts):
    return fitted(driver(), Recipe(), before(acts, int(acts.day[int(0.8 * len(acts.day))])))


def test_contributions_add_up_exactly(acts, model):
    """The parts and the base are the log-odds, to the last figures of a float."""
    own = ConductModel(model).read(acts)
    for one in own.predict():
        odds = one.base + sum(one.why.values())
        assert odds == pytest.approx(np.log(one.p / (1 - one.p)), abs=1e-9)
    assert set(one.why) == {part.name for part in PARTS}


def test_parts_are_those_of_the_features(acts, model):
    """A weight on one part moves the contribution of this part alone."""
    features = np.random.default_rng(1).normal(size=(3, len(model.weights)))
    told = model.to_dict()
    told["weights"]["roles"] = [2 * w for w in told["weights"]["roles"]]
    was, now = (contributions(one, features) for one in (Model.of(model.to_dict()), Model.of(told)))
    assert np.allclose(now[:, 3], 2 * was[:, 3])
    assert (np.delete(now, 3, axis=1) == np.delete(was, 3, axis=1)).all()


def test_better_than_the_base_rate_and_than_chance_of_a_shuffle(acts, model):
    """On two hidden types it learns; with signs dealt out at random it finds nothing."""
    cut = int(0.8 * len(acts.day))
    good = acts.good[cut:].astype(float)
    rate = np.full(len(good), acts.good[:cut].mean())
    assert log_loss(chances(driver(), model, acts)[cut:], good) < log_loss(rate, good) - 0.02
    dealt = acts._replace(value=np.random.default_rng(2).permutation(acts.value))
    blank = fitted(driver(), Recipe(), taken(dealt, slice(0, cut)))
    good = dealt.good[cut:].astype(float)
    assert log_loss(chances(driver(), blank, dealt)[cut:], good) > log_loss(rate, good) - 0.005


def test_forecasts_do_not_see_the_future(acts, model):
    """Everything after a day may change: what was forecast by that day does not."""
    day = int(acts.day[len(acts.day) // 2])
    turned = acts._replace(value=np.where(acts.day >= day, -acts.value, acts.value))
    one, other = (chances(driver(), model, some) for some in (acts, turned))
    assert (one[acts.day <= day] == other[acts.day <= day]).all()
    assert (one[acts.day > day] != other[acts.day > day]).any()


def test_late_reports_count_from_the_day_on_which_they_were_known():
    """An act of May that is known in July moves no forecast of June."""
    rows = [(735000 + k, k % 3, (k + 1) % 3, 4.0 if k % 4 else -5.0) for k in range(80)]
    soon = acts_from([(*row, row[0]) for row in rows] + [(735020, 0, 1, -9.0, 735020)], 3)
    late = acts_from([(*row, row[0]) for row in rows] + [(735020, 0, 1, -9.0, 735060)], 3)
    model = fitted(driver(), Recipe(), soon)
    one, other = (chances(driver(), model, some) for some in (soon, late))
    between = (soon.day > 735020) & (soon.day <= 735060)
    assert (one[between] != other[between]).any()
    without = acts_from([(*row, row[0]) for row in rows], 3)
    plain = chances(driver(), model, without)
    own = int(np.flatnonzero(late.known > late.day)[0])
    assert (np.delete(other, own)[:60] == plain[:60]).all()
    assert (np.delete(other, own)[61:] != plain[61:]).any()


def test_an_unknown_pair_gets_the_pool_with_more_doubt(acts, model):
    """Whom nobody reported of is forecast from everybody, labelled so, and less surely."""
    own = ConductModel(model).read(acts)
    known, unknown = own.predict(pairs=[("p000", "p001"), ("Nobody", "No one")])
    assert unknown.pooled
    assert not known.pooled
    assert unknown.hi - unknown.lo > known.hi - known.lo
    assert 0.0 < unknown.p < 1.0


def test_the_model_that_ships_names_nobody():
    """It holds numbers of the population: no actor, country or region in it."""
    text = files("goodoffices.data").joinpath("conduct", "model.json").read_text(encoding="utf-8")
    told = json.loads(text)
    words = json.dumps({key: told[key] for key in ("model", "recipe", "base", "weights")}).casefold()
    for country in countries().values():
        for name in (country.name, *country.names):
            assert f'"{name.casefold()}"' not in words
    assert set(told["weights"]) == {part.name for part in PARTS} == set(told["recipe"]["start"])
    assert {"name", "first", "last", "data", "acts", "licence", "scores"} <= set(told["about"])


def test_it_is_read_back_as_it_was_written(acts, tmp_path):
    """A model survives its file."""
    own = ConductModel().fit(acts)
    own.save(tmp_path / "model.json")
    again = read_model(tmp_path / "model.json")
    assert np.abs(again.weights - own.model.weights).max() < 1e-6
    assert again.recipe == own.model.recipe
    assert again.about["acts"] == len(acts.day)


@pytest.mark.parametrize("text", ["", "[]", '{"model": "conduct"}', '{"recipe": 1}'])
def test_a_file_that_holds_no_model_is_refused(tmp_path, text):
    """One sentence with the name of the file."""
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(UsageError):
        read_model(tmp_path / "m.json")
    with pytest.raises(NotFoundError):
        read_model(tmp_path / "none.json")


def test_one_sign_and_nothing_are_refused(acts):
    """With acts of one sign, or none before the split, there is nothing to learn."""
    with pytest.raises(UsageError, match="cooperative"):
        fitted(driver(), Recipe(), taken(acts, acts.good))
    with pytest.raises(UsageError, match="conflictive"):
        fitted(driver(), Recipe(), taken(acts, ~acts.good))
    with pytest.raises(UsageError, match="no act"):
        ConductModel().fit(acts, until="1900-01-01")
    with pytest.raises(UsageError, match="not fitted"):
        Conduct(driver=driver(), recipe=Recipe()).forecast(acts, slice(None))
    with pytest.raises(UsageError, match="known before"):
        ConductModel(shipped()).read(acts).predict(at="1900-01-01")


def test_repeated_reports_are_one_act():
    """Same day, actor, target and code: one act; zero values and acts on oneself are none."""
    rows = [
        (735000, 0, 1, 4.0),
        (735000, 0, 1, 4.0),
        (735000, 1, 0, 4.0),
        (735001, 0, 1, 0.0),
        (735001, 1, 1, 3.0),
    ]
    assert len(tidy(acts_from(rows, 2)).day) == 2
    assert kept(acts_from(rows[:2], 2), ["a", "b"]).tolist() == [0, 1]
    with pytest.raises(UsageError, match="no act is left"):
        tidy(acts_from(rows[3:], 2))


def test_mirrored_names_mirror_every_forecast(acts):
    """Rename two parties into one another and fit anew: the forecasts change places, to 1e-9."""
    names = list(acts.parties.names)
    names[0], names[5] = names[5], names[0]
    order = np.argsort(names)
    place = np.argsort(order).astype(np.int32)
    parties = acts.parties._replace(names=tuple(np.array(names)[order]))
    mirrored = acts._replace(actor=place[acts.actor], target=place[acts.target], parties=parties)
    one, other = (chances(driver(), fitted(driver(), Recipe(), some), some) for some in (acts, mirrored))
    assert np.abs(one - other).max() < 1e-9


def test_the_two_directions_of_a_pair_are_told_apart():
    """One side only good, the other only bad: what each does next is not the same."""
    rows = [(735000 + k, *((0, 1, 4.0) if k % 2 else (1, 0, -5.0))) for k in range(60)]
    own = ConductModel().read(acts_from(rows, 2))
    one, other = own.predict(pairs=[("p000", "p001"), ("p001", "p000")])
    assert one.why["pair"] > 0.5
    assert other.why["pair"] < -0.5
