"""The directions of six famous negotiations on hand-set inputs: coherence of the equations, no validation.

The inputs were set by somebody who knew the outcomes; they test the equations and are in no case of
the library.  Levels are met where the plain check of the equations prints them.
"""

import numpy as np
import pytest

from goodoffices.core import deal, durability, ledger

AB = {"c": (0.65, 0.15), "n": (0.90, 0.55), "h": (0.95, 0.60), "p": (0.80, 0.52)}
GOOD_LIFE, BAD_LIFE = {"c": 3.0, "n": 2.0, "h": 3.0, "p": 2.0}, {"c": 3.0, "n": 6.0, "h": 8.0, "p": 3.0}
MULTIPLIER = {"full": 0.47 / 0.80, "partial": 1.0, "process": 1.55, "truce": 2.3}
HR = {"guarantee": 0.40, "verification": 0.60, "imposed": 1.5, "spoiler": 1.8, "excluded": 1.5}


class Tie:
    """One belief, followed by the rules of the ledger one act after the other."""

    def __init__(self, hawk=0.5, **start):
        self.prior = {f: np.log(start.get(f, 0.5) / (1 - start.get(f, 0.5))) for f in "cnhp"}
        self.good, self.bad, self.hawk = dict.fromkeys("cnhp", 0.0), dict.fromkeys("cnhp", 0.0), hawk

    def t(self, facet):
        return float(ledger.trust(self.prior[facet] + self.good[facet] - self.bad[facet], 0.0))

    def act(self, facet, value, strength=1.0):
        if value > 0:
            found = ledger.discount(self.hawk, self.t("n")) if facet in "nh" else 0.0
            self.good[facet] += ledger.credit(strength, ledger.ln_ratio_good(*AB[facet]), found, 0.0, 0.0)
        else:
            self.bad[facet] += ledger.blame(strength, ledger.ln_ratio_bad(*AB[facet]), 0.0)
        return self

    def gesture(self, size):
        self.good["n"] += ledger.credit(
            1.0, size * np.log(8), ledger.discount(self.hawk, self.t("n")), size, 0.0
        )
        return self

    def attack(self, capacity):
        self.bad["n"] += ledger.attack(1.0, capacity, 0.0)
        return self

    def years(self, span):
        for f in "cnhp":
            self.good[f] *= ledger.fade(span, GOOD_LIFE[f])
            self.bad[f] *= ledger.fade(span, BAD_LIFE[f])
        return self

    def keep(self, alone, guaranteed=0.0):
        motive = deal.motive(self.t("n"), self.t("h"), self.t("p"), 0.6, 0.25)
        return float(deal.keep(self.t("c"), motive, deal.combine(alone, guaranteed), 0.0))


def asks(kept, no_deal, broken, v=0.0, er=0.5, restitution=0.0):
    exposed = deal.exposure(no_deal - broken, 2.0, v, er, restitution, 0.0)
    return float(deal.threshold(np.array([kept - no_deal]), np.array([exposed]))[0])


def accepts(kept, needed):
    return float(deal.acceptance(kept, needed, 0.08))


def sign(*parts):
    return float(np.prod([deal.factor(veto, accepted) for accepted, veto in parts]))


def fails(years, kind, kept, **in_force):
    logs = sum(x * np.log(HR[name]) for name, x in in_force.items())
    return float(durability.failure(years, MULTIPLIER[kind], kept, 0.6, 1.5, logs))


def test_inf_trust_rises_and_verification_carries_most():
    """Belief in Gorbachev rises; verification helps more than trust, both most."""
    tie = Tie(c=0.8, n=0.2, h=0.25, p=0.5, hawk=0.6)
    steps, early = [tie.t("n")], tie.keep(0.5)
    tie.gesture(0.15).act("n", 1, 0.5)
    steps.append(tie.t("n"))
    tie.years(0.9).gesture(0.3).act("h", 1, 0.8).act("n", 1, 0.7).act("p", -1, 0.3)
    steps.append(tie.t("n"))
    tie.years(0.4).gesture(0.6).act("n", 1, 0.8).years(0.6).gesture(0.3).act("h", 1).act("p", 1)
    steps.append(tie.t("n"))
    late, bare, watched = tie.keep(0.5), asks(1, 0.55, 0.25), asks(1, 0.55, 0.25, v=0.9, er=0.8)
    neither, trust, watch, both = (
        accepts(early, bare),
        accepts(late, bare),
        accepts(early, watched),
        accepts(late, watched),
    )

    assert steps == sorted(steps)
    assert steps == pytest.approx([0.20, 0.25, 0.36, 0.65], abs=0.006)
    assert neither < trust < watch < both
    assert (neither, trust, watch, both) == pytest.approx((0.16, 0.41, 0.89, 0.97), abs=0.006)


def test_camp_david_the_gesture_opens_and_the_guarantee_closes():
    """Neither visit nor guarantee alone signs as well as both; with both the peace lasts."""
    before = Tie(c=0.75, n=0.15, h=0.4, p=0.5, hawk=0.6)
    after = Tie(c=0.75, n=0.15, h=0.4, p=0.5, hawk=0.6).gesture(0.9)
    opened = after.t("n")
    after_keep = after.keep(0.3)
    after.years(0.8).act("n", 1, 0.7).act("h", 1, 0.7)
    held = 0.5 * 0.8 * 0.9
    bare, covered = asks(1, 0.5, -0.3), asks(1, 0.5, -0.3, v=0.9, er=0.6, restitution=0.45)
    visit = sign((accepts(after_keep, bare), 1), (0.85, 1))
    nothing = sign((accepts(before.keep(0.3), bare), 1), (0.85, 1))
    guarantee = sign((accepts(Tie(c=0.75, n=0.15, h=0.4, p=0.5).keep(0.3, held), covered), 1), (0.85, 1))
    both = sign((accepts(after.keep(0.3, held), covered), 1), (0.85, 1))

    assert opened == pytest.approx(0.40, abs=0.01)
    assert nothing <= visit < guarantee < both
    assert (guarantee, both) == pytest.approx((0.41, 0.53), abs=0.01)
    assert fails(5, "full", after.keep(0.3, held), guarantee=1, verification=1) == pytest.approx(
        0.06, abs=0.01
    )


def test_lahore_the_army_breaks_what_the_leaders_sign():
    """Counting the army leaves signing as it is and more than doubles early failure."""
    leader, army = Tie(c=0.6, n=0.6, h=0.55, p=0.5), Tie(c=0.9, n=0.15, h=0.3, p=0.3)
    alone = leader.keep(0.35)
    party = float(deal.block(1.0, alone) * deal.block(0.8, army.keep(0.1)))

    assert party < alone
    assert fails(0.5, "process", alone) == pytest.approx(0.31, abs=0.01)
    assert fails(0.5, "process", party, spoiler=1, excluded=1) == pytest.approx(0.76, abs=0.01)


def test_oslo_attacks_hurt_most_where_the_partner_looks_strong():
    """Three attacks take belief down, further with a partner thought able to stop them."""
    strong, weak = (Tie(c=0.55, n=0.45, h=0.4, p=0.45) for _ in range(2))
    start = strong.t("n")
    for _ in range(3):
        strong.attack(0.55)
        weak.attack(0.2)
    signed = sign((accepts(Tie(c=0.55, n=0.45, h=0.4, p=0.45).keep(0.3), asks(1, 0.45, 0.38)), 1), (0.9, 1))
    final = sign((accepts(strong.keep(0.3), asks(1, 0.4, -0.4)), 1), (0.4, 1))

    assert strong.t("n") < weak.t("n") < start
    assert (strong.t("n"), weak.t("n")) == pytest.approx((0.07, 0.30), abs=0.01)
    assert final < signed
    assert signed == pytest.approx(0.61, abs=0.01)


def test_minsk_is_signed_under_duress_and_fails():
    """A collapsing alternative makes them sign; the imposed deal fails early."""
    kept = Tie(c=0.8, n=0.12, h=0.2, p=0.3, hawk=0.6).keep(0.2)
    pressed = sign((accepts(kept, asks(0.45, 0.05, 0.0)), 1), (0.85, 1))
    free = sign((accepts(kept, asks(0.45, 0.30, 0.0)), 1), (0.85, 1))

    assert free < pressed
    assert pressed == pytest.approx(0.41, abs=0.01)
    assert fails(1, "process", kept, imposed=1) == pytest.approx(0.64, abs=0.01)
    assert fails(1, "process", kept) < fails(1, "process", kept, imposed=1)


def test_ukraine_a_word_lends_little_and_a_force_lends_most():
    """Signing rises from no guarantee over a spoken one to a deployed force."""
    found = []
    for tau, hold, restores, v in ((0, 0, 0, 0.3), (0.35, 0.6, 0.7, 0.7), (0.7, 0.7, 0.8, 0.9)):
        tie = Tie(c=0.85, n=0.15, h=0.3, p=0.4, hawk=0.7).act("h", -1).act("n", -1).years(3)
        kept = tie.keep(0.2, deal.guarantee_deterrence(tau, hold, v))
        found.append(sign((accepts(kept, asks(1, 0.35, -0.5, v=v, restitution=tau * restores)), 1), (0.5, 1)))

    assert found == sorted(found)
    assert found == pytest.approx([0.00, 0.01, 0.38], abs=0.01)
