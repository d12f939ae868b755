"""The bottleneck in words: who falls short towards whom, on what, and the smallest changes.

The changes are the smallest in steps on the worded scales, grouped by kind of change; no cost is
implied, and none of them is advice.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import log

import numpy as np

from goodoffices.analysis.deals import Deal, Player
from goodoffices.analysis.encoding import Office
from goodoffices.analysis.model import FACETS
from goodoffices.analysis.package import package
from goodoffices.analysis.provisions import STEPS, called, guarantors, provision, what_if
from goodoffices.analysis.runs import Run, quantity
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Rating
from goodoffices.domain.readings import Bottleneck, ChangeOption, plain
from goodoffices.domain.texts import Stake
from goodoffices.words import N_, _, figure, share

__all__ = ["bottleneck", "weakest"]


@dataclass(frozen=True)
class Option:
    """A change that could be made, in steps."""

    words: str
    kind: str
    steps: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Weakest:
    """Where the chain is weakest: whose doubt, about whom, on which facet."""

    player: Player
    trustee: Office | None
    facet: int | None


def weakest(deal: Deal) -> Weakest | None:
    """Find the binding decision-maker, whom he trusts least for this text, and on which facet."""
    if not deal.players:
        return None
    own = [float(np.median(deal.factors[p.office.id])) for p in deal.players]
    gaps = [float(np.median(deal.gap(p.office.id))) for p in deal.players]
    order = sorted(range(len(own)), key=lambda i: (own[i], -gaps[i], i))
    player = deal.players[order[0]]
    others = [p for p in deal.players if p.office.party != player.office.party]
    if not others:
        return Weakest(player, None, None)
    left = [_left(deal, player, other) for other in others]
    trustee = others[int(np.argmin(left))].office
    return Weakest(player, trustee, _weakest_facet(deal, player.office, trustee))


def _left(deal: Deal, player: Player, other: Player) -> float:
    kept = deal.keeps(player.office, other.office, guaranteed=True)
    return float(np.median(1.0 - other.wrecking * (1.0 - kept)))


def _weakest_facet(deal: Deal, truster: Office, trustee: Office) -> int:
    """The facet on which one step up the scale of belief would raise the keep index most."""
    trust = deal.beliefs.of(truster.id, trustee.id).trust
    held, raised = deal.keeping(truster, trustee, guaranteed=True).held, []
    for facet in range(4):
        moved = trust.copy()
        odds = np.log(moved[facet] / (1.0 - moved[facet])) + 1.0
        moved[facet] = 1.0 / (1.0 + np.exp(-odds))
        motive = deal.beliefs.motive(moved)
        raised.append(float(np.median(moved[0] * (motive + (1.0 - motive) * held))))
    return int(np.argmax(raised))


# -- options ----------------------------------------------------------------------------------


def _up(scale: list[str], word: str, steps: int) -> str | None:
    place = scale.index(word) + steps
    return scale[place] if 0 <= place < len(scale) else None


def _stake_options(run: Run, deal: Deal, player: Player) -> Iterator[list[Option]]:
    scale = list(run.tables.scales["outcome"])
    for name, way, words in (
        ("no_deal", -1, _("the price of no deal rises for {who}")),
        ("kept", 1, _("the text gives {who} more")),
        ("broken", 1, _("a broken deal costs {who} less")),
    ):
        stake = run.encoded.stake(player.office.id, deal.text.id, name)
        if stake is None:
            continue
        yield [
            Option(words.format(who=player.office.called), name, step, (_stake(stake, word),))
            for step in range(1, STEPS + 1)
            if (word := _up(scale, stake.word, way * step))
        ]


def _stake(stake: Stake, word: str) -> Change:
    value = {"word": word, "low": "", "high": ""}
    return what_if("set_stake", stake.key, value, f"{stake.quantity}: {stake.word} -> {word}")


def _belief_options(run: Run, weak: Weakest) -> Iterator[list[Option]]:
    if weak.trustee is None or weak.facet is None:
        return
    scale = run.tables.scales["belief"]
    now = float(np.median(run.beliefs.of(weak.player.office.id, weak.trustee.id).trust[weak.facet]))
    logits = {word: log(level.value / (1 - level.value)) for word, level in scale.items()}
    nearest = min(logits, key=lambda word: abs(logits[word] - log(now / (1 - now))))
    facet = FACETS[weak.facet]
    words = _("{truster} comes to believe more in {trustee}'s {facet}")
    told = words.format(truster=weak.player.office.called, trustee=weak.trustee.called, facet=_(facet.value))
    ladder = [word for step in range(1, STEPS + 1) if (word := _up(list(scale), nearest, step))]
    yield [
        Option(told, "belief", step, (_rating(run, weak, word),)) for step, word in enumerate(ladder, start=1)
    ]


def _rating(run: Run, weak: Weakest, word: str) -> Change:
    assert weak.trustee is not None
    assert weak.facet is not None
    rating = Rating(
        key="whatif",
        rated_on=run.day,
        known_on=run.day,
        author="what if",
        truster=weak.player.office.name,
        trustee=weak.trustee.name,
        facet=FACETS[weak.facet],
        rating=word,
        confidence="high",
        reason="what if",
    )
    return what_if(
        "add_rating", f"{rating.truster}:{rating.trustee}:{rating.facet}", rating, f"belief {word}"
    )


_SAYS = {
    "verification": N_("verification is added or strengthened"),
    "guarantee": N_("{who} guarantees the text"),
    "phasing": N_("the text is carried out in steps"),
    "bond": N_("{who} posts a bond"),
    "assistance": N_("{who} is helped to keep the text"),
}


def _provision_options(run: Run, deal: Deal, weak: Weakest) -> Iterator[list[Option]]:
    other = weak.trustee
    offices = {"guarantee": guarantors(run, deal), "bond": [other.party] if other else []}
    offices |= {"assistance": [other.id] if other else [], "verification": [""], "phasing": [""]}
    for kind, says in _SAYS.items():
        for office in offices[kind]:
            who = called(run, office)
            made = [(step, provision(deal.text, kind, step, office)) for step in range(1, STEPS + 1)]
            yield [Option(_(says).format(who=who), kind, s, (c,)) for s, c in made if c is not None]


def _closes(run: Run, deal: Deal, option: Option, office: str) -> bool:
    other = run.changed(option.changes)
    text = next(text for text in other.encoded.case.texts if text.id == deal.text.id)
    return float(other.central_deal(text).gap(office)[0]) <= 0.0


def _smallest(run: Run, deal: Deal, ladder: list[Option], office: str) -> tuple[Option, bool] | None:
    """The lowest step of a ladder that closes the gap, or else its top.

    A higher step never closes less, but for phasing, where more steps can teach less.
    """
    if not ladder:
        return None
    if ladder[-1].kind != "phasing" and not _closes(run, deal, ladder[-1], office):
        return ladder[-1], False
    for option in ladder:
        if _closes(run, deal, option, office):
            return option, True
    return ladder[-1], False


def _options(run: Run, deal: Deal, weak: Weakest) -> list[tuple[Option, bool]]:
    ladders = [*_stake_options(run, deal, weak.player), *_belief_options(run, weak)]
    ladders += list(_provision_options(run, deal, weak))
    found = [_smallest(run, deal, ladder, weak.player.office.id) for ladder in ladders]
    ranked = [item for item in found if item is not None]
    return sorted(ranked, key=lambda item: (not item[1], item[0].steps))[:3]


def _told(run: Run, deal: Deal, option: Option, *, closes: bool) -> ChangeOption:
    other = run.changed(option.changes)
    records = tuple(plain(asdict(change)) for change in option.changes)
    return ChangeOption(
        change=option.words,
        kind=option.kind,
        steps=option.steps,
        sign=quantity(other.deals[deal.text.id].sign),
        closes=closes,
        records=records,
    )


# -- words ------------------------------------------------------------------------------------


def _words(weak: Weakest, gap: float) -> str:
    who = weak.player.office.called
    pointless = float(np.mean(weak.player.kept <= weak.player.no_deal))
    if pointless > 0.5:
        return _(
            "In {share} of the draws no level of trust suffices for {who}: even if kept, the text gives "
            "no more than no deal. It is a matter of interests."
        ).format(who=who, share=share(pointless))
    if weak.trustee is None or weak.facet is None:
        return _("{who} decides alone.").format(who=who)
    told = {
        "who": who,
        "whom": weak.trustee.called,
        "facet": _(FACETS[weak.facet].value),
        "gap": figure(abs(gap)),
    }
    if gap > 0:
        return _(
            "{who} trusts {whom} too little for this text, above all in {facet}: {gap} short on the index."
        ).format(**told)
    return _(
        "{who} is closest to the line, over {whom} and above all {facet}: {gap} to spare on the index."
    ).format(**told)


def bottleneck(run: Run, deal: Deal, *, options: bool = True) -> Bottleneck:
    """Say where one text is weakest and what would mend it."""
    weak = weakest(deal)
    if weak is None:
        none = _("Nobody's stakes in this text are known on this day.")
        return Bottleneck(
            truster=None,
            trustee=None,
            facet=None,
            words=none,
            changes=(),
            package=_("none"),
            package_share=None,
        )
    gap = float(np.median(deal.gap(weak.player.office.id)))
    found = _options(run, deal, weak) if options and gap > 0 else []
    bundle, portion = package(run, deal) if options else (_("not asked"), None)
    return Bottleneck(
        truster=weak.player.office.name,
        trustee=weak.trustee.name if weak.trustee else None,
        facet=FACETS[weak.facet].value if weak.facet is not None else None,
        words=_words(weak, gap),
        changes=tuple(_told(run, deal, option, closes=closes) for option, closes in found),
        package=bundle,
        package_share=portion,
    )
