"""Actors: codes and names become ids that are stable and hold for their time."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.domain.codes import Actor, ActorRule
from goodoffices.errors import CaseError, UsageError
from goodoffices.store.actors import COLUMNS, SYSTEMS, Asked, resolve, resolved, spans, unresolved
from goodoffices.store.tables import countries, read_actor_map

DAY = date(2000, 6, 1)


@pytest.mark.parametrize(
    ("code", "who", "country", "sector"),
    [
        ("EGYGOV", "EGY/GOV", "EGY", "GOV"),
        ("UKRMIL", "UKR/MIL", "UKR", "MIL"),
        ("ISRLEG", "ISR/LEG", "ISR", "LEG"),
        ("LBNREBHEZ", "LBN/REB/HEZ", "LBN", "REB"),
        ("PALPLO", "PSE/PAL/PLO", "PSE", ""),
        ("GZS", "PSE/GZS", "PSE", ""),
        ("PSEGZS", "PSE/GZS", "PSE", ""),
        ("MOSREB", "MOS/REB", "", "REB"),
        ("IGOUNO", "IGO/UNO", "", "IGO"),
        ("MEA", "MEA", "", ""),
        ("ROM", "ROU", "ROU", ""),
    ],
)
def test_concatenated_codes_stay_with_their_party(code: str, who: str, country: str, sector: str) -> None:
    """A code of CAMEO is a country and what it is in the country; a people alone is its own."""
    actor = resolve(code, "cameo", DAY)
    assert (actor.id, actor.country, actor.sector, actor.known) == (who, country, sector, True)


@pytest.mark.parametrize("code", ["XQZ", "GOV", "EGYPT1", "", "---"])
def test_what_nothing_knows_is_kept(code: str) -> None:
    """A code without a party is not known, unless its first letters are a country's; it keeps its text."""
    actor = resolve(code, "cameo", DAY)
    assert actor.known == code.startswith("EGY")
    assert actor.id.replace("/", "") == code


def test_a_role_alone_takes_the_country_of_the_row() -> None:
    """Where the row gives a country, a bare role is that country's."""
    assert resolve("GOV", "cameo", DAY, country="EGY") == resolve("EGYGOV", "cameo", DAY)


def test_the_same_letters_in_different_lists() -> None:
    """AUS is Australia in CAMEO and Austria in KEDS; UP is Ukraine in FIPS and nothing in CAMEO.

    What KEDS has no letters for is read as CAMEO, which its later files use; CAMEO borrows from nobody.
    """
    assert resolve("AUS", "cameo", DAY).id == "AUS"
    assert resolve("AUS", "keds", DAY).id == "AUT"
    assert resolve("FRA", "keds", DAY) == resolve("FRA", "cameo", DAY)
    assert resolve("PSEGOV", "keds", DAY).country == "PSE"
    assert not resolve("FRN", "cameo", DAY).known
    assert resolve("UP", "fips", DAY).id == "UKR"
    assert not resolve("UP", "cameo", DAY).known
    assert resolve("SU", "fips", DAY).id == "SDN"
    assert not resolve("UKR", "fips", DAY).known


@pytest.mark.parametrize(
    ("text", "system", "before", "turn", "after"),
    [
        ("RUS", "cameo", "SUN", date(1991, 12, 26), "RUS"),
        ("CZE", "cameo", "CSK", date(1993, 1, 1), "CZE"),
        ("365", "gw", "SUN", date(1991, 12, 26), "RUS"),
        ("345", "cow", "SCG", date(2006, 6, 5), "SRB"),
    ],
)
def test_ids_change_with_the_state(text: str, system: str, before: str, turn: date, after: str) -> None:
    """A code that passed from one state to another means each in its time."""
    assert resolve(text, system, turn - timedelta(days=1)).id == before
    assert resolve(text, system, turn).id == after


@pytest.mark.parametrize(
    ("name", "country", "sectors", "who", "sector"),
    [
        ("Israel", "", "", "ISR", ""),
        ("Citizen (Ukraine)", "", "", "UKR/CVL", "CVL"),
        ("Police (India)", "India", "Police,Government", "IND/COP", "COP"),
        ("Member of Legislative (Govt) (South Korea)", "", "", "KOR/LEG", "LEG"),
        ("Toad Keeper (Chad)", "Chad", "Social", "TCD/Toad Keeper", "CVL"),
        ("Ana Person", "Russian Federation", "Parties,Executive,Government", "RUS/Ana Person", "GOV"),
        ("Saint Martin (French part)", "", "", "MAF", ""),
        ("Middle East", "", "", "MEA", ""),
        ("North Atlantic Treaty Organization", "", "", "NAT", ""),
        ("Club of Towns", "", "International Government Organization", "Club of Towns", "IGO"),
    ],
)
def test_names_of_icews(name: str, country: str, sectors: str, who: str, sector: str) -> None:
    """A generic actor is a role of its country, a person a person of it, an organisation itself."""
    actor = resolve(name, "icews", DAY, country=country, sectors=sectors)
    assert (actor.id, actor.sector, actor.known) == (who, sector, True)


@pytest.mark.parametrize(
    ("name", "day", "who"),
    [
        ("Government of Sudan", DAY, "SDN/GOV"),
        ("Government of Myanmar (Burma)", DAY, "MMR/GOV"),
        ("Government of Russia (Soviet Union)", date(1985, 1, 1), "SUN/GOV"),
        ("Government of Russia (Soviet Union)", DAY, "RUS/GOV"),
        ("Military Forces of Syria (2000-)", DAY, "SYR/MIL"),
        ("Police Forces of India (2014-)", DAY, "IND/COP"),
        ("Government of National Accord", DAY, "Government of National Accord"),
    ],
)
def test_arms_of_states_as_ucdp_and_acled_name_them(name: str, day: date, who: str) -> None:
    """ "Government of X" is the government of X, whichever state bore one of its names on the day."""
    actor = resolve(name, "name", day)
    assert (actor.id, actor.known) == (who, "/" in who)
    assert [one.actor for one in spans(Asked(text=name, system="name")) if one.end is None] == [
        resolve(name, "name", date(2020, 1, 1))
    ]


def test_a_person_without_country_is_not_known() -> None:
    """Where the row gives no country, no dictionary guesses one."""
    assert resolve("Ana Person", "icews", DAY) == Actor(id="Ana Person", roles=("Ana Person",), known=False)


def test_every_country_is_found_by_its_english_names() -> None:
    """The names that Babel gives for the territories of ISO 3166 are found."""
    from babel import Locale

    english = Locale("en").territories
    for country in countries().values():
        names = [country.name, english.get(country.iso2, country.name)]
        assert all(resolve(name.replace("St.", "Saint"), "name", DAY).known for name in names), names


def test_a_rule_of_the_user_comes_first_and_in_its_time() -> None:
    """A line of the actor map holds from its first to its last day; the first that fits wins."""
    rules = (
        ActorRule(pattern="PSE*HMS", id="PSE/HMS", start=date(2006, 1, 25)),
        ActorRule(pattern="PAL*", id="PSE"),
    )
    assert resolve("PSEREBHMS", "cameo", date(2006, 1, 24), rules=rules).id == "PSE/REB/HMS"
    assert resolve("PSEREBHMS", "cameo", date(2006, 1, 25), rules=rules).id == "PSE/HMS"
    assert resolve("PALPLO", "cameo", DAY, rules=rules) == Actor(id="PSE", country="PSE")


def test_an_actor_map_is_read_or_its_faults_are_named(tmp_path: Path) -> None:
    """The map of a user is a CSV; every fault is named with its row."""
    path = tmp_path / "actors.csv"
    path.write_text("pattern,id,from,to\nPAL*,PSE,1988-11-15,\n", encoding="utf-8")
    assert read_actor_map(path) == (ActorRule(pattern="PAL*", id="PSE", start=date(1988, 11, 15)),)
    path.write_text("pattern,id,from,to\n,PSE,,\nX,Y,soon,\nX,Y,2001-01-02,2001-01-01\n", encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        read_actor_map(path)
    assert [fault.row for fault in caught.value.faults] == [2, 3, 4]


TEXTS = ["RUS", "YUGGOV", "CZE", "PALPLO", "XQZ", "RUSMIL", "EGY", "345", "Serbia", "Police (Serbia)", "GOV"]


@given(
    text=st.sampled_from(TEXTS),
    system=st.sampled_from(SYSTEMS),
    day=st.dates(min_value=date(1940, 1, 1), max_value=date(2030, 1, 1)),
    start=st.dates(min_value=date(1940, 1, 1), max_value=date(2030, 1, 1)),
    length=st.integers(0, 9000),
)
def test_spans_say_the_same_as_single_days(
    text: str, system: str, day: date, start: date, length: int
) -> None:
    """The spans of a text cover all time once, and on each day say what is said of the day."""
    rules = (ActorRule(pattern=f"{text[:2]}*", id="PSE", start=start, end=start + timedelta(days=length)),)
    found = spans(Asked(text=text, system=system), rules)
    assert found[0].start is None
    assert found[-1].end is None
    for one, other in pairwise(found):
        assert one.end is not None
        assert other.start == one.end + timedelta(days=1)
    mine = [s for s in found if (s.start or date.min) <= day <= (s.end or date.max)]
    assert [s.actor for s in mine] == [resolve(text, system, day, rules=rules)]


def test_the_table_has_a_row_a_span() -> None:
    """The table to be joined has one row a text and span, in columns of equal length."""
    table = resolved([Asked(text="RUSGOV", system="cameo"), Asked(text="EGY", system="cameo")])
    assert tuple(table) == COLUMNS
    assert table["id"] == ["SUN/GOV", "RUS/GOV", "EGY"]
    assert table["end"] == [date(1991, 12, 25), None, None]


def test_the_unresolved_are_listed_by_frequency() -> None:
    """What nothing knows is counted, the most frequent first, and what is known is left out."""
    counts = {Asked(text=t, system="cameo"): n for t, n in [("XQZ", 2), ("EGY", 9), ("QQQ", 5)]}
    assert unresolved(counts) == [("QQQ", 5), ("XQZ", 2)]
    assert unresolved(counts, [ActorRule(pattern="QQQ", id="EGY")]) == [("XQZ", 2)]


def test_an_unknown_list_is_named() -> None:
    """Asking in a list that is not there names those that are."""
    with pytest.raises(UsageError, match="cameo, keds"):
        resolve("EGY", "cia", DAY)
