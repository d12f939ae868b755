"""The audit log: who did what, when, to which rows; never a word of a case.

One JSON line each.  What is not shaped as an id is not written; what is purged is taken out again.
"""

import contextlib
import json
import logging
import os
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request
from filelock import FileLock

from goodoffices.web.sessions import NAME, Person
from goodoffices.whole import write_whole

__all__ = ["GONE", "audit", "forget", "held", "line"]

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
DID = re.compile(r"[a-z][a-z_]{0,39}")
NO_ID = "?"  # stands for what was no id
GONE = "purged"  # stands for an id that was purged
logger = logging.getLogger("goodoffices.web")


def line(person: Person, did: str, ids: Iterable[str]) -> str:
    """Write one line of the log.

    Raises
    ------
    ValueError
        If what was done is no word of the program.
    """
    if not DID.fullmatch(did):
        raise ValueError(did)
    # What is being purged must not come back by being noted.
    named = [] if did.startswith("purge") else [one if ID.fullmatch(one) else NO_ID for one in ids]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    who = person.name if NAME.fullmatch(person.name) else NO_ID
    return json.dumps({"at": at, "who": who, "role": person.role, "did": did, "ids": named}) + "\n"


def _lock(path: Path) -> FileLock:
    return FileLock(path.with_name(path.name + ".lock"), timeout=5)


def held(path: Path | None) -> AbstractContextManager[object]:
    """Hold the log while it is written anew, so that no line is lost meanwhile."""
    if path is None:
        return contextlib.nullcontext()
    path.parent.mkdir(parents=True, exist_ok=True)
    return _lock(path)


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path), open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as out:
        out.write(text.encode())


def audit(request: Request, did: str, ids: Iterable[str]) -> None:
    """Note that who asks did something to these rows.

    Work goes on if the log cannot be written; that is said in the program's own log.
    """
    path = request.app.state.settings.audit
    if path is None:
        return
    text = line(getattr(request.state, "person", Person()), did, ids)
    try:
        _append(path, text)
    except OSError as error:
        logger.error("no audit log: %s", error.strerror)


def forget(path: Path | None, ids: Iterable[str]) -> int:
    """Take ids out of the log; gives the number of lines that held one."""
    gone = set(ids)
    if path is None or not gone or not path.exists():
        return 0
    with _lock(path):
        rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines() if text]
        found = [row for row in rows if gone & set(row["ids"])]
        for row in found:
            row["ids"] = [GONE if one in gone else one for one in row["ids"]]
        if found:
            write_whole(path, "".join(json.dumps(row) + "\n" for row in rows).encode(), private=True)
    return len(found)
