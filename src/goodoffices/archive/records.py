"""The formats of a register of forecasts as pydantic models; the published JSON Schemas come from here."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from goodoffices.words import _, commanding

__all__ = ["RECORDS", "CalibrationRecord", "ForecastRecord", "Record", "ResolutionRecord"]

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Chance = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[int, Field(ge=1)]
Line = Annotated[str, Field(max_length=4000)]
Told = Annotated[str, Field(min_length=1, max_length=4000)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+00:00$")]  # UTC


class Record(BaseModel):
    """What records have in common: nothing unknown, nothing infinite, nothing that commands a terminal."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _speaks(cls, value: object) -> object:
        if isinstance(value, str) and not value.isprintable() and commanding(value):
            raise ValueError(_("remove the control characters"))
        return value


class _Chained(Record):
    """An entry of a register: it names the one before it, and carries the hash of all its other fields."""

    format: Literal[1]
    number: Number
    previous: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]  # empty: the first
    at: Moment
    sha256: Hash


class RangeRecord(Record):
    """A figure with its 80% interval."""

    median: float
    lo: float
    hi: float


class PlayerRecord(Record):
    """One decision-maker before the text: keep index K and threshold p*."""

    id: str
    keep: RangeRecord
    threshold: RangeRecord
    veto: Chance
    binding: bool


class ExpertRecord(Record):
    """What somebody said unaided, named by role."""

    role: Told
    chance: Chance


class BaseRecord(Record):
    """What happened in the reference class; `chance` is null where no rate was measured."""

    name: str
    chance: Chance | None
    n: int | None
    source: Told


class StampRecord(Record):
    """What is needed to compute the reading again."""

    as_of: date
    method: str
    code: str
    case_hash: Hash
    codebook_hash: str
    defaults_hash: str
    seed: int
    draws: Number
    feed: str  # hash over the files of a weighed feed; empty: none


class ForecastRecord(_Chained):
    """A forecast as it was registered."""

    kind: Literal["forecast"]
    case: Told
    title: Line
    text: Told
    question: Told
    about: Literal["signing", "lasting"]
    years: Literal[0, 1, 5, 10]
    outcome: Literal["signed", "not_abandoned", "no_serious_violation"]
    condition: Told
    by: date
    resolves: Told
    standing: Literal["registered", "blinded", "hindsight"]
    blinded_by: Line
    library: str  # the library's case that this is, or is a copy of; empty: none
    forecast: RangeRecord
    calibrated: Literal[False]
    verdict: str
    base: BaseRecord
    expert: ExpertRecord | None
    players: tuple[PlayerRecord, ...]
    consent: Chance
    noise: Annotated[float, Field(gt=0)]
    stamps: StampRecord


class ResolutionRecord(_Chained):
    """What came of a forecast, or a correction of what was said of it."""

    kind: Literal["resolution"]
    of: Hash
    happened: Literal["yes", "no", "void"]
    on: date
    source: Told
    corrects: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]  # empty: nothing
    why: Line


class EndsRecord(Record):
    """Ends of the 80% intervals."""

    level: tuple[float, float]
    slope: tuple[float, float]


class CalibrationRecord(Record):
    """Level and slope that turn the keep index into a chance, with what they were fitted to."""

    format: Literal[1]
    kind: Literal["calibration"]
    level: float
    slope: float
    level_sd: Annotated[float, Field(gt=0)]
    slope_sd: Annotated[float, Field(gt=0)]
    correlation: Annotated[float, Field(ge=-1, le=1)]
    interval: EndsRecord
    cases: Annotated[int, Field(ge=30)]
    registered: Annotated[int, Field(ge=0)]
    blinded: Annotated[int, Field(ge=0)]
    signing: Annotated[int, Field(ge=0)]
    lasting: Annotated[int, Field(ge=0)]
    years: Literal[1, 5, 10]
    forecasts: tuple[Hash, ...]
    head: Hash
    method: str
    code: str
    made_on: date
    sha256: Hash


RECORDS: dict[str, type[Record]] = {
    "forecast": ForecastRecord,
    "resolution": ResolutionRecord,
    "calibration": CalibrationRecord,
}
