"""Words for people: every sentence that a person reads passes through `_`.

One catalogue, `data/locale/goodoffices.pot`, holds them all; `GOODOFFICES_LANG` or the reader's
locale chooses the translation.  Figures are rounded here, and only here.
"""

import gettext
import os
from functools import lru_cache
from importlib.resources import files

__all__ = ["N_", "TERMS", "_", "figure", "listing", "share"]


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
    N_("withheld"),
)


@lru_cache(maxsize=1)
def _catalogue() -> gettext.NullTranslations:
    locale = files("goodoffices.data") / "locale"
    wanted = os.environ.get("GOODOFFICES_LANG", "en").split(":")
    return gettext.translation("goodoffices", str(locale), wanted, fallback=True)


def _(message: str) -> str:
    """Give the message in the reader's language."""
    return _catalogue().gettext(message)


def figure(value: float | None, digits: int = 2) -> str:
    """Round a model index for a person; nothing known is a dash, never a number."""
    return "–" if value is None else f"{value:.{digits}f}"


def share(value: float) -> str:
    """Say a share of draws as `n in 10`, without false precision."""
    tens = value * 10
    if 0 < value < 0.05:
        return _("fewer than 1 in 10")
    if 0.95 < value < 1:
        return _("more than 9 in 10")
    return _("{n} in 10").format(n=round(tens))


def listing(names: list[str]) -> str:
    """Join names as prose does."""
    if len(names) < 2:
        return "".join(names)
    return _("{head} and {last}").format(head=", ".join(names[:-1]), last=names[-1])
