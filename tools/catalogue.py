"""The catalogue of words for people, and its translations.

`goodoffices.pot` holds every message: those of the code and the templates, and the labels of the tables
that come with the package.  A translation keeps the order of the pot: a new message gets an empty entry,
one that is gone is dropped, and nothing is ever guessed.

    python tools/catalogue.py                   renew the catalogue and its translations
    python tools/catalogue.py fr                print what is not translated yet, as a po file
    python tools/catalogue.py fr FILE           take translations from a po file, such as that one filled in
"""

import io
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "goodoffices"
LOCALE = SOURCE / "data" / "locale"
TRANSLATED = ("fr",)
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]

FIELDS = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]


class Fixed(Catalog):
    """A catalogue whose head names no time and no tool, so that it is the same wherever it is made."""

    mime_headers = property(  # type: ignore[assignment]
        lambda self: [tuple(field.split(": ")) for field in [f"Language: {self.locale_identifier}", *FIELDS]]
    )


def messages() -> Iterator[str]:
    """Everything that a person may read."""
    options = {"**.j2": {"encoding": "utf-8"}}
    for _name, _line, message, _comments, _context in extract_from_dir(str(SOURCE), METHODS, options):
        yield message
    yield from filter(None, labels())


def labels() -> Iterator[str]:
    """The labels of the package's tables, and the words of its formats as people say them."""
    from goodoffices.cases import tables
    from goodoffices.cases.moves import moves
    from goodoffices.domain import case, evidence, texts
    from goodoffices.domain.moves import NEEDS, ROLES

    for kind in tables.codebook():
        yield from (kind.label, kind.definition, kind.example, _said(kind.kind), kind.basis)
    for name, scale in tables.scales().items():
        yield name
        for level in scale.values():
            yield from (_said(level.word), level.anchor)
    for item in tables.defaults().values():
        yield from (item.meaning, item.unit, item.basis)
    for row in tables.reference_classes():
        yield from (row.label, row.basis)
    for one in moves().values():
        yield from (one.label, _said(one.family), one.says, one.reversible, one.basis, *one.fails)
    words = (*NEEDS, *ROLES, "by", "towards", "all_bound", *case.OPERATIONS, *evidence.SENSITIVITIES)
    yield from map(_said, (*words, *texts.QUANTITIES, *texts.PROVISIONS))
    for given in texts.PROVISIONS.values():
        yield from map(_said, given)


def _said(word: str) -> str:
    return word.replace("_", " ")


def template() -> str:
    """The pot: all messages, sorted, without a translation."""
    found = Catalog(fuzzy=False)
    for message in messages():
        found.add(message)
    return _written(found, head=False)


def _written(catalogue: Catalog, *, head: bool) -> str:
    out = io.BytesIO()
    write_po(out, catalogue, omit_header=not head, sort_output=True, no_location=True, width=0)
    return out.getvalue().decode()


def path_of(language: str) -> Path:
    """Where a translation is kept."""
    return LOCALE / language / "LC_MESSAGES" / "goodoffices.po"


def translations(language: str) -> dict[str, str]:
    """What is translated by now, by message."""
    path = path_of(language)
    return _pairs(read_po(io.BytesIO(path.read_bytes()))) if path.exists() else {}


def _pairs(catalogue: Catalog) -> dict[str, str]:
    return {entry.id: entry.string for entry in catalogue if entry.id and entry.string and not entry.fuzzy}


def _catalogue(language: str, pot: str, told: Mapping[str, str]) -> Catalog:
    made = Fixed(locale=language, header_comment=_head(language), fuzzy=False)
    for entry in read_po(io.BytesIO(pot.encode())):
        if entry.id:
            made.add(entry.id, told.get(entry.id, ""), flags=entry.flags)
    return made


def _head(language: str) -> str:
    """The comment at the head of a translation, which holds its glossary."""
    path = path_of(language)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    end = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[:end]) or "# Translations of goodoffices."


def _compiled(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def catalogue(added: Mapping[str, Mapping[str, str]] | None = None) -> dict[Path, bytes]:
    """The pot, and for each language the translation as text and as programs read it."""
    pot = template()
    made = {LOCALE / "goodoffices.pot": pot.encode()}
    for language in TRANSLATED:
        told = translations(language) | dict((added or {}).get(language, {}))
        found = _catalogue(language, pot, told)
        made[path_of(language)] = _written(found, head=True).encode()
        made[path_of(language).with_suffix(".mo")] = _compiled(found)
    return made


def missing(language: str, pot: str | None = None) -> list[str]:
    """The messages that are not translated."""
    told = translations(language)
    entries = read_po(io.BytesIO((pot or template()).encode()))
    return [entry.id for entry in entries if entry.id and entry.id not in told]


def _asked(language: str) -> str:
    found = Catalog(fuzzy=False)
    for message in missing(language):
        found.add(message)
    return _written(found, head=False)


def main(words: list[str]) -> int:
    """Renew the catalogue, list what is missing, or take translations in."""
    if len(words) == 1:
        print(_asked(words[0]), end="")
        return 0
    added = {words[0]: _pairs(read_po(io.BytesIO(Path(words[1]).read_bytes())))} if words else None
    for path, content in catalogue(added).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for language in TRANSLATED:
        print(f"{language}: {len(missing(language))} messages without a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
