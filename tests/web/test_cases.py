"""The first page: cases are made, copied, taken in, locked; a bad form keeps what was typed."""

import io
import re
import zipfile
from html import unescape

import pytest

from goodoffices.workbench.desk import Ref

FORM = {
    "title": "مصر и Израиль", "party1": "Egypt", "leader1": "Sadat", "party2": "Israel", "leader2": "Begin",
    "start": "2020-01-01", "end": "2021-01-01", "text": "Disengagement", "scope": "partial",
}  # fmt: skip
PHRASE = "a long passphrase"
OWN = Ref(shelf="own", name="mine")


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def take_in(client, data: bytes, name="typed-name", file="case.zip"):
    return client.post(
        "/do/import", data={"name": name}, files={"file": (file, data)}, follow_redirects=False
    )


def names(desk) -> list[str]:
    return [card.ref.name for card in desk.cards() if card.ref.shelf == "own"]


def test_every_case_has_its_card(client, desk):
    """Library and own cases are listed, each with a way in and a one-line answer to be fetched."""
    text = client.get("/").text

    for card in desk.cards():
        assert f'href="/{card.ref.shelf}/{card.ref.name}/answer"' in text
        assert f'data-line="/{card.ref.shelf}/{card.ref.name}/line"' in text
    day = desk.bench.reading_day(desk.opened(OWN).case())
    assert client.get("/own/mine/line").text == desk.opened(OWN).reading(day, options=False).sentence


def test_a_new_case_reads_at_once(client, desk):
    """From the form to the answer without another step, in any script."""
    answer = client.post("/do/new", data=FORM, follow_redirects=False)

    assert answer.status_code == 303, answer.text
    shown = client.get(answer.headers["location"])
    assert shown.status_code == 200
    assert "مصر и Израиль" in unescape(shown.text)
    assert "Disengagement" in shown.text
    assert {"mine"} < set(names(desk))


def test_a_title_can_be_used_twice(client, desk):
    """The second case of a title gets a folder of its own."""
    places = [client.post("/do/new", data=FORM, follow_redirects=False).headers["location"] for _n in (1, 2)]

    assert len(set(places)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"start": "yesterday"},
        {"end": "2019-01-01"},
        {"party2": ""},
        {"party1": "Israel"},
        {"scope": "none"},
        {"text": "x" * 5000},
    ],
)
def test_a_form_that_does_not_fit_keeps_what_was_typed(client, desk, wrong):
    """One sentence says what is wrong; nothing has to be typed twice and no case is left."""
    answer = client.post("/do/new", data={**FORM, **wrong}, follow_redirects=False)

    assert answer.status_code == 422
    said = re.findall(r'role="alert"[^>]*>([^<]*)<', answer.text)
    assert len(said) == 1
    assert len(said[0]) < 400
    assert 'value="Sadat"' in answer.text
    assert names(desk) == ["mine"]


@pytest.mark.parametrize(
    "data",
    [
        b"no zip",
        b"",
        zipped(**{"../evil": "x"}),
        zipped(**{"case.toml": "x"}),
        zipped(**{"a.py": "x", "case.toml": ""}),
    ],
)
def test_a_bad_zip_is_one_sentence(client, desk, data):
    """Nothing of it is kept, and the name that was typed is still there."""
    answer = take_in(client, data)

    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1
    assert 'value="typed-name"' in answer.text
    assert names(desk) == ["mine"]
    assert sorted(path.name for path in desk.folder.iterdir()) == ["mine"]


def test_a_zip_goes_out_and_comes_back(client, desk):
    """What is packed can be taken in under another name and reads the same."""
    data = client.get("/own/mine/case.zip").content
    assert take_in(client, data, name="again").status_code == 303
    one, two = (desk.opened(Ref(shelf="own", name=name)).case() for name in ("mine", "again"))

    assert one.facts == two.facts
    assert one.texts == two.texts


def test_a_zip_may_be_called_in_any_script(client, desk):
    """A case whose name has other letters can be packed."""
    (desk.folder / "mine").rename(desk.folder / "переговоры")
    answer = client.get("/own/переговоры/case.zip")

    assert answer.status_code == 200
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]


def test_copying_a_library_case_makes_it_ones_own(client, desk):
    """The copy can be changed; a second copy gets another name."""
    places = [
        client.post("/library/lahore/do/copy", follow_redirects=False).headers["location"] for _n in (1, 2)
    ]

    assert len(set(places)) == 2
    name = places[0].split("/")[2]
    assert desk.opened(Ref(shelf="own", name=name)).editable


def test_a_case_is_locked_and_opened(client, desk, tmp_path, monkeypatch):
    """While it is locked nothing of it can be read, in no file and on no page."""
    monkeypatch.setattr("goodoffices.archive.vault.WORK", 2**10)
    assert (
        client.post("/own/mine/do/lock", data={"passphrase": PHRASE}, follow_redirects=False).status_code
        == 303
    )
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert not [path for path in files if b"made-up fact" in path.read_bytes()]
    assert client.get("/own/mine/answer").status_code == 423
    assert "Kept encrypted" in client.get("/").text
    wrong = client.post("/own/mine/do/unlock", data={"passphrase": "another phrase"})
    assert wrong.status_code == 422
    assert "another phrase" not in wrong.text
    assert (
        client.post("/own/mine/do/unlock", data={"passphrase": PHRASE}, follow_redirects=False).status_code
        == 303
    )
    assert client.get("/own/mine/facts").status_code == 200
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and b"made-up fact" in path.read_bytes()
    ]


def test_a_short_passphrase_locks_nothing(client, desk):
    """A passphrase that is too short is refused in one sentence; the case stays as it is."""
    answer = client.post("/own/mine/do/lock", data={"passphrase": "short"})

    assert answer.status_code == 422
    assert (desk.folder / "mine" / "case.toml").is_file()
    assert not re.search(r'value="short"', answer.text)


def test_a_case_with_faults_says_so_on_its_card(client, desk):
    """A broken file is named on the card; the other cases are there as before."""
    (desk.folder / "mine" / "case.toml").write_text("title = ", encoding="utf-8")
    text = client.get("/").text

    assert "case.toml" in text
    assert "/library/lahore/answer" in text
