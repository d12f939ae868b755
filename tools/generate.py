"""Write what is generated: JSON Schemas, the message catalogue, reference pages of the docs.

With `--check`, write nothing and fail if anything is out of date.  Messages without a translation are
listed; `tools/catalogue.py` says how to add them.
"""

import json
import sys
from pathlib import Path

from catalogue import TRANSLATED, catalogue, missing

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "src" / "goodoffices" / "data"
REFERENCE = ROOT / "docs" / "reference"


def schemas() -> dict[Path, str]:
    """JSON Schemas of the case files, of a register of forecasts, and of a reading."""
    from pydantic import TypeAdapter

    from goodoffices.archive.records import RECORDS
    from goodoffices.cases.schema import MODELS
    from goodoffices.domain.readings import Reading

    models = {**MODELS, **RECORDS}
    made = {DATA / "schemas" / f"{name}.json": model.model_json_schema() for name, model in models.items()}
    reading = TypeAdapter(Reading).json_schema(mode="serialization")
    reading["properties"].pop("samples", None)
    made[DATA / "schemas" / "reading.json"] = reading
    return {
        path: json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        for path, schema in made.items()
    }


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def codebook() -> dict[Path, str]:
    """The codebook, a heading for each kind of conduct."""
    from goodoffices.cases.tables import codebook as kinds
    from goodoffices.cases.tables import scales

    text = "# Codebook: kinds of conduct\n\nWhat each kind says about the four facets. Generated from the table in the package.\n"
    text += "Strengths lie between -1 and 1; a gesture has a size instead. No kind belongs to a country.\n"
    for kind in kinds():
        bears = ", ".join(f"{facet} {value:+g}" for facet, value in kind.strengths.items())
        bears += f"{', ' if bears else ''}gesture {kind.gesture:g}" if kind.gesture else ""
        bears += f"meeting, d' {kind.meeting:g}" if kind.meeting else ""
        more = [
            "bears on a guarantor" if kind.role == "guarantor" else "",
            "both sides learn" if kind.mutual else "",
        ]
        more += [f"circular: taken from {kind.circular}" if kind.circular else ""]
        text += f"\n## {kind.kind}\n\n**{kind.label}.** {kind.definition}\n\nExample: {kind.example}\n\n"
        text += f"Bears on: {bears or kind.role}. {'; '.join(filter(None, more))}\n\n"
        codes = f"PLOVER {kind.plover}{'/' + kind.plover_mode if kind.plover_mode else ''}" + (
            f", CAMEO {kind.cameo}" if kind.cameo else ""
        )
        source = f" ([{kind.source}](bibliography.md#{kind.source}))" if kind.source else ""
        text += f"{codes}. Basis: {kind.basis}{source}.\n"
    text += "\n# Worded scales\n"
    for name, scale in scales().items():
        rows = [[w, f"{lv.value:g}", f"{lv.low:g} to {lv.high:g}", lv.anchor] for w, lv in scale.items()]
        text += f"\n## scale {name}\n\n" + _table(["word", "number", "range", "anchor"], rows)
    return {REFERENCE / "codebook.md": text}


def defaults() -> dict[Path, str]:
    """The defaults, a heading for each, and the reference classes."""
    from goodoffices.cases.tables import defaults as table
    from goodoffices.cases.tables import reference_classes

    text = "# Defaults\n\nEvery number of the model, its range, and on what it rests: measured, cited or judged.\n"
    text += "They are the same for every actor; a change over a case may set one, and the answer says so.\n"
    for item in table().values():
        source = f" ([{item.source}](bibliography.md#{item.source}))" if item.source else ""
        text += f"\n## {item.name}\n\n{item.meaning}\n\n{item.value:g} ({item.low:g} to {item.high:g}), {item.unit}. {item.basis}{source}.\n"
    text += "\n# Reference classes\n\nShares that failed within 1, 5 and 10 years.\n\n"
    rows = [
        [
            f"{c.name}: {c.label}",
            str(c.n),
            str(c.conflicts or "–"),
            *(f"{v:.2f}" if v is not None else "–" for v in (c.y1, c.y5, c.y10)),
            f"{c.y5_lo:.2f} to {c.y5_hi:.2f}" if c.y5_lo is not None else "–",
            c.outcome,
            f"{c.basis} ([{c.source}](bibliography.md#{c.source}))",
        ]
        for c in reference_classes()
    ]
    text += _table(
        ["class", "n", "conflicts", "1 y", "5 y", "10 y", "5 y interval", "outcome", "basis"], rows
    )
    return {REFERENCE / "defaults.md": text}


def commands() -> dict[Path, str]:
    """The commands with their help."""
    import typer
    from typer.testing import CliRunner

    from goodoffices.cli.app import app

    runner, text = (
        CliRunner(),
        '# Commands\n\nExit status: 0 an answer (also "no answer"), 1 a fault in the input, 2 usage, 3 partial, 4 a missing extra, 130 interrupted.\n',
    )
    group = typer.main.get_command(app)
    for name in group.commands:  # type: ignore[attr-defined]
        shown = runner.invoke(
            app, [name, "--help"], prog_name="goodoffices", env={"COLUMNS": "90", "TERMINAL_WIDTH": "90"}
        ).output
        text += f"\n## {name}\n\n```\n{shown.strip()}\n```\n"
    return {REFERENCE / "commands.md": text}


def errors() -> dict[Path, str]:
    """The error tree."""
    from goodoffices import errors as module

    text = "# Errors\n\nEach error is one clear sentence: file, row, field, what was found, what would be right.\n"
    for name in sorted(module.__all__):
        found = getattr(module, name)
        if isinstance(found, type) and issubclass(found, Exception):
            text += f"\n## {name}\n\n{(found.__doc__ or '').splitlines()[0]}\n\nExit status {found.status}.\n"
    return {REFERENCE / "errors.md": text}


def moves() -> dict[Path, str]:
    """The library of moves, a heading for each."""
    from goodoffices.cases.moves import moves as table

    text = "# Moves\n\nWhat could be done next, what it needs, costs and does. The same for everybody; a case may add or restrict\n"
    text += "moves in a file `moves.toml` of its own (`only`, `without`, and tables under `moves`). Costs are political, from 0 to 5.\n"
    for one in table().values():
        source = f" ([{one.source}](bibliography.md#{one.source}))" if one.source else ""
        rows = [
            ["made by", one.by or "nobody in particular"],
            ["aimed at", one.towards or "nobody in particular"],
            ["needs", ", ".join(one.needs) or "nothing"],
            ["who must agree", ", ".join(one.consent) or "nobody"],
            ["cost", ", ".join(f"{who} {n}" for who, n in one.cost.items()) or "0"],
            ["weeks", str(one.weeks)],
            ["can be undone", one.reversible],
            ["may go wrong", " ".join(one.fails) or "nothing known"],
            ["basis", one.basis + source],
        ]
        for effect in one.effects:
            given = ", ".join(f"{name} {value}" for name, value in effect.given.items())
            rows.append([f"effect: {effect.kind}", given])
        text += f"\n## {one.id}\n\n**{one.label}.** {one.says}\n\n" + _table(["", ""], rows)
    return {REFERENCE / "moves.md": text}


def library() -> dict[Path, str]:
    """The library's table in the README: coverage, and directions as first coded."""
    from goodoffices.cases.coding import taken_back
    from goodoffices.cases.library import library_names
    from goodoffices.workbench import Workbench

    bench, rows = Workbench(), []
    for name in library_names():
        case, found = bench.load_case(name), bench.check(name)
        first, now = ([held.state for held in bench.directions(name, first=f)] for f in (True, False))
        counts = [
            f"{first.count(state)}" + (f" (now {now.count(state)})" if first != now else "")
            for state in ("right", "fragile", "wrong", "not read")
        ]
        later = sum(change.op == "switch_off_fact" for change in taken_back(bench.folder(name)))
        sources = len({fact.source_publisher for fact in case.facts if fact.source_publisher})
        rows.append(
            [
                f"`{name}`",
                case.title,
                str(found.facts - later),
                str(later or "–"),
                str(found.verified),
                str(sources),
                str(len(case.texts)),
                *counts,
            ]
        )
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    head, rest = text.split("<!-- library:begin -->")
    _old, tail = rest.split("<!-- library:end -->")
    table = _table(
        [
            "case",
            "title",
            "facts as first coded",
            "added since",
            "verified",
            "publishers",
            "texts",
            "right",
            "fragile",
            "wrong",
            "not read",
        ],
        rows,
    )
    return {path: f"{head}<!-- library:begin -->\n{table}<!-- library:end -->{tail}"}


def main() -> int:
    """Write or check everything."""
    wanted: dict[Path, str | bytes] = {**catalogue()}
    for make in (schemas, codebook, defaults, moves, commands, errors, library):
        wanted |= make()
    made = {path: text.encode() if isinstance(text, str) else text for path, text in wanted.items()}
    stale = [path for path, content in made.items() if not path.exists() or path.read_bytes() != content]
    if "--check" in sys.argv:
        for path in stale:
            print(f"out of date: {path.relative_to(ROOT)} (run: python tools/generate.py)")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made[path])
        print(f"wrote {path.relative_to(ROOT)}")
    for language in TRANSLATED:
        for message in missing(language):
            print(f"not translated ({language}): {message[:90]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
