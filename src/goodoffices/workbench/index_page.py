"""The page of one pair as a file, written beside its place before it takes it."""

from pathlib import Path

from goodoffices.domain.indexes import PairIndex
from goodoffices.errors import UsageError
from goodoffices.report.pair import pair_page
from goodoffices.words import _

__all__ = ["save"]


def save(found: PairIndex, out: Path) -> Path:
    """Write the page of a pair.

    Raises
    ------
    UsageError
        If the name does not end as that of a page does.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(_("{file}: the page of one pair ends in .html").format(file=out))
    beside = out.with_name(f".{out.name}.new")
    beside.write_text(pair_page(found), encoding="utf-8")
    return beside.replace(out)
