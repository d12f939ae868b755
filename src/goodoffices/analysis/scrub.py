"""One case read on many days, one after the other: what does not hang on the day is worked out once.

From day to day facts, ratings, texts and stakes come in.  What changes more seldom, who is in office,
who sees whom, how facts are disputed, marks off an *era*: within one, every account is booked once and
a reading takes of it what was known by its day.  The numbers are those of any other reading.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from goodoffices.analysis.accounts import Accounts
from goodoffices.analysis.answer import Stamps, answer
from goodoffices.analysis.encoding import Encoded, encode_seen
from goodoffices.analysis.inputs import Sampled, Values
from goodoffices.analysis.model import Model
from goodoffices.analysis.runs import AtHand, Run
from goodoffices.domain.case import Case
from goodoffices.domain.readings import Reading
from goodoffices.domain.tables import Tables
from goodoffices.words import language

__all__ = ["Scrub"]

ERAS = 8  # that are kept
_OF_A_VOUCHER = ("any_deal", "information")  # stakes on which accounts hang


@dataclass(frozen=True)
class Era:
    """What holds on the same days, and what was worked out for them."""

    frame: tuple[Any, ...]
    encoded: Encoded
    accounts: Accounts


class Scrub:
    """Readings of one case over some draws, quick to move from day to day.

    Not for several threads at once.
    """

    def __init__(self, case: Case, tables: Tables, seed: int, draws: int) -> None:
        self.case, self.tables, self.seed, self.draws = case, tables, seed, draws
        self._sampled = Sampled(seed, draws)
        self._eras: list[Era] = []

    def read(self, seen: Case, day: date, stamps: Stamps, *, options: bool = False) -> Reading:
        """Read the case on a day, of which `seen` is what could be known on it."""
        return answer(self.run(seen, day, options=options), stamps, options=options)

    def run(self, seen: Case, day: date, *, options: bool = False) -> Run:
        """Put the question of a day."""
        era = self._era(seen, day)
        at_hand = AtHand(era.encoded.as_of(seen, day), era.accounts, self._sampled)
        return Run(self.case, day, self.tables, self.seed, self.draws, ends=options, at_hand=at_hand)

    def _era(self, seen: Case, day: date) -> Era:
        frame = self._frame(seen, day)
        era = next((era for era in self._eras if era.frame == frame), None)
        if era is None:
            era = self._begin(seen, day, frame)
        else:
            self._eras.remove(era)
        self._eras = [era, *self._eras][:ERAS]
        return era

    def _frame(self, seen: Case, day: date) -> tuple[Any, ...]:
        disputes = tuple(row for row in self.case.alternatives if row.known_on <= day)
        stakes = tuple(row for row in seen.stakes if row.quantity in _OF_A_VOUCHER)
        return seen.decision_makers, seen.spoilers, seen.links, disputes, stakes, language()

    def _begin(self, seen: Case, day: date, frame: tuple[Any, ...]) -> Era:
        case = self.case
        whole = replace(seen, facts=case.facts, ratings=case.ratings, alternatives=frame[3])
        encoded = encode_seen(whole, day, self.tables)
        return Era(frame, encoded, Accounts(Model(encoded, Values(self._sampled))))
