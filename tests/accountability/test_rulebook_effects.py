"""Does every field of the rulebook that a form offers decide something, or is it refused with what to change instead?

What decides is shown by a story of the clauses: under the other rulebook the judge says something else of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml

from services.accountability.rules.drafting.fields import FIXED, NAMES, Section, fields_of, put
from services.accountability.rules.rulebook_loading import InvalidRulebook, read_both, read_rules
from tests.accountability.clauses.cases import CASES, Tell
from tests.accountability.test_clauses import CLAUSES
from tests.support.facts import RULES, a_story

Change = tuple[str, str, str, Any]
"""A section, one of its entries, a dotted field of it, another value."""

OF_A_COUNT = {"shape": "prohibition", "fact": "warehouse.stock_counted.v1", "when": "true", "person": "fact.actor"}

DECIDES: dict[str, tuple[Change, str]] = {
    "general.tolerance_seconds": (("general", "", "tolerance_seconds", 36_000), "WHS-03"),
    "general.first_cause_minimum": (("general", "", "first_cause_minimum", "90 h"), "MER-01"),
    "links.standard": (("links", "receipt", "standard", "90 h"), "WHS-03"),
    "links.due": (("links", "operation", "due", ["opened + 900 h"]), "TML-01"),
    "links.inputs": (("links", "ship", "inputs", []), "MER-01"),
    "links.ended_by": (("links", "follow_up", "ended_by", []), "PMC-02"),
    "links.stopped_by": (("links", "production_order", "stopped_by", []), "PMC-01"),
    "links.from_complaint": (("links", "complaint_to_pmc", "from_complaint", False), "SHP-04"),
    "clauses.post": (("clauses", "PRD-02", "post", "planner"), "PRD-02"),
    "clauses.sanction": (("clauses", "WHS-03", "sanction", "minor_demerit"), "WHS-03"),
    "clauses.compensation.formula": (("clauses", "TML-02", "compensation.formula", "costs.rework_cost"), "TML-02"),
    "clauses.compensation.loss": (("clauses", "PUR-06", "compensation.loss", "fact.direct_loss / 2"), "PUR-06"),
    "clauses.absorbs": (("clauses", "PMC-03", "absorbs", []), "PMC-03"),
    "clauses.counts_items": (("clauses", "WHS-01", "counts_items", False), "WHS-01"),
    "clauses.grounds.links": (("clauses", "WHS-03", "grounds.0.links", ["issue"]), "WHS-03"),
    "clauses.grounds.of": (("clauses", "ENG-02", "grounds.0.of", ["production"]), "ENG-02"),
    "clauses.grounds.fact": (("clauses", "QUA-04", "grounds", [OF_A_COUNT]), "QUA-04"),
    "clauses.grounds.when": (("clauses", "TML-05", "grounds.0.when", "fact.score < 1"), "TML-05"),
    "clauses.grounds.proved": (("clauses", "PUR-02", "grounds.0.proved", "false"), "PUR-02"),
    "clauses.grounds.person": (("clauses", "TML-05", "grounds.0.person", "fact.actor"), "TML-05"),
    "clauses.grounds.moment": (("clauses", "MER-03", "grounds.0.moment", "fact.at"), "MER-03"),
    "clauses.grounds.finding.sanctions": (("clauses", "MER-04", "grounds.1.finding.sanctions", ["warning"]), "MER-04"),
    "clauses.grounds.finding.posts": (("clauses", "TML-04", "grounds.0.finding.posts", ["buyer"]), "TML-04"),
    "settings.value": (("settings", "five_s_pass_mark", "value", 1), "TML-05"),
}
"""Fields by which the judge says something else of a story of the clause."""

ASKED_ELSEWHERE = {
    "general.statement_period", "general.appeal_period", "general.lapse_months",
    *(f"clauses.grounds.finding.{name}" for name in ("finders", "proposed_by", "proposers", "up_to", "asks")),
    *(f"clauses.grounds.finding.{name}" for name in ("not_evidence", "of_department", "proposed_of")),
}  # fmt: skip
"""What due process and whoever finds are asked for (test_due_process, test_appeals, test_breach_findings, test_open_questions)."""

WORDS = {
    "links.title.zh", "links.title.en", "clauses.duty.zh", "clauses.duty.en",
    *(f"settings.{name}.{language}" for name in ("question", "reason") for language in ("zh", "en")),
}  # fmt: skip
"""What is read by people alone."""

REFUSED: dict[str, tuple[Change, str]] = {
    "links.post": (("links", "receipt", "post", "purchasing_manager"), "change the roster"),
    "links.department": (("links", "receipt", "department", "purchasing"), "change of the program"),
    "links.closes_with": (("links", "receipt", "closes_with", ["pmc.operation_finished.v1"]), "change of the program"),
    "links.clause": (("links", "receipt", "clause", "WHS-01"), "change the links of a ground"),
    "clauses.found_by": (("clauses", "PUR-03", "found_by", "hr"), "change of the program"),
    "clauses.mode": (("clauses", "WHS-03", "mode", "both"), "change a ground"),
    "clauses.only_as_first_cause": (("clauses", "WHS-03", "only_as_first_cause", True), "first_cause"),
    "clauses.grounds.shape": (("clauses", "WHS-03", "grounds.0.shape", "first_cause"), "first_cause"),
}
"""Fields that decide nothing by themselves; the shape of a ground goes with what the clause says of it."""


def under(*changes: Change) -> dict[str, Any]:
    """The shipped rulebook but for these."""
    rules: dict[str, Any] = deepcopy(dict(RULES))
    for section, name, path, value in changes:
        entries = [rules] if section == "general" else rules[section]
        (entry,) = [each for each in entries if section == "general" or each[NAMES[Section(section)]] == name]
        put(entry, path.split("."), value)
    return rules


def told_under(rules: Mapping[str, Any], tell: Tell) -> list[Any]:
    """Everything that is said of a story by a rulebook, which is sound."""
    story = a_story(rules=rules)
    tell(story)
    told = story.judged()
    records = [
        (one.key, one.person, one.sanction, one.held_for, one.ground_en, one.breaches, one.compensation, one.absorbed)
        for one in told.proposals
    ]
    return [sorted(records, key=str), told.suspicions, sorted(told.overran())]


def offered() -> set[str]:
    """Every field that a form of the shipped rulebook shows, whichever entry and ground has it."""
    found = {f"general.{each.name}" for each in fields_of(RULES, Section.GENERAL, RULES)}
    for section in NAMES:
        for entry in RULES[section]:
            for each in fields_of(RULES, section, entry):
                parts = [part for part in each.name.split(".") if not part.isdecimal()]
                found.add(".".join([section, *parts]))
    return found


def test_every_field_decides_something_is_words_or_is_refused() -> None:
    assert offered() == {*DECIDES, *ASKED_ELSEWHERE, *WORDS, *REFUSED}


@pytest.mark.parametrize("field", DECIDES)
def test_the_judge_says_something_else_when_it_is_changed(field: str) -> None:
    change, clause = DECIDES[field]
    rules = under(change)
    stories = [case.tell for case in CASES if case.clause == clause]

    assert any(told_under(RULES, tell) != told_under(rules, tell) for tell in stories)


@pytest.mark.parametrize("field", REFUSED)
def test_a_draft_that_changes_it_in_vain_is_refused_by_line_with_what_to_change_instead(field: str) -> None:
    (section, name, path, value), remedy = REFUSED[field]
    text = yaml.safe_dump(under((section, name, path, value)), allow_unicode=True, sort_keys=False)

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    found = [each for each in refused.value.mistakes if each.name.startswith(f"{section}.{name}")]
    assert [remedy in each.text.en for each in found] == [True] * len(found) != []
    assert all(each.line for each in found)


@pytest.mark.parametrize("clause", [code for code, each in CLAUSES.items() if any(one.links for one in each.grounds)])
def test_a_clause_of_handovers_names_the_post_on_whose_worklist_they_arrive(clause: str) -> None:
    text = yaml.safe_dump(under(("clauses", clause, "post", "hr")), allow_unicode=True)

    with pytest.raises(InvalidRulebook, match=f"{clause} follows from the links") as refused:
        read_both(text, draft=True)

    assert [each.name for each in refused.value.mistakes] == [f"clauses.{clause}.post"]


def test_what_was_approved_before_is_read_as_it_stands() -> None:
    rules = under(*(change for field, (change, _) in REFUSED.items() if field.startswith("links.")))

    assert read_rules(rules).links["receipt"].post == "purchasing_manager"


ABSORBS = {
    "itself": ([("clauses", "WHS-03", "absorbs", ["WHS-03"])], {"WHS-03": "cannot take in itself"}),
    "each other": (
        [("clauses", "WHS-03", "absorbs", ["WHS-02"]), ("clauses", "WHS-02", "absorbs", ["WHS-03"])],
        {"WHS-03": "take in each other", "WHS-02": "take in each other"},
    ),
    "in a ring": (
        [("clauses", one, "absorbs", [other]) for one, other in (("PRD-02", "PMC-01"), ("PMC-01", "PRD-04"))]
        + [("clauses", "PRD-04", "absorbs", ["PRD-02"])],
        {"PRD-02": "take in each other", "PMC-01": "take in each other", "PRD-04": "take in each other"},
    ),
    "the heavier": ([("clauses", "WHS-03", "absorbs", ["WHS-04"])], {"WHS-03": "weighs warning"}),
    "what may weigh more": ([("clauses", "TML-01", "absorbs", ["GEN-04"])], {"TML-01": "up to major demerit"}),
    "with what may weigh less": ([("clauses", "GEN-04", "absorbs", ["TML-01"])], {"GEN-04": "weighs education"}),
}


@pytest.mark.parametrize(("changes", "wrong"), ABSORBS.values(), ids=ABSORBS)
def test_a_draft_takes_in_the_lighter_alone_and_never_itself(changes: list[Change], wrong: dict[str, str]) -> None:
    rules = under(*changes)
    text = yaml.safe_dump(rules, allow_unicode=True, sort_keys=False)

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    told = {each.name: each.text.en for each in refused.value.mistakes}
    assert told.keys() == {f"clauses.{code}.absorbs" for code in wrong}
    assert all(said in told[f"clauses.{code}.absorbs"] for code, said in wrong.items())
    assert all(each.line for each in refused.value.mistakes)
    assert read_rules(rules)


def test_a_clause_of_money_alone_is_neither_lighter_nor_heavier() -> None:
    rules = under(("clauses", "WHS-03", "absorbs", ["TML-02"]), ("clauses", "TML-03", "absorbs", ["WHS-04"]))

    assert read_both(yaml.safe_dump(rules, allow_unicode=True), draft=True)


INVENTED = (
    *("100000", "0", "100000 + costs.direct_loss", "costs.direct_loss - 1 > 0 ? 100000 : 0", "fact.at", "operation.at"),
    *("lower(5000, 100000)", "costs.direct_loss * 100", "order.amount", "sum([costs.rework_cost, 5000])"),
    *("fact.line_no * 1000", "fact.share_percent * 100", "settings.monthly_minimum_wage", "size(lines) * 100"),
    *("costs.direct_loss / costs.direct_loss * 5000", "costs.rework_cost * 130 / 100", "[costs.direct_loss, 9][1]"),
    *("costs.rework_cost - (0 - 1000000)", "costs.rework_cost - (-1000000)", "costs.rework_cost - -costs.rework_cost"),
    *("costs.rework_cost - (0 - costs.rework_cost)", "costs.rework_cost - (costs.direct_loss - costs.rework_cost)"),
    *("costs.rework_cost + costs.rework_cost", "sum([costs.rework_cost, costs.rework_cost])", "costs.rework_cost * 2"),
    *(
        "sum([1, 2, 3].map(each, costs.rework_cost))",
        "sum(lines.map(each, costs.rework_cost))",
        "costs.rework_cost * (50 + 50)",
    ),
    *(
        "costs.rework_cost * (true ? 100 : 100)",
        "costs.rework_cost / (1 - 99 % 100 / 100)",
        "costs.rework_cost * size(lines)",
    ),
    *(
        "costs.rework_cost * settings.monthly_minimum_wage",
        "costs.rework_cost * costs.direct_loss",
        "costs.rework_cost * -2",
    ),
    *(
        "(costs.rework_cost - costs.direct_loss) * (-1)",
        "costs.rework_cost * (fact.line_no + 100)",
        "(costs.rework_cost + 9) % 9",
    ),
    *("lower(costs.rework_cost, 100) + costs.rework_cost", "sum([[costs.rework_cost][0], costs.rework_cost])"),
    *("sum([costs.rework_cost].map(each, each * 2))", "costs.direct_loss + fact.direct_loss"),
)
RECORDED = (
    *("costs.direct_loss", "fact.direct_loss", "costs.rework_cost + costs.overtime_cost", "penalty.amount"),
    *("lower(costs.rework_cost, 5000)", "costs.direct_loss * 30 / 100", "costs.direct_loss * (30 / 100)"),
    *("costs.direct_loss > 500 ? costs.direct_loss - 500 : 0", "sum([costs.rework_cost, costs.overtime_cost])"),
    *("costs.direct_loss * fact.share_percent / 100", "[costs.rework_cost].filter(each, each > 500)[0]"),
    *("sum([costs.rework_cost, costs.overtime_cost].map(each, each / 2))", "costs.rework_cost % 7"),
    *("costs.rework_cost / 2 + costs.rework_cost / 2", "costs.rework_cost * settings.wage_share_percent / 100"),
    *("costs.direct_loss - costs.direct_loss * fact.share_percent / 100", "costs.direct_loss - costs.rework_cost + 0"),
    *("costs.rework_cost * (50 - 20) / 100", "costs.direct_loss * (100 - fact.share_percent) / 100"),
    "(costs.rework_cost > 9 ? costs.rework_cost : costs.rework_cost / 2) + costs.overtime_cost",
)


@pytest.mark.parametrize("loss", INVENTED)
def test_a_draft_invents_no_loss(loss: str) -> None:
    rules = under(("clauses", "TML-02", "compensation.loss", loss))
    text = yaml.safe_dump(rules, allow_unicode=True, sort_keys=False, width=500)

    with pytest.raises(InvalidRulebook, match="a recorded amount, or a part of one") as refused:
        read_both(text, draft=True)

    (mistake,) = refused.value.mistakes
    assert mistake.name == "clauses.TML-02.compensation.loss"
    assert text.splitlines()[(mistake.line or 0) - 1].strip().startswith("loss:")
    assert "write for example " in mistake.text.en
    assert read_rules(rules).amounts["TML-02"]


@pytest.mark.parametrize("loss", RECORDED)
def test_a_loss_is_a_recorded_amount_or_a_part_of_it(loss: str) -> None:
    rules = under(("clauses", "TML-02", "compensation.loss", loss))

    assert read_both(yaml.safe_dump(rules, allow_unicode=True), draft=True)


def test_the_forms_show_what_is_fixed_and_ask_for_nothing_there() -> None:
    (receipt,) = [each for each in RULES["links"] if each["code"] == "receipt"]
    shown = {each.name: each for each in fields_of(RULES, Section.LINKS, receipt)}

    assert {name for name, each in shown.items() if each.kind == "fixed"} == FIXED[Section.LINKS]
    assert "roster" in shown["post"].hint.en
