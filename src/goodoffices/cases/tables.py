"""Read the tables that come with the package: codebook, scales, defaults, reference classes."""

import csv
import io
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any

from goodoffices.cases.canonical import digest
from goodoffices.domain.evidence import Facet, Kind
from goodoffices.domain.tables import Default, Level, ReferenceClass, Tables

__all__ = ["codebook", "defaults", "reference_classes", "scales", "tables"]


def _text(*path: str) -> str:
    return files("goodoffices.data").joinpath(*path).read_text(encoding="utf-8")


def _rows(*path: str) -> Iterator[dict[str, str]]:
    return iter(csv.DictReader(io.StringIO(_text(*path))))


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _kind(row: dict[str, str]) -> Kind:
    strengths = {facet: float(row[facet]) for facet in Facet if row[facet]}
    return Kind(
        **{name: row[name] for name in ("kind", "label", "role", "plover", "plover_mode", "cameo")},
        **{name: row[name] for name in ("basis", "circular", "source", "definition", "example")},
        strengths=strengths,
        gesture=_number(row["gesture"]) or 0.0,
        meeting=_number(row["meeting"]) or 0.0,
        mutual=row["mutual"] == "yes",
    )


@lru_cache(maxsize=1)
def codebook() -> list[Kind]:
    """Give the kinds of conduct that the package knows."""
    return [_kind(row) for row in _rows("codebook", "kinds.csv")]


@lru_cache(maxsize=1)
def scales() -> dict[str, dict[str, Level]]:
    """Give the worded scales: scale, then word."""
    table: dict[str, dict[str, Level]] = {}
    for row in _rows("codebook", "scales.csv"):
        numbers = {name: float(row[name]) for name in ("value", "low", "high")}
        level = Level(scale=row["scale"], word=row["word"], anchor=row["anchor"], **numbers)
        table.setdefault(level.scale, {})[level.word] = level
    return table


def defaults() -> dict[str, Default]:
    """Give the defaults of the model by name."""
    table = tomllib.loads(_text("defaults", "defaults.toml"))
    return {name: Default(name=name, **fields) for name, fields in table.items()}


def _reference_class(row: dict[str, str]) -> ReferenceClass:
    words: dict[str, Any] = {
        name: row[name] for name in ("name", "label", "conflict", "scope", "outcome", "basis", "source")
    }
    numbers: dict[str, Any] = {
        name: _number(row[name]) for name in ("y1", "y10", "y5_lo", "y5_hi", "multiplier")
    }
    conflicts = int(row["conflicts"]) if row["conflicts"] else None
    return ReferenceClass(**words, **numbers, n=int(row["n"]), conflicts=conflicts, y5=float(row["y5"]))


def reference_classes() -> list[ReferenceClass]:
    """Give the classes of agreements whose durability was measured."""
    return [_reference_class(row) for row in _rows("defaults", "classes.csv")]


def _plugged(group: str, builtin: Any) -> list[Any]:
    """Collect what the entry points of a group give; the built-in table comes through the same door."""
    found = [point.load() for point in entry_points(group=f"goodoffices.{group}")] or [builtin]
    return [item for give in found for item in give()]


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Give all tables together, with their hashes."""
    kinds = {kind.kind: kind for kind in _plugged("kinds", codebook)}
    classes = tuple(_plugged("classes", reference_classes))
    book = [
        [kind.kind, dict(kind.strengths), kind.gesture, kind.meeting, kind.role] for kind in kinds.values()
    ]
    levels = {
        name: {w: [lv.value, lv.low, lv.high] for w, lv in scale.items()} for name, scale in scales().items()
    }
    numbers = {name: [item.value, item.low, item.high] for name, item in defaults().items()}
    durability = [[row.name, row.y1, row.y5, row.y10, row.multiplier] for row in classes]
    return Tables(
        kinds=kinds,
        scales=scales(),
        defaults=defaults(),
        classes=classes,
        codebook_hash=digest({"kinds": sorted(book, key=lambda row: str(row[0])), "scales": levels}),
        defaults_hash=digest({"defaults": numbers, "classes": durability}),
    )
