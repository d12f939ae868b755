"""One word for each concept: the glossary's list of words not used is kept by the code."""

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from goodoffices.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
NOT_USED = re.findall(r"^\| ([a-z][\w ]+?) \| ([\w ,-]+) \|$", TEXT.split("## Words not used")[1], re.M)[1:]
SOURCES = [p for p in (ROOT / "src" / "goodoffices").rglob("*") if p.suffix in (".py", ".j2", ".toml")]
SOURCES = [
    p for p in SOURCES if "cases/" not in p.as_posix().split("data/")[-1] or "data/" not in p.as_posix()
]


def test_the_list_is_read():
    """The glossary has a list of words that are not used, with what to use instead."""
    assert len(NOT_USED) >= 10


@pytest.mark.parametrize(("word", "instead"), NOT_USED)
def test_words_that_are_not_used(word, instead):
    """A synonym on the list stands in no source, template, default or command's help."""
    pattern = re.compile(rf"\b{re.escape(word)}s?\b", re.IGNORECASE)
    for path in SOURCES:
        found = pattern.search(path.read_text(encoding="utf-8").replace("User-Agent", ""))
        assert not found, f"{path.name} says {word}: use {instead}"
    runner = CliRunner()
    for name in typer.main.get_command(app).commands:
        assert not pattern.search(runner.invoke(app, [name, "--help"]).output), name


def test_terms_are_sorted_and_defined():
    """Each heading of the glossary is followed by a definition, in alphabetical order."""
    terms = re.findall(r"^## ([a-z].*)\n(.+)$", TEXT, re.M)

    assert [term for term, _text in terms] == sorted(term for term, _text in terms)
    assert all(text.endswith(".") for _term, text in terms)
