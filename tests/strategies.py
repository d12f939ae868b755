"""Hypothesis strategies for cases; they grow with every feature.

`tiny(...)` builds a small case by hand; the strategies vary its facts.
"""

from datetime import date, timedelta

from hypothesis import strategies as st

from goodoffices.cases.tables import tables
from goodoffices.domain.actors import DecisionMaker, Party
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact
from goodoffices.domain.texts import Provision, Stake, Text

START = date(2000, 1, 1)
WORDS = ["none", "slight", "some", "half", "strong", "very_strong", "full"]
KINDS = sorted(name for name, kind in tables().kinds.items() if not kind.role and not kind.meeting)


def fact(number: int, kind: str, actor: str = "south", towards: str = "north", day: int = 0, **given) -> Fact:
    happened = START + timedelta(days=day)
    known = given.pop("known_on", happened)
    plain = {"reliability": "certain", "sensitivity": "clear", "public_on": known, **given}
    return Fact(
        id=f"f{number:05d}", happened_on=happened, known_on=known, known_on_assumed=False, actor=actor,
        towards=(towards,), kind=kind, **plain,
    )  # fmt: skip


def stakes(actor: str, text: str = "deal", **words: str) -> list[Stake]:
    plain = {
        "no_deal": "loss", "kept": "gain", "broken": "severe_loss", "veto_signing": "full",
        "veto_implementation": "full", "wrecking": "full",
    }  # fmt: skip
    return [
        Stake(
            key=f"s{actor[0]}{number}{actor[-2:]}{text[:2]}", actor=actor, text=text, quantity=quantity, towards="",
            word=word, low="", high="", rationale="", source="", url="", known_on=START,
        )
        for number, (quantity, word) in enumerate({**plain, **words}.items())
    ]  # fmt: skip


def person(
    key: str, name: str, party: str, office: str | None = None, kind: str = "person", **given
) -> DecisionMaker:
    start = given.pop("start", date(1990, 1, 1))
    return DecisionMaker(
        key=key,
        id=name,
        name=name.title(),
        kind=kind,
        office=office or f"{name}-office",
        party=party,
        start=start,
        **given,
    )


def deal(*provisions: Provision, **given) -> Text:
    plain = {"guarantors": (), "scope": "full", **given}
    return Text(
        key="deal00",
        id="deal",
        title="A deal",
        tabled_on=START,
        known_on=START,
        binds=("north", "south"),
        provisions=provisions,
        **plain,
    )


def tiny(facts=(), *, people=None, rows=None, texts=None, **given) -> Case:
    people = people or (person("kn", "nora", "north"), person("ks", "saul", "south"))
    rows = rows if rows is not None else [*stakes("nora"), *stakes("saul")]
    parties = tuple(
        Party(key=f"p{name[0]}", id=name, name=name.title(), role="third" if name == "third" else "principal")
        for name in dict.fromkeys(["north", "south", *(p.party for p in people)])
    )
    return Case(
        key="tiny00", id="tiny", title="Tiny", start=START, end=START + timedelta(days=3650), parties=parties,
        decision_makers=tuple(people), texts=texts or (deal(),), stakes=tuple(rows), facts=tuple(facts), **given,
    )  # fmt: skip


@st.composite
def histories(draw, least=0, most=12, kinds=tuple(KINDS), actors=("saul", "south")):
    """Facts done by the south to the north, on days of one year."""
    size = draw(st.integers(least, most))
    return [
        fact(
            number,
            draw(st.sampled_from(kinds)),
            draw(st.sampled_from(actors)),
            day=draw(st.integers(0, 365)),
            scale=draw(st.sampled_from(WORDS[1:])),
            pressure=draw(st.sampled_from(["", "some"])),
            reliability=draw(st.sampled_from(["single", "wire", "certain"])),
        )
        for number in range(size)
    ]
