"""The formats of a case folder as pydantic models; the published JSON Schemas come from here.

Every message says what would be right, because it becomes the second half of a fault's sentence.
"""

import calendar
import difflib
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from goodoffices.cases.tables import codebook, scales
from goodoffices.domain.evidence import SENSITIVITIES, Facet
from goodoffices.domain.texts import PROVISIONS, QUANTITIES
from goodoffices.words import _, commanding

__all__ = ["MODELS", "parse_day"]

_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")


def parse_day(value: Any) -> date:
    """Read `1998-05-11`, `1998-05` or `1998`; the short forms stand for the last day of the span.

    Raises
    ------
    ValueError
        If it is no date, with what would be one.
    """
    if isinstance(value, date):
        return value
    match = _PARTIAL.match(str(value).strip())
    if not match or not 1 <= int(match[1]) <= 2999:
        raise ValueError(_("give a date such as 1998-05-11, 1998-05 or 1998"))
    year, month = int(match[1]), int(match[2] or 12)
    if not 1 <= month <= 12:
        raise ValueError(_("give a month from 01 to 12"))
    last = calendar.monthrange(year, month)[1]
    day = int(match[3] or last)
    if not 1 <= day <= last:
        raise ValueError(
            _("give a day from 01 to {last} in {year}-{month:02d}").format(last=last, year=year, month=month)
        )
    return date(year, month, day)


def _optional_day(value: Any) -> date | None:
    return None if value in (None, "") else parse_day(value)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else tuple(value or ())


def _yes(value: Any) -> bool:
    words = {"yes": True, "no": False, "": False, True: True, False: False}
    if value not in words:
        raise ValueError(_("write yes or no"))
    return words[value]


def _checked(scale: str, *, optional: bool) -> BeforeValidator:
    words = list(scales()[scale])

    def check(value: Any) -> str:
        if value == "" and optional:
            return ""
        if value not in words:
            raise ValueError(_('use a word of the scale "{scale}": ').format(scale=scale) + ", ".join(words))
        return str(value)

    return BeforeValidator(check)


def _shown(scale: str, *, optional: bool) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [*([""] if optional else []), *scales()[scale]]})


def _kind(value: Any) -> str:
    known = [kind.kind for kind in codebook()]
    if value not in known:
        near = difflib.get_close_matches(str(value), known, n=3, cutoff=0.3) or known[:3]
        raise ValueError(_("use a kind of the codebook, such as ") + ", ".join(near))
    return str(value)


def _override(value: Any) -> dict[str, float]:
    if not isinstance(value, str):
        return dict(value or {})
    pairs = [part.partition("=") for part in value.split(";") if part.strip()]
    numbers = {}
    for name, _equals, number in pairs:
        if name.strip() not in ("scale", "gesture", "pressure", "excuse", "reliability"):
            raise ValueError(
                _("override only scale, gesture, pressure, excuse or reliability, as scale=0.35")
            )
        try:
            numbers[name.strip()] = float(number)
        except ValueError:
            raise ValueError(
                _("give a number for {value}, as {value}=0.35").format(value=name.strip())
            ) from None
        if not 0 <= numbers[name.strip()] <= 1:
            raise ValueError(_("give a number between 0 and 1"))
    return numbers


def _weight(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(_("give a number between 0 and 1")) from None
    if not 0 <= number <= 1:
        raise ValueError(_("give a number between 0 and 1"))
    return number


_DAY_SCHEMA = {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
Day = Annotated[date, BeforeValidator(parse_day), WithJsonSchema(_DAY_SCHEMA)]
OptionalDay = Annotated[
    date | None,
    BeforeValidator(_optional_day),
    WithJsonSchema({**_DAY_SCHEMA, "pattern": r"^(\d{4}(-\d{2}(-\d{2})?)?)?$"}),
]
Names = Annotated[tuple[str, ...], BeforeValidator(_names), WithJsonSchema({"type": "string"})]
NameList = Annotated[tuple[str, ...], BeforeValidator(_names)]
YesNo = Annotated[bool, BeforeValidator(_yes), WithJsonSchema({"type": "string", "enum": ["", "yes", "no"]})]
Share = Annotated[str, _checked("share", optional=True), _shown("share", optional=True)]
NeededShare = Annotated[str, _checked("share", optional=False), _shown("share", optional=False)]
Belief = Annotated[str, _checked("belief", optional=False), _shown("belief", optional=False)]
Reliability = Annotated[str, _checked("reliability", optional=False), _shown("reliability", optional=False)]
Kind = Annotated[str, BeforeValidator(_kind)]
Override = Annotated[dict[str, float], BeforeValidator(_override), WithJsonSchema({"type": "string"})]
Weight = Annotated[
    float, BeforeValidator(_weight), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]{4,12}$")]
Id = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\s,;/\\]+$")]
Line = Annotated[str, Field(max_length=4000)]


class _Row(BaseModel):
    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, populate_by_name=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _speaks(cls, value: Any) -> Any:
        """A case may come from a stranger: nothing in it may command the terminal that shows it."""
        if isinstance(value, str) and not value.isprintable() and commanding(value):
            raise ValueError(_("remove the control characters"))
        return value


class PartyRow(_Row):
    key: Key
    id: Id
    name: Line
    role: Literal["principal", "third"] = "principal"
    iso3: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""
    wikidata: Annotated[str, Field(pattern=r"^(Q\d+)?$")] = ""


class DecisionMakerRow(_Row):
    key: Key
    id: Id
    name: Line
    kind: Literal["person", "body"]
    office: Id
    party: Id
    start: Day = Field(alias="from")
    end: OptionalDay = Field(default=None, alias="to")
    wikidata: Annotated[str, Field(pattern=r"^(Q\d+)?$")] = ""
    commanded_by: NameList = ()


class SpoilerRow(_Row):
    key: Key
    id: Id
    name: Line
    side: Id
    known_on: Day


class LinkRow(_Row):
    observer: Id
    sees: Id
    weight: NeededShare
    known_on: Day
    towards: str = ""
    reason: Line = ""


class ProvisionRow(_Row):
    key: Key
    id: Id
    type: Literal["verification", "guarantee", "phasing", "bond", "assistance"]
    known_on: Day
    detection: Share = ""
    recoverable: Share = ""
    worth: Share = ""
    loss: Share = ""
    size: Share = ""
    by: str = ""
    to: str = ""
    form: Literal["", "word", "treaty", "deployed_force"] = ""
    steps: Annotated[int, Field(ge=1, le=64)] = 1

    @model_validator(mode="after")
    def _complete(self) -> "ProvisionRow":
        missing = [name for name in PROVISIONS[self.type] if not getattr(self, name)]
        if missing:
            raise ValueError(_("a {type} needs a word for ").format(type=self.type) + " and ".join(missing))
        if self.type == "guarantee" and not (self.by and self.form):
            raise ValueError(_("a guarantee needs by (an office) and form (word, treaty or deployed_force)"))
        return self


class TextRow(_Row):
    key: Key
    id: Id
    title: Line
    tabled_on: Day
    known_on: OptionalDay = None
    off_table_on: OptionalDay = None
    binds: NameList
    scope: Literal["full", "partial", "process", "ceasefire"]
    signed_on: OptionalDay = None
    in_force_on: OptionalDay = None
    signatories: NameList = ()
    guarantors: NameList = ()
    witnesses: NameList = ()
    excluded: NameList = ()
    pressure: Share = "none"
    provisions: list[ProvisionRow] = []


class FeedRow(_Row):
    store: Annotated[str, Field(pattern=r"^[^/\\:.\x00][^/\\:\x00]{0,99}$")]
    source: Annotated[str, Field(pattern=r"^[a-z0-9-]*$")] = ""
    actors: dict[str, str] = {}
    kinds: list[Kind] = []
    weight: Weight = 0.0


class ConductTable(_Row):
    store: Annotated[str, Field(pattern=r"^[^/\\:.\x00][^/\\:\x00]{0,99}$")]
    source: Annotated[str, Field(pattern=r"^[a-z0-9-]*$")] = ""
    model: Annotated[str, Field(pattern=r"^([^/\\:.\x00][^/\\:\x00]{0,99})?$")] = ""
    actors: dict[str, str] = {}
    pairs: list[tuple[Id, Id]] = []


class CaseFile(_Row):
    """The whole of case.toml."""

    format: Literal[1]
    key: Key
    id: Id
    title: Line
    summary: Line = ""
    start: Day = Field(alias="from")
    end: Day = Field(alias="to")
    sensitivity: Literal["clear", "green", "amber", "red"] = "amber"
    attributes: dict[str, str] = {}
    defaults: dict[str, float] = {}
    parties: list[PartyRow]
    decision_makers: list[DecisionMakerRow]
    spoilers: list[SpoilerRow] = []
    links: list[LinkRow] = []
    texts: list[TextRow] = []
    feed: FeedRow | None = None
    conduct: ConductTable | None = None


class StakeRow(_Row):
    key: Key
    actor: Id
    text: str = ""
    quantity: Literal[tuple(QUANTITIES)]  # type: ignore[valid-type]
    towards: str = ""
    word: str
    low: str = ""
    high: str = ""
    rationale: Line
    source: Line = ""
    url: Line = ""
    known_on: Day

    @model_validator(mode="after")
    def _on_scale(self) -> "StakeRow":
        scale = QUANTITIES[self.quantity]
        words = list(scales()[scale])
        for name in ("word", "low", "high"):
            value = getattr(self, name)
            if value not in words and not (name != "word" and value == ""):
                listed = ", ".join(words)
                raise ValueError(
                    _('{name} is "{value}": use a word of the scale "{scale}": {listed}').format(
                        name=name, value=value, scale=scale, listed=listed
                    )
                )
        return self


class FactRow(_Row):
    id: Key
    happened_on: Day
    known_on: OptionalDay = None
    public_on: OptionalDay = None
    actor: Id
    towards: Names = ()
    seen_by: Names = ()
    about: str = ""
    event: str = ""
    kind: Kind
    scale: Share = ""
    gesture: Share = ""
    pressure: Share = ""
    excuse: Share = ""
    proven_deception: Literal["", "admission", "international_body", "two_sources"] = ""
    disputed: YesNo = False
    chronology: Names = ()
    source_title: Line = ""
    source_publisher: Line = ""
    source_date: str = ""
    source_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$", max_length=2000)] = ""
    says: Line = ""
    reliability: Reliability = "single"
    verified: YesNo = False
    sensitivity: Literal[SENSITIVITIES] = "amber"  # type: ignore[valid-type]
    override: Override = {}
    override_reason: Line = ""
    note: Line = ""


class AlternativeRow(_Row):
    fact: Key
    alternative: Key
    actor: str = ""
    kind: str = ""
    scale: Share = ""
    weight: Weight
    says_who: Line = ""
    source_url: Line = ""
    known_on: OptionalDay = None


class RatingRow(_Row):
    key: Key
    rated_on: Day
    known_on: OptionalDay = None
    author: Line
    truster: Id
    trustee: Id
    facet: Facet
    rating: Belief
    confidence: Literal["low", "medium", "high"]
    reason: Line


class OffRow(_Row):
    fact: Key
    author: Line = ""
    at: Line = ""
    reason: Line = ""


class CommentRow(_Row):
    key: Key
    on: Annotated[str, Field(min_length=1, max_length=300)]
    author: Line = ""
    at: Line = ""
    says: Line


MODELS: dict[str, type[BaseModel]] = {
    "case": CaseFile,
    "stakes": StakeRow,
    "evidence": FactRow,
    "disputes": AlternativeRow,
    "ratings": RatingRow,
    "off": OffRow,
    "comments": CommentRow,
}
