"""One server and one browser for a run; a fresh window and a case of its own for each test.

Whatever a window asks for is noted: a request to another machine, an error of a script or a refusal of
the content policy fails the test in which it happened.
"""

import itertools
import shutil
from collections.abc import Callable

import pytest

from tests.browser.pages import MADE
from tests.browser.scenes import ARABIC, CYRILLIC, copied, foreseen, reworded, spoken
from tests.browser.serving import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PARTS = ("fastapi", "uvicorn", "argon2", "multipart", "filelock", "tomlkit", "playwright", "duckdb", "numba")
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # no name leads anywhere
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items):
    """Mark whatever needs a browser."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()) and "browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server over a folder with the made-up case, in Latin, Arabic and Cyrillic script."""
    for part in PARTS:
        pytest.importorskip(part, reason=f"needs {part}: install goodoffices[web] and playwright")
    folder = tmp_path_factory.mktemp("cases")
    copied(folder, "made")
    reworded(folder, "arabic", spoken(ARABIC))
    reworded(folder, "cyrillic", spoken(CYRILLIC))
    home = tmp_path_factory.mktemp("home")
    foreseen(folder, home / "data" / "goodoffices" / "runs", MADE.store, MADE.run)
    made = Server(folder, home)
    made.start()
    yield made
    made.end()


# For this folder only, not for the run: while Playwright is at work no other test could use asyncio.
@pytest.fixture(scope="package")
def chromium():
    """The browser."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install the package chromium")
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", ALONE])
        yield made
        made.close()


@pytest.fixture(scope="session")
def pass_of():
    """What lets a window in, by the link of the server: it is spent once and kept."""
    return {}


def enter(context, server, passes):
    """Spend the opening link in a window of its own, and keep what it gave for other windows."""
    page = context.new_page()
    page.goto(server.link)
    passes[server.link] = {"state": context.storage_state(), "landed": page.url}
    page.close()


def entered(chromium, server, passes):
    """Give what a window needs to be let in."""
    if server.link not in passes:
        context = chromium.new_context()
        enter(context, server, passes)
        context.close()
    return passes[server.link]["state"]


def _stranger(url: str, ours: str) -> bool:
    return not url.startswith((ours + "/", "data:", "blob:", "about:"))


@pytest.fixture
def window(chromium, server, pass_of):
    """Open further windows; what they ask for and what goes wrong in them is watched."""
    opened, wrong = [], []

    def watch(context):
        def told(message):
            if message.type == "error" and "Failed to load resource" not in message.text:
                wrong.append(f"{message.text} at {message.location.get('url', '')}")

        context.on(
            "request", lambda r: wrong.append(f"asked for {r.url}") if _stranger(r.url, server.url) else None
        )
        context.on("console", told)
        context.on("weberror", lambda error: wrong.append(str(error.error)))

    def make(*, known: bool = True, **how):
        state = entered(chromium, server, pass_of) if known else None
        context = chromium.new_context(base_url=server.url, storage_state=state, **how)
        context.set_default_timeout(15_000)
        watch(context)
        opened.append(context)
        return context.new_page()

    make.wrong = wrong
    yield make
    for context in opened:
        context.close()
    assert not wrong, wrong


@pytest.fixture
def page(window):
    """A window that has been let in."""
    return window(viewport={"width": 1280, "height": 800})


@pytest.fixture
def case(server):
    """A case of its own; gives its name."""
    return copied(server.folder, f"case-{next(_numbers)}").name


@pytest.fixture
def posted(server) -> Callable[..., str]:
    """Send a form as the pages do; give the address to which it led."""

    def post(page, address, **form):
        answer = page.request.post(address, form=form, headers={"Origin": server.url}, max_redirects=0)
        assert answer.status == 303, f"{address}: {answer.status} {answer.text()[:500]}"
        return answer.headers["location"]

    return post
