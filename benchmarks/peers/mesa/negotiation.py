"""The negotiation as a Mesa model: its agents are those who decide, and a month is a step.

One history at a time, by the rules of the package's core/ledger.py, core/deal.py and
core/durability.py; docs/discussion/simulation.md says what happens in which order.  Each agent holds
what he believes of those on other sides, and works on small arrays over them.
"""

import math
from typing import Any

import mesa
import numpy as np
from scene import Chances, Floats, Scene, Seat

from goodoffices.core import deal, durability, ledger
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
)

DOUBTED = np.array([facet in (INTENTION, INTEGRITY) for facet in range(4)]) * 1.0
NEVER = -1


def logit(u: float) -> float:
    """Give the log-odds of a chance."""
    return math.log(u / (1.0 - u))


class DecisionMaker(mesa.Agent):
    """One who decides: what he believes of the others, how he truly is, and what he thinks of the text."""

    def __init__(self, model: "Negotiation", seat: Seat) -> None:
        super().__init__(model)
        self.seat, chances, key = seat, model.chances, seat.key
        self.stores, self.flags = seat.stores.copy(), seat.flags.copy()
        self.flagged = np.zeros(seat.prior.shape)  # by facet; only integrity can be
        self.truth = self.drawn_truth(0)
        self.needed = chances.uniform("veto", key, 0) < seat.veto
        self.needed_later = chances.uniform("veto later", key, 0) < seat.veto_later
        self.noise = logit(chances.uniform("noise", key, 0))
        self.accepts = self.accepted = self.turned = self.changed = False

    def drawn_truth(self, month: int) -> Floats:
        """How trustworthy he is on each facet."""
        z = [self.model.chances.normal("truth", f"{self.seat.key}:{facet}", month) for facet in range(4)]
        return ledger.trust(self.seat.truth + self.seat.truth_doubt * np.array(z), 0.0)

    # -- a month ----------------------------------------------------------------------------------

    def fade(self) -> None:
        """A month goes by."""
        self.stores *= self.model.scene.left_in_a_month
        self.flags *= self.model.flag_left

    def leave(self) -> None:
        """Some leaders leave; what was said of them, and by them, fades by the leader's share."""
        model, key, now = self.model, self.seat.key, self.model.steps
        if not self.seat.person or model.chances.uniform("office", key, now) >= model.leaving:
            return
        model.count("office_changes")
        kept = model.rules["turnover_kept"]
        self.stores[..., LEADER] *= kept
        self.flags[:, LEADER] *= kept
        for other in model.facing(self):
            spot = other.seat.spot[self.seat.place]
            other.stores[spot, ..., LEADER] *= kept
            other.flags[spot, LEADER] *= kept
            other.changed = True
        self.truth = self.drawn_truth(now)
        self.changed = True

    def look(self) -> None:
        """See what he believes of each other on every facet."""
        held = self.stores[..., STATE] + self.stores[..., LEADER]
        strongest = np.maximum(self.flags[:, STATE], self.flags[:, LEADER])
        self.flagged[:, INTEGRITY] = ledger.ceiling(strongest)
        level = self.seat.prior + held[:, :, GOOD] - held[:, :, BAD]
        self.trust = ledger.trust(level, self.flagged)

    def explained_away(self, spot: int, facet: int) -> float:
        """How far the enemy image explains a good act on this facet away."""
        if facet not in (INTENTION, INTEGRITY):
            return 0.0
        return ledger.discount(self.model.rules["hawk"], self.trust[spot, INTENTION])

    def learn(self, spot: int, facet: int, sign: int, owner: int, weight: float, gesture: float) -> None:
        """Put conduct of one's own choice into the store that it belongs to."""
        if sign == BAD:
            amount = ledger.blame(weight, 1.0, 0.0)
        else:
            amount = ledger.credit(weight, 1.0, self.explained_away(spot, facet), gesture, 0.0)
        self.stores[spot, facet, sign, owner] += amount

    def learn_facts(self, which: int) -> None:
        """A month of the case's own facts comes again."""
        month = self.seat.bank[which]
        if len(month.good_weight):
            discount = ledger.discount(self.model.rules["hawk"], self.trust[month.good_about, INTENTION])
            self.stores[month.good] += ledger.credit(
                month.good_weight, 1.0, discount * month.doubted, month.good_gesture, 0.0
            )
        if len(month.bad_weight):
            self.stores[month.bad] += ledger.blame(month.bad_weight, 1.0, 0.0)
        self.changed |= bool(len(month.good_weight) or len(month.bad_weight))

    def learn_obligation(self, spot: int, owner: int, *, kept: bool) -> None:
        """See another keep or break what was due, on every facet at once."""
        scene = self.model.scene
        if kept:
            doubted = DOUBTED * self.explained_away(spot, INTENTION)
            self.stores[spot, :, GOOD, owner] += ledger.credit(scene.kept, 1.0, doubted, 0.0, 0.0)
        else:
            self.stores[spot, :, BAD, owner] += ledger.blame(scene.broken, 1.0, 0.0)
        self.changed = True

    def blame_for_attack(self, side: int) -> None:
        """Blame a side for its spoilers, as far as he holds it able to stop them."""
        theirs = [spot for j, spot in self.seat.spot.items() if self.model.makers[j].seat.side == side]
        blame = ledger.attack(1.0, self.trust[theirs, CAPACITY], 0.0)
        self.stores[theirs, INTENTION, BAD, STATE] += blame
        self.changed = True

    def do_what_is_due(self) -> None:
        """Keep or break what falls due under a signed text, as the truth has it; the others see it."""
        model, key, now = self.model, self.seat.key, self.model.steps
        if model.chances.uniform("due", key, now) >= model.rules["obligation_rate"]:
            return
        kept = model.chances.uniform("kept", key, now) < model.truly_kept(self)
        model.count("obligation_kept" if kept else "obligation_broken")
        owner = LEADER if self.seat.person else STATE
        for other in model.facing(self):
            other.learn_obligation(other.seat.spot[self.seat.place], owner, kept=kept)

    def renew(self) -> None:
        """Think anew where something before him changed."""
        if self.changed:
            self.noise = logit(self.model.chances.uniform("noise", self.seat.key, self.model.steps))
        self.changed = False

    def weigh(self) -> None:
        """Would he accept the text by what he believes now?"""
        spare = self.keep(self.trust) - self.model.text.threshold[self.seat.place]
        self.accepts = spare + self.model.rules["decision_noise"] * self.noise > 0

    def keep(self, trust: Floats) -> float:
        """How far all others would keep the text, if they are as trustworthy as this; shape (other, 4)."""
        text, place = self.model.text, self.seat.place
        kept = deal.keep(
            trust[:, CAPACITY], self.model.motive(trust), text.deterrence[place], text.assistance[place]
        )
        return deal.block(self.seat.wrecking_of_others, kept).prod()


class Negotiation(mesa.Model):
    """One history of one draw."""

    def __init__(self, scene: Scene, number: int) -> None:
        super().__init__(seed=number)
        self.scene, self.rules, self.text = scene, scene.rules, scene.text
        self.chances = Chances(scene.seed, scene.draw, number)
        self.leaving = 1.0 - math.exp(-self.rules["office_rate"])
        self.flag_left = ledger.fade(MONTH, self.rules["half_life_flag"])
        self.makers = [DecisionMaker(self, seat) for seat in scene.seats]
        self.others = [[self.makers[j] for j in seat.others] for seat in scene.seats]
        self.takes_part = self.chances.uniform("consent", "", 0) < self.text.consent
        self.status, self.signed_on, self.ended_on = TALKS, NEVER, NEVER
        self.changes = self.steps_done = 0
        self.good = self.put = False
        self.counts = dict.fromkeys(TRANSITIONS, 0)

    # -- what its agents ask ----------------------------------------------------------------------

    def count(self, transition: str) -> None:
        """Count a transition."""
        self.counts[transition] += 1

    def facing(self, one: DecisionMaker) -> list[DecisionMaker]:
        """Those on other sides."""
        return self.others[one.seat.place]

    def motive(self, trust: Floats) -> Floats:
        """How far those who are as trustworthy as this want to keep the deal."""
        return deal.motive(
            trust[..., INTENTION],
            trust[..., INTEGRITY],
            trust[..., PREDICTABILITY],
            self.rules["integrity_tested"],
            self.rules["volatility_cost"],
        )

    def truly_kept(self, one: DecisionMaker) -> float:
        """How far one would keep the text, as he is and without guarantors."""
        motive = self.motive(one.truth) * (not one.turned)
        bare, helped = (a[one.seat.place] for a in (self.text.deterrence_bare, self.text.assistance_all))
        return deal.keep(one.truth[CAPACITY], motive, bare, helped)

    def worth(self) -> bool:
        """Would the text, as all truly are, be worth it to everybody who is needed?"""
        truth = np.array([maker.truth for maker in self.makers])
        return all(
            maker.keep(truth[maker.seat.others]) >= self.text.threshold[place] or not maker.needed
            for place, maker in enumerate(self.makers)
        )

    # -- a month ----------------------------------------------------------------------------------

    def step(self) -> None:
        """Bring the history forward by a month; a text that has collapsed changes nothing any more."""
        self.agents.do("fade")
        if self.status != COLLAPSED:
            self.agents.do("leave")
        self.agents.do("look")
        if self.status != COLLAPSED:
            self.happen()
        self.agents.do("renew")
        self.agents.do("look")
        self.agents.do("weigh")
        fresh = self.offer()
        if self.status in (SIGNED, CARRIED_OUT):
            self.carry_out(fresh=fresh)

    def happen(self) -> None:
        """All that happens in a month reads the beliefs at its start."""
        for event in self.scene.events.get(self.steps, ()):
            if self.chances.uniform("agreed", event["agreed"], 0) < event["consent"]:
                self.act(event)
        self.let_facts_arise()
        self.let_spoilers_strike()
        if self.status == SIGNED:
            self.agents.do("do_what_is_due")

    def let_facts_arise(self) -> None:
        """Months of the case's own facts come again, at its own rate."""
        now = self.steps
        many = math.floor(self.rules["fact_rate"] + self.chances.uniform("facts", "how many", now))
        for turn in range(many):
            self.count("facts_arise")
            which = int(self.chances.uniform("facts", f"which {turn}", now) * self.scene.bank_months)
            self.agents.do("learn_facts", which)

    def let_spoilers_strike(self) -> None:
        """Spoilers strike from a side, more often in the months after a signing."""
        near = self.signed_on >= 0 and self.steps - self.signed_on <= MILESTONE
        for side, key in enumerate(self.scene.side_keys):
            if self.chances.uniform("spoilers", key, self.steps) >= self.text.strikes[side, int(near)]:
                continue
            self.count("spoilers_strike")
            for maker in self.makers:
                if maker.seat.side != side:
                    maker.blame_for_attack(side)

    def offer(self) -> bool:
        """The text is put to them, and signed or refused; talks break off or resume."""
        chances, now, put, self.put = self.chances, self.steps, self.put, False
        if self.status == BROKEN_OFF and chances.uniform("resume", "", now) < self.rules["resume_rate"]:
            self.count("talks_resume")
            self.status = TALKS
            return False
        open_to_it = self.status == TALKS and now <= self.scene.horizon
        if open_to_it and (put or chances.uniform("offer", "", now) < self.rules["offer_rate"]):
            return self.decide()
        return False

    def decide(self) -> bool:
        """Sign the text or refuse it."""
        if self.takes_part and all(maker.accepts or not maker.needed for maker in self.makers):
            self.count("text_signed")
            self.status, self.signed_on, self.good = SIGNED, self.steps, self.worth()
            for maker in self.makers:
                maker.accepted = maker.accepts
            return True
        self.count("text_refused")
        if self.chances.uniform("break", "", self.steps) < self.rules["break_rate"]:
            self.count("talks_break_off")
            self.status = BROKEN_OFF
        return False

    def carry_out(self, *, fresh: bool) -> None:
        """A signed text ends by its monthly hazard, or goes on to its next step."""
        for maker in self.makers:
            away = maker.accepted and not maker.accepts
            if away and not maker.turned:
                self.count("turns_away")
            maker.turned = away
        age = self.steps - self.signed_on
        if self.chances.uniform("end", "", self.steps) < self.hazard(age):
            self.count("collapses")
            self.status, self.ended_on = COLLAPSED, self.steps
        elif self.status == SIGNED and not fresh:
            self.go_on(age)

    def hazard(self, age: int) -> float:
        """Chance that the text ends this month, by its weakest link among those who can stop it."""
        kept = np.array([self.truly_kept(maker) for maker in self.makers])
        left = deal.block(self.scene.wrecking, kept)
        whole = np.where(self.scene.themselves, 1.0, left).prod(axis=1)
        later = [whole[place] for place, maker in enumerate(self.makers) if maker.needed_later]
        return durability.monthly(
            self.scene.baseline[age + 1] - self.scene.baseline[age],
            self.scene.multiplier,
            min(later, default=1.0),
            self.rules["keep_centre"],
            self.rules["keep_weight"],
            self.text.log_ratios,
        )

    def go_on(self, age: int) -> None:
        """Do the next step if it is due and nobody has turned away."""
        length = max(1, math.floor(self.rules["step_months"] + 0.5))
        if age % length or any(maker.turned for maker in self.makers):
            return
        self.count("step_done")
        self.steps_done += 1
        if self.steps_done >= self.text.steps:
            self.count("carried_out")
            self.status = CARRIED_OUT

    # -- moves ------------------------------------------------------------------------------------

    def act(self, event: dict[str, Any]) -> None:
        """Let one move do what it does, now that those agree who must."""
        if event["only_signed"] and self.status not in (SIGNED, CARRIED_OUT):
            return
        if event["kind"] == PUT:
            self.put = True
        elif event["kind"] == TERMS:
            self.rewrite(event["bit"])
        elif event["kind"] == FACT:
            self.tell(event)
        elif event["kind"] == MEETING:
            self.meet(event)

    def rewrite(self, bit: int) -> None:
        """Put the text with all its changes so far in the place of the old one."""
        if self.status not in (TALKS, BROKEN_OFF):
            return
        self.changes |= bit
        self.text = self.scene.texts[self.scene.of[self.changes]]
        self.takes_part = self.chances.uniform("consent", "", 0) < self.text.consent
        for maker in self.makers:
            maker.changed = True

    def tell(self, event: dict[str, Any]) -> None:
        """Let one learn of an act."""
        one = self.makers[event["truster"]]
        spot = one.seat.spot[event["trustee"]]
        one.learn(spot, *(event[name] for name in ("facet", "sign", "owner", "weight", "gesture")))
        one.changed = True

    def meet(self, event: dict[str, Any]) -> None:
        """Read a face; a failure in public makes erratic, and sceptics stronger."""
        one, two, now = self.makers[event["truster"]], self.makers[event["trustee"]], self.steps
        chances, weight = self.chances, event["weight"]
        pair, spot = f"{one.seat.key}:{two.seat.key}", one.seat.spot[two.seat.place]
        honest = chances.uniform("type", two.seat.key, 0) < two.truth[INTENTION]
        lean = 0.5 if honest else -0.5
        shift = weight * (chances.normal("face", pair, now) + lean * weight)
        shift += event["bonding"] + event["bonding_sd"] * chances.normal("bonding", pair, now)
        one.stores[spot, INTENTION, GOOD, LEADER] += max(shift, 0.0)
        one.stores[spot, INTENTION, BAD, LEADER] += max(-shift, 0.0)
        if chances.uniform("failure", event["move"], now) < event["failure"]:
            one.stores[spot, PREDICTABILITY, BAD, LEADER] += ledger.blame(1.0, event["blame"], 0.0)
            self.strengthen_sceptics(one.seat.side, event)
        one.changed = True

    def strengthen_sceptics(self, side: int, event: dict[str, Any]) -> None:
        """After a failure those at home are needed more often."""
        for maker in self.makers:
            if maker.seat.side == side and not maker.seat.person:
                name = f"{maker.seat.key}:{event['move']}"
                maker.needed |= self.chances.uniform("sceptics", name, self.steps) < event["sceptics"]

    # -- the end ----------------------------------------------------------------------------------

    def run(self) -> "Negotiation":
        """Run all months, and settle whether a text that was never signed would have been worth it."""
        for _ in range(self.scene.months):
            self.step()
        if self.signed_on < 0:
            self.good = self.worth()
        return self

    def mean_trust(self) -> float:
        """Mean belief across sides at the end."""
        return float(np.mean([maker.trust for maker in self.makers]))
