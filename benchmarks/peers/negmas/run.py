"""NegMAS: sessions of stacked alternating offers, six parties, two issues of ten values, 36 steps at most.

Every party concedes over time (the library's AspirationNegotiator as it comes).  Each value of an
issue is worth something random to each party, so most sessions take more than 30 of their 36 steps.
Values are labels on purpose: for issues of whole numbers the library's own random utilities all rise
with the number, all parties want the same, and a session is over after one step.
"""

import sys
from pathlib import Path

import negmas
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from protocol import serve

PARTIES, STEPS = 6, 36
VALUES = [f"value {i}" for i in range(10)]
OUTCOMES = negmas.make_os([negmas.make_issue(VALUES, name) for name in ("first", "second")])


def worths(rng: np.random.Generator) -> dict[str, float]:
    """Give each value of one issue a random worth, the worst 0 and the best 1."""
    draws = rng.random(len(VALUES))
    scaled = (draws - draws.min()) / (draws.max() - draws.min())
    return dict(zip(VALUES, scaled.tolist(), strict=True))


def session(rng: np.random.Generator) -> None:
    """Draw six parties and let them negotiate."""
    mechanism = negmas.SAOMechanism(outcome_space=OUTCOMES, n_steps=STEPS)
    for i in range(PARTIES):
        utility = negmas.LinearAdditiveUtilityFunction(
            values=[worths(rng), worths(rng)],
            weights=rng.dirichlet([1, 1]).tolist(),
            outcome_space=OUTCOMES,
            reserved_value=0.0,
        )
        mechanism.add(negmas.AspirationNegotiator(name=f"party {i}"), ufun=utility)
    mechanism.run()


def sessions(n: int) -> None:
    """Run n sessions, the same ones each time."""
    rng = np.random.default_rng(1)
    for _ in range(n):
        session(rng)


if __name__ == "__main__":
    serve("NegMAS", negmas.__version__, "session, 6 parties, 36 steps at most", sessions)
