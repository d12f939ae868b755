"""A new case to begin from: a commented example, or nothing but the names of the parties."""

import csv
import io
import json
import secrets
import string
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

from goodoffices.cases import schema
from goodoffices.cases.files import write_text
from goodoffices.domain.texts import Stake
from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = ["NOT_YET", "new_case", "new_key", "starter_files", "unconsidered"]

NOT_YET = N_("judgement: not yet considered")
# what a reading needs to know of whoever decides: quantity, and a middling word with a wide range
_MIDDLING = {
    "no_deal": ("neutral", "loss", "gain"),
    "kept": ("gain", "neutral", "large_gain"),
    "broken": ("loss", "severe_loss", "neutral"),
    "veto_signing": ("half", "some", "strong"),
    "veto_implementation": ("half", "some", "strong"),
    "wrecking": ("half", "some", "strong"),
}


def new_key() -> str:
    """Make a key: six letters or digits that nobody will make again."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _place in range(6))


def _slug(name: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
    return kept[:60] or "case"


def new_case(folder: Path) -> list[Path]:
    """Write a small case that can be read at once, and give the files written.

    Raises
    ------
    UsageError
        If the folder is there already and not empty; nothing is written then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _("{folder} is there already and not empty: choose a new folder").format(folder=folder)
        )
    today, written = date.today(), []
    template = files("goodoffices.data") / "starter"
    for item in sorted(template.iterdir(), key=lambda entry: entry.name):
        text = item.read_text(encoding="utf-8")
        while "KEY" in text:
            text = text.replace("KEY", new_key(), 1)
        text = text.replace("CASE-ID", _slug(folder.name)).replace("TODAY", today.isoformat())
        text = text.replace("LASTYEAR", str(today.year - 1))
        path = folder / item.name
        write_text(path, text)
        written.append(path)
    return written


def unconsidered(stake: Stake) -> bool:
    """Say whether a stake still holds the middling word that a new case begins with."""
    return stake.rationale in (NOT_YET, _(NOT_YET))


def starter_files(
    title: str,
    parties: Sequence[tuple[str, str]],
    *,
    name: str = "",
    text: str = "",
    start: date | None = None,
    end: date | None = None,
    conflict: str = "interstate",
) -> dict[str, bytes]:
    """Give the files of a new case that can be read at once: no facts, nothing decided.

    Each party has one decision-maker, its leadership; one text lies on the table; every stake that
    a reading needs is there as a middling word with a wide range, marked as not yet considered.

    Parameters
    ----------
    parties
        Id and name of each of the two or more sides; an empty id is made from the name.
    name
        The id of the case; if none is given, it is made from the title.
    text
        The title of the text on the table.

    Raises
    ------
    UsageError
        If there are not two sides, or two with one name.
    """
    sides = _sides(parties)
    end = end or date.today()
    start = start or date(end.year - 1, 1, 1)
    tables = [_head(title, name, start, end, conflict)]
    tables += [_party(*side) for side in sides]
    tables += [_leadership(*side, start) for side in sides]
    tables.append(_agreement(text or _("An agreement"), [side for side, _called in sides], start))
    stakes = [row for side, _called in sides for row in _stakes(f"{side}-leadership", start)]
    return {
        "case.toml": "\n".join(tables).encode(),
        "stakes.csv": _csv(list(schema.StakeRow.model_fields), stakes),
        "evidence.csv": _csv(list(schema.FactRow.model_fields), []),
    }


def _sides(parties: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    sides = [(_slug(given or called), called.strip() or given) for given, called in parties]
    if len(sides) < 2 or len({side for side, _called in sides}) < len(sides):
        raise UsageError(_("name two or more parties, each otherwise than the others"))
    return sides


def _quoted(text: str) -> str:
    """Write a TOML string; JSON's is one, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(title: str, name: str, start: date, end: date, conflict: str) -> str:
    return f"""format = 1
key = "{new_key()}"
id = {_quoted(_slug(name or title))}
title = {_quoted(title.strip() or _("A new case"))}
from = {start}
to = {end}
sensitivity = "amber"

[attributes]
conflict = {_quoted(conflict)}
"""


def _party(side: str, called: str) -> str:
    return f"""[[parties]]
key = "{new_key()}"
id = {_quoted(side)}
name = {_quoted(called)}
role = "principal"
"""


def _leadership(side: str, called: str, start: date) -> str:
    return f"""[[decision_makers]]
key = "{new_key()}"
id = {_quoted(f"{side}-leadership")}
name = {_quoted(_("The leadership of {name}").format(name=called))}
kind = "body"
office = {_quoted(f"{side}-head")}
party = {_quoted(side)}
from = {start}
"""


def _agreement(title: str, sides: list[str], start: date) -> str:
    return f"""[[texts]]
key = "{new_key()}"
id = "agreement"
title = {_quoted(title)}
tabled_on = {start}
binds = [{", ".join(map(_quoted, sides))}]
scope = "full"
"""


def _stakes(actor: str, start: date) -> Iterator[list[str]]:
    for quantity, words in _MIDDLING.items():
        told = [_(NOT_YET), "judgement", "", start.isoformat()]
        yield [new_key(), actor, "agreement", quantity, "", *words, *told]


def _csv(columns: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns, *rows])
    return out.getvalue().encode()
