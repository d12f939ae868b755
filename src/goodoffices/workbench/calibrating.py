"""Calibrate the keep index on what came of forecasts, and read a case with it.

Only forecasts count that were made before their outcome, or blind; the first of each case; none of the
library's cases, whose outcomes were known when the model was made.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from goodoffices.analysis.answer import METHOD
from goodoffices.archive.records import CalibrationRecord, ForecastRecord
from goodoffices.archive.register import Register, read_calibration, sealed, write_record
from goodoffices.cases.library import library_names
from goodoffices.core.calibration import Fitted, Outcomes, fitted
from goodoffices.domain.forecasts import LASTING, LEAST, SIGNING, YEARS, Calibration
from goodoffices.domain.readings import DealReading, Lasting, Quantity, Reading
from goodoffices.domain.readings import Outcomes as Lasts
from goodoffices.errors import UsageError
from goodoffices.words import _
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.forecasting import Registered, default_folder, now, shown

__all__ = ["Counted", "calibrate", "calibration_of", "counted", "labelled"]

Z80 = 1.2815515655446004  # standard normal deviate of an 80 per cent interval
NAMES = ("level", "slope", "level_sd", "slope_sd", "correlation", "cases", "registered", "blinded", "method")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The forecasts that count, and how many were set aside for what reason."""

    rows: tuple[Registered, ...]
    aside: Mapping[str, int]


def _aside(row: Registered, about: str, years: int) -> str:
    """Say why a forecast does not count; empty if it does."""
    one = row.forecast
    if one.library or one.case in library_names():
        return "library"
    if not row.scores:
        return "void" if row.resolutions else "open"
    if row.standing == "hindsight":
        return "hindsight"
    if one.stamps.method != METHOD:
        return "another method"
    if about and one.about != about:
        return "another question"
    if one.about == LASTING and one.years != years:
        return "another number of years"
    return ""


def counted(rows: Iterable[Registered], about: str = "", years: int = 1) -> Counted:
    """Choose the forecasts that count: of each case the first."""
    why: Counter[str] = Counter()
    found: dict[str, Registered] = {}
    for row in sorted(rows, key=lambda one: one.forecast.number):
        reason = _aside(row, about, years)
        if not reason and row.forecast.case in found:
            reason = "same case"
        if reason:
            why[reason] += 1
        else:
            found[row.forecast.case] = row
    return Counted(rows=tuple(found.values()), aside=dict(why))


def _refused(found: Counted) -> UsageError:
    told = _(
        "{n} of {least} dated cases: K stays a model index until that many, each registered before its "
        "outcome or blinded, are resolved; set aside: {aside}"
    )
    aside = ", ".join(f"{_(why)} {n}" for why, n in found.aside.items()) or _("none")
    return UsageError(told.format(n=len(found.rows), least=LEAST, aside=aside))


def calibrate(
    folder: Path | None = None, *, about: str = "", years: int = 1, out: Path | None = None
) -> tuple[CalibrationRecord, Counted]:
    """Fit level and slope of the calibration of K (al0 and al1).

    Parameters
    ----------
    about
        Only forecasts of "signing" or of "lasting"; both, if none is given.
    years
        Of the forecasts of lasting, those for this many years.

    Raises
    ------
    CaseError
        If the register was changed.
    UsageError
        If fewer than 30 dated cases count.
    """
    if about not in ("", SIGNING, LASTING) or years not in YEARS:
        raise UsageError(_("calibrate on signing or lasting, for 1, 5 or 10 years"))
    kept, today = Register(folder or default_folder()), now().date()
    found = counted((shown(one, today) for one in kept.kept()), about, years)
    if len(found.rows) < LEAST:
        raise _refused(found)
    record = _record(found.rows, fitted(_outcomes(found.rows)), kept.head, years)
    if out is not None:
        write_record(out, record)
    return record, found


def _record(rows: tuple[Registered, ...], fit: Fitted, head: str, years: int) -> CalibrationRecord:
    standings = Counter(row.standing for row in rows)
    abouts: Counter[str] = Counter(row.forecast.about for row in rows)
    ends = {
        "level": [fit.level - Z80 * fit.level_sd, fit.level + Z80 * fit.level_sd],
        "slope": [fit.slope - Z80 * fit.slope_sd, fit.slope + Z80 * fit.slope_sd],
    }
    fields: dict[str, Any] = {"format": 1, "kind": "calibration", **fit._asdict(), "interval": ends}
    fields |= {"cases": len(rows), "registered": standings["registered"], "blinded": standings["blinded"]}
    fields |= {"signing": abouts[SIGNING], "lasting": abouts[LASTING], "years": years}
    fields |= {"forecasts": [row.forecast.sha256 for row in rows], "head": head}
    fields |= {"method": METHOD, "code": code_stamp(), "made_on": now().date().isoformat()}
    return CalibrationRecord.model_validate(sealed(fields))


# -- what was forecast, as numbers --------------------------------------------------------------------


def _outcomes(rows: Iterable[Registered]) -> Outcomes:
    """Lay out forecasts and outcomes; where a text lasts, the lowest keep index comes first."""
    listed = list(rows)
    players = [_players(row.forecast) for row in listed]
    width = max(len(one) for one in players)
    table = np.array([[*one, *[(0.5, 0.5, 0.0)] * (width - len(one))] for one in players])
    happened = [float(row.resolutions[0].happened == "yes") for row in listed]
    return Outcomes(
        keep=table[:, :, 0],
        threshold=table[:, :, 1],
        veto=table[:, :, 2],
        consent=np.array([row.forecast.consent for row in listed]),
        noise=np.array([row.forecast.noise for row in listed]),
        lasting=np.array([row.forecast.about == LASTING for row in listed]),
        happened=np.array(happened),
    )


def _players(one: ForecastRecord) -> list[tuple[float, float, float]]:
    rows = sorted(one.players, key=lambda player: player.keep.median)
    return [(row.keep.median, row.threshold.median, row.veto) for row in rows]


# -- a reading with it --------------------------------------------------------------------------------


def calibration_of(given: str | Path | Mapping[str, Any]) -> Calibration:
    """Read the calibration that a reading names: a file, or what a saved result carries.

    Raises
    ------
    CaseError
        If it is none, or was changed since it was fitted.
    UsageError
        If it was fitted to readings of another method.
    """
    if isinstance(given, Mapping):
        found = _carried(given)
    else:
        record = read_calibration(Path(given))
        found = Calibration(**{name: getattr(record, name) for name in NAMES}, sha256=record.sha256)
    if found.method != METHOD:
        said = _(
            "the calibration was fitted to readings by {method}, and this one is by {mine}: fit it again"
        )
        raise UsageError(said.format(method=found.method, mine=METHOD))
    return found


def _carried(given: Mapping[str, Any]) -> Calibration:
    try:
        return Calibration(**given)
    except TypeError:
        raise UsageError(_("the saved result carries no calibration that can be read")) from None


def labelled(reading: Reading, given: Calibration) -> Reading:
    """Mark the figures of a calibrated reading that hang on the keep index, and say on what it rests."""
    said = _(
        "Keep, gap, acceptance, signing and lasting are calibrated on {n} dated cases "
        "({registered} registered, {blinded} blinded)."
    )
    told = said.format(n=given.cases, registered=given.registered, blinded=given.blinded)
    return replace(
        reading,
        calibrated=True,
        calibration=given.to_dict(),
        deals=tuple(_marked(deal) for deal in reading.deals),
        warnings=(*reading.warnings, told),
    )


def _one(figure: Quantity) -> Quantity:
    return replace(figure, calibrated=True)


def _lasting(found: Lasting) -> Lasting:
    return Lasting(y1=_one(found.y1), y5=_one(found.y5), y10=_one(found.y10))


def _lasts(found: Lasts | None) -> Lasts | None:
    if found is None:
        return None
    held, calm = _lasting(found.not_abandoned), _lasting(found.no_serious_violation)
    return replace(found, not_abandoned=held, no_serious_violation=calm)


def _marked(deal: DealReading) -> DealReading:
    people = tuple(
        replace(row, keep=_one(row.keep), gap=_one(row.gap), accept=_one(row.accept))
        for row in deal.decision_makers
    )
    changes = tuple(replace(one, sign=_one(one.sign)) for one in deal.bottleneck.changes)
    return replace(
        deal,
        sign=deal.sign and replace(deal.sign, calibrated=True),
        lasts_if_signed=_lasts(deal.lasts_if_signed),
        signed_and_lasts=_lasts(deal.signed_and_lasts),
        decision_makers=people,
        bottleneck=replace(deal.bottleneck, changes=changes),
    )
