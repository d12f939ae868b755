"""Scenes for tests of the simulation: two who meet, and a council on which everything happens."""

import numpy as np

from goodoffices.core.chances import Chances, numbers
from goodoffices.core.stage import FACT, MEETING, PUT, TERMS, Bank, Event, Scenario, Schedule, Terms

HALF = np.array([[3.0, 2.0, 3.0, 2.0], [3.0, 6.0, 8.0, 3.0]])
SURE = 6.0  # log-odds at the clip
QUIET = {"office_rate": 0.0, "fact_rate": 0.0, "obligation_rate": 0.0, "offer_rate": 1.0, "break_rate": 0.0}


def chances(seed: int, each: int, first: int = 0, draws: range = range(1)) -> Chances:
    """Chances of `each` histories of every draw."""
    return Chances(seed, numbers(draws, first, each))


def alike(value) -> np.ndarray:
    """The same for all histories."""
    return np.asarray(value, dtype=float)[..., None]


def bank(rows=(), months=24) -> Bank:
    """The same facts in every month."""
    keys = np.array([row[:5] for row in rows], dtype=np.int64).reshape(-1, 5)
    weight = np.array([row[5] for row in rows], dtype=float).reshape(-1, 1) * np.ones(months)
    gesture = np.array([row[6] for row in rows], dtype=float).reshape(-1, 1) * np.ones(months)
    return Bank(*keys.T, weight, gesture)


def scenario(capacity=SURE, rules=(), **given) -> Scenario:
    """Two who trust one another fully but for capacity, before a text that asks for nothing."""
    n = 2
    prior = np.full((n, n, 4), SURE)
    prior[:, :, 0] = capacity
    plain = {
        "hawk": 0.5, "turnover_kept": 0.4, "integrity_tested": 0.6, "volatility_cost": 0.25, "decision_noise": 1e-9,
        "keep_centre": 0.6, "keep_weight": 1.5, "office_rate": 0.02, "fact_rate": 1.0, "obligation_rate": 0.3,
        "offer_rate": 0.3, "break_rate": 0.2, "resume_rate": 0.2, "step_months": 3.0, "half_life": HALF,
        "half_life_flag": 12.0,
    }  # fmt: skip
    asked = {
        "threshold": np.full(n, -1.0), "deterrence": np.zeros((n, n)), "deterrence_bare": np.zeros(n),
        "assistance": np.zeros(n), "consent": 1.0, "log_ratios": 0.0, "steps": 1.0, "strikes": np.zeros((n, 2)),
    }  # fmt: skip
    drawn = {
        "prior": prior, "stores": np.zeros((n, n, 4, 2, 2)), "flags": np.zeros((n, n, 2)), "truth": prior[0].copy(),
        "truth_doubt": np.zeros((n, 4)), "wrecking": np.ones(n), "veto": np.ones(n), "multiplier": 1.0,
        "veto_implementation": np.ones(n), "kept": np.full(4, 0.3), "broken": np.full(4, 1.0),
    }  # fmt: skip
    own = given.pop("bank", bank())
    terms = Terms(**{name: alike(given.pop(name, value)) for name, value in asked.items()})
    return Scenario(
        keys=("a", "b"), side_keys=("x", "y"),
        **{name: alike(given.pop(name, value)) for name, value in drawn.items()},
        party=np.arange(n), person=np.ones(n, bool), terms=terms, bank=own,
        rules={name: alike(value) for name, value in (plain | dict(rules)).items()},
    )  # fmt: skip


def busy(**given) -> Scenario:
    """Everything happens: facts both ways, spoilers, turnover, doubtful decisions, steps."""
    rows = [
        (0, 1, 1, 1, 1, 0.4, 0.0),
        (1, 0, 1, 0, 1, 0.6, 0.3),
        (0, 1, 2, 0, 0, 0.3, 0.0),
        (1, 0, 0, 1, 0, 0.2, 0.0),
    ]
    plain = {
        "prior": np.zeros((2, 2, 4)), "truth": np.zeros((2, 4)), "truth_doubt": np.full((2, 4), 0.8),
        "threshold": np.full(2, 0.1), "deterrence": np.full((2, 2), 0.35), "deterrence_bare": np.full(2, 0.35),
        "strikes": 1 - np.exp(-np.array([[0.02, 0.06], [0.03, 0.05]])), "steps": 2.0, "bank": bank(rows),
        "multiplier": 0.5,
    }  # fmt: skip
    return scenario(rules={"decision_noise": 0.08}, **(plain | given))


class Council:
    """Decision-makers of two sides, and a plan with every kind of event; every draw has its own figures."""

    def __init__(
        self,
        draws: int,
        seed: int = 1,
        party=(0, 1, 1, 0, 1, 0),
        person=(1, 1, 0, 0, 1, 0),
        pace: float = 1.0,
    ) -> None:
        """`pace` is how much faster than usual things happen."""
        self.draws, self.pace, self._random = draws, pace, np.random.default_rng(seed)
        self.party, self.person = np.array(party), np.array(person, bool)
        self.n = len(party)

    def some(self, low: float, high: float, *shape: int) -> np.ndarray:
        return self._random.uniform(low, high, (*shape, self.draws))

    def bank(self, months: int = 24) -> Bank:
        """Facts on most cells, in some months each; a few are gestures."""
        draw, n = self._random, self.n
        rows = np.array([
            (i, j, facet, sign, draw.integers(2))
            for i in range(n) for j in range(n) for facet in range(4) for sign in range(2)
            if i != j and draw.random() < (0.6 if self.party[i] != self.party[j] else 0.1)
        ])  # fmt: skip
        size = (len(rows), months)
        weight = draw.uniform(0.05, 0.6, size) * (draw.random(size) < 0.25)
        return Bank(*rows.T, weight, np.where(draw.random(size) < 0.2, 0.3, 0.0))

    def terms(self, ease: float = 0.0) -> Terms:
        """A text, and how much easier it is to accept than usual."""
        n = self.n
        return Terms(
            threshold=self.some(0.15, 0.5, n) - ease, deterrence=self.some(0.3, 0.5, n, n) + ease,
            deterrence_bare=self.some(0.2, 0.4, n), assistance=self.some(0, 0.1, n), consent=self.some(0.8, 1),
            log_ratios=self.some(-0.3, 0.3), steps=np.full(self.draws, 2.0 if self.pace > 1 else 3.0),
            strikes=np.minimum(self.some(0.02, 0.08, 2, 2) * self.pace, 0.5),
        )  # fmt: skip

    def rules(self) -> dict[str, np.ndarray]:
        some, fast = self.some, self.pace
        return {
            "hawk": some(0.2, 0.7), "turnover_kept": some(0.2, 0.6), "integrity_tested": some(0.3, 0.8),
            "volatility_cost": some(0.1, 0.4), "decision_noise": some(0.05, 0.12), "keep_centre": some(0.3, 0.6),
            "keep_weight": some(0.5, 2.5), "office_rate": some(0.01, 0.03) * fast, "fact_rate": some(0.5, 1.8),
            "obligation_rate": some(0.1, 0.8), "offer_rate": some(0.05, 0.4), "break_rate": some(0.05, 0.4),
            "resume_rate": some(0.05, 0.3), "step_months": some(1, 9) / fast, "half_life": some(1.5, 6, 2, 4),
            "half_life_flag": some(6, 15) / fast,
        }  # fmt: skip

    def scenario(self) -> Scenario:
        n, some = self.n, self.some
        across = self.party[:, None] != self.party[None, :]
        lied = across[:, :, None, None] & (self._random.random((n, n, 2, self.draws)) < 0.3)
        return Scenario(
            keys=tuple("abcdef"[:n]), side_keys=("x", "y"), party=self.party, person=self.person,
            prior=some(-0.5, 0.8, n, n, 4), stores=some(0, 0.8, n, n, 4, 2, 2), flags=lied * some(0.45, 1, n, n, 2),
            truth=some(-1.5, 1.5, n, 4), truth_doubt=some(0.3, 0.8, n, 4), wrecking=some(0.1, 0.6, n),
            veto=some(0.3, 1, n), veto_implementation=some(0.3, 1, n), terms=self.terms(),
            multiplier=some(0.6, 1.5) * self.pace, kept=some(0.2, 0.5, 4), broken=some(0.5, 1.5, 4),
            bank=self.bank(), rules=self.rules(),
        )  # fmt: skip

    def event(self, month: int, kind: int, move: str, agreed: str, **given) -> Event:
        return Event(month, kind, move, agreed, self.some(0.5, 0.9), **given)

    def meetings(self, month: int, move: str, one: int, two: int, **given) -> list[Event]:
        """Two meet, and each reads the other's face."""
        return [
            self.event(
                month, MEETING, move, move, truster=i, trustee=j, weight=self.some(0.1, 0.9), failure=self.some(0.2, 0.5),
                bonding=self.some(-0.1, 0.2), bonding_sd=self.some(0.1, 0.4), blame=self.some(0.2, 0.5), sceptics=0.4,
                **given,
            )
            for i, j in ((one, two), (two, one))
        ]  # fmt: skip

    def facts(self, month: int, move: str, truster: int, trustee: int) -> list[Event]:
        """Conduct of every kind: on facets with and without enemy image, good and bad, of state and leader."""
        kinds = ((1, 0, 1, 0.4), (2, 0, 0, 0.0), (0, 0, 1, 0.0), (3, 1, 0, 0.0), (1, 1, 1, 0.0))
        return [
            self.event(
                month, FACT, move, move, truster=truster, trustee=trustee, facet=facet, sign=sign, owner=owner,
                weight=self.some(0.1, 0.6), gesture=gesture * self.some(0.5, 1),
            )
            for facet, sign, owner, gesture in kinds
        ]  # fmt: skip

    def plan(self) -> Schedule:
        """Three changes of the text on three consents, facts and meetings before and after signing, offers."""
        one, two = (int(np.flatnonzero(self.party == side)[0]) for side in (0, 1))
        last = [int(np.flatnonzero(self.party == side)[-1]) for side in (0, 1)]
        events = [
            self.event(1, TERMS, "c", "text:c", bit=4),
            *self.facts(2, "g", one, two),
            *self.meetings(3, "m", one, two),
            self.event(3, PUT, "o", "o"),
            self.event(4, TERMS, "v", "text:a", bit=1),
            self.event(5, PUT, "o", "o"),
            self.event(6, TERMS, "p", "text:b", bit=2),
            *self.facts(6, "h", last[1], last[0]),
            *self.meetings(7, "r", *last),
            self.event(8, PUT, "again", "again"),
            *self.meetings(10, "q", one, two, only_signed=True),
            *self.facts(11, "s", two, one),
        ]
        ways = (0.0, 0.02, 0.05, 0.08, 0.03, 0.05, 0.08, 0.1)
        return Schedule(tuple(events), tuple(self.terms(ease) for ease in ways[1:]), (0, *range(7)))
