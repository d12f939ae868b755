"""Agreements of the data sets on peace agreements open commitments between all that signed."""

import json
from datetime import date

import pytest

pytest.importorskip("duckdb")

from goodoffices.cli.app import run
from goodoffices.domain.codes import ActorRule
from goodoffices.store.agreed import agreed
from goodoffices.store.store import Store
from goodoffices.workbench.feeds import import_events, store_info

PAX = """Con,AgtId,Agt,Dat,Agtp,Stage,Loc1ISO,Loc2ISO
Egypt/Israel,1,Accord,2001-01-10,Inter,Cea,EGY,ISR
Egypt,2,Within,2001-02-10,Intra,Cea,EGY,
"""
UCDP = """paid,actor_name,pa_name,pa_date,pa_type,conflict_name
7,"Government of Sudan, SPLM/A, Government of Egypt",Accord,2003-05-01,1,Sudan
"""
DEEDS = "happened_on,actor,target,code\n2001-03-01,EGY,ISR,0841\n2001-03-01,ISR,EGY,190\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agreed")
    for name, text, source, said in (
        ("pax.csv", PAX, "pax", {"known": "happened"}),
        ("ucdp-peace-agreements-221.csv", UCDP, "ucdp-pa", {}),
        ("plain.csv", DEEDS, "plain", {"actors": "iso"}),
    ):
        (folder / name).write_text(text)
        assert import_events(source, [folder / name], folder / "s.duckdb", mapping=said).faultless
    return folder / "s.duckdb"


@pytest.mark.parametrize(
    ("pair", "day", "found"),
    [
        (("EGY", "ISR"), date(2001, 1, 10), [date(2001, 1, 10)]),
        (("ISR", "EGY"), date(2010, 1, 1), [date(2001, 1, 10)]),
        (("EGY", "ISR"), date(2001, 1, 9), []),
        (("EGY", "JOR"), date(2010, 1, 1), []),
        (("EGY", "SDN"), date(2022, 6, 29), []),
        (("EGY", "SDN"), date(2022, 6, 30), [date(2022, 6, 30)]),
        (("SDN", "SPLM/A"), date(2022, 6, 30), [date(2022, 6, 30)]),
    ],
)
def test_an_agreement_binds_each_pair_of_its_parties_once_it_is_known(store, pair, day, found):
    """Both directions, from the day of its release, among all parties; within a country it binds no pair of states."""
    with Store.open(store) as opened:
        assert agreed(opened, pair, day) == [one.toordinal() for one in found]


def test_parties_of_agreements_follow_the_actor_map_and_can_be_kept_apart(store):
    """A rule of the user's names a party; kept apart, the government is an actor of its own."""
    rules = (ActorRule(pattern="SPLM/A", id="SSD"),)
    with Store.open(store) as opened:
        assert agreed(opened, ("SDN", "SSD"), date(2022, 6, 30), rules=rules)
        assert agreed(opened, ("SDN/GOV", "SPLM/A"), date(2022, 6, 30), whole=True)
        assert not agreed(opened, ("SDN", "SPLM/A"), date(2022, 6, 30), whole=True)


@pytest.mark.parametrize(
    ("truster", "trustee", "ending"), [("ISR", "EGY", "met"), ("EGY", "ISR", "contradicted")]
)
def test_deeds_of_a_feed_decide_what_an_agreement_opened(store, capsys, truster, trustee, ending):
    """After the accord one side released prisoners and the other attacked: met by the one, contradicted by the other."""
    asked = ["trust", "--store", str(store), "--source", "plain", "--scale", "1", "--json"]
    assert run([*asked, "--truster", truster, "--trustee", trustee]) == 0
    words = json.loads(capsys.readouterr().out)["words_and_deeds"]
    [one] = [row for row in words if (row["word"], row["factor"]) == ("agreement", 1.0)]
    assert {name: one[name] for name in ("met", "contradicted", "unobserved", "open")} == {
        "met": 0, "contradicted": 0, "unobserved": 0, "open": 0, ending: 1,
    }  # fmt: skip


def test_parties_of_agreements_are_named_one_by_one(store):
    """What nobody could place is a party, not the whole list of them."""
    assert store_info(store).unresolved == (("SPLM/A", 2),)
