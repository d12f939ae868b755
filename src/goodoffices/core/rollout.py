"""Histories run forward month by month, many at once (NumPy): docs/discussion/simulation.md in code.

State in, state out.  Rules are those of `core/ledger.py`, `core/deal.py` and `core/durability.py`;
this driver only orders them within a month.  It is the oracle of the compiled one (`core/lanes.py`):
the same chances, the same histories.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import deal, durability, ledger
from goodoffices.core.chances import Chances
from goodoffices.core.stage import (
    BAD,
    BROKEN_OFF,
    CAPACITY,
    CARRIED_OUT,
    COLLAPSED,
    FACT,
    GOOD,
    INTEGRITY,
    INTENTION,
    LEADER,
    MEETING,
    MILESTONE,
    MONTH,
    PREDICTABILITY,
    PUT,
    SIGNED,
    STATE,
    TALKS,
    TERMS,
    TRANSITIONS,
    Event,
    Scenario,
    Schedule,
    Terms,
)

__all__ = ["BASELINE", "History", "begin", "beliefs", "believed", "month", "run", "tell", "worth"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BASELINE = np.array([durability.baseline(months * MONTH) for months in range(1201)])
NOTHING = Schedule()


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
    changes: NDArray[np.int64]  # (R,) the changes of the text that took place, a sum of bits
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
    good: Bools  # (R,) worth it in truth to all who were needed when it was signed
    changed: Bools  # (n, R): something before him changed this month
    put: Bools  # (R,) the text is put to them this month
    counts: NDArray[np.int64]  # (transition, R)
    told: "Told | None" = None  # one history told month by month


def _whole(array: Floats, size: int) -> Floats:
    """Give every history its own copy."""
    return np.array(np.broadcast_to(array, (*array.shape[:-1], size)))


def _logit(u: Floats) -> Floats:
    return np.asarray(np.log(u / (1.0 - u)))


def begin(scenario: Scenario, chances: Chances) -> History:
    """All histories at the day of the reading."""
    n, size = len(scenario.veto), chances.n

    def drawn(purpose: str) -> Floats:
        return np.array([chances.uniform(purpose, key, 0) for key in scenario.keys]).reshape(n, size)

    return History(
        stores=_whole(scenario.stores, size),
        flags=_whole(scenario.flags, size),
        truth=np.array([_truth(scenario, chances, i, 0) for i in range(n)]).reshape(n, 4, size),
        terms=Terms(*(_whole(item, size) for item in scenario.terms)),
        changes=np.zeros(size, np.int64),
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
        good=np.zeros(size, bool),
        changed=np.zeros((n, size), bool),
        put=np.zeros(size, bool),
        counts=np.zeros((len(TRANSITIONS), size), np.int64),
    )


def _truth(scenario: Scenario, chances: Chances, who: int, month: int) -> Floats:
    """How trustworthy one is on each facet, shape (4, R)."""
    rows = [
        ledger.trust(
            scenario.truth[who, f]
            + scenario.truth_doubt[who, f] * chances.normal("truth", f"{scenario.keys[who]}:{f}", month),
            0.0,
        )
        for f in range(4)
    ]
    return np.array(rows)


def beliefs(scenario: Scenario, history: History) -> Floats:
    """What each believes of each on every facet, shape (n, n, 4, R)."""
    return believed(scenario.prior, history.stores, history.flags)


def believed(prior: Floats, stores: Floats, flags: Floats) -> Floats:
    """Trust on every facet from priors, stores and flags, shape (n, n, 4, R)."""
    held = stores.sum(axis=4)
    level = prior + held[:, :, :, GOOD] - held[:, :, :, BAD]
    flagged = np.zeros_like(level)
    flagged[:, :, INTEGRITY] = ledger.ceiling(flags).max(axis=2)
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
    return _all_others(scenario, terms, trust[:, :, CAPACITY], _motive(scenario, trust))


def _all_others(scenario: Scenario, terms: Terms, capacity: Floats, motive: Floats) -> Floats:
    kept = deal.keep(capacity, motive, terms.deterrence, terms.assistance[None])
    left = deal.block(scenario.wrecking[None], kept)
    others = scenario.party[:, None] != scenario.party[None, :]
    return np.asarray(np.prod(np.where(others[..., None], left, 1.0), axis=1))


def worth(scenario: Scenario, history: History) -> Bools:
    """Would the text, as all truly are, be worth it to everybody who is needed? Shape (R,)."""
    truth = history.truth
    kept = _all_others(scenario, history.terms, truth[None, :, CAPACITY], _motive(scenario, truth)[None])
    return np.asarray(((kept >= history.terms.threshold) | ~history.needed).all(axis=0))


def true_keep(scenario: Scenario, history: History, willing: Bools) -> Floats:
    """How far each would keep the text, as it is and without guarantors, shape (n, R)."""
    motive = _motive(scenario, history.truth) * willing
    terms = history.terms
    return np.asarray(deal.keep(history.truth[:, CAPACITY], motive, terms.deterrence_bare, terms.assistance))


def _count(history: History, name: str, happened: Bools, who: int = -1) -> None:
    """Count a transition, and note it where the history that is told is among those that made it."""
    history.counts[TRANSITIONS.index(name)] += happened
    if history.told is not None and bool(happened[history.told.number]):
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
        left = (chances.uniform("office", scenario.keys[who], now) < likely) & _alive(history)
        _count(history, "office_changes", left, who)
        cut = np.where(left, kept, 1.0)
        history.stores[:, who, :, :, LEADER] *= cut
        history.stores[who, :, :, :, LEADER] *= cut
        history.flags[:, who, LEADER] *= cut
        history.flags[who, :, LEADER] *= cut
        history.truth[who] = np.where(left, _truth(scenario, chances, who, now), history.truth[who])
        history.changed[who] |= left
        history.changed[scenario.party != scenario.party[who]] |= left


def _facts(scenario: Scenario, history: History, trust: Floats, chances: Chances, now: int) -> None:
    """Months of the case's own facts come again, at its own rate."""
    bank, rules = scenario.bank, scenario.rules
    months = bank.weight.shape[1]
    if not len(bank.truster) or not months:
        return
    many = np.floor(rules["fact_rate"] + chances.uniform("facts", "how many", now))
    for turn in range(int(many.max(initial=0.0))):
        happens = (turn < many) & _alive(history)
        _count(history, "facts_arise", happens)
        which = (chances.uniform("facts", f"which {turn}", now) * months).astype(np.int64)
        for row in range(len(bank.truster)):
            i, j, facet, sign, owner = (int(column[row]) for column in bank[:5])
            weight = bank.weight[row][which] * happens
            _push(scenario, history, trust, (i, j, facet, sign, owner), weight, bank.gesture[row][which])
            history.changed[i] |= weight > 0


def _push(
    scenario: Scenario,
    history: History,
    trust: Floats,
    cell: tuple[Any, int, int, int, int],
    weight: Any,
    gesture: Floats | float,
) -> None:
    """Put conduct of one's own choice into the store that it belongs to."""
    i, j, facet, sign, owner = cell
    if sign == BAD:
        amount = ledger.blame(weight, 1.0, 0.0)
    else:
        doubted = ledger.discount(scenario.rules["hawk"], trust[i, j, INTENTION])
        doubted = doubted * (facet in (INTENTION, INTEGRITY))
        amount = ledger.credit(weight, 1.0, doubted, gesture, 0.0)
    history.stores[i, j, facet, sign, owner] += amount


def _spoilers(scenario: Scenario, history: History, trust: Floats, chances: Chances, now: int) -> None:
    """Spoilers strike from a side; the other sides blame it as far as they hold it able to stop them."""
    near = (history.signed_on >= 0) & (now - history.signed_on <= MILESTONE)
    for side, likely in enumerate(history.terms.strikes):
        chance = chances.uniform("spoilers", scenario.side_keys[side], now)
        struck = (chance < np.where(near, likely[1], likely[0])) & _alive(history)
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
    for j, key in enumerate(scenario.keys):
        due = bound & (chances.uniform("due", key, now) < scenario.rules["obligation_rate"])
        kept = due & (chances.uniform("kept", key, now) < truly[j])
        _count(history, "obligation_kept", kept, j)
        _count(history, "obligation_broken", due & ~kept, j)
        owner = LEADER if scenario.person[j] else STATE
        for i in np.flatnonzero(scenario.party != scenario.party[j]):
            for facet in range(4):
                good, bad = kept * scenario.kept[facet], (due & ~kept) * scenario.broken[facet]
                _push(scenario, history, trust, (i, j, facet, GOOD, owner), good, 0.0)
                _push(scenario, history, trust, (i, j, facet, BAD, owner), bad, 0.0)
            history.changed[i] |= due


def _act(
    scenario: Scenario,
    history: History,
    trust: Floats,
    event: Event,
    plan: Schedule,
    chances: Chances,
    now: int,
) -> None:
    """Let one move do what it does, where those agree who must."""
    takes_place = _alive(history) & (chances.uniform("agreed", event.agreed, 0) < event.consent)
    if event.only_signed:
        takes_place &= (history.status == SIGNED) | (history.status == CARRIED_OUT)
    if event.kind == PUT:
        history.put[:] |= takes_place
    elif event.kind == TERMS:
        _new_terms(history, event, plan, takes_place & (history.status <= BROKEN_OFF), chances)
    elif event.kind == FACT:
        cell = (event.truster, event.trustee, event.facet, event.sign, event.owner)
        _push(scenario, history, trust, cell, event.weight * takes_place, event.gesture)
        history.changed[event.truster] |= takes_place
    elif event.kind == MEETING:
        _meet(scenario, history, event, takes_place, chances, now)


def _new_terms(history: History, event: Event, plan: Schedule, where: Bools, chances: Chances) -> None:
    """Put the text with all its changes so far in the place of the old one."""
    history.changes[where] |= event.bit
    for found in np.unique(history.changes[where]):
        these = where & (history.changes == found)
        for old, item in zip(history.terms, plan.texts[plan.of[found]], strict=True):
            old[:] = np.where(these, item, old)
    history.takes_part[:] = chances.uniform("consent", "", 0) < history.terms.consent
    history.changed[:] |= where


def _meet(
    scenario: Scenario, history: History, event: Event, where: Bools, chances: Chances, now: int
) -> None:
    """Read a face (Bond and DePaulo 2006); a failure in public makes erratic, and sceptics stronger."""
    i, j = event.truster, event.trustee
    pair = f"{scenario.keys[i]}:{scenario.keys[j]}"
    honest = chances.uniform("type", scenario.keys[j], 0) < history.truth[j, INTENTION]
    lean = np.where(honest, 0.5, -0.5)
    shift = event.weight * (chances.normal("face", pair, now) + lean * event.weight)
    shift = (shift + event.bonding + event.bonding_sd * chances.normal("bonding", pair, now)) * where
    history.stores[i, j, INTENTION, GOOD, LEADER] += np.maximum(shift, 0.0)
    history.stores[i, j, INTENTION, BAD, LEADER] += np.maximum(-shift, 0.0)
    failed = where & (chances.uniform("failure", event.move, now) < event.failure)
    history.stores[i, j, PREDICTABILITY, BAD, LEADER] += ledger.blame(failed * 1.0, event.blame, 0.0)
    for k in np.flatnonzero((scenario.party == scenario.party[i]) & ~scenario.person):
        chance = chances.uniform("sceptics", f"{scenario.keys[k]}:{event.move}", now)
        history.needed[k] |= failed & (chance < event.sceptics)
    history.changed[i] |= where


def _accepts(scenario: Scenario, history: History, trust: Floats) -> Bools:
    """Would each accept the text by what he believes now?"""
    spare = keep(scenario, history.terms, trust) - history.terms.threshold
    return np.asarray(spare + scenario.rules["decision_noise"] * history.noise > 0)


def _renew(scenario: Scenario, history: History, chances: Chances, now: int) -> None:
    """Noise is drawn again only where something before a decision-maker changed."""
    for i, key in enumerate(scenario.keys):
        fresh = _logit(chances.uniform("noise", key, now))
        history.noise[i] = np.where(history.changed[i], fresh, history.noise[i])
    history.changed[:] = False


def _offer(
    scenario: Scenario, history: History, accepts: Bools, chances: Chances, now: int, horizon: int
) -> Bools:
    """The text is put to them, and signed or refused; talks break off or resume.  Gives who signed."""
    rules = scenario.rules
    offered = (history.status == TALKS) & (
        history.put | (chances.uniform("offer", "", now) < rules["offer_rate"])
    )
    offered &= now <= horizon
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
    history.good[:] = np.where(signed, worth(scenario, history), history.good)
    return np.asarray(signed)


def _smallest(scenario: Scenario, history: History, willing: Bools) -> Floats:
    """The smallest true keep index among those who can stop the carrying out, shape (R,)."""
    left = deal.block(scenario.wrecking, true_keep(scenario, history, willing))
    themselves = np.eye(len(scenario.veto), dtype=bool)[..., None]
    whole = np.prod(np.where(themselves, 1.0, left[None]), axis=1)
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
    hazard = durability.monthly(
        BASELINE[age + 1] - BASELINE[age],
        scenario.multiplier,
        smallest,
        rules["keep_centre"],
        rules["keep_weight"],
        history.terms.log_ratios,
    )
    ends = alive & (chances.uniform("end", "", now) < hazard)
    _count(history, "collapses", ends)
    history.status[ends], history.ended_on[ends] = COLLAPSED, now
    length = np.maximum(1, np.floor(rules["step_months"] + 0.5)).astype(np.int64)
    due = (history.status == SIGNED) & ~fresh & (age > 0) & (age % length == 0) & ~turned.any(axis=0)
    _count(history, "step_done", due)
    history.step[due] += 1
    done = due & (history.step >= history.terms.steps)
    _count(history, "carried_out", done)
    history.status[done] = CARRIED_OUT


def month(
    scenario: Scenario,
    history: History,
    chances: Chances,
    now: int,
    plan: Schedule = NOTHING,
    horizon: int = 10**6,
) -> None:
    """Bring all histories forward by one month, in place; `now` counts from 1."""
    _fade(scenario, history)
    _offices(scenario, history, chances, now)
    trust = beliefs(scenario, history)
    for event in plan.events:
        if event.month == now:
            _act(scenario, history, trust, event, plan, chances, now)
    _facts(scenario, history, trust, chances, now)
    _spoilers(scenario, history, trust, chances, now)
    _obligations(scenario, history, trust, chances, now)
    _renew(scenario, history, chances, now)
    accepts = _accepts(scenario, history, beliefs(scenario, history))
    fresh = _offer(scenario, history, accepts, chances, now, horizon)
    _carry_out(scenario, history, accepts, fresh, chances, now)


def run(
    scenario: Scenario,
    months: int,
    chances: Chances,
    plan: Schedule = NOTHING,
    horizon: int = 10**6,
) -> History:
    """Run the histories of `chances` for some months.

    Parameters
    ----------
    plan
        What moves do, and when.
    horizon
        Last month in which the text may be signed.
    """
    history = begin(scenario, chances)
    for now in range(1, months + 1):
        month(scenario, history, chances, now, plan, horizon)
    history.good[:] = np.where(history.signed_on >= 0, history.good, worth(scenario, history))
    return history


def tell(
    scenario: Scenario,
    months: int,
    number: int,
    chances: Chances,
    plan: Schedule = NOTHING,
    horizon: int = 10**6,
) -> list[tuple[int, list[tuple[str, int]], int]]:
    """Run all histories again, and give of one of them, month by month, what happened and its state."""
    told = Told(number, [])
    history, found = begin(scenario, chances)._replace(told=told), []
    for now in range(1, months + 1):
        month(scenario, history, chances, now, plan, horizon)
        found.append((now, told.happened.copy(), int(history.status[number])))
        told.happened.clear()
    return found
