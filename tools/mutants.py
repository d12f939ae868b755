"""Plant known mistakes, one at a time, and see that the test that should catch each does.

Each mutant is a patch of one place with the tests that must fail under it.  It runs in a clean copy
of the tree with an empty kernel cache.  A survivor, or a patch that no longer applies, fails.

    python tools/mutants.py [NAME ...]

With GOODOFFICES_MUTANTS=third a third of them runs, another one with each commit.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SRC = "src/goodoffices/"
LEDGER, DEAL, TRUST = "tests/core/test_ledger.py", "tests/core/test_deal.py", "tests/analysis/test_trust.py"
DEALS, FAIR, DOORS = "tests/analysis/test_deals.py", "tests/test_fairness.py", "tests/test_doors.py"
NUMBERS, DRAWS, HASH = (
    "tests/core/test_numbers.py",
    "tests/core/test_draws.py",
    "tests/cases/test_hash_and_save.py",
)
FORMAT, ROLL = "tests/cases/test_format.py", "tests/core/test_rollout.py"
PLANS = "tests/analysis/test_plans.py"
SAFE = "tests/web/test_safety.py"
SPREAD = "tests/workbench/test_index_on_ray.py"
LANES = "tests/core/test_lanes.py::test_the_lanes_uncompiled_are_the_plain_driver"


class Mutant(NamedTuple):
    """A mistake: what it is called, where, what stands there, what it becomes, what must catch it."""

    name: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = [
    Mutant("known_on before instead of by the day", "domain/case.py", "fact.known_on) <= day", "fact.known_on) < day", f"{TRUST}::test_the_as_of_date_hides_what_was_not_known"),
    Mutant("facts read by the day they happened", "domain/case.py", "published else fact.known_on) <= day", "published else fact.happened_on) <= day", f"{FAIR}::test_planted_leak"),
    Mutant("stakes not read as of the day", "domain/case.py", "stakes=_known(self.stakes, day)", "stakes=self.stakes", f"{FAIR}::test_planted_leak"),
    Mutant("ratings not read as of the day", "domain/case.py", "ratings=_known(self.ratings, day)", "ratings=self.ratings", f"{FAIR}::test_planted_leak"),
    Mutant("signatures seen before their day", "domain/case.py", "signed_on=_past(text.signed_on, day)", "signed_on=text.signed_on", f"{FAIR}::test_dates_that_lie_ahead_are_hidden"),
    Mutant("backtests ignore publication", "domain/case.py", "max(fact.known_on, fact.public_on) if published", "fact.known_on if published", f"{FAIR}::test_backtests_read_what_was_public"),
    Mutant("enemy image dropped", "core/ledger.py", "return hawk * (1.0 - trust_in_intention)", "return hawk * 0.0 * trust_in_intention", f"{LEDGER} {NUMBERS}"),
    Mutant("a and b swapped", "core/ledger.py", "return log(a / b)", "return log(b / a)", LEDGER),
    Mutant("bad ratio with good probabilities", "core/ledger.py", "return log((1.0 - b) / (1.0 - a))", "return log(a / b) + 0.0", LEDGER),
    Mutant("n_eff is n", "core/ledger.py", "return n / (1.0 + (n - 1.0) * correlation) * (n > 0)", "return n * 1.0 * (n > 0)", f"{LEDGER} {TRUST}"),
    Mutant("pressure ignored", "core/ledger.py", "* (1.0 - gesture / 2.0)) * (1.0 - pressure)", "* (1.0 - gesture / 2.0))", f"{LEDGER} {NUMBERS}"),
    Mutant("gestures discounted like words", "core/ledger.py", "discounted * (1.0 - gesture / 2.0)", "discounted", NUMBERS),
    Mutant("attacks blame everybody alike", "core/ledger.py", "1.0 - capacity * (1.0 - excuse)))", "0.5 + 0.0 * capacity * excuse))", LEDGER),
    Mutant("deception ceiling lifted", "core/ledger.py", "6.0 * (1.0 - flagged)", "6.0 + 0.0 * flagged", f"{LEDGER} {NUMBERS}"),
    Mutant("stores never fade", "core/ledger.py", "return exp2(-elapsed / half_life)", "return exp2(-0.0 * elapsed / half_life)", f"{LEDGER} {NUMBERS}"),
    Mutant("leader's evidence survives him whole", "core/follow.py", "state.stores[:, :, LEADER] *= kept", "state.stores[:, :, LEADER] *= 1.0", TRUST),
    Mutant("late news enters at full strength", "core/follow.py", "rules.half_life[sign, push.facet]) if push.age else 1.0", "rules.half_life[sign, push.facet]) if False else 1.0", TRUST),
    Mutant("facts of a day read one another", "core/follow.py", "    for push, sign, amount in added:\n", "    for push, sign, amount in added:\n        seen = _Seen(state, day.day, rules)\n        amount = dict(amounts(push, seen))[sign]\n", f"{TRUST}::test_facts_of_one_day_read_the_start_of_the_day {TRUST}::test_the_ledger_behind_a_belief_adds_up"),
    Mutant("keep without capacity", "core/deal.py", "return able * (motive_trust", "return (motive_trust", f"{DEAL} {NUMBERS}"),
    Mutant("guarantee repairs incapacity", "core/deal.py", "able = 1.0 - (1.0 - capacity) * (1.0 - assistance)", "able = 1.0 - (1.0 - capacity) * (1.0 - assistance) * (1.0 - deterrence)", DEAL),
    Mutant("loss weight dropped", "core/deal.py", "left * loss_weight * loss - bond", "left * loss - bond + 0.0 * loss_weight", f"{DEAL} {NUMBERS}"),
    Mutant("guarantor lends untrusted", "core/deal.py", "return trust_in_guarantor * leverage * detection", "return leverage * detection + 0.0 * trust_in_guarantor", f"{DEAL} {DEALS}"),
    Mutant("veto ignored", "core/deal.py", "return 1.0 - veto * (1.0 - accepts)", "return accepts + 0.0 * veto", f"{DEAL} {NUMBERS}"),
    Mutant("signing twice in lasting", "analysis/deals.py", "return np.asarray(1.0 - failed)", "return np.asarray((1.0 - failed) * self.sign)", f"{DEALS}::test_lasting_does_not_hang_on_signing"),
    Mutant("guarantor counted again in keep for lasting", "analysis/deals.py", "kept = [self.party_keeps(player.office, party, guaranteed=False) for party in others]", "kept = [self.party_keeps(player.office, party, guaranteed=True) for party in others]", DEALS),
    Mutant("guarantor need not consent", "analysis/deals.py", 'return own | {f"guarantor:{third.office.id}": third.consent for third in self.guarantors}', "return own", DEALS),
    Mutant("own wreckers forgotten", "analysis/deals.py", "kept.append(self.own_side(player))", "kept.append(self.model.values.const(1.0))", DEALS),
    Mutant("violations likelier than the end", "analysis/deals.py", "np.maximum(drawn, truce or 0.0)", "np.minimum(drawn, truce or 0.0) * 0.5", DEALS),
    Mutant("restitution without trust", "analysis/deals.py", "g.tau[player.office.id] * g.restitution", "1.0 * g.restitution", DEALS),
    Mutant("guarantors judged by all their acts", "analysis/accounts.py", 'return row.kind.role == "guarantor" if self.guarantor else True', "return True", "tests/analysis/test_trust.py::test_only_kinds_that_bear_on_a_guarantor_count"),
    Mutant("draws keyed by row number", "analysis/model.py", 'f"reliability:{fact.id}"', 'f"reliability:{self.encoded.positions[fact.id]}"', f"{FAIR}::test_shuffled_rows"),
    Mutant("draws keyed by name", "analysis/encoding.py", "key=held[0].key", "key=held[0].id", f"{FAIR}::test_mirror"),
    Mutant("links ignored", "analysis/encoding.py", "seen.setdefault(office, link.weight)", "seen.setdefault(office, link.weight) if False else None", TRUST),
    Mutant("missing evidence shown as a number", "analysis/answer.py", "for facet in range(4) if belief.enough(facet)]", "for facet in range(4)]", f"{DOORS}::test_missing_evidence_is_null_with_a_reason"),
    Mutant("priors never stop an answer", "analysis/answer.py", "priors > 0.5", "priors > 1.5", DEALS),
    Mutant(
        "outcome read",
        "cases/folder.py",
        "replace(_build(file, tables), feed",
        'replace(_build(file.model_copy(update={"title": str(read_text(folder, "outcome.toml", needed=False) is None)}), tables), feed',
        f"{FAIR}::test_without_the_outcome",
    ),
    Mutant("draws depend on their number", "core/draws.py", "np.arange(1, n + 1, dtype=np.uint64) * _GOLDEN", "np.arange(n + 1, 2 * n + 1, dtype=np.uint64) * _GOLDEN", DRAWS),
    Mutant("meetings favour trust", "core/follow.py", "kind < intention, 0.5, -0.5)", "kind < intention, 0.5, 0.5)", f"{TRUST}::test_meetings_spread_beliefs_and_leave_their_mean"),
    Mutant("notes hashed", "cases/canonical.py", '_LEFT_OUT = {"note", "summary", "changes"}', '_LEFT_OUT = {"summary", "changes"}', HASH),
    Mutant("rows hashed in their order", "cases/canonical.py", "return sorted(plain, key=lambda row: [canonical(row[name]) for name in names])", "return plain", HASH),
    Mutant("formulas run in spreadsheets", "cases/spreadsheet.py", 'return f"\'{cell}" if cell.startswith(_FORMULA) else cell', "return cell", HASH),
    Mutant("links out of the folder followed", "cases/places.py", "if not path.resolve().is_relative_to(self.folder.resolve()):", "if False:", FORMAT),
    Mutant("withheld facts named", "workbench/withhold.py", "if name not in hidden)", "if name or hidden)", f"{DOORS}::test_withheld_facts_appear_nowhere"),
    Mutant("markup run in reports", "report/page.py", "autoescape=True", "autoescape=False", "tests/report/test_report.py::test_markup_in_any_field_is_shown_not_run"),
    Mutant("withheld facts listed as sources", "workbench/reporting.py", "sources = [_source(fact) for fact in facts if fact.id not in hidden]", "sources = [_source(fact) for fact in facts]", "tests/report/test_report.py::test_withheld_strings_are_nowhere_in_the_page"),
    Mutant("courses miss changes of office", "core/follow.py", "return tuple(change for change in changes if before < change <= day)", "return ()", f"{TRUST}::test_a_course_ends_in_the_belief"),
    Mutant("what-ifs borrow what they change", "analysis/trust.py", "if key[0] not in rated}", "if key[0] or rated}", f"{DEALS}::test_borrowed_beliefs_are_those_of_a_fresh_reading"),
    Mutant("second tornado names withheld facts", "workbench/withhold.py", "tornado_lasting=bars(deal.tornado_lasting)", "tornado_lasting=deal.tornado_lasting", f"{DOORS}::test_no_bar_of_a_tornado_names_a_withheld_fact"),
    Mutant("readings of a fact share their size", "analysis/model.py", "owner = fact.id if row.reading == AS_CODED else row.reading", "owner = fact.id", f"{TRUST}::test_another_reading_may_be_of_another_size"),
    Mutant("an era outlives its disputes", "analysis/scrub.py", "seen.links, disputes, stakes, language()", "seen.links, stakes, language()", "tests/analysis/test_scrub.py::test_new_people_disputes_and_ratings_are_taken_up_on_their_day"),
    Mutant("a scrub speaks the language of its first reader", "analysis/scrub.py", "disputes, stakes, language()", "disputes, stakes", "tests/analysis/test_scrub.py::test_each_reader_is_spoken_to_in_his_language"),
    Mutant("later facts slip into an earlier reading", "core/abreast.py", "some = np.bincount(self.step[self.day <= end])", "some = np.bincount(self.step[self.day <= end + 9])", "tests/core/test_abreast.py"),
    Mutant("abreast, a second push of the day overwrites the first", "core/abreast.py", "rounds.update(dict.fromkeys(cells, turn + 1))", "rounds.update(dict.fromkeys(cells, 0))", "tests/core/test_abreast.py"),
    Mutant("deals collapse before they are signed", "core/rollout.py", "rules, alive = scenario.rules, (history.status == SIGNED)", "rules, alive = scenario.rules, (history.status <= SIGNED)", f"{ROLL}::test_each_history_ends_in_exactly_one_state"),
    Mutant("hazard without its class", "core/durability.py", "exp(-hazard * multiplier * exp(", "exp(-hazard * exp(", f"{ROLL}::test_durations_agree_with_the_closed_form"),
    Mutant("hazard starts late", "core/rollout.py", "BASELINE[age + 1] - BASELINE[age]", "BASELINE[age + 2] - BASELINE[age + 1]", f"{ROLL}::test_durations_agree_with_the_closed_form"),
    Mutant("noise drawn every month", "core/rollout.py", "np.where(history.changed[i], fresh, history.noise[i])", "fresh", f"{ROLL}::test_noise_is_drawn_once_unless_something_changes"),
    Mutant("histories share their chances", "core/chances.py", "np.arange(first, first + each, dtype=np.uint64)", "np.arange(0, each, dtype=np.uint64)", f"{ROLL}::test_a_history_does_not_hang_on_its_neighbours"),
    Mutant("facts come without enemy image", "core/rollout.py", "doubted = doubted * (facet in (INTENTION, INTEGRITY))", "doubted = doubted * 0.0", f"{ROLL}::test_one_history_through_both_drivers"),
    Mutant("simulated stores never fade", "core/rollout.py", "ledger.fade(MONTH, scenario.rules[\"half_life\"])", "ledger.fade(0.0, scenario.rules[\"half_life\"])", f"{ROLL}::test_one_history_through_both_drivers"),
    Mutant("wreckers of a signed text forgotten", "core/rollout.py", "left = deal.block(scenario.wrecking, true_keep(scenario, history, willing))", "left = deal.block(0.0, true_keep(scenario, history, willing))", f"{ROLL}::test_more_wrecking_power_never_helps_lasting"),
    Mutant("steps never done", "core/rollout.py", "history.step[due] += 1", "history.step[due] += 0", f"{ROLL}::test_every_transition_happens"),
    Mutant("the collapsed sign again", "core/rollout.py", "offered = (history.status == TALKS) & (", "offered = (history.status != SIGNED) & (", f"{ROLL}::test_each_history_ends_in_exactly_one_state"),
    Mutant("moves keyed by name", "analysis/effects.py", 'return ":".join([self.choice.move.id, *self._keys(("by", "towards"))])', "return self.choice.id", f"{PLANS}::test_mirror"),
    Mutant("any difference tells plans apart", "analysis/ranking.py", "if number and (low > 0.0 or high < 0.0):", "if number:", f"{PLANS}::test_plans_that_differ_by_less_than_the_doubt_are_bracketed"),
    Mutant("the told history is another", "core/rollout.py", "bool(happened[history.told.number])", "bool(happened[history.told.number - 1])", f"{ROLL}::test_a_told_history_is_the_one_that_was_counted"),
    Mutant("gestures without limit", "analysis/choices.py", "if size <= limit:", "if size <= limit + 9.0:", f"{PLANS}::test_a_gesture_above_the_senders_limit_is_refused"),
    Mutant("meetings lean to trust in the simulation", "core/rollout.py", "lean = np.where(honest, 0.5, -0.5)", "lean = np.where(honest, 0.5, 0.5)", f"{PLANS}::test_a_meeting_teaches_without_leaning"),
    Mutant("a plan hangs on its neighbours", "analysis/search.py", "[schedule(self.book, plan) for plan in some]", "[schedule(self.book, plan) for plan in some[::-1]]", f"{PLANS}::test_a_plan_is_the_same_alone_and_among_others"),
    Mutant("who turned away still wants to keep it", "core/lanes.py", "* (1 - lane.who[TURNED, j, k])", "* 1", LANES),
    Mutant("signed after the horizon, compiled", "core/lanes.py", "and now <= horizon", "and now <= horizon + 99", LANES),
    Mutant("signed after the horizon", "core/rollout.py", "offered &= now <= horizon", "offered &= now <= horizon + 99", f"{PLANS}::test_nothing_is_signed_after_the_horizon"),
    Mutant("lies outlive the liar's office, compiled", "core/lanes.py", "lane.about[FLAG_KEPT, p, k] *= kept", "lane.about[FLAG_KEPT, p, k] *= 1.0", LANES),
    Mutant("what is new fades with the old", "core/lanes.py", "lane.grown[place] = left, 1.0 / left", "lane.grown[place] = left, 1.0", LANES),
    Mutant("good deals are bad", "core/rollout.py", "(kept >= history.terms.threshold)", "(kept < history.terms.threshold)", LANES),
    Mutant("meetings after signing held before", "core/rollout.py", "    if event.only_signed:", "    if False:", LANES),
    Mutant("the first change of a text forgets the second", "core/lanes.py", "lane.one[CHANGES, k] |= acts.what[e, ONLY]", "lane.one[CHANGES, k] = acts.what[e, ONLY]", LANES),
    Mutant("plans beyond the budget", "analysis/search.py", "<= self.bounds.budget and", "<= self.bounds.budget + 99 and", f"{PLANS}::test_the_budget_bounds_the_plans_that_are_listed"),
    Mutant("gestures add up to nothing", "analysis/search.py", "spent.get(step.choice.by, 0.0) + size", "size", f"{PLANS}::test_all_gestures_of_one_sender_stay_within_its_limit"),
    Mutant("each change of a text agreed on its own", "analysis/effects.py", "if not changes_text(self.choice):\n            return self.key", "if True:\n            return self.key", f"{PLANS}::test_moves_that_hang_on_the_same_people_are_agreed_together"),
    Mutant("the tenth meeting tells as much as the first", "analysis/effects.py", "weight=event.weight * share", "weight=event.weight", f"{PLANS}::test_a_second_meeting_tells_less_than_the_first"),
    Mutant("plans compared on other histories", "analysis/trials.py", "both = min(one.histories, other.histories)", "both = one.histories", f"{PLANS}::test_plans_are_compared_on_the_histories_that_both_have_run"),
    Mutant("turns where the sign stays", "analysis/flips.py", "if mean(end) * known < 0.0:", "if mean(end) * known > 0.0:", f"{PLANS}::test_a_turn_is_where_the_sign_changes"),
    Mutant("fast logarithm off", "core/elementary.py", "0.3999999563281197", "0.4009999563281197", "tests/core/test_elementary.py"),
    Mutant("any name of the server will do", "web/safety.py", "if host not in self._hosts:", "if host in ():", f"{SAFE}::test_a_rebound_name_is_refused"),
    Mutant("pages of strangers may change things", "web/safety.py", "if request.method not in READING and _foreign(request.headers):", "if request.method not in READING and False:", f"{SAFE}::test_a_change_from_elsewhere_is_refused"),
    Mutant("the opening link works for ever", "web/entrance.py", '                self._token = ""', '                self._token = token', f"{SAFE}::test_the_link_works_once"),
    Mutant("everybody is the proxy", "web/entrance.py", "_address(asked.client.host) == self._proxy)", "_address(asked.client.host))", f"{SAFE}::test_a_proxy_is_believed_and_a_stranger_is_not"),
    Mutant("the log takes any text for an id", "web/audit.py", "one if ID.fullmatch(one) else NO_ID for one in ids", "one for one in ids", f"{SAFE}::test_the_log_holds_ids_and_no_text"),
    Mutant("the last who saves wins", "cases/edits.py", "elif force or _apart(edit, now):", "elif True or _apart(edit, now):", "tests/cases/test_edits.py::test_two_people_who_change_one_cell_are_told tests/workbench/test_desk.py::test_two_windows_on_one_cell_ask_the_second"),
    Mutant("a zip may leave the folder", "archive/bundle.py", 'if path.is_absolute() or ".." in path.parts:', "if path.is_absolute():", "tests/archive/test_bundle.py::test_a_name_that_leaves_the_folder_is_refused"),
    Mutant("the first change is undone first", "archive/history.py", "return done[-1] if done else None", "return done[0] if done else None", "tests/workbench/test_desk_history.py::test_undo_and_redo_go_over_everything"),
    Mutant("as seen by sees everything", "analysis/worlds.py", "if fact.seen_by and fact.id not in evidence", "if False and fact.id not in evidence", "tests/analysis/test_worlds.py"),
    Mutant("what is withheld is sent", "workbench/withhold.py", "return SENSITIVITIES.index(sensitivity) <= SENSITIVITIES.index(audience)", "return SENSITIVITIES.index(sensitivity) >= 0", "tests/workbench/test_desk.py::test_a_zip_for_an_audience_holds_nothing_above_it"),
    Mutant("the waterfall leaves out what weighs less", "report/waterfall.py", "    return [Part(label=told, amount=sum(part.amount for part in rest)), *kept]", "    return [Part(label=told, amount=0.0), *kept]", "tests/report/test_waterfall.py"),
    Mutant("absurd defaults are taken", "cases/bounds.py", "if not _fits(limit, value):", "if False:", "tests/cases/test_bounds.py::test_what_means_nothing_is_refused"),
    Mutant("a case commands the terminal", "cases/schema.py", "not value.isprintable() and commanding(value)", "False", "tests/cases/test_format.py::test_nothing_in_a_case_commands_the_terminal"),
    Mutant("a rank among the pairs of its own partition", "workbench/index_follow.py", "ordered = among.median[rungs[k] : rungs[k + 1]]", "ordered = np.sort(block.rows.median[mine][there])", f"{SPREAD}::test_however_many_partitions_the_bits_are_those_of_the_file"),
    Mutant("changes of a partition since its first day", "workbench/index_follow.py", "before = levels.level[0]\n", "before = before + 0.0\n", f"{SPREAD}::test_however_many_partitions_the_bits_are_those_of_the_file"),
    Mutant("files that nobody can see are there", "workbench/index_spread.py", "lost = set(self._files) - self._place.names()", "lost: set[str] = set()", f"{SPREAD}::test_files_that_land_elsewhere_are_missed"),
    Mutant("who left office later is like who stayed", "analysis/trust.py", "return account.like, self.after", "return account.like, 0", "tests/analysis/test_scrub.py::test_a_made_up_case_with_everything_in_it_is_the_same"),
    Mutant("an agreement out of sight counts as lasting", "core/survival.py", "counted = by_then | (time > horizon)", "counted = by_then | (time >= 0.0)", "tests/core/test_survival.py::test_brier_by_hand"),
    Mutant("forecasts of how long know their own conflict", "conduct/lasting.py", "survival.baseline(found.years[~out], found.ended[~out], hazard[~out], times)", "survival.baseline(found.years, found.ended, hazard, times)", "tests/conduct/test_agreements.py::test_no_forecast_knows_its_own_conflict"),
    Mutant("what is known of a type is never forgotten", "core/switching.py", "return exp(-minimum(rate * elapsed, 700.0))", "return exp(-minimum(0.0 * rate * elapsed, 700.0))", "tests/core/test_switching.py"),
    Mutant("a pair is listed where the ledger is full", "conduct/gap.py", ".min(axis=1) <= BOUND)", ".min(axis=1) < 0.0 * BOUND)", "tests/conduct/test_gap.py"),
    Mutant("an act is foreseen from before it was known", "conduct/twotypes.py", "reach = pair_of(acts), np.maximum(acts.known, acts.day)", "reach = pair_of(acts), np.minimum(acts.known, acts.day)", "tests/conduct/test_two_types.py"),
    Mutant("registered on its deadline counts as before", "domain/forecasts.py", "known or registered >= by", "known or registered > by", "tests/workbench/test_forecasting.py::test_nothing_is_registered_as_before_once_the_deadline_is_there"),
    Mutant("a register without its chain", "archive/register.py", 'wanted = (len(before) + 1, last.sha256 if last else "")', "wanted = (len(before) + 1, record.previous)", "tests/workbench/test_forecasting.py::test_a_change_with_a_new_hash_is_found_by_the_next_entry"),
    Mutant("twenty-nine cases calibrate", "workbench/calibrating.py", "if len(found.rows) < LEAST:", "if len(found.rows) < LEAST - 1:", "tests/workbench/test_forecasting.py::test_below_thirty_dated_cases_k_stays_an_index"),
    Mutant("a copy of a library case calibrates", "workbench/forecasting.py", "if mine and theirs and len(mine & theirs)", "if False and len(mine & theirs)", "tests/workbench/test_forecasting.py::test_a_copy_of_a_library_case_is_known_whatever_it_is_called"),
    Mutant("an outcome known before counts as forecast", "domain/forecasts.py", "happened_on <= registered", "happened_on < registered", "tests/workbench/test_forecasting.py::test_what_had_happened_by_the_day_of_registering_is_hindsight"),
    Mutant("a row of another file comes in twice", "store/sifting.py", '    before = ""\n    if sieve.others:', '    before = ""\n    if False:', "tests/store/test_store.py::test_a_row_of_another_file_is_a_duplicate"),
    Mutant("reports are known when they happened", "store/grouping.py", 'return f"{self._mine} AND known_on <= {day} AND', 'return f"{self._mine} AND happened_on <= {day} AND', "tests/workbench/test_indexing.py::test_nothing_known_later_reaches_an_earlier_day"),
    Mutant("a later version hides the earlier one", "store/store.py", 'tests.append("known_on <= ? AND (superseded_on IS NULL OR superseded_on > ?)")', 'tests.append("known_on <= ? AND (superseded_on IS NULL OR superseded_on < ?)")', "tests/store/test_store.py::test_a_later_version_shows_from_the_day_it_was_known"),
    Mutant("what no entry names stays", "store/store.py", "elif path.name not in named:", "elif path.name in named and not named:", "tests/store/test_store.py::test_what_no_entry_names_is_swept"),
    Mutant("rejected lines lose their place", "store/intake.py", "f.row_number + ? + coalesce(g.lines, 0)", "f.row_number + ?", "tests/store/test_store.py::test_rows_and_rejected_lines_keep_their_place"),
    Mutant("a damaged file of a folder is passed over", "workbench/feeds.py", "meant = source.knows(str(path)) or _hidden_within(path)", "meant = source.knows(str(path))", "tests/store/test_store.py::test_a_damaged_file_of_a_folder_is_told"),
    Mutant("a cell too many is made up for", "store/pieces.py", "self.signs == lines * cells - (not self.ended)", "self.signs >= lines * cells - (not self.ended)", "tests/store/test_store.py::test_lines_are_even_only_if_each_has_its_cells"),
    Mutant("ids that come again in another piece differ", "store/quick.py", "(self._last is None or self._last < first)", "True", "tests/store/test_quick.py::test_rows_that_come_again_in_another_piece_are_duplicates"),
    Mutant("a stop within a file is not heard", "store/pace.py", "        if self._stop():\n            raise Stopped", "        if False:\n            raise Stopped", "tests/store/test_pace.py::test_stopped_within_a_file_a_store_is_as_it_was"),
    Mutant("the thread that hears of Ctrl-C reads", "store/intake.py", "beside.submit(staged_quickly, pieces, layout, file, self._today, staged).result()", "staged_quickly(pieces, layout, file, self._today, staged)", "tests/store/test_pace.py::test_the_thread_that_hears_of_ctrl_c_does_not_read"),
    Mutant("the days of a source reach past the day that was asked", "store/grouping.py", "if self.as_of and found and found[1] > self.as_of.isoformat():", "if False:", "tests/workbench/test_indexing.py::test_the_days_of_a_source_end_where_it_was_asked"),
    Mutant("a second writer comes in beside the first", "store/safe.py", "        elif write:\n            connection.close()", "        elif False:\n            connection.close()", "tests/store/test_store.py::test_within_a_program_many_read_and_one_writes"),
    Mutant("the scale of a source by another rule", "analysis/index.py", "half = counts.sum(axis=1, keepdims=True) / 2.0", "half = counts.sum(axis=1, keepdims=True) / 1.25", "tests/analysis/test_index.py::test_the_scale_puts_the_median_active_pair_at_one"),
    Mutant("the scale hangs on the first question", "workbench/indexing.py", "plain = replace(work.asked, start=None, end=None, rates=None, actors=None)", "plain = replace(work.asked, start=None)", "tests/workbench/test_indexing.py::test_the_scale_does_not_hang_on_the_first_question"),
    Mutant("a deed after the window decides", "analysis/commitments.py", "if opened < day <= min(until, today)", "if opened < day <= today", "tests/analysis/test_commitments.py::test_histories_made_by_hand"),
    Mutant("silence is a kept word", "analysis/commitments.py", 'ending: Ending = "unobserved" if until <= today else "open"', 'ending: Ending = "met" if until <= today else "open"', "tests/analysis/test_commitments.py"),
    Mutant("every report of an event counts whole", "analysis/reports.py", "worth = ledger.effective_reports(np.arange(MOST + 1.0), correlation)", "worth = np.arange(MOST + 1.0) + 0.0 * correlation", "tests/analysis/test_reports.py::test_many_reports_of_one_event_are_worth_little_more_than_one"),
    Mutant("reports speak of integrity", "analysis/reports.py", "if facet is not Facet.INTEGRITY and value", "if value", "tests/analysis/test_reports.py::test_integrity_and_meetings_are_left_out"),
    Mutant("a feed of weight 0 is told as weighed", "workbench/feeding.py", "return _apart(reading, run) if feed.weight else reading", "return _apart(reading, run)", "tests/workbench/test_feeding.py::test_with_weight_0_a_reading_is_equal_bit_by_bit"),
    Mutant("a feed weighs whole, whatever its weight", "workbench/feeding.py", "np.minimum(1.0, fed.scale * weight * worth)", "np.minimum(1.0, fed.scale * worth)", "tests/workbench/test_feeding.py::test_a_weight_moves_beliefs_the_way_of_the_reports"),
    Mutant("a report counts beside its curated fact", "workbench/feeding.py", 'found.append(near[1] if near[0] <= NEAR else "")', 'found.append(near[1] if near[0] < NEAR else "")', "tests/workbench/test_feeding.py::test_a_report_near_a_curated_fact_counts_once"),
    Mutant("a feed tells when a withheld fact was", "workbench/withhold.py", "if one.fact not in hidden)) for", "if one.fact or hidden)) for", "tests/report/test_feed.py::test_what_counts_once_tells_of_no_withheld_fact"),
    Mutant("codes of a state outlive it", "store/actors.py", "        if one.covers(day):", "        if day:", "tests/store/test_actors.py::test_ids_change_with_the_state"),
    Mutant("letters of FIPS are letters of CAMEO", "store/actors.py", 'by = {"cameo": country.cameo,', 'by = {"cameo": (*country.cameo, *country.fips),', "tests/store/test_actors.py::test_the_same_letters_in_different_lists"),
    Mutant("agreements bind before they are known", "store/agreed.py", '"AND known_on <= ? AND', '"AND happened_on <= ? AND', "tests/store/test_agreed.py::test_an_agreement_binds_each_pair_of_its_parties_once_it_is_known"),
    Mutant("a list of the user's explains nothing", "store/grouping.py", "kind_of(system, code, own)", "kind_of(system, code)", "tests/cli/test_events.py::test_an_own_list_of_codes_makes_its_reports_count"),
    Mutant("acts of a day see one another", "core/conduct.py", "known[late[done]] < day", "known[late[done]] <= day", "tests/core/test_conduct.py::test_same_day_acts_do_not_see_one_another tests/core/test_conduct.py::test_features_are_those_of_the_rules"),
    Mutant("the other side of a record is its own side", "core/conduct.py", "mixing(0, 1, 2, 8, 9, 10, 6, 14)", "mixing(0, 1, 2, 0, 1, 2, 6, 14)", "tests/core/test_conduct.py::test_features_are_those_of_the_rules tests/core/test_conduct_benchmark.py"),
    Mutant("tasks are begun before a core is free", "compute/tasks_here.py", "many - len(running)", "100 * many", "tests/compute/test_tasks_here.py::test_who_stops_asking_waits_for_those_that_run_only"),
    Mutant("an act counts from the day it happened", "conduct/model.py", "order = np.argsort(acts.known, kind=\"stable\")", "order = np.argsort(acts.day, kind=\"stable\")", "tests/core/test_conduct.py::test_features_are_those_of_the_rules tests/conduct/test_model.py::test_late_reports_count_from_the_day_on_which_they_were_known"),
    Mutant("both sides of a record are one", "conduct/parts.py", "low.astype(np.int64) * _WIDE + high) * 2 + (one > other))", "low.astype(np.int64) * _WIDE + high) * 2 + 0 * (one > other))", "tests/conduct/test_model.py::test_the_two_directions_of_a_pair_are_told_apart"),
    Mutant("effects do not share what an act tells", "core/records.py", "return 1.0 / (1.0 + chance * (1.0 - chance) * variance)", "return 1.0 + 0.0 * chance * variance", "tests/core/test_conduct.py::test_an_act_tells_less_the_more_effects_share_it"),
    Mutant("one unseen act for both leanings", "core/records.py", "one, other = total + near, total + far", "one, other = total + near, total + near + 0.0 * far", "tests/core/test_conduct.py"),
    Mutant("counts see acts of their own day", "core/sequences.py", "while row < len(key) and stream.known[row] < day:", "while row < len(key) and stream.known[row] <= day:", "tests/core/test_sequences.py::test_counts_are_what_the_definition_gives tests/conduct/test_baselines.py::test_no_act_of_the_day_moves_a_forecast_of_that_day"),
    Mutant("an origin is learnt from with all that came after", "conduct/trial.py", "model.fit(before(acts, part.day), part.day)", "model.fit(acts, part.day)", "tests/conduct/test_trial.py::test_a_forecaster_is_shown_no_day_after_the_last_one_asked"),
    Mutant("the look for leaks spares what was known late", "conduct/blind.py", "late = np.maximum(kept.known, kept.day) >= day", "late = kept.day >= day", "tests/conduct/test_trial.py::test_a_forecaster_that_looks_ahead_is_caught"),
    Mutant("equal forecasts are torn into several bins", "core/scoring.py", "return np.unique(np.searchsorted(ordered, ordered[even]))", "return np.unique(even)", "tests/core/test_scoring.py::test_equal_forecasts_stay_in_one_bin"),
    Mutant("the narrower of two intervals", "conduct/resampling.py", "by = max(both", "by = min(both", "tests/conduct/test_trial.py::test_blocks_that_move_together_widen_an_interval"),
    Mutant("a forecast on a page without its sentence", "web/templates/conduct_page.html.j2", "<p class=\"soft\">{{ sentence(p.said) }}</p>", "", "tests/web/test_conduct_page.py::test_the_page_of_a_forecast_says_what_it_is_and_why"),
    Mutant("an accuracy on a page without its run", "web/templates/conduct_page.html.j2", "<a href=\"{{ view.url(run=x.id) }}\" data-swap class=\"code\">{{ x.id }}</a>", "", "tests/web/test_conduct_page.py::test_every_table_with_figures_of_accuracy_has_an_id"),
    Mutant("a store outside the folder is shown", "workbench/conduct_page.py", " and path.resolve().is_relative_to(inside)", "", "tests/web/test_conduct_page.py::test_only_stores_of_the_folder_are_found"),
    Mutant("a list of gaps outlives its store", "workbench/conduct_page.py", "one.mark, one.source, str(one.day)]", "one.source, str(one.day)]", "tests/web/test_conduct_page.py::test_a_list_is_made_anew_when_the_store_has_grown"),
    Mutant("windows know what was reported late", "conduct/windows.py", "chosen = reach < day", "chosen = acts.day < day", "tests/conduct/test_windows.py::test_nothing_of_the_window_moves_a_forecast"),
    Mutant("scorings of the last part are not counted", "workbench/backtesting.py", 'bool(told["last_part"])', '(0 and told["last_part"])', "tests/workbench/test_backtesting.py::test_every_scoring_of_the_last_part_is_counted"),
    Mutant("Glicko-2 forgets how long nobody met", "core/sequences.py", "calm * calm * periods)", "calm * calm * 0.0 * periods)", "tests/core/test_sequences.py::test_deviation_grows_while_nobody_meets"),
]  # fmt: skip


def clean_copy(where: Path) -> Path:
    """Copy what is under version control, or will be, without anything compiled."""
    listed = subprocess.check_output(
        [
            "git",
            "-C",
            str(ROOT),
            "ls-files",
            "-z",
            "-co",
            "--exclude-standard",
            "src",
            "tests",
            "pyproject.toml",
        ],
        text=True,
    )
    for name in filter(None, listed.split("\0")):
        target = where / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, target)
    build = ROOT / SRC / "_build.py"
    if build.exists():
        shutil.copy2(build, where / SRC / "_build.py")
    return where


def caught(mutant: Mutant, copy: Path) -> str:
    """Plant one mistake, run its tests, take it back; give "caught", "survived" or "does not apply"."""
    path = copy / SRC / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return f"does not apply ({text.count(mutant.old)} places)"
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    cache = copy / "kernels"
    shutil.rmtree(cache, ignore_errors=True)
    env = {
        **os.environ,
        "PYTHONPATH": str(copy / "src"),
        "XDG_CACHE_HOME": str(cache),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--no-header",
        *mutant.tests.split(),
    ]
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=False)
    path.write_text(text, encoding="utf-8")
    if done.returncode == 1:
        return "caught"
    return "survived" if done.returncode == 0 else f"broken run ({done.returncode}): {done.stdout[-300:]}"


def turn() -> int:
    """Which third of the mutants is due: it goes by the commit."""
    commit = subprocess.check_output(["git", "-C", str(ROOT), "rev-parse", "HEAD"], text=True)
    return int(commit[:8], 16) % 3


def main() -> int:
    """Run the named mutants, or all; print one line each."""
    wanted = [m for m in MUTANTS if not sys.argv[1:] or m.name in sys.argv[1:]]
    if os.environ.get("GOODOFFICES_MUTANTS") == "third":
        wanted = wanted[turn() :: 3]
    with tempfile.TemporaryDirectory() as folder:
        copies = [clean_copy(Path(folder) / str(number)) for number in range(2)]
        lanes = [[(m, copies[k]) for m in wanted[k::2]] for k in range(2)]
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda lane: [(m.name, caught(m, copy)) for m, copy in lane], lanes))
    flat = [result for lane in results for result in lane]
    for name, state in sorted(flat, key=lambda pair: pair[1]):
        print(f"{state:10} {name}")
    failed = [name for name, state in flat if state != "caught"]
    print(f"{len(flat) - len(failed)} mutants caught, {len(failed)} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
