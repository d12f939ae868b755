"""One form for everything that is hashed: canonical JSON after RFC 8785, in Unicode NFC.

Rows are sorted by their keys, so that neither the order of rows or columns nor quoting, line ends
or a byte-order mark changes a hash.  Notes, outcomes and the summary are left out.
"""

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from json.encoder import encode_basestring
from typing import Any

from goodoffices.domain.case import Case

__all__ = ["canonical", "case_content", "case_hash", "digest"]

_LEFT_OUT = {"note", "summary", "changes"}


def _number(value: float) -> str:
    """Write a float as ECMAScript does, which RFC 8785 asks for."""
    if not math.isfinite(value):
        raise ValueError("canonical JSON has no NaN and no infinity")
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    power = int(exponent)
    if -7 < power < 0:
        digits = mantissa.replace(".", "").lstrip("-")
        return ("-" if value < 0 else "") + "0." + "0" * (-power - 1) + digits
    return f"{mantissa}e{power:+d}"


def canonical(value: Any) -> str:
    """Write plain data as canonical JSON.

    Raises
    ------
    ValueError
        For NaN and infinity.
    TypeError
        For anything that is not plain data.
    """
    match value:
        case None | bool():
            return json.dumps(value)
        case str():
            return encode_basestring(unicodedata.normalize("NFC", value))
        case int():
            return str(value)
        case float():
            return _number(value)
        case date():
            return encode_basestring(value.isoformat())
        case Mapping():
            named = {unicodedata.normalize("NFC", str(name)): item for name, item in value.items()}
            order = sorted(named, key=lambda name: name.encode("utf-16-be"))
            inside = (f"{encode_basestring(name)}:{canonical(named[name])}" for name in order)
            return "{" + ",".join(inside) + "}"
        case list() | tuple():
            return "[" + ",".join(canonical(item) for item in value) + "]"
    raise TypeError(f"canonical JSON cannot hold a {type(value).__name__}")


def digest(value: Any) -> str:
    """Give the SHA-256 of the canonical form, as hexadecimal."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


def _plain(row: Any) -> dict[str, Any]:
    """A row as plain data; only rows that hold other rows need the slow way."""
    names = [item.name for item in fields(row) if item.name not in _LEFT_OUT]
    given = {name: getattr(row, name) for name in names}
    if any(_nested(item) for item in given.values()):
        whole = asdict(row)
        return {name: whole[name] for name in names}
    return given


def _nested(value: Any) -> bool:
    return isinstance(value, tuple) and any(is_dataclass(item) for item in value)


def _by(rows: Iterable[Any], *names: str) -> list[dict[str, Any]]:
    plain = [_plain(row) for row in rows]
    return sorted(plain, key=lambda row: [canonical(row[name]) for name in names])


def _texts(case: Case) -> list[dict[str, Any]]:
    texts = _by(case.texts, "key")
    for text in texts:
        text["provisions"] = sorted(text["provisions"], key=lambda row: str(row["key"]))
    return texts


def case_content(case: Case) -> dict[str, Any]:
    """Give the inputs of a case as plain data in canonical order."""
    return {
        "key": case.key,
        "id": case.id,
        "title": case.title,
        "start": case.start,
        "end": case.end,
        "attributes": dict(case.attributes),
        "parties": _by(case.parties, "key"),
        "decision_makers": _by(case.decision_makers, "key"),
        "spoilers": _by(case.spoilers, "key"),
        "links": _by(case.links, "observer", "sees", "towards", "known_on"),
        "texts": _texts(case),
        "stakes": _by(case.stakes, "key"),
        "facts": _by(case.facts, "id"),
        "alternatives": _by(case.alternatives, "key"),
        "ratings": _by(case.ratings, "key"),
        "defaults": dict(case.defaults),
    }


def case_hash(case: Case, day: date, *, published: bool = False) -> str:
    """Give the SHA-256 of what is visible of the case on a day; later facts leave it as it is."""
    return digest(case_content(case.visible_on(day, published=published)))
