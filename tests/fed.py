"""The made-up case with a feed beside its facts, and the store that the feed names."""

import shutil
from datetime import date, timedelta
from pathlib import Path

from goodoffices.sources.plain import Plain
from goodoffices.store.store import Store

MADE = Path(__file__).parent / "made"
SOURCE = "plain"
FEED = '\n[feed]\nstore = "{store}"\nactors = {{ aster = "EGY", birch = "ISR" }}\nweight = {weight}\n'
# Of curated facts: one that anybody may see, one that is red; the last lies four days from its fact.
TWICE = ("2001-07-11,EGY,ISR,0841", "2003-01-22,EGY,ISR,034", "2001-07-14,EGY,ISR,0841")


def reported(until: date = date(2003, 7, 30)) -> list[str]:
    """Aster cooperates and Birch accuses, every fifth day from 2001 on."""
    days = range(0, (until - date(2001, 1, 1)).days, 5)
    of = (date(2001, 1, 1) + timedelta(days=n) for n in days)
    return [line for day in of for line in (f"{day},EGY,ISR,061", f"{day},ISR,EGY,112")]


def stored(path: Path, lines: list[str]) -> Path:
    """Import such lines into a store."""
    rows = path.with_suffix(".csv")
    rows.write_text("\n".join(["happened_on,actor,target,code", *lines]) + "\n", encoding="utf-8")
    with Store.open(path, write=True, folders=[path.parent]) as store:
        (done,) = store.import_file(Plain(), rows, {"actors": "iso"})
    rows.unlink()
    assert done.faultless, done.said
    return path


def fed(root: Path, weight: float = 0.0, name: str = "fed", store: str = "reports.duckdb") -> Path:
    """Put the case into a folder, and the store beside it."""
    shutil.copytree(MADE, root / name)
    said = root / name / "case.toml"
    text = said.read_text(encoding="utf-8") + FEED.format(store=store, weight=weight)
    said.write_text(text, encoding="utf-8")
    if not (root / store).exists():
        stored(root / store, [*reported(), *TWICE])
    return root / name
