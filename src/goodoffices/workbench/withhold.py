"""What an audience may see: facts above its level are left out of every text, table and picture.

The numbers stay, because they were computed with all that is known; those that rest on withheld
facts say so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from goodoffices.analysis.compare import FacetWhy, Line
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import SENSITIVITIES
from goodoffices.domain.readings import FeedReading, Reading, TornadoBar
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["checked", "visible", "withhold", "withhold_lines"]

_ON_FACTS = ("replace_fact", "switch_off_fact", "switch_on_fact", "remove_fact")
_REMARKS = ("comment", "remove_comment")
Change = dict[str, Any]  # as plain data


def checked(audience: str) -> str:
    """Give an audience as it was given.

    Raises
    ------
    UsageError
        If there is no such audience.
    """
    if audience not in SENSITIVITIES:
        told = _('"{word}" is no audience: use one of ').format(word=audience)
        raise UsageError(told + ", ".join(SENSITIVITIES))
    return audience


def visible(sensitivity: str, audience: str) -> bool:
    """May this audience see a fact of this sensitivity?"""
    return SENSITIVITIES.index(sensitivity) <= SENSITIVITIES.index(audience)


def withhold(reading: Reading, case: Case, audience: str, whole: Case | None = None) -> Reading:
    """Take out of a reading all that names a fact which the audience may not see.

    Parameters
    ----------
    case
        As it was known on the day of the reading.
    whole
        With the facts that became known later too, of which changes may speak.
    """
    hidden = {fact.id for fact in case.facts if not visible(fact.sensitivity, audience)}

    def rests(text: str) -> bool:
        return any(name in text for name in hidden)

    def bars(shown: tuple[TornadoBar, ...]) -> tuple[TornadoBar, ...]:
        return tuple(bar for bar in shown if not rests(bar.input) and not rests(bar.label))

    trust = tuple(
        replace(
            row,
            facts=tuple(name for name in row.facts if name not in hidden),
            reason=_resting(row.reason, sum(name in hidden for name in row.facts)),
        )
        for row in reading.trust
    )
    deals = tuple(
        replace(
            deal,
            depends_on=tuple(item for item in deal.depends_on if not rests(item)),
            find_out=tuple(item for item in deal.find_out if not rests(item)),
            tornado=bars(deal.tornado),
            tornado_lasting=bars(deal.tornado_lasting),
        )
        for deal in reading.deals
    )
    shown_facts = [fact for fact in case.facts if fact.id not in hidden]
    actors = {fact.actor for fact in shown_facts}
    warnings = tuple(_shown(item, rested=rests(item)) for item in reading.warnings)
    if hidden:
        warnings = (*warnings, _resting("", len(hidden)))
    changes = tuple(_told(reading.changes, whole or case, audience))
    return replace(
        reading,
        audience=audience,
        withheld=len(hidden),
        trust=trust,
        deals=deals,
        coverage=tuple(row for row in reading.coverage if row.actor in actors),
        warnings=warnings,
        changes=changes,
        feed=reading.feed and _untold(reading.feed, hidden),
    )


def _untold(feed: FeedReading, hidden: set[str]) -> FeedReading:
    """Take out of a feed what shows when something hidden was done; the counts stay."""
    pairs = (
        replace(pair, once=tuple(one for one in pair.once if one.fact not in hidden)) for pair in feed.pairs
    )
    return replace(feed, pairs=tuple(pairs))


def _told(changes: Iterable[Change], case: Case, audience: str) -> Iterator[Change]:
    """The changes of which an audience may be told.

    Left out is what names a hidden fact and, where there are hidden facts, what analysts remark.  Of a
    fact that was removed nobody can say any more who may see it: why it was removed is left out.
    """
    facts = {fact.id: fact for fact in case.declared()}
    hidden = [fact.id for fact in facts.values() if not visible(fact.sensitivity, audience)]
    for change in changes:
        if any(name in str(change) for name in hidden) or (hidden and change["op"] in _REMARKS):
            continue
        gone = change["op"] in _ON_FACTS and change["target"] not in facts
        yield {**change, "reason": ""} if gone and audience != SENSITIVITIES[-1] else change


def _shown(text: str, *, rested: bool) -> str:
    return _("A note on a withheld fact.") if rested else text


def _resting(text: str, count: int) -> str:
    if not count:
        return text
    said = _("rests on {n} withheld facts").format(n=count)
    return f"{text}; {said}" if text else said


def withhold_lines(told: tuple[FacetWhy, ...], audience: str) -> tuple[FacetWhy, ...]:
    """Fold the lines of withheld facts in each ledger into one, so that it still adds up."""
    return tuple(_folded(one, audience) for one in told)


def _folded(one: FacetWhy, audience: str) -> FacetWhy:
    hidden = [line for line in one.lines if not visible(line.sensitivity, audience)]
    if not hidden:
        return one
    shown = [line for line in one.lines if visible(line.sensitivity, audience)]
    fold = Line(
        fact="withheld",
        known_on=max(line.known_on for line in hidden),
        kind="withheld",
        says=_resting("", len(hidden)),
        source="",
        url="",
        verified=False,
        sensitivity="clear",
        added=sum(line.added for line in hidden),
        now=sum(line.now for line in hidden),
        without=None,
    )
    sentence = _("Part of this {text}.").format(text=_resting("", len(hidden)))
    return replace(one, lines=(*shown, fold), sentence=sentence)
