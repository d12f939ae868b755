"""How long the agreements of a file lasted, and whether anything forecasts it better than base rates."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from goodoffices.compute.kernels import source_hash
from goodoffices.conduct import lasting
from goodoffices.conduct.agreements import KINDS, NEEDED, PROVISIONS, Agreements, durations
from goodoffices.domain.lasting import (
    ALL,
    ASSOCIATED,
    BLANK,
    FIGURES,
    OUTCOME,
    Association,
    ClassShares,
    Durability,
    Score,
    Spread,
)
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.report.lasting import lasting_page
from goodoffices.whole import write_whole
from goodoffices.words import N_, _, clauses
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.runs import Runs, now

__all__ = ["cells", "check_place", "classes", "durability", "save_page", "sentence"]

TABLE = (0.5, 1.0, 2.0, 5.0, 10.0)  # years
MONTHS = tuple(month / 12 for month in range(121))
SOURCES = ("conduct/agreements.py", "conduct/lasting.py", "workbench/lasting.py")
REFITS = 300  # of the coefficients, for their intervals


NO_TABLE = N_(
    "{file}: no table of comma-separated text in UTF-8; give the CSV of the UCDP Peace Agreement Dataset"
)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(_("no file {path}").format(path=path)) from None
    except OSError as error:
        said = _("{path} cannot be read: {why}")
        raise UsageError(said.format(path=path, why=error.strerror)) from None


def _table(name: str, data: bytes) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(_(NO_TABLE).format(file=name)) from None
    return [[cell.strip() for cell in row] for row in rows if row] or [[]]


def cells(path: Path) -> tuple[list[dict[str, str]], str]:
    """Give the agreements of a file, cell by column, without the blanks around them; and its SHA-256.

    Raises
    ------
    NotFoundError
        If there is no such file.
    UsageError
        If it is no table of comma-separated text with the columns that are needed.
    """
    data = _read(path)
    header, *rows = _table(path.name, data)
    for column in NEEDED:
        if column not in header:
            said = _('{file}: no column "{column}"; give the CSV of the UCDP Peace Agreement Dataset')
            raise UsageError(said.format(file=path.name, column=column))
    for at, row in enumerate(rows, 1):
        if len(row) != len(header):
            said = _("{file}, agreement {row} from the top: found {n} cells; the header has {m}")
            raise UsageError(said.format(file=path.name, row=at, n=len(row), m=len(header)))
    return [dict(zip(header, row, strict=True)) for row in rows], hashlib.sha256(data).hexdigest()


def _spread(row: lasting.Floats) -> Spread:
    value, lo, hi = (float(number) for number in row)
    return Spread(value=value, lo=lo, hi=hi)


def _shares(
    found: Agreements, kind: int | None, years: tuple[float, ...], seed: int, draws: int
) -> ClassShares:
    got = lasting.shares(found, kind, np.array(years), seed, draws)
    rows = np.stack([got.share, got.low, got.high], axis=1)
    return ClassShares(
        name=ALL if kind is None else KINDS[kind], n=got.n, conflicts=got.conflicts, ended=got.ended,
        censored=got.n - got.ended, years=years, share=tuple(map(_spread, rows)),
        lo=tuple(got.lo.tolist()), hi=tuple(got.hi.tolist()),
    )  # fmt: skip


def classes(
    found: Agreements, years: tuple[float, ...] = TABLE, seed: int = 1, draws: int = 1000
) -> tuple[ClassShares, ...]:
    """Give the shares that ended by some years, of all agreements and of each class that is there."""
    there = [None, *(int(kind) for kind in np.unique(found.kind))]
    return tuple(_shares(found, kind, years, seed, draws) for kind in there)


def _scores(found: Agreements, told: list[lasting.Forecast], seed: int, draws: int) -> tuple[Score, ...]:
    def by_name(rows: lasting.Floats) -> dict[str, Spread]:
        return dict(zip(FIGURES, map(_spread, rows), strict=True))

    scored = lasting.score(found, told, seed, draws)
    return tuple(
        Score(forecaster=one.name, figures=by_name(one.figures), less=by_name(one.less)) for one in scored
    )


def sentence(scores: tuple[Score, ...]) -> str:
    """Say whether anything beats the base rate of the class."""
    others, tried = scores[1:], len(scores[1:]) * len(FIGURES)
    better = [(one, name) for one in others for name in one.better]
    if not better:
        said = _("Nothing beats the base rate of the class: of {n} comparisons, none is better with an "
                 "interval that leaves zero out.")  # fmt: skip
        return said.format(n=tried)
    named = clauses(f"{_(one.forecaster)}, {_(FIGURES[name])}" for one, name in better)
    said = _("Of {n} comparisons with the base rate of the class, {k} come out better with an interval that "
             "leaves zero out ({list}); by luck alone {luck} would.")  # fmt: skip
    return said.format(n=tried, k=len(better), list=named, luck=f"{tried * 0.025:g}")


def _associations(made: lasting.Associations) -> tuple[Association, ...]:
    says = {"full": "full", "process": "process", **PROVISIONS}
    rows = zip(made.names, made.n.tolist(), made.ratio, strict=True)
    return tuple(Association(name=name, says=says[name], n=n, ratio=_spread(row)) for name, n, row in rows)


def durability(path: Path, *, seed: int = 1, draws: int = 1000, runs: Runs | None = None) -> Durability:
    """Read agreements, forecast each from the other conflicts, score the forecasts, and keep the run.

    Parameters
    ----------
    path
        The CSV of the UCDP Peace Agreement Dataset.
    draws
        Of whole conflicts, for the intervals.
    runs
        Where the run is kept; else in the user's data.

    Raises
    ------
    NotFoundError
        If there is no such file.
    UsageError
        If it does not hold what its columns say, or too little.
    """
    if draws < 20:
        raise UsageError(_("draws: found {n}; give 20 or more").format(n=draws))
    rows, sha256 = cells(path)
    found = durations(path.name, rows)
    told = lasting.forecasts(found)
    scores = _scores(found, told, seed, draws)
    made = lasting.associations(found, seed, min(draws, REFITS))
    result = Durability(
        file=path.name, sha256=sha256, until=found.until, outcome=OUTCOME,
        censoring=BLANK, counts=found.counts._asdict(), classes=classes(found, TABLE, seed, draws),
        curves=classes(found, MONTHS, seed, draws), scores=scores, associations=_associations(made),
        associations_are=ASSOCIATED, ridge=made.ridge, seed=seed, draws=draws, code=code_stamp(),
        method=source_hash(*SOURCES), at=now(), run="", says=sentence(scores),
    )  # fmt: skip
    return replace(result, run=_kept(runs or Runs(), result, found, told))


def _kept(runs: Runs, result: Durability, found: Agreements, told: Sequence[lasting.Forecast]) -> str:
    """Store the figures with the forecasts that they are of; give the id."""
    plain = result.to_dict()
    about = {"data": plain.pop("sha256"), "name": plain.pop("file"), "asked": found.counts.used}
    arrays = {name: getattr(found, name) for name in ("years", "ended", "conflict", "kind")}
    arrays |= {f"share {one.name}": one.share for one in told} | {
        f"risk {one.name}": one.risk for one in told
    }
    for name in ("ok", "run"):
        del plain[name]
    return runs.keep("durability", {**about, **plain, "question": "durability", "last_part": False}, arrays)


def check_place(out: Path) -> None:
    """Look whether a page can be written there, before half a minute is spent on it.

    Raises
    ------
    UsageError
        If the name does not end as that of a page does, or its folder is not there.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(_("{file}: the page ends in .html").format(file=out))
    if not out.parent.is_dir():
        raise UsageError(_("{file}: there is no folder {folder}").format(file=out, folder=out.parent))


def save_page(found: Durability, out: Path) -> Path:
    """Write the page, where `check_place` allows it."""
    check_place(out)
    write_whole(out, lasting_page(found).encode())
    return out
