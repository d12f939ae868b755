"""How long it takes to read a case on another day, while its date is dragged (200 draws)."""

import itertools
from datetime import timedelta

import pytest
from tests.many import crowded

from goodoffices.cases.library import library_names
from goodoffices.workbench import Workbench

BENCH = Workbench()


def days(case):
    """To and fro over the later half of the case."""
    span = (case.end - case.start).days
    steps = [*range(16), *reversed(range(16))]
    return [case.start + timedelta(days=span // 2 + span * step // 32) for step in steps]


def measure(benchmark, case):
    """Every day has been looked at once: what is measured is going back to it."""
    scrub = BENCH.scrub(case)
    for day in days(case):
        scrub.read(day)
    turns = itertools.cycle(days(case))
    benchmark.pedantic(lambda: scrub.read(next(turns)), rounds=32)


@pytest.mark.parametrize("name", library_names())
def test_scrub(benchmark, name):
    """A library case on another day."""
    measure(benchmark, BENCH.load_case(name))


def test_scrub_many_facts(benchmark):
    """A case of 10,000 facts on another day."""
    measure(benchmark, crowded(10_000))


def test_first_reading_of_many_facts(benchmark):
    """The first reading of a case of 10,000 facts, from which the others follow."""
    case = crowded(10_000)
    benchmark.pedantic(lambda: BENCH.scrub(case).read(), rounds=3)


@pytest.mark.parametrize("name", library_names())
def test_reading_that_knows_of_no_other(benchmark, name):
    """The same reading by `Workbench.read`, for comparison."""
    case = BENCH.load_case(name)
    benchmark.pedantic(lambda: BENCH.read(case, draws=200, options=False), rounds=5, warmup_rounds=1)
