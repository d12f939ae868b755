"""Gaps in a real browser: the button, the run that is watched, the list in every guise, and the way to a forecast."""

import pytest

from goodoffices.conduct.acts import SAID
from tests.browser.looking import CALM, OVERFLOW, grave
from tests.browser.pages import GUISES, MADE

COMPILING = 240_000  # milliseconds that the first run on a new machine may take
ROW = "table.gaps tbody tr"


def at(case, **asked):
    """Give the address of the page of a case."""
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"/own/{case}/conduct?at=2003-02-01&store={MADE.store}{more}"


def made(page):
    """Press the button and wait for the list."""
    page.get_by_role("button", name="Make the list").click()
    page.locator(ROW).first.wait_for(timeout=COMPILING)
    page.wait_for_function(CALM)


def test_a_list_of_gaps_from_the_button_to_a_forecast(page, case):
    """The run is told of and shown when it is over; a row leads to the forecast of its pair, with the sentence."""
    page.goto(at(case, on="2014-11-20"))
    made(page)
    assert page.locator("#run").count() == 0
    pair = page.locator(f"{ROW} a").first.inner_text()
    page.locator(f"{ROW} a").first.click()
    page.locator("#forecast").wait_for()
    assert pair in page.locator("#forecast-h").inner_text()
    assert SAID[1:] in page.locator("#forecast").inner_text()
    assert page.locator("#forecast svg[role=img]").count() == 1


def test_a_list_of_gaps_with_the_keyboard(page, case):
    """The button, the search among the pairs and a row are reached and used without a mouse."""
    page.goto(at(case, on="2014-11-21"))
    page.get_by_role("button", name="Make the list").focus()
    page.keyboard.press("Enter")
    page.locator(ROW).first.wait_for(timeout=COMPILING)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("zzz")
    page.keyboard.press("Enter")
    page.get_by_text("No listed pair fits").wait_for()
    page.get_by_role("link", name="all").focus()
    page.keyboard.press("Enter")
    page.locator(ROW).first.wait_for()


def test_without_scripts_the_list_is_made_all_the_same(window, case):
    """The form is sent as any other, and the page is loaded again until the list is there."""
    page = window(java_script_enabled=False)
    page.goto(at(case, on="2014-11-22"))
    page.get_by_role("button", name="Make the list").click()
    page.locator(ROW).first.wait_for(timeout=COMPILING)
    page.locator(f"{ROW} a").first.click()
    assert SAID[1:] in page.locator("#forecast").inner_text()
    page.goto(f"/own/{case}/conduct")
    page.get_by_role("link", name=MADE.run).click()
    assert page.locator(".reliability svg[role=img]").count() == 4


@pytest.mark.parametrize("guise", ["light", "dark", "phone", "200pct"])
def test_the_list_in_every_guise(page, case, guise):
    """Nothing runs out of the page, and axe finds nothing grave, with the list and a forecast on it."""
    from axe_playwright_python.sync_playwright import Axe

    page.goto(at(case, on="2014-11-20"))
    if not page.locator(ROW).count():
        made(page)
    page.goto(at(case, on="2014-11-20", actor=MADE.actor, target=MADE.target))
    page.wait_for_function(CALM)
    width, height = GUISES[guise]
    page.emulate_media(color_scheme="dark" if guise == "dark" else "light")
    page.set_viewport_size({"width": width, "height": height})

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response
    assert page.evaluate(OVERFLOW) + grave(found) == []


def test_the_day_is_dragged_past_a_forecast(page, case):
    """While the day moves nothing is read of the store; on release store and pair are still asked for."""
    page.goto(at(case, actor=MADE.actor, target=MADE.target))
    page.focus("#scrub")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "at=2003-02-02" in url)
    page.locator("#forecast").wait_for()
    assert f"actor={MADE.actor}" in page.url
