"""Beliefs and stakes into a reading of one text: who would accept, would it last, on what it hangs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.encoding import Office
from goodoffices.analysis.model import Model
from goodoffices.analysis.trust import Beliefs
from goodoffices.core import calibration, deal, durability, phasing, spoilers
from goodoffices.core.follow import GOOD
from goodoffices.domain.evidence import Facet
from goodoffices.domain.forecasts import Calibration
from goodoffices.domain.tables import ReferenceClass
from goodoffices.domain.texts import Provision, Text
from goodoffices.words import _

__all__ = ["YEARS", "Deal", "Guarantor", "Player", "calibrated", "classes_for"]

Floats = NDArray[np.float64]
YEARS = (1, 5, 10)
OUTCOMES = ("not_abandoned", "no_serious_violation")
MONTHS = 12.0


def classes_for(model: Model, text: Text) -> tuple[ReferenceClass, list[ReferenceClass]]:
    """Give the reference class of a text, and every other that could be defended.

    The rule: the class is the one measured for agreements of the text's scope; beside it stand all
    other classes whose conditions on conflict and scope the case fulfils, among them the one over
    all agreements.
    """
    conflict = model.encoded.case.attributes.get("conflict", "")
    rows = model.encoded.tables.classes
    main = next(row for row in rows if row.scope == text.scope and not row.conflict)
    others = [
        row
        for row in rows
        if row is not main and row.conflict in ("", conflict) and row.scope in ("", text.scope)
    ]
    return main, others


def calibrated(model: Model, given: Calibration | None, kept: Floats) -> Floats:
    """Give the keep index as calibrated, the doubt about that in the draws; None leaves it as it is."""
    if given is None:
        return kept
    level, slope = (
        model.values.normal(f"calibration:{name}", label, 1.0)
        for name, label in (
            ("level", _("level of the calibration")),
            ("slope", _("slope of the calibration")),
        )
    )
    apart = np.sqrt(max(0.0, 1.0 - given.correlation**2))
    tilt = given.slope + given.slope_sd * (given.correlation * level + apart * slope)
    return calibration.bent(kept, given.level + given.level_sd * level, np.maximum(tilt, 0.0))


@dataclass
class Player:
    """One decision-maker before one text; arrays of shape (n,)."""

    office: Office
    no_deal: Floats
    kept: Floats
    broken: Floats
    veto: Floats
    veto_implementation: Floats
    wrecking: Floats


@dataclass
class Guarantor:
    """One guarantor of one text: consent, what it is trusted with, and its hold over each party."""

    office: Office
    consent: Floats
    deployed: Floats
    tau: Mapping[str, Floats]  # by truster's office
    leverage: Mapping[str, Floats]  # by party
    restitution: Mapping[str, Floats]  # by party


class Keeping(NamedTuple):
    """What decides whether a trustee keeps the text, as a truster sees it; arrays end in the draws."""

    capacity: Floats
    motive: Floats
    held: Floats
    assistance: Floats

    def kept(self, willing: Floats | float = 1.0) -> Floats:
        """Index that the trustee keeps it; `willing` scales its motive (stress test)."""
        return np.asarray(deal.keep(self.capacity, self.motive * willing, self.held, self.assistance))


@dataclass(frozen=True)
class Mirrors:
    """Everybody before everybody else across the sides, for the stress test.

    Attributes
    ----------
    keeping, trustee, wrecking
        By pair of players, shape (pairs, n).
    groups
        The pairs of each truster, by party.
    needed
        Thresholds, shape (players, n).
    bent
        Gives a keep index as calibrated.
    """

    keeping: Keeping | None  # None: there is nobody else
    trustee: NDArray[np.int64]
    wrecking: Floats
    groups: list[list[slice]]
    needed: Floats
    noise: Floats
    bent: Callable[[Floats], Floats]

    def accepts(self, ready: Floats) -> Floats:
        """Who accepts if everybody is willing as far as `ready` says; both of shape (cases, players, n)."""
        whole = np.ones_like(ready)
        if self.keeping is not None:
            left = deal.block(self.wrecking, self.keeping.kept(ready[:, self.trustee]))
            for truster, sides in enumerate(self.groups):
                for pairs in sides:
                    whole[:, truster] *= np.multiply.reduce(left[:, pairs], axis=1)
        return np.asarray(deal.acceptance(self.bent(whole), self.needed, self.noise))


@dataclass
class Deal:
    """One text as it stands before its decision-makers on the day of the reading.

    Everything is computed when first asked for; arrays have shape (n,).
    """

    model: Model
    beliefs: Beliefs
    text: Text
    added: Mapping[tuple[str, str], Floats] = field(
        default_factory=dict
    )  # to a stake, by office and quantity
    calibration: Calibration | None = None
    _pair: dict[tuple[str, str, bool], Floats] = field(default_factory=dict)
    _lasts: dict[tuple[int, str], Floats] = field(default_factory=dict, init=False)
    _keeping: dict[tuple[str, str, bool], Keeping] = field(default_factory=dict, init=False)

    # -- what the text says -------------------------------------------------------------------

    def _provisions(self, kind: str) -> list[Provision]:
        return [item for item in self.text.provisions if item.type == kind]

    def _worded(self, item: Provision, name: str) -> Floats:
        label = _("{name} of {provision} in {text}").format(
            name=name, provision=item.id, text=self.text.title
        )
        return self.model.word(f"provision:{item.key}:{name}", label, "share", item.words[name])

    def _strongest(self, kind: str, name: str) -> Floats:
        found = [self._worded(item, name) for item in self._provisions(kind)]
        return reduce(np.maximum, found, self.model.values.const(0.0))

    @cached_property
    def detection(self) -> Floats:
        """Chance index that a breach is seen."""
        return self._strongest("verification", "detection")

    @cached_property
    def recoverable(self) -> Floats:
        """Share of a loss that is saved if a breach is seen in time."""
        return self._strongest("verification", "recoverable")

    @property
    def steps(self) -> int:
        """Steps in which the text is carried out."""
        return max([item.steps for item in self._provisions("phasing")], default=1)

    def assistance(self, office: Office) -> Floats:
        """Outside help to an office's capacity to keep the text."""
        left = self.model.values.const(1.0)
        for item in self._provisions("assistance"):
            if item.to in (office.id, office.party, office.name):
                left = left * (1.0 - self._worded(item, "size"))
        return np.asarray(1.0 - left)

    def bond(self, party: str, *, own: bool) -> Floats:
        """What bonds are worth: to `party` if others break, or (own) to its own loss if it breaks."""
        total = self.model.values.const(0.0)
        for item in self._provisions("bond"):
            by = item.by if item.by in self.text.binds else self.model.encoded.office_of(item.by).party
            if (by == party) == own:
                total = total + self._worded(item, "loss" if own else "worth")
        return total

    # -- who decides --------------------------------------------------------------------------

    @cached_property
    def players(self) -> list[Player]:
        """The decision-makers of the bound parties, in order of declaration."""
        return [self._player(office) for office in self.model.encoded.players(self.text)]

    def _player(self, office: Office) -> Player:
        def stake(quantity: str) -> Floats:
            given = self.model.stake(office.id, self.text.id, quantity)
            worth = given if given is not None else self.model.values.const(0.0)
            more = self.added.get((office.id, quantity))
            return worth if more is None else np.asarray(worth + more)

        names = ("no_deal", "kept", "broken", "veto_signing", "veto_implementation", "wrecking")
        return Player(office, *(stake(name) for name in names))

    @cached_property
    def guarantors(self) -> list[Guarantor]:
        """The guarantors that the text names and whose office somebody holds."""
        offices = [self.model.encoded.offices[name] for name in self.text.guarantors]
        return [self._guarantor(office) for office in offices if office.holder]

    def _guarantor(self, office: Office) -> Guarantor:
        def stake(quantity: str, party: str = "") -> Floats:
            given = self.model.stake(office.id, self.text.id, quantity, party)
            return given if given is not None else self.model.values.const(0.0)

        forms = [item.form for item in self._provisions("guarantee") if item.by == office.id]
        deployed = [self.model.default(f"deployed.{form}") for form in forms]
        return Guarantor(
            office=office,
            consent=stake("consent"),
            deployed=reduce(np.maximum, deployed, self.model.values.const(0.0)),
            tau={p.office.id: self.beliefs.tau(p.office.id, office.id) for p in self.players},
            leverage={party: stake("leverage", party) for party in self.text.binds},
            restitution={party: stake("restitution", party) for party in self.text.binds},
        )

    # -- keeping ------------------------------------------------------------------------------

    def deterrence(self, truster: Office, trustee: Office, *, guaranteed: bool) -> Floats:
        """How far an unwilling trustee is held to the text, as the truster sees it."""
        zero = self.model.values.const(0.0)
        held, seen = zero, np.maximum(self.detection, self.model.default("unaided_detection"))
        if guaranteed and truster.party != trustee.party:
            for third in self.guarantors:
                by = deal.guarantee_deterrence(third.tau[truster.id], third.leverage[trustee.party], seen)
                held = np.maximum(held, by)
        posted = self.bond(trustee.party, own=True)
        bonded = deal.bond_deterrence(posted, self.model.default("temptation"))
        return np.asarray(deal.combine(deal.combine(self.model.default("self_enforcement"), held), bonded))

    def motive(self, truster: Office, trustee: Office) -> Floats:
        """Motive trust of one office in another."""
        return self.beliefs.motive(self.beliefs.of(truster.id, trustee.id).trust)

    def keeping(self, truster: Office, trustee: Office, *, guaranteed: bool) -> Keeping:
        """Give what decides whether the trustee keeps the text."""
        key = (truster.id, trustee.id, guaranteed)
        if key not in self._keeping:
            motive = self.motive(truster, trustee)
            capacity = self.beliefs.of(truster.id, trustee.id).trust[0]
            held = self.deterrence(truster, trustee, guaranteed=guaranteed)
            self._keeping[key] = Keeping(capacity, motive, held, self.assistance(trustee))
        return self._keeping[key]

    def keeps(self, truster: Office, trustee: Office, *, guaranteed: bool) -> Floats:
        """Index that the trustee keeps the text."""
        key = (truster.id, trustee.id, guaranteed)
        if key not in self._pair:
            self._pair[key] = self.keeping(truster, trustee, guaranteed=guaranteed).kept()
        return self._pair[key]

    def _others(self, truster: Office, party: str) -> list[Player]:
        """Those of a party who could break the text, but for the truster."""
        return [other for other in self.players if other.office.party == party and other.office != truster]

    def party_keeps(self, truster: Office, party: str, *, guaranteed: bool = True) -> Floats:
        """Index that everyone of a party who could break the text keeps it."""
        kept = [
            deal.block(other.wrecking, self.keeps(truster, other.office, guaranteed=guaranteed))
            for other in self._others(truster, party)
        ]
        return reduce(np.multiply, kept, self.model.values.const(1.0))

    def keep(self, player: Player) -> Floats:
        """Index that all other bound parties keep the text, as one decision-maker sees it."""
        others = [party for party in self.text.binds if party != player.office.party]
        kept = [self.party_keeps(player.office, party) for party in others]
        return self._bent(reduce(np.multiply, kept, self.model.values.const(1.0)))

    def _bent(self, kept: Floats) -> Floats:
        return calibrated(self.model, self.calibration, kept)

    def own_side(self, player: Player) -> Floats:
        """Index that nobody on one's own side wrecks the text."""
        return self.party_keeps(player.office, player.office.party, guaranteed=False)

    # -- signing ------------------------------------------------------------------------------

    def restored(self, player: Player) -> Floats:
        """Share of a loss that a guarantor makes good, as far as it is trusted."""
        shares = [g.tau[player.office.id] * g.restitution[player.office.party] for g in self.guarantors]
        return reduce(np.maximum, shares, self.model.values.const(0.0))

    def _exposed(self, player: Player) -> Floats:
        """What a decision-maker is left to lose if the others break the text."""
        return np.asarray(
            deal.exposure(
                player.no_deal - player.broken,
                self.model.default("loss_weight"),
                self.detection,
                self.recoverable,
                self.restored(player),
                self.bond(player.office.party, own=False),
            )
        )

    def _thresholds(self) -> Floats:
        """The least keep index at which each decision-maker is better off signing; shape (players, n)."""
        gain = np.array([player.kept - player.no_deal for player in self.players])
        exposed = np.array([self._exposed(player) for player in self.players])
        whole = np.asarray(deal.threshold(gain, exposed))
        if self.steps == 1:
            return whole
        phased = self._phased(np.where(gain > 0, gain, 1.0), exposed)
        return np.where(gain > 0, np.minimum(phased, whole), whole)

    def _phased(self, gain: Floats, exposed: Floats) -> Floats:
        """Thresholds if the text is carried out in steps, of all who decide in one go."""
        lesson = self.model.ln_ratio("kept_obligation", Facet.INTEGRITY, GOOD)
        carry, times = self.model.default("phase_discount"), len(gain)

        def search() -> Floats:
            shared = np.tile(lesson, times), np.tile(carry, times)
            return phasing.phased_threshold(gain.ravel(), exposed.ravel(), self.steps, *shared)

        key = self.steps, gain.tobytes(), exposed.tobytes()
        return self.model.phased.once(key, search).reshape(gain.shape)

    @cached_property
    def keep_of(self) -> dict[str, Floats]:
        """Keep index by decision-maker's office."""
        return {player.office.id: self.keep(player) for player in self.players}

    @cached_property
    def threshold_of(self) -> dict[str, Floats]:
        """Threshold by decision-maker's office."""
        if not self.players:
            return {}
        offices = [player.office.id for player in self.players]
        return dict(zip(offices, self._thresholds(), strict=True))

    def gap(self, office: str) -> Floats:
        """Threshold less keep: above zero, trust falls short."""
        return self.threshold_of[office] - self.keep_of[office]

    def accepts(self, player: Player, kept: Floats | None = None) -> Floats:
        """Index of acceptance."""
        kept = self.keep_of[player.office.id] if kept is None else kept
        needed = self.threshold_of[player.office.id]
        return np.asarray(deal.acceptance(kept, needed, self.model.default("decision_noise")))

    @cached_property
    def factors(self) -> dict[str, Floats]:
        """What each decision-maker, and each guarantor by its consent, leaves of the signing."""
        own = {p.office.id: np.asarray(deal.factor(p.veto, self.accepts(p))) for p in self.players}
        return own | {f"guarantor:{third.office.id}": third.consent for third in self.guarantors}

    @cached_property
    def sign(self) -> Floats:
        """Index of signing if the text were put to them today, as if they decided independently."""
        return reduce(np.multiply, self.factors.values(), self.model.values.const(1.0))

    @cached_property
    def frechet(self) -> tuple[Floats, Floats]:
        """Bounds on that index whatever the dependence (Frechet 1935)."""
        parts = list(self.factors.values()) or [self.model.values.const(1.0)]
        low = np.maximum(0.0, sum(parts) - len(parts) + 1.0)
        return np.asarray(low), reduce(np.minimum, parts)

    def needed(self, player: Player) -> NDArray[np.bool_]:
        """Draws in which this decision-maker's No would stop the signing."""
        return np.asarray(self.model.values.noise(f"veto:{self.text.key}:{player.office.key}") < player.veto)

    @cached_property
    def clears(self) -> NDArray[np.bool_]:
        """Draws in which everyone who is needed clears, and every named guarantor takes part."""
        good = self.model.values.const(1.0) > 0
        for player in self.players:
            good &= (self.gap(player.office.id) <= 0) | ~self.needed(player)
        for third in self.guarantors:
            good &= self.model.values.noise(f"consent:{self.text.key}:{third.office.key}") < third.consent
        return good

    @cached_property
    def pointless(self) -> NDArray[np.bool_]:
        """Draws in which somebody who is needed gains nothing even if the text is kept."""
        none = self.model.values.const(1.0) < 0
        for player in self.players:
            none |= (player.kept <= player.no_deal) & self.needed(player)
        return none

    def stressed(self, *starts: float, rounds: int = 60) -> list[Floats]:
        """Signing if each also asks how far the other trusts him (Kydd 1997), from starts in [0, 1]."""
        sizes = len(starts), len(self.players), self.model.values.n
        ready, open_ = np.empty(sizes), np.full(len(starts), bool(self.players))
        ready[:] = np.array(starts)[:, None, None]
        for _round in range(rounds):
            if not open_.any():
                break
            new = self._mirrors.accepts(ready[open_])
            moved = np.abs(new - ready[open_]).max(axis=(1, 2))
            ready[open_] = (ready[open_] + new) / 2.0
            open_[open_] = moved >= 1e-6
        return [self._signed_if(one) for one in ready]

    def _signed_if(self, ready: Floats) -> Floats:
        """Signing if each accepts as far as `ready` says; shape (players, n)."""
        parts = [np.asarray(deal.factor(p.veto, own)) for p, own in zip(self.players, ready, strict=True)]
        parts += [third.consent for third in self.guarantors]
        return reduce(np.multiply, parts, self.model.values.const(1.0))

    @cached_property
    def _mirrors(self) -> Mirrors:
        players, sides = self.players, self.text.binds
        pairs: list[tuple[int, int]] = []
        groups: list[list[slice]] = []
        for one, player in enumerate(players):
            groups.append([])
            for party in sides:
                first = len(pairs)
                if party != player.office.party:
                    pairs += [(one, two) for two, other in enumerate(players) if other.office.party == party]
                if len(pairs) > first:
                    groups[-1].append(slice(first, len(pairs)))
        keeping = [self.keeping(players[a].office, players[b].office, guaranteed=True) for a, b in pairs]
        return Mirrors(
            keeping=Keeping(*map(np.array, zip(*keeping, strict=True))) if keeping else None,
            trustee=np.array([two for _one, two in pairs], dtype=np.int64),
            wrecking=np.array([players[two].wrecking for _one, two in pairs]),
            groups=groups,
            needed=np.array([self.threshold_of[player.office.id] for player in players]),
            noise=self.model.default("decision_noise"),
            bent=self._bent,
        )

    # -- lasting ------------------------------------------------------------------------------

    @cached_property
    def keep_for_lasting(self) -> Floats:
        """Smallest keep index among those who can stop the carrying out.

        Without guarantor and verification, whose effect on durability enters once, through their
        hazard ratios; with those on one's own side who could wreck it.  The geometric mean instead
        of the smallest is swept in the tornado.
        """
        lowest, logs, count = (self.model.values.const(value) for value in (1.0, 0.0, 0.0))
        for player in self.players:
            draw = self.model.values.noise(f"veto-implementation:{self.text.key}:{player.office.key}")
            counts, whole = draw < player.veto_implementation, self._whole(player)
            lowest = np.where(counts, np.minimum(lowest, whole), lowest)
            logs, count = logs + counts * np.log(np.maximum(whole, 1e-9)), count + counts
        mean = np.exp(logs / np.maximum(count, 1.0))
        label = _("whether the weakest link or the mean of all decides how long {text} lasts")
        rules = {"smallest": 1.0, "geometric mean": 0.0}
        rule = self.model.values.mixture("rule:lasting", label.format(text=_("a text")), rules)
        return np.asarray(rule["smallest"] * lowest + rule["geometric mean"] * mean)

    def _whole(self, player: Player) -> Floats:
        """Index that everyone keeps the text, those on one's own side too, without any guarantor."""
        others = [party for party in self.text.binds if party != player.office.party]
        kept = [self.party_keeps(player.office, party, guaranteed=False) for party in others]
        kept.append(self.own_side(player))
        return self._bent(reduce(np.multiply, kept, self.model.values.const(1.0)))

    @property
    def milestone_near(self) -> bool:
        """Was the text signed within half a year before the day of the reading?"""
        signed = self.text.signed_on
        return signed is not None and (self.model.encoded.day - signed).days < 183

    def spoiler_rate(self, spoiler_id: str, *, near: bool | None = None) -> Floats:
        """Attacks a month by one spoiler, at the rate of milestones while one is near."""
        values = [
            self.model.stake(spoiler_id, self.text.id, q)
            for q in ("loss", "capacity", "inclusion", "policing")
        ]
        given = [value if value is not None else self.model.values.const(0.0) for value in values]
        weights = tuple(
            self.model.default(f"spoiler_{q}") for q in ("loss", "capacity", "inclusion", "policing")
        )
        near = self.milestone_near if near is None else near
        base = self.model.default("spoiler_milestone" if near else "spoiler_quiet")
        loss, capacity, inclusion, policing = given
        return np.asarray(spoilers.rate(base, loss, capacity, inclusion, policing, weights))

    @cached_property
    def attacked(self) -> Floats:
        """Chance index of a spoiler's attack within a year."""
        sides = [s for s in self.model.encoded.case.spoilers if s.side in self.text.binds]
        total = sum((self.spoiler_rate(s.id) for s in sides), start=self.model.values.const(0.0))
        return np.asarray(spoilers.attack_by(MONTHS, total))

    @cached_property
    def log_ratios(self) -> Floats:
        """Sum of the log hazard ratios of what is in the text and around it."""
        pressure = self.model.word(
            f"pressure:{self.text.key}",
            _("pressure behind {text}").format(text=self.text.title),
            "share",
            self.text.pressure or "none",
        )
        total = pressure * np.log(self.model.default("hr_imposed"))
        total = total + self.attacked * np.log(self.model.default("hr_spoiler"))
        total = total + self.detection * np.log(self.model.default("hr_verification"))
        total = total + self._deployed() * np.log(self.model.default("hr_guarantee"))
        return np.asarray(total + self._excluded() * np.log(self.model.default("hr_excluded")))

    def _deployed(self) -> Floats:
        """Deployed force as far as the least trusting of those who decide trusts who deploys it."""
        whole = self.model.values.const(1.0)
        found = [
            reduce(np.minimum, (third.tau[p.office.id] for p in self.players), whole) * third.deployed
            for third in self.guarantors
        ]
        return reduce(np.maximum, found, self.model.values.const(0.0))

    def _excluded(self) -> Floats:
        left = self.model.values.const(0.0)
        for name in self.text.excluded:
            encoded = self.model.encoded
            known = {dm.id for dm in encoded.case.decision_makers} | set(encoded.offices)
            actor = encoded.office_of(name).id if name in known else name
            given = self.model.stake(actor, self.text.id, "wrecking")
            left = left if given is None else deal.combine(left, given)
        return np.asarray(left)

    @cached_property
    def multipliers(self) -> tuple[Floats, Floats]:
        """Hazard multipliers for the two outcomes; which class is right is in the draws."""
        main, others = classes_for(self.model, self.text)
        rows = [main, *others]
        weights = {row.name: (0.5 if row is main else 0.5 / len(others)) if others else 1.0 for row in rows}
        label = _("which class {text} belongs to").format(text=self.text.title)
        member = self.model.values.mixture(f"class:{self.text.key}", label, weights)
        per_class = {row.name: row.multiplier or durability.multiplier_for(row.y5) for row in rows}
        drawn = sum(
            (member[name] * per_class[name] for name in per_class),
            start=self.model.values.const(0.0),
        )
        truce = next(row.multiplier for row in self.model.encoded.tables.classes if row.name == "truce")
        return np.asarray(drawn), np.maximum(drawn, truce or 0.0)

    def lasts(self, years: int, outcome: str) -> Floats:
        """Index that the text, once signed, lasts this long."""
        if (years, outcome) not in self._lasts:
            self._lasts[years, outcome] = self._lasting(years, outcome)
        return self._lasts[years, outcome]

    def _lasting(self, years: int, outcome: str) -> Floats:
        multiplier = self.multipliers[OUTCOMES.index(outcome)]
        centre, weight = self.model.default("keep_centre"), self.model.default("keep_weight")
        failed = durability.failure(years, multiplier, self.keep_for_lasting, centre, weight, self.log_ratios)
        return np.asarray(1.0 - failed)
