"""A case whose every text is an attack: on no page and in no report is anything run or fetched."""

import itertools

import pytest

from tests.browser.looking import CALM
from tests.browser.pages import PAGES, Shown
from tests.browser.scenes import reworded

ATTACKS = (
    "<img src=x onerror=\"window.struck='{n}'\">",
    "\"><img src='/struck-{n}' onerror=window.struck={n}>",
    "</title></script><script>window.struck={n}</script>",
    "'onfocus='window.struck={n}' autofocus='<svg/onload=window.struck={n}>",
    "{{{{ 7*7 }}}}<b>{n}</b>${{window.struck={n}}}</textarea><img src=x onerror=window.struck={n}>",
)
HOSTILE = Shown(case="/own/hostile", day="2003-02-01", pair="anna,basil", fact="mf009", title="")
OWN = [name for name, address in PAGES.items() if "{case}" in address]


@pytest.fixture(scope="module")
def hostile(server):
    """The made-up case with an attack in every text of every file."""
    turns = itertools.count(1)

    def word(_text):
        n = next(turns)
        return ATTACKS[n % len(ATTACKS)].format(n=n)

    made = reworded(server.folder, "hostile", word)
    yield made
    # The cards of the first page are looked at elsewhere, with titles that people would write.
    made.rename(server.folder / ".hostile")


def struck(page):
    """Say whether something ran, or came to stand in the page as more than text."""
    page.wait_for_function(CALM)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    return page.evaluate(
        """() => [window.struck, ...[...document.querySelectorAll("img, [onerror], [onload], [onfocus], script:not([src]), main b, iframe[srcdoc]")].map((e) => e.outerHTML.slice(0, 200))].filter(Boolean)"""
    )


def test_nothing_of_a_hostile_case_runs(window, hostile, posted):
    """Markup in titles, names, facts and sources is shown as it was typed, on every page and in the report."""
    page, fetched = window(), []
    page.on("request", lambda request: fetched.append(request.url))
    branched = posted(
        page,
        f"{HOSTILE.case}/do/try?at={HOSTILE.day}",
        rows='[{"op": "switch_off_fact", "target": "mf009"}]',
        title=ATTACKS[0].format(n=0),
        back=f"{HOSTILE.case}/answer",
    )
    addresses = [
        *(HOSTILE.at(name) for name in OWN),
        "/",
        branched,
        f"{HOSTILE.case}/answer?at={HOSTILE.day}&as=anna",
        f"{HOSTILE.case}/purge?kind=fact&id=mf009",
        f"{HOSTILE.case}/report/page.html?at={HOSTILE.day}&audience=red",
    ]
    wrong = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer.status == 200, f"{address}: {answer.status}"
        found = struck(page)
        if found:
            wrong[address] = found
    assert not wrong, wrong
    assert not [url for url in fetched if "struck" in url or url.endswith("/x")]
    assert "<img src=x onerror" in page.locator("body").inner_text()


def test_a_saved_report_of_a_hostile_case_runs_nothing(window, hostile, chromium, tmp_path):
    """Also opened from a file, where no content policy of a server protects its reader."""
    page = window()
    answer = page.request.get(f"{HOSTILE.case}/report/save/html?at={HOSTILE.day}&audience=red")
    assert answer.ok
    saved = tmp_path / "report.html"
    saved.write_bytes(answer.body())
    context = chromium.new_context()
    try:
        alone, fetched = context.new_page(), []
        alone.on("request", lambda request: fetched.append(request.url))
        alone.goto(saved.as_uri())
        assert alone.evaluate("window.struck") is None
        assert fetched == [saved.as_uri()]
    finally:
        context.close()


def test_the_watch_on_a_window_is_awake(window):
    """A script or a picture that got into a page all the same is refused by the content policy, and noticed."""
    page = window()
    page.goto("/")
    page.evaluate(
        """() => {
          const [script, picture] = [document.createElement("script"), document.createElement("img")];
          script.textContent = "window.struck = 1";
          picture.src = "https://elsewhere.example/x.png";
          document.body.append(script, picture);
          return fetch("https://elsewhere.example/").catch(() => null);
        }"""
    )
    assert page.evaluate("window.struck") is None
    told = " ".join(window.wrong)
    assert "script-src" in told
    assert "img-src" in told
    assert "connect-src" in told
    window.wrong.clear()
