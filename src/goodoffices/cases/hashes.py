"""The hashes of one case on many days: each row is written once."""

import hashlib
from dataclasses import replace
from typing import Any

from goodoffices.cases.canonical import canonical, case_content
from goodoffices.domain.case import Case

__all__ = ["Hashes"]

_ROWS = {"facts": "id", "stakes": "key", "alternatives": "key", "ratings": "key"}  # by what they are known
_KEPT = 8


class Hashes:
    """Gives what `case_hash` gives, of what is visible of a case."""

    def __init__(self, case: Case) -> None:
        content = case_content(case)
        self._written = {
            table: [(row[name], canonical(row)) for row in content[table]] for table, name in _ROWS.items()
        }
        self._rest: list[tuple[Case, dict[str, str]]] = []

    def of(self, seen: Case) -> str:
        """Give the hash of what is visible."""
        parts = self._other(
            replace(seen, facts=(), stakes=(), alternatives=(), ratings=(), off=(), switched=())
        )
        told = parts | {table: self._rows(seen, table) for table in _ROWS}
        whole = ",".join(f'"{name}":{told[name]}' for name in sorted(told))
        return hashlib.sha256(f"{{{whole}}}".encode()).hexdigest()

    def _rows(self, seen: Case, table: str) -> str:
        names: set[Any] = {getattr(row, _ROWS[table]) for row in getattr(seen, table)}
        return f"[{','.join(text for name, text in self._written[table] if name in names)}]"

    def _other(self, rest: Case) -> dict[str, str]:
        """Write all but the rows; it seldom changes."""
        known = next((texts for case, texts in self._rest if case == rest), None)
        if known is None:
            known = {name: canonical(part) for name, part in case_content(rest).items()}
            self._rest = [(rest, known), *self._rest][:_KEPT]
        return known
