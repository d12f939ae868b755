"""What a move does, as events of the simulation: facts, meetings, and new terms of a text."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.choices import Choice, left_out
from goodoffices.analysis.deals import Deal, Player
from goodoffices.analysis.model import FACETS
from goodoffices.analysis.runs import Run
from goodoffices.analysis.scenario import terms
from goodoffices.core.follow import BAD, GOOD
from goodoffices.core.rollout import INTENTION, LEADER, STATE, Event, Terms
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Facet
from goodoffices.domain.moves import Effect
from goodoffices.domain.texts import Provision
from goodoffices.words import _

__all__ = ["events"]

Floats = NDArray[np.float64]
WEEKS = 52.0 / 12.0  # a month
SCEPTICS = 0.1  # how much likelier those at home are needed after a failure (A.7, judgement)
STRENGTH = 0.4  # of a failed meeting on predictability (A.7, judgement)
_PROVISION = ("detection", "recoverable", "worth", "loss", "size")


def events(run: Run, deal: Deal, choice: Choice, start: int, each: int) -> tuple[Event, ...]:
    """Give what one move does, from its first month on; arrays are spread over `each` histories a draw."""
    made = tuple(_Writer(run, deal, choice, start).events())
    return tuple(_spread(event, each) for event in made)


def _spread(event: Event, each: int) -> Event:
    def repeat(value: Any) -> Any:
        return np.repeat(value, each, axis=-1) if isinstance(value, np.ndarray) else value

    new = None if event.terms is None else Terms(*(repeat(item) for item in event.terms))
    plain = {name: repeat(value) for name, value in event._asdict().items() if name != "terms"}
    return Event(**{**plain, "terms": new})


@dataclass(frozen=True)
class _Writer:
    """Writes the events of one move."""

    run: Run
    deal: Deal
    choice: Choice
    start: int

    @property
    def month(self) -> int:
        """The month in which the move takes effect."""
        return self.start + max(0, round(self.choice.move.weeks / WEEKS))

    @cached_property
    def key(self) -> str:
        """The move with the keys of its roles: chances never hang on a name."""
        case = self.run.encoded.case
        keys = {party.id: party.key for party in case.parties}
        keys |= {spoiler.id: spoiler.key for spoiler in case.spoilers}
        keys |= {name: office.key for name, office in self.run.encoded.offices.items()}
        roles = (self.choice.by, self.choice.towards)
        return ":".join([self.choice.move.id, *(keys[name] for name in roles if name)])

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
        label = _("{name} of the move {move}").format(name=name, move=self.choice.move.id)
        return self.run.model.values.triangular(
            f"move:{self.choice.move.id}:{name}", label, low, likely, high
        )

    def _word(self, name: str, word: str) -> Floats:
        label = _("{name} of the move {move}").format(name=name, move=self.choice.move.id)
        return self.run.model.word(f"move:{self.choice.move.id}:{name}", label, "share", word)

    def events(self) -> Iterator[Event]:
        """Give all events, the new terms of the text last."""
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
        new = self._terms()
        if new is not None:
            yield Event(self.key, self.month, "terms", self.consent, terms=new)

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
            yield Event(
                self.key, self.month, "meeting", self.consent, truster=i, trustee=j,
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
                yield Event(
                    self.key, self.start + turn, "meeting", self.consent, truster=i, trustee=j,
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
                    yield Event(
                        self.key, self.month, "fact", self.consent, facet=INTENTION, sign=GOOD,
                        weight=size * lam, gesture=size, truster=i, trustee=j, owner=owner,
                    )  # fmt: skip
                for facet, strength in kind.strengths.items():
                    sign = GOOD if strength > 0 else BAD
                    weight = self.run.model.ln_ratio(conduct, facet, sign) * abs(strength)
                    yield Event(
                        self.key, self.month, "fact", self.consent, facet=FACETS.index(facet),
                        sign=sign, weight=weight, truster=i, trustee=j, owner=owner,
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
                    yield Event(
                        self.key, self.month, "fact", self.consent, truster=i, trustee=j,
                        facet=INTENTION, sign=GOOD, weight=weight * self.run.model.default("vouching"),
                    )  # fmt: skip

    def _offer(self, effect: Effect) -> Iterator[Event]:
        later = round(float(effect.given["after_weeks"]) / WEEKS)
        yield Event(self.key, self.month + later, "put", self.consent)

    # -- the text ---------------------------------------------------------------------------------

    def _terms(self) -> Terms | None:
        """The text as the move leaves it, or None if it leaves it alone."""
        changes: list[Change] = []
        added: dict[tuple[str, str], Floats] = {}
        spoilers, pressure = self.run.model.values.const(1.0), None
        for number, effect in enumerate(self.choice.move.effects):
            given = effect.given
            if effect.kind == "provision":
                changes.append(self._provision(effect, number))
            elif effect.kind in ("stake", "rounds"):
                added |= self._added(effect)
            elif effect.kind == "inclusion":
                weight = self.run.model.default("spoiler_inclusion")
                spoilers = np.exp(-weight * self._range("inclusion", given["add"]))
            elif effect.kind == "pressure":
                pressure = self._range("pressure", given["add"])
        if not changes and not added and pressure is None and bool(np.all(spoilers == 1.0)):
            return None
        other = self.run.changed(changes) if changes else self.run
        found = terms(replace(other.deals[self.deal.text.id], added=added, _pair={}))
        ratios = found.log_ratios
        if pressure is not None:
            ratios = ratios + pressure * np.log(self.run.model.default("hr_imposed"))
        return found._replace(spoilers=found.spoilers * spoilers, log_ratios=ratios)

    def _provision(self, effect: Effect, number: int) -> Change:
        given = effect.given
        words = {name: str(given[name]) for name in _PROVISION if name in given}
        new = Provision(
            key=f"move{number}", id=f"move-{given['type']}-{number}", type=str(given["type"]),
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
