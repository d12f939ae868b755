"""Tasks on the cores of this machine: all of them, no more at a time than asked for, and none after an end."""

import contextlib
import threading
import time

import pytest

from goodoffices.compute import tasks_here


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(tasks_here, "cores", lambda: 2)


def test_every_task_is_done_and_no_more_at_a_time_than_there_are_cores():
    """Places tell which result is whose."""
    lock, now, most = threading.Lock(), 0, 0

    def step(number, add):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return number + add

    assert sorted(tasks_here.done(step, [(k, 10) for k in range(7)])) == [(k, k + 10) for k in range(7)]
    assert most == 2


def test_who_stops_asking_waits_for_those_that_run_only():
    """Of many tasks, those that no core had begun are never begun."""
    begun = []
    with contextlib.closing(tasks_here.done(begun.append, [(k,) for k in range(100)])) as work:
        next(work)
    many = len(begun)
    time.sleep(0.05)
    assert many == len(begun) <= 6


def test_a_task_that_fails_ends_all():
    """Its error is that of whoever asked."""

    def step(number):
        if number == 1:
            raise ValueError(number)
        return number

    with pytest.raises(ValueError, match="1"):
        list(tasks_here.done(step, [(k,) for k in range(5)]))
