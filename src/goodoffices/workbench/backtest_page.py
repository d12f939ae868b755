"""The page of a run as a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goodoffices.conduct.acts import SAID
from goodoffices.domain.backtests import Run
from goodoffices.errors import UsageError
from goodoffices.report.backtest import backtest_page
from goodoffices.whole import write_whole
from goodoffices.words import _

__all__ = ["save"]


def save(told: Mapping[str, Any], out: Path) -> Path:
    """Write the page of a run.

    Raises
    ------
    UsageError
        If the name does not end as that of a page does, its folder is not there, or the run is of
        another sort.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(_("{file}: the page of a run ends in .html").format(file=out))
    if not out.parent.is_dir():
        raise UsageError(_("{file}: there is no folder {folder}").format(file=out, folder=out.parent))
    if told["sort"] != "backtest":
        raise UsageError(_("run {name} has no page here").format(name=told["id"]))
    write_whole(out, backtest_page(Run.from_dict(told), _(SAID)).encode())
    return out
