"""The page "plan": which moves there are, what is asked, how far a run is, and what it came to.

The whole question stands in the address.  A run goes on when the page is left, and what it came to is
shown again to whoever asks the same.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData

from goodoffices.domain.case import Case
from goodoffices.domain.plans import (
    BUDGET,
    HORIZON,
    LONGEST,
    MONTHS,
    OBJECTIVES,
    PLAN_DRAWS,
    ROLLOUTS,
    Ranking,
)
from goodoffices.domain.readings import plain
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.report.page import Plans
from goodoffices.report.page import plans as laid_out
from goodoffices.web.audit import audit
from goodoffices.web.doing import Desked, Filled, back, desk_of
from goodoffices.web.jobs import DONE, Job, Jobs, Progress
from goodoffices.web.lanes import Lanes, lanes
from goodoffices.web.limits import limited
from goodoffices.web.moved import names_of
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed, day_of
from goodoffices.words import N_, _
from goodoffices.workbench.asking import LARGEST, MOST, Asked, Planner, called, compiled
from goodoffices.workbench.desk import Desk, Ref
from goodoffices.workbench.offering import Offered, Offers

__all__ = ["Months", "PlanContext", "Told", "context", "question_of", "router"]

router = APIRouter()
CASE = "/{shelf}/{name}"
OBJECTIVE = {
    "in_force_m60": N_("in force after five years"),
    "in_force_m12": N_("in force after one year"),
    "sign": N_("signed"),
}
assert tuple(OBJECTIVE) == OBJECTIVES
NUMBERS = {
    "horizon": N_("months to act in"),
    "budget": N_("most cost to any one"),
    "longest": N_("moves of one plan"),
    "rollouts": N_("histories of each plan"),
}
LIMITS = {
    "horizon": (1, MONTHS),
    "budget": (0, LARGEST),
    "longest": (1, LONGEST),
    "rollouts": (PLAN_DRAWS, MOST),
}
PAUSE, QUIET = 0.25, 15.0  # seconds between two looks at a run, and until a sign of life is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """Months of a told history in which the same happened, and what."""

    first: int
    last: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One history of one plan.

    Attributes
    ----------
    place
        Of the plan in the ranking, from 1.
    number, last
        Of the history, and of the last that can be told.
    heading
        The plan and the history in words.
    """

    place: int
    number: int
    last: int
    heading: str
    months: Sequence[Months]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContext:
    """What the page shows.

    Attributes
    ----------
    day
        The day on which the first month begins.
    preview
        Whether the day is being dragged; then nothing else is given.
    nothing, look
        Why nothing can be asked on this day, and a day on which it can; empty and None if it can.
    asked
        The question, with its text named; no moves stand for all.
    key
        Its name, by which its run and its result are found.
    address
        What of it stands in the address.
    texts
        Id and title of each text that is open.
    board
        Moves that can be made, by the month in which they take effect if begun at once.
    idle
        Moves that nobody can make now, with the reasons.
    objectives
        What plans can be ranked by, by id and in words.
    limits
        Least and most of each number of the question.
    compiled
        Whether histories run compiled here.
    plans
        What the question came to, laid out as the report does; None if it was not asked yet.
    lanes
        Its first plans on lanes of months.
    names
        Names of sides and people by their ids.
    told
        One history, if one is asked for.
    """

    day: date
    preview: bool = False
    nothing: str = ""
    look: date | None = None
    asked: Asked = field(default_factory=Asked)
    key: str = ""
    address: Mapping[str, object] | None = None
    texts: Sequence[tuple[str, str]] = ()
    board: Sequence[tuple[int, Sequence[Offered]]] = ()
    idle: Sequence[Offered] = ()
    objectives: Sequence[tuple[str, str]] = ()
    limits: Mapping[str, tuple[int, int]] | None = None
    compiled: bool = True
    plans: Plans | None = None
    lanes: Lanes | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    told: Told | None = None


# -- the question in the address and in the form ----------------------------------------------------


def _number(said: str, name: str) -> int:
    if not said.isascii() or not said.isdigit() or len(said) > 9:
        raise UsageError(_('{name} "{value}": give a whole number').format(name=_(name), value=said[:20]))
    return int(said)


def _within(said: str, name: str) -> int:
    """A number of the question; how it stands to its limits is looked at with the whole question."""
    if said.isascii() and said.isdigit() and len(said) <= 9:
        return int(said)
    low, high = LIMITS[name]
    told = _('{name} "{value}": give a whole number from {low} to {high}')
    raise UsageError(told.format(name=_(NUMBERS[name]), value=said[:20], low=low, high=high))


def question_of(said: Mapping[str, str]) -> Asked:
    """Read a question from an address."""
    numbers = {name: _within(said[name], name) for name in NUMBERS if said.get(name)}
    return Asked(
        text=said.get("text", ""),
        moves=tuple(filter(None, said.get("moves", "").split(","))),
        objective=said.get("objective") or OBJECTIVES[0],
        flips=said.get("flips", "1") != "0",
        **numbers,
    )


def _address(asked: Asked) -> dict[str, object]:
    """What of a question must stand in an address: all that is not as usual."""
    usual, given = Asked(), plain(asked)
    names = ("text", "objective", *NUMBERS)
    found = {name: given[name] for name in names if given[name] != getattr(usual, name)}
    if asked.moves:
        found["moves"] = ",".join(asked.moves)
    return found if asked.flips else {**found, "flips": "0"}


def _filled_in(form: FormData) -> Asked:
    """Read a question from the form."""
    said = {name: str(form.get(name, "")).strip() for name in ("text", "objective", *NUMBERS, "moves")}
    said["flips"] = "1" if form.get("flips", "") == "1" else "0"
    if form.get("board"):
        chosen = [str(name) for name in form.getlist("move")]
        if not chosen:
            raise UsageError(_("no move is chosen: tick at least one"))
        said["moves"] = ",".join(chosen)
    return question_of(said)


# -- the context ------------------------------------------------------------------------------------


def _look(case: Case, day: date) -> date | None:
    """A day near this one on which a text is open."""
    found = []
    for text in case.texts:
        start = max(text.tabled_on, text.known_on)
        ends = [end for end in (text.signed_on, text.off_table_on) if end is not None]
        last = min([case.end, *(end - timedelta(days=1) for end in ends)])
        if len(text.binds) > 1 and last >= start:
            found.append(start if start > day else last)
    return min(found, key=lambda one: abs(one - day), default=None)


def _board(moves: Sequence[Offered]) -> list[tuple[int, list[Offered]]]:
    fit = [move for move in moves if move.fits]
    return [(month, list(some)) for month, some in groupby(fit, key=lambda move: move.month)]


def _months(lines: Sequence[str]) -> Iterator[Months]:
    """Months of a history, those in which the same happened together."""
    told = {}
    for month in range(MONTHS + 1):
        head = _("month {n}: ").format(n=month)
        said = next((line for line in lines if line.startswith(head)), None)
        if said is not None:
            told[month] = said[len(head) :]
    for says, some in groupby(told.items(), key=lambda pair: pair[1]):
        numbers = [month for month, _says in some]
        yield Months(first=numbers[0], last=numbers[-1], says=says)


def _told(planner: Planner, asked: Asked, ranking: Ranking, view: View) -> Told | None:
    if "trace" not in view.more:
        return None
    best = next((place for place, plan in enumerate(ranking.plans, 1) if plan.moves), 1)
    place = _number(view.more["plan"], N_("plan")) if view.more.get("plan") else best
    number = _number(view.more["trace"], N_("history"))
    lines = planner.tell(asked, ranking, place, number)
    last = ranking.draws * (asked.rollouts // ranking.draws) - 1
    return Told(place=place, number=number, last=last, heading=lines[0], months=list(_months(lines[1:])))


def _planner(desk: Desk, view: View) -> Planner:
    return Planner(desk, view.ref, view.at, branch=view.branch, seen_by=view.seen_by)


def context(desk: Desk, view: View) -> PlanContext:
    """Collect what the page shows."""
    planner = _planner(desk, view)
    if view.preview:
        return PlanContext(day=planner.day, preview=True)
    asked = question_of(view.more)
    asked.check()
    try:
        offers = planner.offers(asked.text)
    except UsageError as error:
        look = _look(planner.case, planner.day)
        return PlanContext(day=planner.day, nothing=str(error), look=look, asked=asked)
    return _open(planner, offers, planner.settled(asked, offers), view)


def _open(planner: Planner, offers: Offers, asked: Asked, view: View) -> PlanContext:
    """What the page shows on a day on which something can be asked."""
    key = planner.key(asked)
    ranking = planner.kept(key)
    plans = laid_out(ranking) if ranking else None
    return PlanContext(
        day=planner.day,
        asked=asked,
        key=key,
        address=_address(asked),
        texts=offers.texts,
        board=_board(offers.moves),
        idle=[move for move in offers.moves if not move.fits],
        objectives=[(name, _(said)) for name, said in OBJECTIVE.items()],
        limits=LIMITS,
        compiled=compiled(),
        plans=plans,
        lanes=lanes(plans.rows, {move.id: move.month - 1 for move in offers.moves}) if plans else None,
        names=names_of(planner.case),
        told=_told(planner, asked, ranking, view) if ranking else None,
    )


# -- the page ---------------------------------------------------------------------------------------


def _jobs(request: Request) -> Jobs:
    return request.app.state.jobs  # type: ignore[no-any-return]


@router.get(CASE + "/plan", include_in_schema=False)
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show the page."""
    shown, jobs = context(desk_of(request), view), _jobs(request)
    job = jobs.find(shown.key)
    told = jobs.progress(job) if job else None
    return show(request, view, "plan.html.j2", lambda _desk, _view: shown, job=told)


def _begin(request: Request, planner: Planner, asked: Asked) -> Job | None:
    """Start the run of a question that is settled; none is needed if its ranking is kept."""
    key = planner.key(asked)
    known = planner.kept(key)
    if known is not None and not known.partial:
        return None
    labels = {name: _(move.label) for name, move in planner.desk.bench.moves(planner.opened.source).items()}

    def work(job: Job) -> bool:
        return not planner.rank(asked, job.tick, job.stop).partial

    return _jobs(request).start(key, work, lambda plan: called(plan, labels))


@router.post(CASE + "/do/plan", include_in_schema=False)
def run(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Ask: start a run, and go to the page that shows how far it is."""
    limited(request, "plan")
    planner = _planner(desk, view)
    asked = planner.settled(_filled_in(form))
    _begin(request, planner, asked)
    audit(request, "plan", [planner.key(asked)])
    return back(view, "plan", **_address(asked))


@router.post(CASE + "/do/plan-stop", include_in_schema=False)
def stop(request: Request, view: Viewed, form: Filled) -> Response:
    """Stop a run; what it knows by then is the ranking so far."""
    job = _found(request, str(form.get("job", "")))
    job.cancel()
    audit(request, "plan_stop", [job.id])
    return back(view, "plan", **_address(question_of({name: str(value) for name, value in form.items()})))


# -- the same as data -------------------------------------------------------------------------------


class Question(BaseModel):
    """A question about plans; what is left out is as usual."""

    model_config = ConfigDict(extra="forbid")
    text: str = ""
    moves: list[str] = []
    objective: str = OBJECTIVES[0]
    horizon: int = HORIZON
    budget: int = BUDGET
    longest: int = LONGEST
    rollouts: int = ROLLOUTS
    look_for_flips: bool = True


At = Annotated[str, Query(description="Plan from this day; the last of the case, if none is given.")]
Branch = Annotated[str, Query(description="With the changes of this branch.")]
SeenBy = Annotated[str, Query(alias="as", description="The world of this decision-maker.")]


def _ref(shelf: str, name: str) -> Ref:
    if shelf not in ("library", "own"):
        raise NotFoundError(_("there is no such page"))
    return Ref(shelf="library" if shelf == "library" else "own", name=name)


def _found(request: Request, name: str) -> Job:
    job = _jobs(request).find(name)
    if job is None:
        raise NotFoundError(_("there is no such run: it is long over, or the server was started again"))
    return job


def _answer(progress: Progress, status: int = 200, **more: Any) -> JSONResponse:
    return JSONResponse({"ok": True, "job": plain(progress), **more}, status_code=status)


def _over(key: str) -> Progress:
    """What is said of a question whose ranking is kept."""
    return Progress(id=key, state=DONE, over=True, done=0, now="", ahead=0, fault="", says=_("Done."))


@router.post("/api/v1" + CASE + "/plans", status_code=202)
def ask(
    request: Request,
    desk: Desked,
    shelf: str,
    name: str,
    question: Annotated[Question, Body()],
    at: At = "",
    branch: Branch = "",
    seen_by: SeenBy = "",
) -> Response:
    """Ask for a ranking of plans; it takes minutes, so that only its run is given, and where to look."""
    limited(request, "plan")
    ref = _ref(shelf, name)
    day = day_of(at) if at else desk.opened(ref).case(branch).end
    planner = Planner(desk, ref, day, branch=branch, seen_by=seen_by)
    given = question.model_dump(exclude={"look_for_flips", "moves"})
    asked = planner.settled(Asked(moves=tuple(question.moves), flips=question.look_for_flips, **given))
    job, key = _begin(request, planner, asked), planner.key(asked)
    audit(request, "plan", [key])
    told = _jobs(request).progress(job) if job else _over(key)
    where = {"result": f"/api/v1/{shelf}/{name}/plans/{key}", "events": f"/api/v1/jobs/{key}/events"}
    return _answer(told, 202, **where)


@router.get("/api/v1" + CASE + "/plans/{key}")
def result(desk: Desked, shelf: str, name: str, key: str) -> Response:
    """Give a ranking that was asked for: what `goodoffices plan --json` prints for the same question."""
    ranking = Planner(desk, _ref(shelf, name)).kept(key)
    if ranking is None:
        raise NotFoundError(_("there is no such ranking, or not yet"))
    text = json.dumps(ranking.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return Response(text, media_type="application/json")


@router.get("/api/v1/jobs/{job}")
def look(request: Request, job: str) -> Response:
    """Say how far a run is."""
    return _answer(_jobs(request).progress(_found(request, job)))


@router.delete("/api/v1/jobs/{job}")
def cancel(request: Request, job: str) -> Response:
    """Stop a run; what it knows by then is the ranking so far, and says that it is partial."""
    found = _found(request, job)
    found.cancel()
    audit(request, "plan_stop", [found.id])
    return _answer(_jobs(request).progress(found))


async def _events(request: Request, job: Job) -> AsyncIterator[str]:
    """Tell of a run each time that it is further, until it is over or nobody listens."""
    last, quiet = None, 0.0
    while True:
        now = _jobs(request).progress(job)
        if now != last:
            last, quiet = now, 0.0
            yield f"event: progress\ndata: {json.dumps(plain(now), ensure_ascii=False)}\n\n"
        if now.over or await request.is_disconnected():
            return
        await asyncio.sleep(PAUSE)
        quiet += PAUSE
        if quiet >= QUIET:
            quiet = 0.0
            yield ": still at it\n\n"


@router.get("/api/v1/jobs/{job}/events", response_class=StreamingResponse)
async def events(request: Request, job: str) -> StreamingResponse:
    """Stream how far a run is, as server-sent events; the last one says that it is over."""
    return StreamingResponse(_events(request, _found(request, job)), media_type="text/event-stream")
