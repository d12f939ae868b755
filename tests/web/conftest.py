"""A desk with one case of one's own, and a browser in this process."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from goodoffices.web.app import create_app
from goodoffices.web.settings import Settings
from goodoffices.workbench.desk import Desk

MADE = Path(__file__).resolve().parents[1] / "made"
HERE = "http://127.0.0.1:8765"


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "cases"
    case = next(path.parent for path in sorted(MADE.rglob("case.toml")))
    shutil.copytree(case, folder / "mine")
    return Desk(folder, data=tmp_path / "data")


@pytest.fixture
def client(desk):
    """Comes from a page of ours, and is the owner."""
    with TestClient(create_app(desk, Settings()), base_url=HERE, headers={"Origin": HERE}) as made:
        yield made
