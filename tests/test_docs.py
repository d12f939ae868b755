"""What is documented is there, and what is there is documented."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from goodoffices import errors
from goodoffices.cases.tables import codebook, defaults, reference_classes
from goodoffices.cli.app import app
from goodoffices.domain import plans, readings

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
COMMANDS = typer.main.get_command(app).commands


def headings(path: Path) -> set[str]:
    return set(re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M))


def anchors(path: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in headings(path)}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_heading(name):
    """Each command of the command line is in the reference."""
    assert name in headings(DOCS / "reference" / "commands.md")


@pytest.mark.parametrize("kind", [kind.kind for kind in codebook()])
def test_every_kind_has_its_anchor(kind):
    """Each kind of conduct has a heading with a definition and an example."""
    assert kind in headings(DOCS / "reference" / "codebook.md")


@pytest.mark.parametrize("name", defaults())
def test_every_default_has_its_anchor(name):
    """Each default has a heading in the reference."""
    assert name in headings(DOCS / "reference" / "defaults.md")


def test_every_error_has_its_heading():
    """Each error class has a heading in the reference."""
    known = {
        n
        for n in errors.__all__
        if isinstance(getattr(errors, n), type) and issubclass(getattr(errors, n), Exception)
    }

    assert known <= headings(DOCS / "reference" / "errors.md")


def test_every_source_is_in_the_bibliography():
    """Each source key of the tables has an entry."""
    keys = (
        {k.source for k in codebook()}
        | {d.source for d in defaults().values()}
        | {c.source for c in reference_classes()}
    )

    assert keys - {""} <= headings(DOCS / "reference" / "bibliography.md")


def test_every_name_of_the_json_is_documented():
    """Each field of every result class stands in the page on JSON."""
    text = (DOCS / "reference" / "json.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([\w.]+)`", text)) | {
        word for code in re.findall(r"`\{(.+?)\}`", text) for word in re.findall(r"\w+", code)
    }
    named = [getattr(module, name) for module in (readings, plans) for name in module.__all__]
    classes = [found for found in named if isinstance(found, type)]
    fields = {name for cls in classes for name in cls.__dataclass_fields__} - {"samples"}

    assert fields - documented == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_within_the_docs_arrive(page):
    """Each relative link leads to a page, and each anchor to a heading of it."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _hash, place = target.partition("#")
        found = (page.parent / path).resolve() if path else page

        assert found.exists(), target
        assert not place or place in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_shown_in_the_docs_exist(page):
    """Each `goodoffices ...` line of its own names a command and options that exist."""
    text = re.sub(r" *\\\n *", " ", page.read_text(encoding="utf-8"))  # lines that go on
    lines = [line.strip() for line in text.splitlines() if re.match(r"(    )?goodoffices [a-z]", line)]
    for line in lines:
        for part in line.split("&&"):
            words = shlex.split(part, comments=True)[1:]
            command = COMMANDS[words.pop(0)]
            while hasattr(command, "commands"):
                command = command.commands[words.pop(0)]
            options = {option for param in command.params for option in param.opts}

            assert {w for w in words if w.startswith("-")} <= options, line


def test_a_model_index_is_never_called_a_chance():
    """No page speaks of the chance or probability of signing or lasting, but to deny it."""
    for page in PAGES:
        own = page.read_text(encoding="utf-8").lower().split("## words not used")[0]
        text = re.sub(r"\s+", " ", own)
        for word in re.findall(r".{0,60}\b(?:chance|probability) (?:of|that).{0,40}", text):
            assert "sign" not in word, (page.name, word)
            assert "last" not in word, (page.name, word)


def test_no_page_names_a_place_of_work():
    """No page, source or case file names a folder or host of the machine that it was written on."""
    root = DOCS.parent
    for folder in ("docs", "src", "tools", "tests"):
        for path in (root / folder).rglob("*"):
            if path.suffix in (".md", ".py", ".toml", ".csv", ".j2", ".txt") and path != Path(__file__):
                text = path.read_text(encoding="utf-8")
                assert "/work/" + "main" not in text, path
                assert "/" + "tmp/w/" not in text, path
