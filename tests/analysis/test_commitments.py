"""Words and the deeds that followed, on histories made by hand."""

import pytest

from goodoffices.analysis.commitments import DEEDS, WINDOWS, WORDS, commitments, consistency, swept
from goodoffices.cases.tables import tables


@pytest.mark.parametrize(
    ("history", "today", "endings"),
    [
        ([(10, "promised_cooperation"), (40, "gave_aid")], 500, ["met"]),
        ([(10, "promised_cooperation"), (40, "armed_attack")], 500, ["contradicted"]),
        ([(10, "promised_cooperation"), (101, "gave_aid")], 500, ["unobserved"]),
        ([(10, "promised_cooperation"), (100, "gave_aid")], 500, ["met"]),
        ([(10, "promised_cooperation")], 50, ["open"]),
        ([(10, "promised_cooperation"), (10, "gave_aid")], 500, ["unobserved"]),
        ([(10, "threat"), (20, "armed_attack")], 500, ["met"]),
        ([(10, "threat"), (20, "made_concession")], 500, ["contradicted"]),
        ([(10, "threat")], 500, ["unobserved"]),
        ([(10, "signed_agreement"), (300, "cooperated")], 500, ["met"]),
        ([(10, "threat"), (20, "armed_attack"), (20, "gave_aid")], 500, ["mixed"]),
        ([(10, "threat"), (12, "ultimatum"), (20, "coercion")], 500, ["met"]),
        ([(10, "threat"), (20, "coercion"), (21, "threat")], 500, ["met", "unobserved"]),
        ([(10, "harsh_words"), (20, "meeting_officials")], 500, []),
    ],
)
def test_histories_made_by_hand(history, today, endings):
    """Each rule of the page in one small history: first later deed, windows, silence, one at a time."""
    assert [one.ending for one in commitments(history, today)] == endings


def test_words_and_deeds_are_kinds_of_the_codebook():
    """No kind is both a word and a deed; deeds lean the way in which they are counted."""
    kinds = tables().kinds

    assert set(WORDS) | set(DEEDS) <= set(kinds)
    assert not set(WORDS) & set(DEEDS)
    assert all(kinds[name].sign == sign for name, sign in DEEDS.items() if kinds[name].sign)
    assert set(WORDS.values()) == set(WINDOWS)


def test_what_comes_later_changes_no_ending_that_was_decided():
    """A decided commitment stays as it is when more becomes known."""
    history = [
        (10, "promised_cooperation"),
        (40, "armed_attack"),
        (60, "promised_cooperation"),
        (80, "gave_aid"),
    ]

    assert commitments(history, 50)[:1] == commitments(history, 500)[:1]


def test_a_share_needs_three_decided_commitments():
    """Two of two is no share; silence and mixed days count on neither side."""
    pairs = [
        (day, kind) for n in range(3) for day, kind in ((n * 100 + 1, "threat"), (n * 100 + 5, "coercion"))
    ]
    few, enough = consistency(commitments(pairs[:4], 900)), consistency(commitments(pairs, 900))

    assert next(one for one in few if one.word == "threat").share is None
    assert next(one for one in enough if one.word == "threat").share == 1.0
    assert set(swept(pairs, 900)) == {0.5, 1.0, 2.0}
