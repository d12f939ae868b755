"""The library: every case passes its own checks, and no later change hides."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from goodoffices.cases.coding import coding_faults, first_hash, read_coding, taken_back
from goodoffices.cases.folder import read_folder
from goodoffices.cases.library import library_folder, library_names
from goodoffices.workbench import Workbench

WANTED = {
    "inf": {"reagan", "gorbachev"},
    "camp-david": {"begin", "sadat"},
    "lahore": {"vajpayee", "sharif"},
    "oslo": {"rabin", "arafat"},
    "minsk": {"poroshenko", "putin"},
    "ukraine-2025": {"zelensky", "putin", "trump"},
}


def test_the_six_cases_are_there():
    """The library holds the six cases of the founding essay."""
    assert set(WANTED) <= set(library_names())


@pytest.mark.parametrize("name", WANTED)
def test_a_library_case_passes_its_checks(name):
    """No fault; at least 30 facts (80 for the longest), half of them verified, with sources; two chronologies."""
    bench = Workbench()
    found, case, coding = bench.check(name), bench.load_case(name), read_coding(library_folder(name))

    assert [str(fault) for fault in found.faults] == []
    assert found.facts >= (80 if name == "ukraine-2025" else 30)
    assert 2 * found.verified >= found.facts
    assert coding is not None
    assert len(coding.chronologies) >= 2
    assert len(coding.directions) >= 4
    assert len(coding.first_coding) == 64
    assert WANTED[name] <= {dm.id for dm in case.decision_makers}
    assert case.defaults == {}


@pytest.mark.parametrize("name", WANTED)
def test_the_transcript_is_that_of_today(name):
    """The golden transcript is what the program says, and its header names the first coding."""
    path = Path(__file__).parents[1] / "transcripts" / f"{name}.txt"
    coding = read_coding(library_folder(name))
    told = path.read_text(encoding="utf-8")

    assert coding is not None
    assert told.splitlines()[1] == f"first coding {coding.first_coding}"
    assert told == Workbench().transcript(name)


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    return Path(shutil.copytree(library_folder("camp-david"), tmp_path / "camp-david"))


def test_a_change_that_is_not_listed_fails_the_check(coded):
    """A stake changed after the first coding is a fault until CHANGES.csv lists it; undoing gives the first hash."""
    path = coded / "stakes.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    key, old = rows[0]["key"], rows[0]["word"]
    rows[0]["word"] = "neutral" if old != "neutral" else "gain"
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")
    case = read_folder(coded)

    assert any("do not explain" in str(fault) for fault in coding_faults(coded, case, curated=True))
    listed = io.StringIO()
    csv.writer(listed, lineterminator="\n").writerows(
        [
            ["date", "key", "old", "new", "source"],
            [
                "2026-12-01",
                f"stakes:{key}:word",
                json.dumps(old),
                json.dumps(rows[0]["word"]),
                "a better source",
            ],
        ]
    )
    (coded / "CHANGES.csv").write_text(listed.getvalue(), encoding="utf-8")
    coding = read_coding(coded)
    assert coding is not None
    assert coding_faults(coded, case, curated=True) == []
    assert first_hash(coded, case) == coding.first_coding


def test_listed_changes_are_taken_back(coded):
    """An added fact, a changed fact and a changed stake are undone by records over the case, like any change."""
    base = read_folder(coded)
    fact, stake = base.facts[5], base.stakes[3]
    listed = [
        ["date", "key", "old", "new", "source"],
        ["2026-12-01", f"facts:{base.facts[0].id}", "", "{}", "x"],
        [
            "2026-12-02",
            f"facts:{fact.id}:reliability",
            json.dumps("rumour"),
            json.dumps(fact.reliability),
            "x",
        ],
        ["2026-12-03", f"stakes:{stake.key}:word", json.dumps("neutral"), json.dumps(stake.word), "x"],
        ["2026-12-04", "decision_makers:abc", "", "{}", "x"],
    ]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(listed)
    (coded / "CHANGES.csv").write_text(out.getvalue(), encoding="utf-8")

    first = base.with_changes(taken_back(coded))

    assert base.facts[0].id not in {f.id for f in first.facts}
    assert next(f for f in first.facts if f.id == fact.id).reliability == "rumour"
    assert next(s for s in first.stakes if s.key == stake.key).word == "neutral"
    assert len(first.facts) == len(base.facts) - 1


def test_a_verified_fact_needs_its_source(coded):
    """A verified row without an address is refused in a library case."""
    from goodoffices.cases.check import check_curated

    text = (coded / "evidence.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    row = next(r for r in rows if r["verified"] == "yes")
    row["source_url"] = ""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (coded / "evidence.csv").write_text(out.getvalue(), encoding="utf-8")

    assert any(
        f"{row['id']} verified without source_url" in str(f) for f in check_curated(read_folder(coded))
    )


def test_one_source_must_not_carry_a_case(coded):
    """A single host behind more than a third of the facts is a fault."""
    from dataclasses import replace

    from goodoffices.cases.check import check_curated

    case = read_folder(coded)
    facts = tuple(replace(fact, source_url="https://one.example/page") for fact in case.facts)

    assert any("behind" in str(fault) for fault in check_curated(replace(case, facts=facts)))
