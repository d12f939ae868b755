"""The lists of codes: each code stands for one kind of conduct or for none, with a reason."""

from itertools import pairwise
from pathlib import Path

import pytest

from goodoffices.cases.tables import codebook
from goodoffices.domain.codes import Code, lost_zero
from goodoffices.domain.evidence import Kind
from goodoffices.errors import CaseError, UsageError
from goodoffices.store.tables import SYSTEMS, codes, countries, import_codes, roles, state_numbers

KINDS = {kind.kind: kind for kind in codebook()}
# Codes whose kind points the other way than the published value, and why.
AGAINST: dict[tuple[str, str], str] = {}


def _sign(kind: Kind) -> int:
    total = sum(kind.strengths.values()) + kind.gesture + kind.meeting
    return (total > 0) - (total < 0)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_code_has_one_kind_or_a_reason(system: str) -> None:
    """A code is counted as exactly one kind of the codebook, or as none, and then says why."""
    for code in codes(system).values():
        assert bool(code.kind) != bool(code.reason), code
        assert not code.kind or code.kind in KINDS, code


@pytest.mark.parametrize("system", SYSTEMS)
def test_kind_and_published_value_agree_in_sign(system: str) -> None:
    """A kind never points the other way than the value that was published for the code."""
    for code in codes(system).values():
        if code.kind and code.goldstein and (system, code.code) not in AGAINST:
            assert _sign(KINDS[code.kind]) == (1 if code.goldstein > 0 else -1), code


def test_codes_are_strings_with_their_zeros() -> None:
    """ "010" and "10" are two codes, and a lost zero is seen where it can be seen."""
    cameo = codes("cameo")
    assert cameo["010"].label == "Make statement"
    assert cameo["10"].label == "Demand"
    assert lost_zero("43", cameo)
    assert not lost_zero("10", cameo)
    assert not lost_zero("043", cameo)


def test_quads_follow_the_roots() -> None:
    """Roots 01 to 05 are cooperation in words, to 08 in deeds, 09 to 13 conflict in words, then in deeds."""
    for code in codes("cameo").values():
        root = code.code[:2]
        assert code.quad == 1 + (root > "05") + (root > "08") + (root > "13"), code


def test_corrections_are_marked() -> None:
    """ACCUSE has its minus sign back; SANCTION is material conflict, as in the manual."""
    plover = codes("plover")
    assert plover["ACCUSE"].goldstein == -3
    assert "minus" in plover["ACCUSE"].note
    assert plover["SANCTION"].quad == 4
    assert plover["SANCTION"].note


def test_every_plover_pair_of_cameo_is_in_the_list() -> None:
    """What CAMEO converts to is a type and mode of PLOVER with a kind of its own."""
    plover = codes("plover")
    for code in codes("cameo").values():
        if code.plover:
            pair = f"{code.plover}/{code.plover_mode}" if code.plover_mode else code.plover
            assert pair in plover, code


def test_obligations_are_not_read_from_codes() -> None:
    """No code says that a dated obligation was kept or broken: integrity is left to curated cases.

    The exceptions say it themselves: a ceasefire that was violated, civilians who were killed, and
    kinds whose integrity comes with the act, such as an accepted inspection.
    """
    say_so = {"ceasefire_violation_local", "attack_on_civilians", "inspection_accepted"}
    for system in SYSTEMS:
        for code in codes(system).values():
            strengths = KINDS[code.kind].strengths if code.kind else {}
            assert "integrity" not in strengths or code.kind in say_so, code


def test_relations_of_icews_carry_cameo_codes() -> None:
    """The text of a relation gives the code, in whatever capitals."""
    icews = codes("icews")
    assert icews["fight with small arms and light weapons"].code == "193"
    assert icews["make a visit"].kind == "meeting_officials"


def test_countries_and_numbers_belong_together() -> None:
    """Every number is borne by a country of the table, and by one at a time."""
    for system in ("cow", "gw"):
        for number, bearers in state_numbers(system).items():
            assert all(one.id in countries() for one in bearers)
            ends = [one.end for one in bearers]
            starts = [one.start for one in bearers]
            assert all(e and s and e < s for e, s in zip(ends, starts[1:], strict=False)), number


def test_cow_and_gw_differ_where_they_are_known_to() -> None:
    """Yemen, Germany and Serbia have numbers that differ between the lists."""
    assert "679" in state_numbers("cow")
    assert "679" not in state_numbers("gw")
    assert [one.id for one in state_numbers("gw")["340"]] == ["SRB"]
    assert "340" not in state_numbers("cow")
    assert state_numbers("gw")["260"][0].end is None
    assert state_numbers("cow")["260"][0].end is not None


def test_letters_of_countries_and_of_roles_do_not_collide() -> None:
    """No three letters are both a country and a role, but for three parts of one party."""
    letters = {code for country in countries().values() for code in country.cameo}
    assert letters & set(roles()) == {"PAL", "WSB", "GZS"}


def test_each_letter_code_has_one_bearer_at_a_time() -> None:
    """Former states and their successors share letters, never days."""
    for field in ("cameo", "fips"):
        seen: dict[str, list[str]] = {}
        for country in countries().values():
            for code in getattr(country, field):
                seen.setdefault(code, []).append(country.id)
        for ids in seen.values():
            spans = sorted(
                (countries()[i].end is None, countries()[i].end, countries()[i].start) for i in ids
            )
            assert all(a[1] and b[2] and a[1] < b[2] for a, b in pairwise(spans)), ids


def test_an_own_list_is_read(tmp_path: Path) -> None:
    """A user's list gives codes with their zeros, a hash and a sentence on whose it is."""
    path = tmp_path / "mine.csv"
    path.write_text("code,label,goldstein,kind\n010,Say,0,\n190,Fight,-10,armed_attack\n", encoding="utf-8")
    read = import_codes(path, "mine", KINDS)
    fight = Code(system="mine", code="190", label="Fight", kind="armed_attack", goldstein=-10)
    assert read.codes["190"] == fight
    assert read.codes["010"].reason
    assert "mine.csv" in read.sentence
    assert len(read.sha256) == 64


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "no header"),
        ("number,label\n1,x\n", "number, label"),
        ("code,label\n", "no rows"),
        ("code,label\n010,x\n010,y\n", "010"),
        ("code,label,kind\n010,x,nonsense\n", "nonsense"),
        ("code,label,goldstein\n010,x,eleven\n", "eleven"),
        ("code,label,goldstein\n010,x,11\n", "11"),
        ("code,label\n010,x\0y\n", "NUL"),
        ("code,label\n010,\xe9t\xe9\n", "utf-8"),
    ],
)
def test_a_faulty_list_says_what_was_found(tmp_path: Path, text: str, found: str) -> None:
    """A list that cannot be read names the row and what stood there."""
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(CaseError) as caught:
        import_codes(path, "mine", KINDS)
    assert found in str(caught.value)


def test_a_list_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A file that is not there and a folder are one sentence each."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CaseError, match="UTF-8"):
            import_codes(path, "mine", KINDS)


@pytest.mark.parametrize("name", ["cameo", "icews", "ucdp", "Mine", "a b", ""])
def test_a_list_has_a_name_of_its_own(tmp_path: Path, name: str) -> None:
    """No list that comes with the package is replaced, and a name is one that a mapping can hold."""
    path = tmp_path / "mine.csv"
    path.write_text("code,label\n010,x\n", encoding="utf-8")
    with pytest.raises(UsageError):
        import_codes(path, name, KINDS)


def test_an_unknown_system_is_named() -> None:
    """Asking for a list that is not there names those that are."""
    with pytest.raises(UsageError, match="cameo, weis, plover, icews"):
        codes("copdab")
