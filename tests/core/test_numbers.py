"""Agreement with numbers computed by an independent plain-Python check of the equations."""

import json
from pathlib import Path

import numpy as np
import pytest

from goodoffices.core import deal, durability, ledger
from goodoffices.core.follow import Day, Parameters, Push, begin, beliefs, follow

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "model_numbers.json").read_text())
FACETS = "cnhp"
A = dict(c=0.65, n=0.90, h=0.95, p=0.80)
B = dict(c=0.15, n=0.55, h=0.60, p=0.52)
HALF = np.array([[3.0, 2.0, 3.0, 2.0], [3.0, 6.0, 8.0, 3.0]])
HR = {"guarantee": 0.40, "verification": 0.60, "imposed": 1.5, "spoiler": 1.8, "excluded_party": 1.5}
MULTIPLIER = {"full": 0.47 / 0.80, "partial": 1.0, "process": 1.55, "truce": 2.3}


def rules(hawk: float) -> Parameters:
    return Parameters(HALF[:, :, None], np.array([12.0]), np.array([hawk]), np.array([0.4]))


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def push(facet: int, sign: int, form: int, weight: float, ratio: float, **given) -> Push:
    plain = {"gesture": one(0), "pressure": one(0), "excuse": one(0)}
    shown = {name: one(value) if not isinstance(value, bool) else value for name, value in given.items()}
    return Push(0, facet, sign, 0, form, one(weight), one(ratio), **{**plain, **shown}, age=0, turnovers=0)


def step(state, item):
    kind = item[0]
    if kind == "ev":
        _, facet, value, x, r, pressure, excuse = item
        number = FACETS.index(facet)
        good = ledger.ln_ratio_good(A[facet], B[facet])
        bad = ledger.ln_ratio_bad(A[facet], B[facet])
        ratio = good if value > 0 else bad
        return push(number, 0 if value > 0 else 1, 0, r * x, ratio, pressure=pressure, excuse=excuse)
    if kind == "gesture":
        _, size, pressure, r = item
        return push(1, 0, 1, r, size * np.log(8), gesture=size, pressure=pressure)
    if kind == "lie":
        return push(2, 1, 0, 1.0, ledger.ln_ratio_bad(A["h"], B["h"]), lie=True)
    return push(1, 1, 2, 1.0, 0.0, excuse=item[1])


@pytest.mark.parametrize("row", GOLDEN["ledger"], ids=range(len(GOLDEN["ledger"])))
def test_ledger_agrees_with_the_plain_check(row):
    """A history through the ledger gives the numbers of the plain check to 1e-9."""
    level = np.log(row["start"] / (1 - row["start"]))
    state, day = begin(np.full((4, 1), level), 0), 0.0
    p = rules(row["hawk"])
    for item in row["steps"]:
        if item[0] == "years":
            day += item[1] * 365.25
            state = follow(state, [], day, (), p)
        else:
            state = follow(state, [Day(day, (), [step(state, item)], ())], day, (), p)
    trust = beliefs(state)[:, 0]
    motive = deal.motive(trust[1], trust[2], trust[3], 0.6, 0.25)
    held = deal.combine(deal.combine(0.35, 0.2), 0.1)

    assert row["trust"] == pytest.approx(list(trust), abs=1e-9)
    assert row["motive"] == pytest.approx(motive, abs=1e-9)
    assert row["keep"] == pytest.approx(deal.keep(trust[0], motive, held, 0.1), abs=1e-9)


def test_thresholds_agree_with_the_plain_check():
    """Every threshold, also where no trust suffices, is that of the plain check to 1e-9."""
    for row in GOLDEN["threshold"]:
        exposed = deal.exposure(
            row["no_deal"] - row["broken"], row["loss_weight"], row["detection"], row["recoverable"],
            row["restitution"], row["bond"],
        )  # fmt: skip
        found = deal.threshold(np.array([row["kept"] - row["no_deal"]]), np.array([exposed]))[0]

        assert row["value"] == pytest.approx(found, abs=1e-9), row


def test_acceptance_agrees_with_the_plain_check():
    """Acceptance is that of the plain check to 1e-9."""
    for row in GOLDEN["accept"]:
        assert row["value"] == pytest.approx(deal.acceptance(row["keep"], row["threshold"], 0.08), abs=1e-9)


def test_failure_agrees_with_the_plain_check():
    """Cumulated failure is that of the plain check to 1e-9, for every class and provision."""
    for row in GOLDEN["fail"]:
        logs = sum(x * np.log(HR[name]) for name, x in row["in_force"].items())
        found = durability.failure(row["years"], MULTIPLIER[row["cls"]], row["keep"], 0.6, 1.5, logs)

        assert row["value"] == pytest.approx(found, abs=1e-9), row


def test_joint_signing_agrees_with_the_plain_check():
    """The product over decision-makers and its Frechet bounds are those of the plain check."""
    for row in GOLDEN["joint"]:
        parts = [deal.factor(veto, accepts) for accepts, veto in row["parts"]]

        assert row["value"] == pytest.approx(float(np.prod(parts)), abs=1e-9)
        assert row["frechet"] == pytest.approx([max(0.0, sum(parts) - len(parts) + 1), min(parts)], abs=1e-9)
