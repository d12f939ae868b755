"""The story for a first visit: Sadat in Jerusalem, told on the real pages, one button at a time.

No figure is written into it: whatever a sentence says of the readings is taken from them when the
step is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from goodoffices.domain.readings import Reading
from goodoffices.errors import NotFoundError
from goodoffices.words import N_, _, figure
from goodoffices.workbench.desk import Desk, Ref

__all__ = ["START", "STEPS", "Step", "Told", "address", "told"]

CASE = Ref(shelf="library", name="camp-david")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: where it is told, and what is said; `{belief}` is taken from the reading of its day.

    Attributes
    ----------
    page
        A page of the case; empty for the first page of all.
    belief
        Truster, trustee and facet of the belief that the sentence gives.
    text
        The text whose sentence is quoted.
    """

    page: str
    says: str
    at: str = ""
    asks: Mapping[str, str] = field(default_factory=dict)
    belief: tuple[str, str, str] | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step as it is shown: its number of how many, what it says, and where the buttons lead."""

    number: int
    total: int
    says: str
    onward: str
    back: str


_PAIR = {"pair": "begin,sadat"}
STEPS = (
    Step(
        page="answer",
        at="1977-11-08",
        says=N_(
            "8 November 1977. Egypt and Israel have fought four wars, and no text is on the table. "
            "At the foot of every page runs the timeline: each mark is a dated fact, above the line "
            "for trust, below it against. Drag it later; first see what these facts have made of "
            "trust."
        ),
    ),
    Step(
        page="trust",
        at="1977-11-18",
        belief=("begin", "sadat", "intention"),
        says=N_(
            "Who trusts whom, on the eve of the journey. Each cell holds four facets: capacity, "
            "intention, integrity, predictability. Begin puts Sadat's will for peace at {belief}, on "
            "a scale from 0 to 1."
        ),
    ),
    Step(
        page="trust",
        at="1977-11-21",
        asks={**_PAIR, "facet": "intention"},
        belief=("begin", "sadat", "intention"),
        says=N_(
            "On 19 November Sadat flew to Jerusalem, against his own ministers. Two days later "
            "Begin's belief in his will for peace stands at {belief}. The waterfall shows what each "
            "fact did; below it stands every fact with its source, and what the belief would be "
            "without it."
        ),
    ),
    Step(
        page="trust",
        at="1977-11-21",
        asks={**_PAIR, "facet": "integrity"},
        belief=("begin", "sadat", "integrity"),
        says=N_(
            "And whether he keeps his word? {belief}. A journey shows what somebody wants, not that "
            "he keeps what he signs. That is why there are four facets, and not one."
        ),
    ),
    Step(
        page="answer",
        at="1977-11-21",
        text="knesset-terms",
        says=N_(
            "Sadat has put terms on the table. Two answers: would they be signed, and would they "
            "last? A dot is the middle of the draws, a bar their 80% interval. The model says: "
            "{sentence}"
        ),
    ),
    Step(
        page="answer",
        at="1978-09-12",
        asks={"as": "begin"},
        says=N_(
            "Ten months later, at Camp David. This is the world of one man: only the facts that "
            "Begin could know. Choose somebody else under “As seen by”, at the foot of the page."
        ),
    ),
    Step(
        page="answer",
        at="1978-09-12",
        text="framework",
        says=N_(
            "The frameworks are being written. {sentence} Under each text stand the smallest changes "
            "that would help: press “Try it” beside one and come back here, or go on."
        ),
    ),
    Step(
        page="whatif",
        at="1978-09-12",
        says=N_(
            "Whatever you try is a branch: a list of changes beside the case. Compare it, merge it, "
            "throw it away; everything can be undone. This page also tells who changed what, when "
            "and why."
        ),
    ),
    Step(
        page="plan",
        at="1978-09-12",
        says=N_(
            "What could be done next, and in what order? Here moves are simulated and ranked, with "
            "brackets for what cannot be told apart. It takes a minute or two; you can go on "
            "meanwhile."
        ),
    ),
    Step(
        page="",
        asks={"new": "1"},
        says=N_(
            "That is all. None of it is a verdict: it is a way to think, with the evidence beside "
            "each number. Now your own case: a title, two parties, who decides for them."
        ),
    ),
)


def address(number: int) -> str:
    """Where a step is told."""
    step = STEPS[number - 1]
    said = urlencode({**({"at": step.at} if step.at else {}), **step.asks, "story": number})
    if not step.page:
        return f"/?{said}#new"
    return f"/{CASE.shelf}/{CASE.name}/{step.page}?{said}"


START = address(1)


def _reading(desk: Desk, step: Step) -> Reading:
    return desk.opened(CASE).reading(date.fromisoformat(step.at), options=False)


def _figures(desk: Desk, step: Step) -> dict[str, str]:
    """What a sentence takes from the reading of its day."""
    found = {}
    if step.belief:
        rows = {(row.truster, row.trustee, row.facet): row.median for row in _reading(desk, step).trust}
        found["belief"] = figure(rows[step.belief])
    if step.text:
        found["sentence"] = next(deal.sentence for deal in _reading(desk, step).deals if deal.id == step.text)
    return found


def told(desk: Desk, said: str) -> Told:
    """Tell a step of the story.

    Raises
    ------
    NotFoundError
        If there is no such step.
    """
    if not said.isascii() or not said.isdigit() or not 1 <= int(said) <= len(STEPS):
        raise NotFoundError(_("the story has steps 1 to {n}").format(n=len(STEPS)))
    number = int(said)
    step = STEPS[number - 1]
    return Told(
        number=number,
        total=len(STEPS),
        says=_(step.says).format(**_figures(desk, step)),
        onward=address(number + 1) if number < len(STEPS) else "",
        back=address(number - 1) if number > 1 else "",
    )
