"""From facts to beliefs: who learns what, when, and how much of it is left."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.analysis.compare import why
from goodoffices.analysis.runs import Run
from goodoffices.cases.tables import tables
from goodoffices.core import ledger
from goodoffices.domain.actors import Link
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Alternative, Facet, Rating
from tests.strategies import START, fact, histories, person, stakes, tiny

DAY = START + timedelta(days=400)
GOOD = ledger.ln_ratio_good(0.95, 0.60)


def run(case, day=DAY, draws=50, seed=1) -> Run:
    return Run(case, day, tables(), seed, draws)


def level(case, facet=2, day=DAY, truster="nora-office", trustee="saul-office") -> float:
    """Level of one belief at the centre, in log-odds."""
    trust = run(case, day).central_beliefs.of(truster, trustee).trust[facet, 0]
    return float(np.log(trust / (1 - trust)))


@given(histories())
def test_the_order_of_rows_never_matters(facts):
    """Shuffled rows and renamed ids of one day give the same beliefs, bit for bit."""
    one, two = run(tiny(facts)), run(tiny(facts[::-1]))

    assert np.array_equal(
        one.beliefs.of("nora-office", "saul-office").trust, two.beliefs.of("nora-office", "saul-office").trust
    )


@given(st.permutations(range(4)))
def test_facts_of_one_day_read_the_start_of_the_day(order):
    """Facts learned on one day are added together: which of them has which id changes nothing."""
    kinds = ["threat", "prisoner_release", "accepted_proposal", "kept_obligation"]
    plain = tiny([fact(n, kind) for n, kind in enumerate(kinds)])
    other = tiny([fact(n, kinds[k]) for n, k in enumerate(order)])

    assert level(plain, 1) == pytest.approx(level(other, 1), abs=1e-12)


def test_early_bad_news_weighs_more_than_late():
    """Bad then good ends below good then bad: the enemy image discounts what comes after."""
    bad = fact(0, "major_offensive", day=0)
    good = [fact(n, "accepted_proposal", day=n) for n in (1, 2, 3)]
    first = tiny([bad, *good])
    last = tiny([replace(bad, happened_on=START + timedelta(days=3), known_on=START + timedelta(days=3)),
                 *(replace(g, happened_on=START + timedelta(days=n), known_on=START + timedelta(days=n))
                   for n, g in enumerate(good))])  # fmt: skip

    assert level(first, 1) < level(last, 1)


def test_strength_fades_from_the_day_it_happened():
    """A fact learned late enters with what is left of it since it happened."""
    soon = fact(0, "broke_obligation", day=0)
    late = replace(soon, known_on=START + timedelta(days=300))

    assert level(tiny([soon])) == pytest.approx(level(tiny([late])), abs=1e-12)
    before = START + timedelta(days=299)
    assert level(tiny([late]), day=before) == 0.0


def test_beliefs_fade_to_the_prior():
    """Long after the last fact the belief is the prior again."""
    case = tiny([fact(0, "broke_obligation")])

    assert level(case, day=START) < -1
    assert level(case, day=START + timedelta(days=365 * 200)) == pytest.approx(0.0, abs=1e-6)


def test_locality():
    """Facts between two do not move a third, unless a link says that it sees them."""
    people = (person("kn", "nora", "north"), person("ks", "saul", "south"), person("kt", "tess", "third"))
    case = tiny([fact(0, "broke_obligation")], people=people)
    link = Link(observer="tess", sees="south", weight="half", known_on=START)

    assert level(case, truster="tess-office") == 0.0
    linked = level(replace(case, links=(link,)), truster="tess-office")
    assert linked < 0.0
    assert linked == pytest.approx(0.5 * level(case), rel=1e-6)
    assert level(replace(case, links=(replace(link, towards="third"),)), truster="tess-office") == 0.0


def test_reports_of_one_event_share_its_weight():
    """A second report adds n_eff(2) - n_eff(1) of the first and never re-weights it; other events count whole."""
    first = fact(0, "kept_obligation", day=0, event="e")
    second = fact(1, "kept_obligation", day=0, event="e")
    alone, both = level(tiny([first]), day=START), level(tiny([first, second]), day=START)
    apart = level(tiny([first, replace(second, event="other")]), day=START)

    assert both / alone == pytest.approx(2 / 1.7, rel=1e-9)
    assert apart / alone == pytest.approx(2.0, rel=1e-9)
    late = replace(second, known_on=START + timedelta(days=1))
    assert level(tiny([first, late]), day=START) == alone


def test_what_a_person_did_fades_when_he_leaves():
    """After a change of office-holder the leader's share keeps kappa_T of itself, the state's all."""
    people = (
        person("kn", "nora", "north"),
        person("ks", "saul", "south", "south-head", end=START + timedelta(days=100)),
        person("kz", "zoe", "south", "south-head", start=START + timedelta(days=100)),
    )
    day, before = START + timedelta(days=100), START + timedelta(days=99)
    deed = fact(0, "kept_obligation", "saul")
    own, state = tiny([deed], people=people), tiny([replace(deed, actor="south")], people=people)
    kept = tables().defaults["turnover_kept"].value
    ratio = level(own, day=day, trustee="south-head") / level(own, day=before, trustee="south-head")
    same = level(state, day=day, trustee="south-head") / level(state, day=before, trustee="south-head")

    assert ratio == pytest.approx(kept, rel=1e-2)
    assert same == pytest.approx(1.0, rel=1e-2)


def test_a_successor_of_the_truster_inherits_part():
    """The truster's successor keeps the state's account whole and kappa_T of the leader's."""
    people = (
        person("kn", "nora", "north", "north-head", end=START + timedelta(days=100)),
        person("km", "mia", "north", "north-head", start=START + timedelta(days=100)),
        person("ks", "saul", "south"),
    )
    case = tiny([fact(0, "kept_obligation", "saul")], people=people, rows=[])
    before, after = (level(case, day=START + timedelta(days=d), truster="north-head") for d in (99, 100))

    assert after / before == pytest.approx(0.4, rel=1e-2)


def test_a_proven_lie_caps_integrity_until_its_flag_dies():
    """Thirty kept promises after a proven lie leave integrity at one half; after a plain breach above .9."""
    promises = [fact(n, "kept_obligation", day=1) for n in range(1, 31)]
    lie = fact(0, "proven_denial", proven_deception="admission")
    breach = fact(0, "broke_obligation")
    calm = {"hawk": 0.0}

    assert level(replace(tiny([lie, *promises]), defaults=calm)) == pytest.approx(0.0, abs=1e-9)
    assert level(replace(tiny([breach, *promises]), defaults=calm)) > np.log(9)
    alive, dead = START + timedelta(days=4300), START + timedelta(days=4400)
    fresh = [
        replace(p, happened_on=alive - timedelta(days=1), known_on=alive - timedelta(days=1))
        for p in promises
    ]
    assert level(tiny([lie, *fresh]), day=alive) <= 1e-9
    assert level(tiny([lie, *fresh]), day=dead) > 0.1


def test_missing_evidence_is_said_and_never_one_half():
    """Without facts every facet is prior only; one certain fact of full strength is enough."""
    nothing = run(tiny()).beliefs.of("nora-office", "saul-office")
    something = run(tiny([fact(0, "broke_obligation", day=400)])).beliefs.of("nora-office", "saul-office")

    assert not any(nothing.enough(n) for n in range(4))
    assert something.enough(2)
    assert not something.enough(0)


@given(histories(least=1))
def test_the_ledger_behind_a_belief_adds_up(facts):
    """Prior, lines, clip and ceiling add up to the level; each line says what its absence would do."""
    case = tiny(facts)
    for told in why(run(case), "nora", "saul", without=False):
        total = told.prior + sum(line.now for line in told.lines) + told.clip + told.ceiling

        assert total == pytest.approx(told.level, abs=1e-9)
        assert told.prior == pytest.approx(0.0, abs=1e-9)


def test_without_this_fact_is_the_case_without_it():
    """The belief "without this fact" is that of the case with the fact switched off."""
    facts = [fact(0, "broke_obligation", day=5), fact(1, "kept_obligation", day=9), fact(2, "threat", day=3)]
    told = why(run(tiny(facts)), "nora", "saul", "integrity")[0]
    for line in told.lines:
        change = Change(id="c", op="switch_off_fact", target=line.fact)
        other = run(tiny(facts).with_changes([change])).central_beliefs.of("nora-office", "saul-office")

        assert line.without == float(other.trust[2, 0])


def test_removing_a_fact_leaves_the_draws_of_all_others_alone():
    """Draws hang on keys: without an unrelated fact every other draw stays, bit for bit."""
    facts = [fact(0, "broke_obligation"), fact(1, "kept_obligation", "nora", "south")]
    with_it, without = run(tiny(facts)), run(tiny(facts[:1]))

    assert np.array_equal(
        with_it.beliefs.of("nora-office", "saul-office").trust,
        without.beliefs.of("nora-office", "saul-office").trust,
    )


def test_a_fact_of_no_weight_changes_nothing():
    """A fact with strength none leaves every number bit-identical."""
    facts = [fact(0, "broke_obligation")]
    idle = fact(9, "kept_obligation", scale="none", day=7)

    one, two = (run(tiny(f)).beliefs.of("nora-office", "saul-office") for f in (facts, [*facts, idle]))
    assert np.array_equal(one.trust, two.trust)


def test_disputed_facts_are_sampled():
    """With an alternative that it did not happen at weight .4, some 40% of the draws lack it."""
    doubted = fact(0, "broke_obligation", disputed=True)
    other = Alternative(
        key="alt0",
        fact="f00000",
        actor="",
        kind="none",
        scale="",
        weight=0.4,
        says_who="",
        source_url="",
        known_on=START,
    )
    case = replace(tiny([doubted]), alternatives=(other,), defaults={"prior_doubt": 1e-9})
    trust = run(case, draws=2000).beliefs.of("nora-office", "saul-office").trust[2]

    assert np.mean(trust > 0.49) == pytest.approx(0.4, abs=0.04)


def test_another_reading_may_be_of_another_size():
    """Two readings that differ in scale alone push by different amounts, in the draws of each."""
    doubted = fact(0, "broke_obligation", disputed=True, scale="full")
    other = Alternative(
        key="alt0", fact="f00000", actor="", kind="", scale="slight", weight=0.5,
        says_who="", source_url="", known_on=START,
    )  # fmt: skip
    case = replace(tiny([doubted]), alternatives=(other,), defaults={"prior_doubt": 1e-9, "lr_doubt": 1e-9})
    trust = run(case, draws=2000).beliefs.of("nora-office", "saul-office").trust[2]

    assert np.mean(trust > 0.4) == pytest.approx(0.5, abs=0.04)
    assert np.mean(trust < 0.2) == pytest.approx(0.5, abs=0.04)


def test_a_rating_moves_the_prior_as_far_as_its_doubt_allows():
    """A rating pulls the belief towards it, more so if given with confidence, and narrows the doubt."""

    def rated(confidence, *more):
        row = Rating(key="r1", rated_on=START, known_on=START, author="x", truster="nora", trustee="saul",
                     facet=Facet.INTEGRITY, rating="very_low", confidence=confidence, reason="")  # fmt: skip
        return replace(tiny(), ratings=(row, *more))

    unsure, sure = level(rated("low")), level(rated("high"))
    assert sure < unsure < 0
    plain, told = (
        run(c, draws=2000).beliefs.of("nora-office", "saul-office").trust[2] for c in (tiny(), rated("high"))
    )
    spread = lambda t: np.std(np.log(t / (1 - t)))  # noqa: E731
    assert spread(told) < 0.6 * spread(plain)


def test_a_word_of_a_distrusted_third_party_weighs_less():
    """Vouching counts as far as the third party is trusted, disinterested and informed."""
    people = (person("kn", "nora", "north"), person("ks", "saul", "south"), person("kt", "tess", "third"))
    word = replace(fact(0, "vouched_for", "tess", day=50), about="saul")

    def vouched(any_deal, facts):
        rows = stakes("tess", "", any_deal=any_deal, information="full")
        rows = [r for r in rows if r.quantity in ("any_deal", "information")]
        return level(tiny([*facts, word], people=people, rows=rows), 1)

    broken = fact(5, "failed_guarantee", "third", "north", day=1)
    assert vouched("none", []) > vouched("half", []) > 0
    assert vouched("full", []) == pytest.approx(0.0, abs=1e-3)
    assert vouched("none", [broken]) < vouched("none", [])


def test_meetings_spread_beliefs_and_leave_their_mean():
    """A meeting without exposure widens the draws of intention and leaves their mean (martingale)."""
    case = replace(tiny([fact(0, "meeting_shared_work", "saul", "nora", day=400)]), defaults={"hawk": 0.0})
    met, plain = (
        run(c, draws=20000).beliefs.of("nora-office", "saul-office").trust[1] for c in (case, tiny())
    )

    assert met.mean() == pytest.approx(plain.mean(), abs=0.01)
    assert met.std() > plain.std()
    back = run(case).beliefs.of("saul-office", "nora-office")
    assert back.facts[1] == ("f00000",)


@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2000, 6, 1)])
def test_the_as_of_date_hides_what_was_not_known(day):
    """Nothing that became known after the day moves a belief on the day."""
    facts = [fact(n, "broke_obligation", day=n) for n in range(0, 400, 40)]
    known = [f for f in facts if f.known_on <= day]

    assert level(tiny(facts), day=day) == level(tiny(known), day=day)
    on_the_day = fact(99, "broke_obligation", day=(day - START).days)
    assert level(tiny([on_the_day]), day=day) < -1
    assert level(tiny([on_the_day]), day=day - timedelta(days=1)) == 0.0


def test_only_kinds_that_bear_on_a_guarantor_count():
    """Trust in a guarantor rests on what it promised, delivered or failed, not on its other acts."""
    people = (person("kn", "nora", "north"), person("kt", "tess", "third"))
    rude, kept = (
        fact(n, kind, "third", "north") for n, kind in enumerate(("broke_obligation", "delivered_support"))
    )
    plain, with_rude, with_kept = (
        run(tiny(facts, people=people, rows=[])).beliefs.tau("nora-office", "tess-office")
        for facts in ([], [rude], [kept])
    )

    assert np.array_equal(plain, with_rude)
    assert np.median(with_kept) > np.median(plain)


@given(histories(least=1))
def test_a_course_ends_in_the_belief(facts):
    """The course of a belief, read at many days and over changes of office, ends in the belief of the day."""
    people = (
        person("kn", "nora", "north"),
        person("ks", "saul", "south", "south-head", end=START + timedelta(days=100)),
        person("kz", "zoe", "south", "south-head", start=START + timedelta(days=100)),
        person("ky", "yara", "south", "south-head", start=START + timedelta(days=300)),
    )
    one = run(tiny(facts, people=people, rows=[]), draws=20)
    stops = [(START + timedelta(days=d)).toordinal() for d in range(0, 401, 25)]
    course = one.beliefs.path("nora-office", "south-head", stops)

    assert course[-1] == pytest.approx(one.beliefs.of("nora-office", "south-head").trust, abs=1e-12)
