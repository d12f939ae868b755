"""Registered forecasts: frozen before anybody knows, never changed, resolved and scored, and calibrated on."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import numpy as np
import pytest

from goodoffices.archive.records import ForecastRecord, ResolutionRecord
from goodoffices.archive.register import Register, read_calibration, sealed
from goodoffices.core.calibration import bent
from goodoffices.domain.readings import plain
from goodoffices.errors import CaseError, NotFoundError, UsageError
from goodoffices.workbench import calibrating, forecasting
from goodoffices.workbench.forecasting import Asked

BY = date(2004, 6, 30)
DRAWS = 40


class Clock:
    """Stands for the clock of the machine; a second later at every look."""

    def __init__(self, monkeypatch):
        self.day, self.seconds = "2003-08-01", count()
        monkeypatch.setattr(forecasting, "now", self.now)
        monkeypatch.setattr(calibrating, "now", self.now)

    def now(self):
        n = next(self.seconds)
        return datetime.fromisoformat(f"{self.day}T00:00:00").replace(
            minute=n // 60, second=n % 60, tzinfo=UTC
        )


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "register"


def asked(folder, **given):
    told = {
        "question": "signed by 2004-06-30",
        "by": BY,
        "resolves": "both sides announce it",
        "draws": DRAWS,
    }
    return Asked(**{**told, "folder": folder, **given})


def test_what_a_reading_says_is_frozen_with_its_hashes(clock, folder, made, bench):
    """The record holds figure and range, K and p* of everybody, and what computes the reading again."""
    path, one = forecasting.register(made, asked(folder, expert=0.3), bench)
    reading = bench.read(made, "2003-08-01", draws=DRAWS, options=False)
    deal, frozen = reading.deals[-1], json.loads(path.read_text())

    assert frozen["forecast"] == {"median": deal.sign.median, "lo": deal.sign.lo, "hi": deal.sign.hi}
    assert [row["keep"]["median"] for row in frozen["players"]] == [
        r.keep.median for r in deal.decision_makers
    ]
    assert [row["threshold"]["hi"] for row in frozen["players"]] == [
        r.threshold.hi for r in deal.decision_makers
    ]
    assert {name: frozen["stamps"][name] for name in ("case_hash", "seed", "code", "method")} == {
        name: getattr(reading, name) for name in ("case_hash", "seed", "code", "method")
    }
    assert (frozen["standing"], frozen["calibrated"], frozen["text"]) == ("registered", False, "treaty")
    assert sealed(frozen) == frozen
    assert one.forecast.expert.chance == 0.3


def test_lasting_stands_beside_the_rate_of_its_class(clock, folder, made, bench):
    """A question of lasting freezes the figure and the rate of the same class, outcome and number of years."""
    given = asked(folder, question="lasts 5 years", by=date(2010, 1, 1))
    frozen = forecasting.register(made, given, bench)[1].forecast
    lasts = bench.read(made, "2003-08-01", draws=DRAWS, options=False).deals[-1].lasts_if_signed

    assert frozen.forecast.median == lasts.not_abandoned.y5.median
    assert (frozen.base.name, frozen.base.n, frozen.outcome) == ("full", 77, "not_abandoned")
    assert frozen.base.chance == pytest.approx(1 - 0.21)


def test_signing_has_no_base_rate_but_a_cited_one(clock, folder, made, bench):
    """No rate of signing is made up: it is null, or given with its source."""
    assert forecasting.register(made, asked(folder), bench)[1].forecast.base.chance is None
    cited = asked(folder, base=0.2, base_source="crises of a kind, failed talks included")
    assert forecasting.register(made, cited, bench)[1].forecast.base.chance == 0.2
    with pytest.raises(UsageError, match="both or neither"):
        forecasting.register(made, asked(folder, base=0.2), bench)


@pytest.mark.parametrize(
    ("day", "standing"),
    [("2004-06-29", "registered"), ("2004-06-30", "hindsight"), ("2005-01-01", "hindsight")],
)
def test_nothing_is_registered_as_before_once_the_deadline_is_there(
    clock, folder, made, bench, day, standing
):
    """On its deadline and after it a forecast is hindsight, whatever day the case is read as of."""
    clock.day = day
    one = forecasting.register(made, asked(folder, at=date(2003, 8, 1)), bench)[1]
    assert one.standing == one.forecast.standing == standing


def test_a_case_that_tells_the_outcome_is_hindsight(clock, folder, made, bench):
    """If the file of the case says when the text was signed, nobody forecast it; once signed it cannot be asked."""
    texts = tuple(replace(t, signed_on=date(2004, 2, 1)) if t.id == "treaty" else t for t in made.texts)
    told = replace(made, texts=texts)
    assert forecasting.register(told, asked(folder), bench)[1].standing == "hindsight"
    clock.day = "2004-03-01"
    with pytest.raises(UsageError, match="was signed on 2004-02-01"):
        forecasting.register(told, asked(folder), bench)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"question": "peace by 2004-06-30"}, "begin with"),
        ({"question": "lasts 3 years"}, "1, 5 or 10"),
        ({"question": "signed by 2004-07-30"}, "one day in both"),
        ({"question": "lasts 5 years"}, "5 years from 2003-08-01 end on 2008-08-01"),
        ({"by": date(2003, 7, 1), "question": "signed", "at": date(2003, 8, 1)}, "does not lie after"),
        ({"at": date(2003, 9, 1)}, "lies ahead"),
        ({"expert": 30.0}, "between 0 and 1"),
        ({"resolves": " "}, "by what rule"),
        ({"text": "truce"}, 'no text "truce" is on the table'),
        ({"blinded_by": "a colleague"}, "still has a code"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_sentence(clock, folder, made, bench, given, words):
    """What does not fit is refused, and nothing is written."""
    with pytest.raises(UsageError, match=words):
        forecasting.register(made, asked(folder, **given), bench)
    assert not folder.exists()


def test_a_blinded_case_counts_after_its_deadline(clock, folder, made, bench):
    """Without names and codes a past case can be forecast; who removed them is on record."""
    parties = tuple(replace(one, iso3="", wikidata="") for one in made.parties)
    people = tuple(replace(one, wikidata="") for one in made.decision_makers)
    clock.day = "2020-01-01"
    given = asked(folder, blinded_by="a colleague", at=date(2003, 8, 1))
    one = forecasting.register(replace(made, parties=parties, decision_makers=people), given, bench)[1]
    assert (one.standing, one.forecast.blinded_by) == ("blinded", "a colleague")


# -- the chain ------------------------------------------------------------------------------------------


@pytest.fixture
def three(clock, folder, made, bench):
    for _n in range(3):
        forecasting.register(made, asked(folder), bench)
    return Register(folder)


def _rewritten(path, **given):
    plain_of = json.loads(path.read_text())
    path.chmod(0o644)
    path.write_text(json.dumps({**plain_of, **given}))


def test_a_change_of_any_field_is_found(three, folder):
    """A number, a deadline or a rule that was changed afterwards no longer has its hash."""
    path = three.files()[1]
    before = path.read_text()
    for given in ({"by": "2005-06-30"}, {"resolves": "otherwise"}, {"standing": "blinded"}, {"noise": 0.5}):
        _rewritten(path, **given)
        with pytest.raises(CaseError, match=r"0002\.json, sha256"):
            forecasting.chain(folder)
        path.write_text(before)
    assert forecasting.chain(folder)["entries"] == 3


def test_a_change_with_a_new_hash_is_found_by_the_next_entry(three, folder):
    """Whoever also writes a new hash breaks the link to the entry after it."""
    path = three.files()[1]
    _rewritten(path, **sealed({**json.loads(path.read_text()), "resolves": "otherwise"}))
    with pytest.raises(CaseError, match=r"0003\.json: found number 3 after"):
        forecasting.chain(folder)


def test_a_file_that_is_missing_is_found(three, folder):
    """A forecast cannot be dropped from the middle; that of the end is missed by whoever noted its hash."""
    head = three.head
    assert forecasting.chain(folder, head[:12])["head"] == head
    first, middle, last = three.files()
    last.unlink()
    assert forecasting.chain(folder)["entries"] == 2
    with pytest.raises(UsageError, match="cut off"):
        forecasting.chain(folder, head)
    first.unlink()
    with pytest.raises(CaseError, match=r"0002\.json"):
        forecasting.chain(folder)
    assert middle.exists()


def test_nothing_is_overwritten_and_no_clock_goes_back(three, clock, folder, made, bench):
    """Each entry gets a file of its own, and none is earlier than the one before it."""
    before = {path: path.read_bytes() for path in three.files()}
    forecasting.register(made, asked(folder), bench)
    assert {path: path.read_bytes() for path in three.files()[:3]} == before
    clock.day = "2003-07-31"
    with pytest.raises(UsageError, match="set the clock"):
        forecasting.register(made, asked(folder), bench)
    assert len(three.files()) == 4


# -- outcomes -------------------------------------------------------------------------------------------


def _resolved(clock, folder, one, happened, on, day="2015-01-01", **given):
    clock.day = day
    return forecasting.resolve(one.id, happened, date.fromisoformat(on), "a page", folder=folder, **given)[1]


@pytest.mark.parametrize(
    ("question", "happened", "on", "words"),
    [
        ("signed", "yes", "2004-07-01", "after the deadline"),
        ("signed", "no", "2004-06-29", "before the deadline"),
        ("signed", "yes", "2015-01-02", "lies ahead"),
        ("signed", "perhaps", "2004-06-30", "yes, no, void"),
        ("lasts 1 year", "yes", "2004-12-30", "before the deadline"),
        ("lasts 1 year", "no", "2005-01-01", "after the deadline"),
    ],
)
def test_an_outcome_has_a_day_on_which_it_can_be_known(
    clock, folder, made, bench, question, happened, on, words
):
    """Signing counts up to the deadline, its absence from then on; lasting the other way round."""
    by = BY if question == "signed" else date(2004, 12, 31)
    one = forecasting.register(made, asked(folder, question=question, by=by), bench)[1]
    with pytest.raises(UsageError, match=words):
        _resolved(clock, folder, one, happened, on)


def test_scores_are_brier_and_log_of_all_three_with_their_differences(clock, folder, made, bench):
    """The squared distance and the log of each, and by how much the forecast did worse."""
    given = asked(folder, question="lasts 1 year", by=date(2004, 12, 31), expert=0.3)
    one = forecasting.register(made, given, bench)[1]
    done = _resolved(clock, folder, one, "yes", "2004-12-31").to_dict()
    p = one.forecast.forecast.median

    assert done["scores"]["forecast"]["brier"] == pytest.approx((1 - p) ** 2)
    assert done["scores"]["base"]["log"] == pytest.approx(-np.log(0.83))
    assert done["scores"]["expert"]["brier"] == pytest.approx(0.49)
    assert done["differences"]["expert"]["brier"] == pytest.approx((1 - p) ** 2 - 0.49)
    assert done["differences"]["base"]["log"] == pytest.approx(np.log(0.83) - np.log(p))


@pytest.mark.parametrize(("on", "standing"), [("2003-08-01", "hindsight"), ("2003-08-02", "registered")])
def test_what_had_happened_by_the_day_of_registering_is_hindsight(clock, folder, made, bench, on, standing):
    """A forecast registered when the outcome was there, known or not, counts as hindsight."""
    one = forecasting.register(made, asked(folder), bench)[1]
    assert _resolved(clock, folder, one, "yes", on).standing == standing


def test_a_resolution_is_corrected_and_never_replaced(clock, folder, made, bench):
    """A second word needs its reason; both stay on file, the last one counts; void has no score."""
    one = forecasting.register(made, asked(folder), bench)[1]
    _resolved(clock, folder, one, "yes", "2004-02-01")
    with pytest.raises(UsageError, match="--why"):
        _resolved(clock, folder, one, "void", "2004-06-30")
    again = _resolved(clock, folder, one, "void", "2004-06-30", why="it was never put to them")
    assert [last.happened for last in again.resolutions] == ["void", "yes"]
    assert again.scores == {}
    assert forecasting.listed(folder)["scores"]["registered"]["corrected"] == 1
    with pytest.raises(NotFoundError, match="0 forecasts"):
        forecasting.resolve("ffff", "yes", BY, "a page", folder=folder)


def test_a_mean_of_few_says_that_it_means_little(clock, folder, made, bench):
    """Under five resolved forecasts there is no interval, and a sentence; from five on there is one."""
    rows = [forecasting.register(made, asked(folder, expert=0.5), bench)[1] for _n in range(5)]
    for one in rows[:4]:
        _resolved(clock, folder, one, "no", "2004-06-30")
    few = forecasting.listed(folder)["scores"]["registered"]
    assert (few["n"], few["open"]) == (4, 1)
    assert "fewer than 5" in few["said"]
    assert few["differences"]["expert"]["brier"]["interval"] is None
    _resolved(clock, folder, rows[4], "no", "2004-06-30")
    five = forecasting.listed(folder)["scores"]["registered"]
    p = rows[0].forecast.forecast.median
    assert five["said"] == ""
    assert five["differences"]["expert"]["brier"]["interval"] == pytest.approx((p**2 - 0.25, p**2 - 0.25))


def test_what_is_due_comes_first(clock, folder, made, bench):
    """Forecasts past their deadline lead the list, the resolved end it."""
    names = [forecasting.register(made, asked(folder, by=by, question="signed"), bench)[1].id
             for by in (date(2003, 9, 1), date(2020, 1, 1), date(2004, 1, 1))]  # fmt: skip
    clock.day = "2004-02-01"
    forecasting.resolve(names[0], "yes", date(2003, 8, 20), "a page", folder=folder)
    found = forecasting.listed(folder)["forecasts"]
    assert [(one.id, one.due) for one in found] == [(names[2], True), (names[1], False), (names[0], False)]


# -- calibration ----------------------------------------------------------------------------------------


@pytest.fixture
def template(clock, tmp_path, made, bench):
    return _template(clock, tmp_path, made, bench)


def _template(clock, root, made, bench):
    given = asked(root / "apart", question="lasts 1 year", by=date(2004, 12, 31))
    one = forecasting.register(made, given, bench)[1].forecast.model_dump(mode="json")
    return {name: value for name, value in one.items() if name not in ("number", "previous", "at", "sha256")}


def _filled(folder, template, n, *, level=-0.5, slope=0.7, resolved=True, **given):
    """Register forecasts of many cases, whose outcomes follow a calibration that is known."""
    draws, kept = np.random.default_rng(7), Register(folder)
    for k in range(n):
        keep = float(draws.uniform(0.05, 0.95))
        players = [{**row, "keep": {**row["keep"], "median": keep}} for row in template["players"]]
        fields = {**template, "case": f"case-{k}", "players": players, **given}
        record = kept.append(ForecastRecord, fields, "2003-08-01T00:00:00+00:00")[1]
        happened = draws.uniform() < float(bent(np.array(keep), level, slope))
        if resolved:
            told = {"kind": "resolution", "of": record.sha256, "happened": "yes" if happened else "no",
                    "on": "2004-12-31", "source": "a page", "corrects": "", "why": ""}  # fmt: skip
            kept.append(ResolutionRecord, told, "2003-08-01T00:00:00+00:00")


def test_below_thirty_dated_cases_k_stays_an_index(clock, folder, template):
    """29 are refused with a sentence that names them; with one more there is a calibration."""
    _filled(folder, template, 29)
    with pytest.raises(UsageError, match="29 of 30 dated cases"):
        calibrating.calibrate(folder)
    _filled(folder, {**template}, 1, case="case-29")
    record, found = calibrating.calibrate(folder)
    assert (record.cases, record.registered, record.blinded, found.aside) == (30, 30, 0, {})
    assert record.interval.level[0] < record.level < record.interval.level[1]


@pytest.mark.parametrize(
    ("given", "resolved", "why"),
    [
        ({"library": "minsk"}, True, "library"),
        ({"case": "camp-david"}, True, "library"),
        ({"standing": "hindsight"}, True, "hindsight"),
        ({"case": "one-case"}, True, "same case"),
        ({}, False, "open"),
        ({"years": 5}, True, "another number of years"),
    ],
)
def test_what_does_not_count_is_set_aside(clock, folder, template, given, resolved, why):
    """The library's cases, hindsight, open ones and more of one case never make up the thirty."""
    _filled(folder, template, 31, resolved=resolved, **given)
    with pytest.raises(UsageError, match=rf"of 30 dated cases.*{why} 3[01]"):
        calibrating.calibrate(folder)


def test_a_copy_of_a_library_case_is_known_whatever_it_is_called(made, bench):
    """By its id, its key, its facts' ids, or the days and kinds of them; another case is none."""
    case = bench.load_case("camp-david")
    fresh = tuple(replace(fact, id=f"x{n:05}") for n, fact in enumerate(case.facts))
    copies = [
        replace(case, id="other"),
        replace(case, id="other", key="other1"),
        replace(case, id="other", key="other1", facts=fresh),
        replace(case, id="other", key="other1", facts=fresh[: len(fresh) * 2 // 3]),
    ]
    assert [forecasting.kin(one, bench) for one in copies] == ["camp-david"] * 4
    assert forecasting.kin(made, bench) == ""


@pytest.fixture(scope="module")
def fitted_file(tmp_path_factory, made, bench):
    root = tmp_path_factory.mktemp("fitted")
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        _filled(root / "register", _template(clock, root, made, bench), 100)
        return calibrating.calibrate(root / "register", out=root / "k.json")[0], root / "k.json"


def test_the_calibration_that_made_the_outcomes_is_found(fitted_file):
    """From 100 cases level and slope are within two and a half standard deviations of those that made them."""
    record, _path = fitted_file
    assert abs(record.level + 0.5) < 2.5 * record.level_sd
    assert abs(record.slope - 0.7) < 2.5 * record.slope_sd
    assert record.level_sd < 0.4


def test_a_reading_that_names_a_calibration_says_so_in_every_figure(fitted_file, made, bench):
    """K is bent in the draws, what hangs on it is marked, p* is not; and the saved result is computed again."""
    record, path = fitted_file
    raw = bench.read(made, "2003-08-01", draws=DRAWS, options=False)
    fit = bench.read(made, "2003-08-01", draws=DRAWS, options=False, calibration=path)
    for before, after in zip(raw.deals[-1].decision_makers, fit.deals[-1].decision_makers, strict=True):
        assert after.keep.median == pytest.approx(
            float(bent(np.array(before.keep.median), record.level, record.slope)), abs=0.06
        )
        assert (before.keep.calibrated, after.keep.calibrated) == (False, True)
        assert after.threshold == before.threshold
    assert (raw.calibrated, fit.calibrated) == (False, True)
    assert fit.deals[-1].lasts_if_signed.not_abandoned.y5.calibrated
    assert fit.deals[-1].sign.calibrated
    assert "calibration" not in raw.to_dict()
    assert fit.calibration["sha256"] == record.sha256
    saved = bench.read(made, "2003-08-01", draws=DRAWS, calibration=path).to_dict()
    assert plain(bench.rerun(json.loads(json.dumps(saved)), made)) == saved


def test_a_calibration_that_changes_nothing_changes_nothing(made, bench, fitted_file):
    """With level 0, slope 1 and no doubt the figures are those of the index."""
    record, _path = fitted_file
    same = calibrating.calibration_of(
        {name: getattr(record, name) for name in (*calibrating.NAMES, "sha256")}
        | {"level": 0.0, "slope": 1.0, "level_sd": 0.0, "slope_sd": 0.0}
    )
    raw = bench.read(made, "2003-08-01", draws=DRAWS, options=False).deals[-1]
    fit = bench.read(made, "2003-08-01", draws=DRAWS, options=False, calibration=same.to_dict()).deals[-1]
    assert fit.sign.median == pytest.approx(raw.sign.median, abs=1e-12)
    assert fit.stress.low == pytest.approx(raw.stress.low, abs=1e-9)
    assert fit.lasts_if_signed.not_abandoned.y5.lo == pytest.approx(raw.lasts_if_signed.not_abandoned.y5.lo)


def test_a_calibration_is_held_against_its_hash_and_its_method(fitted_file, tmp_path, made, bench):
    """A level changed by hand, fewer than thirty cases, another file or another method: refused."""
    record, path = fitted_file
    plain_of = json.loads(path.read_text())
    for given, words in (({"level": 0.0}, "sha256"), ({"cases": 12}, "cases")):
        other = tmp_path / "other.json"
        other.write_text(json.dumps({**plain_of, **given}))
        with pytest.raises(CaseError, match=words):
            read_calibration(other)
    with pytest.raises(UsageError, match="fit it again"):
        calibrating.calibration_of(
            {**{n: getattr(record, n) for n in (*calibrating.NAMES, "sha256")}, "method": "x"}
        )
    with pytest.raises(CaseError, match="no record"):
        bench.read(made, draws=5, options=False, calibration=_a_table(tmp_path))


def _a_table(tmp_path):
    (tmp_path / "table.json").write_text("[1, 2]")
    return tmp_path / "table.json"


def test_both_kinds_of_question_speak_of_k(clock, folder, template):
    """Outcomes of signing and of lasting are fitted together, or each alone where that is asked for."""
    _filled(folder, template, 20)
    signing = {"about": "signing", "years": 0, "outcome": "signed"}
    _filled(folder, {**template, **signing}, 0)
    for k in range(20):
        _filled(folder, {**template, **signing}, 1, case=f"talks-{k}")
    record, _found = calibrating.calibrate(folder)
    assert (record.lasting, record.signing) == (20, 20)
    with pytest.raises(UsageError, match="20 of 30"):
        calibrating.calibrate(folder, about="signing")


def test_a_folder_of_somebody_else_is_one_sentence(tmp_path):
    """A broken, a huge or a foreign file in the register is named; nothing is guessed."""
    for name, text in (("0001.json", "{"), ("0001.json", '{"kind": "forecast"}'), ("0001.json", "[]")):
        (tmp_path / name).write_text(text)
        with pytest.raises(CaseError, match=r"0001\.json"):
            forecasting.chain(tmp_path)
    shutil.rmtree(tmp_path)
