"""From reports to evidence: what repeats is damped, what is no evidence is left out."""

import numpy as np
import pytest

from goodoffices.analysis import reports
from goodoffices.cases.tables import tables
from goodoffices.core import ledger
from goodoffices.domain.evidence import Facet
from goodoffices.errors import UsageError

KINDS = tables().kinds
LIFE = np.full((2, 4), 700.0)


def test_many_reports_of_one_event_are_worth_little_more_than_one():
    """n_eff of the model, in whole parts: one is one, and no number is worth 1 / rho."""
    worth = reports.parts(0.7)

    assert worth[:2] == [0, reports.PARTS]
    assert worth[10] / reports.PARTS == pytest.approx(10 / (1 + 9 * 0.7), abs=1e-4)
    assert worth == sorted(worth)
    assert worth[-1] / reports.PARTS < 1 / 0.7


def test_steps_of_a_month_add_up_to_its_n_eff():
    """However the events of a month fall on its days, their steps add up to n_eff of them all."""
    mass = np.array([1, 3, 2]) * reports.PARTS
    before = np.cumsum(mass) - mass

    assert reports.steps(before, mass, 0.7).sum() == pytest.approx(ledger.effective_reports(6.0, 0.7))


def test_integrity_and_meetings_are_left_out():
    """No feed holds dated obligations with shared content, and a meeting moves a belief either way."""
    told = reports.conduct(KINDS)

    assert tuple(Facet).index(Facet.INTEGRITY) not in told.facet
    assert "meeting_officials" not in told.names
    assert "armed_attack" in told.names


def grouped(kind: str, **given):
    told = reports.conduct(KINDS)
    row = dict(pair=0, day=100, before=0, mass=reports.PARTS, credible=1.0, age=0.0, events=1) | given
    columns = {name: np.array([value]) for name, value in row.items()}
    return told, reports.Grouped(kind=np.array([told.names.index(kind)], np.int16), **columns)


def test_a_kind_gives_a_row_for_each_facet_it_bears_on():
    """Strengths of the codebook, times reliability; a gesture keeps its size."""
    told, rows = grouped("broke_off_talks")
    found = reports.evidence(rows, told, LIFE, 0.7, 0.6)

    assert sorted(found.facet) == [1, 3]
    assert set(found.sign) == {-1}
    assert found.weight == pytest.approx([0.18, 0.18], abs=1e-6)
    gesture = reports.evidence(grouped("recognition")[1], told, LIFE, 0.7, 0.6)
    assert (gesture.gesture[0], gesture.sign[0]) == (pytest.approx(0.6), 1)


def test_false_positives_and_age_take_their_share():
    """A report that stands by half counts half; one that came late enters with what is left of it."""
    told, rows = grouped("armed_attack", credible=0.5, age=700.0)

    assert reports.evidence(rows, told, LIFE, 0.7, 1.0).weight[0] == pytest.approx(0.6 * 0.5 * 0.5)


def test_rates_are_estimated_with_the_common_rate_in_reserve():
    """A code that was checked once is not called always wrong."""
    rates = reports.false_positives([("190", False), *[("040", True)] * 9])

    assert 0.04 < rates["190"] < 0.5
    assert rates["040"] < 0.05
    with pytest.raises(UsageError, match="between 0 and 1"):
        reports.standing({"190": 1.5}, ["190"])
