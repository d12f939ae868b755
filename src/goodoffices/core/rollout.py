"""Histories run forward month by month, many at once (NumPy): docs/discussion/simulation.md in code.

State in, state out.  Rules are those of `core/ledger.py`, `core/deal.py` and `core/durability.py`;
this driver only orders them within a month.  The last axis of every array of a state is the history.

Random numbers are keyed by (seed, purpose, entity, month) and the number of the history, so that
plans are compared on the same chances and no history hangs on how many are run beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import deal, draws, durability, ledger

__all__ = [
    "STATES",
    "TRANSITIONS",
    "Bank",
    "Chances",
    "Event",
    "History",
    "Scenario",
    "Terms",
    "begin",
    "month",
    "run",
    "spread",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
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
MILESTONE = 6  # months from signing in which spoilers strike as at milestones
MONTH = 1.0 / 12.0  # years


class Bank(NamedTuple):
    """The case's last months of facts, from which those to come are drawn.

    One row for each belief, facet, sign and owner that any fact of those months bears on.
    """

    truster: NDArray[np.int64]
    trustee: NDArray[np.int64]
    facet: NDArray[np.int64]
    sign: NDArray[np.int64]
    owner: NDArray[np.int64]
    weight: Floats  # (row, month): summed weight times log ratio, after pressure or excuse
    gesture: Floats  # (row, month): mean size of gesture, by weight


class Terms(NamedTuple):
    """What a text asks for and gives; a move that changes the text gives new terms.

    The last axis of each is the history, or 1 where all are alike.
    """

    threshold: Floats  # (n, h)
    deterrence: Floats  # (n, n, h): of the trustee, as the truster sees it, with guarantors
    deterrence_bare: Floats  # (n, n, h): without guarantors
    assistance: Floats  # (n, h)
    consent: Floats  # (h,) of all guarantors together
    log_ratios: Floats  # (h,) of durability, without spoilers
    steps: Floats  # (h,)
    spoilers: Floats  # (p, 2, h): attacks a month, quiet and at milestones


class Scenario(NamedTuple):
    """One text before its decision-makers, with all uncertain inputs filled.

    Shapes: n decision-makers, p sides, h histories (or 1 where all are alike).
    """

    prior: Floats  # (n, n, 4, h): truster, trustee, facet
    stores: Floats  # (n, n, 4, 2 signs, 2 owners, h)
    flags: Floats  # (n, n, 2 owners, h)
    truth: Floats  # (n, 4, h): pooled log-odds
    truth_doubt: Floats  # (n, 4, h)
    party: NDArray[np.int64]  # (n,)
    person: Bools  # (n,)
    wrecking: Floats  # (n, h)
    veto: Floats  # (n, h) at signing
    veto_implementation: Floats  # (n, h)
    terms: Terms
    multiplier: Floats  # (h,) of the reference class
    kept: Floats  # (4, h) log ratio of a kept obligation on each facet, times strength
    broken: Floats  # (4, h) the same of a broken one
    bank: Bank
    rules: Mapping[str, Floats]  # half_life (2, 4, h) in years; the other defaults (h,)


class Told(NamedTuple):
    """One history as it is told: what happened, and to whom (a decision-maker or a side), in this month."""

    number: int
    happened: list[tuple[str, int]]


class History(NamedTuple):
    """What the next month needs to know; R histories."""

    stores: Floats  # (n, n, 4, 2, 2, R)
    flags: Floats  # (n, n, 2, R)
    truth: Floats  # (n, 4, R)
    terms: Terms  # as they stand now
    needed: Bools  # (n, R) at signing
    needed_later: Bools  # (n, R) at carrying out
    takes_part: Bools  # (R,) guarantors
    noise: Floats  # (n, R) log-odds
    accepted: Bools  # (n, R) when it was signed
    turned: Bools  # (n, R) accepted, and would no longer
    status: NDArray[np.int64]  # (R,)
    step: NDArray[np.int64]  # (R,)
    signed_on: NDArray[np.int64]  # (R,) month, or -1
    ended_on: NDArray[np.int64]  # (R,) month, or -1
    changed: Bools  # (n, R): something before him changed this month
    put: Bools  # (R,) the text is put to them this month
    counts: NDArray[np.int64]  # (transition,)
    told: "Told | None" = None  # one history told month by month


class Chances:
    """Keyed uniform draws for histories `first` to `first + n`."""

    def __init__(self, seed: int, first: int, n: int) -> None:
        self.seed, self.first, self.n = seed, first, n
        self._drawn: dict[tuple[str, str, str, int], Floats] = {}

    def _once(self, kind: str, draw: Callable[[int, int], Floats], *where: Any) -> Floats:
        if (kind, *where) not in self._drawn:
            key = draws.stream_key(self.seed, where[0], f"{where[1]}:{where[2]}")
            made = draw(key, self.first + self.n)[self.first :]
            made.flags.writeable = False
            self._drawn[kind, *where] = made
        return self._drawn[kind, *where]

    def uniform(self, purpose: str, entity: str, month: int) -> Floats:
        """Strictly between 0 and 1, shape (n,)."""
        return self._once("uniform", draws.uniform, purpose, entity, month)

    def normal(self, purpose: str, entity: str, month: int) -> Floats:
        """Standard normal, shape (n,)."""
        return self._once("normal", draws.normal, purpose, entity, month)


def _whole(array: Floats, size: int) -> Floats:
    """Give every history its own copy."""
    return np.array(np.broadcast_to(array, (*array.shape[:-1], size)))


def _logit(u: Floats) -> Floats:
    return np.asarray(np.log(u / (1.0 - u)))


def begin(scenario: Scenario, chances: Chances) -> History:
    """All histories at the day of the reading."""
    n, size = len(scenario.veto), chances.n

    def drawn(purpose: str, month: int = 0) -> Floats:
        return np.array([chances.uniform(purpose, str(i), month) for i in range(n)]).reshape(n, size)

    return History(
        stores=_whole(scenario.stores, size),
        flags=_whole(scenario.flags, size),
        truth=np.array([_truth(scenario, chances, i, 0) for i in range(n)]).reshape(n, 4, size),
        terms=Terms(*(_whole(item, size) for item in scenario.terms)),
        needed=drawn("veto") < scenario.veto,
        needed_later=drawn("veto later") < scenario.veto_implementation,
        takes_part=np.asarray(chances.uniform("consent", "", 0) < scenario.terms.consent),
        noise=_logit(drawn("noise")),
        accepted=np.zeros((n, size), bool),
        turned=np.zeros((n, size), bool),
        status=np.full(size, TALKS),
        step=np.zeros(size, np.int64),
        signed_on=np.full(size, -1),
        ended_on=np.full(size, -1),
        changed=np.zeros((n, size), bool),
        put=np.zeros(size, bool),
        counts=np.zeros(len(TRANSITIONS), np.int64),
    )


def _truth(scenario: Scenario, chances: Chances, who: int, month: int) -> Floats:
    """How trustworthy one is on each facet, shape (4, R)."""
    rows = [
        ledger.trust(
            scenario.truth[who, f]
            + scenario.truth_doubt[who, f] * chances.normal("truth", f"{who}:{f}", month),
            0.0,
        )
        for f in range(4)
    ]
    return np.array(rows)


def beliefs(scenario: Scenario, history: History) -> Floats:
    """What each believes of each on every facet, shape (n, n, 4, R)."""
    held = history.stores.sum(axis=4)
    level = scenario.prior + held[:, :, :, GOOD] - held[:, :, :, BAD]
    flagged = np.zeros_like(level)
    flagged[:, :, INTEGRITY] = ledger.ceiling(history.flags).max(axis=2)
    return np.asarray(ledger.trust(level, flagged))


def _motive(scenario: Scenario, trust: Floats) -> Floats:
    rules = scenario.rules
    return np.asarray(
        deal.motive(
            trust[..., INTENTION, :],
            trust[..., INTEGRITY, :],
            trust[..., PREDICTABILITY, :],
            rules["integrity_tested"],
            rules["volatility_cost"],
        )
    )


def keep(scenario: Scenario, terms: Terms, trust: Floats) -> Floats:
    """What each believes of all others' keeping the text, shape (n, R)."""
    kept = deal.keep(
        trust[:, :, CAPACITY],
        _motive(scenario, trust),
        terms.deterrence,
        terms.assistance[None],
    )
    left = deal.block(scenario.wrecking[None], kept)
    others = scenario.party[:, None] != scenario.party[None, :]
    return np.asarray(np.prod(np.where(others[..., None], left, 1.0), axis=1))


def true_keep(scenario: Scenario, history: History, willing: Bools) -> Floats:
    """How far each would keep the text, as it is and without guarantors, shape (n observers, n, R)."""
    motive = _motive(scenario, history.truth) * willing
    return np.asarray(
        deal.keep(
            history.truth[None, :, CAPACITY],
            motive[None],
            history.terms.deterrence_bare,
            history.terms.assistance[None],
        )
    )


def _count(history: History, name: str, happened: Bools, who: int = -1) -> None:
    """Count a transition, and note it where the history that is told is among those that made it."""
    history.counts[TRANSITIONS.index(name)] += int(happened.sum())
    if history.told is not None and bool(np.any(happened[..., history.told.number])):
        history.told.happened.append((name, who))


def _alive(history: History) -> Bools:
    return np.asarray(history.status != COLLAPSED)


def _fade(scenario: Scenario, history: History) -> None:
    left = np.swapaxes(ledger.fade(MONTH, scenario.rules["half_life"]), 0, 1)  # facet, sign, history
    history.stores[:] *= left[None, None, :, :, None]
    history.flags[:] *= ledger.fade(MONTH, scenario.rules["half_life_flag"])


def _offices(scenario: Scenario, history: History, chances: Chances, now: int) -> None:
    """Some leaders leave; what was said of them, and by them, fades by the leader's share."""
    likely, kept = 1.0 - np.exp(-scenario.rules["office_rate"]), scenario.rules["turnover_kept"]
    for who in map(int, np.flatnonzero(scenario.person)):
        left = (chances.uniform("office", str(who), now) < likely) & _alive(history)
        _count(history, "office_changes", left, who)
        cut = np.where(left, kept, 1.0)
        history.stores[:, who, :, :, LEADER] *= cut
        history.stores[who, :, :, :, LEADER] *= cut
        history.flags[:, who, LEADER] *= cut
        history.flags[who, :, LEADER] *= cut
        history.truth[who] = np.where(left, _truth(scenario, chances, who, now), history.truth[who])
        history.changed[who] |= left


def _facts(scenario: Scenario, history: History, trust: Floats, chances: Chances, now: int) -> None:
    """Months of the case's own facts come again, at its own rate."""
    bank, rules = scenario.bank, scenario.rules
    months = bank.weight.shape[1]
    if not len(bank.truster) or not months:
        return
    many = np.floor(rules["fact_rate"] + chances.uniform("facts", "how many", now))
    discount = ledger.discount(rules["hawk"], trust[:, :, INTENTION])
    for turn in range(int(many.max(initial=0.0))):
        happens = (turn < many) & _alive(history)
        _count(history, "facts_arise", happens)
        which = (chances.uniform("facts", f"which {turn}", now) * months).astype(np.int64)
        for row, (i, j, facet, sign, owner) in enumerate(
            zip(bank.truster, bank.trustee, bank.facet, bank.sign, bank.owner, strict=True)
        ):
            weight = bank.weight[row][which] * happens
            if sign == BAD:
                amount = ledger.blame(weight, 1.0, 0.0)
            else:
                doubted = discount[i, j] if facet in (INTENTION, INTEGRITY) else 0.0
                amount = ledger.credit(weight, 1.0, doubted, bank.gesture[row][which], 0.0)
            history.stores[i, j, facet, sign, owner] += amount
            history.changed[i] |= weight > 0


def _spoilers(scenario: Scenario, history: History, trust: Floats, chances: Chances, now: int) -> None:
    """Spoilers strike from a side; the other sides blame it as far as they hold it able to stop them."""
    near = (history.signed_on >= 0) & (now - history.signed_on <= MILESTONE)
    for side, rates in enumerate(history.terms.spoilers):
        likely = 1.0 - np.exp(-np.where(near, rates[1], rates[0]))
        struck = (chances.uniform("spoilers", str(side), now) < likely) & _alive(history)
        _count(history, "spoilers_strike", struck, side)
        for i in np.flatnonzero(scenario.party != side):
            for j in np.flatnonzero(scenario.party == side):
                blame = ledger.attack(struck * 1.0, trust[i, j, CAPACITY], 0.0)
                history.stores[i, j, INTENTION, BAD, STATE] += blame
            history.changed[i] |= struck


def _obligations(scenario: Scenario, history: History, trust: Floats, chances: Chances, now: int) -> None:
    """What is due under a signed text is kept or broken, as the truth has it; the others see it."""
    bound = history.status == SIGNED
    truly = true_keep(scenario, history, ~history.turned)
    discount = ledger.discount(scenario.rules["hawk"], trust[:, :, INTENTION])
    for j in range(len(scenario.veto)):
        due = bound & (chances.uniform("due", str(j), now) < scenario.rules["obligation_rate"])
        kept = due & (chances.uniform("kept", str(j), now) < truly[j, j])
        _count(history, "obligation_kept", kept, j)
        _count(history, "obligation_broken", due & ~kept, j)
        owner = LEADER if scenario.person[j] else STATE
        for i in np.flatnonzero(scenario.party != scenario.party[j]):
            for facet in range(4):
                doubted = discount[i, j] if facet in (INTENTION, INTEGRITY) else 0.0
                good = ledger.credit(kept * 1.0, scenario.kept[facet], doubted, 0.0, 0.0)
                bad = ledger.blame((due & ~kept) * 1.0, scenario.broken[facet], 0.0)
                history.stores[i, j, facet, GOOD, owner] += good
                history.stores[i, j, facet, BAD, owner] += bad
            history.changed[i] |= due


def _accepts(scenario: Scenario, history: History, trust: Floats) -> Bools:
    """Would each accept the text by what he believes now?"""
    spare = keep(scenario, history.terms, trust) - history.terms.threshold
    return np.asarray(spare + scenario.rules["decision_noise"] * history.noise > 0)


def _renew(history: History, chances: Chances, now: int) -> None:
    """Noise is drawn again only where something before a decision-maker changed."""
    for i in range(len(history.noise)):
        fresh = _logit(chances.uniform("noise", str(i), now))
        history.noise[i] = np.where(history.changed[i], fresh, history.noise[i])
    history.changed[:] = False


def _offer(scenario: Scenario, history: History, accepts: Bools, chances: Chances, now: int) -> Bools:
    """The text is put to them, and signed or refused; talks break off or resume.  Gives who signed."""
    rules = scenario.rules
    offered = (history.status == TALKS) & (
        history.put | (chances.uniform("offer", "", now) < rules["offer_rate"])
    )
    history.put[:] = False
    agreed = (accepts | ~history.needed).all(axis=0) & history.takes_part
    signed, refused = offered & agreed, offered & ~agreed
    breaks = refused & (chances.uniform("break", "", now) < rules["break_rate"])
    resumes = (history.status == BROKEN_OFF) & (chances.uniform("resume", "", now) < rules["resume_rate"])
    for name, happened in (
        ("text_signed", signed),
        ("text_refused", refused),
        ("talks_break_off", breaks),
        ("talks_resume", resumes),
    ):
        _count(history, name, happened)
    history.status[signed], history.status[breaks], history.status[resumes] = SIGNED, BROKEN_OFF, TALKS
    history.signed_on[signed] = now
    history.accepted[:] = np.where(signed, accepts, history.accepted)
    return np.asarray(signed)


def _smallest(scenario: Scenario, history: History, willing: Bools) -> Floats:
    """The smallest true keep index among those who can stop the carrying out, shape (R,)."""
    kept = deal.block(scenario.wrecking[None], true_keep(scenario, history, willing))
    themselves = np.eye(len(scenario.veto), dtype=bool)[..., None]
    whole = np.prod(np.where(themselves, 1.0, kept), axis=1)
    return np.asarray(np.where(history.needed_later, whole, 1.0).min(axis=0))


def _carry_out(
    scenario: Scenario, history: History, accepts: Bools, fresh: Bools, chances: Chances, now: int
) -> None:
    """A signed text ends by its monthly hazard, or goes on to its next step."""
    rules, alive = scenario.rules, (history.status == SIGNED) | (history.status == CARRIED_OUT)
    turned = history.accepted & ~accepts & alive
    for who, away in enumerate(turned & ~history.turned):
        _count(history, "turns_away", away, who)
    history.turned[:] = turned
    smallest = _smallest(scenario, history, ~turned)
    age = np.where(alive, now - history.signed_on, 0)
    shift = np.exp(-rules["keep_weight"] * (smallest - rules["keep_centre"]) + history.terms.log_ratios)
    hazard = (_baseline(age + 1) - _baseline(age)) * scenario.multiplier * shift
    ends = alive & (chances.uniform("end", "", now) < 1.0 - np.exp(-hazard))
    _count(history, "collapses", ends)
    history.status[ends], history.ended_on[ends] = COLLAPSED, now
    length = np.maximum(1, np.round(rules["step_months"])).astype(np.int64)
    due = (history.status == SIGNED) & ~fresh & (age > 0) & (age % length == 0) & ~turned.any(axis=0)
    _count(history, "step_done", due)
    history.step[due] += 1
    done = due & (history.step >= history.terms.steps)
    _count(history, "carried_out", done)
    history.status[done] = CARRIED_OUT


_TABLE = np.array([durability.baseline(months * MONTH) for months in range(1201)])


def _baseline(months: NDArray[np.int64]) -> Floats:
    return np.asarray(_TABLE[np.minimum(months, len(_TABLE) - 1)])


class Event(NamedTuple):
    """One thing that a move does in one month; arrays of shape (h,)."""

    move: str  # events of one move share its consent and its failure
    month: int
    kind: str  # fact, meeting, terms or put
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
    terms: Terms | None = None
    only_signed: bool = False


def _act(
    scenario: Scenario, history: History, trust: Floats, event: Event, chances: Chances, now: int
) -> None:
    """Let one move do what it does, where those agree who must."""
    takes_place = _alive(history) & (chances.uniform("agreed", event.move, 0) < event.consent)
    if event.only_signed:
        takes_place &= (history.status == SIGNED) | (history.status == CARRIED_OUT)
    if event.kind == "put":
        history.put[:] |= takes_place
    elif event.kind == "terms" and event.terms is not None:
        _new_terms(history, event.terms, takes_place & (history.status <= BROKEN_OFF), chances)
    elif event.kind == "fact":
        _one_fact(scenario, history, trust, event, takes_place)
    else:
        _meet(scenario, history, event, takes_place, chances, now)


def _new_terms(history: History, new: Terms, where: Bools, chances: Chances) -> None:
    for old, item in zip(history.terms, new, strict=True):
        old[:] = np.where(where, item, old)
    history.takes_part[:] = chances.uniform("consent", "", 0) < history.terms.consent
    history.changed[:] |= where


def _one_fact(scenario: Scenario, history: History, trust: Floats, event: Event, where: Bools) -> None:
    i, j = event.truster, event.trustee
    weight = event.weight * where
    if event.sign == BAD:
        amount = ledger.blame(weight, 1.0, 0.0)
    else:
        doubted = ledger.discount(scenario.rules["hawk"], trust[i, j, INTENTION])
        doubted = doubted * (event.facet in (INTENTION, INTEGRITY))
        amount = ledger.credit(weight, 1.0, doubted, event.gesture, 0.0)
    history.stores[i, j, event.facet, event.sign, event.owner] += amount
    history.changed[i] |= where


def _meet(
    scenario: Scenario, history: History, event: Event, where: Bools, chances: Chances, now: int
) -> None:
    """Read a face (Bond and DePaulo 2006); a failure in public makes erratic, and sceptics stronger."""
    i, j, pair = event.truster, event.trustee, f"{event.truster}:{event.trustee}"
    honest = chances.uniform("type", str(j), 0) < history.truth[j, INTENTION]
    lean = np.where(honest, 0.5, -0.5)
    shift = event.weight * (chances.normal("face", pair, now) + lean * event.weight)
    shift = (shift + event.bonding + event.bonding_sd * chances.normal("bonding", pair, now)) * where
    history.stores[i, j, INTENTION, GOOD, LEADER] += np.maximum(shift, 0.0)
    history.stores[i, j, INTENTION, BAD, LEADER] += np.maximum(-shift, 0.0)
    failed = where & (chances.uniform("failure", event.move, now) < event.failure)
    history.stores[i, j, PREDICTABILITY, BAD, LEADER] += ledger.blame(failed * 1.0, event.blame, 0.0)
    for k in np.flatnonzero((scenario.party == scenario.party[i]) & ~scenario.person):
        history.needed[k] |= failed & (chances.uniform("sceptics", f"{k}:{event.move}", now) < event.sceptics)
    history.changed[i] |= where


def month(
    scenario: Scenario, history: History, chances: Chances, now: int, events: Sequence[Event] = ()
) -> None:
    """Bring all histories forward by one month, in place; `now` counts from 1."""
    _fade(scenario, history)
    _offices(scenario, history, chances, now)
    trust = beliefs(scenario, history)
    for event in events:
        if event.month == now:
            _act(scenario, history, trust, event, chances, now)
    _facts(scenario, history, trust, chances, now)
    _spoilers(scenario, history, trust, chances, now)
    _obligations(scenario, history, trust, chances, now)
    _renew(history, chances, now)
    accepts = _accepts(scenario, history, beliefs(scenario, history))
    fresh = _offer(scenario, history, accepts, chances, now)
    _carry_out(scenario, history, accepts, fresh, chances, now)


def run(
    scenario: Scenario,
    months: int,
    histories: int,
    *,
    seed: int,
    first: int = 0,
    events: Sequence[Event] = (),
    chances: Chances | None = None,
) -> History:
    """Run histories `first` to `first + histories` for some months.

    Parameters
    ----------
    events
        What moves do, and when.
    chances
        Chances drawn before, of the same seed and histories: plans are compared on the same ones.
    """
    known = chances or Chances(seed, first, histories)
    history = begin(scenario, known)
    for now in range(1, months + 1):
        month(scenario, history, known, now, events)
    return history


def tell(
    scenario: Scenario,
    months: int,
    number: int,
    *,
    chances: Chances,
    events: Sequence[Event] = (),
) -> list[tuple[int, list[tuple[str, int]], int]]:
    """Run all histories again, and give of one of them, month by month, what happened and its state."""
    told = Told(number, [])
    history, found = begin(scenario, chances)._replace(told=told), []
    for now in range(1, months + 1):
        month(scenario, history, chances, now, events)
        found.append((now, told.happened.copy(), int(history.status[number])))
        told.happened.clear()
    return found


def spread(scenario: Scenario, each: int) -> Scenario:
    """Give every draw of the last axis `each` histories of its own, draw by draw."""

    def repeat(array: Floats) -> Floats:
        return np.repeat(array, each, axis=-1)

    return Scenario(
        prior=repeat(scenario.prior),
        stores=repeat(scenario.stores),
        flags=repeat(scenario.flags),
        truth=repeat(scenario.truth),
        truth_doubt=repeat(scenario.truth_doubt),
        party=scenario.party,
        person=scenario.person,
        wrecking=repeat(scenario.wrecking),
        veto=repeat(scenario.veto),
        veto_implementation=repeat(scenario.veto_implementation),
        terms=Terms(*(repeat(item) for item in scenario.terms)),
        multiplier=repeat(scenario.multiplier),
        kept=repeat(scenario.kept),
        broken=repeat(scenario.broken),
        bank=scenario.bank,
        rules={name: repeat(value) for name, value in scenario.rules.items()},
    )
