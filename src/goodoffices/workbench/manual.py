"""The documentation, as it is shipped with the package: its pages by name, and one of them as HTML."""

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from goodoffices.errors import ExtraMissing, NotFoundError
from goodoffices.words import N_, _

__all__ = ["KINDS", "chapters", "leaf"]

KINDS = {
    "tutorials": N_("Tutorials"),
    "how-to": N_("How to"),
    "discussion": N_("Discussion"),
    "reference": N_("Reference"),
}


def _folder() -> Path:
    """Where the pages are: in the package, or beside its source."""
    shipped = Path(str(files("goodoffices.data").joinpath("docs")))
    return shipped if shipped.is_dir() else Path(__file__).parents[3] / "docs"


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next((line[2:].strip() for line in lines if line.startswith("# ")), path.stem)


@lru_cache(maxsize=1)
def chapters() -> tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]:
    """Give each kind of page, what it is called, and its pages as name and title."""
    root = _folder()
    return tuple(
        (
            kind,
            called,
            tuple((f"{kind}/{path.stem}", _title(path)) for path in sorted((root / kind).glob("*.md"))),
        )
        for kind, called in KINDS.items()
    )


def leaf(name: str) -> str:
    """Give one page as HTML; nothing in it can run.

    Raises
    ------
    NotFoundError
        If there is no such page.
    ExtraMissing
        If the extra "web" is not installed.
    """
    known = {page for _kind, _called, pages in chapters() for page, _title in pages}
    if name not in known:
        raise NotFoundError(_('there is no page "{page}" in the documentation').format(page=name))
    try:
        from markdown_it import MarkdownIt  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ExtraMissing("web", _("the documentation in the browser")) from error
    text = (_folder() / f"{name}.md").read_text(encoding="utf-8")
    linked = re.sub(
        r"\]\((?!https?:)([^)#]+)\.md(#[^)]*)?\)", lambda found: f"]({found[1]}{found[2] or ''})", text
    )
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(linked))
