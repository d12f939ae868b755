"""Moving from day to day: the same readings, sooner."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from goodoffices.cases.canonical import case_hash
from goodoffices.cases.hashes import Hashes
from goodoffices.cases.library import library_names
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Alternative, Facet, Rating
from goodoffices.words import speaking
from goodoffices.workbench import Workbench
from tests.many import crowded
from tests.strategies import START, fact, person, stakes, tiny

BENCH, DRAWS = Workbench(), 40
MADE = Path(__file__).resolve().parents[1] / "made"


def told(reading) -> str:
    return json.dumps(reading.to_dict())


def agree(case, days, **given) -> None:
    """Hold readings in this order of days against those that know of no other day."""
    scrub = BENCH.scrub(case, draws=DRAWS, **given)
    for day in days:
        assert told(scrub.read(day)) == told(BENCH.read(case, day, draws=DRAWS, options=False, **given)), day


def within(case, *shares: float) -> list[date]:
    return [case.start + timedelta(days=int((case.end - case.start).days * share)) for share in shares]


@pytest.mark.parametrize("name", library_names())
def test_a_date_that_is_dragged_gives_the_same_readings(name):
    """To and fro over a library case, every reading is byte for byte what a fresh one is."""
    case = BENCH.load_case(name)

    agree(case, within(case, 0.95, 0.3, 0.62, 0.61, 0.0))


def test_a_made_up_case_with_everything_in_it_is_the_same():
    """Ratings, guarantors, own sides, scripts: the small case of the tests too, at its beginning and its end."""
    case = BENCH.load_case(MADE)

    agree(case, within(case, 0.99, 0.2, 0.5, 0.75, 0.86))


def changing():
    """A case in which on one day or another everything comes in that can."""
    facts = [
        fact(0, "threat", day=5),
        fact(1, "accepted_proposal", day=40),
        fact(2, "kept_obligation", actor="saul", day=40, known_on=START + timedelta(days=90)),
        fact(3, "proven_denial", day=120),
        fact(4, "accepted_proposal", actor="sara", day=200),
    ]
    first = person("ks", "saul", "south", office="head", end=START + timedelta(days=150))
    then = person("kt", "sara", "south", office="head", start=START + timedelta(days=150))
    disputes = (
        Alternative(
            key="d1", fact="f00000", actor="", kind="none", scale="", weight=0.4, says_who="", source_url="",
            known_on=START + timedelta(days=60),
        ),
    )  # fmt: skip
    ratings = (
        Rating(
            key="r1", rated_on=START + timedelta(days=70), known_on=START + timedelta(days=70), author="ann",
            truster="nora", trustee="saul", facet=Facet.INTENTION, rating="low", confidence="medium", reason="",
        ),
    )  # fmt: skip
    people = (person("kn", "nora", "north"), first, then)
    rows = [*stakes("nora"), *stakes("saul"), *stakes("sara")]
    return tiny(facts, people=people, rows=rows, alternatives=disputes, ratings=ratings)


def test_new_people_disputes_and_ratings_are_taken_up_on_their_day():
    """A change of office, a dispute and a rating count from the day on which they are known, not before."""
    days = [START + timedelta(days=day) for day in (300, 10, 59, 60, 71, 69, 149, 150, 95, 210)]

    agree(changing(), days)


def test_changes_over_a_case_are_read_too():
    """A scrub over changes reads the changed case, and says so."""
    case = changing()
    change = Change(id="c1", op="switch_off_fact", target="f00001")

    agree(case, [START + timedelta(days=100)], changes=[change])
    agree(case, [START + timedelta(days=100)], audience="clear")


def test_a_case_of_many_facts_is_the_same():
    """Three on each side, who see alike: they are followed once, and each gets his own belief."""
    case = crowded(150)

    agree(case, within(case, 1.0, 0.4))


def test_each_reader_is_spoken_to_in_his_language():
    """What was worked out for one reader is not told to the next in the wrong language."""
    case = BENCH.load_case("oslo")
    scrub = BENCH.scrub(case, draws=DRAWS)
    english = told(scrub.read())
    with speaking("en-XA"):
        other = told(scrub.read())
        assert other == told(BENCH.read(case, draws=DRAWS, options=False))

    assert other != english
    assert told(scrub.read()) == english


def test_the_whole_reading_can_be_had_from_a_scrub():
    """With options, a scrub gives the whole reading."""
    case = crowded(20)
    whole = BENCH.scrub(case, draws=DRAWS).read(options=True)

    assert told(whole) == told(BENCH.read(case, draws=DRAWS))


@pytest.mark.parametrize("name", library_names())
def test_hashes_of_many_days_are_those_of_one(name):
    """Rows written once give the hash that `case_hash` gives; a word that differs gives another."""
    case = BENCH.load_case(name)
    hashes = Hashes(case)
    for day in within(case, 1.0, 0.0, 0.5, 0.5):
        assert hashes.of(case.visible_on(day)) == case_hash(case, day)

    other = replace(case, facts=(replace(case.facts[0], says="otherwise"), *case.facts[1:]))
    assert Hashes(other).of(other) != hashes.of(case)
