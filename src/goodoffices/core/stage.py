"""What a simulated negotiation is made of: the scene, the text, the plan, and what becomes of them.

Shared by the drivers: `core/rollout.py` (NumPy, the oracle) and `core/lanes.py` (compiled).  The last
axis of every array of a scene is the draw or the history, or 1 where all are alike.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "STATES",
    "TRANSITIONS",
    "Bank",
    "Event",
    "Scenario",
    "Schedule",
    "Terms",
    "pairs",
    "spread",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CAPACITY, INTENTION, INTEGRITY, PREDICTABILITY = range(4)
GOOD, BAD = 0, 1
STATE, LEADER = 0, 1
TALKS, BROKEN_OFF, SIGNED, CARRIED_OUT, COLLAPSED = range(5)
STATES = ("talks", "broken off", "signed", "carried out", "collapsed")
TRANSITIONS = (
    "office_changes",
    "facts_arise",
    "spoilers_strike",
    "obligation_kept",
    "obligation_broken",
    "text_signed",
    "text_refused",
    "talks_break_off",
    "talks_resume",
    "step_done",
    "carried_out",
    "turns_away",
    "collapses",
)
FACT, MEETING, TERMS, PUT = range(4)  # kinds of event
MILESTONE = 6  # months from signing in which spoilers strike as at milestones
MONTH = 1.0 / 12.0  # years


class Bank(NamedTuple):
    """The case's last months of facts, from which those to come are drawn.

    One row for each belief, facet, sign and owner that any fact of those months bears on.
    """

    truster: Ints
    trustee: Ints
    facet: Ints
    sign: Ints
    owner: Ints
    weight: Floats  # (row, month): summed weight times log ratio, after pressure or excuse
    gesture: Floats  # (row, month): mean size of gesture, by weight


class Terms(NamedTuple):
    """What a text asks for and gives; a move that changes the text gives new terms."""

    threshold: Floats  # (n, h)
    deterrence: Floats  # (n, n, h): of the trustee, as the truster sees it, with guarantors
    deterrence_bare: Floats  # (n, h): of the trustee, without guarantors
    assistance: Floats  # (n, h)
    consent: Floats  # (h,) of all guarantors together
    log_ratios: Floats  # (h,) of durability, without spoilers
    steps: Floats  # (h,)
    strikes: Floats  # (p, 2, h): chance of an attack in a month, quiet and at milestones


class Scenario(NamedTuple):
    """One text before its decision-makers, with all uncertain inputs filled.

    Shapes: n decision-makers, p sides, h draws or histories.
    """

    keys: tuple[str, ...]  # of the decision-makers: chances hang on them
    side_keys: tuple[str, ...]
    prior: Floats  # (n, n, 4, h): truster, trustee, facet
    stores: Floats  # (n, n, 4, 2 signs, 2 owners, h)
    flags: Floats  # (n, n, 2 owners, h)
    truth: Floats  # (n, 4, h): pooled log-odds
    truth_doubt: Floats  # (n, 4, h)
    party: Ints  # (n,)
    person: NDArray[np.bool_]  # (n,)
    wrecking: Floats  # (n, h)
    veto: Floats  # (n, h) at signing
    veto_implementation: Floats  # (n, h)
    terms: Terms
    multiplier: Floats  # (h,) of the reference class
    kept: Floats  # (4, h) log ratio of a kept obligation on each facet, times strength
    broken: Floats  # (4, h) the same of a broken one
    bank: Bank
    rules: Mapping[str, Floats]  # half_life (2, 4, h) in years; the other defaults (h,)


class Event(NamedTuple):
    """One thing that a move does in one month; arrays of shape (h,)."""

    month: int
    kind: int  # FACT, MEETING, TERMS or PUT
    move: str  # key of the move, on which its failure hangs
    agreed: str  # key on which the consent hangs
    consent: Floats
    truster: int = 0
    trustee: int = 0
    facet: int = 0
    sign: int = GOOD
    owner: int = STATE
    weight: Floats | float = 0.0  # of a fact: times log ratio; of a meeting: what it adds to discriminability
    gesture: Floats | float = 0.0
    bonding: Floats | float = 0.0  # of a meeting: its mean, and its spread
    bonding_sd: Floats | float = 0.0
    failure: Floats | float = 0.0
    blame: Floats | float = 0.0  # of a failed meeting, on predictability
    sceptics: float = 0.0  # of a failed meeting: how much likelier those at home are needed
    bit: int = 0  # of new terms: which of the plan's changes of the text this is
    only_signed: bool = False


class Schedule(NamedTuple):
    """A plan as the drivers take it: events by month, and the text under every set of its changes."""

    events: tuple[Event, ...] = ()
    texts: tuple[Terms, ...] = ()
    of: tuple[int, ...] = ()  # set of changes (a sum of bits) -> place in `texts`


def pairs(scenario: Scenario) -> tuple[Ints, Ints]:
    """Give truster and trustee of every belief across sides, in order; shape (pair,) each."""
    truster, trustee = np.nonzero(scenario.party[:, None] != scenario.party[None, :])
    return truster, trustee


def _repeated(item: Floats, each: int) -> Floats:
    return np.repeat(item, each, axis=-1)


def spread_terms(terms: Terms, each: int) -> Terms:
    """Give every draw of the last axis `each` histories of its own."""
    return Terms(*(_repeated(item, each) for item in terms))


def spread(scenario: Scenario, each: int) -> Scenario:
    """Give every draw of the last axis `each` histories of its own, draw by draw."""
    names = ("prior", "stores", "flags", "truth", "truth_doubt", "wrecking", "veto", "veto_implementation")
    wide: Any = {name: _repeated(getattr(scenario, name), each) for name in names}
    wide |= {name: _repeated(getattr(scenario, name), each) for name in ("multiplier", "kept", "broken")}
    rules = {name: _repeated(value, each) for name, value in scenario.rules.items()}
    return scenario._replace(**wide, terms=spread_terms(scenario.terms, each), rules=rules)


def spread_schedule(schedule: Schedule, each: int) -> Schedule:
    """Give every draw of a schedule `each` histories of its own."""

    def repeated(value: Any) -> Any:
        return _repeated(value, each) if isinstance(value, np.ndarray) else value

    events = tuple(Event(*map(repeated, event)) for event in schedule.events)
    return schedule._replace(events=events, texts=tuple(spread_terms(text, each) for text in schedule.texts))
