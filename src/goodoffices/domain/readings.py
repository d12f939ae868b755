"""What a reading says: frozen results that know nothing of who computed or shows them.

Figures that come from comparing the keep index with a threshold are model indices until the keep
index is calibrated on dated cases; `calibrated` says so beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

__all__ = [
    "Bottleneck",
    "ChangeOption",
    "ClassNote",
    "ConductReading",
    "ConductRow",
    "Coverage",
    "DealReading",
    "DecisionMakerReading",
    "FeedAct",
    "FeedOnce",
    "FeedPair",
    "FeedReading",
    "FeedRow",
    "GuarantorReading",
    "KeepReading",
    "Lasting",
    "Outcomes",
    "Quantity",
    "Reading",
    "SignReading",
    "SpoilerReading",
    "Stress",
    "TornadoBar",
    "TrustReading",
    "plain",
]

_OWN = ("feed", "conduct", "calibration")  # parts that only some readings have


def plain(value: Any) -> Any:
    """Give a result as plain data: dictionaries, lists, numbers, words."""
    if is_dataclass(value) and not isinstance(value, type):
        given = {item.name: getattr(value, item.name) for item in fields(value) if item.name != "samples"}
        left = _OWN if isinstance(value, Reading) else ()
        return {name: plain(item) for name, item in given.items() if name not in left or item is not None}
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Median and equal-tailed 80% interval over the draws; `calibrated` is false for an index."""

    median: float
    lo: float
    hi: float
    calibrated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustReading:
    """One belief on one facet; the numbers are None where there is not enough evidence."""

    truster: str
    trustee: str
    facet: str
    median: float | None
    lo: float | None
    hi: float | None
    n_evidence: int
    prior_only: bool
    coverage: float
    reason: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepReading:
    """How far a truster believes that a party would keep a plain text without provisions."""

    truster: str
    party: str
    median: float
    lo: float
    hi: float
    rests_on_priors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """Index of lasting 1, 5 and 10 years from signature."""

    y1: Quantity
    y5: Quantity
    y10: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Two outcomes; the second is borrowed from truces, not fitted."""

    not_abandoned: Lasting
    no_serious_violation: Lasting
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReading:
    """Index of signing if the text were put today, with bounds whatever the dependence."""

    median: float
    lo: float
    hi: float
    frechet_lo: float
    frechet_hi: float
    calibrated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassNote:
    """The reference class, alone: how long agreements of this class lasted."""

    name: str
    label: str
    n: int
    conflicts: int | None
    y5: Quantity | None
    y5_lasting: float
    why: str
    others: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMakerReading:
    """One decision-maker before one text."""

    id: str
    name: str
    party: str
    threshold: Quantity
    keep: Quantity
    gap: Quantity
    accept: Quantity
    veto: Quantity
    own_side: Quantity
    clears: float
    verdict: str
    binding: bool
    no_trust_suffices: float
    fan: tuple[float, ...]  # quantiles of the keep index at 5, 10, ... 95 per cent
    gap_fan: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuarantorReading:
    """What one decision-maker makes of one guarantor; leverage stands apart from trust."""

    id: str
    truster: str
    tau: Quantity
    leverage: Quantity
    will: Quantity
    ability: Quantity
    consent: Quantity
    prior_only: bool
    n_evidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOption:
    """One change that would close, or come nearest to closing, a gap."""

    change: str
    kind: str
    steps: int
    sign: Quantity
    closes: bool
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """Who, towards whom, on which facet, how far from enough, and the smallest changes."""

    truster: str | None
    trustee: str | None
    facet: str | None
    words: str
    changes: tuple[ChangeOption, ...]
    package: str
    package_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TornadoBar:
    """What an input does at the ends of its 80% range to one figure of a text.

    In `tornado` the figure is the widest gap, in `tornado_lasting` the index of not being abandoned
    within five years of signing.
    """

    input: str
    label: str
    low: float
    high: float
    at_low: float
    at_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """The two ends of the assurance stress test."""

    low: float
    high: float
    differ: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DealReading:
    """How one text stands, whether it would last, and on what that hangs."""

    id: str
    title: str
    status: str
    sign: SignReading | None
    lasts_if_signed: Outcomes | None
    signed_and_lasts: Outcomes | None
    reference_class: ClassNote
    decision_makers: tuple[DecisionMakerReading, ...]
    guarantors: tuple[GuarantorReading, ...]
    stress: Stress | None
    bottleneck: Bottleneck
    tornado: tuple[TornadoBar, ...]
    tornado_lasting: tuple[TornadoBar, ...]
    depends_on: tuple[str, ...]
    verdict: str
    share: float | None
    reason: str
    find_out: tuple[str, ...]
    prior_share: float | None
    rests_on_priors: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoilerReading:
    """Index of at least one attack within a year."""

    id: str
    y1: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the reading rests on, by actor; shown, never equalised."""

    actor: str
    facts: int
    good: int
    bad: int
    verified: int
    disputed: int
    proven_deception: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """How reported conduct of one party towards another moved over the last year, in log-odds.

    `rank` is among the `of` pairs of this case and facet by level, the most trusted first; the level
    itself is not shown, because it is not to be compared with a curated one.  `course` is the change
    since the first of the feed's `days`, with the ends of its interval.
    """

    truster: str
    trustee: str
    facet: str
    change: float
    lo: float
    hi: float
    events: int
    rank: int
    of: int
    course: tuple[float, ...] = ()
    course_lo: tuple[float, ...] = ()
    course_hi: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAct:
    """How often one kind of conduct was reported of a pair, and between which days it became known.

    `sign` says which way it speaks: +1 for trust, -1 against, 0 for either.
    """

    kind: str
    sign: int
    events: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOnce:
    """Reported events of a day that count once, because the curated `fact` tells of them."""

    day: date
    kind: str
    events: int
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPair:
    """What was reported of one party's conduct (`trustee`) towards another (`truster`)."""

    truster: str
    trustee: str
    events: int
    doubles: int
    acts: tuple[FeedAct, ...]
    once: tuple[FeedOnce, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """What a feed says beside the curated evidence, with what is needed to compute it again.

    Attributes
    ----------
    doubles
        Events left out because a curated fact tells of them.
    days
        On which the courses of the rows are given.
    files
        Hash over the files that the store holds.
    said
        Why there is nothing to show, where that is so.
    """

    label: str
    store: str
    source: str
    weight: float
    kinds: tuple[str, ...]
    scale: float | None
    events: int
    doubles: int
    files: str
    rows: tuple[FeedRow, ...]
    days: tuple[date, ...] = ()
    pairs: tuple[FeedPair, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductRow:
    """The next reported act of one party (`trustee`) towards another (`truster`), as it is forecast.

    `forecast` is what the model of conduct gives, or holds `said`: why it gives nothing.
    """

    truster: str
    trustee: str
    forecast: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductReading:
    """A forecast of conduct beside the reading of a case; it never moves a belief or K.

    Attributes
    ----------
    label
        What such a forecast is, and what it says nothing of.
    model
        File of a fitted model; empty for the one that ships.
    said
        Why there is nothing to show, where that is so.
    """

    label: str
    store: str
    source: str
    model: str
    rows: tuple[ConductRow, ...]
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The whole answer about a case on a day, with everything needed to compute it again."""

    ok: bool
    case: str
    title: str
    as_of: date
    facts_end: date | None
    stale: bool
    method: str
    code: str
    case_hash: str
    codebook_hash: str
    defaults_hash: str
    seed: int
    draws: int
    calibrated: bool
    interval: dict[str, Any]
    audience: str | None
    withheld: int
    changes: tuple[dict[str, Any], ...]
    trust: tuple[TrustReading, ...]
    keep: tuple[KeepReading, ...]
    deals: tuple[DealReading, ...]
    spoilers: tuple[SpoilerReading, ...]
    coverage: tuple[Coverage, ...]
    sentence: str
    names: dict[str, str]
    warnings: tuple[str, ...]
    feed: FeedReading | None = None  # only where a case has one
    conduct: ConductReading | None = None  # only where a case asks for it
    calibration: dict[str, Any] | None = None  # only where one was named
    samples: Any = None  # beliefs over the draws: (pair, facet, draw); never printed

    def to_dict(self) -> dict[str, Any]:
        """Give the reading as plain data, with the stable names of the JSON."""
        return plain(self)  # type: ignore[no-any-return]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give the beliefs as flat rows."""
        for row in self.trust:
            yield {**plain(row), "as_of": self.as_of.isoformat(), "prob": 0.8, "kind": "eti"}

    def to_frame(self) -> Any:
        """Give the beliefs as a pandas frame (extra "frames")."""
        from goodoffices.domain.frames import frame  # noqa: PLC0415 - an extra

        return frame(list(self.rows()))

    def to_networkx(self) -> Any:
        """Give the beliefs as a directed networkx graph (extra "frames")."""
        from goodoffices.domain.frames import graph  # noqa: PLC0415 - an extra

        return graph(list(self.rows()))

    def to_xarray(self) -> Any:
        """Give the beliefs over the draws as xarray (truster, trustee, facet, time, draw; extra "frames")."""
        from goodoffices.domain.frames import dataset  # noqa: PLC0415 - an extra

        return dataset(list(self.rows()), self.samples)
