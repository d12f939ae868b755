"""A desk with one case of one's own on it, made anew for each test."""

import shutil
from pathlib import Path

import pytest

from goodoffices.workbench.desk import Desk, Opened, Ref

OWN = Ref(shelf="own", name="talks")
LIBRARY = Ref(shelf="library", name="lahore")


def desk_at(root: Path, made: Path) -> Desk:
    shutil.copytree(made, root / "cases" / "talks")
    return Desk(root / "cases", data=root / "data", cache=root / "cache")


@pytest.fixture
def desk(tmp_path: Path, made_folder: Path) -> Desk:
    return desk_at(tmp_path, made_folder)


@pytest.fixture
def own(desk: Desk) -> Opened:
    return desk.opened(OWN)


@pytest.fixture
def library(desk: Desk) -> Opened:
    return desk.opened(LIBRARY)


@pytest.fixture
def quick_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases that are quick to try; how slow they are is tested elsewhere."""
    monkeypatch.setattr("goodoffices.archive.vault.WORK", 2**10)
