"""What a store holds, as one hash."""

from hashlib import sha256
from pathlib import Path

from goodoffices.store.store import Store

FILES = (
    "SELECT source, name, sha256, received, stored, duplicates, rejected, part FROM files ORDER BY id",
    "SELECT * FROM rejects ORDER BY ALL",
    "SELECT * FROM superseded ORDER BY ALL",
    "SELECT * FROM days ORDER BY ALL",
    "SELECT * FROM reports ORDER BY file_id, row_number",
)


def held(path: Path) -> str:
    """The hash of everything in a store; opening it for writing sweeps it first."""
    with Store.open(path, write=True) as store:
        said = [repr(store.query(question).fetchall()) for question in FILES]
        named = {row[0] for row in store.query("SELECT part FROM files WHERE part <> ''").fetchall()}
    lying = {found.name for found in path.with_suffix(".parts").iterdir()}
    assert lying == named, "nothing lies about that no entry names"
    return sha256("\n".join(said).encode()).hexdigest()
