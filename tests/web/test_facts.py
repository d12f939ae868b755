"""The page "Facts": the table, one fact, what is pasted, and the other parts of a case by their forms."""

import json
import re
from dataclasses import fields
from datetime import date
from html import unescape
from itertools import pairwise

import pytest

from goodoffices.domain.readings import plain
from goodoffices.web.pages.facts_view import SHOWN, FactsContext
from goodoffices.workbench.desk import Ref
from goodoffices.workbench.entering import COLUMNS, coverage_on, fresh_fact, fresh_key, pasted

PAGE = "/own/mine/facts"
DO = "/own/mine/do/"
OWN = Ref(shelf="own", name="mine")
NEW = {
    "happened_on": "2003-05-20",
    "actor": "anna",
    "towards": ["birch"],
    "kind": "threat",
    "says": "Анна грозит",
}


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def hidden(text: str, form: str) -> dict[str, str]:
    """What a form carries: the row that it is of, and its cells as they were shown."""
    piece = text[text.index(f'data-keep="{form}') :]
    found = re.findall(
        r'<input type="hidden" name="([^"]*)" value="([^"]*)">', piece[: piece.index("</form>")]
    )
    return {name: unescape(value) for name, value in found}


def shown(text: str, form: str) -> dict[str, str]:
    """What a form of a fact would send untouched."""
    carried = hidden(text, form)
    seen = json.loads(carried["seen"] or "{}")
    given = {name: seen.get(name, "") for name in COLUMNS}
    given["towards"], given["seen_by"] = given["towards"].split(), given["seen_by"].split()
    return {**given, **carried}


def case_of(desk, branch=""):
    return desk.opened(OWN).case(branch)


def fact_of(desk, name, branch=""):
    return next(fact for fact in case_of(desk, branch).declared() if fact.id == name)


def lines(desk) -> list[str]:
    return (desk.folder / "mine" / "evidence.csv").read_text(encoding="utf-8").splitlines()


# -- the table ------------------------------------------------------------------------------------


def test_the_table_lists_every_fact_by_name(client, desk):
    """Each fact stands in the table with its kind, who did it towards whom, and its marks."""
    text = client.get(PAGE).text
    assert all(fact.id in text for fact in case_of(desk).declared())
    told = words(text)
    assert "Анна" in told
    assert "جمهورية البتولا" in told
    assert "Released prisoners" in told or "prisoner" in told.lower()


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"actor": "clara"}, lambda f: f.actor == "clara" or "clara" in f.towards),
        ({"kind": "visit"}, lambda f: f.kind == "visit"),
        ({"verified": "yes"}, lambda f: f.verified),
        ({"state": "disputed"}, lambda f: f.disputed),
        ({"state": "later"}, lambda f: f.known_on > date(2002, 6, 1)),
        ({"q": "NUMBER 27: made-up"}, lambda f: "number 27:" in f.says),
    ],
)
def test_filters_in_the_address_choose_facts(client, desk, asked, kept):
    """What the address asks for is what the table shows, and nothing else."""
    found = client.get("/api/v1/own/mine/pages/facts", params={"at": "2002-06-01", **asked}).json()["context"]
    wanted = {fact.id for fact in case_of(desk).declared() if kept(fact)}
    assert {row["id"] for row in found["table"]["rows"]} == wanted
    assert found["table"]["found"] == len(wanted)


def test_coverage_is_that_of_the_reading(client, desk):
    """What is counted above the table is what the reading of that day counts."""
    day = date(2003, 8, 1)
    found = client.get("/api/v1/own/mine/pages/facts", params={"at": str(day)}).json()["context"]["table"]
    reading = desk.opened(OWN).reading(day, draws=20, options=False)
    assert found["coverage"] == plain(reading.coverage)
    assert coverage_on(case_of(desk), day) == reading.coverage


def test_many_facts_come_in_pages(client, desk):
    """Of many facts one page is sent at a time, and every fact is on one of them."""
    table = lines(desk)
    more = [re.sub(r"^mf001", f"mz{n:04}", table[1]).replace("1995-05-01,1995-05-01", f"19{60 + n % 30}-0{1 + n % 9}-{10 + n % 19},") for n in range(SHOWN + 20)]  # fmt: skip
    more = [row.replace(",,,,kept", f",,,e{n},kept") for n, row in enumerate(more)]
    (desk.folder / "mine" / "evidence.csv").write_text("\n".join([*table, *more]) + "\n", encoding="utf-8")
    found: list[str] = []
    for part in (1, 2):
        rows = client.get("/api/v1/own/mine/pages/facts", params={"part": part}).json()["context"]["table"][
            "rows"
        ]
        assert len(rows) <= SHOWN
        found += [row["id"] for row in rows]
    assert sorted(found) == sorted(fact.id for fact in case_of(desk).declared())
    assert 'rel="next"' in client.get(PAGE).text


def test_the_world_of_one_person_hides_facts(client, desk):
    """As seen by somebody, the facts that he could not know are marked and can be asked for alone."""
    text = client.get(PAGE, params={"fact": "mf001"}).text
    form = {**shown(text, "fact-evidence.csv/mf001"), "seen_by": ["aster"]}
    client.post(DO + "fact", params={"fact": "mf001"}, data=form)
    asked = {"at": "2003-08-01", "as": "basil", "state": "hidden"}
    found = client.get(PAGE, params=asked).text
    assert "mf001" in found
    assert "hidden from him or her" in words(found)


def test_links_lead_only_to_the_web(client, desk):
    """A source is opened only at http and https, by a link that tells the other side nothing."""
    text = client.get(PAGE, params={"fact": "mf027"}).text
    link = re.search(r'<a href="https://secret-a.example/x"[^>]*>', text)
    assert link
    assert 'rel="noopener noreferrer"' in link[0]
    assert "secret-a.example" in words(text)


# -- one fact -------------------------------------------------------------------------------------


def test_a_fact_is_added_and_what_it_moves_is_shown(client, desk):
    """A new fact gets an id of its own, is in the file, and the page says what it moved."""
    answer = client.post(
        DO + "fact", params={"fact": "new", "at": "2003-08-01"}, data=NEW, follow_redirects=False
    )
    assert answer.status_code == 303
    added = next(fact for fact in case_of(desk).facts if fact.says == "Анна грозит")
    assert f"fact={added.id}" in answer.headers["location"]
    page = client.get(answer.headers["location"]).text
    assert 'id="moved"' in page
    assert re.fullmatch(r"[a-z0-9]{4,12}", added.id)


def test_saving_changes_one_row_and_only_the_fields_that_differ(client, desk):
    """All other rows stay byte for byte, and so does what was not touched in this one."""
    before = lines(desk)
    text = client.get(PAGE, params={"fact": "mf007"}).text
    form = {**shown(text, "fact-evidence.csv/mf007"), "says": "a promise", "verified": "yes"}
    answer = client.post(DO + "fact", params={"fact": "mf007"}, data=form, follow_redirects=False)
    assert answer.status_code == 303
    changed = [(one, other) for one, other in zip(before, lines(desk), strict=True) if one != other]
    assert len(changed) == 1
    assert changed[0][0].startswith("mf007,2001-05,2001-05,")
    assert changed[0][1].startswith("mf007,2001-05,2001-05,")
    assert fact_of(desk, "mf007").verified


def test_saving_nothing_says_so(client):
    """A form that was not changed makes no entry in the history."""
    text = client.get(PAGE, params={"fact": "mf007"}).text
    form = shown(text, "fact-evidence.csv/mf007")
    answer = client.post(DO + "fact", params={"fact": "mf007"}, data=form)
    assert answer.status_code == 422
    assert "nothing was changed" in words(answer.text)


def test_two_windows_on_one_fact(client, desk):
    """Different fields of one fact are both kept; the same field is asked about, never overwritten."""
    text = client.get(PAGE, params={"fact": "mf007"}).text
    form = shown(text, "fact-evidence.csv/mf007")
    first = client.post(
        DO + "fact", params={"fact": "mf007"}, data={**form, "says": "one"}, follow_redirects=False
    )
    second = client.post(
        DO + "fact", params={"fact": "mf007"}, data={**form, "note": "two"}, follow_redirects=False
    )
    third = client.post(
        DO + "fact", params={"fact": "mf007"}, data={**form, "says": "three"}, follow_redirects=False
    )
    assert (first.status_code, second.status_code, third.status_code) == (303, 303, 409)
    assert (fact_of(desk, "mf007").says, fact_of(desk, "mf007").note) == ("one", "two")


def test_what_does_not_fit_is_shown_again_with_every_fault_beside_its_field(client, desk):
    """Nothing is saved; what was typed stands there again, and each field says what would be right."""
    bad = {
        **NEW,
        "happened_on": "soon",
        "kind": "wink",
        "source_url": "javascript:alert(1)",
        "says": "half typed",
    }
    answer = client.post(DO + "fact", params={"fact": "new"}, data=bad)
    assert answer.status_code == 422
    for name in ("happened_on", "kind", "source_url"):
        assert f'id="f-{name}-f"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'aria-describedby="f-happened_on-f f-happened_on-h"' in answer.text
    assert "half typed" in answer.text
    assert 'value="soon"' in answer.text
    assert len(case_of(desk).facts) == 40


def test_a_fault_between_fields_is_said_at_the_field(client):
    """A day before the one on which it happened is refused where it was typed."""
    answer = client.post(DO + "fact", params={"fact": "new"}, data={**NEW, "known_on": "2001-01-01"})
    assert answer.status_code == 422
    assert "give the day on which it could be known" in words(answer.text)
    assert 'id="f-known_on-f"' in answer.text


def test_a_fact_is_switched_off_with_a_reason_and_on_again(client, desk):
    """It stays on file, counts no longer, and says by whom and why; switched on it counts again."""
    row = {"row": "evidence.csv/mf009", "why": "seen by nobody"}
    client.post(DO + "fact-off", params={"fact": "mf009"}, data=row)
    assert [(s.fact, s.reason) for s in case_of(desk).switched] == [("mf009", "seen by nobody")]
    assert "seen by nobody" in client.get(PAGE, params={"fact": "mf009"}).text
    client.post(DO + "fact-on", params={"fact": "mf009"}, data=row)
    assert not case_of(desk).switched


def test_a_fact_is_disputed_and_the_other_reading_removed(client, desk):
    """Another reading marks the fact as disputed; without any it is so no longer."""
    form = {
        "row": "evidence.csv/mf009",
        "other_kind": "none",
        "weight": "0.4",
        "says_who": "the others",
        "other_day": "2001-08-01",
    }
    answer = client.post(DO + "dispute", params={"fact": "mf009"}, data=form)
    assert answer.status_code == 200
    other = next(one for one in case_of(desk).alternatives if one.fact == "mf009")
    assert fact_of(desk, "mf009").disputed
    assert "the others" in answer.text
    client.post(
        DO + "undispute", params={"fact": "mf009"}, data={"row": "evidence.csv/mf009", "key": other.key}
    )
    assert not fact_of(desk, "mf009").disputed


def test_a_weight_that_is_none_is_said_at_its_field(client):
    """A share of belief must lie between 0 and 1."""
    form = {
        "row": "evidence.csv/mf009",
        "other_kind": "none",
        "weight": "7",
        "says_who": "x",
        "other_day": "2001-08-01",
    }
    answer = client.post(DO + "dispute", params={"fact": "mf009"}, data=form)
    assert answer.status_code == 422
    assert 'id="d-weight-f"' in answer.text


def test_a_comment_is_added_and_removed(client, desk):
    """A comment says who wrote it; what looks like markup is text."""
    form = {"row": "evidence.csv/mf009", "remark": "<img src=x onerror=alert(1)>"}
    page = client.post(DO + "comment", params={"fact": "mf009"}, data=form).text
    assert "<img" not in page
    assert "&lt;img" in page
    (made,) = case_of(desk).comments
    client.post(
        DO + "uncomment", params={"fact": "mf009"}, data={"row": "evidence.csv/mf009", "key": made.key}
    )
    assert not case_of(desk).comments


def test_a_fact_is_removed_with_what_hangs_on_it_and_undo_brings_all_back(client, desk):
    """Comments and other readings go with the fact; one undo restores the files to the byte."""
    client.post(
        DO + "comment", params={"fact": "mf029"}, data={"row": "evidence.csv/mf029", "remark": "look again"}
    )
    names = ("evidence.csv", "disputes.csv", "comments.csv")
    before = [(desk.folder / "mine" / name).read_bytes() for name in names]
    answer = client.post(DO + "fact-remove", params={"fact": "mf029"}, data={"row": "evidence.csv/mf029"})
    assert answer.status_code == 200
    assert "mf029" not in {fact.id for fact in case_of(desk).declared()}
    client.post(DO + "undo", data={"back": PAGE})
    assert [(desk.folder / "mine" / name).read_bytes() for name in names] == before


def test_undo_and_redo_come_back_to_the_row_that_is_open(client):
    """The address after both has the part, the row and the filters from before, and what was moved."""
    client.post(DO + "comment", params={"fact": "mf007"}, data={"row": "evidence.csv/mf007", "remark": "x"})
    shown_at = f"{PAGE}?as=anna&fact=mf007&actor=anna&moved=long-ago"
    for what in ("undo", "redo"):
        sent = {"data": {"back": shown_at}, "params": {"as": "anna"}, "follow_redirects": False}
        where = client.post(DO + what, **sent).headers["location"]
        assert where.startswith(f"{PAGE}?as=anna&fact=mf007&actor=anna&moved=")
        assert not where.endswith("long-ago")
    grid_at = f"{PAGE}?tab=stakes&text=treaty&who=aster-president"
    where = client.post(DO + "undo", data={"back": grid_at}, follow_redirects=False).headers["location"]
    assert where.startswith(f"{grid_at}&moved=")


def test_a_row_that_goes_with_undo_leaves_its_part_of_the_page(client):
    """Undoing what brought the open row in shows the table that it stood in, with what moved."""
    added = client.post(DO + "fact", params={"fact": "new"}, data=NEW).url
    answer = client.post(DO + "undo", data={"back": str(added)})
    assert answer.status_code == 200
    assert re.fullmatch(rf".*{PAGE}\?moved=\w+", str(answer.url))
    assert 'id="moved"' in answer.text
    form = {"row": "case.toml/parties/new", "name": "Delta", "role": "third"}
    client.post(DO + "put", params={"tab": "people"}, data=form)
    row = client.get("/api/v1/own/mine/pages/facts", params={"tab": "people"}).text
    assert "Delta" in row
    answer = client.post(DO + "undo", data={"back": f"{PAGE}?tab=people&row=parties/gone"})
    assert answer.status_code == 200
    assert "tab=people&moved=" in str(answer.url)


def test_the_codebook_can_be_searched_without_scripts(client):
    """Looking for a kind keeps what was typed, and lists only kinds that have all the words."""
    text = client.post(DO + "fact", params={"fact": "new"}, data={**NEW, "look": "prisoner", "looking": "1"})
    assert text.status_code == 200
    assert "Анна грозит" in text.text
    kinds = client.get("/api/v1/own/mine/pages/facts", params={"fact": "new", "look": "prisoner"}).json()
    found = kinds["context"]["fact"]["kinds"]
    assert 0 < len(found) < 12
    assert all("prisoner" in json.dumps(kind).lower() for kind in found)
    assert all(kind["definition"] and kind["example"] and kind["bears"] for kind in found)


def test_a_library_case_is_changed_in_a_branch(client, desk):
    """The case of the library stays as it is; the fact is switched off in the reader's own branch."""
    answer = client.post(
        "/library/lahore/do/fact-off",
        params={"fact": "la0001"},
        data={"row": f"evidence.csv/{desk.opened(Ref(shelf='library', name='lahore')).case().facts[0].id}"},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    assert "branch=draft" in answer.headers["location"]
    opened = desk.opened(Ref(shelf="library", name="lahore"))
    assert not opened.case().off
    assert len(opened.case("draft").off) == 1


# -- pasting --------------------------------------------------------------------------------------

TABLE = (
    "Happened on\tWho did it\tTowards whom\tKind of conduct\tWhat happened, in one sentence\tverified\n"
    "2003-05-20\tАнна\tجمهورية البتولا\tVisited the other side\tShe came\tyes\n"
    "2003-06\tbasil\taster\tthreat\t'=SUM(1)\tx\n"
)


def test_a_table_is_understood_by_names_labels_and_headings(desk):
    """Names stand for ids, labels for kinds, headings for columns; a guarded formula loses its guard."""
    from goodoffices.workbench import Workbench

    label = Workbench().tables().kinds["visit"].label
    found = pasted(TABLE.replace("Visited the other side", label), case_of(desk))
    assert found.fits
    first, second = (row.cells for row in found.rows)
    assert (first["actor"], first["towards"], first["kind"], first["verified"]) == (
        "anna",
        "birch",
        "visit",
        "yes",
    )
    assert (second["says"], second["verified"]) == ("=SUM(1)", "yes")


def test_a_table_is_shown_before_anything_is_added(client, desk):
    """The dry run adds nothing; the second step adds all rows as one entry of the history."""
    table = TABLE.replace("Visited the other side", "visit")
    dry = client.post(DO + "paste", params={"dry": "1"}, data={"table": table})
    assert dry.status_code == 200
    assert "Add 2 facts" in words(dry.text)
    assert len(case_of(desk).facts) == 40
    client.post(DO + "paste", data={"table": table, "add": "1"})
    assert len(case_of(desk).facts) == 42
    assert len(desk.opened(OWN).history()) == 1


def test_what_does_not_fit_in_a_table_is_said_beside_its_cell(client, desk):
    """Every cell that is not understood has its own sentence, and nothing is added."""
    table = "happened_on,actor,towards,kind\nsoon,nobody,aster,wink\n2003-05-01,anna,birch,threat\n"
    found = pasted(table, case_of(desk))
    assert set(found.rows[0].faults) == {"happened_on", "kind"}
    assert not found.rows[1].faults
    answer = client.post(DO + "paste", data={"table": table, "add": "1"})
    assert answer.status_code == 422
    assert "1 of 2 rows do not fit yet" in words(answer.text)
    assert len(case_of(desk).facts) == 40


def test_a_date_that_can_be_two_days_is_asked_back(client, desk):
    """The cell says both days; told which comes first, the page shows what it read and adds it."""
    table = "9/12/2002\tanna\tbirch\tthreat\tsaid so\n"
    asked = client.post(DO + "paste", params={"dry": "1"}, data={"table": table})
    assert asked.status_code == 422
    assert "write 2002-09-12 or 2002-12-09" in words(asked.text)
    dry = client.post(DO + "paste", params={"dry": "1"}, data={"table": table, "order": "mdy"})
    assert "9/12/2002 = 2002-09-12" in words(dry.text)
    assert '<option value="mdy" selected>' in dry.text
    client.post(DO + "paste", data={"table": table, "order": "mdy", "add": "1"})
    assert case_of(desk).facts[-1].happened_on == date(2002, 9, 12)


def test_what_is_wrong_with_a_whole_table_is_said_above_it(client, desk):
    """Columns that are unknown or missing and rows beyond the most are named; nothing is added."""
    rows = "".join(f"2003-05-01,anna,birch,threat,{n}\n" for n in range(2001))
    for table, told in (
        (
            "happened_on,actor,towards,kind,mood\n" + rows,
            "mood: found a column that the format does not know",
        ),
        ("happened_on,actor,towards,what exactly\n" + rows, "Kind of conduct: found no such column"),
        ("happened_on,actor,towards,kind,says\n" + rows, "1 rows more than can be added at once"),
    ):
        answer = client.post(DO + "paste", data={"table": table, "add": "1"})
        assert answer.status_code == 422
        assert told in words(answer.text)
    assert len(case_of(desk).facts) == 40


@pytest.mark.parametrize(
    "table", ["", "\n\n", '"', "a\tb\n1", "actor;kind\nx", "\x00", "happened_on,actor,kind\n" + '"' * 7]
)
def test_no_paste_breaks_the_page(client, table):
    """Whatever is pasted, the answer is a page that says what would be right."""
    assert client.post(DO + "paste", params={"dry": "1"}, data={"table": table}).status_code == 422


# -- people, texts --------------------------------------------------------------------------------


def test_a_party_is_entered_changed_and_removed(client, desk):
    """A new party gets an id from its name in any script; a name is changed without touching the rest."""
    form = {"row": "case.toml/parties/new", "name": "Дельта", "role": "third", "iso3": "", "wikidata": ""}
    client.post(DO + "put", params={"tab": "people"}, data=form)
    party = case_of(desk).parties[-1]
    assert (party.id, party.name, party.role) == ("дельта", "Дельта", "third")
    asked = {"tab": "people", "row": f"parties/{party.key}"}
    carried = hidden(client.get(PAGE, params=asked).text, "put-")
    before = (desk.folder / "mine" / "case.toml").read_text(encoding="utf-8")
    client.post(DO + "put", params=asked, data={**form, **carried, "name": "Delta"})
    assert (desk.folder / "mine" / "case.toml").read_text(encoding="utf-8") == before.replace(
        '"Дельта"', '"Delta"'
    )
    client.post(DO + "remove", params=asked, data={"row": carried["row"]})
    assert len(case_of(desk).parties) == 3


def test_what_others_name_is_not_removed(client, desk):
    """A party that decision-makers belong to stays, and the sentence says who names it."""
    asked = {"tab": "people", "row": "parties/paaaaa"}
    answer = client.post(DO + "remove", params=asked, data={"row": "case.toml/parties/paaaaa"})
    assert answer.status_code == 422
    assert "named by decision-maker anna" in words(answer.text)


def test_a_term_of_office_ends(client, desk):
    """The form of a decision-maker changes one date; a date that is none is said at its field."""
    asked = {"tab": "people", "row": "decision_makers/dmaaa2"}
    carried = hidden(client.get(PAGE, params=asked).text, "put-")
    form = {
        "name": "Arno",
        "kind": "person",
        "party": "aster",
        "office": "aster-president",
        "from": "2003-06-01",
        "wikidata": "Q12",
    }
    assert (
        client.post(DO + "put", params=asked, data={**form, **carried, "to": "2004-05-01"}).status_code == 200
    )
    assert case_of(desk).decision_maker("arno").end == date(2004, 5, 1)
    answer = client.post(DO + "put", params=asked, data={**form, **carried, "to": "never"})
    assert answer.status_code == 422
    assert 'id="f-to-f"' in answer.text


def test_a_spoiler_and_a_link_are_entered(client, desk):
    """Spoilers and links have their forms; what is entered is in the case."""
    new = {"row": "case.toml/spoilers/new", "name": "Night Watch", "side": "aster", "known_on": "2002-01-01"}
    client.post(DO + "put", params={"tab": "people"}, data=new)
    link = {
        "row": "case.toml/links/new",
        "observer": "basil",
        "sees": "night-watch",
        "towards": "",
        "weight": "some",
        "known_on": "2002-01-01",
        "reason": "",
    }
    client.post(DO + "put", params={"tab": "people"}, data=link)
    assert case_of(desk).spoilers[-1].id == "night-watch"
    assert case_of(desk).links[-1].sees == "night-watch"


def test_a_text_is_entered_and_given_a_provision(client, desk):
    """A text with two sides bound, then a guarantee in it; both are in the case."""
    text = {
        "row": "case.toml/texts/new",
        "title": "A second treaty",
        "scope": "full",
        "pressure": "none",
        "binds": ["aster", "birch"],
        "tabled_on": "2004-02-01",
    }
    assert client.post(DO + "put", params={"tab": "texts"}, data=text).status_code == 200
    made = case_of(desk).texts[-1]
    assert (made.id, made.binds) == ("a-second-treaty", ("aster", "birch"))
    row = f"case.toml/provisions/{made.id}/verification"
    given = {"row": row, "detection": "strong", "recoverable": "", "known_on": "2004-02-01"}
    assert (
        client.post(DO + "provision", params={"tab": "texts", "row": row[10:]}, data=given).status_code == 422
    )
    client.post(DO + "provision", params={"tab": "texts"}, data={**given, "recoverable": "half"})
    (provision,) = case_of(desk).texts[-1].provisions
    assert provision.words == {"detection": "strong", "recoverable": "half"}


def test_changing_a_text_leaves_its_provisions(client, desk):
    """Only the day that was typed differs; provisions and all else stay."""
    asked = {"tab": "texts", "row": "texts/tx0002"}
    carried = hidden(client.get(PAGE, params=asked).text, "put-")
    cells = json.loads(carried["seen"])
    form = {name: value for name, value in cells.items() if not isinstance(value, dict)}
    client.post(DO + "put", params=asked, data={**form, **carried, "signed_on": "2004-03-01"})
    before, after = desk.bench.load_case(desk.folder.parent / "cases" / "mine"), case_of(desk)
    assert after.texts[1].signed_on == date(2004, 3, 1)
    assert len(after.texts[1].provisions) == 7
    assert before.texts[0] == after.texts[0]


def test_a_provision_is_changed_and_taken_out(client, desk):
    """One word of a provision is changed; the provision is taken out, and no other."""
    asked = {"tab": "texts", "row": "provisions/treaty/pv0002"}
    carried = hidden(client.get(PAGE, params=asked).text, "provision-")
    form = {"detection": "some", "recoverable": "half", "known_on": "2003-01-01"}
    assert client.post(DO + "provision", params=asked, data={**form, **carried}).status_code == 200
    assert case_of(desk).texts[1].provisions[0].words["detection"] == "some"
    client.post(DO + "remove-provision", params=asked, data={"row": carried["row"]})
    assert [one.key for one in case_of(desk).texts[1].provisions] == [f"pv000{n}" for n in range(3, 9)]


# -- stakes, ratings ------------------------------------------------------------------------------

GRID = {"tab": "stakes", "text": "treaty", "who": "aster-president"}


def grid(client) -> dict[str, str]:
    """A grid as a browser would send it untouched."""
    context = client.get("/api/v1/own/mine/pages/facts", params=GRID).json()["context"]
    rows = context["stakes"]["form"]["lines"]
    sent = {one["name"]: one["value"] for line in rows for one in line["fields"]}
    return sent | {f"was.{name}": value for line in rows for name, value in line["was"].items()}


def test_the_grid_saves_only_what_was_changed(client, desk):
    """One word is changed in one row of the file; the rest stays byte for byte."""
    path = desk.folder / "mine" / "stakes.csv"
    before = path.read_text(encoding="utf-8").splitlines()
    answer = client.post(
        DO + "stakes", params=GRID, data={**grid(client), "sk0014.word": "triumph"}, follow_redirects=False
    )
    assert answer.status_code == 303
    after = path.read_text(encoding="utf-8").splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        (before[14], before[14].replace("large_gain", "triumph"))
    ]


def test_a_stake_is_added_from_a_later_day_and_one_removed(client, desk):
    """A line that is filled becomes a row; a line that is ticked goes."""
    form = {
        **grid(client),
        "new-kept.word": "gain",
        "new-kept.known_on": "2004-01-01",
        "new-kept.rationale": "less",
        "sk0049.remove": "1",
    }
    client.post(DO + "stakes", params=GRID, data=form)
    keys = {stake.key for stake in case_of(desk).stakes}
    assert "sk0049" not in keys
    added = case_of(desk).stakes[-1]
    assert (added.actor, added.text, added.quantity, added.word) == (
        "aster-president",
        "treaty",
        "kept",
        "gain",
    )


def test_a_fault_in_the_grid_is_said_in_its_line(client):
    """A day that is none is marked in the line in which it was typed, and what was typed stays."""
    answer = client.post(DO + "stakes", params=GRID, data={**grid(client), "sk0014.known_on": "one day"})
    assert answer.status_code == 422
    assert 'id="s-sk0014-known_on-f"' in answer.text
    assert 'value="one day"' in answer.text


def test_missing_stakes_are_marked(client, desk):
    """A stake that is needed and not given is said to be missing, in the table and in the form."""
    added = {
        "row": "case.toml/texts/new",
        "title": "Later",
        "scope": "full",
        "pressure": "none",
        "binds": ["aster", "birch"],
        "tabled_on": "2004-02-01",
    }
    client.post(DO + "put", params={"tab": "texts"}, data=added)
    text = words(client.get(PAGE, params={"tab": "stakes", "text": "later"}).text)
    assert "24 stakes are missing" in text
    form = client.get(PAGE, params={"tab": "stakes", "text": "later", "who": "aster-president"}).text
    assert form.count('class="stake lacks"') == 6


def test_ratings_stand_side_by_side_with_their_disagreement(client):
    """Two analysts' words for one belief stand in one row, with how far they are apart."""
    found = client.get("/api/v1/own/mine/pages/facts", params={"tab": "ratings"}).json()["context"]["ratings"]
    assert found["authors"] == ["first analyst", "second analyst"]
    assert [row["spread"] for row in found["rows"]] == pytest.approx([0.2, 0.2])
    text = words(client.get(PAGE, params={"tab": "ratings"}).text)
    assert "apart by 0.20" in text


def test_a_rating_is_added_and_removed(client, desk):
    """A rating far from the others is said to disagree; removed it is gone."""
    form = {
        "truster": "anna",
        "trustee": "basil",
        "facet": "intention",
        "rating": "very_high",
        "confidence": "high",
        "rated_on": "2002-08-01",
        "author": "third analyst",
        "reason": "saw it",
    }
    page = client.post(DO + "rating", params={"tab": "ratings"}, data=form).text
    assert "they disagree" in words(page)
    client.post(DO + "remove-rating", params={"tab": "ratings"}, data={"key": case_of(desk).ratings[-1].key})
    assert len(case_of(desk).ratings) == 4


# -- the page as a whole --------------------------------------------------------------------------

TABS = [
    {},
    {"fact": "mf007"},
    {"fact": "new"},
    {"paste": "1"},
    *({"tab": tab} for tab in ("people", "texts", "stakes", "ratings")),
    {"tab": "people", "row": "links/new"},
    {"tab": "texts", "row": "provisions/treaty/bond"},
    GRID,
]


@pytest.mark.parametrize("asked", TABS, ids=lambda asked: "-".join(asked.values()) or "table")
def test_every_part_is_well_made(client, asked):
    """One first heading, no heading left out, every field labelled, every address for its own page."""
    text = client.get(PAGE, params=asked).text
    main = text[text.index("<main") : text.index("</main>")]
    levels = [int(level) for level in re.findall(r"<h([1-6])", main)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert "style=" not in main
    assert not re.search(r"\son[a-z]+=", main)
    labelled = set(re.findall(r'<label for="([^"]+)"', main))
    bare = re.sub(r"<label\b(?![^>]*\bfor=).*?</label>", "", main, flags=re.DOTALL)
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", bare):
        if 'type="hidden"' not in tag:
            assert re.search(r'id="([^"]+)"', tag)[1] in labelled
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert len(text.encode()) < 300_000


def test_an_unknown_row_is_not_found(client):
    """A fact, person, text or seat that is not there is a sentence with status 404."""
    for asked in (
        {"fact": "nope"},
        {"tab": "people", "row": "parties/nope"},
        {"tab": "texts", "row": "provisions/nope/x"},
        {"tab": "stakes", "who": "nope"},
    ):
        assert client.get(PAGE, params=asked).status_code == 404


def test_every_field_of_the_context_is_documented():
    """The docstring of the context names each of its fields."""
    told = FactsContext.__doc__ or ""
    assert all(re.search(rf"\b{one.name}\b", told) for one in fields(FactsContext))


def test_fresh_keys_are_never_taken(desk):
    """A new key differs from all that are there, and begins as those of the case do."""
    case = case_of(desk)
    assert fresh_key({"abc"}) != "abc"
    assert fresh_fact(case).startswith("mf")
    assert fresh_fact(case) not in {fact.id for fact in case.declared()}


def test_a_button_that_cannot_be_obeyed_says_why(client):
    """Switching off what is off already is refused with a sentence, on the page of that fact."""
    row = {"row": "evidence.csv/mf009"}
    client.post(DO + "fact-off", params={"fact": "mf009"}, data=row)
    answer = client.post(DO + "fact-off", params={"fact": "mf009"}, data=row)
    assert answer.status_code == 422
    assert "switched off already" in words(answer.text)


def test_moving_the_day_stays_on_the_row_that_is_open(client):
    """Links to other days, and the form of the day, lead back to the same part, row and filters."""
    text = client.get(
        PAGE, params={"tab": "stakes", "text": "treaty", "who": "aster-president", "at": "2003-08-01"}
    ).text
    near = re.search(r'<a href="([^"]*at=2003-05-01[^"]*)"', text)
    assert near
    assert "tab=stakes&amp;text=treaty&amp;who=aster-president" in near[1]
    assert '<input type="hidden" name="who" value="aster-president">' in text
