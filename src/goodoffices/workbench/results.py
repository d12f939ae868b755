"""Rankings that are done, kept so that opening a page again costs nothing.

Each is one JSON file in the user's data folder, as `goodoffices plan --json` prints it, under the
hash of everything that was asked.  Of an encrypted case nothing is written: they are in memory, and
gone when it is closed.
"""

import contextlib
import json
import re
from collections.abc import MutableMapping
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from goodoffices.domain.plans import Ranking
from goodoffices.whole import write_whole

__all__ = ["Results"]

MOST = 60  # rankings of one case; then the oldest go
ID = re.compile(r"[0-9a-f]{32}")


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Ranking]:
    return TypeAdapter(Ranking)


class Results:
    """The rankings of one case.

    Parameters
    ----------
    folder
        Where they are kept; None: nowhere but in `memory`.
    """

    def __init__(self, folder: Path | None, memory: MutableMapping[str, Ranking]) -> None:
        self.folder, self._memory = folder, memory

    def find(self, key: str) -> Ranking | None:
        """Give the ranking kept under a key; a file that cannot be read counts as none."""
        if self.folder is not None and ID.fullmatch(key):
            with contextlib.suppress(OSError, ValueError):
                return _adapter().validate_json((self.folder / f"{key}.json").read_bytes())
        return self._memory.get(key)

    def keep(self, key: str, ranking: Ranking) -> None:
        """Keep a ranking, at once or not at all; where nothing can be written it is kept in memory."""
        if self.folder is None:
            self._remember(key, ranking)
            return
        try:
            _write(self.folder, f"{key}.json", ranking)
        except OSError:
            self._remember(key, ranking)
        _thin(self.folder)

    def _remember(self, key: str, ranking: Ranking) -> None:
        self._memory[key] = ranking
        while len(self._memory) > MOST:
            del self._memory[next(iter(self._memory))]


def _write(folder: Path, name: str, ranking: Ranking) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(ranking.to_dict(), ensure_ascii=False, allow_nan=False)
    write_whole(folder / name, text.encode("utf-8"), private=True)


def _thin(folder: Path) -> None:
    """Let the oldest go, and what was left of a writing that was cut off."""
    with contextlib.suppress(OSError):
        for draft in folder.glob("*.part"):
            draft.unlink(missing_ok=True)
        found = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in found[:-MOST]:
            path.unlink(missing_ok=True)
