"""Questions about what could be done in an open case: asked, ranked once, kept, and told again.

A question is plain data, so that it fits into an address.  What it comes to is kept under the hash
of everything that it hangs on: the case as it was known, the moves, the day, the words of the reader.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from typing import Any

from goodoffices.analysis.worlds import world
from goodoffices.archive.vault import LockedPlace
from goodoffices.cases.canonical import case_hash
from goodoffices.cases.tables import tables
from goodoffices.domain.case import Case
from goodoffices.domain.plans import (
    BUDGET,
    HORIZON,
    LONGEST,
    MONTHS,
    OBJECTIVES,
    PLAN_DRAWS,
    ROLLOUTS,
    Ranking,
)
from goodoffices.domain.readings import plain
from goodoffices.errors import GoodOfficesError, NotFoundError, UsageError
from goodoffices.words import _, language
from goodoffices.workbench.bench import SEED, code_stamp
from goodoffices.workbench.desk import Desk, Ref
from goodoffices.workbench.feeding import stamp
from goodoffices.workbench.offering import Offers
from goodoffices.workbench.results import Results

__all__ = ["LARGEST", "MOST", "Asked", "Planner", "called", "compiled"]

MOST = 10 * ROLLOUTS  # histories of a plan that may be asked for: enough for a standard error of .002
LARGEST = 100  # of budgets


def compiled() -> bool:
    """Whether histories run compiled here; without Numba they take many times as long."""
    return find_spec("numba") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question.

    Attributes
    ----------
    text
        Before which text; empty: the last that came on the table and is not signed.
    moves
        Which moves are looked at; empty: all that the case allows.
    flips
        Whether to look for what would turn first and second place round.
    """

    text: str = ""
    moves: tuple[str, ...] = ()
    objective: str = OBJECTIVES[0]
    horizon: int = HORIZON
    budget: int = BUDGET
    longest: int = LONGEST
    rollouts: int = ROLLOUTS
    flips: bool = True

    def check(self) -> None:
        """Refuse what cannot be asked of any case.

        Raises
        ------
        UsageError
            With what would be right.
        """
        bounds = {
            "horizon": (_("months to act in"), 1, MONTHS),
            "budget": (_("most cost to any one"), 0, LARGEST),
            "longest": (_("moves of one plan"), 1, LONGEST),
            "rollouts": (_("histories of each plan"), PLAN_DRAWS, MOST),
        }
        for field, (name, least, most) in bounds.items():
            value = getattr(self, field)
            if not least <= value <= most:
                said = _("{name} {n}: give {least} to {most}")
                raise UsageError(said.format(name=name, n=value, least=least, most=most))
        if self.objective not in OBJECTIVES:
            said = _('no objective "{name}": use {known}')
            raise UsageError(said.format(name=self.objective, known=", ".join(OBJECTIVES)))

    def given(self) -> dict[str, Any]:
        """Give the question as `Workbench.plan` takes it."""
        return {
            "text": self.text or None,
            "moves": self.moves or None,
            "objective": self.objective,
            "horizon": self.horizon,
            "budget": self.budget,
            "longest": self.longest,
            "rollouts": self.rollouts,
            "look_for_flips": self.flips,
        }


class Planner:
    """Asks about plans of one case, as it stands when this is made, on one day.

    Attributes
    ----------
    opened, case, day
        The case with its branch, read as of the day.

    Parameters
    ----------
    at
        None: the day that `Workbench.reading_day` gives.
    seen_by
        A decision-maker, with whose world all goes on: only the facts that he could know.

    Raises
    ------
    NotFoundError
        If there is no such case, branch or decision-maker.
    """

    def __init__(
        self, desk: Desk, ref: Ref, at: date | None = None, *, branch: str = "", seen_by: str = ""
    ) -> None:
        self.desk, self.ref, self.branch, self.seen_by = desk, ref, branch, seen_by
        self.opened = desk.opened(ref)
        case = self.opened.case(branch)
        self.day = at or desk.bench.reading_day(case)
        self.case = self._seen(case)

    def _seen(self, case: Case) -> Case:
        if not self.seen_by:
            return case
        self.opened.unseen(self.day, self.seen_by, self.branch)  # says who there is
        return world(case, self.day, tables(), self.seen_by)

    @property
    def _locked(self) -> bool:
        return isinstance(self.opened.source, LockedPlace)

    @property
    def _results(self) -> Results:
        folder = None if self._locked else self.desk.results(self.ref)
        return Results(folder, self.opened.rankings)

    # -- asking -------------------------------------------------------------------------------

    def offers(self, text: str = "") -> Offers:
        """Say what could be asked.

        Raises
        ------
        UsageError
            If no text is open on the day, or the one named is not.
        """
        return self.desk.bench.offers(self.case, self.day, text=text or None, place=self.opened.source)

    def settled(self, asked: Asked, offers: Offers | None = None) -> Asked:
        """Give the question with its text named, and no moves if all are meant.

        Raises
        ------
        UsageError
            If it cannot be asked of this case on this day.
        """
        asked.check()
        found = offers or self.offers(asked.text)
        known = [move.id for move in found.moves]
        unknown = sorted(set(asked.moves) - {*known, "nothing"})
        if unknown:
            said = _('no move "{move}": use some of {known}')
            raise UsageError(said.format(move=unknown[0], known=", ".join(known)))
        chosen = tuple(name for name in known if name in asked.moves)
        everything = {move.id for move in found.moves if move.fits} <= set(chosen)
        return replace(asked, text=found.text, moves=() if everything else chosen)

    def key(self, settled: Asked) -> str:
        """Give the name of a question that is settled: a hash of all that its answer hangs on."""
        bench = self.desk.bench
        moves = bench.moves(self.opened.source)
        about = [
            *(code_stamp(), language(), SEED, str(self.day), self.seen_by),
            *(case_hash(self.case, self.day), tables().codebook_hash, tables().defaults_hash),
            *((stamp(self.case),) if self.case.feed and self.case.feed.weight else ()),
            [plain(change) for change in self.case.changes],
            [str(move) for move in moves.values()],
            plain(settled),
        ]
        said = json.dumps(about, sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    # -- ranking ------------------------------------------------------------------------------

    def kept(self, key: str) -> Ranking | None:
        """Give the ranking that a question came to, if it was asked before."""
        return self._results.find(key)

    def rank(
        self,
        settled: Asked,
        tick: Callable[[int, str], None] = lambda _n, _name: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Ranking:
        """Rank plans and keep what comes out; where it was stopped, the ranking so far.

        It is kept only if the case is still as it was: what was purged meanwhile does not come back.

        Raises
        ------
        KeyboardInterrupt
            If it was stopped before anything was known.
        """
        key = self.key(settled)
        ranking = self.desk.bench.plan(
            self.case,
            self.day,
            place=self.opened.source,
            keep=not self._locked,
            shelf=self.desk.cache / "plans",
            threads=max(1, (os.cpu_count() or 2) - 1),  # one is left for the pages
            tick=tick,
            stop=lambda: stop() or not self._open,
            **settled.given(),
        )
        with contextlib.suppress(GoodOfficesError), self.opened.place.hold():
            if self._open and Planner(self.desk, self.ref, self.day, **self._where).key(settled) == key:
                self._results.keep(key, ranking)
        return ranking

    @property
    def _where(self) -> dict[str, str]:
        return {"branch": self.branch, "seen_by": self.seen_by}

    @property
    def _open(self) -> bool:
        """Whether the case is still open: a locked one may have been closed, another purged."""
        with contextlib.suppress(GoodOfficesError):
            return self.desk.opened(self.ref) is self.opened
        return False

    # -- telling ------------------------------------------------------------------------------

    def tell(self, settled: Asked, ranking: Ranking, place: int, number: int) -> tuple[str, ...]:
        """Tell one history of the plan at a place of a ranking.

        Raises
        ------
        NotFoundError
            If the ranking has no such place.
        UsageError
            If there is no history of that number.
        """
        if not 1 <= place <= len(ranking.plans):
            said = _("there is no plan {n}: give 1 to {most}")
            raise NotFoundError(said.format(n=place, most=len(ranking.plans)))
        plan = ranking.plans[place - 1].id
        given = settled.given()
        return self.desk.bench.tell(self.case, self.day, plan, number, place=self.opened.source, **given)


def called(plan: str, labels: Mapping[str, str]) -> str:
    """Give the moves of a plan in words, from its id and the labels of moves by theirs."""
    names = [part.partition("@")[0].partition(":")[0] for part in plan.split(" + ")]
    return " + ".join(labels.get(name, name) for name in names)
