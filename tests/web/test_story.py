"""The story: every step is a real page, its sentences are true of the readings, and its buttons lead on."""

import re

import pytest

from goodoffices.domain.readings import Reading
from goodoffices.errors import NotFoundError
from goodoffices.web.story import CASE, START, STEPS, address, told
from goodoffices.words import figure


def _reading(desk, day: str) -> Reading:
    return desk.bench.read(CASE.name, day, options=False)


def test_every_step_is_a_real_page_with_one_button_onward(client):
    """From the first page to one's own new case there is one button at a time."""
    place, seen = START, []
    while place:
        page = client.get(place.partition("#")[0])
        seen.append(place)
        found = re.search(r'id="onward"[^>]*href="([^"]+)"', page.text)
        place = found[1].replace("&amp;", "&") if found else ""
        assert page.status_code == 200

    assert seen == [address(number) for number in range(1, len(STEPS) + 1)]
    assert "new=1" in seen[-1]


@pytest.mark.parametrize("number", [n for n, step in enumerate(STEPS, 1) if step.belief])
def test_a_belief_in_the_story_is_that_of_its_day(desk, number):
    """The figure in the sentence is the median of the reading of the same day."""
    step = STEPS[number - 1]
    rows = {(row.truster, row.trustee, row.facet): row for row in _reading(desk, step.at).trust}

    assert figure(rows[step.belief].median) in told(desk, str(number)).says


def test_the_journey_moves_intention_and_not_integrity(desk):
    """What the story tells of the four facets is so in the readings."""
    before, after = (
        {(r.truster, r.trustee, r.facet): r.median for r in _reading(desk, day).trust}
        for day in ("1977-11-18", "1977-11-21")
    )
    will, word = ("begin", "sadat", "intention"), ("begin", "sadat", "integrity")

    assert after[will] - before[will] > 0.2
    assert abs(after[word] - before[word]) < 0.02


def test_the_days_of_the_story_are_as_it_says(desk):
    """No text before the journey, Sadat's terms after it, the frameworks at Camp David."""
    texts = {
        day: {deal.id for deal in _reading(desk, day).deals}
        for day in ("1977-11-08", "1977-11-21", "1978-09-12")
    }

    assert texts["1977-11-08"] == set()
    assert "knesset-terms" in texts["1977-11-21"]
    assert "framework" in texts["1978-09-12"]


def test_a_sentence_of_the_model_is_quoted(desk):
    """Steps that quote the model give the sentence of its reading."""
    for number, step in enumerate(STEPS, 1):
        if step.text:
            said = next(deal.sentence for deal in _reading(desk, step.at).deals if deal.id == step.text)

            assert said in told(desk, str(number)).says


@pytest.mark.parametrize("said", ["0", "99", "x", "٣"])
def test_a_step_that_is_not_there_is_refused(desk, said):
    """The sentence says which steps there are."""
    with pytest.raises(NotFoundError, match="steps 1 to"):
        told(desk, said)
