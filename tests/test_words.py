"""Words in several languages: the catalogue is complete, and each reader has his own."""

import gettext
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from babel.messages.pofile import read_po

from goodoffices import words
from goodoffices.words import (
    _,
    apart,
    day,
    figure,
    known_language,
    language,
    listing,
    number,
    percent,
    speaking,
)

LOCALE = Path(words.__file__).parent / "data" / "locale"
COGNATES = set((Path(__file__).parent / "cognates.txt").read_text(encoding="utf-8").splitlines())
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def entries(path):
    with path.open("rb") as file:
        return [entry for entry in read_po(file) if entry.id]


POT = entries(LOCALE / "goodoffices.pot")
FRENCH = entries(LOCALE / "fr" / "LC_MESSAGES" / "goodoffices.po")


def placeholders(message):
    return sorted(PLACEHOLDER.findall(message))


# -- the French catalogue -------------------------------------------------------------------------


def test_french_holds_the_messages_of_the_pot_in_their_order():
    """The translation has every message of the catalogue and no other."""
    assert [entry.id for entry in FRENCH] == [entry.id for entry in POT]


def test_no_french_entry_is_empty_or_fuzzy():
    """Every message is translated, and none by guessing."""
    assert [entry.id for entry in FRENCH if not entry.string or entry.fuzzy] == []


def test_placeholders_are_the_same_on_both_sides():
    """What is filled into a sentence is filled into its translation, in the same form."""
    told = [entry for entry in FRENCH if entry.string]

    assert [e.id for e in told if placeholders(e.id) != placeholders(e.string)] == []


def test_markup_and_the_space_around_a_message_are_the_same_on_both_sides():
    """Tags, links, code and the blanks at the ends of a message survive its translation."""

    def frame(text):
        ends = (text[: len(text) - len(text.lstrip(" \n"))], text[len(text.rstrip(" \n")) :])
        return ends, re.findall(r"<[^<>]*>|&#?\w+;|\]\([^)]*\)|`[^`]*`", text)

    assert [e.id for e in FRENCH if e.string and frame(e.id) != frame(e.string)] == []


def test_a_french_text_equal_to_the_english_is_a_cognate():
    """What is the same in both languages is on the list of words that are."""
    assert {entry.id for entry in FRENCH if entry.id == entry.string} - COGNATES == set()


def test_every_cognate_is_still_needed():
    """The list of cognates holds nothing that is translated otherwise or is gone."""
    assert COGNATES - {entry.id for entry in FRENCH if entry.id == entry.string} == set()


def test_french_typography():
    """No plain space stands before a double mark, no straight apostrophe between letters."""
    poor = re.compile(r"\w [:;?!%»]|« |[^\W\d_]'[^\W\d_]")

    assert [e.string for e in FRENCH if poor.search(re.sub(r"`[^`]*`", "", e.string))] == []


def test_the_compiled_catalogue_is_that_of_the_text():
    """Programs read what translators wrote."""
    with (LOCALE / "fr" / "LC_MESSAGES" / "goodoffices.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    assert [e.id for e in FRENCH if e.string and compiled.gettext(e.id) != e.string] == []


# -- the reader's language ------------------------------------------------------------------------


def test_english_is_the_source_to_the_byte():
    """In English every message is what stands in the code."""
    with speaking("en"):
        assert [entry.id for entry in POT if _(entry.id) != entry.id] == []


def test_the_pseudo_locale_marks_letters_and_nothing_else():
    """Placeholders, tags and entities are left alone; all other letters carry an accent."""
    with speaking("en-XA"):
        told = _("Go <b>to</b> {day}, {x:.2f} &amp; more")

    assert told == "⟦Ĝö <b>ţö</b> {day}, {x:.2f} &amp; ɱöŕé⟧"


def test_the_pseudo_locale_leaves_every_placeholder_alone():
    """Any message can still be filled."""
    with speaking("en-XA"):
        told = [(entry.id, _(entry.id)) for entry in POT]

    assert [one for one, other in told if placeholders(one) != placeholders(other)] == []
    assert [
        one for one, other in told if re.search("[A-Za-z]", re.sub(r"\{.*?\}|<.*?>|&\w+;", "", other))
    ] == []


@pytest.mark.parametrize("spoken", ["en", "fr", "en-XA"])
def test_an_empty_message_stays_empty(spoken):
    """An empty word is not the head of the catalogue."""
    with speaking(spoken):
        assert _("") == ""


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("fr", "fr"),
        ("fr-CH", "fr"),
        ("fr_FR.UTF-8", "fr"),
        ("EN", "en"),
        ("en-xa", "en-XA"),
        ("de", None),
        ("", None),
    ],
)
def test_what_is_asked_for_is_understood(asked, meant):
    """A tag is understood with or without its country, as browsers and systems write it."""
    assert known_language(asked) == meant


def test_a_language_not_known_is_answered_in_english():
    """Nobody is left without words."""
    with speaking("tlh"):
        assert language() == "en"


def test_speaking_ends_where_it_ends():
    """After a while in another language the former comes back, also after an error."""
    before = language()
    with pytest.raises(ZeroDivisionError), speaking("fr"), speaking("en-XA"):
        raise ZeroDivisionError

    assert language() == before


def test_two_threads_speak_two_languages_at_once():
    """Each has its own language, whatever the other speaks meanwhile."""
    both = Barrier(2, timeout=10)

    def say(asked):
        with speaking(asked):
            both.wait()
            told = [(_("trust"), figure(0.5), listing(["a", "b"])) for _again in range(200)]
            both.wait()
        return set(told)

    with ThreadPoolExecutor(2) as pool:
        english, french = pool.map(say, ("en", "fr"))

    assert english == {("trust", "0.50", "a and b")}
    assert french == {("confiance", "0,50", "a et b")}


@pytest.mark.parametrize(
    ("given", "told"), [("fr_CH:en", "confiance"), ("de:fr", "confiance"), ("de", "trust")]
)
def test_the_environment_chooses_the_first_language(given, told):
    """GOODOFFICES_LANG lists languages in order of preference."""
    code = "from goodoffices.words import _; print(_('trust'))"
    env = {**os.environ, "GOODOFFICES_LANG": given, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == told


def test_english_does_not_wait_for_babel():
    """A reader of English pays nothing for other languages."""
    code = (
        "import sys; from goodoffices.words import _, day, figure; _('trust'), day('1978-09-12'), figure(1.5);"
        "sys.exit('babel' in sys.modules)"
    )
    env = {**os.environ, "GOODOFFICES_LANG": "en"}

    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0


# -- figures and days -----------------------------------------------------------------------------


def test_figures_have_the_marks_of_the_language_and_the_same_digits():
    """French has a decimal comma and parts thousands by a space; no digit differs."""
    with speaking("fr"):
        assert (figure(-0.165), figure(0.165), figure(None)) == ("-0,17", "0,17", "–")
        assert (number(12345), number(1.5), number(0.25)) == ("12\u202f345", "1,5", "0,25")
        assert percent(0.45) == "45\u202f%"
    with speaking("en"):
        assert (figure(-0.165), figure(0.165), figure(None)) == ("-0.17", "0.17", "–")
        assert (number(12345), number(1.5), number(0.25)) == ("12,345", "1.5", "0.25")
        assert percent(0.45) == "45%"


@pytest.mark.parametrize(
    ("when", "english", "french"),
    [
        (date(1978, 9, 12), "12 September 1978", "12 septembre 1978"),
        (date(1985, 8, 1), "1 August 1985", "1er août 1985"),
        ("1978-09-12", "12 September 1978", "12 septembre 1978"),
        ("1978-09", "September 1978", "septembre 1978"),
        ("1978", "1978", "1978"),
        ("1978-13-01", "1978-13-01", "1978-13-01"),
        ("", "", ""),
    ],
)
def test_days_are_written_out(when, english, french):
    """A day is said as people write it; what is no date is left as it is."""
    with speaking("en"):
        assert day(when) == english
    with speaking("fr"):
        assert day(when) == french


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Sadat", "Sadat"),
        ("Сергей", "Сергей"),
        ("أنور", "\u2068أنور\u2069"),
        ("בגין 2", "\u2068בגין 2\u2069"),
    ],
)
def test_a_name_from_right_to_left_is_set_apart(name, said):
    """In a sentence such a name is isolated; any other stands as it is."""
    assert apart(name) == said
