"""Reports beside curated facts in a real browser: drawn apart, and nothing runs out of the page."""

import pytest

pytest.importorskip("duckdb")

from tests.browser.looking import CALM, OVERFLOW, grave
from tests.browser.pages import GUISES
from tests.fed import fed

DAY = "2003-08-01"


@pytest.fixture(scope="session")
def looked_at(server):
    """A case with a feed on the server."""
    return fed(server.folder, 0.5).name


@pytest.mark.parametrize("asked", ["", "&pair=basil,arno", "&pair=basil,arno&facet=integrity&as=basil"])
def test_reports_are_drawn_apart_in_every_guise(window, looked_at, asked):
    """The section is there below the facts, in the light, the dark, on a phone and at 200 %, and axe finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    page = window()
    assert page.goto(f"/own/{looked_at}/trust?at={DAY}{asked}").status == 200
    page.wait_for_function(CALM)
    section = page.locator("#reports")
    wrong = []
    for guise in ("light", "dark", "phone", "200pct"):
        width, height = GUISES[guise]
        page.emulate_media(color_scheme="dark" if guise == "dark" else "light")
        page.set_viewport_size({"width": width, "height": height})
        wrong += page.evaluate(OVERFLOW) + grave(
            Axe().run(page, options={"resultTypes": ["violations"]}).response
        )

    assert not wrong, "\n".join(wrong)
    assert "Ledger index from reports." in section.inner_text()
    before = page.evaluate(
        "() => document.querySelector('#reports').compareDocumentPosition(document.querySelector('h1'))"
    )
    assert before & 2  # the facts come first
    assert section.locator("svg polyline").count() == (asked == "&pair=basil,arno")
