"""Follow many beliefs through their histories at once: number for number what `core/follow.py` gives.

NumPy is slow on short arrays, one call at a time.  So the first days of all beliefs are taken
together, then their second days, and so on.  Conduct and meetings go with the others; a day
with an attack, a change of office, hearsay or a rating is taken alone, by the very
function that `follow` uses.

What is laid side by side here hangs on no day of reading: in each step the days come in order, so
that those up to any day stand first.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import ledger
from goodoffices.core.follow import (
    ATTACK,
    BAD,
    CAPACITY,
    FLAGS,
    GESTURE,
    GOOD,
    INTEGRITY,
    INTENTION,
    LEADER,
    MEETING,
    YEAR,
    Day,
    Parameters,
    Push,
    State,
    amounts,
    flag,
    left,
    meeting,
    take,
)

__all__ = ["Abreast", "Course", "Lane", "Table", "follow", "trusts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Span = tuple[int, int]

# What a push is weighed by, besides what stands in the table: its discount at most, its discount and what
# else counts, or the intention of whom one meets.
_PLAIN, _DRESSED, _MET = range(3)
_NO_READER = -1  # whom no belief has to be known for; its row is the one after the last
_TO_BAD = 2  # from the cell of a good store to that of the bad one


# -- pushes -----------------------------------------------------------------------------------


class Dress(NamedTuple):
    """What else a good act is weighed by, besides its discount; shape (pushes, n)."""

    gesture: Floats
    pressure: Floats
    left: Floats


class Met(NamedTuple):
    """What a meeting is read by; shape (pushes, n)."""

    weight: Floats
    ln_ratio: Floats
    gesture: Floats
    noise: Floats
    kind: Floats


class Stack:
    """Lines that are added one by one and read all at once."""

    def __init__(self, columns: int, n: int) -> None:
        self._shape = columns, n
        self._new: list[list[Floats]] = []
        self._held = [np.zeros((0, n))] * columns
        self._size = 0

    def add(self, *line: Floats | float | None) -> int:
        """Add a line; give its number."""
        self._new.append([np.asarray(np.broadcast_to(part, self._shape[1])) for part in line])  # type: ignore[arg-type]
        self._size += 1
        return self._size - 1

    def columns(self) -> list[Floats]:
        """Give each column, shape (lines, n)."""
        if self._new:
            more = zip(self._held, zip(*self._new, strict=True), strict=True)
            self._held, self._new = [np.concatenate([held, np.array(new)]) for held, new in more], []
        return self._held


class Place(NamedTuple):
    """Where a push stands in the table."""

    kind: int
    line: int
    dress: int


class Table:
    """What each push adds, as far as no belief has to be known for it; one line for all who see it.

    That is the whole of a push without discount, and weight times log ratio of one with.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._places: dict[int, Place] = {}
        self._pushes: list[Push] = []  # held, so that no id is given twice
        self._lines, self._dress, self._met = Stack(1, n), Stack(3, n), Stack(5, n)
        self._left = Stack(1, n)
        self._spans: dict[tuple[int, int, int], int] = {}

    def place(self, push: Push, rules: Parameters) -> Place:
        """Give the line of a push."""
        name = id(push)
        if name not in self._places:
            self._pushes.append(push)
            self._places[name] = self._placed(push, rules)
        return self._places[name]

    def _placed(self, push: Push, rules: Parameters) -> Place:
        if push.form == MEETING:
            line = self._met.add(push.weight, push.ln_ratio, push.gesture, push.noise, push.kind)
            return Place(_MET, line, 0)
        remains = left(push, push.sign, rules) if push.age else 1.0
        if not _doubted(push):
            ((_sign, amount),) = amounts(push, _NOBODY)
            return Place(_PLAIN, self._lines.add(amount * remains), 0)
        line = self._lines.add(push.weight * push.ln_ratio)
        if not push.age and all(isinstance(x, float) and x == 0.0 for x in (push.gesture, push.pressure)):
            return Place(_PLAIN, line, 0)
        return Place(_DRESSED, line, self._dress.add(push.gesture, push.pressure, remains))

    def span(self, sign: int, facet: int, days: int, rules: Parameters) -> int:
        """Give the line of what is left of a store after so many days."""
        if (sign, facet, days) not in self._spans:
            self._spans[sign, facet, days] = self._left.add(rules.left(facet, days)[sign])
        return self._spans[sign, facet, days]

    @property
    def left(self) -> Floats:
        """What is left, shape (spans, n)."""
        return self._left.columns()[0]

    @property
    def lines(self) -> Floats:
        """All lines, shape (pushes, n)."""
        return self._lines.columns()[0]

    @property
    def dress(self) -> Dress:
        """What some are weighed by besides."""
        return Dress(*self._dress.columns())

    @property
    def met(self) -> Met:
        """What meetings are read by."""
        return Met(*self._met.columns())


class _Nobody:
    """Beliefs for a rule that reads none."""

    def __getitem__(self, facet: int) -> Floats:
        raise KeyError(facet)

    @property
    def discount(self) -> Floats:
        raise KeyError(INTENTION)


_NOBODY = _Nobody()


def _doubted(push: Push) -> bool:
    """Does the enemy image explain it away?"""
    if push.sign == BAD or push.form == MEETING:
        return False
    return push.form == GESTURE or push.facet in (INTENTION, INTEGRITY)


# -- days -------------------------------------------------------------------------------------


class Steps:
    """Lines of numbers by step, and in each step by day.

    Parameters
    ----------
    rows
        Step, day and further numbers, shape (lines, 2 + numbers).
    """

    def __init__(self, rows: Ints) -> None:
        told = rows[np.lexsort((np.arange(len(rows)), rows[:, 1], rows[:, 0]))]
        self.step, self.day = (np.ascontiguousarray(column) for column in told[:, :2].T)
        self.columns = tuple(np.ascontiguousarray(column) for column in told[:, 2:].T)

    def until(self, end: int) -> list[tuple[int, Span]]:
        """Where the lines up to the day `end` begin and end in each step that has any."""
        some = np.bincount(self.step[self.day <= end])
        steps = np.flatnonzero(some)
        first = np.searchsorted(self.step, steps)
        spans = zip(first.tolist(), (first + some[steps]).tolist(), strict=True)
        return list(zip(steps.tolist(), spans, strict=True))


class Alone(NamedTuple):
    """A day that one belief takes alone."""

    place: int  # among the days of its belief
    since: tuple[int, ...]


def _read(day: Day) -> set[int]:
    """The facets that rules read on a day."""
    found = set()
    if any(_doubted(push) or push.form == MEETING for push in day.pushes):
        found.add(INTENTION)
    if any(push.form == ATTACK for push in day.pushes):
        found.add(CAPACITY)
    return found


def _written(day: Day) -> set[int]:
    """The facets that are written on a day."""
    return {push.facet for push in day.pushes}


def _odd(day: Day) -> bool:
    return bool(day.turnovers) or any(
        push.form == ATTACK or (push.form == MEETING and push.age) for push in day.pushes
    )


def _cells(push: Push) -> list[int]:
    """The stores that a push is added to."""
    good = push.facet * 4 + push.owner
    if push.form == MEETING:
        return [good, good + _TO_BAD]
    return [good if push.sign == GOOD else good + _TO_BAD]


class Lane:
    """The days of one belief, laid down.

    Parameters
    ----------
    alone
        Days that the reading fills in, and the facets that it may then touch besides.
    table
        Where the pushes stand; it may serve many lanes.
    """

    def __init__(
        self, days: Sequence[Day], alone: Mapping[int, Collection[int]], table: Table, rules: Parameters
    ) -> None:
        self._table, self._rules = table, rules
        self.first = days[0].day if days else None
        self.lines: dict[str | tuple[int, int], list[tuple[int, ...]]] = defaultdict(list)
        self.odd: list[Alone] = []
        self.lies: list[Push] = []
        since = [days[0].day] * FLAGS if days else []
        held: list[set[int]] = [set() for _facet in range(4)]  # cells in which something is
        for step, day in enumerate(days):
            read = _read(day)
            touched = read | _written(day) | set(alone.get(day.day, ()))
            if day.day in alone or _odd(day):
                self.lines["alone"].append((step, day.day, len(self.odd)))
                self.odd.append(Alone(step, tuple(since)))
            else:
                for facet in touched:
                    self._fade(step, day.day, facet, day.day - since[facet], held[facet])
                self.lines["reads"] += [(step, day.day, 0)] if read else []
                self._add(step, day)
            for push in day.pushes:
                held[push.facet].update(_cells(push))
            for facet in touched:
                since[facet] = day.day
                self.lines["touched"].append((facet, day.day))
        self.lines["held"] = [(cell,) for cell in sorted(set[int]().union(*held))]

    def _fade(self, step: int, day: int, facet: int, span: int, cells: Collection[int]) -> None:
        if span:
            for cell in cells:
                line = self._table.span(cell // 2 % 2, facet, span, self._rules)
                self.lines["fades"].append((step, day, cell, line))

    def _add(self, step: int, day: Day) -> None:
        """Put each push into a lot of its own for its cells, after those of the pushes before it."""
        rounds: dict[int, int] = defaultdict(int)
        for push in day.pushes:
            kind, line, dress = self._table.place(push, self._rules)
            cells = _cells(push)
            turn = max(rounds[cell] for cell in cells)
            reader = 0 if kind == _MET or _doubted(push) else _NO_READER
            self.lines[turn, kind].append((step, day.day, cells[0], line, reader, dress))
            rounds.update(dict.fromkeys(cells, turn + 1))
            if push.lie:
                self.lines["lies"].append((step, day.day, len(self.lies)))
                self.lies.append(push)

    @cached_property
    def arrays(self) -> dict[str | tuple[int, int], Ints]:
        """The lines of numbers."""
        return {name: np.array(rows, dtype=np.int64) for name, rows in self.lines.items() if rows}


class Course:
    """Many lanes side by side."""

    def __init__(self, lanes: Sequence[Lane], table: Table, rules: Parameters) -> None:
        self._lanes, self.table, self.rules = lanes, table, rules
        self.rows = len(lanes)
        self.first = [lane.first for lane in lanes]
        self.fades = Steps(self._joined("fades", (0, 0, 16, 0)))
        self.reads = Steps(self._joined("reads", (0, 0, 1)))
        lots = {name for lane in lanes for name in lane.arrays if isinstance(name, tuple)}
        self.lots = [(kind, Steps(self._lot((turn, kind)))) for turn, kind in sorted(lots)]
        self.alone, self.odd = self._numbered("alone"), _flat([lane.odd for lane in lanes])
        self.lies, self.lying = self._numbered("lies"), _flat([lane.lies for lane in lanes])
        self.touched = self._joined("touched", (4, 0))
        self.held = self._joined("held", (16,))[:, 0]

    def _joined(self, name: str | tuple[int, int], strides: tuple[int, ...]) -> Ints:
        """Join the lines of all lanes, the numbers of each moved on by its row."""
        moved = [
            lane.arrays[name] + row * np.array(strides)
            for row, lane in enumerate(self._lanes)
            if name in lane.arrays
        ]
        return np.concatenate(moved) if moved else np.zeros((0, len(strides)), dtype=np.int64)

    def _lot(self, name: tuple[int, int]) -> Ints:
        lot = self._joined(name, (0, 0, 16, 0, 1, 0))
        alone = np.concatenate([lane.arrays[name][:, 4] for lane in self._lanes if name in lane.arrays])
        lot[alone == _NO_READER, 4] = self.rows
        return lot

    def _numbered(self, name: str) -> Steps:
        """Join lines that tell a place in a list of their lane, each with its row."""
        told = [
            np.column_stack([lane.arrays[name], np.full(len(lane.arrays[name]), row)])
            for row, lane in enumerate(self._lanes)
            if name in lane.arrays
        ]
        joined = np.concatenate(told) if told else np.zeros((0, 4), dtype=np.int64)
        joined[:, 2] = np.arange(len(joined))
        return Steps(joined)

    def since(self, end: int) -> Ints:
        """The day to which each facet of each belief has been brought, shape (rows, 4)."""
        first = [end if day is None else min(day, end) for day in self.first]
        since = np.repeat(np.array(first, dtype=np.int64), 4)
        touched = self.touched[self.touched[:, 1] <= end]
        np.maximum.at(since, touched[:, 0], touched[:, 1])
        return since.reshape(-1, 4)


def _flat(lists: Sequence[Sequence[Any]]) -> list[Any]:
    return [item for some in lists for item in some]


# -- following --------------------------------------------------------------------------------


class Abreast(NamedTuple):
    """The states of many beliefs; each row is the state of one."""

    prior: Floats  # (rows, 4, n)
    stores: Floats  # (rows, 4 facets, 2 signs, 2 owners, n)
    cells: Floats  # the same one after the other, shape (cells, n)
    flags: Floats  # (rows, 2 owners, n)
    since: list[int]  # of the flags of each row
    intention: Floats  # (rows, n): as read on the last day on which it was
    discount: Floats  # (rows + 1, n)
    credited: Floats  # (rows + 1, n): what the discount leaves of a good act

    def state(self, row: int, since: Sequence[int]) -> State:
        """Give one row; what is written into it is written here."""
        return State(self.prior[row], self.stores[row], self.flags[row], list(since))


def follow(
    course: Course, prior: Floats, days: Sequence[Sequence[Day]], end: int, last: Sequence[int]
) -> Abreast:
    """Follow all beliefs of a course up to `end`.

    Parameters
    ----------
    prior
        Shape (rows, 4, n); it is written into.
    days
        The days of each belief up to `end`, filled in: where they are taken alone, they are read here.
    last
        How many changes of office there were for each belief after its last day, up to `end`.
    """
    rows, n, steps = course.rows, course.table.n, max(map(len, days), default=0)
    first = [row[0].day if row else end for row in days]
    stores, flags = np.zeros((rows, 4, 2, 2, n)), np.zeros((rows, 2, n))
    read = np.empty((rows, n)), np.zeros((rows + 1, n)), np.ones((rows + 1, n))
    now = Abreast(prior, stores, stores.reshape(-1, n), flags, first, *read)
    work: list[list[Callable[[], None]]] = [[] for _step in range(steps)]
    for step, span in course.fades.until(end):
        work[step].append(partial(_let_fade, course, now, span))
    for step, span in course.reads.until(end):
        work[step].append(partial(_look, course, now, span))
    for kind, lot in course.lots:
        for step, span in lot.until(end):
            work[step].append(partial(_add, course.table, now, kind, lot, span))
    for step, span in course.lies.until(end):
        work[step].append(partial(_flag, course, now, span))
    for step, span in course.alone.until(end):
        work[step].append(partial(_alone, course, now, span, days))
    for pieces in work:
        for piece in pieces:
            piece()
    return _close(course, now, end, last)


def _let_fade(course: Course, now: Abreast, span: Span) -> None:
    """Bring cells forward, each to the day of its row."""
    cell, line = (column[slice(*span)] for column in course.fades.columns)
    brought = now.cells.take(cell, 0)
    brought *= course.table.left.take(line, 0)
    now.cells[cell] = brought


def _levels(now: Abreast, place: Ints) -> Floats:
    """Log-odds of some facets, by their place among those of all rows; shape (places, n)."""
    good, bad = now.cells.take(4 * place, 0), now.cells.take(4 * place + _TO_BAD, 0)
    good += now.cells.take(4 * place + 1, 0)
    bad += now.cells.take(4 * place + _TO_BAD + 1, 0)
    level = now.prior.reshape(-1, now.prior.shape[-1]).take(place, 0)
    level += good
    level -= bad
    return level


def _look(course: Course, now: Abreast, span: Span) -> None:
    """Read intention, and how far good acts of the day are explained away, in the rows where that counts."""
    rows = course.reads.columns[0][slice(*span)]
    trust = ledger.trust(_levels(now, 4 * rows + INTENTION), 0.0)
    discount = ledger.discount(course.rules.hawk, trust)
    now.intention[rows], now.discount[rows] = trust, discount
    now.credited[rows] = ledger.credit(1.0, 1.0, discount, 0.0, 0.0)


def _add(table: Table, now: Abreast, kind: int, lot: Steps, span: Span) -> None:
    """Add one push to each of some cells."""
    cell, line, row, dress = (column[slice(*span)] for column in lot.columns)
    if kind == _MET:
        shift = _shift(Met(*(column.take(line, 0) for column in table.met)), now.intention.take(row, 0))
        now.cells[cell] += np.maximum(shift, 0.0)
        now.cells[cell + _TO_BAD] += np.maximum(-shift, 0.0)
        return
    amount = table.lines.take(line, 0)
    if kind == _DRESSED:
        gesture, pressure, remains = (column.take(dress, 0) for column in table.dress)
        amount = ledger.credit(amount, 1.0, now.discount.take(row, 0), gesture, pressure)
        amount *= remains
    else:
        amount *= now.credited.take(row, 0)
    amount += now.cells.take(cell, 0)
    now.cells[cell] = amount


def _shift(met: Met, intention: Floats) -> Floats:
    return meeting(met.weight, met.ln_ratio, met.gesture, met.noise, met.kind, intention)


def _flag(course: Course, now: Abreast, span: Span) -> None:
    """Let proven lies be known."""
    for place in range(*span):
        number, row = (int(column[place]) for column in course.lies.columns)
        day = int(course.lies.day[place])
        flag(now.state(row, [day] * FLAGS + [now.since[row]]), course.lying[number], day, course.rules)
        now.since[row] = day


def _alone(course: Course, now: Abreast, span: Span, days: Sequence[Sequence[Day]]) -> None:
    """Take the days that need more care one by one."""
    for place in range(*span):
        number, row = (int(column[place]) for column in course.alone.columns)
        odd = course.odd[number]
        state = now.state(row, (*odd.since, now.since[row]))
        take(state, days[row][odd.place], course.rules, None)
        now.since[row] = state.since[FLAGS]


def _close(course: Course, now: Abreast, end: int, last: Sequence[int]) -> Abreast:
    """Bring everything forward to `end`."""
    rules = course.rules
    for row, times in enumerate(last):
        if times:
            kept = rules.turnover_kept**times
            now.stores[row, :, :, LEADER] *= kept
            now.flags[row, LEADER] *= kept
    cell, cells = course.held, now.cells
    spans = (end - course.since(end)).ravel()[cell // 4] / YEAR
    lives = rules.half_life.reshape(8, -1).take(cell // 2 % 2 * 4 + cell // 4 % 4, 0)
    cells[cell] = cells.take(cell, 0) * ledger.fade(spans[:, None], lives)
    for row, since in enumerate(now.since):
        if end > since and now.flags[row].any():
            now.flags[row] *= ledger.fade((end - since) / YEAR, rules.half_life_flag)
    return now


def trusts(now: Abreast) -> Floats:
    """Beliefs on all facets, shape (rows, 4, n); a living flag caps integrity."""
    flagged = np.zeros_like(now.prior)
    flagged[:, INTEGRITY] = ledger.ceiling(now.flags).max(axis=1)
    levels = _levels(now, np.arange(4 * len(now.prior))).reshape(now.prior.shape)
    return np.asarray(ledger.trust(levels, flagged))
