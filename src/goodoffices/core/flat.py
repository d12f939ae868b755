"""A scene, its texts and a plan laid out flat for the compiled drivers.

Beliefs within a side bear on nothing and are left out; what a plan does not change is laid out once.
"""

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import lanes
from goodoffices.core.chances import month_key
from goodoffices.core.lanes import Acts, Lane, Stage, Texts
from goodoffices.core.rollout import BASELINE
from goodoffices.core.stage import (
    GOOD,
    INTEGRITY,
    INTENTION,
    LEADER,
    TERMS,
    Bank,
    Event,
    Scenario,
    Schedule,
    pairs,
)

__all__ = ["acts", "lane", "stage", "texts", "width_for"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
_SIZES = ("consent", "weight", "gesture", "bonding", "bonding_sd", "failure", "blame", "sceptics")
_RULES = (
    "hawk", "turnover_kept", "integrity_tested", "volatility_cost", "decision_noise", "keep_centre",
    "keep_weight", "office_rate", "fact_rate", "obligation_rate", "offer_rate", "break_rate",
    "resume_rate", "step_months", "half_life_flag",
)  # fmt: skip


def _by_draw(array: Floats, draws: int) -> Floats:
    """Bring the draws to the front, the same for all where there was one."""
    whole = np.broadcast_to(array, (*array.shape[:-1], draws))
    return np.array(np.moveaxis(whole, -1, 0), order="C")


def stage(scenario: Scenario, seed: int, months: int, draws: int) -> Stage:
    """Lay out what no plan changes, with the keys of all its chances."""
    truster, trustee = pairs(scenario)
    belief = np.full((len(scenario.keys),) * 2, -1)
    belief[truster, trustee] = np.arange(len(truster))
    turns = int(np.ceil(np.max(scenario.rules["fact_rate"]))) + 1
    columns, keys = _keys(scenario, seed, months, turns)
    starts, cells, sizes, alerted = _bank(scenario.bank, belief)
    about = np.concatenate([scenario.prior[truster, trustee], scenario.flags[truster, trustee]], axis=1)
    return Stage(
        beliefs=np.stack([truster, trustee], axis=1),
        belief=belief,
        people=np.stack([scenario.party, scenario.person], axis=1).astype(np.int64),
        about=_by_draw(about, draws),
        stores=_stores(scenario.stores[truster, trustee], draws),
        own=_by_draw(_own(scenario), draws),
        rules=_rules(scenario, draws),
        starts=starts,
        cells=cells,
        sizes=sizes,
        alerted=alerted,
        hazard=np.diff(BASELINE[: months + 2]),
        columns=columns,
        keys=keys,
        once=_once(scenario, seed),
    )


def _stores(stores: Floats, draws: int) -> Floats:
    """Stores of shape (pair, facet, sign, owner, draw) in rows as `lanes.row_of` has them."""
    parts = np.stack([stores.sum(axis=3), stores[:, :, :, LEADER]], axis=3)
    return _by_draw(np.moveaxis(parts, 2, 0), draws).reshape(draws, -1)


def _own(scenario: Scenario) -> Floats:
    single = np.stack([scenario.wrecking, scenario.veto, scenario.veto_implementation], axis=1)
    return np.concatenate([scenario.truth, scenario.truth_doubt, single], axis=1)


def _rules(scenario: Scenario, draws: int) -> Floats:
    rules = [_by_draw(scenario.rules[name], draws) for name in _RULES]
    rules[lanes.LEAVES] = 1.0 - np.exp(-rules[lanes.LEAVES])
    obligation = _by_draw(np.stack([scenario.kept, scenario.broken]), draws).reshape(draws, 8)
    lives = _by_draw(scenario.rules["half_life"], draws).reshape(draws, 8)
    single = np.stack([*rules, _by_draw(scenario.multiplier, draws)], axis=1)
    return np.concatenate([single, obligation, lives], axis=1)


def _keys(scenario: Scenario, seed: int, months: int, turns: int) -> tuple[Ints, Keys]:
    """Keys of all monthly chances, and the first column of each purpose."""
    people, sides = scenario.keys, scenario.side_keys
    across = [f"{people[i]}:{people[j]}" for i, j in zip(*pairs(scenario), strict=True)]
    purposes = {
        lanes.OFFICE: [("office", key) for key in people],
        lanes.STRIKE: [("spoilers", key) for key in sides],
        lanes.DUES: [("due", key) for key in people],
        lanes.KEPT: [("kept", key) for key in people],
        lanes.NOISES: [("noise", key) for key in people],
        lanes.TRUTHS: [("truth", f"{key}:{facet}") for key in people for facet in range(4)],
        lanes.ENDS: [(name, "") for name in ("offer", "break", "resume", "end")],
        lanes.MANY: [("facts", "how many")],
        lanes.WHICH: [("facts", f"which {turn}") for turn in range(turns)],
        lanes.FACE: [("face", pair) for pair in across],
        lanes.BOND: [("bonding", pair) for pair in across],
    }
    named = [one for place in sorted(purposes) for one in purposes[place]]
    firsts = np.cumsum([0, *(len(purposes[place]) for place in sorted(purposes))])[:-1]
    keys = [[month_key(seed, *one, now) for one in named] for now in range(months + 1)]
    return np.asarray(firsts, np.int64), np.array(keys, np.uint64)


def _once(scenario: Scenario, seed: int) -> Keys:
    keys = [
        [month_key(seed, purpose, key, 0) for key in scenario.keys]
        for purpose in ("veto", "veto later", "type")
    ]
    return np.array([*keys, [month_key(seed, "consent", "", 0)] * len(scenario.keys)], np.uint64)


def _bank(bank: Bank, belief: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    """Facts to come, month by month: where each month stands, what is moved, by how much, and who sees it."""
    months = bank.weight.shape[1] if len(bank.truster) else 0
    alerted = np.zeros((months, len(belief)), np.int64)
    starts, cells, sizes = [0], [], []
    for which in range(months):
        for row in np.flatnonzero(bank.weight[:, which] > 0):
            i, j = bank.truster[row], bank.trustee[row]
            alerted[which, i] = 1
            if belief[i, j] >= 0:
                facet, sign = int(bank.facet[row]), int(bank.sign[row])
                place = lanes.row_of(int(belief.max()) + 1, sign, int(belief[i, j]), facet)
                cells.append((place, belief[i, j], sign * 4 + facet, bank.owner[row]))
                doubted = sign == GOOD and facet in (INTENTION, INTEGRITY)
                sizes.append((bank.weight[row, which], bank.gesture[row, which], doubted))
        starts.append(len(cells))
    return (
        np.array(starts, np.int64),
        np.array(cells, np.int64).reshape(-1, 4),
        np.array(sizes, float).reshape(-1, 3),
        alerted,
    )


def texts(scenario: Scenario, plan: Schedule, draws: int) -> Texts:
    """Lay out the text as it stands, and under every set of the plan's changes."""
    truster, trustee = pairs(scenario)
    found = (scenario.terms, *plan.texts)

    def whole(*names: str) -> Floats:
        each = [np.stack([_by_draw(getattr(text, name), draws) for text in found]) for name in names]
        return np.stack(each, axis=-1)

    return Texts(
        own=whole("threshold", "deterrence_bare", "assistance"),
        deterrence=np.ascontiguousarray(whole("deterrence")[:, :, truster, trustee, 0]),
        plain=whole("consent", "log_ratios", "steps"),
        strikes=np.ascontiguousarray(whole("strikes")[..., 0]),
        of=np.array([place + 1 for place in plan.of] or [0], np.int64),
    )


def acts(scenario: Scenario, plan: Schedule, seed: int, draws: int) -> Acts:
    """Lay out the events of a plan."""
    truster, trustee = pairs(scenario)
    place = {pair: number for number, pair in enumerate(zip(truster, trustee, strict=True))}
    rows, keys, sizes = [], [], []
    for event in plan.events:
        about = place[event.truster, event.trustee] if event.kind < TERMS else -1
        only = event.bit if event.kind == TERMS else int(event.only_signed)
        who = (event.truster, event.trustee, event.facet, event.sign, event.owner)
        rows.append((event.month, event.kind, about, *who, only))
        keys.append(_event_keys(scenario, event, seed))
        sizes.append([np.broadcast_to(getattr(event, name), draws) for name in _SIZES])
    return Acts(
        what=np.array(rows, np.int64).reshape(-1, 9),
        keys=np.array(keys, np.uint64).reshape(-1, 2 + len(scenario.keys)),
        sizes=np.array(sizes, float).reshape(-1, len(_SIZES), draws),
    )


def _event_keys(scenario: Scenario, event: Event, seed: int) -> list[int]:
    """Keys of consent, failure, and whether each of those at home becomes needed."""
    sceptics = [month_key(seed, "sceptics", f"{key}:{event.move}", event.month) for key in scenario.keys]
    failure = month_key(seed, "failure", event.move, event.month)
    return [month_key(seed, "agreed", event.agreed, 0), failure, *sceptics]


def width_for(each: int) -> int:
    """How many of `each` histories run side by side: as many as fit, and no rest."""
    return max(width for width in range(1, min(lanes.WIDTH, each) + 1) if each % width == 0)


def lane(found: Stage, sides: int, width: int, store: type = np.float64) -> Lane:
    """Room for histories side by side; stores may be kept as float32."""
    n, p = len(found.people), len(found.beliefs)
    return Lane(
        counter=np.zeros(width, np.uint64),
        stores=np.zeros((found.stores.shape[1], width), store),
        one=np.zeros((9, width), np.int64),
        who=np.zeros((6, n, width), np.int64),
        own=np.zeros((6, n, width)),
        about=np.zeros((3, p, width)),
        plain=np.zeros((3, width)),
        truth=np.zeros((n, 4, width)),
        strikes=np.zeros((sides, 2, width)),
        held=np.zeros((4, width)),
        places=np.zeros(width, np.int64),
        fades=np.zeros((2, 4)),
        grown=np.zeros(8),
    )
