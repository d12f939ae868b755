"""The page "Conduct": backtests that are kept, and what the reports of a store let expect of a pair.

The store, the pair and the day stand in the address.  A list of gaps takes a while: it is a run of its
own, and shown to whoever asks the same as long as the server is up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from goodoffices.domain.backtests import ACCURACY, Difference, Result, Run
from goodoffices.domain.gaps import Gap, GapRow
from goodoffices.domain.readings import plain
from goodoffices.errors import GoodOfficesError, NotFoundError, UsageError
from goodoffices.report.backtest import Diagram, diagram
from goodoffices.report.waterfall import Part, Waterfall, waterfall
from goodoffices.web.audit import audit
from goodoffices.web.doing import Desked, Filled, back, desk_of
from goodoffices.web.jobs import DONE, Job, Jobs, Progress, Wording
from goodoffices.web.limits import limited
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed, day_of
from goodoffices.words import N_, _
from goodoffices.workbench import conduct_page as room
from goodoffices.workbench.conduct_page import CasePair, Looked, StoreAt
from goodoffices.workbench.desk import Desk

__all__ = ["ConductContext", "ForecastShown", "RunRow", "RunShown", "StoreShown", "context", "router"]

router = APIRouter()
CASE = "/{shelf}/{name}"
OWN, BASE = "conduct", "base-rate"  # forecasters that have a column of their own in the list of runs
LISTED = 40  # runs
OPEN = 3  # reliability diagrams that are open at once
FIRST = 60  # gaps
LIKE = 8  # pairs that may have been meant
HELD = ("store", "source", "on", "actor", "target", "q")
WORDING = Wording(
    running=N_("Both models are fitted to one half of the pairs after the other: {n} of {name}"),
    stopping=N_("Stopping, when the fit under way is done."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run in the list.

    Attributes
    ----------
    own
        Scores of the model of conduct; None if it was not tried.
    nearest
        The best of the others, and `base` that which knows only how often acts are cooperative.
    """

    id: str
    day: date
    name: str
    question: str
    design: str
    asked: int
    own: Result | None
    nearest: Result | None
    base: Result | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """One run: its forecasters from the best on, each with its diagram, and the best less the others."""

    run: Run
    design: str
    results: Sequence[Result]
    diagrams: Sequence[Diagram]
    against: Sequence[Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreShown:
    """A store at hand; `asks` is the part of the case that names it, and `there` whether it was found."""

    name: str
    asks: str
    there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastShown:
    """The next act of an actor towards a target, and why.

    Attributes
    ----------
    parts
        Of each its name, what it looks at, and what it adds in log-odds.
    total
        The sum of base and parts, of which `p` is the chance.
    fall
        The same drawn.
    """

    actor: str
    target: str
    p: float
    lo: float
    hi: float
    seen: float
    pooled: bool
    base: float
    parts: Sequence[tuple[str, str, float]]
    total: float
    fall: Waterfall


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductContext:
    """What the page shows.

    Attributes
    ----------
    said
        What a forecast is of, and what it says nothing of.
    accuracy
        What the figures of a run are.
    preview
        Whether the day is being dragged; then nothing else is given.
    run
        The run that is asked for; then nothing of the stores is given.
    runs
        The newest runs; `older` more are kept.
    others
        Runs that score something else: id, day, what, and of which file.
    stores
        Those at hand.
    store, source, sources
        The store that is looked at, which of its sources, and all of them.
    day, first, last
        The day that is asked about, and those of the first and last report of the source.
    asked
        Actor and target; empty if no pair was asked for.
    pairs
        Those of the case, and `busiest` those of which most was reported: actor, target, acts.
    forecast
        Of the pair that is asked for.
    alike
        Pairs whose names are like those asked for, where nobody is called so.
    fault
        Why nothing can be said of the store, and `unseen` why nothing of the pair.
    key, gap, rows, more
        The name of the list of gaps; the list if it was made; those of its pairs that are shown, and how
        many more there are.
    looking
        What is looked for in the list.
    address
        What of all this stands in the address.
    """

    said: str
    accuracy: str
    preview: bool = False
    run: RunShown | None = None
    runs: Sequence[RunRow] = ()
    older: int = 0
    others: Sequence[tuple[str, date, str, str]] = ()
    stores: Sequence[StoreShown] = ()
    store: str = ""
    source: str = ""
    sources: Sequence[str] = ()
    day: date
    first: date | None = None
    last: date | None = None
    asked: tuple[str, str] = ("", "")
    pairs: Sequence[CasePair] = ()
    busiest: Sequence[tuple[str, str, int]] = ()
    forecast: ForecastShown | None = None
    alike: Sequence[tuple[str, str]] = ()
    fault: str = ""
    unseen: str = ""
    key: str = ""
    gap: Gap | None = None
    rows: Sequence[GapRow] = ()
    more: int = 0
    looking: str = ""
    address: Mapping[str, str] = field(default_factory=dict)


# -- runs --------------------------------------------------------------------------------------------


def _design(given: Mapping[str, Any]) -> str:
    if "share" in given:
        return _("split at {share}").format(share=given["share"])
    return _("rolling origins")


def _best(results: Sequence[Result]) -> Result | None:
    return min(results, key=lambda one: one.scores.log_loss, default=None)


def _row(run: Run) -> RunRow:
    tried = {one.model: one for one in run.results}
    return RunRow(
        id=run.id, day=date.fromisoformat(run.at[:10]), name=run.name, question=run.question,
        design=_design(run.design), asked=run.asked, own=tried.get(OWN), base=tried.get(BASE), note=run.note,
        nearest=_best([one for name, one in tried.items() if name != OWN]),
    )  # fmt: skip


def _listed(desk: Desk) -> dict[str, Any]:
    """The runs, the newest first: those of backtests with their figures, others by name."""
    kept = room.runs_of(desk).listed()[::-1]
    mine = [told for told in kept if told["sort"] == "backtest"]
    others = [
        (str(told["id"]), date.fromisoformat(told["at"][:10]), str(told["sort"]), str(told.get("name", "")))
        for told in kept
        if told["sort"] != "backtest"
    ]
    rows = [_row(Run.from_dict(told)) for told in mine[:LISTED]]
    return {"runs": rows, "older": max(0, len(mine) - LISTED), "others": others[:LISTED]}


def _run(desk: Desk, name: str) -> RunShown:
    told = room.runs_of(desk).get(name)
    if told["sort"] != "backtest":
        raise UsageError(
            _("run {name} has no page here: goodoffices backtest show prints it").format(name=told["id"])
        )
    run = Run.from_dict(told)
    ordered = sorted(run.results, key=lambda one: one.scores.log_loss)
    best = ordered[0].model
    return RunShown(
        run=run, design=_design(run.design), results=ordered, diagrams=[diagram(one) for one in ordered],
        against=[run.difference(best, one.model) for one in ordered[1:]],
    )  # fmt: skip


# -- a store -----------------------------------------------------------------------------------------


def _store(stores: Sequence[StoreAt], name: str) -> StoreAt | None:
    """The store that is meant; without a name the first that is there, else the first."""
    if not name:
        return next((one for one in stores if one.path), next(iter(stores), None))
    for one in stores:
        if one.name == name:
            return one
    raise NotFoundError(_('there is no store "{name}" here').format(name=name))


def _looked(view: View, store: StoreAt, day: date) -> Looked:
    on = view.more.get("on", "")
    return room.looked(store, view.more.get("source", ""), day_of(on) if on else None, day)


def _forecast(found: Any) -> ForecastShown:
    parts = [(_(name), _(says), found.why[name]) for name, says in found.parts()]
    total = found.base + sum(found.why.values())
    title = _("What makes up the forecast of {actor} towards {target}")
    adds = [Part(label=name, amount=add) for name, _says, add in parts]
    drawn = waterfall(title.format(actor=found.actor, target=found.target), found.base, adds, [], total)
    base, *steps = drawn.steps
    return ForecastShown(
        actor=found.actor, target=found.target, p=found.p, lo=found.lo, hi=found.hi, seen=found.seen,
        pooled=found.pooled, base=found.base, parts=parts, total=total,
        fall=replace(drawn, steps=[replace(base, label=_("base")), *steps]),
    )  # fmt: skip


def _asked(one: Looked, actor: str, target: str) -> dict[str, Any]:
    """The forecast of a pair, or why there is none and who may have been meant."""
    if not (actor and target):
        return {"unseen": _("name both: who acts, and towards whom")} if actor or target else {}
    if actor == target:
        return {"unseen": _("name two: nobody acts towards itself here")}
    try:
        return {"forecast": _forecast(room.foreseen(one, actor, target))}
    except NotFoundError as error:
        near = product(room.alike(one, actor), room.alike(one, target))
        return {"unseen": str(error), "alike": [(i, j) for i, j in near if i != j][:LIKE]}
    except GoodOfficesError as error:
        return {"unseen": str(error)}


def _fits(row: GapRow, asked: str) -> bool:
    return all(word in f"{row.actor} {row.target}".casefold() for word in asked.casefold().split())


def _gap(one: Looked, asked: str) -> dict[str, Any]:
    key = room.gap_key(one)
    found = room.kept_gap(key)
    rows = [row for row in found.rows if _fits(row, asked)] if found else []
    return {"key": key, "gap": found, "rows": rows[:FIRST], "more": max(0, len(rows) - FIRST)}


def _about(view: View, store: StoreAt, day: date) -> dict[str, Any]:
    """What a store says of the day, and of the pair that is asked for."""
    given: dict[str, Any] = {"store": store.name, "pairs": store.pairs}
    try:
        one = _looked(view, store, day)
        told = {
            "source": one.source,
            "sources": one.sources,
            "day": one.day,
            "first": one.first,
            "last": one.last,
        }
        given |= told | _gap(one, view.more.get("q", ""))
        given["busiest"] = room.busiest(one)
    except GoodOfficesError as error:
        return {**given, "fault": str(error)}
    return given | _asked(one, *_pair(view))


def _pair(view: View) -> tuple[str, str]:
    return view.more.get("actor", "").strip(), view.more.get("target", "").strip()


def _address(view: View) -> dict[str, str]:
    return {name: view.more[name] for name in HELD if view.more.get(name)}


def context(desk: Desk, view: View) -> ConductContext:
    """Collect what the page shows."""
    opened = desk.opened(view.ref)
    case = opened.case(view.branch)
    day = view.at or desk.bench.reading_day(case)
    same: dict[str, Any] = {"said": room.said(), "accuracy": _(ACCURACY), "day": day}
    if view.preview:
        return ConductContext(**same, preview=True)
    if view.more.get("run"):
        return ConductContext(**same, run=_run(desk, view.more["run"]))
    stores = room.stores_of(desk, case)
    store = _store(stores, view.more.get("store", ""))
    about = _about(view, store, day) if store else {}
    shown = [StoreShown(name=one.name, asks=one.asks, there=one.path is not None) for one in stores]
    more = {
        "stores": shown,
        "asked": _pair(view),
        "looking": view.more.get("q", ""),
        "address": _address(view),
    }
    return ConductContext(**{**same, **_listed(desk), **more, **about})


# -- the page ----------------------------------------------------------------------------------------


def _jobs(request: Request) -> Jobs:
    return request.app.state.jobs  # type: ignore[no-any-return]


@router.get(CASE + "/conduct", include_in_schema=False)
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show the page."""
    shown, jobs = context(desk_of(request), view), _jobs(request)
    job = jobs.find(shown.key) if shown.key else None
    told = jobs.progress(job) if job else None
    return show(request, view, "conduct_page.html.j2", lambda _desk, _view: shown, job=told, open=OPEN)


def _begin(request: Request, one: Looked) -> Job | None:
    """Start to make a list of gaps; none is needed if it was made."""
    if room.kept_gap(room.gap_key(one)):
        return None

    def work(job: Job) -> bool:
        def watch() -> None:
            if job.stop():
                raise KeyboardInterrupt  # nothing is known before the last fit
            job.tick(1, str(room.FITS))

        room.gap(one, watch)
        return True

    return _jobs(request).start(room.gap_key(one), work, wording=WORDING)


def _meant(desk: Desk, view: View) -> Looked:
    """The store, source and day that a form or a program means."""
    case = desk.opened(view.ref).case(view.branch)
    store = _store(room.stores_of(desk, case), view.more.get("store", ""))
    if store is None:
        raise NotFoundError(_("there is no store here: goodoffices import makes one"))
    return _looked(view, store, view.at or desk.bench.reading_day(case))


def _sent(view: View, form: Any) -> View:
    """The view with what a form holds."""
    more = {name: str(form.get(name, "")).strip() for name in HELD}
    return View(
        shelf=view.shelf, name=view.name, page="conduct", at=view.at, seen_by=view.seen_by,
        branch=view.branch, more={**view.more, **more},
    )  # fmt: skip


@router.post(CASE + "/do/gap", include_in_schema=False)
def run(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Start a list of gaps, and go to the page that shows how far it is."""
    limited(request, "gap")
    view = _sent(view, form)
    one = _meant(desk, view)
    _begin(request, one)
    audit(request, "gap", [room.gap_key(one)])
    return back(view, "conduct", **_address(view))


@router.post(CASE + "/do/gap-stop", include_in_schema=False)
def stop(request: Request, view: Viewed, form: Filled) -> Response:
    """Stop a list of gaps; nothing is known of it then."""
    job = _jobs(request).find(str(form.get("job", "")))
    if job:
        job.cancel()
        audit(request, "gap_stop", [job.id])
    view = _sent(view, form)
    return back(view, "conduct", **_address(view))


# -- the same as data --------------------------------------------------------------------------------


class Question(BaseModel):
    """Which list of gaps; what is left out is as the page has it."""

    model_config = ConfigDict(extra="forbid")
    store: str = ""
    source: str = ""
    at: str = ""


def _over(key: str) -> Progress:
    return Progress(id=key, state=DONE, over=True, done=0, now="", ahead=0, fault="", says=_("Done."))


@router.post("/api/v1" + CASE + "/gaps", status_code=202)
def ask(
    request: Request, desk: Desked, shelf: str, name: str, asked: Annotated[Question, Body()]
) -> Response:
    """Ask for a list of gaps; it takes a while, so that only its run is given, and where to look."""
    limited(request, "gap")
    if shelf not in ("library", "own"):
        raise NotFoundError(_("there is no such page"))
    view = View(shelf=shelf, name=name, page="conduct", more={
        "store": asked.store, "source": asked.source, "on": asked.at
    })  # fmt: skip
    one = _meant(desk, view)
    job, key = _begin(request, one), room.gap_key(one)
    audit(request, "gap", [key])
    told = _jobs(request).progress(job) if job else _over(key)
    where = {"result": f"/api/v1/{shelf}/{name}/gaps/{key}", "events": f"/api/v1/jobs/{key}/events"}
    return JSONResponse({"ok": True, "job": plain(told), **where}, status_code=202)


@router.get("/api/v1" + CASE + "/gaps/{key}")
def result(key: str) -> Response:
    """Give a list of gaps that was asked for: what `goodoffices gap --json` prints for the same question."""
    found = room.kept_gap(key)
    if found is None:
        raise NotFoundError(_("there is no such list of gaps, or not yet"))
    return JSONResponse(found.to_dict())
