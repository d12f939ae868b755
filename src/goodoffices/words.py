"""Words for people: every sentence that a person reads passes through `_`.

One catalogue, `data/locale/goodoffices.pot`, holds them all.  The reader's language is chosen by
`GOODOFFICES_LANG`, or for a while by `speaking`; each thread and each request has its own.
Figures are rounded here, and only here.
"""

import gettext
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import date
from functools import lru_cache
from importlib.resources import files

__all__ = [
    "LANGUAGES",
    "N_",
    "PSEUDO",
    "TERMS",
    "_",
    "apart",
    "clauses",
    "commanding",
    "day",
    "figure",
    "known_language",
    "language",
    "listing",
    "number",
    "percent",
    "printable",
    "set_language",
    "share",
    "speaking",
]

LANGUAGES = ("en", "fr")
PSEUDO = "en-XA"  # English with accents and brackets: a word without them never passed through `_`


def N_(message: str) -> str:  # noqa: N802 - the name that catalogues know
    """Mark a message for the catalogue that is translated where it is used."""
    return message


# Terms of the product that are translated where they are shown.
TERMS = (
    *(N_("capacity"), N_("intention"), N_("integrity"), N_("predictability")),
    *(N_("clears"), N_("falls short"), N_("too close"), N_("no answer"), N_("interests")),
    *(N_("on the table"), N_("signed"), N_("in force")),
    *(N_("full"), N_("partial"), N_("process"), N_("ceasefire")),
    *(N_("word"), N_("treaty"), N_("deployed force")),
    *(N_("none"), N_("slight"), N_("some"), N_("half"), N_("strong"), N_("very strong")),
    *(N_("very low"), N_("low"), N_("even"), N_("high"), N_("very high"), N_("complete"), N_("medium")),
    *(N_("rumour"), N_("partisan"), N_("single"), N_("fair"), N_("wire"), N_("official"), N_("certain")),
    *(N_("withheld"), N_("unknown")),
    *(N_("ledger index from reports"), N_("promise"), N_("agreement"), N_("threat")),
    *(N_("no kind of conduct"), N_("one side missing"), N_("within one party")),
)

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

# -- the reader's language ------------------------------------------------------------------------


def known_language(asked: str) -> str | None:
    """Give the language meant by a tag such as `fr`, `fr-CH` or `fr_FR.UTF-8`; None if it is not spoken."""
    tag = asked.partition(".")[0].replace("_", "-").lower()
    if tag == PSEUDO.lower():
        return PSEUDO
    return next((one for one in LANGUAGES if one == tag.split("-")[0]), None)


def _from_environment() -> str:
    asked = os.environ.get("GOODOFFICES_LANG", "en").split(":")
    return next(filter(None, map(known_language, asked)), LANGUAGES[0])


_FIRST = _from_environment()
_spoken: ContextVar[str] = ContextVar("language", default=_FIRST)


def language() -> str:
    """Give the language in which the reader is spoken to."""
    return _spoken.get()


def set_language(asked: str) -> Token[str]:
    """Speak another language from here on; a language that is not known is answered in English."""
    return _spoken.set(known_language(asked) or LANGUAGES[0])


@contextmanager
def speaking(asked: str) -> Iterator[None]:
    """Speak another language for a while, in this thread or request only."""
    token = set_language(asked)
    try:
        yield
    finally:
        _spoken.reset(token)


@lru_cache
def _catalogue(spoken: str) -> gettext.NullTranslations:
    if spoken == PSEUDO:
        return _Pseudo()
    locale = files("goodoffices.data") / "locale"
    return gettext.translation("goodoffices", str(locale), [spoken], fallback=True)


def _(message: str) -> str:
    """Give the message in the reader's language."""
    # The entry of the empty message is the head of the catalogue.
    return _catalogue(_spoken.get()).gettext(message) if message else message


# -- the pseudo-locale ----------------------------------------------------------------------------

_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ACCENTED = str.maketrans(_PLAIN, "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž")
_KEPT = re.compile(r"(\{[^{}]*\}|<[^<>]*>|&#?\w+;)")  # placeholders, tags and entities stay as they are


class _Pseudo(gettext.NullTranslations):
    """Accents every letter and puts the message into brackets."""

    def gettext(self, message: str) -> str:
        parts = _KEPT.split(message)
        told = (part if odd % 2 else part.translate(_ACCENTED) for odd, part in enumerate(parts))
        return f"⟦{''.join(told)}⟧"


# -- figures, days and lists ----------------------------------------------------------------------


@lru_cache
def _marks(spoken: str) -> dict[int, str]:
    """Give what stands for the English marks between units and tenths and between thousands."""
    if spoken.startswith("en"):
        return {}
    from babel.numbers import (  # noqa: PLC0415 - readers of English need not wait for it
        get_decimal_symbol,
        get_group_symbol,
    )

    return {ord("."): str(get_decimal_symbol(spoken)), ord(","): str(get_group_symbol(spoken))}


def _marked(text: str) -> str:
    """The digits are the same in every language; only the marks between them differ."""
    return text.translate(_marks(_spoken.get()))


def figure(value: float | None, digits: int = 2) -> str:
    """Round a model index for a person; nothing known is a dash, never a number."""
    return "–" if value is None else _marked(f"{value:.{digits}f}")


def number(value: float) -> str:
    """Say a number that somebody chose or counted, with no more digits than it needs."""
    return _marked(f"{value:,}" if isinstance(value, int) else f"{value:,g}")


def percent(value: float) -> str:
    """Say a part of one in whole hundredths."""
    return _("{n}%").format(n=f"{value * 100:.0f}")


def share(value: float) -> str:
    """Say a share of draws as `n in 10`, without false precision."""
    tens = value * 10
    if 0 < value < 0.05:
        return _("fewer than 1 in 10")
    if 0.95 < value < 1:
        return _("more than 9 in 10")
    return _("{n} in 10").format(n=round(tens))


def day(when: date | str) -> str:
    """Say a day as people write it: 12 September 1978.

    An ISO date as text will do, also a month or a year alone, and what is no date stays as it is.
    """
    parts = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?:-(\d\d))?", str(when))
    if not parts:
        return str(when)
    year, month, of_month = (int(part) if part else 0 for part in parts.groups())
    return _long_day(year, month, of_month)


def _long_day(year: int, month: int, of_month: int) -> str:
    spoken = _spoken.get()
    # No locale data know that French counts the first of a month otherwise than the rest.
    said = "1er" if spoken == "fr" and of_month == 1 else str(of_month)
    named = _month(spoken, month) if month else ""
    return " ".join(part for part in (said if of_month else "", named, str(year)) if part)


def _month(spoken: str, month: int) -> str:
    if spoken.startswith("en"):
        return MONTHS[month - 1]
    from babel.dates import get_month_names  # noqa: PLC0415 - as above

    return str(get_month_names("wide", locale=spoken)[month])


def clauses(parts: Iterable[str]) -> str:
    """Join parts of a sentence that have commas of their own."""
    return _("; ").join(parts)


def apart(name: str) -> str:
    """Set a name that runs from right to left apart, so that the words around it keep their order.

    Only names with such letters are changed; they are put between U+2068 and U+2069.
    """
    if not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name):
        return name
    return f"\u2068{name}\u2069"


def _commands(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc" and letter not in "\n\r\t"


def commanding(text: str) -> bool:
    """Say whether a text holds characters by which it could command a terminal."""
    return any(map(_commands, text))


def printable(text: str) -> str:
    """Give a text that came from a file without such characters."""
    return "".join("\ufffd" if _commands(letter) else letter for letter in text)


def listing(names: list[str]) -> str:
    """Join names as prose does."""
    if len(names) < 2:
        return "".join(names)
    return _("{head} and {last}").format(head=", ".join(names[:-1]), last=names[-1])
