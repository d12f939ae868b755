"""What the forms of the page "Facts" do: each becomes a short list of changes, saved at once.

What does not fit is shown again as it was typed, with a sentence beside the field.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from goodoffices.domain.case import Case
from goodoffices.errors import CaseError, Fault, UsageError
from goodoffices.web.doing import Filled, change, desk_of
from goodoffices.web.pages.facts_forms import SEVERAL
from goodoffices.web.pages.facts_view import FILTERS, context
from goodoffices.web.pages.forms import Tried, differing, now, seen_of, tried_of, typed
from goodoffices.web.pages.people import PUT, put_row
from goodoffices.web.pages.stakes import stakes_rows
from goodoffices.web.pages.texts import provision_row
from goodoffices.web.safety import who_of
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed
from goodoffices.words import _
from goodoffices.workbench.entering import Pasted, faults_in, fresh_fact, fresh_key, pasted

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
DO = "/{shelf}/{name}/do"
OTHER = {"kind": "other_kind", "actor": "other_actor", "scale": "other_scale"} | {
    "source_url": "other_url",
    "known_on": "other_day",
}
Row = dict[str, Any]
NOTHING: Mapping[str, str] = {}


# -- saving, or showing again ---------------------------------------------------------------------


def _again(
    request: Request,
    view: View,
    tried: Tried | None = None,
    *,
    status: int = 422,
    understood: Pasted | None = None,
    text: str | None = None,
) -> Response:
    here = replace(view, page="facts")
    return show(
        request,
        here,
        "facts.html.j2",
        lambda desk, shown: context(desk, shown, tried, understood, text),
        status=status,
    )


def _kept(view: View, *names: str) -> dict[str, str]:
    """What of the address goes along to the page that follows."""
    return {name: view.more[name] for name in (*FILTERS, *names) if view.more.get(name)}


def _case(request: Request, view: View) -> Case:
    return desk_of(request).opened(view.ref).case(view.branch)


def _saved(
    request: Request,
    view: View,
    form: Any,
    what: str,
    make: Callable[[Case], tuple[list[Row], Mapping[str, Any]]],
    *,
    several: Iterable[str] = (),
    place: Callable[[Fault], str] | None = None,
    mend: Callable[[Case, Tried], Tried] | None = None,
    then: Mapping[str, str] = NOTHING,
) -> Response:
    """Save what a form asks for, or show it again with what is wrong.

    Parameters
    ----------
    make
        Gives the changes, and the cells of the rows that they touch as the form showed them.
    place
        Gives the field that a fault belongs to, where its own name does not say.
    mend
        Says more about what does not fit.
    then
        What of the address the page that follows has.
    """
    try:
        rows, seen = make(_case(request, view))
        if not rows:
            raise UsageError(_("nothing was changed in this form"))
        why = str(form.get("why", "")).strip()
        return change(request, view, rows, page="facts", why=why, seen=seen, **then)
    except (CaseError, UsageError) as error:
        tried = tried_of(what, form, error, several, place)
        if mend and isinstance(error, CaseError):
            tried = mend(_case(request, view), tried)
        return _again(request, view, tried)


# -- facts ----------------------------------------------------------------------------------------


def _whole(seen: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in seen.items() if isinstance(value, str)}


def _key_of(form: Any) -> str:
    """The key of the row that a form is of; empty for a new one."""
    return str(form.get("row", "")).partition("/")[2]


@router.post(DO + "/fact")
def save(request: Request, view: Viewed, form: Filled) -> Response:
    """Add a fact, or save what was changed in one."""
    values, fact = typed(form, SEVERAL), _key_of(form)
    if "looking" in form:
        tried = Tried(
            what="fact", row=str(form.get("row", "")), values=values, seen=str(form.get("seen", ""))
        )
        look = str(form.get("look", ""))
        return _again(request, replace(view, more={**view.more, "look": look}), tried, status=200)
    name, seen = fact or fresh_fact(_case(request, view)), seen_of(form)
    changed = differing(values, seen if fact else {}, SEVERAL)
    row: Row = {"op": "add_fact", "value": {"id": name, **changed}}
    if fact:
        row = {"op": "replace_fact", "target": name, "value": changed}
    held = {f"evidence.csv/{name}": seen} if fact else {}
    return _saved(
        request,
        view,
        form,
        "fact",
        lambda _case: ([row] if changed else [], held),
        several=SEVERAL,
        mend=lambda case, tried: _all_faults(case, name, tried),
        then={**_kept(view), "fact": name},
    )


def _all_faults(case: Case, name: str, tried: Tried) -> Tried:
    """Say all that is wrong with a fact at once, where only the first fault came up in saving it."""
    cells = {**_whole(seen_of({"seen": tried.seen})), **tried.values, "id": name}
    found = faults_in(case, {column: cell for column, cell in cells.items() if cell})
    if not found:
        return tried
    whole = [sentence for name, sentence in found.items() if name not in tried.values]
    own = {name: sentence for name, sentence in found.items() if name in tried.values}
    return replace(tried, faults=own, general=whole)


@router.post(DO + "/fact-off")
def switch_off(request: Request, view: Viewed, form: Filled) -> Response:
    """Leave a fact on file and count it no longer."""
    name = _key_of(form)
    rows = [{"op": "switch_off_fact", "target": name}]
    return _saved(request, view, form, "fact-off", lambda _case: (rows, {}), then=_kept(view, "fact"))


@router.post(DO + "/fact-on")
def switch_on(request: Request, view: Viewed, form: Filled) -> Response:
    """Count a fact again."""
    rows = [{"op": "switch_on_fact", "target": _key_of(form)}]
    return _saved(request, view, form, "fact-on", lambda _case: (rows, {}), then=_kept(view, "fact"))


@router.post(DO + "/fact-remove")
def remove_fact(request: Request, view: Viewed, form: Filled) -> Response:
    """Take a fact out, with the other readings of it and the comments on it; undo brings all back."""
    name = _key_of(form)

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        made: list[Row] = [
            {"op": "remove_comment", "target": one.key} for one in case.comments if one.on == name
        ]
        made += [
            {"op": "remove_alternative", "target": one.key} for one in case.alternatives if one.fact == name
        ]
        return [*made, {"op": "remove_fact", "target": name}], {}

    return _saved(request, view, form, "fact-remove", rows, then=_kept(view))


@router.post(DO + "/dispute")
def dispute(request: Request, view: Viewed, form: Filled) -> Response:
    """Put another reading beside a fact."""
    fact, values = _key_of(form), typed(form)

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        given = {name: values.get(field, "") for name, field in OTHER.items()}
        key = fresh_key(one.key for one in case.alternatives)
        told = {name: values.get(name, "") for name in ("weight", "says_who")}
        return [{"op": "add_alternative", "value": {"key": key, "fact": fact, **given, **told}}], {}

    def place(fault: Fault) -> str:
        last = (fault.field or "").rpartition(" ")[2]
        return OTHER.get(last, last if last in values else "")

    return _saved(request, view, form, "dispute", rows, place=place, then=_kept(view, "fact"))


@router.post(DO + "/undispute")
def undispute(request: Request, view: Viewed, form: Filled) -> Response:
    """Take another reading away."""
    rows = [{"op": "remove_alternative", "target": str(form.get("key", ""))}]
    return _saved(request, view, form, "undispute", lambda _case: (rows, {}), then=_kept(view, "fact"))


@router.post(DO + "/comment")
def comment(request: Request, view: Viewed, form: Filled) -> Response:
    """Remark on a fact."""
    says, fact = str(form.get("remark", "")).strip(), _key_of(form)

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        if not says:
            raise UsageError(_("an empty comment: write what you think"))
        key = fresh_key(one.key for one in case.comments)
        value = {"key": key, "on": fact, "author": who_of(request), "at": now(), "says": says}
        return [{"op": "comment", "value": value}], {}

    return _saved(request, view, form, "comment", rows, then=_kept(view, "fact"))


@router.post(DO + "/uncomment")
def uncomment(request: Request, view: Viewed, form: Filled) -> Response:
    """Take a comment away."""
    rows = [{"op": "remove_comment", "target": str(form.get("key", ""))}]
    return _saved(request, view, form, "uncomment", lambda _case: (rows, {}), then=_kept(view, "fact"))


@router.post(DO + "/paste")
def paste(request: Request, view: Viewed, form: Filled) -> Response:
    """Understand a table of facts; add them once every row fits and this is asked for."""
    text = str(form.get("table", ""))
    found = pasted(text, _case(request, view), order=str(form.get("order", "")))
    if "dry" in view.more or "add" not in form or not found.fits:
        return _again(request, view, understood=found, text=text, status=200 if found.fits else 422)
    return change(request, view, found.changes, page="facts", why=_("pasted from a spreadsheet"))


# -- people, texts, stakes, ratings ---------------------------------------------------------------


def _sort(form: Any) -> str:
    return str(form.get("row", "")).partition("/")[2].partition("/")[0]


@router.post(DO + "/put")
def put(request: Request, view: Viewed, form: Filled) -> Response:
    """Enter a party, a decision-maker, spoilers, a link or a text, or save what was changed in one."""
    row, sort = str(form.get("row", "")), _sort(form)
    several = PUT[sort][2] if sort in PUT else ()
    values, seen = typed(form, several), seen_of(form)

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        new = row.endswith("/new")
        if not new and not differing(values, seen, several):
            return [], {}
        return [put_row(case, row, values, seen)], {} if new else {row: seen}

    return _saved(request, view, form, "put", rows, several=several, then=_kept(view, "tab"))


@router.post(DO + "/remove")
def remove(request: Request, view: Viewed, form: Filled) -> Response:
    """Remove a row of case.toml that nobody names any more."""
    sort, key = _sort(form), str(form.get("row", "")).split("/", 2)[-1]

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        del case
        if sort not in PUT:
            raise UsageError(_("this form is of no table of the case"))
        return [{"op": PUT[sort][1], "target": key}], {}

    return _saved(request, view, form, "remove", rows, then=_kept(view, "tab"))


@router.post(DO + "/provision")
def provision(request: Request, view: Viewed, form: Filled) -> Response:
    """Add a provision to a text, or save what was changed in one."""
    values, seen = typed(form), seen_of(form)

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        text, row = provision_row(case, str(form.get("row", "")), values, seen)
        held = {f"case.toml/texts/{text}": {f"provisions.{row['value']['key']}": seen}} if seen else {}
        return [row], held

    return _saved(request, view, form, "provision", rows, then=_kept(view, "tab"))


@router.post(DO + "/remove-provision")
def remove_provision(request: Request, view: Viewed, form: Filled) -> Response:
    """Take a provision out of a text."""
    _file, _sort, text, key = (str(form.get("row", "")).split("/") + [""] * 4)[:4]

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        found = [one for held in case.texts if held.id == text for one in held.provisions if one.key == key]
        return [{"op": "remove_provision", "target": text, "value": one.id} for one in found], {}

    return _saved(request, view, form, "remove", rows, then=_kept(view, "tab"))


@router.post(DO + "/stakes")
def stakes(request: Request, view: Viewed, form: Filled) -> Response:
    """Save what was changed in the grid of what somebody has at stake."""
    values, lines = typed(form), list[str]()

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        made, seen = stakes_rows(case, view, values)
        lines.extend(row.get("target") or f"new-{row['value']['quantity']}" for row in made)
        return made, seen

    def place(fault: Fault) -> str:
        """The field of a fault in the n-th change of the list."""
        name = (fault.field or "value word").rpartition(" ")[2]
        known = fault.file == "changes" and fault.row is not None and fault.row <= len(lines)
        line = lines[fault.row - 1] if known and fault.row else ""
        found = f"{line}.{name}"
        return found if found in values else (f"{line}.word" if line else "")

    return _saved(request, view, form, "stakes", rows, place=place, then=_kept(view, "tab", "text", "who"))


@router.post(DO + "/rating")
def rate(request: Request, view: Viewed, form: Filled) -> Response:
    """Add a rating."""
    values = typed(form)

    def rows(case: Case) -> tuple[list[Row], Mapping[str, Any]]:
        key = fresh_key(one.key for one in case.ratings)
        author = values.get("author") or who_of(request)
        return [{"op": "add_rating", "value": {**values, "key": key, "author": author}}], {}

    return _saved(request, view, form, "rating", rows, then=_kept(view, "tab"))


@router.post(DO + "/remove-rating")
def remove_rating(request: Request, view: Viewed, form: Filled) -> Response:
    """Take a rating away; undo brings it back."""
    rows = [{"op": "remove_rating", "target": str(form.get("key", ""))}]
    return _saved(request, view, form, "remove-rating", lambda _case: (rows, {}), then=_kept(view, "tab"))
