"""Checks across the files of a case: names that nothing answers to, keys used twice, odd dates.

Each check is one function that gives faults; `check_across` runs them all.  `check_curated` adds
what is asked of a library case: sources behind verified rows, no source behind too much.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from goodoffices.cases.bounds import bound_faults
from goodoffices.cases.tables import tables as read_tables
from goodoffices.domain.case import Case
from goodoffices.domain.changes import keys_of
from goodoffices.domain.evidence import Fact
from goodoffices.errors import Fault
from goodoffices.words import _, number

__all__ = ["Rows", "check_across", "check_curated"]

Rows = dict[str, list[tuple[int, object]]]
_UTILITIES = ("no_deal", "kept", "broken")
_POWERS = ("veto_signing", "veto_implementation", "wrecking")


def _row(rows: Rows, file: str, attribute: str, value: str, *, last: bool = False) -> int | None:
    listed = reversed(rows[file]) if last else rows[file]
    return next((number for number, row in listed if getattr(row, attribute) == value), None)


def _evidence(rows: Rows, fact: Fact, field: str, found: str, fix: str) -> Fault:
    return Fault(
        file="evidence.csv",
        row=_row(rows, "evidence", "id", fact.id),
        field=field,
        found=found,
        fix=fix,
    )


def _listed(names: Iterator[str] | set[str] | list[str], most: int = 8) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:most]) + (" ..." if len(ordered) > most else "")


def _twice(case: Case, rows: Rows) -> Iterator[Fault]:
    named: list[Any] = [*case.parties, *case.decision_makers, *case.spoilers, *case.texts]
    named += [provision for text in case.texts for provision in text.provisions]
    groups: tuple[tuple[str, list[Any]], ...] = (
        ("key", named),
        ("id", [*case.parties, *case.decision_makers, *case.spoilers]),
        ("id", list(case.texts)),
    )
    for attribute, things in groups:
        for value, count in Counter(getattr(thing, attribute) for thing in things).items():
            if count > 1:
                fix = _("give each its own {attribute}").format(attribute=attribute)
                yield Fault(
                    file="case.toml",
                    field=attribute,
                    found=_('"{value}" {count} times').format(value=value, count=count),
                    fix=fix,
                )
    for file, attribute in (
        ("stakes", "key"),
        ("evidence", "id"),
        ("disputes", "alternative"),
        ("ratings", "key"),
        ("off", "fact"),
        ("comments", "key"),
    ):
        for value, count in Counter(getattr(row, attribute) for _n, row in rows[file]).items():
            if count > 1:
                row = _row(rows, file, attribute, value, last=True)
                fix = _("give each row its own {attribute}").format(attribute=attribute)
                yield Fault(
                    file=f"{file}.csv",
                    row=row,
                    field=attribute,
                    found=_('"{value}" twice').format(value=value),
                    fix=fix,
                )


def _offices(case: Case) -> set[str]:
    return {dm.office for dm in case.decision_makers}


def _people(case: Case) -> set[str]:
    return {dm.id for dm in case.decision_makers}


def _parties(case: Case) -> set[str]:
    return {party.id for party in case.parties}


def _case_names(case: Case, rows: Rows) -> Iterator[Fault]:
    del rows
    parties, people, offices = _parties(case), _people(case), _offices(case)
    spoilers = {spoiler.id for spoiler in case.spoilers}
    anyone = parties | people | offices
    wanted: list[tuple[str, tuple[str, ...], set[str]]] = []
    for dm in case.decision_makers:
        wanted += [(f"decision_makers {dm.id} party", (dm.party,), parties)]
        wanted += [(f"decision_makers {dm.id} commanded_by", dm.commanded_by, offices)]
    wanted += [(f"spoilers {sp.id} side", (sp.side,), parties) for sp in case.spoilers]
    for link in case.links:
        wanted += [
            ("links observer", (link.observer,), anyone),
            ("links sees", (link.sees,), anyone | spoilers),
        ]
    for text in case.texts:
        wanted += [(f"texts {text.id} binds", text.binds, parties)]
        wanted += [(f"texts {text.id} guarantors", text.guarantors, offices)]
        wanted += [(f"texts {text.id} excluded", text.excluded, people | offices | spoilers)]
        wanted += [(f"texts {text.id} signatories", text.signatories, anyone | spoilers)]
        for item in text.provisions:
            by = offices if item.type == "guarantee" else anyone
            wanted += [(f"texts {text.id} {item.id} by", tuple(filter(None, [item.by])), by)]
            wanted += [(f"texts {text.id} {item.id} to", tuple(filter(None, [item.to])), anyone)]
    for field, names, known in wanted:
        for name in names:
            if name not in known:
                yield Fault(
                    file="case.toml",
                    field=field,
                    found=f'"{name}"',
                    fix=_("use one of ") + _listed(known),
                )
    yield from _clashes(case, people, offices)


def _clashes(case: Case, people: set[str], offices: set[str]) -> Iterator[Fault]:
    for name in sorted(people & offices):
        fix = _("name the office otherwise than who holds it")
        yield Fault(file="case.toml", field="decision_makers office", found=f'"{name}"', fix=fix)
    if case.end < case.start:
        yield Fault(
            file="case.toml",
            field="to",
            found=str(case.end),
            fix=_("give a day after {start}").format(start=case.start),
        )
    if len([party for party in case.parties if party.role == "principal"]) < 2:
        yield Fault(
            file="case.toml",
            field="parties",
            found=_("fewer than two principals"),
            fix=_("give two or more"),
        )
    for dm in case.decision_makers:
        if dm.end is not None and dm.end < dm.start:
            found, fix = f"{dm.id}: {dm.end}", _("give a day after {start}").format(start=dm.start)
            yield Fault(file="case.toml", field="decision_makers to", found=found, fix=fix)


def _fact_names(case: Case, rows: Rows) -> Iterator[Fault]:
    parties, people = _parties(case), _people(case) | _offices(case)
    spoilers = {spoiler.id for spoiler in case.spoilers}
    for fact in case.declared():
        known = parties | people
        if fact.actor not in known | spoilers | {"unknown"}:
            fix = _("use an actor of the case: ") + _listed(known | spoilers | {"unknown"}, 30)
            yield _evidence(rows, fact, "actor", f'"{fact.actor}"', fix)
        for field, names in (("towards", fact.towards), ("seen_by", fact.seen_by)):
            for name in names:
                if name not in known:
                    fix = _("use parties or decision-makers: ") + _listed(known, 30)
                    yield _evidence(rows, fact, field, f'"{name}"', fix)
        if fact.about and fact.about not in known:
            yield _evidence(rows, fact, "about", f'"{fact.about}"', _("use a party or decision-maker"))


def _fact_sense(case: Case, rows: Rows) -> Iterator[Fault]:
    kinds = read_tables().kinds
    for fact in case.declared():
        kind = kinds.get(fact.kind)
        if fact.known_on < fact.happened_on:
            found = _("{known_on}, before it happened on {happened_on}").format(
                known_on=fact.known_on, happened_on=fact.happened_on
            )
            yield _evidence(rows, fact, "known_on", found, _("give the day on which it could be known"))
        if not fact.towards and not fact.seen_by:
            yield _evidence(rows, fact, "towards", _("nothing"), _("say to whom it was done, or who saw it"))
        if fact.override and not fact.override_reason:
            fix = _("say why; the reason is shown beside every number that rests on it")
            yield _evidence(rows, fact, "override_reason", _("nothing"), fix)
        if kind and kind.role == "deception" and not fact.proven_deception:
            fix = _("give admission, international_body or two_sources, or code it as harsh_words")
            yield _evidence(rows, fact, "proven_deception", _("nothing"), fix)
        if kind and kind.role == "vouch" and not fact.about:
            yield _evidence(rows, fact, "about", _("nothing"), _("say for whom the third party vouched"))


def _fact_twins(case: Case, rows: Rows) -> Iterator[Fault]:
    seen: dict[tuple[str, str, object], Fact] = {}
    for fact in case.facts:
        twin = seen.setdefault((fact.actor, fact.kind, fact.happened_on), fact)
        if twin is not fact and not (fact.event and fact.event == twin.event):
            found = _("{kind} by {actor} on {happened_on}, as in {id}").format(
                kind=fact.kind, actor=fact.actor, happened_on=fact.happened_on, id=twin.id
            )
            fix = _("give both the same event if they report one, or join them")
            yield _evidence(rows, fact, "kind", found, fix)


def _stake_names(case: Case, rows: Rows) -> Iterator[Fault]:
    actors = _people(case) | _offices(case) | {spoiler.id for spoiler in case.spoilers}
    texts = {text.id for text in case.texts} | {""}
    for at, row in rows["stakes"]:
        for field, known in (
            ("actor", actors),
            ("text", texts),
            ("towards", _parties(case) | {""}),
        ):
            value = getattr(row, field)
            if value not in known:
                fix = _("use one of ") + _listed(known - {""}, 30)
                yield Fault(file="stakes.csv", row=at, field=field, found=f'"{value}"', fix=fix)


def _stake_sense(case: Case, rows: Rows) -> Iterator[Fault]:
    del rows
    offices = {dm.id: dm.office for dm in case.decision_makers}
    for text in case.texts:
        held: dict[str, set[str]] = {}
        for stake in case.stakes:
            if stake.text in ("", text.id):
                held.setdefault(offices.get(stake.actor, stake.actor), set()).add(stake.quantity)
        for actor, quantities in held.items():
            missing = [name for name in (*_UTILITIES, *_POWERS) if name not in quantities]
            if quantities & set(_UTILITIES) and missing:
                found = _("{actor} in {id} without ").format(actor=actor, id=text.id) + ", ".join(missing)
                yield Fault(file="stakes.csv", field="quantity", found=found, fix=_("give these rows too"))
        for office in text.guarantors:
            if "consent" not in held.get(office, set()):
                found = _("{office} guarantees {id} without consent").format(office=office, id=text.id)
                yield Fault(file="stakes.csv", field="quantity", found=found, fix=_("give a row for consent"))


def _disputes(case: Case, rows: Rows) -> Iterator[Fault]:
    facts = {fact.id: fact for fact in case.declared()}
    kinds, weights = read_tables().kinds, Counter[str]()
    for other in case.alternatives:
        row = _row(rows, "disputes", "alternative", other.key)
        if other.fact not in facts:
            yield Fault(
                file="disputes.csv",
                row=row,
                field="fact",
                found=f'"{other.fact}"',
                fix=_("use the id of a fact"),
            )
        if other.kind and other.kind != "none" and other.kind not in kinds:
            yield Fault(
                file="disputes.csv",
                row=row,
                field="kind",
                found=f'"{other.kind}"',
                fix=_("use a kind of the codebook or none"),
            )
        weights[other.fact] += other.weight  # type: ignore[assignment]
    for name, weight in weights.items():
        if weight > 1:
            row = _row(rows, "disputes", "fact", name)
            fix = _("let the readings of one fact share at most 1")
            yield Fault(
                file="disputes.csv",
                row=row,
                field="weight",
                found=_("{weight} in all for {name}").format(weight=number(weight), name=name),
                fix=fix,
            )
    for fact in facts.values():
        if fact.disputed and fact.id not in weights:
            fix = _("add a row to disputes.csv, or leave disputed empty")
            yield _evidence(rows, fact, "disputed", _("yes, without another reading"), fix)


def _ratings(case: Case, rows: Rows) -> Iterator[Fault]:
    people = _people(case) | _offices(case)
    for rating in case.ratings:
        row = _row(rows, "ratings", "key", rating.key)
        for field in ("truster", "trustee"):
            value = getattr(rating, field)
            if value not in people:
                fix = _("use a decision-maker: ") + _listed(people)
                yield Fault(file="ratings.csv", row=row, field=field, found=f'"{value}"', fix=fix)


def _remarks(case: Case, rows: Rows) -> Iterator[Fault]:
    facts, keys = {fact.id for fact in case.declared()}, keys_of(case)
    for file, field, known in (("off", "fact", facts), ("comments", "on", keys)):
        for at, row in rows[file]:
            value = getattr(row, field)
            if value not in known:
                fix = _("use the key of a row that is there")
                yield Fault(file=f"{file}.csv", row=at, field=field, found=f'"{value}"', fix=fix)


def _defaults(case: Case, rows: Rows) -> Iterator[Fault]:
    del rows
    yield from bound_faults(case.defaults, read_tables().defaults, "case.toml")


def _feed_names(case: Case, rows: Rows) -> Iterator[Fault]:
    del rows
    named = [("feed.actors", name) for name in (case.feed.actors if case.feed else ())]
    if case.conduct:
        named += [("conduct.actors", name) for name in case.conduct.actors]
        named += [("conduct.pairs", name) for pair in case.conduct.pairs for name in pair]
    for field, name in named:
        if name not in _parties(case):
            fix = _("name a party of the case: ") + _listed(_parties(case))
            yield Fault(file="case.toml", field=field, found=f'"{name}"', fix=fix)


_CHECKS: tuple[Callable[[Case, Rows], Iterator[Fault]], ...] = (
    _twice,
    _case_names,
    _feed_names,
    _fact_names,
    _fact_sense,
    _fact_twins,
    _stake_names,
    _stake_sense,
    _disputes,
    _ratings,
    _remarks,
    _defaults,
)


def check_across(case: Case, rows: Rows) -> list[Fault]:
    """Give the faults that only show when the files are held against one another."""
    return [fault for check in _CHECKS for fault in check(case, rows)]


def _host(url: str) -> str:
    return urlsplit(url).netloc.removeprefix("www.")


def check_curated(case: Case, least: int = 30) -> list[Fault]:
    """Give what a library case lacks: sources behind verified rows, and a spread of sources."""
    faults = []
    needed = ("source_title", "source_publisher", "source_date", "source_url", "says")
    for fact in case.facts:
        missing = [name for name in needed if fact.verified and not getattr(fact, name)]
        if missing:
            found = _("{id} verified without ").format(id=fact.id) + ", ".join(missing)
            faults.append(
                Fault(
                    file="evidence.csv",
                    field=missing[0],
                    found=found,
                    fix=_("give it, or write verified = no"),
                )
            )
    faults += _spread(case)
    verified = sum(fact.verified for fact in case.facts)
    if len(case.facts) < least or 2 * verified < len(case.facts):
        found = _("{value} facts, {verified} verified").format(value=len(case.facts), verified=verified)
        fix = _("a library case has at least {least} facts and half of them verified").format(least=least)
        faults.append(Fault(file="evidence.csv", found=found, fix=fix))
    return faults


def _spread(case: Case) -> list[Fault]:
    hosts = Counter(_host(fact.source_url) for fact in case.facts if fact.source_url)
    for name, count in hosts.most_common(1):
        if 3 * count > len(case.facts):
            found = _("{name} behind {count} of {value} facts").format(
                name=name, count=count, value=len(case.facts)
            )
            return [
                Fault(
                    file="evidence.csv",
                    field="source_url",
                    found=found,
                    fix=_("find other sources for some of them"),
                )
            ]
    return []
