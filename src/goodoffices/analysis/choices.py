"""What could be done next in a case: every move with who would make it, and why some cannot be made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from goodoffices.analysis.deals import Deal, Player
from goodoffices.analysis.encoding import Office
from goodoffices.analysis.runs import Run
from goodoffices.domain.moves import Move
from goodoffices.words import _, figure

__all__ = ["Choice", "Refused", "Step", "choices", "gesture_room", "left_out"]


@dataclass(frozen=True)
class Choice:
    """One move in one case: made by whom (an office or party), aimed at whom."""

    move: Move
    by: str = ""
    towards: str = ""

    @property
    def id(self) -> str:
        """The move with its roles, by which chances are keyed."""
        return ":".join(filter(None, (self.move.id, self.by, self.towards)))


@dataclass(frozen=True)
class Step:
    """One move of a plan, and the month in which it begins."""

    choice: Choice
    start: int = 1


@dataclass(frozen=True)
class Refused:
    """A move that cannot be made, and why."""

    choice: Choice
    reason: str


@dataclass(frozen=True)
class _Cast:
    """Who could play which role before one text."""

    run: Run
    deal: Deal

    def of(self, role: str) -> list[str]:
        """Offices, parties or spoilers that could play a role."""
        encoded, text = self.run.encoded, self.deal.text
        roles = {party.id: party.role for party in encoded.case.parties}
        people = [o for o in encoded.present if o.holder is not None and o.holder.kind == "person"]
        deciding = {player.office.id for player in self.deal.players}
        if role == "leader":
            return [o.id for o in people if o.id in deciding or roles[o.party] == "third"]
        if role == "party":
            return list(text.binds)
        if role == "third":
            return [o.id for o in people if roles[o.party] == "third" and o.party not in text.binds]
        if role == "spoiler":
            return [spoiler.id for spoiler in encoded.case.spoilers if spoiler.side in text.binds]
        return [""]


def _side(run: Run, name: str) -> str:
    return run.encoded.offices[name].party if name in run.encoded.offices else name


def choices(run: Run, deal: Deal, moves: Mapping[str, Move]) -> tuple[list[Choice], list[Refused]]:
    """Give every move that could be made before a text, and those that are refused with the reason."""
    fit, refused = [], []
    for choice in _all(run, deal, moves):
        reason = next((told for need in choice.move.needs if (told := _lacks(run, deal, choice, need))), "")
        if not reason:
            fit.append(choice)
        elif reason != _NEVER:
            refused.append(Refused(choice, reason))
    return fit, refused


_NEVER = "-"  # not even worth a word: the roles make no sense together


def _all(run: Run, deal: Deal, moves: Mapping[str, Move]) -> Iterator[Choice]:
    cast, seen = _Cast(run, deal), set()
    for move in moves.values():
        for by in cast.of(move.by):
            for towards in cast.of(move.towards):
                mutual = move.by == move.towards and set(move.consent) >= {"by", "towards"}
                key = (move.id, frozenset((by, towards))) if mutual else (move.id, by, towards)
                if key in seen or (by and by == towards):
                    continue
                seen.add(key)
                yield Choice(move, by, towards)


def _lacks(run: Run, deal: Deal, choice: Choice, need: str) -> str:
    """Say what is missing for a move, or nothing."""
    one, two = _side(run, choice.by), _side(run, choice.towards)
    bound = deal.text.binds
    match need:
        case "text_open":
            return _("the text is signed already") if deal.text.signed_on else ""
        case "both_persons":
            return ""
        case "other_side" | "principals":
            return _NEVER if one == two or one not in bound or two not in bound else ""
        case "someone_left_out":
            return "" if left_out(run, deal, choice) else _NEVER
        case "leader_bound" | "party_bound_towards":
            return "" if two in bound else _NEVER
        case "party_bound":
            return "" if one in bound else _NEVER
        case "within_senders_limit":
            return _beyond_limit(run, deal, choice)
    return _third_lacks(run, deal, choice, need)


def left_out(run: Run, deal: Deal, choice: Choice) -> tuple[str, ...]:
    """Bound parties that a meeting of two leaders would leave out."""
    met = {_side(run, choice.by), _side(run, choice.towards)}
    return tuple(party for party in deal.text.binds if party not in met) if met & set(deal.text.binds) else ()


def _third_lacks(run: Run, deal: Deal, choice: Choice, need: str) -> str:
    encoded, text = run.encoded, deal.text.id
    if need == "third_guarantor" and encoded.stake(choice.by, text, "consent") is None:
        return _("whether it would consent is not coded")
    if need == "third_informed" and encoded.stake(choice.by, "", "information") is None:
        return _("what it knows, and whether it wants any deal, is not coded")
    towards = _side(run, choice.towards)
    if need == "third_leverage" and encoded.stake(choice.by, text, "leverage", towards) is None:
        return _("its hold over that side is not coded")
    return ""


def gesture_room(run: Run, deal: Deal, choice: Choice) -> tuple[float, float] | None:
    """Size of a gesture, and the largest that its sender could afford: odds(trust) value / loss (A.7).

    None if the move is no gesture, or its roles make no sense together.
    """
    if "within_senders_limit" not in choice.move.needs:
        return None
    senders = [p for p in deal.players if p.office.id == choice.by]
    targets = [p for p in deal.players if p.office.party == choice.towards]
    if not senders or not targets or senders[0].office.party == choice.towards:
        return None
    sender, trust = senders[0], run.beliefs.of(choice.by, _head(targets).id).trust[1]
    value = np.maximum(sender.kept - sender.no_deal, 0.0)
    loss = np.maximum(sender.no_deal - sender.broken, 1e-9)
    words = [str(effect.given.get("gesture", "none")) for effect in choice.move.effects]
    size = max(run.tables.scales["share"][word].value for word in words)
    return size, float(np.median(trust / (1.0 - trust) * value / loss))


def _beyond_limit(run: Run, deal: Deal, choice: Choice) -> str:
    """Say that a gesture is larger than its sender could afford."""
    room = gesture_room(run, deal, choice)
    if room is None:
        return _NEVER
    size, limit = room
    if size <= limit:
        return ""
    return _("larger than its sender could afford: {size} of a separating act, limit {limit}").format(
        size=figure(size), limit=figure(limit)
    )


def _head(players: list[Player]) -> Office:
    people = [p.office for p in players if p.office.holder is not None and p.office.holder.kind == "person"]
    return people[0] if people else players[0].office
