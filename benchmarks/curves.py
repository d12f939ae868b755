"""Do simulated texts end as the closed form says?  Draws both over each other, class by class.

`python benchmarks/curves.py [FILE.svg]`.  Every keep index that counts is held at the centre and
learning is frozen: no facts, spoilers, changes of office or obligations, the text offered in the
first month and accepted.  What is left is the monthly hazard of signed texts, and the share that has
ended by T must be F(T) = 1 - exp(-H0(T) m) (core/durability.py).  The measured shares stand beside.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.pop(0)  # this folder, not the project
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.six_decide import task_and_plan

from goodoffices.cases.tables import tables
from goodoffices.compute.engines import engine
from goodoffices.core import deal, durability, ledger
from goodoffices.core.engine import Task
from goodoffices.core.stage import Scenario, Schedule
from goodoffices.domain.tables import ReferenceClass

CLASSES = ("full", "partial", "process", "truce")
COLOURS = ("#1b6ca8", "#2a8a4a", "#b26a00", "#a8322d")
YEARS, MONTHS = (1, 5, 10), 120
CLOSE = 0.05
FROZEN = {"office_rate": 0.0, "fact_rate": 0.0, "obligation_rate": 0.0, "offer_rate": 1.0}
LEVEL = -6.0  # of everybody's truth: the lowest, so that all keeping is deterrence
NEVER = 1e6  # steps: the text stays signed
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 440, 56, 44, 120, 48
MOST = 0.8  # share at the upper end

Floats = NDArray[np.float64]


def classes() -> list[ReferenceClass]:
    """Give the reference classes."""
    known = {row.name: row for row in tables().classes}
    return [known[name] for name in CLASSES]


def _alike(shape: tuple[int, ...], value: float | Floats) -> Floats:
    return np.array(np.broadcast_to(value, shape), dtype=np.float64)


def _presidents(scene: Scenario) -> Floats:
    """Only those can stop or wreck the text: each one's index is the other's keeping."""
    return _alike(scene.wrecking.shape, scene.person[:, None])


def _kept_at_the_centre(scene: Scenario) -> Floats:
    """How far everybody has to be deterred for his keep index to be the centre."""
    trust, rules = ledger.trust(LEVEL, 0.0), scene.rules
    motive = deal.motive(trust, trust, trust, rules["integrity_tested"], rules["volatility_cost"])
    return np.asarray((rules["keep_centre"] - motive) / (1.0 - motive))


def frozen(scene: Scenario, multipliers: list[float]) -> Scenario:
    """Hold everything still but the ending of the text; one draw for each class."""
    shape = scene.veto.shape
    terms = scene.terms._replace(
        threshold=_alike(shape, -9.0),
        deterrence_bare=_alike(shape, _kept_at_the_centre(scene)),
        assistance=_alike(shape, 1.0),
        consent=_alike(shape[1:], 1.0),
        log_ratios=_alike(shape[1:], 0.0),
        steps=_alike(shape[1:], NEVER),
        strikes=_alike(scene.terms.strikes.shape, 0.0),
    )
    return scene._replace(
        truth=_alike(scene.truth.shape, LEVEL),
        truth_doubt=_alike(scene.truth_doubt.shape, 0.0),
        wrecking=_presidents(scene),
        veto_implementation=_presidents(scene),
        terms=terms,
        multiplier=np.array(multipliers),
        rules={**scene.rules, **{name: _alike(shape[1:], value) for name, value in FROZEN.items()}},
    )


def simulated(task: Task, on: str, each: int) -> Floats:
    """Give the share that has ended by each month, shape (class, month)."""
    (tally,) = engine(on).tallies(task, [Schedule()], (0, each))
    if not (tally.signed_in[:, 1] == tally.histories).all():
        sys.exit("void: not every text was signed in the first month")
    return np.asarray(np.cumsum(tally.ended_in, axis=1) / tally.histories[:, None])


def expected(multiplier: float) -> Floats:
    """Give the closed form, by month; the keep index at the centre drops out."""
    return np.array([durability.failure(m / 12.0, multiplier, 0.0, 0.0, 0.0, 0.0) for m in range(MONTHS + 1)])


# -- the picture ----------------------------------------------------------------------------------


def _x(years: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * years / YEARS[-1], 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / MOST, 1)


def _line(shares: Floats, colour: str, *, dashed: bool) -> str:
    points = " ".join(f"{_x(m / 12.0)},{_y(share)}" for m, share in enumerate(shares))
    style = (
        'stroke-width="1.2" stroke-dasharray="5 3"' if dashed else 'stroke-width="2.4" stroke-opacity="0.55"'
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" {style}/>'


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{words}</text>'


def _axes() -> list[str]:
    """Give grid, figures and words."""
    parts = []
    for share in np.arange(0.0, MOST + 0.01, 0.2):
        parts.append(f'<path d="M{_x(0)} {_y(share)}H{_x(YEARS[-1])}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, _y(share) + 4, f"{share:.1f}", 'text-anchor="end"'))
    for year in range(0, YEARS[-1] + 1, 2):
        parts.append(_text(_x(year), HEIGHT - BOTTOM + 18, str(year), 'text-anchor="middle"'))
    parts.append(_text(_x(5), HEIGHT - 10, "years since signing", 'text-anchor="middle"'))
    told = "Share of texts that have ended: simulated (wide), closed form (dashed), measured (circles)"
    parts.append(_text(LEFT, 24, told, 'font-weight="bold"'))
    return parts


def _measured(row: ReferenceClass, colour: str) -> list[str]:
    shares = zip(YEARS, (row.y1, row.y5, row.y10), strict=True)
    return [
        f'<circle cx="{_x(year)}" cy="{_y(share)}" r="4" fill="white" stroke="{colour}" stroke-width="1.5"/>'
        for year, share in shares
        if share is not None
    ]


def picture(rows: list[ReferenceClass], curves: Floats, forms: list[Floats]) -> str:
    """Draw the curves over each other."""
    parts = _axes()
    for row, curve, form, colour in zip(rows, curves, forms, COLOURS, strict=True):
        parts += [_line(curve, colour, dashed=False), _line(form, colour, dashed=True)]
        parts += _measured(row, colour)
        parts.append(_text(_x(YEARS[-1]) + 12, _y(curve[-1]) + 4, row.name, f'fill="{colour}"'))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="13" fill="#222"'
    paper = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    return "\n".join([f"{head} {style}>", paper, *parts, "</svg>", ""])


# -- the figures ----------------------------------------------------------------------------------


def gaps(rows: list[ReferenceClass], curves: Floats, forms: list[Floats]) -> tuple[float, list[str]]:
    """Print the shares; give the largest gap to the closed form, and where measured shares are far."""
    print(
        f"{'class':<10}{'years':>6}{'simulated':>11}{'closed form':>13}{'gap':>7}{'measured':>10}{'gap':>7}"
    )
    largest, far = 0.0, []
    for row, curve, form in zip(rows, curves, forms, strict=True):
        for year, measured in zip(YEARS, (row.y1, row.y5, row.y10), strict=True):
            ended, due = curve[12 * year], form[12 * year]
            largest = max(largest, abs(ended - due))
            known = measured is not None
            seen = f"{measured:>10.2f}{abs(ended - measured):>7.3f}" if known else ""
            print(f"{row.name:<10}{year:>6}{ended:>11.3f}{due:>13.3f}{abs(ended - due):>7.3f}{seen}")
            if known and abs(ended - measured) > CLOSE:
                far.append(f"{row.name} at {year}: {abs(ended - measured):.2f}")
    return largest, far


def main() -> None:
    """Simulate, compare and draw."""
    parser = argparse.ArgumentParser(description="Simulated duration against the closed form.")
    parser.add_argument("file", nargs="?", type=Path, default=Path("out/curves.svg"), help="the picture")
    parser.add_argument("--engine", default="", help="compiled or numpy (compiled if it can be had)")
    parser.add_argument("--each", type=int, default=10_000, help="histories of every class (10,000)")
    options = parser.parse_args()
    rows = classes()
    multipliers = [row.multiplier or durability.multiplier_for(row.y5) for row in rows]
    task, _plan = task_and_plan(draws=len(rows), months=MONTHS)
    task = replace(task, scenario=frozen(task.scenario, multipliers))
    curves, forms = simulated(task, options.engine, options.each), [expected(m) for m in multipliers]
    options.file.parent.mkdir(parents=True, exist_ok=True)
    options.file.write_text(picture(rows, curves, forms), encoding="utf-8")
    largest, far = gaps(rows, curves, forms)
    print(f"largest gap to the closed form at {YEARS} years: {largest:.3f}; claimed: within {CLOSE}")
    print(f"measured shares further off than {CLOSE}: " + ("; ".join(far) or "none"))
    if largest > CLOSE:
        sys.exit("the simulation does not end texts as the closed form says")


if __name__ == "__main__":
    main()
