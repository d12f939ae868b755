"""Fixtures that many tests share: the made-up case, a bench, and Hypothesis profiles."""

import importlib.util
import os
import shutil
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


_PRESENT = {
    "browser": lambda: shutil.which("chromium") is not None,
    "cuda": lambda: importlib.util.find_spec("numba_cuda") is not None,
    "data": (Path(__file__).resolve().parents[2] / "shared" / "data").is_dir,
    "ray": lambda: importlib.util.find_spec("ray") is not None,
}


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    """In CI, a skip whose environment is present fails the run."""
    del exitstatus, config
    if not os.environ.get("CI"):
        return
    wrong = []
    for report in terminalreporter.stats.get("skipped", []):
        marks = [name for name in _PRESENT if name in report.keywords]
        if not marks or all(_PRESENT[name]() for name in marks):
            wrong.append(f"{report.nodeid}: {report.longrepr[-1] if report.longrepr else ''}")
    for line in wrong:
        terminalreporter.write_line(f"skipped although its environment is present: {line}", red=True)
    if wrong:
        terminalreporter._session.exitstatus = 1
