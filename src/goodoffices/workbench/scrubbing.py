"""One case read on many days, as when its date is dragged: the first reading is the slow one."""

import threading
from dataclasses import replace
from datetime import date

from goodoffices.analysis.answer import Stamps, answer
from goodoffices.analysis.runs import Run
from goodoffices.analysis.scrub import Scrub
from goodoffices.cases.canonical import case_hash
from goodoffices.cases.hashes import Hashes
from goodoffices.domain.readings import Reading
from goodoffices.workbench.withhold import withhold

__all__ = ["Scrubber"]


class Scrubber:
    """Gives what `Workbench.read` gives of one case, seed and number of draws; for any thread.

    Parameters
    ----------
    audience
        Leave out facts above this sensitivity; None: leave out nothing.
    """

    def __init__(self, run: Run, *, code: str, audience: str | None = None) -> None:
        self.run, self.case, self.code, self.audience = run, run.case, code, audience
        self._scrub = Scrub(run.case, run.tables, run.seed, run.draws)
        self._hashes = Hashes(run.case)
        self._lock = threading.Lock()

    def read(self, at: date | None = None, *, options: bool = False) -> Reading:
        """Read the case as of a day (its last day, if none is given).

        Parameters
        ----------
        options
            Also look for the smallest changes, the package and the tornado; that is no quicker.
        """
        day = at or self.case.end
        with self._lock:
            seen = self.case.visible_on(day)
            stamps = Stamps(code=self.code, case_hash=self._hashes.of(seen))
            reading = self._scrub.read(seen, day, stamps, options=options)
        if self.case.feed:
            reading = self._with_feed(reading, day, options=options)
        if self.case.conduct:
            from goodoffices.workbench.conducted import with_conduct  # noqa: PLC0415 - most ask for none

            reading = with_conduct(reading, self.case)
        return reading if self.audience is None else withhold(reading, seen, self.audience, self.case)

    def _with_feed(self, reading: Reading, day: date, *, options: bool) -> Reading:
        """Add what a feed says; where it weighs, the day is read afresh, for its reports hang on the day."""
        from goodoffices.workbench.feeding import shown, weighed  # noqa: PLC0415 - most cases have no feed

        run = weighed(replace(self.run, day=day, ends=options))
        if self.case.feed and self.case.feed.weight:
            stamps = Stamps(code=self.code, case_hash=case_hash(run.case, day))
            reading = answer(run, stamps, options=options)
        return shown(reading, run)
