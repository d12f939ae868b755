"""Register forecasts of a case before anybody knows, say what came of them, and score them.

What a reading says is a model index.  It is scored as if it were a chance, beside the base rate of the
reference class and the number of somebody unaided: that shows whether it does as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_data_dir

from goodoffices.archive.records import ForecastRecord, ResolutionRecord
from goodoffices.archive.register import Kept, Register, write_record
from goodoffices.cases.library import library_names
from goodoffices.core import draws, scoring
from goodoffices.domain.case import Case
from goodoffices.domain.forecasts import (
    CONDITIONS,
    FEW,
    HAPPENED,
    SIGNING,
    STANDINGS,
    Question,
    asked_by,
    base_of,
    check_outcome,
    question_of,
    share_of,
    standing,
    standing_after,
)
from goodoffices.domain.readings import DealReading, Quantity, Reading
from goodoffices.domain.texts import Text
from goodoffices.errors import UsageError
from goodoffices.words import N_, _
from goodoffices.workbench.bench import DRAWS, SEED, Workbench

__all__ = [
    "INDEX",
    "Asked",
    "Registered",
    "chain",
    "default_folder",
    "kin",
    "listed",
    "register",
    "resolve",
    "save",
    "shown",
    "shown_by",
]

NO_BASE = N_("no base rate: agreements are on record, talks that failed are not")
INDEX = N_("a model index, scored as if it were a chance")
RESAMPLED = 2000  # times, for the interval of a mean difference
SAME = 0.5  # share of facts in common from which a case is a copy of another; judged
Floats = NDArray[np.float64]
AGAINST = ("base", "expert")


def now() -> datetime:
    """Give the moment, in UTC: nobody can give another one."""
    return datetime.now(UTC).replace(microsecond=0)


def default_folder() -> Path:
    """Give the register of this user: a folder among the user's data."""
    return Path(user_data_dir("goodoffices", appauthor=False)) / "register"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is registered.

    Attributes
    ----------
    question
        "signed by DAY" or "lasts N years", and more words if wanted.
    by
        The deadline: the last day that counts.
    resolves
        The rule by which the question will be resolved, and from what source.
    text
        Its id; the last on the table, if none is given.
    at
        The day of the reading; the last of the case that is not ahead, if none is given.
    expert, role
        What somebody said unaided, and in what role (no name).
    base, base_source
        A rate of signing whose denominator holds talks that failed, and where it is from.
    blinded_by
        Who removed the names, where whoever forecast could not know the case.
    """

    question: str
    by: date
    resolves: str
    text: str | None = None
    at: date | None = None
    expert: float | None = None
    role: str = "unaided expert"
    base: float | None = None
    base_source: str = ""
    blinded_by: str = ""
    seed: int = SEED
    draws: int = DRAWS
    folder: Path = field(default_factory=default_folder)


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A forecast as it stands, what came of it, and how it did.

    Attributes
    ----------
    standing
        "registered", "blinded" or "hindsight", as it is once the outcome is known.
    due
        Whether it waits for its resolution.
    scores
        Of "forecast", "base" and "expert": Brier score and log score; empty until resolved.
    """

    id: str
    forecast: ForecastRecord
    resolutions: tuple[ResolutionRecord, ...]
    standing: str
    due: bool
    scores: Mapping[str, Mapping[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "id": self.id,
            "standing": self.standing,
            "due": self.due,
            "forecast": self.forecast.model_dump(mode="json"),
            "resolutions": [one.model_dump(mode="json") for one in self.resolutions],
            "scores": self.scores,
            "differences": _differences(self.scores),
        }


# -- registering --------------------------------------------------------------------------------------


def register(
    case: str | Path | Case, asked: Asked, bench: Workbench | None = None
) -> tuple[Path, Registered]:
    """Freeze what a reading says of a question, before the outcome is known.

    Raises
    ------
    CaseError, NotFoundError, UsageError
        If the case cannot be read, the question cannot be asked of it, or the register was changed.
    """
    bench, moment = bench or Workbench(), now()
    known = case if isinstance(case, Case) else bench.load_case(case)
    question = _question(asked, known)
    day = min(known.end, moment.date()) if asked.at is None else asked.at
    if day > moment.date():
        raise UsageError(_("{day} lies ahead: read the case as of today or before").format(day=day))
    reading = bench.read(known, day, seed=asked.seed, draws=asked.draws, options=False)
    deal = _deal(reading, asked.text)
    text = next(one for one in known.texts if one.id == deal.id)
    _open(question, text, asked.by, day)
    given = standing(moment.date(), asked.by, known=_told(question, text), blinded=bool(asked.blinded_by))
    fields = _asked(asked, question) | _read(bench, reading, deal, question, asked)
    noise = bench.tables().defaults["decision_noise"].value
    fields |= {"noise": known.defaults.get("decision_noise", noise), "standing": given}
    fields |= {"case": known.id, "title": known.title, "library": kin(known, bench)}
    path, record = Register(asked.folder).append(ForecastRecord, fields, moment.isoformat())
    assert isinstance(record, ForecastRecord)
    return path, shown(Kept(record, ()), moment.date())


def _question(asked: Asked, case: Case) -> Question:
    question = question_of(asked.question)
    asked_by(asked.question, asked.by)
    share_of(asked.expert, _("the expert's number"))
    share_of(asked.base, _("the base rate"))
    if not asked.resolves.strip():
        raise UsageError(_("say by what rule the question will be resolved, and from what source"))
    if (asked.base is not None) != bool(asked.base_source.strip()):
        raise UsageError(_("a base rate needs its source, and a source its base rate: give both or neither"))
    if asked.base is not None and question.kind != SIGNING:
        raise UsageError(_("how long texts last has a reference class: give a base rate for signing only"))
    if asked.blinded_by:
        _nameless(case)
    return question


def _nameless(case: Case) -> None:
    """Refuse to call a case blinded that still says who it is about."""
    named = [party.id for party in case.parties if party.iso3 or party.wikidata]
    named += [one.id for one in case.decision_makers if one.wikidata]
    if named:
        said = _("a blinded case has no names: {who} still has a code (iso3 or wikidata); remove it")
        raise UsageError(said.format(who=named[0]))


def _deal(reading: Reading, text: str | None) -> DealReading:
    """Find the text that is asked about."""
    found = [deal for deal in reading.deals if text in (None, deal.id)]
    if not found:
        names = ", ".join(deal.id for deal in reading.deals) or _("none")
        said = _('no text "{text}" is on the table on {day}; there are {names}')
        raise UsageError(said.format(text=text or "", day=reading.as_of, names=names))
    deal = found[-1]
    if deal.sign is None or deal.lasts_if_signed is None:
        raise UsageError(_("the reading gives no figure to register: {why}").format(why=deal.reason))
    return deal


def _open(question: Question, text: Text, by: date, day: date) -> None:
    """Check that the question is open on the day of the reading, and can be decided by its deadline."""
    signed = text.signed_on
    if by <= day:
        said = _("the deadline {by} does not lie after {day}, the day of the reading: give a later one")
        raise UsageError(said.format(by=by, day=day))
    if question.kind == SIGNING:
        if signed is not None and signed <= day:
            said = _("{text} was signed on {signed}: ask how long it lasts, or read an earlier day")
            raise UsageError(said.format(text=text.id, signed=signed))
        return
    first = signed or day
    end = date(first.year + question.years, first.month, min(first.day, 28))
    if by < end:
        said = _("{years} years from {first} end on {end}: give a deadline from then on")
        raise UsageError(said.format(years=question.years, first=first, end=end))


def _told(question: Question, text: Text) -> bool:
    """Say whether the case already tells what became of the question."""
    return question.kind == SIGNING and text.signed_on is not None


def _asked(asked: Asked, question: Question) -> dict[str, Any]:
    expert = None if asked.expert is None else {"role": asked.role, "chance": asked.expert}
    return {
        "kind": "forecast",
        "question": asked.question.strip(),
        "about": question.kind,
        "years": question.years,
        "condition": CONDITIONS[question.kind],
        "by": asked.by.isoformat(),
        "resolves": asked.resolves.strip(),
        "blinded_by": asked.blinded_by,
        "expert": expert,
        "calibrated": False,
    }


def _read(
    bench: Workbench, reading: Reading, deal: DealReading, question: Question, asked: Asked
) -> dict[str, Any]:
    """Give what the reading says of the question, and what it hangs on."""
    outcome, figure = _figure(bench, deal, question)
    consents = {row.id: row.consent.median for row in deal.guarantors}
    return {
        "text": deal.id,
        "outcome": outcome,
        "forecast": _range(figure),
        "verdict": deal.verdict,
        "base": _base(bench, deal, question, asked),
        "players": [
            {
                "id": row.id,
                "keep": _range(row.keep),
                "threshold": _range(row.threshold),
                "veto": row.veto.median,
                "binding": row.binding,
            }
            for row in deal.decision_makers
        ],
        "consent": float(np.prod(list(consents.values()))),
        "stamps": _stamps(reading),
    }


def _stamps(reading: Reading) -> dict[str, Any]:
    names = ("method", "code", "case_hash", "codebook_hash", "defaults_hash", "seed", "draws")
    feed = reading.feed.files if reading.feed and reading.feed.weight else ""
    return {name: getattr(reading, name) for name in names} | {
        "as_of": reading.as_of.isoformat(),
        "feed": feed,
    }


def _range(figure: Any) -> dict[str, float]:
    return {"median": figure.median, "lo": figure.lo, "hi": figure.hi}


def _figure(bench: Workbench, deal: DealReading, question: Question) -> tuple[str, Any]:
    """Give the outcome that is forecast and its figure: that which the reference class was measured on."""
    if question.kind == SIGNING:
        return "signed", deal.sign
    assert deal.lasts_if_signed is not None
    outcome = _class(bench, deal).outcome
    years: Quantity = getattr(getattr(deal.lasts_if_signed, outcome), f"y{question.years}")
    return outcome, years


def _class(bench: Workbench, deal: DealReading) -> Any:
    return next(row for row in bench.tables().classes if row.name == deal.reference_class.name)


def _base(bench: Workbench, deal: DealReading, question: Question, asked: Asked) -> dict[str, Any]:
    """Give the base rate: of the class for lasting; for signing only one that somebody can cite."""
    if question.kind == SIGNING:
        return {"name": "", "chance": asked.base, "n": None, "source": asked.base_source or NO_BASE}
    row = _class(bench, deal)
    return {"name": row.name, "chance": base_of(row, question.years), "n": row.n, "source": row.source}


def kin(case: Case, bench: Workbench) -> str:
    """Give the library's case that a case is, or is a copy of, whatever it is called; empty if none.

    A copy has the id or the key of a library case, or at least half of the facts of the smaller of the
    two in common, by their ids or by day and kind of conduct.
    """
    for name in library_names():
        other = bench.load_case(name)
        if case.id == other.id or case.key == other.key or _alike(case, other):
            return name
    return ""


def _alike(one: Case, other: Case) -> bool:
    for what in (lambda fact: fact.id, lambda fact: (fact.happened_on, fact.kind)):
        mine, theirs = ({what(fact) for fact in case.declared()} for case in (one, other))
        if mine and theirs and len(mine & theirs) >= SAME * min(len(mine), len(theirs)):
            return True
    return False


# -- resolving ----------------------------------------------------------------------------------------


def resolve(
    name: str, happened: str, on: date, source: str, *, why: str = "", folder: Path | None = None
) -> tuple[Path, Registered]:
    """Say what came of a forecast; nothing that was said before is taken away.

    Parameters
    ----------
    happened
        "yes", "no", or "void" if the condition of the question was not met.
    on
        The day on which it was decided.
    why
        What was wrong with the resolution that stands, where there is one.

    Raises
    ------
    NotFoundError, UsageError
        If there is no such forecast, or the outcome cannot have been known on that day.
    """
    moment, kept = now(), Register(folder or default_folder())
    found = kept.find(name)
    one = found.forecast
    if happened not in HAPPENED:
        said = _('happened is "{word}": use one of {words}')
        raise UsageError(said.format(word=happened, words=", ".join(HAPPENED)))
    if not source.strip():
        raise UsageError(_("a resolution needs its source: a page, or a text and its date"))
    check_outcome(Question(kind=one.about, years=one.years), happened, on, one.by, moment.date())
    before = found.resolution
    if before is not None and not why.strip():
        said = _("{id} is resolved ({happened}, {on}): to correct that, say with --why what was wrong")
        raise UsageError(said.format(id=found.id, happened=before.happened, on=before.on))
    corrects = before.sha256 if before else ""
    fields = {"kind": "resolution", "of": one.sha256, "happened": happened, "on": on.isoformat()}
    fields |= {"source": source.strip(), "corrects": corrects, "why": why.strip() if before else ""}
    path, record = kept.append(ResolutionRecord, fields, moment.isoformat())
    assert isinstance(record, ResolutionRecord)
    return path, shown(Kept(one, (record, *found.resolutions)), moment.date())


# -- scores ---------------------------------------------------------------------------------------------


def shown(kept: Kept, today: date) -> Registered:
    """Give a forecast as it stands today, with its scores."""
    one, last = kept.forecast, kept.resolution
    known: str = one.standing
    if last is not None:
        known = standing_after(known, date.fromisoformat(one.at[:10]), last.on)
    return Registered(
        id=kept.id,
        forecast=one,
        resolutions=kept.resolutions,
        standing=known,
        due=last is None and one.by <= today,
        scores=_scores(one, last),
    )


def _scores(one: ForecastRecord, last: ResolutionRecord | None) -> dict[str, dict[str, float]]:
    if last is None or last.happened == "void":
        return {}
    said = {"forecast": one.forecast.median, "base": one.base.chance}
    said["expert"] = one.expert.chance if one.expert else None
    happened = np.array([float(last.happened == "yes")])
    return {
        name: {
            "said": value,
            "brier": scoring.brier(np.array([value]), happened),
            "log": scoring.log_loss(np.array([value]), happened),
        }
        for name, value in said.items()
        if value is not None
    }


def _differences(scores: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Give by how much the forecast did worse than what it is held against; below zero it did better."""
    return {
        name: {score: scores["forecast"][score] - scores[name][score] for score in ("brier", "log")}
        for name in AGAINST
        if name in scores
    }


def _mean(rows: Sequence[Registered], name: str) -> dict[str, Any] | None:
    mine = [row.scores[name] for row in rows if name in row.scores]
    if not mine:
        return None
    return {"n": len(mine)} | {s: float(np.mean([one[s] for one in mine])) for s in ("brier", "log")}


def _paired(rows: Sequence[Registered], name: str) -> dict[str, Any] | None:
    """Give the mean paired difference with its 80% interval, by resampling forecasts."""
    mine = [found[name] for row in rows if name in (found := _differences(row.scores))]
    if not mine:
        return None
    told: dict[str, Any] = {"n": len(mine)}
    for score in ("brier", "log"):
        values = np.array([one[score] for one in mine])
        told[score] = {"mean": float(values.mean()), "interval": _interval(values, f"{name} {score}")}
    return told


def _interval(values: Floats, entity: str) -> tuple[float, float] | None:
    if len(values) < FEW:
        return None
    key = draws.stream_key(SEED, "resampled forecasts", entity)
    chosen = (draws.uniform(key, RESAMPLED * len(values)) * len(values)).astype(np.int64)
    means = values[chosen].reshape(RESAMPLED, len(values)).mean(axis=1)
    low, high = np.quantile(means, (0.1, 0.9)).tolist()
    return low, high


def _summed(rows: Sequence[Registered]) -> dict[str, Any]:
    """Sum up the resolved forecasts of one standing."""
    scored = [row for row in rows if row.scores]
    told: dict[str, Any] = {
        "n": len(scored),
        "open": sum(not row.resolutions for row in rows),
        "void": sum(bool(row.resolutions) and not row.scores for row in rows),
        "corrected": sum(len(row.resolutions) > 1 for row in rows),
        "scores": {name: _mean(scored, name) for name in ("forecast", *AGAINST)},
        "differences": {name: _paired(scored, name) for name in AGAINST},
        "said": "",
    }
    if len(scored) < FEW:
        said = _("n = {n}: fewer than {few} resolved forecasts, from which a mean score says next to nothing")
        told["said"] = said.format(n=len(scored), few=FEW)
    return told


def _order(row: Registered) -> tuple[int, date, int]:
    """The due first, then those that are open, by deadline; the resolved last."""
    state = 0 if row.due else 1 if not row.resolutions else 2
    return state, row.forecast.by, row.forecast.number


def listed(folder: Path | None = None) -> dict[str, Any]:
    """List all forecasts, the due first, with their scores by standing.

    Raises
    ------
    CaseError
        If the register was changed.
    """
    kept = Register(folder or default_folder())
    today = now().date()
    rows = sorted((shown(one, today) for one in kept.kept()), key=_order)
    return {
        "forecasts": rows,
        "scores": {name: _summed([row for row in rows if row.standing == name]) for name in _there(rows)},
        "head": kept.head,
        "said": _(INDEX),
    }


def _there(rows: Iterable[Registered]) -> list[str]:
    found = {row.standing for row in rows}
    return [name for name in STANDINGS if name in found]


def shown_by(name: str, folder: Path | None = None) -> Registered:
    """Show the forecast whose id begins so.

    Raises
    ------
    NotFoundError
        If none does, or several do.
    """
    return shown(Register(folder or default_folder()).find(name), now().date())


def chain(folder: Path | None = None, head: str = "") -> dict[str, Any]:
    """Hold every file of a register against its hash and its place.

    Parameters
    ----------
    head
        The hash of what once was the last file (or how it begins), which must still be there.

    Raises
    ------
    CaseError
        At the first file that was changed, or is not in its place.
    UsageError
        If no file has the hash that was given.
    """
    entries = Register(folder or default_folder()).entries()
    if head and not any(entry.sha256.startswith(head.lower()) for entry in entries):
        said = _("no file of the register has the hash {head}: it was cut off, or written anew")
        raise UsageError(said.format(head=head[:12]))
    return {
        "entries": len(entries),
        "forecasts": sum(isinstance(entry, ForecastRecord) for entry in entries),
        "head": entries[-1].sha256 if entries else "",
    }


def save(path: Path, one: Registered) -> Path:
    """Write a copy of a forecast as it was registered, to be sent or published."""
    return write_record(path, one.forecast)
