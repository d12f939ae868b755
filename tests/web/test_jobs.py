"""Long work behind the pages: one run after the other, seen from outside, stopped when asked."""

import logging
import threading

import pytest

pytest.importorskip("fastapi")

from goodoffices.errors import UsageError
from goodoffices.web.jobs import QUEUE, REMEMBERED, STATES, Jobs
from goodoffices.web.refusals import Refused
from goodoffices.words import _, language, speaking

PATIENCE = 10


@pytest.fixture
def jobs():
    return Jobs()


class Held:
    """Work that waits until it is let go, or told to stop."""

    def __init__(self):
        self.begun, self.free = threading.Event(), threading.Event()

    def __call__(self, job):
        self.begun.set()
        while not job.stop() and not self.free.wait(0.01):
            pass
        return not job.stop()


def over(jobs, *names):
    """Wait until runs are over."""
    last = threading.Event()
    jobs.start("last", lambda _job: bool(last.set()) or True)
    assert last.wait(PATIENCE)
    return [jobs.find(name).state for name in names]


def test_runs_go_one_after_the_other_in_the_order_in_which_they_were_asked(jobs):
    held, order = Held(), []
    jobs.start("one", held)
    assert held.begun.wait(PATIENCE)
    for name in ("two", "three"):
        jobs.start(name, lambda job: bool(order.append(job.id)) or True)

    waiting = [jobs.progress(jobs.find(name)) for name in ("one", "two", "three")]
    held.free.set()

    assert [told.state for told in waiting] == ["preparing", "waiting", "waiting"]
    assert [told.ahead for told in waiting] == [0, 1, 2]
    assert over(jobs, "one", "two", "three") == ["done"] * 3
    assert order == ["two", "three"]


def test_who_asks_the_same_again_finds_the_run_that_is_under_way(jobs):
    held = Held()
    first = jobs.start("one", held)
    assert held.begun.wait(PATIENCE)

    again = jobs.start("one", lambda _job: pytest.fail("it ran twice"))
    held.free.set()
    over(jobs)

    assert again is first
    assert jobs.start("one", lambda _job: True) is not first, "what is over can be asked anew"


def test_progress_counts_plans_and_names_the_last_in_words(jobs):
    def work(job):
        job.tick(12, "bond")
        seen.append(jobs.progress(job))
        job.tick(0, "how far he trusts")
        seen.append(jobs.progress(job))
        return True

    seen = []
    jobs.start("one", work, str.upper)
    over(jobs)

    assert [(told.state, told.done, told.now) for told in seen] == [
        ("running", 12, "BOND"),
        ("turning", 12, "how far he trusts"),
    ]
    assert "12" in seen[0].says


def test_a_run_that_is_stopped_says_so_and_the_next_begins(jobs):
    held = Held()
    jobs.start("one", held)
    assert held.begun.wait(PATIENCE)
    waiting = jobs.start("two", lambda _job: pytest.fail("it was stopped before it began"))

    waiting.cancel()
    jobs.find("one").cancel()

    assert waiting.state == "stopped", "what waits is over at once"
    assert jobs.find("one").state in ("stopping", "stopped")
    assert over(jobs, "one", "two") == ["stopped", "stopped"]


def test_a_search_that_was_stopped_before_it_knew_anything_is_stopped(jobs):
    def work(_job):
        raise KeyboardInterrupt

    jobs.start("one", work)

    assert over(jobs, "one") == ["stopped"]


def test_what_cannot_be_asked_is_told_in_its_sentence(jobs):
    def work(_job):
        raise UsageError("no unsigned text is on the table")

    jobs.start("one", work)
    over(jobs)
    told = jobs.progress(jobs.find("one"))

    assert (told.state, told.fault) == ("failed", "no unsigned text is on the table")
    assert told.fault in told.says


def test_a_mistake_ends_one_run_and_its_log_quotes_nothing_of_the_case(jobs, caplog):
    quoted = "Sadat said a secret"  # not in the line that raises, which the log does show

    def work(_job):
        raise RuntimeError(quoted)

    with caplog.at_level(logging.ERROR, "goodoffices.web"):
        jobs.start("one", work)
        states = over(jobs, "one")

    assert states == ["failed"]
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text + jobs.progress(jobs.find("one")).says


def test_work_speaks_the_language_of_who_asked_and_progress_that_of_who_looks(jobs):
    spoken = []

    with speaking("fr"):
        jobs.start("one", lambda _job: bool(spoken.append(language())) or True)
    over(jobs)

    assert spoken == ["fr"]
    with speaking("en-XA"):
        assert jobs.progress(jobs.find("one")).says == _("Done.") != "Done."


def test_the_queue_is_bounded_and_what_is_long_over_is_forgotten(jobs):
    held = Held()
    jobs.start("one", held)
    assert held.begun.wait(PATIENCE)
    for number in range(QUEUE):
        jobs.start(f"more-{number}", lambda _job: True)

    with pytest.raises(Refused) as refused:
        jobs.start("too many", lambda _job: True)
    held.free.set()
    while not jobs.find(f"more-{QUEUE - 1}").over:
        pass
    for number in range(REMEMBERED + 5):
        jobs.start(f"late-{number}", lambda _job: True)
        over(jobs)

    assert refused.value.status == 429
    assert jobs.find("one") is None
    assert jobs.find(f"late-{REMEMBERED}").state == "done"


def test_every_state_has_its_sentence(jobs):
    job = jobs.start("one", lambda _job: True)
    over(jobs)

    for state in STATES:
        job.state = state
        assert jobs.progress(job).says
