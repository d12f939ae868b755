"""Long work behind the pages: one thread, one run after the other, with progress and a way to stop.

A run is named after the question that it answers, so that who asks the same again, or opens the page
again, finds the run that is under way.  What it comes to is kept by whoever asks for it; here is only
how far it is.  When the server is killed the runs are gone, and what they had counted is found again
by whoever asks once more.
"""

import logging
import threading
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from goodoffices.errors import GoodOfficesError
from goodoffices.web.refusals import Refused
from goodoffices.words import N_, _, language, speaking

__all__ = ["STATES", "Job", "Jobs", "Progress", "Wording"]

WAITING, PREPARING, RUNNING, TURNING, STOPPING = "waiting", "preparing", "running", "turning", "stopping"
DONE, STOPPED, FAILED = "done", "stopped", "failed"
OVER = (DONE, STOPPED, FAILED)
STATES = (WAITING, PREPARING, RUNNING, TURNING, STOPPING, *OVER)
REMEMBERED = 64  # runs that are over
QUEUE = 16  # runs that wait
logger = logging.getLogger("goodoffices.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    state
        waiting, preparing (nothing is counted yet), running, turning (it looks for what would turn the
        ranking round), stopping, done, stopped or failed.
    over
        Whether it has come to an end.
    done, now
        Plans that have been run, and what was done last.
    ahead
        Runs that come before it.
    fault
        Why it failed.
    says
        All this in one sentence.
    """

    id: str
    state: str
    over: bool
    done: int
    now: str
    ahead: int
    fault: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How the progress of a run is put into words: of plans, unless its work counts something else."""

    running: str = N_("{n} plans run, now {name}")
    stopping: str = N_("Stopping, when the plans under way are done.")


PLANS = Wording()


class Job:
    """One run: what it does, and how far it is.  Its work tells of its progress by `tick`."""

    def __init__(
        self,
        name: str,
        work: Callable[["Job"], bool],
        called: Callable[[str], str],
        wording: Wording = PLANS,
    ) -> None:
        self.id, self.work, self.language, self.wording = name, work, language(), wording
        self.state, self.done, self.now, self.fault = WAITING, 0, "", ""
        self._called, self._stop = called, threading.Event()

    @property
    def over(self) -> bool:
        """Whether it has come to an end."""
        return self.state in OVER

    def tick(self, many: int, name: str) -> None:
        """Note that some plans are done, the last by name; none: that an input was tried."""
        self.done += many
        self.now = self._called(name) if many else name
        if not self._stop.is_set():
            self.state = RUNNING if many else TURNING

    def stop(self) -> bool:
        """Whether it has been asked to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask it to stop; one that waits is over at once."""
        self._stop.set()
        if self.state == WAITING:
            self.state = STOPPED
        elif not self.over:
            self.state = STOPPING

    def run(self) -> None:
        """Do the work, and note how it ended."""
        if self.over:
            return
        self.state = PREPARING
        try:
            with speaking(self.language):
                self.state = DONE if self.work(self) else STOPPED
        except KeyboardInterrupt:  # how a search ends that was stopped before it knew anything
            self.state = STOPPED
        except GoodOfficesError as error:
            self.fault, self.state = str(error), FAILED
        except BaseException as error:  # noqa: BLE001 - the thread goes on with the next
            # Where the mistake is, and nothing of what was being worked on: messages may quote a case.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("%s in a run:\n%s", type(error).__name__, where)
            self.fault, self.state = _("a mistake in the program; where it is stands in the log"), FAILED


def _says(job: Job, ahead: int) -> str:
    told = {
        WAITING: _("Waiting: {n} runs come before it.").format(n=ahead),
        PREPARING: _("Preparing. On a new machine this takes up to a minute, once."),
        RUNNING: _(job.wording.running).format(n=job.done, name=job.now),
        TURNING: _("{n} plans run; looking for what would turn the first two round: {name}").format(
            n=job.done, name=job.now
        ),
        STOPPING: _(job.wording.stopping),
        DONE: _("Done."),
        STOPPED: _("Stopped."),
        FAILED: _("It failed: {reason}").format(reason=job.fault),
    }
    return told[job.state]


class Jobs:
    """The runs that have been asked for."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Job] = OrderedDict()
        self._queue: deque[Job] = deque()
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(
        self,
        name: str,
        work: Callable[[Job], bool],
        called: Callable[[str], str] = str,
        wording: Wording = PLANS,
    ) -> Job:
        """Put work into the queue, or give the run of that name that is not over.

        Parameters
        ----------
        work
            Gives whether it was done to its end.
        called
            Puts the name of a plan into words.
        wording
            How its progress is told.

        Raises
        ------
        Refused
            If too many wait already.
        """
        with self._turn:
            known = self._known.get(name)
            if known is not None and not known.over:
                return known
            if sum(not job.over for job in self._queue) >= QUEUE:
                raise Refused(429, _("too many runs wait already: stop one, or come back later"))
            job = self._known[name] = Job(name, work, called, wording)
            self._known.move_to_end(name)
            self._queue.append(job)
            self._forget()
            self._begin()
            self._turn.notify()
        return job

    def find(self, name: str) -> Job | None:
        """Give a run by its name, unless it is long over."""
        return self._known.get(name)

    def progress(self, job: Job) -> Progress:
        """Tell how far a run is, in the reader's language."""
        ahead = self._ahead(job)
        return Progress(
            id=job.id,
            state=job.state,
            over=job.over,
            done=job.done,
            now=job.now,
            ahead=ahead,
            fault=job.fault,
            says=_says(job, ahead),
        )

    def _ahead(self, job: Job) -> int:
        if job.state != WAITING:
            return 0
        with self._turn:
            before = list(self._queue)
            under = [one for one in self._known.values() if not one.over and one not in before]
        with suppress(ValueError):
            before = before[: before.index(job)]
        return len([one for one in (*under, *before) if not one.over and one is not job])

    def _forget(self) -> None:
        over = [name for name, job in self._known.items() if job.over]
        for name in over[:-REMEMBERED]:
            del self._known[name]

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="goodoffices-jobs", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: bool(self._queue))
                job = self._queue.popleft()
            job.run()
            job.work = _nothing  # lets go of the case


def _nothing(_job: Job) -> bool:
    return True
