"""The forms of a fact: its columns, the codebook to pick a kind from, another reading, a remark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from goodoffices.domain.case import Case
from goodoffices.domain.evidence import SENSITIVITIES, Fact, Kind
from goodoffices.domain.tables import Tables
from goodoffices.web.pages.forms import (
    Cells,
    Choice,
    Field,
    Form,
    Group,
    Tried,
    actors,
    form_of,
    offices,
    said,
    words_of,
)
from goodoffices.words import N_, _, figure
from goodoffices.workbench.entering import COLUMNS

__all__ = ["SEVERAL", "KindShown", "dispute_form", "fact_form", "host", "kinds_shown", "remark_form"]

SEVERAL = ("towards", "seen_by")
PROVEN = {
    "admission": N_("an admission"),
    "international_body": N_("an international body"),
    "two_sources": N_("two independent sources"),
}
WORKS = {1: N_("speaks for trust"), -1: N_("speaks against trust"), 0: N_("speaks for either")}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindShown:
    """A kind of conduct in the picker.

    Attributes
    ----------
    sign, works
        1 for trust, -1 against, 0 for either; and in words.
    bears
        The facets that it bears on, each with its signed strength, and what else it is.
    """

    kind: str
    label: str
    definition: str
    example: str
    basis: str
    sign: int
    works: str
    bears: Sequence[str]


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−'}{figure(abs(value), 1)}"


def _bears(kind: Kind) -> list[str]:
    found = [f"{_(facet.value)} {_signed(value)}" for facet, value in kind.strengths.items()]
    if kind.gesture:
        found.append(f"{_('gesture')} {_signed(kind.gesture)}")
    if kind.meeting:
        found.append(_("a meeting: each side learns about the other"))
    if kind.role:
        found.append(_("counts as: {role}").format(role=said(kind.role)))
    return found


def kinds_shown(kinds: Mapping[str, Kind], look: str = "", keep: str = "") -> list[KindShown]:
    """The kinds of the codebook that have all these words in them, and the one that is chosen."""
    wanted = look.casefold().split()
    made = [
        KindShown(
            kind=kind.kind,
            label=_(kind.label),
            definition=_(kind.definition),
            example=_(kind.example),
            basis=_(kind.basis),
            sign=kind.sign,
            works=_(WORKS[kind.sign]),
            bears=_bears(kind),
        )
        for kind in kinds.values()
    ]
    return [one for one in made if one.kind == keep or _has(one, wanted)]


def _has(kind: KindShown, words: Sequence[str]) -> bool:
    text = " ".join((kind.label, kind.definition, kind.example, kind.works, *kind.bears)).casefold()
    return all(word in text for word in words)


def host(url: str) -> str:
    """The host of a link that may be opened; empty for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("http", "https") else ""


def _field(name: str, sort: str = "text", **given: object) -> Field:
    return Field(name=name, label=_(COLUMNS[name]), sort=sort, **given)  # type: ignore[arg-type]


def _doers(case: Case) -> list[Choice]:
    spoilers = [Choice(value=one.id, label=one.name, group=_("Spoilers")) for one in case.spoilers]
    nobody = Choice(value="unknown", label=_("unknown"), group=_("Others"))
    return [Choice(value="", label=_("choose")), *actors(case), *offices(case), *spoilers, nobody]


def _happened(case: Case) -> list[Field]:
    days = _("A day such as 1998-05-11; a month or year will do.")
    return [
        _field("happened_on", "day", needed=True, help=days),
        _field("known_on", "day", help=_("When it could be known. Empty: on the day that it happened.")),
        _field("public_on", "day", help=_("When everybody could know it. Empty: when it was known.")),
        _field("actor", "select", choices=_doers(case), needed=True),
        _field("says", "area", wide=True),
        _field("towards", "ticks", choices=actors(case), wide=True),
        _field("kind", "kind", wide=True, needed=True),
    ]


def _size(tables: Tables) -> list[Field]:
    share = words_of(tables.scales["share"], nothing=_("as the codebook has it"))
    proven = [Choice(value="", label=_("not proven"))]
    proven += [Choice(value=word, label=_(label)) for word, label in PROVEN.items()]
    return [
        *(_field(name, "select", choices=share) for name in ("scale", "gesture", "pressure", "excuse")),
        _field("proven_deception", "select", choices=proven),
    ]


def _source(tables: Tables) -> list[Field]:
    verified = [Choice(value="", label=_("not said")), Choice(value="no", label=_("no"))]
    verified += [Choice(value="yes", label=_("yes"))]
    levels = [Choice(value=word, label=said(word)) for word in SENSITIVITIES]
    return [
        _field("source_title"),
        _field("source_publisher"),
        _field("source_date"),
        _field("source_url", "url"),
        _field("reliability", "select", value="single", choices=words_of(tables.scales["reliability"])),
        _field("verified", "select", choices=verified),
        _field("sensitivity", "select", value="amber", choices=levels),
    ]


def _knowing(case: Case) -> list[Field]:
    about = [Choice(value="", label=_("nobody else")), *actors(case), *offices(case)]
    nobody = _("Tick nobody if everybody could know it.")
    return [
        _field("seen_by", "ticks", choices=actors(case), help=nobody, wide=True),
        _field("about", "select", choices=about, help=_("For whom a third party vouched.")),
        _field("event", help=_("The same short name in two facts says that both report one event.")),
        _field("chronology", help=_("Letters of the chronologies that have it.")),
    ]


def _numbers() -> list[Field]:
    return [
        _field("override", help=_("Such as gesture=0.3; it needs a reason.")),
        _field("override_reason"),
        _field("note", "area", wide=True),
    ]


def fact_form(case: Case, tables: Tables, fact: str, cells: Cells | None, tried: Tried | None) -> Form:
    """The form of a fact, or of a new one."""
    groups = [
        Group(title=_("What happened"), fields=_happened(case)),
        Group(title=_("Where it is from"), fields=_source(tables)),
        Group(title=_("How much it weighs"), fields=_size(tables), folded=True),
        Group(title=_("Who could know"), fields=_knowing(case), folded=True),
        Group(title=_("Numbers, and notes"), fields=_numbers(), folded=True),
    ]
    title = _("A fact") if fact else _("A new fact")
    return form_of("fact", title, groups, f"evidence.csv/{fact}" if fact else "", cells, tried)


def dispute_form(case: Case, tables: Tables, fact: Fact, tried: Tried | None) -> Form:
    """The form of another reading of a fact."""
    kinds = [Choice(value="", label=_("as coded")), Choice(value="none", label=_("it did not happen"))]
    kinds += [Choice(value=kind.kind, label=_(kind.label)) for kind in tables.kinds.values()]
    doers = [Choice(value="", label=_("as coded")), *_doers(case)[1:]]
    share = words_of(tables.scales["share"], nothing=_("as coded"))
    believed = _("Between 0 and 1; the readings of one fact share at most 1.")
    fields = [
        Field(name="other_kind", label=_("What it was instead"), sort="select", choices=kinds, value="none"),
        Field(name="other_actor", label=_("Who did it instead"), sort="select", choices=doers),
        Field(name="other_scale", label=_("How large instead"), sort="select", choices=share),
        Field(
            name="weight", label=_("Share of belief"), sort="number", value="0.3", help=believed, needed=True
        ),
        Field(name="says_who", label=_("Who says so"), needed=True),
        Field(name="other_url", label=_("Source: link"), sort="url"),
        Field(name="other_day", label=_("Known on"), sort="day", value=_iso(fact.known_on), needed=True),
    ]
    row = f"evidence.csv/{fact.id}"
    return form_of("dispute", _("Dispute it"), [Group(title="", fields=fields)], row, None, tried)


def _iso(day: date) -> str:
    return day.isoformat()


def remark_form(fact: str, tried: Tried | None) -> Form:
    """The form of a comment on a fact."""
    says = Field(name="remark", label=_("Comment"), sort="area", wide=True, needed=True)
    group = Group(title="", fields=[says])
    return form_of("comment", _("Comment"), [group], f"evidence.csv/{fact}", None, tried)
