"""A text and its decision-makers as the simulation needs them, over the draws of all inputs."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.deals import Deal
from goodoffices.analysis.encoding import Office
from goodoffices.analysis.model import FACETS
from goodoffices.analysis.runs import Run
from goodoffices.core import ledger, spoilers
from goodoffices.core.follow import BAD, GESTURE, GOOD, PLAIN, Push, levels
from goodoffices.core.stage import Bank, Scenario, Terms
from goodoffices.domain.case import Change

__all__ = ["scenario", "terms"]

Floats = NDArray[np.float64]
MONTHS = 24  # of the case's own facts, from which those to come are drawn
DAYS = 365.25 / 12.0
_RULES = (
    "hawk", "turnover_kept", "integrity_tested", "volatility_cost", "decision_noise", "keep_centre",
    "keep_weight", "office_rate", "fact_rate", "obligation_rate", "offer_rate", "break_rate",
    "resume_rate", "step_months",
)  # fmt: skip


def _push_weight(push: Push) -> float:
    """Weight of one fact on one facet at the centre, after pressure or excuse."""
    held = push.excuse if push.sign == BAD else push.pressure
    return float((push.weight * push.ln_ratio * (1.0 - held))[0])


def bank(run: Run, offices: list[Office]) -> Bank:
    """Sum the case's last facts up by month, belief, facet, sign and owner, at the centre of all ranges."""
    place = {office.id: number for number, office in enumerate(offices)}
    end = run.encoded.day.toordinal()
    cells: dict[tuple[int, ...], Floats] = defaultdict(lambda: np.zeros((2, MONTHS)))
    for one in offices:
        for two in offices:
            if one.id == two.id:
                continue
            for day in run.central_beliefs.history(one.id, two.id).days()[1]:
                ago = int((end - day.day) / DAYS)
                if ago >= MONTHS:
                    continue
                for push in day.pushes:
                    if push.form in (PLAIN, GESTURE):
                        where = (place[one.id], place[two.id], push.facet, push.sign, push.owner)
                        weight = _push_weight(push)
                        cells[where][:, ago] += weight, weight * float(np.ravel(push.gesture)[0])
    keys = np.array(list(cells), dtype=np.int64).reshape(-1, 5)
    sums = np.array(list(cells.values())).reshape(-1, 2, MONTHS)
    safe = np.where(sums[:, 0] > 0, sums[:, 0], 1.0)
    columns = dict(zip(("truster", "trustee", "facet", "sign", "owner"), keys.T, strict=True))
    return Bank(**columns, weight=sums[:, 0], gesture=sums[:, 1] / safe)


def _pooled(run: Run, offices: list[Office]) -> tuple[Floats, Floats]:
    """The analyst's belief about each: log-odds without enemy image, pooled over observers, and its doubt.

    Shapes (n, 4, draws) and (n, 4).
    """
    plain = replace(
        run,
        case=run.case.with_changes([Change(id="truth", op="set_default", target="hawk", value=0.0)]),
        borrowed=None,
        over=(),
    )
    seen = plain.frozen_beliefs
    prior = run.central.centre("prior_doubt")
    level, doubt = [], []
    for office in offices:
        watch = [other for other in offices if other.party != office.party]
        found = [seen.of(other.id, office.id) for other in watch]
        level.append(np.mean([levels(one.state) for one in found], axis=0))
        weight = np.mean([one.weight for one in found], axis=0)
        doubt.append(ledger.prior_doubt(prior, weight))
    return np.array(level), np.array(doubt)


def _told(deal: Deal, kind: str, sign: int) -> Floats:
    """Log ratios of one kind of conduct on each facet, times its strength; shape (4, draws)."""
    strengths = deal.model.encoded.tables.kinds[kind].strengths
    zero = deal.model.values.const(0.0)
    return np.array(
        [
            deal.model.ln_ratio(kind, facet, sign) * abs(strengths[facet]) if facet in strengths else zero
            for facet in FACETS
        ]
    )


def _strikes(deal: Deal, sides: list[str], inclusion: Floats) -> Floats:
    """Chance of an attack in a month from each side, quiet and at milestones; shape (sides, 2, draws)."""
    total = np.zeros((len(sides), 2, deal.model.values.n))
    for spoiler in deal.model.encoded.case.spoilers:
        if spoiler.side in sides:
            for number, near in enumerate((False, True)):
                total[sides.index(spoiler.side), number] += deal.spoiler_rate(spoiler.id, near=near)
    return np.asarray(spoilers.attack_by(1.0, total * inclusion))


def _bare(deal: Deal, trustee: Office, offices: list[Office]) -> Floats:
    """How far an unwilling trustee is held to the text without a guarantor: the same for all who look."""
    return deal.deterrence(offices[0], trustee, guaranteed=False)


def terms(deal: Deal, inclusion: Floats | float = 1.0) -> Terms:
    """What a text asks for and gives, over the draws.

    Parameters
    ----------
    inclusion
        What bringing spoilers in leaves of the rate at which they strike.
    """
    offices, sides = [player.office for player in deal.players], list(deal.text.binds)
    one = deal.model.values.const(1.0)
    return Terms(
        threshold=np.array([deal.threshold_of[office.id] for office in offices]),
        deterrence=np.array([[deal.deterrence(a, b, guaranteed=True) for b in offices] for a in offices]),
        deterrence_bare=np.array([_bare(deal, office, offices) for office in offices]),
        assistance=np.array([deal.assistance(office) for office in offices]),
        consent=np.prod([third.consent for third in deal.guarantors], axis=0) * one,
        log_ratios=np.asarray(deal.log_ratios - deal.attacked * np.log(deal.model.default("hr_spoiler"))),
        steps=deal.steps * one,
        strikes=_strikes(deal, sides, one * inclusion),
    )


def scenario(run: Run, text: str) -> Scenario:
    """Give the scenario of a text; the last axis of all its arrays is the draws of the run."""
    deal = run.deals[text]
    offices, sides, draws = [player.office for player in deal.players], list(deal.text.binds), run.draws
    size = len(offices)
    prior, stores = np.zeros((size, size, 4, draws)), np.zeros((size, size, 4, 2, 2, draws))
    flags = np.zeros((size, size, 2, draws))
    for i, one in enumerate(offices):
        for j, two in enumerate(offices):
            if i != j:
                state = run.beliefs.of(one.id, two.id).state
                prior[i, j], stores[i, j], flags[i, j] = state.prior, state.stores, state.flags
    truth, doubt = _pooled(run, offices)
    rules = deal.model.rules
    keys = {party.id: party.key for party in run.encoded.case.parties}
    return Scenario(
        keys=tuple(office.key for office in offices),
        side_keys=tuple(keys[side] for side in sides),
        prior=prior,
        stores=stores,
        flags=flags,
        truth=truth,
        truth_doubt=np.repeat(doubt[..., None], draws, axis=-1),
        party=np.array([sides.index(office.party) for office in offices]),
        person=np.array([o.holder is not None and o.holder.kind == "person" for o in offices]),
        wrecking=np.array([player.wrecking for player in deal.players]),
        veto=np.array([player.veto for player in deal.players]),
        veto_implementation=np.array([player.veto_implementation for player in deal.players]),
        terms=terms(deal),
        multiplier=deal.multipliers[0],
        kept=_told(deal, "kept_obligation", GOOD),
        broken=_told(deal, "broke_obligation", BAD),
        bank=bank(run, offices),
        rules={name: deal.model.default(name) for name in _RULES}
        | {"half_life": rules.half_life, "half_life_flag": rules.half_life_flag},
    )
