"""The world of one decision-maker holds what the model lets him see, and nothing that is kept from him."""

from dataclasses import replace
from datetime import date

import pytest

from goodoffices.analysis.worlds import unseen, world
from goodoffices.cases.tables import tables
from goodoffices.domain.case import Case

DAYS = (date(2002, 12, 1), date(2004, 6, 1))


@pytest.fixture(scope="module")
def secretive(made: Case) -> Case:
    """The made-up case, in which every third fact was seen by one side alone."""
    hands = (("basil",), ("aster",), ("cedar-premier",), ("birch-chief", "clara"))
    facts = [replace(f, seen_by=hands[n % 4]) if n % 3 == 0 else f for n, f in enumerate(made.facts)]
    return replace(made, facts=tuple(facts))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("office", ["aster-president", "birch-president", "birch-chief", "cedar-premier"])
def test_he_believes_in_his_world_what_he_believes_in_the_whole(secretive, bench, office, day):
    """What he believes of others is the same with only the facts that he could know, to 1e-12."""
    who = next(dm.id for dm in secretive.holders_on(day) if dm.office == office)
    hidden = unseen(secretive, day, tables(), who)
    assert hidden
    whole = bench.read(secretive, day, draws=200, options=False)
    own = bench.read(world(secretive, day, tables(), who), day, draws=200, options=False)
    mine = [{(r.trustee, r.facet): (r.median, r.lo, r.hi, r.n_evidence, r.facts) for r in reading.trust
             if r.truster == who} for reading in (whole, own)]  # fmt: skip
    assert mine[0].keys() == mine[1].keys()
    for key, (*numbers, count, facts) in mine[0].items():
        *others, other_count, other_facts = mine[1][key]
        assert numbers == pytest.approx(others, abs=1e-12)
        assert (count, facts) == (other_count, other_facts)


def test_others_are_read_without_what_he_could_not_know(secretive, bench):
    """What he cannot know does not tell in what he sees of others' beliefs."""
    whole = bench.read(secretive, DAYS[1], draws=200, options=False)
    own = bench.read(world(secretive, DAYS[1], tables(), "clara"), DAYS[1], draws=200, options=False)
    assert whole.keep != own.keep


def test_a_side_knows_what_it_did_and_what_all_could_see(made):
    """Public facts, and acts of one's own side, are hidden from nobody there."""
    facts = tuple(replace(f, seen_by=("clara",)) if f.id == "mf001" else f for f in made.facts)
    case = replace(made, facts=facts)
    assert unseen(case, DAYS[1], tables(), "arno") == ()
    assert unseen(case, DAYS[1], tables(), "clara") == ()
    assert unseen(case, DAYS[1], tables(), "bruno") == ("mf001",)
    assert len(world(case, DAYS[1], tables(), "bruno").facts) == len(case.facts) - 1


def test_nobody_of_that_name_is_an_error(made):
    """A name that nobody had by then is refused."""
    with pytest.raises(KeyError):
        unseen(made, date(2001, 2, 1), tables(), "bruno")


def test_a_library_case_keeps_beliefs_in_their_worlds(bench):
    """In a coded case, too, the beliefs of those who could not know all are those of the whole reading."""
    case = bench.load_case("minsk")
    whole = bench.read(case, case.end, draws=10, options=False)
    kept_from = [dm.id for dm in case.holders_on(case.end) if unseen(case, case.end, tables(), dm.id)]
    assert kept_from
    for who in kept_from[:2]:
        own = bench.read(world(case, case.end, tables(), who), case.end, draws=10, options=False)
        mine = [[row for row in reading.trust if row.truster == who] for reading in (whole, own)]
        assert mine[0] == mine[1]
