"""Absurd numbers: a default that is set to what means nothing is refused in one sentence, and nothing else is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from goodoffices.cases.bounds import LIMITS
from goodoffices.cases.tables import defaults
from goodoffices.domain.case import Change
from goodoffices.errors import CaseError
from goodoffices.workbench import Workbench

BENCH = Workbench()
MADE = Path(__file__).resolve().parents[1] / "made"
CASE = BENCH.load_case(MADE)


def read(**given: float) -> str:
    changes = [
        Change(id=str(k), op="set_default", target=name, value=value)
        for k, (name, value) in enumerate(given.items())
    ]
    reading = BENCH.read(CASE, "2003-08-01", draws=20, changes=changes, options=False)
    return json.dumps(reading.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("half_life_good.intention", 0.0, "above 0 and up to 1,000 (years)"),
        ("half_life_bad.integrity", -5.0, "above 0 and up to 1,000 (years)"),
        ("good_if_trustworthy.capacity", 7.0, "from 0 to 1 (probability)"),
        ("good_if_trustworthy.capacity", 1.0, "more often good if trustworthy"),
        ("good_if_untrustworthy.capacity", 0.9, "more often good if trustworthy"),
        ("temptation", 0.0, "above 0 and up to 1 (utility)"),
        ("hawk", -0.1, "from 0 to 1 (share)"),
        ("hr_spoiler", 1e9, "above 0 and up to 100 (hazard ratio)"),
        ("nothing_such", 1.0, "use one of"),
    ],
)
def test_what_means_nothing_is_refused(name, value, fix):
    """The sentence names the default, the number, and which numbers mean something."""
    with pytest.raises(CaseError) as refused:
        read(**{name: value})

    assert len(refused.value.faults) == 1
    assert name in str(refused.value)
    assert fix in str(refused.value)


def test_every_default_lies_within_the_bounds_of_its_unit():
    """Value, low and high of each can be set, and each unit has bounds."""
    for one in defaults().values():
        limit = LIMITS[one.unit]
        assert limit.low <= min(one.value, one.low) <= max(one.value, one.high) <= limit.high
        assert not limit.above or one.value > limit.low


@pytest.mark.parametrize("name", defaults())
def test_the_ends_of_the_bounds_can_be_reckoned_with(name):
    """At the ends a reading has figures: no error, no warning, nothing that is no number."""
    limit = LIMITS[defaults()[name].unit]
    ends = (limit.low + 1e-6 * limit.above, limit.high)
    if name.startswith("good_if_"):
        ends = (0.001 if "_untrust" in name else 0.999,)
    with np.errstate(divide="raise", invalid="raise"):
        for end in ends:
            assert "deals" in read(**{name: end})


def test_a_case_folder_is_held_to_the_same(tmp_path):
    """A default in case.toml that means nothing is a fault of the file, with its field."""
    folder = tmp_path / "made"
    shutil.copytree(MADE, folder)
    with (folder / "case.toml").open("a", encoding="utf-8") as file:
        file.write("\n[defaults]\ntemptation = 0\n")
    faults = BENCH.check(folder).faults

    assert [(fault.file, fault.field, fault.found) for fault in faults] == [
        ("case.toml", "temptation", "0.0")
    ]
