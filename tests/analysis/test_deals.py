"""From beliefs and stakes to a reading of a text."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from goodoffices.analysis.answer import Stamps, answer
from goodoffices.analysis.bottleneck import weakest
from goodoffices.analysis.package import Ladders
from goodoffices.analysis.runs import Run
from goodoffices.cases.tables import tables
from goodoffices.domain.actors import Spoiler
from goodoffices.domain.case import Change
from goodoffices.domain.texts import Provision, Stake
from tests.strategies import START, deal, fact, person, stakes, tiny

DAY = START + timedelta(days=400)
STAMPS = Stamps(code="test", case_hash="test")
GOOD = [fact(n, "kept_obligation", day=300 + n) for n in range(3)] + [
    fact(10 + n, "made_concession", day=310 + n) for n in range(3)
]
BACK = [replace(f, id=f"b{f.id[1:]}", actor="north", towards=("south",)) for f in GOOD]
THIRD = (person("kn", "nora", "north"), person("ks", "saul", "south"), person("kt", "tess", "third"))
FORCE = Provision(
    key="pf", id="force", type="guarantee", known_on=START, by="tess-office", form="deployed_force"
)
WATCH = Provision(
    key="pw",
    id="watch",
    type="verification",
    known_on=START,
    words={"detection": "strong", "recoverable": "half"},
)


def run(case, draws=300, day=DAY, seed=1) -> Run:
    return Run(case, day, tables(), seed, draws)


def only(case, **given):
    return next(iter(run(case, **given).deals.values()))


def guaranteed(consent="full", leverage="strong", restitution="some", facts=(), provisions=(FORCE, WATCH)):
    extra = [
        Stake(key=f"g{quantity[:3]}{towards[:1]}", actor="tess-office", text="", quantity=quantity, towards=towards,
              word=word, low="", high="", rationale="", source="", url="", known_on=START)
        for quantity, word in (("consent", consent), ("leverage", leverage), ("restitution", restitution))
        for towards in (("north", "south") if quantity != "consent" else ("",))
    ]  # fmt: skip
    text = deal(*provisions, guarantors=("tess-office",))
    return tiny(
        [*GOOD, *BACK, *facts], people=THIRD, rows=[*stakes("nora"), *stakes("saul"), *extra], texts=(text,)
    )


def median(values) -> float:
    return float(np.median(values))


def test_better_beliefs_raise_the_index_of_signing():
    """Good acts of the other side raise keep and signing and lower the gap."""
    plain, better = only(tiny()), only(tiny([*GOOD, *BACK]))

    assert median(better.sign) > median(plain.sign)
    assert median(better.gap("nora-office")) < median(plain.gap("nora-office"))


def test_another_decision_maker_never_helps():
    """An army with a veto and wrecking power lowers signing and keeping, draw by draw."""
    people = (
        person("kn", "nora", "north"),
        person("ks", "saul", "south"),
        person("ka", "army", "south", kind="body"),
    )
    rows = [*stakes("nora"), *stakes("saul"), *stakes("army", veto_signing="half", wrecking="strong")]
    facts = [*GOOD, *BACK]
    alone, more = only(tiny(facts)), only(tiny(facts, people=people, rows=rows))

    assert np.all(more.keep_of["nora-office"] <= alone.keep_of["nora-office"] + 1e-12)
    assert np.all(more.sign <= alone.sign + 1e-12)


def test_wreckers_on_ones_own_side_count_for_lasting_not_for_signing():
    """An own army with nothing but wrecking power leaves the threshold test and lowers lasting."""
    people = (
        person("kn", "nora", "north"),
        person("ks", "saul", "south"),
        person("ka", "army", "north", kind="body"),
    )
    sides = [*stakes("nora"), *stakes("saul", veto_implementation="none")]
    rows = [*sides, *stakes("army", veto_signing="none", veto_implementation="none", wrecking="strong")]
    alone, more = (
        only(tiny(BACK + GOOD, **given)) for given in ({"rows": sides}, {"people": people, "rows": rows})
    )

    assert np.array_equal(alone.keep_of["nora-office"], more.keep_of["nora-office"])
    assert median(more.own_side(more.players[0])) < 1.0
    assert median(more.lasts(5, "not_abandoned")) < median(alone.lasts(5, "not_abandoned"))


def test_a_guarantor_lends_only_as_much_as_it_is_trusted():
    """Raising trust in the guarantor never lowers a keep index; a failed guarantee lowers it."""
    broken = fact(50, "failed_guarantee", "third", "north", day=380)
    kept = fact(51, "kept_guarantee", "third", "north", day=380)
    failed, plain, proven = (only(guaranteed(facts=f)) for f in ([broken], [], [kept]))

    assert median(failed.keep_of["nora-office"]) < median(plain.keep_of["nora-office"])
    assert median(plain.keep_of["nora-office"]) < median(proven.keep_of["nora-office"])
    tau = [d.guarantors[0].tau["nora-office"] for d in (failed, plain, proven)]
    assert median(tau[0]) < median(tau[1]) < median(tau[2])


def test_a_guarantor_without_trust_changes_nothing_anywhere():
    """With tau = 0 keep, thresholds and hazards are those of the text without a guarantor."""
    case = guaranteed()
    deal_1 = only(case)
    for third in deal_1.guarantors:
        third.tau.update({office: np.zeros(300) for office in third.tau})
    bare = only(replace(case, texts=(deal(WATCH),)))

    for office in ("nora-office", "saul-office"):
        assert np.allclose(deal_1.keep_of[office], bare.keep_of[office], atol=1e-12)
        assert np.allclose(deal_1.threshold_of[office], bare.threshold_of[office], atol=1e-12)
    assert np.allclose(deal_1.log_ratios, bare.log_ratios, atol=1e-12)


def test_without_leverage_only_deterrence_vanishes():
    """A guarantor without a hold still restores losses and still deploys, but deters nothing."""
    free, bare = only(guaranteed(leverage="none")), only(guaranteed(leverage="none", provisions=(WATCH,)))
    held = only(guaranteed(leverage="strong"))

    assert median(free.keep_of["nora-office"]) < median(held.keep_of["nora-office"])
    assert np.allclose(free.threshold_of["nora-office"], held.threshold_of["nora-office"])
    assert np.all(free.log_ratios < bare.log_ratios)


def test_a_guarantor_must_consent():
    """The index of signing carries the guarantor's own consent as a factor."""
    sure, unsure = only(guaranteed(consent="full")), only(guaranteed(consent="some"))

    assert median(unsure.sign) < 0.5 * median(sure.sign)
    assert np.mean(unsure.clears) < np.mean(sure.clears)


def test_a_treaty_counts_as_its_share_of_a_force():
    """In durability a guarantee counts as deployed share times the least trust in it; a word counts nothing."""
    found = {}
    for form in ("word", "treaty", "deployed_force"):
        one = only(guaranteed(provisions=(replace(FORCE, form=form), WATCH)))
        least = np.minimum(*(one.guarantors[0].tau[o] for o in ("nora-office", "saul-office")))
        found[form] = one._deployed() / least

    assert np.allclose(found["word"], 0.0)
    assert np.median(found["treaty"]) == pytest.approx(0.3, abs=0.03)
    assert np.allclose(found["deployed_force"], 1.0)


def test_in_durability_the_guarantee_enters_once():
    """Keep for lasting is the same with and without guarantor and verification; the hazard is not."""
    bare, full = only(guaranteed(provisions=())), only(guaranteed())

    assert np.array_equal(bare.keep_for_lasting, full.keep_for_lasting)
    assert np.all(full.log_ratios < bare.log_ratios)
    assert np.all(full.lasts(5, "not_abandoned") >= bare.lasts(5, "not_abandoned"))


def test_lasting_does_not_hang_on_signing():
    """What each would lose without a deal moves signing and leaves lasting as it is, draw by draw."""
    eager, slow = (
        only(tiny(GOOD + BACK, rows=[*stakes("nora", no_deal=word), *stakes("saul", no_deal=word)]))
        for word in ("disaster", "neutral")
    )

    assert median(eager.sign) > median(slow.sign)
    assert np.array_equal(eager.lasts(5, "not_abandoned"), slow.lasts(5, "not_abandoned"))


def test_violations_are_never_rarer_than_the_end():
    """No serious violation is never likelier than not abandoned, in any draw."""
    one = only(tiny(GOOD + BACK))

    for years in (1, 5, 10):
        assert np.all(one.lasts(years, "no_serious_violation") <= one.lasts(years, "not_abandoned") + 1e-12)


def test_verification_lowers_thresholds_and_steps_teach():
    """Verification and phasing each lower the threshold of both sides."""
    steps = Provision(key="ps", id="steps", type="phasing", known_on=START, steps=4)
    bare = only(tiny())
    for item in (WATCH, steps):
        other = only(tiny(texts=(deal(item),)))
        assert median(other.threshold_of["nora-office"]) < median(bare.threshold_of["nora-office"])


def test_bonds_have_two_values():
    """A bond posted by the south deters it and lowers the north's threshold, and only those."""
    bond = Provision(
        key="pb", id="bond", type="bond", known_on=START, by="south", words={"worth": "some", "loss": "some"}
    )
    bare, posted = only(tiny()), only(tiny(texts=(deal(bond),)))

    assert median(posted.keep_of["nora-office"]) > median(bare.keep_of["nora-office"])
    assert median(posted.threshold_of["nora-office"]) < median(bare.threshold_of["nora-office"])
    assert np.array_equal(posted.keep_of["saul-office"], bare.keep_of["saul-office"])
    assert np.array_equal(posted.threshold_of["saul-office"], bare.threshold_of["saul-office"])


def test_spoilers_and_exclusion_and_pressure_shorten_peace():
    """Each of spoilers, an excluded wrecker and outside pressure lowers lasting."""
    base = tiny(GOOD + BACK)
    spoiler = Spoiler(key="sp", id="wolves", name="Wolves", side="south", known_on=START)
    extra = [
        Stake(
            key=f"w{q[:3]}",
            actor="wolves",
            text="",
            quantity=q,
            towards="",
            word=w,
            low="",
            high="",
            rationale="",
            source="",
            url="",
            known_on=START,
        )
        for q, w in (
            ("loss", "full"),
            ("capacity", "strong"),
            ("inclusion", "none"),
            ("policing", "none"),
            ("wrecking", "strong"),
        )
    ]
    plain = median(only(base).lasts(5, "not_abandoned"))
    struck = replace(base, spoilers=(spoiler,), stakes=(*base.stakes, *extra))
    for case in (
        struck,
        replace(struck, texts=(deal(excluded=("wolves",)),)),
        replace(base, texts=(deal(pressure="full"),)),
    ):
        assert median(only(case).lasts(5, "not_abandoned")) < plain


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ({"kept": "severe_loss", "no_deal": "loss", "broken": "disaster"}, "interests"),
        ({"kept": "triumph", "no_deal": "disaster", "broken": "disaster"}, "clears"),
        ({"kept": "gain", "no_deal": "neutral", "broken": "disaster"}, "falls_short"),
    ],
)
def test_verdicts(words, verdict):
    """Interests, clears and falls short follow from the stakes as documented."""
    rows = [*stakes("nora", **words), *stakes("saul", **words)]
    known = replace(tiny(GOOD + BACK, rows=rows), defaults={"prior_doubt": 0.05})
    found = answer(run(known), STAMPS, options=False).deals[0]

    assert found.verdict == verdict
    assert all(row.verdict == verdict for row in found.decision_makers)


def test_no_answer_where_priors_supply_the_doubt():
    """With every other doubt taken away, a case without facts gives no answer; with facts it may."""
    calm = {name: item.value for name, item in tables().defaults.items()}
    rows = [
        replace(row, word="full" if row.word == "full" else row.word)
        for row in [*stakes("nora"), *stakes("saul")]
    ]
    bare = answer(run(replace(tiny(rows=rows), defaults=calm), draws=2000), STAMPS, options=False).deals[0]

    assert bare.prior_share is not None
    assert bare.prior_share > 0.5
    assert bare.verdict == "no_answer"
    assert len(bare.find_out) == 3


def test_the_bottleneck_is_the_smallest_factor_and_its_changes_close():
    """The binding decision-maker has the smallest factor; a change said to close its gap closes it."""
    case = tiny(GOOD)  # only the north has reasons to trust
    one = run(case)
    found = answer(one, STAMPS).deals[0]
    weak = weakest(one.deals["deal"])

    assert weak is not None
    assert found.bottleneck.truster == "saul" == weak.player.office.name
    assert found.bottleneck.trustee == "nora"
    assert 1 <= len(found.bottleneck.changes) <= 3
    steps = [change.steps for change in found.bottleneck.changes]
    assert steps == sorted(steps)
    for option in found.bottleneck.changes:
        record = option.records[0]
        if option.closes and record["op"] == "set_stake":
            changed = one.changed(
                [Change(id="x", op="set_stake", target=record["target"], value=record["value"])]
            )
            assert changed.central_deals["deal"].gap("saul-office")[0] <= 0


def dear(broken):
    """A text that costs much if it is broken, between two who hardly know one another."""
    rows = [row for name in ("nora", "saul") for row in stakes(name, no_deal="neutral", broken=broken)]
    return tiny(GOOD[:1] + BACK[:1], rows=rows)


@pytest.mark.parametrize("made", [dear("loss"), dear("disaster"), guaranteed(provisions=())])
def test_the_package_lets_everyone_clear(made):
    """The package closes every needed gap at the centre, and one step less of anything does not."""
    made = run(made)
    ladders = Ladders(made, made.deals["deal"])
    steps = ladders.smallest()

    assert steps is not None
    assert sum(steps.values()) > 0
    assert ladders.closes(steps)
    less = [steps | {kind: step - 1} for kind, step in steps.items() if step]
    assert not any(ladders.closes(one) for one in less)


def test_the_tornado_is_ordered_and_says_what_it_moved():
    """At most ten inputs, widest first, each with both ends."""
    bars = answer(run(tiny(GOOD + BACK)), STAMPS).deals[0].tornado
    widths = [abs(bar.at_high - bar.at_low) for bar in bars]

    assert 1 <= len(bars) <= 10
    assert widths == sorted(widths, reverse=True)
    assert any(bar.input == "default:self_enforcement" for bar in bars)


def test_the_stress_test_has_two_ends():
    """From full and from no mutual confidence; the lower end is never above the upper."""
    found = answer(run(guaranteed()), STAMPS, options=False).deals[0]

    assert found.stress is not None
    assert found.stress.low <= found.stress.high + 1e-9
    assert found.stress.differ == (found.stress.high - found.stress.low > 0.05)


def test_mirror_of_a_symmetric_case():
    """Two sides with the same facts and stakes have the same centre, figure for figure."""
    central = run(tiny(GOOD + BACK)).central_deals["deal"]

    assert central.keep_of["nora-office"] == pytest.approx(central.keep_of["saul-office"], abs=1e-12)
    assert central.threshold_of["nora-office"] == pytest.approx(
        central.threshold_of["saul-office"], abs=1e-12
    )


def test_without_stakes_there_is_no_answer():
    """A text in which nobody's stakes are known is an answer with a reason, not an error."""
    found = answer(run(tiny(rows=[])), STAMPS).deals[0]

    assert found.verdict == "no_answer"
    assert found.sign is None
    assert "stakes" in found.reason


def test_draw_k_of_many_is_draw_k_of_few():
    """The first 50 of 200 draws are the 50 draws."""
    few, many = only(guaranteed(), draws=50), only(guaranteed(), draws=200)

    assert np.array_equal(few.sign, many.sign[:50])
    assert np.array_equal(few.lasts(5, "not_abandoned"), many.lasts(5, "not_abandoned")[:50])


def test_borrowed_beliefs_are_those_of_a_fresh_reading():
    """A what-if that borrows beliefs gives what the changed case gives when read afresh."""
    from goodoffices.domain.evidence import Facet, Rating

    rating = Rating(
        key="r1", rated_on=DAY, known_on=DAY, author="x", truster="nora", trustee="saul",
        facet=Facet.INTENTION, rating="very_high", confidence="high", reason="",
    )  # fmt: skip
    case = guaranteed()
    base = run(case)
    base.deals["deal"].sign  # noqa: B018 - fills the beliefs that are borrowed
    for change in (
        Change(id="a", op="add_rating", target="x", value=rating),
        Change(id="b", op="set_stake", target=case.stakes[0].key, value={"word": "disaster"}),
        Change(id="c", op="set_provision", target="deal", value=WATCH),
    ):
        borrowed, fresh = base.changed([change]), run(case.with_changes([change]))
        assert np.array_equal(borrowed.deals["deal"].sign, fresh.deals["deal"].sign)
        assert np.array_equal(borrowed.deals["deal"].keep_for_lasting, fresh.deals["deal"].keep_for_lasting)
