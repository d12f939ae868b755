"""Fixtures that many tests share: the made-up case, a bench, and Hypothesis profiles."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from goodoffices.domain.case import Case
from goodoffices.workbench import Workbench

MADE = Path(__file__).parent / "made"

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", deadline=None, max_examples=30)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def bench() -> Workbench:
    return Workbench()


@pytest.fixture(scope="session")
def made(bench: Workbench) -> Case:
    return bench.load_case(MADE)


@pytest.fixture(scope="session")
def made_folder() -> Path:
    return MADE
