"""What people do with the workbench, from the opening link to the report."""

import json
import signal
import zipfile
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from goodoffices.words import figure
from tests.browser.conftest import enter
from tests.browser.looking import ALONE, CALM
from tests.browser.pages import ARABIC, CYRILLIC

DAY = "2003-02-01"
MOVED = "#moved"
COMPILING = 240_000  # milliseconds that the first run on a new machine may take


def at(case, page, **asked):
    """Give the address of a page of a case."""
    return f"/own/{case}/{page}?{urlencode({'at': DAY, **asked})}"


def calm(page):
    """Wait until nothing more comes."""
    page.wait_for_function(CALM)


def asked(page):
    """Give what the address says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def reading(page, case, **more):
    """Give the reading of the API for what the page shows."""
    given = {name: asked(page)[name] for name in ("at", "as", "branch") if name in asked(page)}
    return page.request.get(f"/api/v1/own/{case}/read?{urlencode({**given, **more})}").json()


def agrees(page, case):
    """Hold the figures of the page against the reading of the API."""
    calm(page)
    deals = reading(page, case)["deals"]
    assert deals
    for deal in deals:
        shown = page.locator(f"#deal-{deal['id']}").inner_text()
        years = [
            deal[kind]["not_abandoned"][y]
            for kind in ("lasts_if_signed", "signed_and_lasts")
            for y in deal[kind]["not_abandoned"]
        ]
        for x in [deal["sign"], *years, *(one["keep"] for one in deal["decision_makers"])]:
            assert figure(x["median"]) in shown
        assert f"{figure(deal['sign']['lo'])}–{figure(deal['sign']['hi'])}" in shown


def rows_of(server, case, file="evidence.csv"):
    """Give the lines of a file of a case."""
    return (server.folder / case / file).read_bytes().splitlines()


def history(server, case):
    """Give what was done to a case."""
    path = server.folder / case / "history.jsonl"
    return [json.loads(line)["did"] for line in path.read_text(encoding="utf-8").splitlines()]


def press(page, name, within="body"):
    """Press a button by its name and wait for what follows."""
    page.locator(within).get_by_role("button", name=name, exact=True).first.click()
    calm(page)


def follow(page, name, within="body"):
    """Follow a link by its name and wait for what follows."""
    page.locator(within).get_by_role("link", name=name, exact=True).first.click()
    calm(page)


def step(page, way):
    """Undo or redo, by the button that stands on every page."""
    page.locator(f"#head form[action*='do/{way}'] button").click()
    calm(page)


# -- coming in, and the whole way --------------------------------------------------------------------


def test_the_opening_link_works_once(window, server, chromium, pass_of):
    """It lets in who opens it first, leaves the address without the token, and lets nobody else in."""
    known = window()
    known.goto("/")
    assert known.locator("#library").is_visible()
    [cookie] = [one for one in known.context.cookies() if one["name"].startswith("goodoffices-")]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    other = window(known=False)
    assert other.goto(server.link).status == 403
    assert "works once" in other.locator("[role=alert]").inner_text()
    assert other.goto("/").status == 401
    assert pass_of[server.link]["landed"] == server.url + "/"


def test_a_new_case_from_nothing_to_a_report(page, tmp_path):
    """In one sitting: the form, facts by hand and from a spreadsheet, the answer, the report in a file."""
    page.goto("/")
    page.locator("#new > summary").click()
    for name, value in {
        "title": "Oleander and Thyme, 2010-2012",
        "party1": "Oleander",
        "leader1": "Ida",
        "party2": "Thyme",
        "leader2": "Jonas",
        "start": "2010-01-01",
        "end": "2012-12-31",
        "text": "A truce on the river",
    }.items():
        page.fill(f"#new [name={name}]", value)
    press(page, "Make the case")
    base = urlsplit(page.url).path.rpartition("/")[0]
    follow(page, "Add a fact", "#page")
    follow(page, "Enter the first fact")
    page.fill("[name=happened_on]", "2011-03-04")
    page.select_option("select[name=actor]", label="Ida")
    page.locator("label:has(input[name=towards])", has_text="Thyme").locator("input").check()
    page.fill("[name=says]", "Ida let the prisoners go")
    page.locator("details.picker").evaluate("(one) => { one.open = true }")
    page.fill("[data-look]", "prisoners")
    page.locator(".kind:not([hidden]) input").first.check()
    press(page, "Add this fact")
    assert page.locator(MOVED).is_visible()
    page.goto(f"{base}/facts?paste=1")
    page.fill("textarea[name=table]", _sheet(page.request.get(f"/api/v1{base}/read").json()))
    press(page, "See how it is understood")
    press(page, "Add 2 facts")
    assert page.locator(MOVED).is_visible()
    follow(page, "Answer", "nav.pages")
    assert "From 3 facts" in page.locator("#page").inner_text()
    assert page.locator(".deal .verdict").first.is_visible()
    follow(page, "Report", "nav.pages")
    seen = page.frame_locator("iframe.sheet")
    seen.get_by_text("Oleander and Thyme").first.wait_for()
    with page.expect_download() as download:
        page.locator("a[download][href*='save/html']").click()
    saved = tmp_path / "report.html"
    download.value.save_as(saved)
    assert "Ida let the prisoners go" in saved.read_text(encoding="utf-8")


def _sheet(read):
    """Two facts as a spreadsheet copies them."""
    ida, jonas = (name for name, called in read["names"].items() if called in ("Ida", "Jonas"))
    lines = [("happened_on", "actor", "towards", "kind", "says")]
    lines += [("2011-05-06", jonas, ida, "visit", "Jonas came to the river")]
    lines += [("2011-07-08", ida, jonas, "conciliatory_words", "Ida spoke of neighbours")]
    return "\n".join("\t".join(line) for line in lines)


# -- looking -----------------------------------------------------------------------------------------


def test_the_day_is_dragged_with_the_mouse(page, case):
    """While it is dragged a preview is shown and says so; on release the figures are those of the API."""
    page.goto(at(case, "answer"))
    calm(page)
    slider = page.locator("#scrub")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    start = page.evaluate("() => { const s = document.getElementById('scrub'); return s.value / s.max }")
    across, down = box["x"] + 8 + (box["width"] - 16) * start, box["y"] + box["height"] / 2
    page.mouse.move(across, down)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(across + 12 * step, down)
    page.locator(".preview").wait_for()
    assert "draws" not in asked(page)
    page.mouse.up()
    page.locator(".preview").wait_for(state="detached")
    assert asked(page)["at"] > DAY
    assert page.input_value("#at") == asked(page)["at"]
    agrees(page, case)


def test_the_day_is_moved_with_the_keyboard(page, case):
    """Arrows move it day by day, in full once no key was pressed for a while."""
    page.goto(at(case, "answer"))
    page.focus("#scrub")
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "at=2003-02-04" in url)
    page.locator(".preview").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "scrub"
    agrees(page, case)


def test_the_world_of_one_decision_maker(page, case):
    """The page says whose world it is, shows the figures of that world, and keeps to it when it is loaded anew."""
    page.goto(at(case, "answer"))
    page.select_option("#as", "anna")
    page.get_by_text("The world of Анна").wait_for()
    assert asked(page)["as"] == "anna"
    agrees(page, case)
    page.reload()
    assert page.input_value("#as") == "anna"
    assert page.get_by_text("The world of Анна").is_visible()


def test_from_the_matrix_to_the_facts_behind_one_belief(page, server, case):
    """A cell leads to the pair: its course, its ledger as a waterfall, and what it were without a fact."""
    page.goto(at(case, "trust"))
    page.locator("a.four").first.click()
    page.locator("svg.fall").first.wait_for()
    assert asked(page)["pair"]
    page.locator("details", has_text="Every fact behind it").first.locator("summary").click()
    page.get_by_role("button", name="Try without the fact").first.click()
    page.locator(MOVED).wait_for()
    assert asked(page)["branch"]
    assert rows_of(server, case) == rows_of(server, "made")


def test_back_and_forward(page, case):
    """Every view is an address: going back and forward shows what was there."""
    page.goto(at(case, "answer"))
    follow(page, "Trust", "nav.pages")
    follow(page, "Facts", "nav.pages")
    heads = []
    for way in (page.go_back, page.go_back, page.go_forward):
        way()
        calm(page)
        page.wait_for_function(
            "() => document.querySelector('.pages [aria-current]').href.split('?')[0] === location.href.split('?')[0]"
        )
        heads.append(page.locator("h1").inner_text().split()[0])
    assert heads == ["Who", "The", "Who"]


@pytest.mark.parametrize("shown", [ARABIC, CYRILLIC], ids=["arabic", "cyrillic"])
def test_names_in_other_scripts(page, shown):
    """On every page they are whole, and each stands in its own direction."""
    wrong = {}
    for name in (
        "answer",
        "trust",
        "pair",
        "facts",
        "fact",
        "people",
        "texts",
        "stakes",
        "ratings",
        "whatif",
        "report",
    ):
        answer = page.goto(shown.at(name).replace("&one=&other=try", ""))
        assert answer.status == 200
        found = page.evaluate(ALONE)
        assert found["all"], name
        if found["wrong"]:
            wrong[name] = found["wrong"]
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)


# -- changing ----------------------------------------------------------------------------------------


def test_a_fact_is_edited_and_undone(page, server, case):
    """The page shows what moved; only that row of the file differs; undo and redo go there and back."""
    before = rows_of(server, case)
    page.goto(at(case, "facts", fact="mf003"))
    page.fill("[name=says]", "Вода отравлена")
    page.select_option("[name=reliability]", "rumour")
    page.fill("fieldset ~ .save [name=why]", "heard of a witness")
    press(page, "Save")
    assert "By" not in page.locator(MOVED).inner_text().split()
    assert page.locator(f"{MOVED} tbody tr").count()
    after = rows_of(server, case)
    assert [n for n, (one, two) in enumerate(zip(before, after, strict=True)) if one != two] == [3]
    step(page, "undo")
    assert rows_of(server, case) == before
    step(page, "redo")
    assert rows_of(server, case) == after
    assert history(server, case) == ["edit", "undo", "redo"]


def test_a_branch_is_tried_compared_and_merged_or_thrown_away(page, server, case):
    """What is proposed is tried beside the case; only merging changes the case; throwing away can be undone."""
    before = rows_of(server, case)
    page.goto(at(case, "facts", fact="mf009"))
    page.goto(at(case, "whatif"))
    page.fill("form[action*='do/branch'] [name=title]", "No prisoners")
    press(page, "Open", "form[action*='do/branch']")
    branch = asked(page)["branch"]
    page.goto(at(case, "facts", fact="mf009", branch=branch))
    press(page, "Switch it off")
    assert page.locator(MOVED).is_visible()
    assert rows_of(server, case) == before
    page.goto(at(case, "whatif", branch=branch))
    follow(page, "Compare with the case", "#page")
    assert page.locator("#side tbody tr").count()
    assert page.locator("#side li").count() == 1
    page.goto(at(case, "whatif", branch=branch))
    press(page, "Throw away", "#page")
    assert page.get_by_role("heading", name="No prisoners").count() == 0
    step(page, "undo")
    assert page.get_by_role("heading", name="No prisoners").count() == 1
    press(page, "Merge into the case", "#page")
    assert page.locator(MOVED).is_visible()
    assert b"mf009" in b"".join(rows_of(server, case, "off.csv"))


def test_two_windows_on_different_rows(window, server, case):
    """Both changes survive."""
    one, two = window(), window()
    for page, fact in ((one, "mf003"), (two, "mf004")):
        page.goto(at(case, "facts", fact=fact))
        page.fill("[name=says]", f"seen anew {fact}")
    for page in (one, two):
        press(page, "Save")
        assert page.locator(MOVED).is_visible()
    text = b"\n".join(rows_of(server, case))
    assert b"seen anew mf003" in text
    assert b"seen anew mf004" in text


def test_two_windows_on_the_same_field(window, server, case):
    """The second is asked, sees both, and nothing is overwritten before it has said so."""
    one, two = window(), window()
    for page, says in ((one, "the first was quicker"), (two, "the second was slower")):
        page.goto(at(case, "facts", fact="mf003"))
        page.fill("[name=says]", says)
    press(one, "Save")
    press(two, "Save")
    asked_ = two.locator("#page").inner_text()
    assert "the first was quicker" in asked_
    assert "the second was slower" in asked_
    assert b"the first was quicker" in b"\n".join(rows_of(server, case))
    press(two, "Save mine after all")
    assert b"the second was slower" in b"\n".join(rows_of(server, case))


def test_an_outside_editor_is_not_overwritten(page, server, case):
    """A field that another program changed while it was being edited here is asked about as well."""
    page.goto(at(case, "facts", fact="mf003"))
    page.fill("[name=says]", "typed here")
    path = server.folder / case / "evidence.csv"
    path.write_bytes(path.read_bytes().replace(b"made-up fact number 3:", b"typed elsewhere:"))
    press(page, "Save")
    assert "typed elsewhere" in page.locator("#page").inner_text()
    assert b"typed here" not in path.read_bytes()


def test_reloading_in_the_middle_of_an_edit(page, server, case):
    """The browser asks first; what was saved is there, what was only typed is not in the files."""
    before = rows_of(server, case)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.goto(at(case, "facts", fact="mf003"))
    page.fill("[name=says]", "typed but not saved x")
    page.fill("#at", "2003-02-03")
    page.wait_for_url(lambda url: "at=2003-02-03" in url)
    calm(page)
    assert page.input_value("[name=says]").endswith("x")
    page.reload()
    assert dialogs == ["beforeunload"]
    assert not page.input_value("[name=says]").endswith("x")
    assert rows_of(server, case) == before


def test_the_server_is_killed_and_started_again(window, server, pass_of, case):
    """What was typed stands; after the new link the page goes on where it was, with the whole history."""
    page = window()
    page.goto(at(case, "facts", fact="mf003"))
    page.fill("[name=says]", "before the fall")
    press(page, "Save")
    page.fill("[name=says]", "after the fall")
    server.end(signal.SIGKILL)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_function("() => document.getElementById('spoken').textContent")
    assert page.input_value("[name=says]") == "after the fall"
    server.start()
    enter(page.context, server, pass_of)
    press(page, "Save")
    assert page.locator(MOVED).is_visible()
    assert b"after the fall" in b"\n".join(rows_of(server, case))
    assert history(server, case) == ["edit", "edit"]
    step(page, "undo")
    assert b"before the fall" in b"\n".join(rows_of(server, case))


# -- planning, sharing, removing, locking --------------------------------------------------------------


def test_a_plan_is_ranked_and_a_history_told(page, case):
    """A small question: the run says how far it is, then come the ladder and, on demand, one history."""
    page.goto(at(case, "plan", rollouts=64, longest=1, horizon=3, flips=0))
    page.get_by_role("button", name="Clear all").click()
    page.locator("input[name=move]").first.check()
    press(page, "Rank the plans")
    page.locator("#ladder, svg").first.wait_for()
    page.get_by_role("link", name="Tell one history of plan").first.wait_for(timeout=COMPILING)
    page.get_by_role("link", name="Tell one history of plan").first.click()
    page.locator("#told li").first.wait_for()
    assert asked(page)["trace"] == "0"


def test_a_run_is_stopped(page, case):
    """A run that would take long is stopped on the page and says so."""
    page.goto(at(case, "plan", longest=1, flips=0))
    page.locator("#asked").evaluate("(one) => { one.open = true }")
    page.fill("[name=rollouts]", page.get_attribute("[name=rollouts]", "max"))
    page.get_by_role("button", name="Rank the plans").click()
    page.locator("#run").wait_for()
    page.get_by_role("button", name="Stop, and rank what is known so far").click()
    page.locator("#run").wait_for(state="detached", timeout=COMPILING)
    assert "stopped" in page.locator("#page").inner_text()


def test_every_export_is_saved(page, case, tmp_path):
    """Each file that the page offers is saved under a name, and none holds a fact above its audience."""
    page.goto(at(case, "report", audience="green"))
    links = page.locator("a[download]")
    names = []
    for n in range(links.count()):
        with page.expect_download() as download:
            links.nth(n).click()
        names.append(download.value.suggested_filename)
        saved = tmp_path / f"{n}-{names[-1]}"
        download.value.save_as(saved)
        held = [saved.read_bytes()]
        if zipfile.is_zipfile(saved):
            with zipfile.ZipFile(saved) as packed:
                held = [packed.read(one) for one in packed.namelist()]
        assert held
        assert all(held)
        assert not any(b"SECRET" in one for one in held), names[-1]
    assert {name.rpartition(".")[2] for name in names} >= {"html", "json", "zip"}


def test_a_fact_is_purged(page, server, case):
    """After it was typed once more, no file of the folder and none of the server's holds a word of it."""
    page.goto(at(case, "facts", fact="mf028"))
    page.fill("[name=says]", "SECRET-RED-B was here")
    press(page, "Save")
    page.goto(at(case, "purge", kind="fact", id="mf028"))
    page.fill("#typed", "mf028")
    press(page, "Remove it for good")
    page.get_by_role("heading", name="Removed for good").wait_for()
    assert not [path for path in _files(server, case) if b"SECRET-RED-B" in path.read_bytes()]
    page.goto(at(case, "answer"))
    assert page.locator(".deal").first.is_visible()


def test_a_case_is_locked_and_unlocked(page, server, case):
    """Locked, nothing of it lies in clear; a wrong passphrase is one sentence; the right one opens it."""
    card = page.locator(f".card:has(a[href^='/own/{case}/'])")
    page.goto("/")
    card.locator("summary").click()
    card.locator("input[name=passphrase]").fill("a long passphrase")
    card.get_by_role("button", name="Lock").click()
    card.get_by_text("Kept encrypted").wait_for()
    assert not [path for path in _files(server, case) if b"SECRET" in path.read_bytes()]
    for said, outcome in (("a wrong passphrase", "[role=alert]"), ("a long passphrase", ".deal")):
        card.locator("input[name=passphrase]").fill(said)
        card.get_by_role("button", name="Open").click()
        page.locator(outcome).first.wait_for()
    assert not [path for path in _files(server, case) if b"SECRET" in path.read_bytes()]


def _files(server, case):
    """Every file that could hold something of a case."""
    own = [path for path in server.folder.rglob("*") if case in str(path.relative_to(server.folder))]
    return [path for path in (*own, *server.home.rglob("*")) if path.is_file() and not path.is_symlink()]
