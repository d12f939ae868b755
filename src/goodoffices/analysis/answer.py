"""Everything that a reading says, put together: beliefs, deals, verdicts, and the first sentence."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.bottleneck import bottleneck, weakest
from goodoffices.analysis.deals import OUTCOMES, Deal, Player, calibrated, classes_for
from goodoffices.analysis.doubt import depends_on, find_out, prior_share, tornado
from goodoffices.analysis.encoding import Office
from goodoffices.analysis.histories import Belief
from goodoffices.analysis.model import FACETS
from goodoffices.analysis.runs import Run, quantities, quantity
from goodoffices.core import deal as rules
from goodoffices.core import spoilers
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact, Kind
from goodoffices.domain.readings import (
    Bottleneck,
    ClassNote,
    Coverage,
    DealReading,
    DecisionMakerReading,
    GuarantorReading,
    KeepReading,
    Lasting,
    Outcomes,
    Quantity,
    Reading,
    SignReading,
    SpoilerReading,
    Stress,
    TrustReading,
    plain,
)
from goodoffices.domain.tables import ReferenceClass
from goodoffices.words import _, apart, clauses, listing, percent, share

__all__ = ["METHOD", "Stamps", "answer", "coverage"]

Floats = NDArray[np.float64]
METHOD = "ledger-1"
STALE_DAYS = 183
CLEARS, FALLS_SHORT = 0.8, 0.2


@dataclass(frozen=True)
class Stamps:
    """What a result carries so that it can be computed again."""

    code: str
    case_hash: str


# -- beliefs ----------------------------------------------------------------------------------


def _trust(run: Run) -> tuple[tuple[TrustReading, ...], Floats]:
    pairs = _told_pairs(run)
    beliefs = [run.beliefs.of(truster.id, trustee.id) for truster, trustee in pairs]
    shown = [(row, facet) for row, belief in enumerate(beliefs) for facet in range(4) if belief.enough(facet)]
    figures = dict(zip(shown, quantities(*(beliefs[row].trust[facet] for row, facet in shown)), strict=True))
    rows = [
        _facet(truster, trustee, beliefs[row], facet, figures.get((row, facet)))
        for row, (truster, trustee) in enumerate(pairs)
        for facet in range(4)
    ]
    return tuple(rows), np.array([belief.trust for belief in beliefs])


def _facet(
    truster: Office, trustee: Office, belief: Belief, facet: int, figures: Quantity | None
) -> TrustReading:
    return TrustReading(
        truster=truster.name,
        trustee=trustee.name,
        facet=FACETS[facet].value,
        median=figures.median if figures else None,
        lo=figures.lo if figures else None,
        hi=figures.hi if figures else None,
        n_evidence=len(belief.facts[facet]),
        prior_only=figures is None,
        coverage=belief.weight[facet],
        reason="" if figures else _("not enough evidence"),
        facts=belief.facts[facet],
    )


def _told_pairs(run: Run) -> list[tuple[Office, Office]]:
    """Pairs worth a line: any with evidence, and any between the sides of the talks."""
    roles = {party.id: party.role for party in run.encoded.case.parties}
    known, present = run.encoded.sightings, run.encoded.present
    return [
        (one, two)
        for one in present
        for two in present
        if one.id != two.id
        and ((one.id, two.id) in known or (one.party != two.party and roles[one.party] == "principal"))
    ]


def _keep(run: Run) -> tuple[KeepReading, ...]:
    """How far each principal's decision-makers believe that each other party keeps a plain text."""
    rows = []
    principals = [party for party in run.encoded.case.parties if party.role == "principal"]
    alone = run.model.default("self_enforcement")
    for truster in run.encoded.present:
        if truster.party not in {party.id for party in principals}:
            continue
        for party in principals:
            heads = [
                office
                for office in run.encoded.of_party(party.id)
                if office.holder and office.holder.kind == "person"
            ]
            if party.id == truster.party or not heads:
                continue
            trust = run.beliefs.of(truster.id, heads[0].id)
            kept = rules.keep(
                trust.trust[0], run.beliefs.motive(trust.trust), alone, run.model.values.const(0.0)
            )
            figures = quantity(calibrated(run.model, run.calibration, np.asarray(kept)))
            thin = tuple(
                f"{heads[0].name}: {_(facet.value)}" for n, facet in enumerate(FACETS) if not trust.enough(n)
            )
            rows.append(
                KeepReading(
                    truster=truster.name,
                    party=party.id,
                    median=figures.median,
                    lo=figures.lo,
                    hi=figures.hi,
                    rests_on_priors=thin,
                )
            )
    return tuple(rows)


def coverage(case: Case, kinds: Mapping[str, Kind]) -> tuple[Coverage, ...]:
    """Count by actor what speaks for trust, what against, what is verified and what is disputed."""
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in case.facts:
        facts[fact.actor].append(fact)
    signs = {name: (kind.sign, kind.role) for name, kind in kinds.items()}
    return tuple(
        Coverage(
            actor=actor,
            facts=len(mine),
            good=sum(signs[fact.kind][0] > 0 for fact in mine),
            bad=sum(signs[fact.kind][0] < 0 or signs[fact.kind][1] == "spoiler" for fact in mine),
            verified=sum(fact.verified for fact in mine),
            disputed=sum(fact.disputed for fact in mine),
            proven_deception=sum(bool(fact.proven_deception) for fact in mine),
        )
        for actor, mine in facts.items()
    )


# -- deals ------------------------------------------------------------------------------------


def _lasting(one: Floats, deal: Deal, outcome: str) -> Lasting:
    y1, y5, y10 = quantities(*(one * deal.lasts(years, outcome) for years in (1, 5, 10)))
    return Lasting(y1=y1, y5=y5, y10=y10)


def _outcomes(deal: Deal, signed: Floats) -> Outcomes:
    held, calm = (_lasting(signed, deal, outcome) for outcome in OUTCOMES)
    note = _("no serious violation: borrowed from truces, not fitted")
    return Outcomes(not_abandoned=held, no_serious_violation=calm, note=note)


def _class_note(run: Run, deal: Deal) -> ClassNote:
    main, others = classes_for(run.model, deal.text)
    y5 = None
    if main.y5_lo is not None and main.y5_hi is not None:
        y5 = Quantity(median=1 - main.y5, lo=1 - main.y5_hi, hi=1 - main.y5_lo, calibrated=True)
    why = _("the text is of scope {scope}").format(scope=_(deal.text.scope))
    if run.encoded.case.attributes.get("conflict") == "interstate":
        few = next(row for row in run.tables.classes if row.conflict == "interstate")
        why += _("; ") + _(
            "between states there are only {n} agreements from {pairs} pairs of states"
        ).format(n=few.n, pairs=few.conflicts)
    return ClassNote(
        name=main.name,
        label=_(main.label),
        n=main.n,
        conflicts=main.conflicts,
        y5=y5,
        y5_lasting=1 - main.y5,
        why=why,
        others=tuple(_other_class(row) for row in others),
    )


def _other_class(row: ReferenceClass) -> dict[str, Any]:
    return {
        "name": row.name,
        "label": _(row.label),
        "n": row.n,
        "y5_lasting": 1 - row.y5,
        "outcome": row.outcome,
    }


def _verdict(clears: float, pointless: float, priors: float | None) -> str:
    if pointless >= CLEARS:
        return "interests"
    if priors is not None and priors > 0.5:
        return "no_answer"
    if clears >= CLEARS:
        return "clears"
    return "falls_short" if clears <= FALLS_SHORT else "too_close"


def _fans(*values: Floats) -> list[tuple[float, ...]]:
    return [
        tuple(row) for row in np.quantile(np.array(values), np.arange(0.05, 1.0, 0.05), axis=1).T.tolist()
    ]


def _player(run: Run, deal: Deal, player: Player, binding: str | None) -> DecisionMakerReading:
    office = player.office.id
    gap, kept = deal.gap(office), deal.keep_of[office]
    clears, pointless = float(np.mean(gap <= 0)), float(np.mean(player.kept <= player.no_deal))
    figures = (deal.threshold_of[office], kept, gap, deal.accepts(player), player.veto, deal.own_side(player))
    threshold, keep, short, accept, veto, own_side = quantities(*figures)
    fan, gap_fan = _fans(kept, gap)
    return DecisionMakerReading(
        id=player.office.name,
        name=player.office.title,
        party=player.office.party,
        threshold=threshold,
        keep=keep,
        gap=short,
        accept=accept,
        veto=veto,
        own_side=own_side,
        clears=clears,
        verdict=_verdict(clears, pointless, prior_share(run, deal, office)),
        binding=player.office.name == binding,
        no_trust_suffices=pointless,
        fan=fan,
        gap_fan=gap_fan,
    )


def _guarantors(run: Run, deal: Deal) -> tuple[GuarantorReading, ...]:
    rows = []
    for third in deal.guarantors:
        for player in deal.players:
            belief = run.beliefs.of(player.office.id, third.office.id, guarantor=True)
            others = [p for p in deal.text.binds if p != player.office.party]
            hold = [third.leverage[party] for party in others]
            count = len({name for facet in belief.facts for name in facet})
            tau = third.tau[player.office.id]
            figures = (tau, np.max(hold, axis=0), belief.trust[1], belief.trust[0], third.consent)
            trusted, held, will, ability, consent = quantities(*figures)
            rows.append(
                GuarantorReading(
                    id=third.office.name,
                    truster=player.office.name,
                    tau=trusted,
                    leverage=held,
                    will=will,
                    ability=ability,
                    consent=consent,
                    prior_only=not any(belief.enough(n) for n in range(4)),
                    n_evidence=count,
                )
            )
    return tuple(rows)


def _stress(deal: Deal) -> Stress:
    low, high = (float(np.median(signed)) for signed in deal.stressed(0.0, 1.0))
    return Stress(low=low, high=high, differ=abs(high - low) > 0.05)


def _status(deal: Deal) -> str:
    if deal.text.in_force_on:
        return "in force"
    return "signed" if deal.text.signed_on else "on the table"


def _thin(run: Run, deal: Deal) -> tuple[str, ...]:
    """Beliefs between the sides that rest on priors."""
    found = []
    for player in deal.players:
        for other in deal.players:
            if other.office.party != player.office.party:
                belief = run.beliefs.of(player.office.id, other.office.id)
                found += [
                    f"{player.office.called} -> {other.office.called}: {_(facet.value)}"
                    for n, facet in enumerate(FACETS)
                    if not belief.enough(n)
                ]
    return tuple(found)


def _reason(verdict: str, clears: float, priors: float | None) -> str:
    told = {
        "clears": _("everyone who is needed clears in {share} of the draws"),
        "falls_short": _("everyone who is needed clears in {share} of the draws"),
        "too_close": _("everyone who is needed clears in {share} of the draws: too close to call"),
        "no_answer": _(
            "what is not known about beliefs supplies {priors} of the doubt; {share} of the draws clear"
        ),
        "interests": _(
            "somebody who is needed gains nothing even if the text is kept: a matter of interests"
        ),
    }[verdict]
    return told.format(share=share(clears), priors=percent(priors or 0.0))


def _sentence(deal: Deal, rows: tuple[DecisionMakerReading, ...], verdict: str, clears: float) -> str:
    names: Mapping[str, list[str]] = {
        word: [apart(row.name) for row in rows if row.verdict == word]
        for word in ("clears", "falls_short", "too_close", "no_answer", "interests")
    }
    says = {
        "clears": _("{who} would clear"),
        "falls_short": _("{who} would fall short"),
        "too_close": _("{who} would be too close to call"),
        "no_answer": _("for {who} the evidence gives no answer"),
        "interests": _("for {who} no trust would suffice"),
    }
    parts = [says[word].format(who=listing(found)) for word, found in names.items() if found]
    told = clauses(parts) if parts else _("nobody's stakes are known")
    whole = _("everyone who is needed clears in {share} of the draws").format(share=share(clears))
    del verdict
    return _("{title}: {told}; {whole}.").format(title=apart(deal.text.title), told=told, whole=whole)


def _empty(run: Run, deal: Deal, where: Bottleneck) -> DealReading:
    reason = _("nobody's stakes in this text are known on this day")
    return DealReading(
        id=deal.text.id, title=deal.text.title, status=_status(deal), sign=None, lasts_if_signed=None,
        signed_and_lasts=None, reference_class=_class_note(run, deal), decision_makers=(), guarantors=(),
        stress=None, bottleneck=where, tornado=(), tornado_lasting=(), depends_on=(), verdict="no_answer",
        share=None, reason=reason,
        find_out=(), prior_share=None, rests_on_priors=(), sentence=f"{apart(deal.text.title)}: {reason}.",
    )  # fmt: skip


def _deal(run: Run, deal: Deal, *, options: bool) -> DealReading:
    where = bottleneck(run, deal, options=options)
    weak = weakest(deal)
    if weak is None:
        return _empty(run, deal, where)
    office = weak.player.office.id
    rows = tuple(_player(run, deal, player, where.truster) for player in deal.players)
    clears, pointless = float(np.mean(deal.clears)), float(np.mean(deal.pointless))
    priors = prior_share(run, deal, office)
    verdict = _verdict(clears, pointless, priors)
    sign, (low, high) = quantity(deal.sign), deal.frechet
    return DealReading(
        id=deal.text.id,
        title=deal.text.title,
        status=_status(deal),
        sign=SignReading(
            median=sign.median,
            lo=sign.lo,
            hi=sign.hi,
            frechet_lo=float(np.median(low)),
            frechet_hi=float(np.median(high)),
        ),
        lasts_if_signed=_outcomes(deal, run.model.values.const(1.0)),
        signed_and_lasts=_outcomes(deal, deal.sign),
        reference_class=_class_note(run, deal),
        decision_makers=rows,
        guarantors=_guarantors(run, deal),
        stress=_stress(deal),
        bottleneck=where,
        tornado=tornado(run, deal) if options else (),
        tornado_lasting=tornado(run, deal, lasting=True) if options else (),
        depends_on=depends_on(deal, lambda clears: _verdict(clears, pointless, priors)),
        verdict=verdict,
        share=clears,
        reason=_reason(verdict, clears, priors),
        find_out=find_out(deal, office),
        prior_share=priors,
        rests_on_priors=_thin(run, deal),
        sentence=_sentence(deal, rows, verdict, clears),
    )


# -- the whole --------------------------------------------------------------------------------


def _spoilers(run: Run) -> tuple[SpoilerReading, ...]:
    deals = list(run.deals.values())
    if not deals:
        return ()
    return tuple(
        SpoilerReading(
            id=s.id, y1=quantity(np.asarray(spoilers.attack_by(12.0, deals[-1].spoiler_rate(s.id))))
        )
        for s in run.encoded.case.spoilers
    )


def _names(run: Run) -> dict[str, str]:
    """Names by which people know those whom the answer calls by their ids."""
    case = run.encoded.case
    offices = {office.name: office.title for office in run.encoded.present}
    rows: list[Any] = [*case.parties, *case.spoilers, *case.decision_makers]
    return offices | {row.id: row.name for row in rows}


def _warnings(run: Run) -> tuple[str, ...]:
    case, said = run.encoded.case, []
    if not case.texts:
        said.append(_("No text was on the table on this day: there is trust to read, but no deal."))
    if not case.facts:
        said.append(_("No fact was known on this day: every belief is a prior."))
    assumed = sum(fact.known_on_assumed for fact in case.facts)
    if assumed:
        said.append(
            _("{n} facts have no known_on: the day on which they happened is assumed.").format(n=assumed)
        )
    if run.encoded.unread:
        names = ", ".join(run.encoded.unread)
        said.append(_("Facts that bear on nobody's account: {names}.").format(names=names))
    for name, value in case.defaults.items():
        said.append(
            _("The default {name} is set to {value} for this reading.").format(name=name, value=value)
        )
    said += [
        _("{id}: {field} set by hand: {reason}").format(
            id=f.id, field=", ".join(f.override), reason=f.override_reason
        )
        for f in case.facts
        if f.override
    ]
    return tuple(said)


def answer(run: Run, stamps: Stamps, *, options: bool = True) -> Reading:
    """Read a case: the whole answer.

    Parameters
    ----------
    options
        Also look for the smallest changes, the package and the tornado.
    """
    case = run.encoded.case
    told = [((one.id, two.id), False) for one, two in _told_pairs(run)]
    run.prepare(told)
    deals = tuple(_deal(run, deal, options=options) for deal in run.deals.values())
    last = max((fact.known_on for fact in case.facts), default=None)
    trust, samples = _trust(run)
    return Reading(
        ok=True,
        case=case.id,
        title=case.title,
        as_of=run.day,
        facts_end=last,
        stale=last is None or (run.day - last).days > STALE_DAYS,
        method=METHOD,
        code=stamps.code,
        case_hash=stamps.case_hash,
        codebook_hash=run.tables.codebook_hash,
        defaults_hash=run.tables.defaults_hash,
        seed=run.seed,
        draws=run.draws,
        calibrated=False,
        interval={"prob": 0.8, "kind": "eti"},
        audience=None,
        withheld=0,
        changes=tuple(plain(change) for change in case.changes),
        trust=trust,
        keep=_keep(run),
        deals=deals,
        spoilers=_spoilers(run),
        coverage=coverage(run.encoded.case, run.tables.kinds),
        sentence=deals[-1].sentence if deals else _("No text was on the table on {day}.").format(day=run.day),
        names=_names(run),
        warnings=_warnings(run),
        samples=samples,
    )
