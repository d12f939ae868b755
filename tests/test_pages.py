"""The two pages that are written from rankings: they are as the program writes them, and claim no more."""

import re
from pathlib import Path

import pytest

from goodoffices.cases.library import library_names
from goodoffices.workbench import Workbench
from goodoffices.workbench.pages import essay_page

DOCS = Path(__file__).resolve().parents[1] / "docs" / "discussion"
ESSAY = (DOCS / "essay.md").read_text(encoding="utf-8")
HINDSIGHT = (DOCS / "hindsight.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_essay_page_is_that_of_today():
    """Every sentence and figure of the page is what the program writes now."""
    assert essay_page(Workbench()) == ESSAY


@pytest.mark.parametrize("name", library_names())
def test_every_library_case_is_seen_in_hindsight(name):
    """Each of the six cases has its section."""
    assert Workbench().load_case(name).title in HINDSIGHT


def test_hindsight_is_no_evidence():
    """The page says so before any figure, and carries no score and no average."""
    head = HINDSIGHT.split("\n## ")[0]

    assert "Nothing on this page is evidence of accuracy" in head
    assert not re.search(r"\b(brier|log score|mean score|hit rate|per cent)\b", HINDSIGHT, re.I)


@pytest.mark.parametrize("page", [ESSAY, HINDSIGHT], ids=["essay", "hindsight"])
def test_the_pages_say_what_they_cannot_show(page):
    """Each ends with what it cannot show, and says how many histories, draws and which seed stand behind it."""
    assert "cannot show" in page
    assert "24 draws" in page
    assert "seed 20250430" in page.lower()


def test_exclusion_carries_its_note():
    """The question of a meeting without a party is answered with the note on rights and consent."""
    asked = ESSAY.split("## A meeting without Zelensky")[1].split("\n## ")[0]

    assert "their rights and consent remain" in asked
