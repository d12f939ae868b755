"""What the address says: shelf, case, page, day, perspective, branch; every view can be bookmarked.

Nothing of a view lives anywhere else, so that reloading, going back and mailing a link all work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request

from goodoffices.errors import NotFoundError, UsageError
from goodoffices.words import _
from goodoffices.workbench.desk import Ref

__all__ = ["DRAWS", "PREVIEW", "View", "Viewed", "day_of", "viewed"]

DRAWS, PREVIEW = 1000, 200
CARRIED = ("story", "lang")  # of the rest, what goes along from page to page
# what of it stays on a page when its day, perspective or branch is changed
HELD = {
    "facts": (
        *("tab", "fact", "row", "text", "who", "paste"),
        *("q", "actor", "kind", "verified", "state", "part"),
    ),
    "trust": ("pair", "facet"),
    "whatif": ("one", "other"),
    "conduct": ("run", "store", "source", "actor", "target", "q"),
    "report": (
        *("audience", "brief", "plans"),
        *("text", "moves", "objective", "horizon", "budget", "longest", "rollouts", "flips"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view of one case.

    Attributes
    ----------
    at
        The day as of which the case is read; none stands for its own day.
    seen_by
        Whose world it is; empty for what is known to all.
    more
        What else stands in the address: a pair, a fact, an entry that was just made.
    """

    shelf: str
    name: str
    page: str
    at: date | None = None
    seen_by: str = ""
    branch: str = ""
    draws: int = DRAWS
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def ref(self) -> Ref:
        """The case on the desk."""
        return Ref(shelf="library" if self.shelf == "library" else "own", name=self.name)

    @property
    def preview(self) -> bool:
        """Whether fewer draws are shown than a reading has."""
        return self.draws < DRAWS

    @property
    def held(self) -> dict[str, str]:
        """What else belongs to the view of this page: which part of it, which row, which filters."""
        return {name: self.more[name] for name in HELD.get(self.page, ()) if self.more.get(name)}

    def url(self, page: str | None = None, **changed: object) -> str:
        """Give the address of this view with something changed; None leaves a part out.

        With a page, even if it is this one, it is that page as it opens.
        """
        parts: dict[str, object] = {
            "at": self.at,
            "as": self.seen_by or None,
            "branch": self.branch or None,
            **{name: self.more.get(name) for name in CARRIED},
            **({} if page else self.held),
        }
        parts.update({("as" if name == "seen_by" else name): value for name, value in changed.items()})
        said = urlencode({name: str(value) for name, value in parts.items() if value not in (None, "")})
        path = f"/{self.shelf}/{quote(self.name)}/{page or self.page}"
        return f"{path}?{said}" if said else path

    def do(self, what: str) -> str:
        """Give the address that a form is sent to."""
        return self.url(f"do/{what}")

    def on(self, branch: str) -> "View":
        """The same view of another branch."""
        return replace(self, branch=branch)


def _draws(said: str) -> int:
    if not said.isascii() or not said.isdigit() or not 1 <= int(said) <= DRAWS:
        raise UsageError(_("{draws} draws: give 1 to {most}").format(draws=said, most=DRAWS))
    return int(said)


def day_of(said: str) -> date:
    """Read a day from an address.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise UsageError(_('"{value}" is no date: give one such as 1978-09-12').format(value=said)) from None


def viewed(request: Request) -> View:
    """Read the view from an address."""
    asked = dict(request.query_params)
    path = request.path_params
    if path.get("shelf") not in ("library", "own"):
        raise NotFoundError(_("there is no such page"))
    at, draws = asked.pop("at", ""), asked.pop("draws", "")
    return View(
        shelf=path["shelf"],
        name=path["name"],
        page=request.url.path.split("/")[3] if request.url.path.count("/") > 2 else "answer",
        at=day_of(at) if at else None,
        seen_by=asked.pop("as", ""),
        branch=asked.pop("branch", ""),
        draws=_draws(draws) if draws else DRAWS,
        more=asked,
    )


Viewed = Annotated[View, Depends(viewed)]
