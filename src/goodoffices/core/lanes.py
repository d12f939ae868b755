"""Histories run forward in lanes: up to 64 of one draw side by side, month by month.

The model, the chances and the histories are those of `core/rollout.py`; only the order of the work
differs.  Every function is plain Python on arrays and is compiled by `core/lanes_cpu.py` or
`core/lanes_gpu.py`; the last axis of what changes is the lane, and loops over lanes have no branch
where that pays, so that they become packed instructions.

Stores are kept as they would have been on the first day (`store / fade`), so that nothing has to be
touched because a month has passed; beliefs are kept only across sides.  Things stand together in few
arrays, in rows with the names below, because a compiled call pays for every array that it is given.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from goodoffices.core.deal import block, keep, motive
from goodoffices.core.durability import monthly
from goodoffices.core.elementary import cos_turn, log, maximum
from goodoffices.core.ledger import attack, blame, ceiling, credit, discount, fade, trust

__all__ = ["INNER", "OUTER", "Acts", "Lane", "Stage", "Texts", "mean_trust", "row_of", "run_block"]

Array = Any  # float64, but for stores (which may be float32) and what counts (int64)
WIDTH = 64  # histories side by side
# rows of `Lane`
STATUS, STEP, SIGNED_ON, ENDED_ON, GOOD, PUT, FRESH, TAKES_PART, CHANGES = range(9)  # one
NEEDED, LATER, ACCEPTS, ACCEPTED, TURNED, CHANGED = range(6)  # who
THRESHOLD, BARE, ASSISTANCE, NOISE, WHOLE, LEFT = range(6)  # own
DETERRENCE, FLAG_KEPT, SEEN = range(3)  # about
CHANCE, RATIOS, STEPS = range(3)  # plain
# columns of `Stage`
PARTY, PERSON = range(2)  # people
PRIOR, FLAGS = 0, 4  # about
TRUTH, DOUBT, WRECKING, VETO, VETO_LATER = 0, 4, 8, 9, 10  # own
(HAWK, TURNOVER_KEPT, TESTED, VOLATILITY, NOISY, CENTRE, WEIGHT, LEAVES, FACT_RATE, DUE, OFFER, BREAK, RESUME,
 STEP_MONTHS, FLAG_LIFE, MULTIPLIER, OBLIGATION) = range(17)  # rules  # fmt: skip
LIFE = OBLIGATION + 8
ONCE_VETO, ONCE_LATER, ONCE_TYPE, ONCE_CONSENT = range(4)  # once
# columns of `Acts`
MONTHS, KIND, ABOUT, TRUSTER, TRUSTEE, FACET, SIGN, OWNER, ONLY = range(9)  # what
CONSENT, SIZE, GESTURE, BONDING, BONDING_SD, FAILURE, BLAME, SCEPTICS = range(8)  # sizes
# first columns of the keys of each purpose
OFFICE, STRIKE, DUES, KEPT, NOISES, TRUTHS, ENDS, MANY, WHICH, FACE, BOND = range(11)
_OFFERED, _BROKEN, _RESUMED, _ENDED = range(4)  # after `ENDS`
# transitions, in the order of `core/stage.py`
(T_OFFICE, T_FACTS, T_STRIKE, T_KEPT, T_BROKEN, T_SIGNED, T_REFUSED, T_BREAK, T_RESUME, T_STEP, T_DONE,
 T_TURN, T_END) = range(13)  # fmt: skip
TALKS, BROKEN_OFF, SIGNED, CARRIED_OUT, COLLAPSED = range(5)
CAPACITY, INTENTION, INTEGRITY, PREDICTABILITY = range(4)
BAD, LEADER = 1, 1
MEETING, TERMS = 1, 2
MONTH = 1.0 / 12.0
MILESTONE = 6


class Stage(NamedTuple):
    """What no plan changes; n decision-makers, P beliefs across sides, D draws, S sides."""

    beliefs: Array  # (P, 2): truster, trustee
    belief: Array  # (n, n): place of a belief, or -1
    people: Array  # (n, 2): party, person
    about: Array  # (D, P, 6): prior on four facets; flags of state and leader
    stores: Array  # (D, row): see `row_of`
    own: Array  # (D, n, 11): truth and its doubt on four facets, wrecking, veto, veto later
    rules: Array  # (D, 33): rules; obligation (2 signs, 4 facets); half-lives (2, 4)
    starts: Array  # (months of facts + 1,): where the facts of each month stand
    cells: Array  # (fact, 4): row, belief, place of its fade, owner
    sizes: Array  # (fact, 3): weight, gesture, whether it may be explained away
    alerted: Array  # (months of facts, n): whose view changes
    hazard: Array  # (months + 1,): baseline hazard of each month since signing
    columns: Array  # (11,)
    keys: Array  # (months + 1, column) uint64
    once: Array  # (4, n) uint64


class Texts(NamedTuple):
    """A text under V sets of changes."""

    own: Array  # (V, D, n, 3): threshold, deterrence without guarantors, assistance
    deterrence: Array  # (V, D, P)
    plain: Array  # (V, D, 3): consent, log ratios, steps
    strikes: Array  # (V, D, S, 2)
    of: Array  # (sets,): set of changes -> V


class Acts(NamedTuple):
    """Events in order of month; E events."""

    what: Array  # (E, 9)
    keys: Array  # (E, 2 + n) uint64: consent, failure, sceptics
    sizes: Array  # (E, 8, D)


class Lane(NamedTuple):
    """Histories side by side; L lanes."""

    counter: Array  # (L,) uint64
    stores: Array  # (row, L): see `row_of`
    one: Array  # (9, L)
    who: Array  # (6, n, L)
    own: Array  # (6, n, L)
    about: Array  # (3, P, L)
    plain: Array  # (3, L)
    truth: Array  # (n, 4, L)
    strikes: Array  # (S, 2, L)
    held: Array  # (4, L): trust on each facet, of those who decide
    places: Array  # (L,): who decides this month
    fades: Array  # (2 signs, 4 facets)
    grown: Array  # (8,): fades turned round


def row_of(beliefs: Any, sign: Any, p: Any, f: Any) -> Any:
    """Row of a store; the leader's part of it is the next one."""
    return ((sign * beliefs + p) * 4 + f) * 2


def draw(key: Any, counter: Any) -> Any:
    """One chance, strictly between 0 and 1: `draws.uniform_at`."""
    z = key + (counter + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (np.float64(np.int64(z >> np.uint64(12))) + 0.5) * 2.0**-52


def draw_normal(key: Any, counter: Any) -> Any:
    """One standard normal chance: `draws.normal_at`."""
    turn = draw(key ^ np.uint64(0x5DEECE66D1234567), counter)
    return math.sqrt(-2.0 * log(draw(key, counter))) * cos_turn(turn)


def draw_all(key: Any, counter: Array, out: Array) -> None:
    """One chance for every lane."""
    for k in range(len(counter)):
        out[k] = draw(key, counter[k])


def draw_truth(stage: Stage, lane: Lane, d: Any, j: Any, now: Any, first: Any, last: Any) -> None:
    """How trustworthy one is, in some lanes."""
    column = stage.columns[TRUTHS] + 4 * j
    for f in range(4):
        level, doubt, key = (
            stage.own[d, j, TRUTH + f],
            stage.own[d, j, DOUBT + f],
            stage.keys[now, column + f],
        )
        out, counter = lane.truth[j, f, first:last], lane.counter[first:last]
        for k in range(len(out)):
            out[k] = trust(level + doubt * draw_normal(key, counter[k]), 0.0)


def fill(out: Array, value: Any) -> None:
    """Give every lane the same."""
    for k in range(len(out)):
        out[k] = value


def set_text(stage: Stage, texts: Texts, lane: Lane, d: Any, v: Any, first: Any, last: Any) -> None:
    """Put the text under one set of changes before some lanes."""
    for i in range(len(stage.people)):
        for item in range(3):
            fill(lane.own[THRESHOLD + item, i, first:last], texts.own[v, d, i, item])
    for p in range(len(stage.beliefs)):
        fill(lane.about[DETERRENCE, p, first:last], texts.deterrence[v, d, p])
    for s in range(lane.strikes.shape[0]):
        for near in range(2):
            fill(lane.strikes[s, near, first:last], texts.strikes[v, d, s, near])
    fill(lane.plain[RATIOS, first:last], texts.plain[v, d, 1])
    fill(lane.plain[STEPS, first:last], texts.plain[v, d, 2])
    below(stage.once[ONCE_CONSENT, 0], texts.plain[v, d, 0], lane.counter, lane.one[TAKES_PART], first, last)


def below(key: Any, limit: Any, counter: Array, out: Array, first: Any, last: Any) -> None:
    """Whether a chance lies below a limit, in some lanes."""
    for k in range(first, last):
        out[k] = draw(key, counter[k]) < limit


def begin_lane(stage: Stage, texts: Texts, lane: Lane, d: Any) -> None:
    """All histories of a block at the day of the reading."""
    width = len(lane.counter)
    for row in range(lane.stores.shape[0]):
        fill(lane.stores[row], stage.stores[d, row])
    lane.about[FLAG_KEPT] = 1.0
    lane.one[:] = 0
    lane.who[:] = 0
    for i in range(len(stage.people)):
        draw_truth(stage, lane, d, i, 0, 0, width)
        draw_noise(stage.keys[0, stage.columns[NOISES] + i], lane.counter, lane.own[NOISE, i])
        below(stage.once[ONCE_VETO, i], stage.own[d, i, VETO], lane.counter, lane.who[NEEDED, i], 0, width)
        later = stage.own[d, i, VETO_LATER]
        below(stage.once[ONCE_LATER, i], later, lane.counter, lane.who[LATER, i], 0, width)
    set_text(stage, texts, lane, d, 0, 0, width)
    lane.one[SIGNED_ON] = -1
    lane.one[ENDED_ON] = -1


def draw_noise(key: Any, counter: Array, out: Array) -> None:
    """Decision noise in log-odds for every lane."""
    for k in range(len(counter)):
        u = draw(key, counter[k])
        out[k] = log(u / (1.0 - u))


def offices(stage: Stage, lane: Lane, d: Any, now: Any, counts: Array) -> None:
    """Some leaders leave."""
    for j in range(len(stage.people)):
        if stage.people[j, PERSON]:
            draw_all(stage.keys[now, stage.columns[OFFICE] + j], lane.counter, lane.plain[CHANCE])
            for k in range(len(lane.counter)):
                if lane.plain[CHANCE, k] < stage.rules[d, LEAVES] and lane.one[STATUS, k] != COLLAPSED:
                    leave(stage, lane, d, j, now, k)
                    counts[T_OFFICE] += 1


def leave(stage: Stage, lane: Lane, d: Any, j: Any, now: Any, k: Any) -> None:
    """What was said of a leader who leaves, and by him, fades by the leader's share."""
    kept = stage.rules[d, TURNOVER_KEPT]
    for p in range(len(stage.beliefs)):
        if stage.beliefs[p, 0] == j or stage.beliefs[p, 1] == j:
            for sign in range(2):
                for f in range(4):
                    row = row_of(len(stage.beliefs), sign, p, f)
                    lane.stores[row, k] -= (1.0 - kept) * lane.stores[row + 1, k]
                    lane.stores[row + 1, k] *= kept
            lane.about[FLAG_KEPT, p, k] *= kept
    draw_truth(stage, lane, d, j, now, k, k + 1)
    lane.who[CHANGED, j, k] = 1
    for i in range(len(stage.people)):
        if stage.belief[i, j] >= 0:
            lane.who[CHANGED, i, k] = 1


def believed(prior: Any, good: Any, bad: Any, held: Array, against: Array, out: Array) -> None:
    """Trust on one facet, but for flags, in every lane."""
    for k in range(len(out)):
        out[k] = trust(prior + good * held[k] - bad * against[k], 0.0)


def see(stage: Stage, lane: Lane, d: Any) -> None:
    """Trust in intention as the month begins."""
    many, good, bad = len(stage.beliefs), lane.fades[0, INTENTION], lane.fades[1, INTENTION]
    for p in range(many):
        held, against = row_of(many, 0, p, INTENTION), row_of(many, 1, p, INTENTION)
        prior, out = stage.about[d, p, INTENTION], lane.about[SEEN, p]
        believed(prior, good, bad, lane.stores[held], lane.stores[against], out)


def add(lane: Lane, row: Any, place: Any, owner: Any, amount: Any, k: Any) -> None:
    """Add to a store, as it would have been on the first day."""
    grown = amount * lane.grown[place]
    lane.stores[row, k] += grown
    if owner == LEADER:
        lane.stores[row + 1, k] += grown


def push(
    stage: Stage, lane: Lane, d: Any, p: Any, f: Any, sign: Any, owner: Any, weight: Any, size: Any, k: Any
) -> None:
    """Put conduct of one's own choice into the store that it belongs to."""
    if sign == BAD:
        amount = blame(weight, 1.0, 0.0)
    else:
        doubted = discount(stage.rules[d, HAWK], lane.about[SEEN, p, k])
        doubted *= f in (INTENTION, INTEGRITY)
        amount = credit(weight, 1.0, doubted, size, 0.0)
    add(lane, row_of(len(stage.beliefs), sign, p, f), sign * 4 + f, owner, amount, k)


def new_texts(stage: Stage, texts: Texts, acts: Acts, lane: Lane, d: Any, now: Any) -> None:
    """Changes of the text take place, and texts are put, before anything else of the month."""
    for e in range(len(acts.what)):
        if acts.what[e, MONTHS] == now and acts.what[e, KIND] >= TERMS:
            draw_all(acts.keys[e, 0], lane.counter, lane.plain[CHANCE])
            for k in range(len(lane.counter)):
                status = lane.one[STATUS, k]
                if lane.plain[CHANCE, k] < acts.sizes[e, CONSENT, d] and status != COLLAPSED:
                    if acts.what[e, KIND] > TERMS:
                        lane.one[PUT, k] = 1
                    elif status <= BROKEN_OFF:
                        lane.one[CHANGES, k] |= acts.what[e, ONLY]
                        set_text(stage, texts, lane, d, texts.of[lane.one[CHANGES, k]], k, k + 1)
                        for i in range(len(stage.people)):
                            lane.who[CHANGED, i, k] = 1


def events(stage: Stage, acts: Acts, lane: Lane, d: Any, now: Any) -> None:
    """Facts and meetings of the plan."""
    for e in range(len(acts.what)):
        if acts.what[e, MONTHS] == now and acts.what[e, KIND] < TERMS:
            draw_all(acts.keys[e, 0], lane.counter, lane.plain[CHANCE])
            for k in range(len(lane.counter)):
                status = lane.one[STATUS, k]
                fits = acts.what[e, ONLY] == 0 or status in (SIGNED, CARRIED_OUT)
                if lane.plain[CHANCE, k] < acts.sizes[e, CONSENT, d] and status != COLLAPSED and fits:
                    if acts.what[e, KIND] == MEETING:
                        meet(stage, acts, lane, d, now, e, k)
                    else:
                        p, f, sign = acts.what[e, ABOUT], acts.what[e, FACET], acts.what[e, SIGN]
                        weight, size = acts.sizes[e, SIZE, d], acts.sizes[e, GESTURE, d]
                        push(stage, lane, d, p, f, sign, acts.what[e, OWNER], weight, size, k)
                    lane.who[CHANGED, acts.what[e, TRUSTER], k] = 1


def meet(stage: Stage, acts: Acts, lane: Lane, d: Any, now: Any, e: Any, k: Any) -> None:
    """Read a face; a failure in public makes erratic, and sceptics stronger."""
    p, i, j, counter = acts.what[e, ABOUT], acts.what[e, TRUSTER], acts.what[e, TRUSTEE], lane.counter[k]
    many, reads = len(stage.beliefs), acts.sizes[e, SIZE, d]
    honest = draw(stage.once[ONCE_TYPE, j], counter) < lane.truth[j, INTENTION, k]
    lean = 0.5 if honest else -0.5
    face = draw_normal(stage.keys[now, stage.columns[FACE] + p], counter)
    bond = draw_normal(stage.keys[now, stage.columns[BOND] + p], counter)
    shift = reads * (face + lean * reads) + acts.sizes[e, BONDING, d] + acts.sizes[e, BONDING_SD, d] * bond
    add(lane, row_of(many, 0, p, INTENTION), INTENTION, LEADER, max(shift, 0.0), k)
    add(lane, row_of(many, BAD, p, INTENTION), 4 + INTENTION, LEADER, max(-shift, 0.0), k)
    if draw(acts.keys[e, 1], counter) < acts.sizes[e, FAILURE, d]:
        row = row_of(many, BAD, p, PREDICTABILITY)
        add(lane, row, 4 + PREDICTABILITY, LEADER, blame(1.0, acts.sizes[e, BLAME, d], 0.0), k)
        for other in range(len(stage.people)):
            at_home = stage.people[other, PARTY] == stage.people[i, PARTY] and not stage.people[other, PERSON]
            if at_home and draw(acts.keys[e, 2 + other], counter) < acts.sizes[e, SCEPTICS, d]:
                lane.who[NEEDED, other, k] = 1


def facts(stage: Stage, lane: Lane, d: Any, now: Any, counts: Array) -> None:
    """Months of the case's own facts come again."""
    months = len(stage.starts) - 1
    draw_all(stage.keys[now, stage.columns[MANY]], lane.counter, lane.plain[CHANCE])
    for k in range(len(lane.counter)):
        many = np.int64(stage.rules[d, FACT_RATE] + lane.plain[CHANCE, k])
        if lane.one[STATUS, k] != COLLAPSED and months > 0:
            for turn in range(many):
                key = stage.keys[now, stage.columns[WHICH] + turn]
                month_of_facts(stage, lane, d, np.int64(draw(key, lane.counter[k]) * months), k)
                counts[T_FACTS] += 1


def month_of_facts(stage: Stage, lane: Lane, d: Any, which: Any, k: Any) -> None:
    """One month of the case's own facts in one history; what is bad is not explained away."""
    hawk = stage.rules[d, HAWK]
    for e in range(stage.starts[which], stage.starts[which + 1]):
        doubted = discount(hawk, lane.about[SEEN, stage.cells[e, 1], k]) * stage.sizes[e, 2]
        amount = credit(stage.sizes[e, 0], 1.0, doubted, stage.sizes[e, 1], 0.0)
        add(lane, stage.cells[e, 0], stage.cells[e, 2], stage.cells[e, 3], amount, k)
    for i in range(len(stage.people)):
        lane.who[CHANGED, i, k] |= stage.alerted[which, i]


def spoilers(stage: Stage, lane: Lane, d: Any, now: Any, counts: Array) -> None:
    """Spoilers strike, and whoever is held able to have stopped them is blamed."""
    for s in range(lane.strikes.shape[0]):
        draw_all(stage.keys[now, stage.columns[STRIKE] + s], lane.counter, lane.plain[CHANCE])
        for k in range(len(lane.counter)):
            signed_on = lane.one[SIGNED_ON, k]
            near = np.int64(signed_on >= 0 and now - signed_on <= MILESTONE)
            if lane.plain[CHANCE, k] < lane.strikes[s, near, k] and lane.one[STATUS, k] != COLLAPSED:
                counts[T_STRIKE] += 1
                strike(stage, lane, d, s, k)


def strike(stage: Stage, lane: Lane, d: Any, s: Any, k: Any) -> None:
    """One attack from a side in one history."""
    good, bad, many = lane.fades[0, CAPACITY], lane.fades[1, CAPACITY], len(stage.beliefs)
    for p in range(many):
        i, j = stage.beliefs[p, 0], stage.beliefs[p, 1]
        if stage.people[j, PARTY] == s and stage.people[i, PARTY] != s:
            held, against = row_of(many, 0, p, CAPACITY), row_of(many, BAD, p, CAPACITY)
            level = stage.about[d, p, CAPACITY] + good * lane.stores[held, k] - bad * lane.stores[against, k]
            row = row_of(many, BAD, p, INTENTION)
            add(lane, row, 4 + INTENTION, 0, attack(1.0, trust(level, 0.0), 0.0), k)
    for i in range(len(stage.people)):
        lane.who[CHANGED, i, k] |= np.int64(stage.people[i, PARTY] != s)


def motive_of(stage: Stage, lane: Lane, d: Any, j: Any, k: Any) -> Any:
    """How far one truly wants to keep a deal."""
    wants, honest = lane.truth[j, INTENTION, k], lane.truth[j, INTEGRITY, k]
    tested, volatility = stage.rules[d, TESTED], stage.rules[d, VOLATILITY]
    return motive(wants, honest, lane.truth[j, PREDICTABILITY, k], tested, volatility)


def true_keep(stage: Stage, lane: Lane, d: Any, j: Any, k: Any) -> Any:
    """How far one would truly keep the text, without guarantors; who turned away does not want to."""
    wants = motive_of(stage, lane, d, j, k) * (1 - lane.who[TURNED, j, k])
    return keep(lane.truth[j, CAPACITY, k], wants, lane.own[BARE, j, k], lane.own[ASSISTANCE, j, k])


def obligations(stage: Stage, lane: Lane, d: Any, now: Any, counts: Array) -> None:
    """What is due under a signed text is kept or broken; the others see it."""
    for k in range(len(lane.counter)):
        if lane.one[STATUS, k] == SIGNED:
            for j in range(len(stage.people)):
                key = stage.keys[now, stage.columns[DUES] + j]
                if draw(key, lane.counter[k]) < stage.rules[d, DUE]:
                    fall_due(stage, lane, d, j, now, k, counts)


def fall_due(stage: Stage, lane: Lane, d: Any, j: Any, now: Any, k: Any, counts: Array) -> None:
    """One obligation of one decision-maker in one history."""
    key = stage.keys[now, stage.columns[KEPT] + j]
    broken = np.int64(not draw(key, lane.counter[k]) < true_keep(stage, lane, d, j, k))
    counts[T_KEPT + broken] += 1
    for i in range(len(stage.people)):
        p = stage.belief[i, j]
        if p >= 0:
            for f in range(4):
                size = stage.rules[d, OBLIGATION + broken * 4 + f]
                push(stage, lane, d, p, f, broken, stage.people[j, PERSON], size, 0.0, k)
            lane.who[CHANGED, i, k] = 1


def renew(stage: Stage, lane: Lane, now: Any) -> None:
    """Noise is drawn again where something before a decision-maker changed."""
    for i in range(len(stage.people)):
        noise, changed = lane.own[NOISE, i], lane.who[CHANGED, i]
        key = stage.keys[now, stage.columns[NOISES] + i]
        for k in range(len(lane.counter)):
            u = draw(key, lane.counter[k])
            fresh = log(u / (1.0 - u))
            noise[k] = fresh if changed[k] else noise[k]
            changed[k] = 0


def who_decides(stage: Stage, lane: Lane, d: Any, now: Any, horizon: Any) -> Any:
    """Lanes in which somebody has to say what he thinks of the text; how many they are."""
    draw_all(stage.keys[now, stage.columns[ENDS] + _OFFERED], lane.counter, lane.plain[CHANCE])
    many = 0
    for k in range(len(lane.counter)):
        status = lane.one[STATUS, k]
        put = lane.one[PUT, k] == 1 or lane.plain[CHANCE, k] < stage.rules[d, OFFER]
        lane.one[PUT, k] = put and status == TALKS and now <= horizon
        lane.one[FRESH, k] = 0
        if lane.one[PUT, k] == 1 or status in (SIGNED, CARRIED_OUT):
            lane.places[many] = k
            many += 1
    return many


def judge(stage: Stage, lane: Lane, d: Any, now: Any, many: Any) -> None:
    """Would each accept the text by what he believes now?"""
    lane.own[WHOLE] = 1.0
    for p in range(len(stage.beliefs)):
        keep_of_one(stage, lane, d, now, p, many)
    noisy = stage.rules[d, NOISY]
    for i in range(len(stage.people)):
        for c in range(many):
            k = lane.places[c]
            spare = lane.own[WHOLE, i, c] - lane.own[THRESHOLD, i, k]
            lane.who[ACCEPTS, i, k] = spare + noisy * lane.own[NOISE, i, k] > 0.0


def believed_at(
    prior: Any, good: Any, bad: Any, held: Array, against: Array, places: Array, many: Any, out: Array
) -> None:
    """Trust on one facet, but for flags, in some lanes."""
    for c in range(many):
        k = places[c]
        out[c] = prior + good * held[k] - bad * against[k]
    for c in range(many):
        out[c] = trust(out[c], 0.0)


def hold_down(stage: Stage, lane: Lane, d: Any, now: Any, p: Any, many: Any) -> None:
    """Hold integrity at or below one half where a proven lie is remembered."""
    left = fade(now * MONTH, stage.rules[d, FLAG_LIFE])
    of_state, of_leader = stage.about[d, p, FLAGS] * left, stage.about[d, p, FLAGS + 1] * left
    for c in range(many):
        flag = maximum(of_state, of_leader * lane.about[FLAG_KEPT, p, lane.places[c]])
        lane.held[INTEGRITY, c] = min(lane.held[INTEGRITY, c], 1.0 - 0.5 * ceiling(flag))


def hold(stage: Stage, lane: Lane, d: Any, now: Any, p: Any, many: Any) -> None:
    """All that one believes of another, in the lanes where somebody decides."""
    beliefs = len(stage.beliefs)
    for f in range(4):
        held, against = lane.stores[row_of(beliefs, 0, p, f)], lane.stores[row_of(beliefs, 1, p, f)]
        good, bad = lane.fades[0, f], lane.fades[1, f]
        believed_at(stage.about[d, p, f], good, bad, held, against, lane.places, many, lane.held[f])
    if stage.about[d, p, FLAGS] + stage.about[d, p, FLAGS + 1] > 0.0:
        hold_down(stage, lane, d, now, p, many)


def keep_of_one(stage: Stage, lane: Lane, d: Any, now: Any, p: Any, many: Any) -> None:
    """Let one belief of keeping bear on what its truster thinks of the whole text."""
    hold(stage, lane, d, now, p, many)
    i, j = stage.beliefs[p, 0], stage.beliefs[p, 1]
    tested, volatility, wrecks = stage.rules[d, TESTED], stage.rules[d, VOLATILITY], stage.own[d, j, WRECKING]
    able, wants, honest, steady = lane.held[0], lane.held[1], lane.held[2], lane.held[3]
    deterrence, assistance, whole = lane.about[DETERRENCE, p], lane.own[ASSISTANCE, j], lane.own[WHOLE, i]
    for c in range(many):
        wants[c] = motive(wants[c], honest[c], steady[c], tested, volatility)
    for c in range(many):
        k = lane.places[c]
        whole[c] *= block(wrecks, keep(able[c], wants[c], deterrence[k], assistance[k]))


def offer(stage: Stage, lane: Lane, d: Any, now: Any, counts: Array) -> None:
    """The text is put to them, and signed or refused; talks break off or resume."""
    key = stage.keys[now, stage.columns[ENDS] + _RESUMED]
    for k in range(len(lane.counter)):
        if lane.one[PUT, k] == 1:
            lane.one[PUT, k] = 0
            answer(stage, lane, d, now, k, counts)
        elif lane.one[STATUS, k] == BROKEN_OFF and draw(key, lane.counter[k]) < stage.rules[d, RESUME]:
            lane.one[STATUS, k] = TALKS
            counts[T_RESUME] += 1


def answer(stage: Stage, lane: Lane, d: Any, now: Any, k: Any, counts: Array) -> None:
    """Everybody who is needed signs, or the text is refused."""
    agreed = lane.one[TAKES_PART, k] == 1
    for i in range(len(stage.people)):
        agreed = agreed and (lane.who[ACCEPTS, i, k] == 1 or lane.who[NEEDED, i, k] == 0)
    if agreed:
        lane.one[STATUS, k], lane.one[SIGNED_ON, k], lane.one[FRESH, k] = SIGNED, now, 1
        lane.one[GOOD, k] = worth(stage, lane, d, k)
        for i in range(len(stage.people)):
            lane.who[ACCEPTED, i, k] = lane.who[ACCEPTS, i, k]
        counts[T_SIGNED] += 1
        return
    counts[T_REFUSED] += 1
    key = stage.keys[now, stage.columns[ENDS] + _BROKEN]
    if draw(key, lane.counter[k]) < stage.rules[d, BREAK]:
        lane.one[STATUS, k] = BROKEN_OFF
        counts[T_BREAK] += 1


def worth(stage: Stage, lane: Lane, d: Any, k: Any) -> Any:
    """Would the text, as all truly are, be worth it to everybody who is needed?"""
    good = 1
    for i in range(len(stage.people)):
        whole = 1.0
        for j in range(len(stage.people)):
            p = stage.belief[i, j]
            if p >= 0:
                wants, able = motive_of(stage, lane, d, j, k), lane.truth[j, CAPACITY, k]
                kept = keep(able, wants, lane.about[DETERRENCE, p, k], lane.own[ASSISTANCE, j, k])
                whole *= block(stage.own[d, j, WRECKING], kept)
        if lane.who[NEEDED, i, k] == 1 and whole < lane.own[THRESHOLD, i, k]:
            good = 0
    return good


def carry_out(stage: Stage, lane: Lane, d: Any, now: Any, counts: Array) -> None:
    """A signed text ends by its monthly hazard, or goes on to its next step."""
    key = stage.keys[now, stage.columns[ENDS] + _ENDED]
    for k in range(len(lane.counter)):
        if lane.one[STATUS, k] == SIGNED or lane.one[STATUS, k] == CARRIED_OUT:
            away, age = turn_away(stage, lane, k, counts), now - lane.one[SIGNED_ON, k]
            ends = monthly(
                stage.hazard[age], stage.rules[d, MULTIPLIER], smallest(stage, lane, d, k),
                stage.rules[d, CENTRE], stage.rules[d, WEIGHT], lane.plain[RATIOS, k],
            )  # fmt: skip
            if draw(key, lane.counter[k]) < ends:
                lane.one[STATUS, k], lane.one[ENDED_ON, k] = COLLAPSED, now
                counts[T_END] += 1
            elif away == 0 and lane.one[FRESH, k] == 0:
                next_step(stage, lane, d, age, k, counts)


def turn_away(stage: Stage, lane: Lane, k: Any, counts: Array) -> Any:
    """Who accepted and would no longer; how many they are."""
    away = 0
    for i in range(len(stage.people)):
        turned = lane.who[ACCEPTED, i, k] & (1 - lane.who[ACCEPTS, i, k])
        counts[T_TURN] += turned & (1 - lane.who[TURNED, i, k])
        lane.who[TURNED, i, k] = turned
        away += turned
    return away


def smallest(stage: Stage, lane: Lane, d: Any, k: Any) -> Any:
    """The smallest true keep index among those who can stop the carrying out."""
    for j in range(len(stage.people)):
        lane.own[LEFT, j, k] = block(stage.own[d, j, WRECKING], true_keep(stage, lane, d, j, k))
    found = 1.0
    for i in range(len(stage.people)):
        whole = 1.0
        for j in range(len(stage.people)):
            whole *= 1.0 if i == j else lane.own[LEFT, j, k]
        found = min(found, whole if lane.who[LATER, i, k] else 1.0)
    return found


def next_step(stage: Stage, lane: Lane, d: Any, age: Any, k: Any, counts: Array) -> None:
    """One more step of a signed text is done, where it is due."""
    length = max(1, np.int64(stage.rules[d, STEP_MONTHS] + 0.5))
    if lane.one[STATUS, k] == SIGNED and age > 0 and age % length == 0:
        lane.one[STEP, k] += 1
        counts[T_STEP] += 1
        if lane.one[STEP, k] >= lane.plain[STEPS, k]:
            lane.one[STATUS, k] = CARRIED_OUT
            counts[T_DONE] += 1


def run_block(
    stage: Stage, texts: Texts, acts: Acts, lane: Lane, d: Any, months: Any, horizon: Any, counts: Array
) -> None:
    """Run the histories of a block for some months; what happened is added to `counts`."""
    begin_lane(stage, texts, lane, d)
    for now in range(1, months + 1):
        for place in range(8):
            left = fade(now * MONTH, stage.rules[d, LIFE + place])
            lane.fades[place // 4, place % 4], lane.grown[place] = left, 1.0 / left
        offices(stage, lane, d, now, counts)
        see(stage, lane, d)
        new_texts(stage, texts, acts, lane, d, now)
        spoilers(stage, lane, d, now, counts)
        events(stage, acts, lane, d, now)
        facts(stage, lane, d, now, counts)
        obligations(stage, lane, d, now, counts)
        renew(stage, lane, now)
        judge(stage, lane, d, now, who_decides(stage, lane, d, now, horizon))
        offer(stage, lane, d, now, counts)
        carry_out(stage, lane, d, now, counts)
    for k in range(len(lane.counter)):
        if lane.one[SIGNED_ON, k] < 0:
            lane.one[GOOD, k] = worth(stage, lane, d, k)


def mean_trust(stage: Stage, lane: Lane, d: Any, months: Any, total: Array) -> None:
    """Mean trust across sides at the end of every history."""
    total[:] = 0.0
    for k in range(len(total)):
        lane.places[k] = k
    for p in range(len(stage.beliefs)):
        hold(stage, lane, d, months, p, len(total))
        for f in range(4):
            for k in range(len(total)):
                total[k] += lane.held[f, k]
    for k in range(len(total)):
        total[k] /= 4.0 * len(stage.beliefs)


# inner functions are taken into those that call them; the outer ones are called once a month and block
INNER = (
    row_of, draw, draw_normal, add, push, month_of_facts, motive_of, true_keep, fall_due, smallest, turn_away,
    next_step, believed_at, hold_down, hold, keep_of_one,
)  # fmt: skip
OUTER = (
    draw_all, draw_truth, fill, below, set_text, draw_noise, begin_lane, leave, offices, believed, see,
    new_texts, meet, events, facts, strike, spoilers, obligations, renew, who_decides, judge, worth,
    answer, offer, carry_out, run_block, mean_trust,
)  # fmt: skip
