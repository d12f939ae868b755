"""Both sides alike, nothing from the future, and no trace of the order of rows."""

import json
import re
import shutil
from pathlib import Path

import pytest

from goodoffices.domain.case import Change
from goodoffices.workbench import Workbench

MADE = Path(__file__).parent / "made"
DAYS = ["2001-07-01", "2002-12-31", "2003-08-01", "2004-06-01"]
NAMES = [
    ("aster", "birch"), ("anna", "basil"), ("arno", "bruno"), ("black-aster", "iron-birch"),
    ("aster-army", "birch-army"), ("aster-president", "birch-president"), ("aster-chief", "birch-chief"),
    ("Республика Астра", "جمهورية البتولا"), ("Анна", "باسل"), ("Arno", "Bruno"), ("Black Aster", "Iron Birch"),
    ("Army of Aster", "Army of Birch"), ("AAA", "BBB"), ("Q1", "Q2"), ("Q11", "Q21"), ("Q12", "Q22"),
]  # fmt: skip
SWAP = {a: b for one, two in NAMES for a, b in ((one, two), (two, one))}
TOKEN = re.compile(
    r"(?<![\w-])(" + "|".join(sorted(map(re.escape, SWAP), key=len, reverse=True)) + r")(?![\w-])"
)


def swapped(text: str) -> str:
    return TOKEN.sub(lambda match: SWAP[match[1]], text)


def said(value: object) -> str:
    """As JSON, without the marks that keep a name of another script apart: they go by its letters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text.replace("\u2068", "").replace("\u2069", "")


def numbers(reading) -> dict:
    plain = reading.to_dict()
    return {name: value for name, value in plain.items() if name not in ("case_hash", "code")}


@pytest.fixture
def mirrored(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(MADE, tmp_path / "made"))
    for name in ("case.toml", "stakes.csv", "evidence.csv", "disputes.csv", "ratings.csv"):
        path = folder / name
        path.write_text(swapped(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


@pytest.mark.parametrize("day", DAYS)
def test_mirror(bench: Workbench, mirrored: Path, day: str):
    """Swapping names, codes, identifiers and ids of the two sides mirrors every result, bit for bit."""
    plain = numbers(bench.read(MADE, day, draws=100))
    other = numbers(bench.read(mirrored, day, draws=100))

    assert said(plain) == swapped(said(other))


def test_mirror_of_why(bench: Workbench, mirrored: Path):
    """The ledger behind a belief mirrors too."""
    one = [w.to_dict() for w in bench.why(MADE, "anna", "basil", at="2003-05-30")]
    two = [w.to_dict() for w in bench.why(mirrored, "basil", "anna", at="2003-05-30")]
    assert said(one) == swapped(said(two))


PLANTED = {
    "evidence.csv": "zz0001,2003-09-10,2003-09-10,2003-09-10,birch,aster,,,,broke_obligation,,,,,,,a,,,,,x,certain,no,clear,,,\n"
    "zz0002,1990-01-01,2003-09-10,2003-09-10,anna,birch,,,,proven_denial,,,,,admission,,a,,,,,x,certain,no,clear,,,\n",
    "stakes.csv": "zz0003,aster-president,treaty,no_deal,,triumph,,,x,x,,2003-09-10\n",
    "ratings.csv": "zz0004,2003-09-10,2003-09-10,x,arno,basil,intention,none,high,x\n",
    "disputes.csv": "mf029,zz0005,,none,,0.3,x,,2003-09-10\n",
    "case.toml": """
[[decision_makers]]
key = "zz0006"
id = "later"
name = "Later"
kind = "person"
office = "birch-president"
party = "birch"
from = 2003-09-15

[[spoilers]]
key = "zz0007"
id = "later-wolves"
name = "Later wolves"
side = "birch"
known_on = 2003-09-10

[[links]]
observer = "aster"
sees = "birch"
weight = "full"
known_on = 2003-09-10

[[texts]]
key = "zz0008"
id = "later-text"
title = "Later text"
tabled_on = 2003-09-10
binds = ["aster", "birch"]
scope = "process"
""",
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_leak(bench: Workbench, tmp_path: Path, name: str):
    """Whatever is planted into any file for after the day leaves the reading as it was, byte for byte."""
    folder = Path(shutil.copytree(MADE, tmp_path / "made"))
    with (folder / name).open("a", encoding="utf-8") as stream:
        stream.write(PLANTED[name])
    plain, planted = (bench.read(where, "2003-08-01", draws=50) for where in (MADE, folder))

    assert json.dumps(plain.to_dict()) == json.dumps(planted.to_dict())
    later = bench.read(folder, "2003-09-12", draws=50, options=False)
    known = bench.read(MADE, "2003-09-12", draws=50, options=False)
    assert later.case_hash != known.case_hash


def test_dates_that_lie_ahead_are_hidden(bench: Workbench, tmp_path: Path):
    """A signature, an end of term and an end on the table that lie ahead change nothing before."""
    folder = Path(shutil.copytree(MADE, tmp_path / "made"))
    text = (folder / "case.toml").read_text(encoding="utf-8")
    text = text.replace(
        'scope = "full"',
        'scope = "full"\nsigned_on = 2004-02-01\nin_force_on = 2004-03-01\noff_table_on = 2004-12-01',
    )
    (folder / "case.toml").write_text(text, encoding="utf-8")

    plain, planted = (bench.read(where, "2003-08-01", draws=50) for where in (MADE, folder))
    assert json.dumps(plain.to_dict()) == json.dumps(planted.to_dict())


def test_without_the_outcome(bench: Workbench, tmp_path: Path):
    """A reading is bit-identical without outcome.toml."""
    folder = Path(shutil.copytree(MADE, tmp_path / "made"))
    (folder / "outcome.toml").unlink()

    plain, blind = (bench.read(where, "2004-06-01", draws=50) for where in (MADE, folder))
    assert json.dumps(plain.to_dict()) == json.dumps(blind.to_dict())


def test_backtests_read_what_was_public(bench: Workbench, made):
    """By publication, a fact that observers knew before the public is not seen until it is public."""
    from dataclasses import replace
    from datetime import date

    secret = replace(made.facts[0], id="sec001", known_on=date(2002, 1, 1), public_on=date(2003, 1, 1))
    case = replace(made, facts=(*made.facts, secret))

    assert secret in case.visible_on(date(2002, 6, 1)).facts
    assert secret not in case.visible_on(date(2002, 6, 1), published=True).facts
    assert secret in case.visible_on(date(2003, 6, 1), published=True).facts


def test_shuffled_rows(bench: Workbench, tmp_path: Path):
    """Rows of every table in another order give the same reading, byte for byte."""
    folder = Path(shutil.copytree(MADE, tmp_path / "made"))
    for name in ("evidence.csv", "stakes.csv", "disputes.csv", "ratings.csv"):
        head, *rows = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / name).write_text(head + "".join(rows[::-1]), encoding="utf-8")
    plain, shuffled = (bench.read(where, "2003-08-01", draws=50).to_dict() for where in (MADE, folder))

    plain.pop("coverage"), shuffled.pop("coverage")  # a table in the order of rows
    assert json.dumps(plain) == json.dumps(shuffled)


def test_other_seeds_give_the_same_answer_within_their_error(bench: Workbench):
    """Another seed moves medians by no more than a Monte Carlo error allows, and no verdict here."""
    one, two = (bench.read(MADE, "2003-08-01", seed=seed, options=False).deals[0] for seed in (1, 2))

    assert one.sign.median == pytest.approx(two.sign.median, abs=0.08)
    assert one.share == pytest.approx(two.share, abs=0.07)
    assert one.decision_makers[0].keep.median == pytest.approx(two.decision_makers[0].keep.median, abs=0.03)


def test_without_a_fact_all_other_draws_stay(bench: Workbench):
    """Taking a fact of one side away leaves beliefs about all others bit-identical."""
    change = Change(id="x", op="switch_off_fact", target="mf004")
    plain, less = (bench.trust(MADE, "2003-08-01", draws=50, changes=c) for c in ([], [change]))
    apart = [row for row in plain.trust if "mf004" not in row.facts]
    same = {(r.truster, r.trustee, r.facet): r for r in less.trust}

    assert 0 < len(apart) < len(plain.trust)
    for row in apart:
        if "basil" not in row.trustee and "birch" not in row.trustee:
            assert same[row.truster, row.trustee, row.facet] == row


def test_the_share_of_an_assurance_is_the_same_for_workers(bench: Workbench):
    """Two workbenches in two threads give the same bytes."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(lambda _: json.dumps(Workbench().read(MADE, "2003-08-01", draws=40).to_dict()), range(3))
        )

    assert len(set(found)) == 1
