"""The model of a reading: an encoded case, its uncertain inputs, and the tables asked in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.encoding import Encoded, Sighting
from goodoffices.analysis.inputs import Values
from goodoffices.core import ledger
from goodoffices.core.follow import BAD, Parameters, Push
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
FACETS = tuple(Facet)
AS_CODED = "as coded"


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
    """An encoded case with a filling of its uncertain inputs; asks the tables in words.

    `pushes` holds what a fact pushes, by fact, reading, owner and changes of office before it was known.
    """

    encoded: Encoded
    values: Values
    _ratios: dict[tuple[str, Facet, int], Floats] = field(default_factory=dict)
    pushes: dict[tuple[str, str, int, int], tuple[Push, ...]] = field(default_factory=dict)
    _told: dict[tuple[str, str], Told] = field(default_factory=dict)
    _central: dict[tuple[str, str], float] = field(default_factory=dict)

    def default(self, name: str) -> Floats:
        """Give a default of the model, in its range unless the case sets it."""
        if name in self.encoded.case.defaults:
            return self.values.const(self.encoded.case.defaults[name])
        item = self.encoded.tables.defaults[name]
        return self.values.triangular(f"default:{name}", item.meaning, item.low, item.value, item.high)

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
        who = self.encoded.offices[office].called if office in self.encoded.offices else office
        label = _(_STAKES[quantity]).format(who=who)
        if stake.text:
            label = _("{label} ({text})").format(label=label, text=stake.text)
        low, high = scale.get(stake.low), scale.get(stake.high)
        return self.values.level(f"stake:{stake.key}", label, scale[stake.word], low, high)

    @cached_property
    def rules(self) -> Parameters:
        """The parameters of the ledger."""
        lives = [[self.default(f"half_life_{sign}.{facet}") for facet in FACETS] for sign in ("good", "bad")]
        flag, hawk = self.default("half_life_deception"), self.default("hawk")
        return Parameters(np.array(lives), flag, hawk, self.default("turnover_kept"))

    def ln_ratio(self, kind: str, facet: Facet, sign: int) -> Floats:
        """Log likelihood ratio of one kind of conduct; its doubt is shared by all facts of the kind."""
        key = (kind, facet, sign)
        if key not in self._ratios:
            self._ratios[key] = self._ln_ratio(kind, facet, sign)
        return self._ratios[key]

    def _ln_ratio(self, kind: str, facet: Facet, sign: int) -> Floats:
        a, b = (
            self.default(f"good_if_trustworthy.{facet}"),
            self.default(f"good_if_untrustworthy.{facet}"),
        )
        base = ledger.ln_ratio_bad(a, b) if sign == BAD else ledger.ln_ratio_good(a, b)
        label = self.encoded.tables.kinds[kind].label if kind in self.encoded.tables.kinds else kind
        doubt = self.values.normal(
            f"kind:{kind}",
            _("what it says of somebody: {label}").format(label=label),
            self.centre("lr_doubt"),
        )
        return np.asarray(np.maximum(0.0, base + doubt))

    def told(self, row: Sighting) -> Told:
        """Give one reading of a fact in numbers."""
        key = (row.fact.id, row.reading)
        if key not in self._told:
            self._told[key] = self._tell(row)
        return self._told[key]

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
        others = [other for other in self.encoded.case.alternatives if other.fact == fact.id]
        weights = {AS_CODED: 1.0 - sum(other.weight for other in others)}
        return weights | {other.key: other.weight for other in sorted(others, key=lambda one: one.key)}

    def _mask(self, row: Sighting) -> Floats | float:
        weights = self._weights(row.fact)
        if len(weights) == 1:
            return 1.0
        label = _("which reading of {fact} is true").format(fact=row.fact.id)
        return self.values.mixture(f"dispute:{row.fact.id}", label, weights)[row.reading]
