"""What a plan does, as a schedule of the simulation: facts, meetings, and the text as it is changed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.choices import Choice, Step, left_out
from goodoffices.analysis.deals import Deal, Player
from goodoffices.analysis.model import FACETS
from goodoffices.analysis.runs import Run
from goodoffices.analysis.scenario import terms
from goodoffices.core import deal as deals
from goodoffices.core import ledger
from goodoffices.core.follow import BAD, GOOD
from goodoffices.core.stage import (
    FACT,
    INTENTION,
    LEADER,
    MEETING,
    PUT,
    STATE,
    TERMS,
    Event,
    Schedule,
    Terms,
)
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Facet
from goodoffices.domain.moves import Effect
from goodoffices.domain.texts import Provision
from goodoffices.words import _

__all__ = ["TextBook", "changes_text", "schedule", "takes_effect"]

Floats = NDArray[np.float64]
WEEKS = 52.0 / 12.0  # a month
SCEPTICS = 0.1  # how much likelier those at home are needed after a failure (A.7, judgement)
STRENGTH = 0.4  # of a failed meeting on predictability (A.7, judgement)
_PROVISION = ("detection", "recoverable", "worth", "loss", "size")
_REWRITING = ("provision", "stake", "rounds", "inclusion", "pressure")


def takes_effect(step: Step) -> int:
    """The month in which a step of a plan takes effect."""
    return step.start + max(0, round(step.choice.move.weeks / WEEKS))


def changes_text(choice: Choice) -> bool:
    """Does the move change what the text asks for or gives?"""
    return any(effect.kind in _REWRITING for effect in choice.move.effects)


@dataclass(frozen=True)
class _Rewrite:
    """What one move changes in the text and around it."""

    changes: tuple[Change, ...]
    added: Mapping[tuple[str, str], Floats]
    inclusion: Floats | float
    pressure: Floats | float


@dataclass
class TextBook:
    """The text under every set of changes that was asked for; each set is worked out once."""

    run: Run
    deal: Deal
    _made: dict[frozenset[str], Terms] = field(default_factory=dict)

    def under(self, choices: Sequence[Choice]) -> Terms:
        """Give the text with the changes of some moves."""
        key = frozenset(choice.id for choice in choices)
        if key not in self._made:
            ordered = sorted(choices, key=lambda choice: choice.id)
            rewrites = [_Writer(self.run, self.deal, Step(choice)).rewrite() for choice in ordered]
            self._made[key] = self._written(rewrites)
        return self._made[key]

    def _written(self, rewrites: Sequence[_Rewrite]) -> Terms:
        changes = [change for one in rewrites for change in one.changes]
        added: dict[tuple[str, str], Floats] = {}
        for one in rewrites:
            for place, more in one.added.items():
                added[place] = added.get(place, 0.0) + more
        other = self.run.changed(changes) if changes else self.run
        inclusion = self.run.model.values.const(1.0)
        for one in rewrites:
            inclusion = inclusion * one.inclusion
        pressure = reduce(deals.combine, (one.pressure for one in rewrites), 0.0)
        found = terms(replace(other.deals[self.deal.text.id], added=added, _pair={}), inclusion)
        imposed = pressure * np.log(self.run.model.default("hr_imposed"))
        return found._replace(log_ratios=found.log_ratios + imposed)


def schedule(book: TextBook, plan: Sequence[Step]) -> Schedule:
    """Give what a plan does; arrays have the draws as their axis."""
    rewriting = [step.choice for step in plan if changes_text(step.choice)]
    bits = {choice.id: 1 << number for number, choice in enumerate(rewriting)}
    events = [
        event._replace(bit=bits[step.choice.id]) if event.kind == TERMS else event
        for step in plan
        for event in _Writer(book.run, book.deal, step).events()
    ]
    ordered = sorted(events, key=lambda event: event.month)
    texts, of = _texts(book, rewriting, [event for event in ordered if event.kind == TERMS])
    return Schedule(tuple(_repeated(book.run, book.deal, ordered)), texts, of)


def _texts(
    book: TextBook, rewriting: Sequence[Choice], events: Sequence[Event]
) -> tuple[tuple[Terms, ...], tuple[int, ...]]:
    """The text under every set of changes that may come about, and where each set stands."""
    reached = {0}
    for agreeing in _subsets(sorted({event.agreed for event in events})):
        standing = 0
        for event in events:
            standing |= event.bit if event.agreed in agreeing else 0
            reached.add(standing)
    place = {found: number for number, found in enumerate(sorted(reached - {0}))}
    texts = [book.under([c for k, c in enumerate(rewriting) if found >> k & 1]) for found in place]
    return tuple(texts), tuple(place.get(found, 0) for found in range(1 << len(rewriting)))


def _subsets(names: Sequence[str]) -> Iterator[set[str]]:
    for found in range(1 << len(names)):
        yield {name for number, name in enumerate(names) if found >> number & 1}


def _repeated(run: Run, deal: Deal, events: Iterable[Event]) -> Iterator[Event]:
    """Let several readings of one face repeat one another, those before the plan too."""
    offices = [player.office.id for player in deal.players]
    rho, had = run.model.default("meeting_correlation"), Counter[tuple[int, int]]()
    for event in events:
        if event.kind != MEETING:
            yield event
            continue
        pair = (event.truster, event.trustee)
        before = had[pair] + _met(run, offices[event.truster], offices[event.trustee])
        had[pair] += 1
        whole = ledger.discriminability(1.0, before + 1.0, rho)
        known = ledger.discriminability(1.0, float(before), rho) if before else 0.0
        share = np.sqrt(np.maximum(whole**2 - known**2, 0.0))
        closer = np.sqrt(before + 1.0)
        yield event._replace(
            weight=event.weight * share,
            bonding=event.bonding / closer,
            bonding_sd=event.bonding_sd / closer,
        )


def _met(run: Run, truster: str, trustee: str) -> int:
    """How often they have met already, as far as the case tells."""
    return sum(bool(row.kind.meeting) for row in run.encoded.sightings.get((truster, trustee), ()))


@dataclass(frozen=True)
class _Writer:
    """Writes the events of one step of a plan."""

    run: Run
    deal: Deal
    step: Step

    @property
    def choice(self) -> Choice:
        """The move, with who makes it."""
        return self.step.choice

    @property
    def start(self) -> int:
        """The month in which it begins."""
        return self.step.start

    @property
    def month(self) -> int:
        """The month in which the move takes effect."""
        return takes_effect(self.step)

    @cached_property
    def key(self) -> str:
        """The move with the keys of its roles: chances never hang on a name."""
        return ":".join([self.choice.move.id, *self._keys(("by", "towards"))])

    def _keys(self, roles: Iterable[str]) -> list[str]:
        """Keys of those who play some roles."""
        case = self.run.encoded.case
        keys = {party.id: party.key for party in case.parties}
        keys |= {spoiler.id: spoiler.key for spoiler in case.spoilers}
        keys |= {name: office.key for name, office in self.run.encoded.offices.items()}
        return [keys[name] for name in (getattr(self.choice, role) for role in roles) if name]

    @cached_property
    def agreed(self) -> str:
        """What the consent hangs on: who will not have the text changed will not have it changed at all."""
        if not changes_text(self.choice):
            return self.key
        roles = [role for role in self.choice.move.consent if role != "all_bound"]
        sides = ["all_bound"] if "all_bound" in self.choice.move.consent else []
        return ":".join(["text", *sides, *self._keys(roles)])

    @cached_property
    def consent(self) -> Floats:
        """Whether those agree who must: a guarantor by its own consent, anybody else as judged."""
        values, whole = self.run.model.values, self.run.model.values.const(1.0)
        for who in self.choice.move.consent:
            many = len(self.deal.text.binds) if who == "all_bound" else 1
            whole = whole * self.run.model.default("move_consent") ** many
        own = self.run.model.stake(self.choice.by, self.deal.text.id, "consent") if self.choice.by else None
        if self.choice.move.family == "guarantee" and own is not None:
            return values.const(1.0)  # its consent is a factor of signing, and counts once
        return np.asarray(whole)

    def _range(self, name: str, given: list[float]) -> Floats:
        low, likely, high = given
        label = _("{name} of the move {move}").format(name=name, move=_(self.choice.move.label))
        return self.run.model.values.triangular(
            f"move:{self.choice.move.id}:{name}", label, low, likely, high
        )

    def _word(self, name: str, word: str) -> Floats:
        label = _("{name} of the move {move}").format(name=name, move=_(self.choice.move.label))
        return self.run.model.word(f"move:{self.choice.move.id}:{name}", label, "share", word)

    def events(self) -> Iterator[Event]:
        """Give all events, the change of the text last."""
        writers = {
            "meeting": self._meeting,
            "rounds": self._rounds,
            "fact": self._fact,
            "vouch": self._vouch,
            "offer": self._offer,
        }
        for effect in self.choice.move.effects:
            if effect.kind in writers:
                yield from writers[effect.kind](effect)
        if changes_text(self.choice):
            yield self._event(TERMS)

    def _event(self, kind: int, month: int | None = None, **given: Any) -> Event:
        when = self.month if month is None else month
        return Event(when, kind, self.key, self.agreed, self.consent, **given)

    # -- who --------------------------------------------------------------------------------------

    def _places(self, name: str) -> list[int]:
        """Places of an office, or of all of a party, among the decision-makers."""
        return [
            number
            for number, player in enumerate(self.deal.players)
            if name in (player.office.id, player.office.party)
        ]

    def _player(self, number: int) -> Player:
        return self.deal.players[number]

    # -- beliefs ----------------------------------------------------------------------------------

    def _meeting(self, effect: Effect) -> Iterator[Event]:
        given = effect.given
        one, two = self._places(self.choice.by), self._places(self.choice.towards)
        exposure = self._word("exposure", str(given["exposure"]))
        ratio = self.run.model.ln_ratio("public_reversal", Facet.PREDICTABILITY, BAD)
        for i, j in [(i, j) for i in one for j in two] + [(j, i) for i in one for j in two]:
            yield self._event(
                MEETING, truster=i, trustee=j,
                weight=self._range("discriminability", given["discriminability"]),
                bonding=self.run.model.default("bonding") * exposure,
                bonding_sd=self.run.model.default("bonding_sd") * exposure,
                failure=self._range("failure", given["failure"]), blame=STRENGTH * ratio, sceptics=SCEPTICS,
                only_signed=bool(given.get("only_if_signed", False)),
            )  # fmt: skip

    def _rounds(self, effect: Effect) -> Iterator[Event]:
        """Each round teaches the leaders a little, and may leak."""
        given = effect.given
        heads = [self._heads(self.choice.by), self._heads(self.choice.towards)]
        upward = self._range("upward", given["upward"])
        for turn in range(int(given["rounds"])):
            for i, j in [(i, j) for i in heads[0] for j in heads[1]] + [
                (j, i) for i in heads[0] for j in heads[1]
            ]:
                yield self._event(
                    MEETING, self.start + turn, truster=i, trustee=j,
                    weight=self._range("discriminability of a round", given["discriminability"]) * upward,
                    failure=self._range("leak", given["leak"]), sceptics=SCEPTICS,
                )  # fmt: skip

    def _heads(self, name: str) -> list[int]:
        found = self._places(name)
        people = [n for n in found if self._kind(n) == "person"]
        return people or found

    def _kind(self, number: int) -> str:
        holder = self._player(number).office.holder
        return holder.kind if holder is not None else "body"

    def _fact(self, effect: Effect) -> Iterator[Event]:
        given = effect.given
        pairs = [(self.choice.by, self.choice.towards)]
        if given["to"] == "left_out":
            pairs = [
                (actor, left)
                for left in left_out(self.run, self.deal, self.choice)
                for actor in (self.choice.by, self.choice.towards)
            ]
        if given.get("both"):
            pairs += [(two, one) for one, two in pairs]
        for actor, target in pairs:
            yield from self._done(actor, target, str(given["conduct"]), str(given.get("gesture", "")))

    def _done(self, actor: str, target: str, conduct: str, gesture: str) -> Iterator[Event]:
        """One act: everybody of the side to which it is done learns it of everybody who answers for it."""
        kind = self.run.tables.kinds[conduct]
        size = self._word("gesture", gesture) if gesture else self.run.model.values.const(kind.gesture)
        lam = self.run.model.default("lambda_gesture")
        owner = LEADER if actor in self.run.encoded.offices else STATE
        for i in self._places(_side(self.run, target)):
            for j in self._places(actor):
                if kind.gesture:
                    yield self._event(
                        FACT, facet=INTENTION, sign=GOOD,
                        weight=size * lam, gesture=size, truster=i, trustee=j, owner=owner,
                    )  # fmt: skip
                for facet, strength in kind.strengths.items():
                    sign = GOOD if strength > 0 else BAD
                    weight = self.run.model.ln_ratio(conduct, facet, sign) * abs(strength)
                    yield self._event(
                        FACT, facet=FACETS.index(facet), sign=sign,
                        weight=weight, truster=i, trustee=j, owner=owner,
                    )  # fmt: skip

    def _vouch(self, effect: Effect) -> Iterator[Event]:
        del effect
        third = self.choice.by
        any_deal = self.run.model.stake(third, "", "any_deal")
        informed = self.run.model.stake(third, "", "information")
        if any_deal is None or informed is None:
            return
        for i in self._places(self.choice.towards):
            told = self._player(i).office
            weight = self.run.beliefs.tau(told.id, third) * (1.0 - any_deal) * informed
            for j in range(len(self.deal.players)):
                if self._player(j).office.party != told.party and self._kind(j) == "person":
                    yield self._event(
                        FACT, truster=i, trustee=j,
                        facet=INTENTION, sign=GOOD, weight=weight * self.run.model.default("vouching"),
                    )  # fmt: skip

    def _offer(self, effect: Effect) -> Iterator[Event]:
        later = round(float(effect.given["after_weeks"]) / WEEKS)
        yield self._event(PUT, self.month + later)

    # -- the text ---------------------------------------------------------------------------------

    def rewrite(self) -> _Rewrite:
        """What the move changes in the text and around it."""
        changes: list[Change] = []
        added: dict[tuple[str, str], Floats] = {}
        inclusion: Floats | float = 1.0
        pressure: Floats | float = 0.0
        for number, effect in enumerate(self.choice.move.effects):
            if effect.kind == "provision":
                changes.append(self._provision(effect, number))
            elif effect.kind in ("stake", "rounds"):
                added |= self._added(effect)
            elif effect.kind == "inclusion":
                weight = self.run.model.default("spoiler_inclusion")
                inclusion = np.exp(-weight * self._range("inclusion", effect.given["add"]))
            elif effect.kind == "pressure":
                pressure = self._range("pressure", effect.given["add"])
        return _Rewrite(tuple(changes), added, inclusion, pressure)

    def _provision(self, effect: Effect, number: int) -> Change:
        given = effect.given
        words = {name: str(given[name]) for name in _PROVISION if name in given}
        new = Provision(
            key=f"{self.key}:{number}", id=f"{self.choice.id}:{number}", type=str(given["type"]),
            known_on=self.deal.text.tabled_on, by=self.choice.by, to=self.choice.towards or self.choice.by,
            form=str(given.get("form", "")), steps=int(given.get("steps", 1)), words=words,
        )  # fmt: skip
        return Change(
            id=f"move:{self.choice.id}:{number}", op="set_provision", target=self.deal.text.id, value=new
        )

    def _added(self, effect: Effect) -> dict[tuple[str, str], Floats]:
        given = effect.given
        if effect.kind == "rounds":
            per_round = self._range("gain of a round", given["add"])
            more, quantity, who = np.minimum(per_round * given["rounds"], given["most"]), "kept", "all_bound"
        else:
            more, quantity, who = self._range("gain", given["add"]), given["quantity"], given["who"]
        if given.get("scaled_by") == "leverage":
            held = self.run.model.stake(
                self.choice.by, self.deal.text.id, "leverage", _side(self.run, self.choice.towards)
            )
            more = more * (held if held is not None else 0.0)
        wanted = range(len(self.deal.players)) if who == "all_bound" else self._places(self.choice.towards)
        return {(self._player(n).office.id, quantity): more for n in wanted}


def _side(run: Run, name: str) -> str:
    return run.encoded.offices[name].party if name in run.encoded.offices else name
