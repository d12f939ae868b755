"""The page on adding a source is true: the class that it shows passes the suite that is shipped."""

import re
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from goodoffices.store.store import Store
from goodoffices.testing import check_event_source

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-source.md"
SAMPLE = "".join(
    "\t".join(row) + "\n"
    for row in (
        ("id", "day", "a", "b", "act", "seen"),
        *((str(n), f"2015-03-{n + 1:02}", "EGY", "ISR", "043", f"2015-03-{n + 3:02}") for n in range(7)),
    )
)


@pytest.fixture
def mine():
    """The class of the page, by what stands in its first block of code."""
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    known: dict = {}
    exec(block, known)
    return known["Mine"]()


def test_the_source_of_the_page_passes_the_suite(mine, tmp_path):
    """A file in its format is read whole, and each row is known on the day it was first seen."""
    sample = tmp_path / "sample.mine.tsv"
    sample.write_text(SAMPLE, encoding="utf-8")
    check_event_source(mine, sample, 7)
    with Store.open(tmp_path / "s.duckdb", write=True, folders=[tmp_path]) as store:
        store.import_file(mine, sample)
        assert store.reports(known_on=date(2015, 3, 4)).num_rows == 2


def test_a_source_that_breaks_its_word_is_found_out(mine, tmp_path, monkeypatch):
    """A wrong number of rows, and a source that knows every file, fail."""
    sample = tmp_path / "sample.mine.tsv"
    sample.write_text(SAMPLE, encoding="utf-8")
    with pytest.raises(AssertionError, match="6 rows are received, not 7"):
        check_event_source(mine, sample, 6)
    monkeypatch.setattr(mine, "knows", lambda _where: True)
    with pytest.raises(AssertionError, match="prose"):
        check_event_source(mine, sample, 7)
