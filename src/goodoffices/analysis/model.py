"""The model of a reading: an encoded case, its uncertain inputs, and the tables asked in words."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.encoding import Encoded, Sighting
from goodoffices.analysis.inputs import Filling, Input, Values
from goodoffices.analysis.lately import Lately
from goodoffices.core import ledger
from goodoffices.core.follow import BAD, Parameters
from goodoffices.domain.evidence import Facet, Fact
from goodoffices.words import N_, _

__all__ = ["AS_CODED", "FACETS", "Model", "Told"]

_STAKES = {
    "no_deal": N_("what {who} faces without a deal"),
    "kept": N_("what {who} gains if the text is kept"),
    "broken": N_("what {who} loses if the text is broken"),
    "veto_signing": N_("how far {who} can stop the signing"),
    "veto_implementation": N_("how far {who} can stop the carrying out"),
    "wrecking": N_("how far {who} can wreck the deal"),
    "leverage": N_("what hold {who} has"),
    "restitution": N_("how much of a loss {who} could make good"),
    "consent": N_("whether {who} takes the part of guarantor"),
    "any_deal": N_("how far {who} wants any deal"),
    "information": N_("how well {who} is informed"),
    "loss": N_("what {who} stands to lose by the deal"),
    "capacity": N_("what {who} can do"),
    "inclusion": N_("how far {who} is brought in"),
    "policing": N_("how far {who} is held down"),
}

Floats = NDArray[np.float64]
Made = TypeVar("Made")
FACETS = tuple(Facet)
AS_CODED = "as coded"
_PHASED = 64  # thresholds that are kept


@dataclass(frozen=True, slots=True)
class Told:
    """One reading of a fact in numbers, the same for everybody who sees it.

    Arrays of shape (n,); a plain number where nothing is in doubt.

    Attributes
    ----------
    weight
        Reliability, in the draws in which this reading is the true one.
    exposed
        Size of the gesture; of a meeting, what both sides exposed.
    central_exposed
        The same size at the centre of its range.
    """

    weight: Floats
    scale: Floats | float
    pressure: Floats | float
    excuse: Floats | float
    exposed: Floats | float
    central_exposed: float


@dataclass
class Model:
    """An encoded case with a filling of its uncertain inputs; asks the tables in words."""

    encoded: Encoded
    values: Values
    _worked_out: dict[Hashable, tuple[Any, dict[str, Input]]] = field(default_factory=dict)
    _central: dict[tuple[str, str], float] = field(default_factory=dict)
    phased: Lately[Floats] = field(default_factory=lambda: Lately(_PHASED))  # thresholds of deals in steps
    spread: Lately[Any] = field(default_factory=lambda: Lately(1))  # of all inputs
    like: dict[Hashable, int] = field(default_factory=dict)  # a number for each history
    _rules: list[Parameters] = field(default_factory=list)

    def again(self, encoded: Encoded, filling: Filling | None = None) -> "Model":
        """Give the same model for another day, or for another filling of the priors."""
        return replace(self, encoded=encoded, values=self.values.again(filling))

    def once(self, key: Hashable, work_out: Callable[[], Made]) -> Made:
        """Work something out when it is first asked for; what it hangs on counts as asked for every time."""
        if key not in self._worked_out:
            with self.values.apart() as asked:
                self._worked_out[key] = work_out(), asked
        made, asked = self._worked_out[key]
        self.values.asked.update(asked)
        return made  # type: ignore[no-any-return]

    def default(self, name: str) -> Floats:
        """Give a default of the model, in its range unless the case sets it."""
        if name in self.encoded.case.defaults:
            return self.values.const(self.encoded.case.defaults[name])
        item = self.encoded.tables.defaults[name]
        return self.values.triangular(f"default:{name}", _(item.meaning), item.low, item.value, item.high)

    def centre(self, name: str) -> float:
        """Give the centre of a default."""
        return self.encoded.case.defaults.get(name, self.encoded.tables.defaults[name].value)

    def word(self, name: str, label: str, scale: str, word: str) -> Floats:
        """Give what a word on a scale stands for."""
        return self.values.level(name, label, self.encoded.tables.scales[scale][word])

    def stake(self, office: str, text: str, quantity: str, towards: str = "") -> Floats | None:
        """Give a stake, or None where nobody judged it."""
        stake = self.encoded.stake(office, text, quantity, towards)
        if stake is None:
            return None
        scale = self.encoded.tables.scales[
            "outcome" if quantity in ("no_deal", "kept", "broken") else "share"
        ]
        label = _(_STAKES[quantity]).format(who=self.encoded.called(office))
        if stake.text:
            label = _("{label} ({text})").format(label=label, text=self.encoded.title(stake.text))
        low, high = scale.get(stake.low), scale.get(stake.high)
        return self.values.level(f"stake:{stake.key}", label, scale[stake.word], low, high)

    @property
    def rules(self) -> Parameters:
        """The parameters of the ledger."""
        if not self._rules:
            self._rules.append(self._parameters())
        return self._rules[0]

    def _parameters(self) -> Parameters:
        lives = [[self.default(f"half_life_{sign}.{facet}") for facet in FACETS] for sign in ("good", "bad")]
        flag, hawk = self.default("half_life_deception"), self.default("hawk")
        return Parameters(np.array(lives), flag, hawk, self.default("turnover_kept"))

    def ln_ratio(self, kind: str, facet: Facet, sign: int) -> Floats:
        """Log likelihood ratio of one kind of conduct; its doubt is shared by all facts of the kind."""
        return self.once((kind, facet, sign), lambda: self._ln_ratio(kind, facet, sign))

    def _ln_ratio(self, kind: str, facet: Facet, sign: int) -> Floats:
        a, b = (
            self.default(f"good_if_trustworthy.{facet}"),
            self.default(f"good_if_untrustworthy.{facet}"),
        )
        base = ledger.ln_ratio_bad(a, b) if sign == BAD else ledger.ln_ratio_good(a, b)
        label = self.encoded.tables.kinds[kind].label if kind in self.encoded.tables.kinds else kind
        doubt = self.values.normal(
            f"kind:{kind}",
            _("what it says of somebody: {label}").format(label=_(label)),
            self.centre("lr_doubt"),
        )
        return np.asarray(np.maximum(0.0, base + doubt))

    def told(self, row: Sighting) -> Told:
        """Give one reading of a fact in numbers."""
        return self.once((row.fact.id, row.reading), lambda: self._tell(row))

    def _tell(self, row: Sighting) -> Told:
        bare = 0.0 if row.kind.meeting else row.kind.gesture
        return Told(
            weight=np.asarray(self._reliability(row.fact) * self._mask(row)),
            scale=self._cell(row, "scale", 1.0),
            pressure=self._cell(row, "pressure", 0.0),
            excuse=self._cell(row, "excuse", 0.0),
            exposed=self._cell(row, "gesture", bare),
            central_exposed=self._central_cell(row.fact, "gesture", bare),
        )

    def _cell(self, row: Sighting, column: str, otherwise: float) -> Floats | float:
        fact = row.fact
        if column in fact.override:
            return float(fact.override[column])
        word = getattr(fact, column)
        if not word:
            return otherwise
        label = _("{column} of {fact}").format(column=column, fact=fact.id)
        owner = fact.id if row.reading == AS_CODED else row.reading
        return self.word(f"{column}:{owner}", label, "share", word)

    def _central_cell(self, fact: Fact, column: str, otherwise: float) -> float:
        word = getattr(fact, column)
        given = self.encoded.tables.scales["share"][word].value if word else otherwise
        return float(fact.override.get(column, given))

    def _reliability(self, fact: Fact) -> Floats:
        if "reliability" in fact.override:
            return self.values.const(fact.override["reliability"])
        label = _("whether {fact} ({kind}) is as coded").format(fact=fact.id, kind=fact.kind)
        return self.word(f"reliability:{fact.id}", label, "reliability", fact.reliability)

    def central(self, row: Sighting) -> float:
        """Give the weight of one reading of a fact at the centre of the ranges; 0: it was set aside."""
        key = (row.fact.id, row.reading)
        if key not in self._central:
            reliable = self.encoded.tables.scales["reliability"][row.fact.reliability].value
            reliable = row.fact.override.get("reliability", reliable)
            scale = self._central_cell(row.fact, "scale", 1.0)
            self._central[key] = reliable * scale * self._weights(row.fact)[row.reading]
        return self._central[key]

    def _weights(self, fact: Fact) -> Mapping[str, float]:
        others = self.encoded.alternatives.get(fact.id, ())
        weights = {AS_CODED: 1.0 - sum(other.weight for other in others)}
        return weights | {other.key: other.weight for other in sorted(others, key=lambda one: one.key)}

    def _mask(self, row: Sighting) -> Floats | float:
        weights = self._weights(row.fact)
        if len(weights) == 1:
            return 1.0
        label = _("which reading of {fact} is true").format(fact=row.fact.id)
        return self.values.mixture(f"dispute:{row.fact.id}", label, weights)[row.reading]
