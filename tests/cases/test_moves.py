"""The library of moves: complete, sourced, the same for everybody; a case may add or restrict."""

import re
from pathlib import Path

import pytest

from goodoffices.cases.library import library_names
from goodoffices.cases.moves import case_moves, moves
from goodoffices.errors import CaseError
from goodoffices.workbench import Workbench

ASKED = {
    "summit_private", "summit_ceremony", "summit_shared_work", "gesture", "vouching", "leverage", "verification",
    "guarantee_word", "guarantee_treaty", "guarantee_force", "phasing", "bond", "assistance", "prisoner_exchange",
    "humanitarian_step", "lower_level_first", "parallel_tracks", "back_channel", "meeting_without", "include_party",
    "enlarge_package", "face_saving", "meet_before_signing", "meet_after_signing", "nothing",
}  # fmt: skip
BIBLIOGRAPHY = (Path(__file__).parents[2] / "docs/reference/bibliography.md").read_text(encoding="utf-8")


def test_the_library_holds_every_move_that_planners_ask_about():
    """Summits, gestures, third parties, guarantees, tracks, timing, exclusion, and doing nothing."""
    assert set(moves()) >= ASKED


@pytest.mark.parametrize("name", moves())
def test_a_move_says_what_it_needs_costs_and_rests_on(name):
    """Whoever must agree has a role; what is cited is in the bibliography; only waiting has no effect and no risk."""
    one = moves()[name]

    assert (one.basis == "cited") == bool(one.source)
    assert not one.source or f"## {one.source}\n" in BIBLIOGRAPHY
    assert (name == "nothing") == (not one.effects) == (not one.fails) == (one.weeks == 0)
    for role in {*one.consent, *one.cost} - {"all_bound"}:
        assert getattr(one, role), role


def test_no_move_is_for_breaking_trust():
    """No move's effect is a bad act of the planner's own side; exclusion carries its consequence."""
    bad = {"broke_obligation", "proven_denial", "armed_attack", "threat", "spoiler_attack"}
    for one in moves().values():
        conduct = {str(effect.given.get("conduct", "")) for effect in one.effects}
        assert not conduct & bad, one.id
    without = moves()["meeting_without"]
    assert any(effect.given.get("conduct") == "negotiated_without" for effect in without.effects)


def test_no_move_names_a_country_or_a_person():
    """Moves are the same for everybody: no name of any library case stands in them."""
    bench = Workbench()
    names = {
        word
        for name in library_names()
        for row in (*bench.load_case(name).parties, *bench.load_case(name).decision_makers)
        for word in re.findall(r"[A-Z]\w{3,}", row.name)
    } - {"Armed", "Forces", "Party", "States", "European", "Coalition", "Canada", "Leaders"}
    told = " ".join(f"{one.label} {one.says} {' '.join(one.fails)}" for one in moves().values())

    assert not [word for word in names if re.search(rf"\b{word}\b", told)]


def test_a_case_adds_and_leaves_out(tmp_path):
    """`only`, `without` and an added move; doing nothing always stays."""
    (tmp_path / "moves.toml").write_text(
        'only = ["gesture", "bond"]\nwithout = ["bond", "nothing"]\n'
        '[moves.amnesty]\nlabel = "Amnesty"\nfamily = "text"\nsays = "Those who fought go free."\n'
        'by = "party"\ntowards = "party"\nweeks = 8\nreversible = "no"\nbasis = "judged"\nconsent = ["by"]\n'
        'effects = [{ kind = "fact", conduct = "prisoner_release", from = "by", to = "towards" }]\n',
        encoding="utf-8",
    )

    assert set(case_moves(tmp_path)) - {"nothing"} == {"gesture", "amnesty"}
    (tmp_path / "moves.toml").write_text('without = ["bond", "nothing"]\n', encoding="utf-8")
    assert "nothing" in case_moves(tmp_path)
    assert "bond" not in case_moves(tmp_path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('without = ["gestures"]', "gestures"),
        ("only = [", "TOML"),
        ('[moves.x]\nlabel = "x"', "family"),
        (
            '[moves.x]\nlabel="x"\nfamily="x"\nsays="x"\nby="king"\ntowards=""\nweeks=1\nreversible="no"\nbasis="judged"',
            "leader, party",
        ),
        (
            '[moves.x]\nlabel="x"\nfamily="x"\nsays="x"\nby=""\ntowards=""\nweeks=1\nreversible="no"\nbasis="judged"\n'
            'effects=[{kind="stake", quantity="kept", who="towards", add=[0.3, 0.1, 0.2]}]',
            "low, likeliest and high",
        ),
        (
            '[moves.x]\nlabel="x"\nfamily="x"\nsays="x"\nby=""\ntowards=""\nweeks=1\nreversible="no"\nbasis="judged"\n'
            'effects=[{kind="fact", conduct="bribed", from="by", to="towards"}]',
            "codebook",
        ),
    ],
)
def test_a_move_that_does_not_fit_is_one_clear_sentence(tmp_path, text, found):
    """Unknown names, broken TOML, missing fields, unknown roles, ranges out of order, unknown conduct."""
    (tmp_path / "moves.toml").write_text(text + "\n", encoding="utf-8")

    with pytest.raises(CaseError) as caught:
        case_moves(tmp_path)
    assert found in str(caught.value)
    assert "moves.toml" in str(caught.value)
