"""Golden transcripts: what the program says of a case, in words that a person can read and diff."""

from datetime import date
from typing import TYPE_CHECKING

from goodoffices.analysis.directions import Held
from goodoffices.cases.coding import read_coding, taken_back
from goodoffices.domain.case import Case, Change
from goodoffices.domain.readings import Reading
from goodoffices.words import _, figure

if TYPE_CHECKING:
    from goodoffices.workbench.bench import Workbench

__all__ = ["additions", "reading_days", "transcript"]


def additions(case: Case) -> list[Change]:
    """Changes that switch off every fact that is in neither of the case's chronologies."""
    added = [fact.id for fact in case.facts if "added" in fact.chronology]
    return [
        Change(id=f"without:{name}", op="switch_off_fact", target=name, reason="an addition")
        for name in added
    ]


def reading_days(case: Case) -> list[date]:
    """The days on which a case is read: a month after each text came on the table."""
    days = []
    for text in case.texts:
        last = text.off_table_on or case.end
        middle = min(text.tabled_on.toordinal() + 30, last.toordinal() - 1)
        days.append(date.fromordinal(max(middle, text.tabled_on.toordinal())))
    return sorted(dict.fromkeys(days))


def _said(reading: Reading) -> list[str]:
    lines = []
    for deal in reading.deals:
        lines += [f"  {deal.sentence}", f"    {deal.verdict}: {deal.reason}", f"    {deal.bottleneck.words}"]
        if deal.sign and deal.lasts_if_signed:
            told = _("    sign {sign}, lasts 5 years if signed {lasts} (model index)")
            y5 = deal.lasts_if_signed.not_abandoned.y5.median
            lines.append(told.format(sign=figure(deal.sign.median), lasts=figure(y5)))
    return lines or [f"  {reading.sentence}"]


def _direction(held: Held) -> list[str]:
    share = "–" if held.share is None else f"{held.share:.0%}"
    head = f"  {held.state} ({share}): {held.direction.sentence}"
    tail = held.reason or f"{held.direction.measure}: {figure(held.here)} / {figure(held.there)}"
    return [head, f"    {tail}"]


def transcript(bench: "Workbench", name: str) -> str:
    """Write the transcript of a library case: readings, readings without additions, directions."""
    case, coding = bench.load_case(name), read_coding(bench.folder(name))
    first = coding.first_coding if coding else ""
    lines = [case.title, _("first coding {hash}").format(hash=first or "–"), ""]
    for day in reading_days(case):
        lines += [str(day), *_said(bench.read(case, day, draws=200, options=False))]
        bare = bench.read(case, day, draws=200, options=False, changes=additions(case))
        lines += [_("  without additions:"), *(f"  {line}" for line in _said(bare)), ""]
    lines.append(_("Directions expected before the first reading, as first coded"))
    lines.append(_("(share of jittered models in which each holds; reported, never asserted):"))
    for held in bench.directions(name, first=True):
        lines += _direction(held)
    later = len(taken_back(bench.folder(name)))
    if later:
        lines += ["", _("The same with the {n} changes listed since:").format(n=later)]
        for held in bench.directions(name):
            lines += _direction(held)
    return "\n".join(lines) + "\n"
