"""Every page in every guise: nothing runs out of it, nobody is kept out, no word is left in code."""

import os
from pathlib import Path

import pytest

from goodoffices.cases.library import library_folder, library_names
from tests.browser.looking import (
    CALM,
    OVERFLOW,
    WORDS,
    data_of,
    grave,
    left_over,
    noted,
    shrunk,
    sources_of,
    titles_of,
)
from tests.browser.pages import ALWAYS, ARABIC, CAMP, CYRILLIC, GUISES, PAGES

HEAVIEST = 300_000  # bytes of a page
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
# Contrast takes longer than all the rest; it hangs on the colours, not on how wide a page is.
CONTRAST = {"runOnly": ["color-contrast"]}
PLAIN = {"rules": {"color-contrast": {"enabled": False}}}
WIDTH = {"runOnly": ["target-size", "scrollable-region-focusable", "meta-viewport", "heading-order"]}
SPOKEN = {"runOnly": ["html-has-lang", "valid-lang", "label", "button-name", "link-name", "target-size"]}
AXE = {"light": PLAIN, "dark": CONTRAST, "phone": WIDTH, "200pct": WIDTH, "fr": SPOKEN, "ar": {}}


@pytest.fixture
def screens(tmp_path):
    """Where pictures and findings go."""
    folder = Path(os.environ.get("GOODOFFICES_SCREENS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def branched():
    """Which cases have a branch to compare with."""
    return set()


def branch_of(page, posted, branched, shown):
    """See to it that the case has the branch that the pages compare with."""
    if shown.case not in branched:
        rows = f'[{{"op": "switch_off_fact", "target": "{shown.fact}"}}]'
        posted(
            page,
            f"{shown.case}/do/try?at={shown.day}",
            rows=rows,
            title=shown.title,
            back=f"{shown.case}/answer",
        )
        branched.add(shown.case)


def settled(page, address):
    """Open a page and wait for what comes after it; give its bytes."""
    answer = page.goto(address) or page.reload()  # nothing is fetched where only what follows the # differs
    assert answer.status == 200, f"{address}: {answer.status}"
    page.wait_for_function(CALM)
    page.evaluate("document.fonts.ready")
    return answer.body()


def dressed(page, guise):
    """Put a page that is open into another guise."""
    width, height = GUISES[guise]
    page.emulate_media(color_scheme="dark" if guise == "dark" else "light")
    page.set_viewport_size({"width": width, "height": height})


class Looked:
    """One page, looked at in guise after guise; what is wrong with it is gathered."""

    def __init__(self, page, name, screens):
        from axe_playwright_python.sync_playwright import Axe

        self.page, self.name, self.screens, self.axe = page, name, screens, Axe()
        self.wrong: list[str] = []
        self.found: dict[str, dict] = {}

    def open(self, address, language):
        before, hash_, after = address.partition("#")
        body = settled(self.page, f"{before}{'&' if '?' in before else '?'}lang={language}{hash_}{after}")
        if len(body) > HEAVIEST:
            self.wrong.append(f"{len(body)} bytes")

    def picture(self, guise):
        dressed(self.page, guise)
        path = self.screens / f"{self.name}-{guise}.png"
        self.page.screenshot(path=path, animations="disabled", caret="hide")
        shrunk(path)

    def judge(self, guise):
        dressed(self.page, guise)
        options = {"resultTypes": ["violations"], "iframes": False, **AXE[guise]}
        self.found[guise] = self.axe.run(self.page, options=options).response
        faults = [*self.page.evaluate(OVERFLOW), *grave(self.found[guise])]
        self.wrong.extend(f"{guise}: {one}" for one in faults)

    def unfold(self):
        """Open whatever is folded, which is looked at as well."""
        self.page.evaluate(UNFOLD)
        self.page.wait_for_function(CALM)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_every_guise(window, posted, branched, screens, name):
    """Light, dark, on a phone, at 200 %, in French, with Arabic names: nothing overflows, axe finds nothing grave."""
    page = window()
    looked = Looked(page, name, screens)
    for shown, language, guises in (
        (CAMP, "en", ("light", "dark", "phone", "200pct")),
        (ARABIC, "en", ("ar",)),
        (CAMP, "fr", ("fr",)),
    ):
        branch_of(page, posted, branched, shown)
        dressed(page, guises[0])
        looked.open(shown.at(name), language)
        for guise in guises:
            looked.picture(guise)
        # What is folded is judged where little is to be read, and where there is little room.
        for guise in set(guises) & {"light", "dark", "fr"}:
            looked.judge(guise)
        looked.unfold()
        for guise in set(guises) & {"phone", "200pct", "ar"}:
            looked.judge(guise)
    noted(screens, name, looked.found)
    assert not looked.wrong, "\n".join(looked.wrong)


@pytest.mark.parametrize("name", PAGES)
def test_no_word_is_left_in_code(window, posted, branched, server, bench, name):
    """In the pseudo-locale all that a page says is a message or data, also just after it was read in English."""
    page = window()
    branch_of(page, posted, branched, CYRILLIC)
    address = CYRILLIC.at(name).partition("#")[0]
    settled(page, address)
    settled(page, f"{address}{'&' if '?' in address else '?'}lang=en-XA")
    data = data_of(server.folder / "cyrillic") | sources_of(bench)
    if name in ALWAYS:
        own = [path.parent for path in server.folder.glob("*/case.toml")]  # other tests may have made some
        data |= titles_of([*(library_folder(one) for one in library_names()), *own])
    shown = page.evaluate(WORDS, ".story" if name == "story" else "html")
    found = [(where, left_over(text, data), text.strip()[:90]) for where, text in shown]
    assert any("⟦" in text for _where, _words, text in found)
    wrong = [f"{where}: {' '.join(words)} – in: {text}" for where, words, text in found if words]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
