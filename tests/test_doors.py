"""Python, command line and JSON give the same answer; errors and exit statuses are as documented."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import goodoffices
from goodoffices.cli.app import run
from goodoffices.domain.readings import TornadoBar
from goodoffices.workbench import Workbench
from goodoffices.workbench.withhold import withhold

MADE = str(Path(__file__).parent / "made")


def cli(capsys, *arguments: str) -> tuple[int, str, str]:
    status = run(list(arguments))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_command_line_and_python_print_the_same_bytes(capsys, bench):
    """`read --json` prints exactly what `goodoffices.read(...).to_dict()` gives."""
    status, out, err = cli(capsys, "read", MADE, "--at", "2003-08-01", "--json", "--draws", "60")
    reading = goodoffices.read(MADE, at="2003-08-01", draws=60, audience="amber")

    assert (status, err) == (0, "")
    assert out == json.dumps(reading.to_dict(), ensure_ascii=False, indent=1) + "\n"


def test_the_package_root_is_lazy():
    """Importing the package loads neither numpy nor pydantic."""
    code = "import sys, goodoffices; print([m for m in ('numpy', 'pydantic', 'rich', 'numba') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_reading_never_loads_numba():
    """Reading a case loads no Numba, pandas or xarray."""
    code = f"import sys, goodoffices; goodoffices.read({MADE!r}, draws=10); print([m for m in ('numba', 'pandas', 'xarray') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_stable_names_of_the_json(bench):
    """Every documented name is there; readings stay serialisable at full precision."""
    plain = bench.read(MADE, "2003-08-01", draws=40).to_dict()
    again = json.loads(json.dumps(plain, allow_nan=False))
    top = "ok case as_of facts_end stale method code case_hash codebook_hash defaults_hash seed draws calibrated interval trust keep deals spoilers warnings"
    deal = "id title sign lasts_if_signed signed_and_lasts reference_class decision_makers guarantors stress bottleneck tornado verdict share reason find_out"
    person = "id party threshold keep gap accept clears binding"

    assert again == plain
    assert set(top.split()) <= set(plain)
    assert plain["calibrated"] is False
    assert plain["interval"] == {"prob": 0.8, "kind": "eti"}
    assert set(deal.split()) <= set(plain["deals"][0])
    assert set(person.split()) <= set(plain["deals"][0]["decision_makers"][0])
    assert {
        "truster",
        "trustee",
        "facet",
        "median",
        "lo",
        "hi",
        "n_evidence",
        "prior_only",
        "coverage",
    } <= set(plain["trust"][0])
    assert {"id", "truster", "tau", "leverage", "will", "ability"} <= set(plain["deals"][0]["guarantors"][0])
    assert {"not_abandoned", "no_serious_violation"} <= set(plain["deals"][0]["lasts_if_signed"])
    assert {"y1", "y5", "y10"} == set(plain["deals"][0]["lasts_if_signed"]["not_abandoned"])
    assert {"truster", "trustee", "facet", "words", "changes", "package"} <= set(
        plain["deals"][0]["bottleneck"]
    )
    assert {"input", "label", "low", "high", "at_low", "at_high"} <= set(plain["deals"][0]["tornado"][0])


def test_missing_evidence_is_null_with_a_reason(bench):
    """A facet without enough evidence has no median, and says why."""
    rows = [row for row in bench.read(MADE, "2001-02-01", draws=40).trust if row.prior_only]

    assert rows
    assert all(row.median is None and row.reason == "not enough evidence" for row in rows)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["read", "no-such-case"], 1, "no-such-case"),
        (["read", "/no/such/folder"], 1, "no such folder"),
        (["read", MADE, "--at", "2025-02-30"], 2, "2025-02-30"),
        (["read", MADE, "--draws", "0"], 2, "at least 1"),
        (["read", MADE, "--audience", "everybody"], 2, "clear, green, amber, red"),
        (["why", MADE, "anna", "nobody"], 1, "nobody"),
        (["why", MADE, "anna", "basil", "--facet", "charm", "--at", "2003-01-01"], 2, "capacity"),
        (["diff", MADE, "--from", "2004-01-01", "--to", "2003-01-01"], 2, "earlier"),
        (["rerun", MADE + "/case.toml"], 1, "no saved result"),
        (["nonsense"], 2, "nonsense"),
        (["read"], 2, "CASE"),
    ],
)
def test_errors_are_one_sentence_with_the_right_status(capsys, arguments, status, words):
    """A wrong question gets its sentence on standard error and its exit status; nothing on standard output."""
    found, out, err = cli(capsys, *arguments)

    assert (found, out) == (status, "")
    assert words in err
    assert "Traceback" not in err


def test_errors_as_json(capsys):
    """With --json an error is one JSON document of the one form."""
    status, out, _err = cli(capsys, "read", "no-such-case", "--json")
    plain = json.loads(out)

    assert status == 1
    assert plain["ok"] is False
    assert set(plain) == {"ok", "error", "errors", "status"}


def test_zero_texts_and_zero_facts_are_answers(bench):
    """Before anything was on the table, or known, there is an answer with a reason."""
    early = bench.read(MADE, "2001-02-01", draws=20)
    none = bench.read(MADE, "1990-01-01", draws=20)

    assert early.deals == ()
    assert any("No text" in warning for warning in early.warnings)
    assert any("No fact" in warning for warning in none.warnings)


def test_every_command_answers(capsys, tmp_path):
    """Each command runs on the made-up case and prints something sensible."""
    assert cli(capsys)[1].count("\n") == 5
    assert "anna" in cli(capsys, "trust", MADE, "--at", "2003-01-01")[1]
    assert (
        "level in log-odds"
        in cli(capsys, "why", MADE, "anna", "basil", "--facet", "integrity", "--at", "2003-01-01")[1]
    )
    assert "->" in cli(capsys, "diff", MADE, "--from", "2002-01-01", "--to", "2003-06-30", "--draws", "40")[1]
    assert "no fault" in cli(capsys, "check", MADE)[1]
    assert "brier" in cli(capsys, "plugins")[1]
    assert json.loads(cli(capsys, "cases", "--json")[1])["ok"] is True
    assert json.loads(cli(capsys, "plugins", "--json")[1])["ok"] is True
    assert json.loads(cli(capsys, "check", MADE, "--json")[1])["ok"] is True
    assert (
        "known by"
        in cli(capsys, "why", MADE, "anna", "basil", "--from", "2002-01-01", "--to", "2003-01-01")[1]
    )
    assert cli(capsys, "read", MADE, "--quiet", "--draws", "20")[1].count("\n") == 1


def test_rerun_gives_the_same_bytes(capsys, tmp_path):
    """A saved result, changes and all, computed again is the same, byte for byte."""
    changes = tmp_path / "c.jsonl"
    changes.write_text('{"id":"1","op":"switch_off_fact","target":"mf001","reason":"what if"}\n')
    saved = tmp_path / "result.json"
    cli(
        capsys,
        "read",
        MADE,
        "--at",
        "2003-08-01",
        "--draws",
        "40",
        "--changes",
        str(changes),
        "--save",
        str(saved),
        "--quiet",
    )
    status, out, _err = cli(capsys, "rerun", str(saved), "--case", MADE)

    assert status == 0
    assert out == saved.read_text(encoding="utf-8")
    assert str(tmp_path) not in out


def test_rerun_refuses_other_inputs(capsys, tmp_path):
    """A result whose case has changed since is refused with both hashes."""
    saved = tmp_path / "result.json"
    cli(capsys, "read", MADE, "--draws", "20", "--save", str(saved), "--quiet")
    other = Path(shutil.copytree(MADE, tmp_path / "made"))
    (other / "stakes.csv").write_text((other / "stakes.csv").read_text().replace("large_gain", "triumph"))
    status, _out, err = cli(capsys, "rerun", str(saved), "--case", str(other))

    assert status == 1
    assert "case_hash" in err


def test_a_new_case_is_valid_and_nothing_is_overwritten(capsys, tmp_path):
    """`new` writes a valid case under any name, once."""
    folder = tmp_path / "Мой случай"
    assert cli(capsys, "new", str(folder))[0] == 0
    assert cli(capsys, "check", str(folder))[0] == 0
    assert cli(capsys, "read", str(folder), "--draws", "20")[0] == 0
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert cli(capsys, "new", str(folder))[0] == 2
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_text_without_gain_is_legal_and_explained(capsys, tmp_path):
    """Stakes where keeping gives no more than no deal pass the check, which says what they mean."""
    folder = tmp_path / "case"
    shutil.copytree(MADE, folder)
    stakes = (folder / "stakes.csv").read_text(encoding="utf-8")
    (folder / "stakes.csv").write_text(
        re.sub(r"(,kept,,)\w+", r"\1disaster", stakes, count=1), encoding="utf-8"
    )

    status, out, _err = cli(capsys, "check", str(folder))

    assert status == 0
    assert "a matter of interests" in " ".join(out.split())
    assert "note:" not in cli(capsys, "check", MADE)[1]


def test_a_reader_that_stops_early_is_no_fault():
    """`goodoffices read ... | head -1` exits 0."""
    command = f"set -o pipefail; {sys.executable} -m goodoffices read {MADE} --draws 10 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_no_bar_of_a_tornado_names_a_withheld_fact():
    """A bar that rests on a withheld fact is left out of both tornados, whatever it moved."""
    case = goodoffices.load_case(MADE)
    reading = goodoffices.read(MADE, at="2004-06-01", draws=20)
    secret = next(fact.id for fact in case.facts if fact.sensitivity == "red")
    bar = TornadoBar(input=f"reliability:{secret}", label=secret, low=0, high=1, at_low=0, at_high=1)
    deal = replace(reading.deals[0], tornado=(bar,), tornado_lasting=(bar,))

    shown = withhold(replace(reading, deals=(deal,)), case, "amber").deals[0]

    assert shown.tornado == shown.tornado_lasting == ()


def test_withheld_facts_appear_nowhere(capsys, tmp_path):
    """For a lower audience no withheld string is in the JSON, the ledger or the exported tables."""
    secrets = {
        "green": ["SECRET-AMBER", "SECRET-RED", "secret-a.example"],
        "amber": ["SECRET-RED", "SECRET-NOTE", "secret-a.example", "SECRET-TITLE"],
    }
    for audience, words in secrets.items():
        shown = cli(
            capsys, "read", MADE, "--at", "2004-06-01", "--draws", "20", "--json", "--audience", audience
        )[1]
        shown += cli(
            capsys, "why", MADE, "arno", "bruno", "--at", "2004-06-01", "--audience", audience, "--json"
        )[1]
        target = tmp_path / audience
        cli(capsys, "export", MADE, str(target), "--for-spreadsheet", "--audience", audience)
        shown += "".join(path.read_text(encoding="utf-8") for path in target.iterdir())
        hidden = [
            f.id
            for f in Workbench().load_case(MADE).facts
            if f.sensitivity in ("red", *(["amber"] if audience == "green" else []))
        ]
        for word in [*words, *hidden]:
            assert word not in shown, (audience, word)
        assert "withheld" in shown


def test_results_convert(bench):
    """A reading converts to pandas, xarray (with draws) and networkx."""
    pytest.importorskip("xarray")
    reading = bench.read(MADE, "2003-08-01", draws=30, options=False)
    frame, data, graph = reading.to_frame(), reading.to_xarray(), reading.to_networkx()

    assert len(frame) == len(reading.trust)
    assert set(data["trust"].dims) == {"truster", "trustee", "facet", "time", "draw"}
    assert data.sizes["draw"] == 30
    assert graph.has_edge("arno", "basil")
    assert (
        graph.edges["arno", "basil"]["intention_median"] == reading.trust[1].median
        or "intention_median" in graph.edges["arno", "basil"]
    )


def test_missing_extras_have_a_sentence():
    """Without its extra a conversion says how to install it, and the status is 4."""
    from goodoffices.errors import ExtraMissing

    error = ExtraMissing("frames", "to_frame()")
    assert error.status == 4
    assert 'pip install "goodoffices[frames]"' in str(error)


def test_help_is_quick_and_needs_no_home(tmp_path):
    """--help and a reading work with no HOME and in an empty folder."""
    env = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-m", "goodoffices", "read", MADE, "--quiet", "--draws", "10"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "asked",
    [
        ["read", MADE, "--draws", "99999999999"],
        ["read", MADE, "--draws", "-3"],
        ["plan", MADE, "--at", "2003-08-01", "--rollouts", "99999999999"],
        ["plan", MADE, "--at", "2003-08-01", "--horizon", "100000"],
    ],
)
def test_an_absurd_number_is_one_sentence(capsys, asked):
    """It says what was given and what would be right; nothing is computed and nothing breaks."""
    status, out, err = cli(capsys, *asked)

    assert (status, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert asked[-1] in err
    assert "give" in err
