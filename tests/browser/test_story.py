"""The two-minute story: one button at a time, on the real pages, to the form of one's own case."""

import re

import pytest

from goodoffices.web.story import STEPS
from tests.browser.looking import CALM


def where(page):
    """Give the step that is told, and of how many."""
    return tuple(map(int, re.findall(r"\d+", page.locator(".story .soft").inner_text())))


@pytest.fixture
def begun(window):
    """A window in which the story has begun."""
    page = window()
    page.goto("/")
    start = page.locator("a[href*='story=1']")
    page.goto(
        start.first.get_attribute("href")
        if start.count()
        else "/library/camp-david/answer?at=1977-11-08&story=1"
    )
    return page


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_the_story_is_played(begun, how):
    """Each button leads to the next step on a page of its own kind, the last to the form of a new case."""
    page, pages = begun, []
    for number in range(1, len(STEPS) + 1):
        page.wait_for_function(CALM)
        assert where(page) == (number, len(STEPS))
        pages.append(page.url.partition("?")[0].rpartition("/")[2])
        assert page.locator(".story [data-say]").inner_text()
        if number == len(STEPS):
            break
        if how == "mouse":
            page.locator("#onward").click()
        else:
            by_keyboard(page)
        page.wait_for_url(lambda url, n=number + 1: f"story={n}" in url)
    assert set(pages) >= {"answer", "trust", "whatif", ""}
    assert page.locator("#new form").is_visible()
    if how == "keyboard":
        named = page.locator("#new [name=title]")
        for _press in range(40):
            page.keyboard.press("Tab")
            if named.evaluate("(one) => one === document.activeElement"):
                break
        page.keyboard.type("A case of my own")
        assert named.input_value() == "A case of my own"


def by_keyboard(page):
    """Go on without a mouse: the button is a few steps of Tab away."""
    for _press in range(40):
        if page.evaluate("document.activeElement?.id") == "onward":
            break
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
    page.keyboard.press("Enter")


def test_the_story_can_be_left_and_gone_back_in(begun):
    """Back goes a step back; leaving shows the same page without it."""
    page = begun
    page.locator("#onward").click()
    page.wait_for_url(lambda url: "story=2" in url)
    page.get_by_role("link", name="Back", exact=True).click()
    page.wait_for_url(lambda url: "story=1" in url)
    page.get_by_role("link", name="Leave the story").click()
    page.wait_for_url(lambda url: "story" not in url)
    assert page.locator(".story").count() == 0
