"""Reports: what leaves the workbench as a page."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodoffices.domain.case import Case
from goodoffices.domain.readings import Reading

if TYPE_CHECKING:
    from goodoffices.workbench.bench import CaseCard, Workbench

__all__ = ["index_page", "report_page"]


def report_page(
    bench: "Workbench",
    case: Case | str | Path,
    at: str | date | None,
    *,
    brief: bool = False,
    reading: Reading | None = None,
    audience: str = "amber",
    **given: Any,
) -> str:
    """Write a reading as one HTML page."""
    del brief
    said = reading or bench.read(case, at, audience=audience, **given)
    return f"<!doctype html><meta charset=utf-8><title>{said.title}</title><p>{said.sentence}</p>"


def index_page(cards: list["CaseCard"]) -> str:
    """Write a page that leads to several reports."""
    rows = "".join(f'<li><a href="{card.id}.html">{card.title}</a></li>' for card in cards)
    return f"<!doctype html><meta charset=utf-8><ul>{rows}</ul>"
