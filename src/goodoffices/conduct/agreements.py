"""How long peace agreements lasted: rows of the UCDP Peace Agreement Dataset as durations.

The outcome is "agreement abandoned": the data set says whether an agreement was ended, and when.  It does
not say whether arms were taken up again: a serious armed violation is another outcome and not in the file.
An agreement that is not recorded as ended is censored where the data end; that is no success.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = ["KINDS", "NEEDED", "PROVISIONS", "Agreements", "Counts", "durations"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

YEAR = 365.25  # days
SEEN = 5.0  # years for which some agreement must have been in sight
KINDS = ("full", "partial", "process")  # pa_type 1, 2 and 3
ENDED = {"True": True, "False": False, "": False}
THIRD = "pa_3rd"
# Columns of the data set, and what each says of an agreement.
PROVISIONS = {
    "cease": N_("a ceasefire"),
    "intarmy": N_("integration into the army"),
    "ddr": N_("disarmament and demobilisation"),
    "withd": N_("withdrawal of foreign forces"),
    "pp": N_("rebels become a party"),
    "intgov": N_("integration into the government"),
    "intciv": N_("integration into the civil service"),
    "elections": N_("elections"),
    "interim": N_("an interim government"),
    "natalks": N_("national talks"),
    "shagov": N_("power-sharing in the government"),
    "aut": N_("autonomy"),
    "fed": N_("a federal state"),
    "ind": N_("independence"),
    "ref": N_("a referendum"),
    "shaloc": N_("power-sharing in local government"),
    "regdev": N_("regional development"),
    "cul": N_("cultural freedoms"),
    "demarcation": N_("demarcation of a border"),
    "locgov": N_("local government"),
    "amn": N_("amnesty"),
    "pris": N_("release of prisoners"),
    "recon": N_("national reconciliation"),
    "return": N_("return of refugees"),
    "reaffirm": N_("an earlier agreement reaffirmed"),
    "outlin": N_("an outline of further talks"),
    "pko": N_("a peacekeeping operation"),
    "gender": N_("gender"),
    "co_impl": N_("a commission for carrying it out"),
    THIRD: N_("a third party signed"),
}
NEEDED = (
    "paid", "conflict_id", "dyad_id", "pa_date", "pa_type", "ended", "duration",
    "dateintervalend_meta", *PROVISIONS,
)  # fmt: skip


class Counts(NamedTuple):
    """What became of the rows of a file.

    Attributes
    ----------
    ended, not_ended, blank
        Of the agreements used: recorded as ended, recorded as not ended, nothing recorded.
    undated, backdated
        Left out: ended without a day; ended, by the day given, before it was signed.
    """

    rows: int
    used: int
    ended: int
    not_ended: int
    blank: int
    undated: int
    backdated: int
    conflicts: int
    pairs: int


class Agreements(NamedTuple):
    """Agreements, each with how long it was seen to last; arrays of shape (agreement,).

    Attributes
    ----------
    years
        From the day of signature to the end, or to where the data end.
    ended
        Whether it ended then.
    conflict
        Numbers of the conflicts, from 0; none is empty.
    kind
        Place in `KINDS`.
    provisions
        Shape (agreement, provision), 0 or 1, in the order of `PROVISIONS`.
    until
        Where the data end.
    """

    years: Floats
    ended: NDArray[np.bool_]
    conflict: Places
    kind: Places
    provisions: Floats
    until: date
    counts: Counts


class _Row(NamedTuple):
    conflict: str
    pair: str
    signed: date
    kind: int
    recorded: str
    end: date | None
    until: date
    provisions: tuple[float, ...]


def _refuse(name: str, row: str, column: str, found: str, fix: str) -> UsageError:
    said = _('{file}, agreement {row}, {column}: found "{found}"; {fix}')
    return UsageError(said.format(file=name, row=row, column=column, found=found[:40], fix=fix))


def _reader(name: str, cells: Mapping[str, str]) -> Callable[[str, Mapping[str, int] | None], int]:
    """Give what reads a cell as one of few words."""

    def read(column: str, known: Mapping[str, int] | None) -> int:
        allowed = {"0": 0, "1": 1} if known is None else known
        if cells[column] not in allowed:
            fix = _("give one of {list}").format(list=", ".join(word or _("nothing") for word in allowed))
            raise _refuse(name, cells["paid"], column, cells[column], fix)
        return allowed[cells[column]]

    return read


def _day(name: str, cells: Mapping[str, str], column: str) -> date:
    try:
        return date.fromisoformat(cells[column][:10])
    except ValueError:
        raise _refuse(
            name, cells["paid"], column, cells[column], _("give a day such as 1999-02-21")
        ) from None


def _third(text: str) -> float:
    return float(text.lower() not in ("", "no", "none", "-99"))


def _row(name: str, cells: Mapping[str, str]) -> _Row:
    read = _reader(name, cells)
    if not cells["conflict_id"]:
        raise _refuse(name, cells["paid"], "conflict_id", "", _("give the number of the conflict"))
    recorded = bool(read("ended", {word: int(is_so) for word, is_so in ENDED.items()}))
    signed, until = _day(name, cells, "pa_date"), _day(name, cells, "dateintervalend_meta")
    if signed > until:
        fix = _("it lies after {day}, where the data end").format(day=until)
        raise _refuse(name, cells["paid"], "pa_date", cells["pa_date"], fix)
    end = _day(name, cells, "duration") if recorded and cells["duration"] else None
    flags = [_third(cells[column]) if column == THIRD else float(read(column, None)) for column in PROVISIONS]
    kind = read("pa_type", {str(at): at - 1 for at in range(1, 4)})
    return _Row(
        cells["conflict_id"], cells["dyad_id"], signed, kind, cells["ended"], end, until, tuple(flags)
    )


def durations(name: str, rows: Iterable[Mapping[str, str]]) -> Agreements:
    """Read agreements; every cell a text without blanks around it.

    Parameters
    ----------
    name
        What the file is called, for sentences.
    rows
        Cells by the name of their column; `NEEDED` are there.

    Raises
    ------
    UsageError
        If a cell is not what its column holds, if there are too few agreements (three conflicts with an
        ending, so that one is left when any two are left out), or if none was in sight for five years.
    """
    read = [_row(name, cells) for cells in rows]
    undated = sum(row.recorded == "True" and row.end is None for row in read)
    kept = [row for row in read if _usable(row)]
    _enough(name, len(read), kept)
    return _arrays(kept, len(read), undated, len(read) - len(kept) - undated)


def _usable(row: _Row) -> bool:
    return row.end >= row.signed if row.end is not None else row.recorded != "True"


def _enough(name: str, n: int, kept: list[_Row]) -> None:
    conflicts = {row.conflict for row in kept}
    endings = {row.conflict for row in kept if row.end is not None}
    if len(conflicts) < 3 or len(endings) < 3:
        said = _("{file}: found {n} agreements, usable ones of {conflicts} conflicts, with endings in "
                 "{endings}; leaving whole conflicts out needs three conflicts with an ending")  # fmt: skip
        raise UsageError(said.format(file=name, n=n, conflicts=len(conflicts), endings=len(endings)))
    seen = max((row.until - row.signed).days for row in kept) / YEAR
    if seen < SEEN:
        said = _("{file}: the first agreement was signed {years} years before the data end; {n} are needed")
        raise UsageError(said.format(file=name, years=f"{seen:.1f}", n=f"{SEEN:g}"))


def _arrays(kept: list[_Row], n: int, undated: int, backdated: int) -> Agreements:
    names = sorted({row.conflict for row in kept})
    number = {conflict: at for at, conflict in enumerate(names)}
    until = max(row.until for row in kept)
    last = [row.end or row.until for row in kept]
    ended = np.array([row.end is not None for row in kept])
    counts = Counts(
        rows=n, used=len(kept), ended=int(ended.sum()),
        not_ended=sum(row.recorded == "False" for row in kept), blank=sum(not row.recorded for row in kept),
        undated=undated, backdated=backdated, conflicts=len(names), pairs=len({row.pair for row in kept}),
    )  # fmt: skip
    days = [(end - row.signed).days for row, end in zip(kept, last, strict=True)]
    return Agreements(
        years=np.array(days) / YEAR, ended=ended,
        conflict=np.array([number[row.conflict] for row in kept], np.int64),
        kind=np.array([row.kind for row in kept], np.int64),
        provisions=np.array([row.provisions for row in kept]), until=until, counts=counts,
    )  # fmt: skip
