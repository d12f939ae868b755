"""Answers on a terminal: the sentence first, then the bottleneck, then numbers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

from goodoffices.domain.moves import Move
from goodoffices.domain.plans import PlanReading, Ranking
from goodoffices.domain.readings import ConductReading, DealReading, FeedReading, Quantity, Reading
from goodoffices.words import _, figure, number, percent, share

__all__ = [
    "cards",
    "checked",
    "diff",
    "move",
    "moves",
    "progress",
    "ranking",
    "reading",
    "short",
    "trust",
    "why",
]


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Whoever reads us has read enough: no fault of the input."""
        raise BrokenPipeError


def _console() -> Console:
    return _Console(highlight=False, soft_wrap=False, markup=False)


def _span(value: Quantity | Any | None) -> str:
    if value is None or value.median is None:
        return "–"
    return f"{figure(value.median)} ({figure(value.lo)}–{figure(value.hi)})"


def short(said: Reading) -> None:
    """Print one reading in a few lines."""
    console = _console()
    console.print(f"{said.title} [{said.as_of}]", style="bold")
    for deal in said.deals:
        console.print(f"  {deal.sentence}")
        console.print(f"    {deal.bottleneck.words}", style="dim")
    if not said.deals:
        console.print(f"  {said.sentence}")


def _deal_table(deal: DealReading) -> Table:
    table = Table(title=None, box=None, padding=(0, 2, 0, 0))
    for name in (_("decision-maker"), _("keep"), _("asks for"), _("clears in"), _("verdict")):
        table.add_column(name)
    for row in deal.decision_makers:
        mark = "> " if row.binding else "  "
        verdict = _(row.verdict.replace("_", " "))
        table.add_row(mark + row.name, _span(row.keep), _span(row.threshold), share(row.clears), verdict)
    return table


def _deal(console: Console, deal: DealReading) -> None:
    console.print(f"\n{deal.title} ({_(deal.status)})", style="bold")
    console.print(deal.sentence.removeprefix(f"{deal.title}: "))
    console.print(deal.bottleneck.words)
    for change in deal.bottleneck.changes:
        closes = _("closes the gap") if change.closes else _("does not close it")
        steps = _("1 step") if change.steps == 1 else _("{n} steps").format(n=change.steps)
        console.print(f"  - {change.change} ({steps}; {closes})")
    console.print(_("Smallest package of provisions: {package}").format(package=deal.bottleneck.package))
    rates = deal.reference_class
    n, lasted = rates.n, percent(rates.y5_lasting)
    console.print(
        _("Reference class: {label}, n = {n}: {lasted} lasted five years.").format(
            label=rates.label, n=n, lasted=lasted
        )
    )
    if deal.sign and deal.lasts_if_signed and deal.signed_and_lasts:
        console.print(_deal_table(deal))
        lasts, both = deal.lasts_if_signed.not_abandoned.y5, deal.signed_and_lasts.not_abandoned.y5
        index = _("Model index: sign {sign}; lasts 5 years if signed {lasts}; both {both}.")
        fitted = _("Calibrated: sign {sign}; lasts 5 years if signed {lasts}; both {both}.")
        told = fitted if deal.sign.calibrated else index
        console.print(told.format(sign=_span(deal.sign), lasts=_span(lasts), both=_span(both)))
    for question in deal.find_out:
        console.print(f"  ? {question}")


def reading(said: Reading) -> None:
    """Print a whole reading."""
    console = _console()
    console.print(f"{said.title} [{said.as_of}]", style="bold")
    for deal in said.deals:
        _deal(console, deal)
    if not said.deals:
        console.print(said.sentence)
    console.print()
    _trust_table(console, said)
    if said.feed:
        _feed(console, said.feed)
    if said.conduct:
        _conduct(console, said.conduct)
    for warning in said.warnings:
        console.print(f"! {warning}", style="dim")
    stamp = _(
        "{method}, code {code}, case {case}, seed {seed}, {draws} draws; "
        "figures are model indices, not chances."
    )
    if said.calibration:
        stamp = _("{method}, code {code}, case {case}, seed {seed}, {draws} draws, calibration {file}.")
    told = stamp.format(
        file=said.calibration["sha256"][:12] if said.calibration else "",
        method=said.method,
        code=said.code,
        case=said.case_hash[:12],
        seed=said.seed,
        draws=said.draws,
    )
    console.print(told, style="dim")


def _feed(console: Console, feed: FeedReading) -> None:
    """Print what a feed says, apart from the beliefs: change and rank, no level."""
    told = _("\nReports, not facts: {label}, store {store}, weight {weight}")
    console.print(
        told.format(label=_(feed.label), store=feed.store, weight=number(feed.weight)), style="bold"
    )
    if feed.said:
        console.print(feed.said)
        return
    terms = _(
        "Change over a year in log-odds and rank among the pairs of {source}; no level is compared with that "
        "of curated facts. Events counted: {n}; counted once, beside a curated fact: {once}."
    )
    console.print(terms.format(source=feed.source, n=number(feed.events), once=number(feed.doubles)))
    for row in feed.rows:
        change = f"{row.change:+.2f} ({row.lo:+.2f} – {row.hi:+.2f})"
        line = _("  {truster} of {trustee}, {facet}: {change}, {rank} of {of}, {n} events")
        names = {"truster": row.truster, "trustee": row.trustee, "facet": _(row.facet)}
        console.print(line.format(**names, change=change, rank=row.rank, of=row.of, n=row.events))


def _conduct(console: Console, found: ConductReading) -> None:
    """Print a forecast of conduct, apart from the beliefs: it weighs nothing in them."""
    told = _("\nConduct, from {store}: {label}")
    console.print(told.format(store=found.store, label=found.label), style="bold")
    if found.said:
        console.print(found.said)
    for row in found.rows:
        console.print(f"  {row.trustee} → {row.truster}: {_acted(row.forecast)}")


def _acted(given: dict[str, Any]) -> str:
    """Say the figures of a forecast of conduct in one line."""
    if given.get("said"):
        return str(given["said"])
    return ", ".join(
        f"{name.replace('_', ' ')} {figure(value)}"
        for name, value in given.items()
        if isinstance(value, float)
    )


def _trust_table(console: Console, said: Reading) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    facets = ("capacity", "intention", "integrity", "predictability")
    for name in (_("truster"), _("trustee"), *(_(facet) for facet in facets)):
        table.add_column(name, overflow="fold")
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for row in said.trust:
        cell = _span(row) if not row.prior_only else "·"
        rows.setdefault((row.truster, row.trustee), {})[row.facet] = cell
    for (truster, trustee), cells in rows.items():
        if any(cell != "·" for cell in cells.values()):
            table.add_row(truster, trustee, *(cells[facet] for facet in facets))
    console.print(table)
    console.print(_("· not enough evidence"), style="dim")


def trust(said: Reading) -> None:
    """Print who trusts whom."""
    console = _console()
    console.print(f"{said.title} [{said.as_of}]", style="bold")
    _trust_table(console, said)


def why(told: Any) -> None:
    """Print one ledger: a table that adds up, and its sentence."""
    console = _console()
    console.print(told.sentence, style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0), show_footer=True)
    table.add_column(_("known on"), footer="")
    table.add_column(_("fact"), footer=_("level in log-odds"))
    table.add_column(_("then"), justify="right", footer="")
    table.add_column(_("now"), justify="right", footer=figure(told.level))
    table.add_column(_("without it"), justify="right", footer=figure(told.trust))
    table.add_row("", _("prior"), "", figure(told.prior), "")
    for line in told.lines:
        mark = "" if line.verified else " *"
        without = figure(line.without) if line.without is not None else ""
        table.add_row(
            str(line.known_on),
            f"{line.fact} {line.kind.replace('_', ' ')}{mark}",
            figure(line.added),
            figure(line.now),
            without,
        )
    for name, value in ((_("clip"), told.clip), (_("deception ceiling"), told.ceiling)):
        if abs(value) > 1e-9:
            table.add_row("", name, "", figure(value), "")
    console.print(table)
    if any(not line.verified for line in told.lines):
        console.print(_("* not verified"), style="dim")


def diff(moved: list[Any], start: str, end: str) -> None:
    """Print what changed between two days."""
    console = _console()
    changed = [one for one in moved if one.before != one.after]
    console.print(_("What changed from {start} to {end}:").format(start=start, end=end), style="bold")
    if not changed:
        console.print(_("nothing"))
    for one in changed:
        facts = f"  [{', '.join(one.facts)}]" if one.facts else ""
        console.print(f"  {one.what}: {figure(one.before)} -> {figure(one.after)}{facts}")


def cards(found: list[Any]) -> None:
    """Print the library."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in (_("case"), _("title"), _("facts"), _("verified"), _("from"), _("to")):
        table.add_column(name)
    for card in found:
        table.add_row(
            card.id, card.title, str(card.facts), str(card.verified), str(card.start), str(card.end)
        )
    _console().print(table)


def checked(found: Any) -> None:
    """Print a check: faults first, then coverage."""
    console = _console()
    for fault in found.faults:
        console.print(str(fault))
    for note in found.notes:
        console.print(_("note: {note}").format(note=note))
    many = _("1 fault") if len(found.faults) == 1 else _("{n} faults").format(n=len(found.faults))
    state = _("no fault") if found.ok else many
    told = _(
        "{case}: {state}. Facts: {facts}, verified {verified}, disputed {disputed}, "
        "with an assumed day of knowing {assumed}."
    )
    counts = {
        "facts": found.facts,
        "verified": found.verified,
        "disputed": found.disputed,
        "assumed": found.assumed,
    }
    console.print(told.format(case=found.case, state=state, **counts), style="bold")
    for actor, row in found.by_actor.items():
        console.print(_("  {actor}: facts {facts}, good {good}, bad {bad}").format(actor=actor, **row))
    for source, count in found.by_source.items():
        console.print(f"  {count:4} {source}")


def moves(found: list[Move]) -> None:
    """Print the library of moves, a line each."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in (_("move"), _("what it is"), _("weeks"), _("basis")):
        table.add_column(name)
    for one in found:
        basis = one.source or _(one.basis)
        table.add_row(one.id, _(one.label), str(one.weeks), basis)
    _console().print(table)


def move(one: Move) -> None:
    """Print all of one move."""
    console = _console()
    console.print(_(one.label), style="bold")
    console.print(_(one.says))
    rows = [
        (_("made by"), _(one.by) or _("nobody in particular")),
        (_("aimed at"), _(one.towards) or _("nobody in particular")),
        (_("needs"), ", ".join(_(need.replace("_", " ")) for need in one.needs) or _("nothing")),
        (_("who must agree"), ", ".join(_(who.replace("_", " ")) for who in one.consent) or _("nobody")),
        (
            _("cost (0 to 5)"),
            ", ".join(f"{_(who.replace('_', ' '))} {n}" for who, n in one.cost.items()) or "0",
        ),
        (_("weeks"), str(one.weeks)),
        (_("can be undone"), _(one.reversible)),
        (_("may go wrong"), " ".join(map(_, one.fails)) or _("nothing known")),
        (_("basis"), f"{_(one.basis)}{f' ({one.source})' if one.source else ''}"),
    ]
    for name, told in rows:
        console.print(f"  {name}: {told}")
    for effect in one.effects:
        given = ", ".join(f"{name} {_effect(value)}" for name, value in effect.given.items())
        console.print(f"  - {effect.kind.replace('_', ' ')}: {given}")


def _effect(value: Any) -> str:
    if isinstance(value, list):
        return _("{likely} ({low} to {high})").format(low=value[0], likely=value[1], high=value[2])
    return str(value).replace("_", " ")


@contextmanager
def progress(*, silent: bool) -> Iterator[Callable[[int, str], None]]:
    """Show how many plans are done, on the error stream."""
    from rich.progress import (  # noqa: PLC0415 - heavy, and only wanted here
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=silent) as bar:
        task, done = bar.add_task(_("laying out"), total=None), 0

        def tick(many: int, name: str) -> None:
            nonlocal done
            done += many
            short = name.split(":", maxsplit=1)[0] if many else name
            bar.update(task, description=_("{n} plans run, now {name}").format(n=done, name=short[:60]))

        yield tick


SHOWN = 16  # plans on the screen; all stand in the JSON


def _plan(one: PlanReading) -> str:
    if one.timings == 1:
        return one.label
    return _("{plan} (best of {n} timings)").format(plan=one.label, n=one.timings)


def _ladder(found: Ranking) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", _("in force after 5 years"), _("signed"), _("regret"), _("months")):
        table.add_column(name)
    table.add_column(_("plan"), ratio=1)
    before = 0
    idle = [one for one in found.plans[SHOWN:] if not one.moves]
    for one in (*found.plans[:SHOWN], *idle):
        bracket = str(one.group) if one.group != before else ""
        before = one.group
        months = str(max((move.month for move in one.moves), default=0))
        signed = figure(one.sign.median)
        table.add_row(bracket, _span(one.in_force_at.m60), signed, figure(one.regret), months, _plan(one))
    return table


def ranking(found: Ranking) -> None:
    """Print a ranking: the sentence, the ladder with its brackets, what would change it."""
    console = _console()
    console.print(f"{found.title} [{found.as_of}]", style="bold")
    if found.partial:
        told = _("Interrupted: this is the ranking so far. Ask again with seed {seed} to go on from here.")
        console.print(told.format(seed=found.seed), style="bold")
    console.print(found.sentence)
    console.print(_ladder(found))
    if len(found.plans) > SHOWN:
        console.print(_("{n} plans in all; --json lists every one.").format(n=len(found.plans)), style="dim")
    console.print(
        _("Plans in one bracket cannot be told apart. Figures are model indices, for ranking only.")
    )
    for line in (*_turned(found), *_learned(found)):
        console.print(line)
    for refused in found.refused:
        said = _("not possible: {move}: {reason}").format(move=refused.label, reason=refused.reason)
        console.print(said, style="dim")
    for line in found.trace:
        console.print(f"  {line}" if line != found.trace[0] else line)
    told = _(
        "If nothing is done mean trust moves by {drift} in five years. {plans} plans, {n} histories, "
        "seed {seed}, engine {engine}."
    )
    given = {"plans": found.compared, "n": found.rollouts, "seed": found.seed, "engine": found.engine}
    console.print(told.format(drift=f"{found.drift:+.2f}", **given), style="dim")


def _turned(found: Ranking) -> list[str]:
    """What would change the ranking, or that nothing tried does."""
    labels = {plan.id: plan.label for plan in found.plans}
    lines = []
    for flip in found.flips:
        said = _("What would turn first and second round: {input} at {value} (likeliest {now}): then {plan}")
        second = labels.get(flip.second, flip.second)
        given = {"input": flip.label, "value": figure(flip.value), "now": figure(flip.likeliest)}
        lines.append(said.format(plan=second, **given))
    if found.tested and not found.flips:
        said = _("None of the {n} inputs that go most with their difference turns first and second round.")
        lines.append(said.format(n=len(found.tested)))
    return lines


def _learned(found: Ranking) -> list[str]:
    """What learning before a signature is worth, in the first plan and if nothing is done."""
    said = _("{plan}: bad deals signed {bad}, avoided {avoided}; good deals signed {good}, lost {lost}")
    idle = [plan for plan in found.plans if not plan.moves]
    lines = []
    for plan in [*(p for p in found.plans[:1] if p.moves), *idle]:
        known = plan.learned
        given = {"bad": figure(known.bad_signed), "avoided": figure(known.bad_avoided)}
        given |= {"good": figure(known.good_signed), "lost": figure(known.good_lost)}
        lines.append(said.format(plan=plan.label, **given))
    return lines
