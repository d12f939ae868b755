"""The pictures in the docs are of every page in every guise, and nothing grave was found on any."""

import json
from pathlib import Path

from tests.browser.pages import GUISES, PAGES

SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"


def test_every_page_is_pictured_in_every_guise():
    """`make screens` writes them; a page or a guise that is missing fails."""
    wanted = {f"{page}-{guise}.png" for page in PAGES for guise in GUISES}
    there = {path.name for path in SCREENS.glob("*-*.png")}
    assert wanted == there


def test_nothing_grave_was_found():
    """axe.json speaks of every page in every guise, and of nothing that keeps anybody out."""
    found = json.loads((SCREENS / "axe.json").read_text(encoding="utf-8"))
    assert {page: set(guises) for page, guises in found.items()} == {page: set(GUISES) for page in PAGES}
    grave = [
        (page, guise, rule)
        for page, guises in found.items()
        for guise, rules in guises.items()
        for rule, told in rules.items()
        if told["impact"] in ("serious", "critical")
    ]
    assert not grave


def test_the_review_has_a_line_for_every_page():
    """What was wrong with each page at first sight, and what mended it."""
    told = (SCREENS / "REVIEW.md").read_text(encoding="utf-8")
    assert [page for page in PAGES if f"\n| {page} | " not in told] == []
