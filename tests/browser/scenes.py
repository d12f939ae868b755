"""Cases for the browser: the made-up one, and the same in another script or with hostile texts."""

import csv
import io
import itertools
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import tomlkit

MADE = Path(__file__).resolve().parents[1] / "made"
TEXTS = {
    *("title", "name", "summary", "reason", "says", "note", "source", "source_title", "source_publisher"),
    *("rationale", "author", "says_who", "override_reason", "what"),
}
ARABIC = (
    *("جمهورية البتولا", "باسل الحكيم", "رئيس الوزراء", "اتفاق الهدنة", "لقاء على الحدود", "وعد بالانسحاب"),
    *("وسيط محايد", "قائد الجيش", "خطاب أمام المجلس", "تبادل الأسرى"),
)
CYRILLIC = (
    *("Республика Астра", "Анна Сергеевна", "Премьер", "Перемирие", "Встреча на границе", "Обещание уйти"),
    *("Посредник", "Командующий", "Речь в собрании", "Обмен пленными"),
)


def copied(folder: Path, name: str) -> Path:
    """Put a copy of the made-up case into a folder."""
    made = folder / name
    # Into place at one stroke: the folder may be served already.
    shutil.copytree(MADE, folder / f".{name}")
    (folder / f".{name}").rename(made)
    return made


def reworded(folder: Path, name: str, word: Callable[[str], str]) -> Path:
    """Put a copy of the made-up case into a folder, every text that people type said in other words."""
    made = folder / f".{name}"
    shutil.copytree(MADE, made)
    for path in made.glob("*.toml"):
        read = tomlkit.parse(path.read_text(encoding="utf-8"))
        _reword(read, word)
        path.write_text(tomlkit.dumps(read), encoding="utf-8")
    for path in made.glob("*.csv"):
        path.write_text(_table(path.read_text(encoding="utf-8"), word), encoding="utf-8")
    made.rename(folder / name)
    return folder / name


def spoken(words: tuple[str, ...]) -> Callable[[str], str]:
    """Give other words for each text, numbered so that no two are the same; once said, always so."""
    turns, known = itertools.count(1), dict[str, str]()

    def word(text: str) -> str:
        if text not in known:
            n = next(turns)
            known[text] = f"{words[n % len(words)]} {n}"
        return known[text]

    return word


def foreseen(folder: Path, runs: Path, store: str, run: str) -> None:
    """Put a store of made-up reports into a folder, and a backtest on it among the runs that are kept."""
    from goodoffices.workbench import conduct_model, conduct_scores
    from goodoffices.workbench.conducting import acts_of
    from goodoffices.workbench.feeds import import_events
    from tests.workbench.made_events import written

    with tempfile.TemporaryDirectory() as beside:
        events = written(Path(beside) / "made.csv")
        import_events("plain", [events], folder / store)
        made = conduct_scores.scored(
            acts_of(store=folder / store), conduct_model.shipped_recipe(), runs=Path(beside),
            models="base-rate,pair-frequency-120,two-types",
        )  # fmt: skip
    runs.mkdir(parents=True)
    told = {**made.to_dict(), "id": run, "sort": "backtest"}
    (runs / f"{run}.json").write_text(json.dumps(told), encoding="utf-8")


def _reword(table, word: Callable[[str], str]) -> None:
    for key, value in list(table.items()):
        if isinstance(value, dict):
            _reword(value, word)
        elif isinstance(value, list):
            for row in value:
                if isinstance(row, dict):
                    _reword(row, word)
        elif key in TEXTS and isinstance(value, str):
            table[key] = word(value)


def _table(text: str, word: Callable[[str], str]) -> str:
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: word(cell) if key in TEXTS and cell else cell for key, cell in row.items()})
    return out.getvalue()
