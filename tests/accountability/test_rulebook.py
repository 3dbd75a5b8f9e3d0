"""Is the shipped rulebook whole, and does a broken one say what is wrong and where?"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import yaml

from chassis.calendar import WorkCalendar
from chassis.due_terms import Span
from chassis.instants import HOUR
from contracts.breach_words import EXHIBITS
from contracts.catalogue import ALL_EVENTS
from contracts.links import LINKS
from contracts.words import LINKS as LINK_WORDS
from services.accountability.judge.exhibits import BY_EVENT, KINDS
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules.rulebook_loading import (
    SHIPPED,
    InvalidRulebook,
    read_rules,
    read_yaml,
    shipped_rules,
)

TEXT = SHIPPED.read_text(encoding="utf-8")
RULEBOOK = read_yaml(TEXT, SHIPPED.name)

CLAUSES = [
    "MER-01",
    "MER-02",
    "MER-03",
    "MER-04",
    "MER-05",
    "ENG-01",
    "ENG-02",
    "PMC-01",
    "PMC-02",
    "PMC-03",
    "PUR-01",
    "PUR-02",
    "PUR-03",
    "PUR-04",
    "PUR-05",
    "PUR-06",
    "PRD-01",
    "PRD-02",
    "PRD-03",
    "PRD-04",
    "PRD-05",
    "QUA-01",
    "QUA-02",
    "QUA-03",
    "QUA-04",
    "WHS-01",
    "WHS-02",
    "WHS-03",
    "WHS-04",
    "TML-01",
    "TML-02",
    "TML-03",
    "TML-04",
    "TML-05",
    "SHP-01",
    "SHP-02",
    "SHP-03",
    "SHP-04",
    "GEN-01",
    "GEN-02",
    "GEN-03",
    "GEN-04",
    "GEN-05",
]
"""Every clause that the rulebook of the trade has, in its order."""


def test_every_link_of_the_contracts_has_a_rule_and_its_name():
    assert set(RULEBOOK.links) == {link.__name__ for link in LINKS}
    assert {code: (rule.title.zh, rule.title.en) for code, rule in RULEBOOK.links.items()} == LINK_WORDS


def test_no_clause_of_the_trade_is_missing():
    assert list(RULEBOOK.clauses) == CLAUSES


def test_only_clauses_that_ask_for_compensation_alone_have_no_sanction():
    assert {code for code, clause in RULEBOOK.clauses.items() if clause.sanction is None} == {
        "MER-02",
        "GEN-03",
        "QUA-03",
        "TML-02",
        "TML-03",
    }


def test_the_clause_beside_a_link_is_one_that_judges_that_link():
    judged = {
        link: {
            compiled.clause.code
            for compiled in (*RULEBOOK.deadlines.get(link, ()), *RULEBOOK.first_causes.get(link, ()))
        }
        for link in RULEBOOK.links
    }
    assert {
        code: rule.clause for code, rule in RULEBOOK.links.items() if rule.clause and rule.clause not in judged[code]
    } == {}
    assert {code for code, rule in RULEBOOK.links.items() if not rule.clause and judged[code]} == set()


def test_a_rulebook_survives_the_journey_as_the_data_of_a_fact():
    assert read_rules(shipped_rules()).text == RULEBOOK.text


def test_what_a_clause_may_rest_on_has_its_word():
    assert {BY_EVENT[event].noun for event in RULEBOOK.stated} == EXHIBITS.keys()


def test_what_is_kept_as_evidence_exists_in_the_contracts():
    for kind in KINDS:
        for event in kind.events:
            assert event.name in ALL_EVENTS
        said = {name for event in kind.events for name in event.model_fields}
        assert set(kind.fields) <= said, kind.noun


@pytest.mark.parametrize(
    ("text", "length"), [("30 min", HOUR // 2), ("4 h", 4 * HOUR), ("0.5 h", HOUR // 2), ("2 d", 16 * HOUR)]
)
def test_a_duration_is_working_time(text, length):
    assert Span.read(text).under(WorkCalendar.from_fact(shipped_calendar())) == length


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (
            "closes_with: [pmc.review_decided.v1]",
            "closes_with: [pmc.reviews_decided.v1]",
            "did you mean pmc.review_decided.v1",
        ),
        ("inputs: [release]", "inputs: [relaese]", "unknown link 'relaese'; did you mean release"),
        (
            "    post: planner\n    sanction: minor",
            "    post: plannner\n    sanction: minor",
            "unknown post 'plannner'",
        ),
        ("absorbs: [PMC-01]", "absorbs: [PMC-99]", "unknown clause 'PMC-99'"),
        ("clause: PUR-01", "clause: PUR-O1", "unknown clause 'PUR-O1'; did you mean PUR-01"),
        ("when: fact.confirmed", "when: fact.confrimed", "fact has no field 'confrimed'; did you mean confirmed"),
        ("&& !(fact.document in", "&& && !(fact.document in", "is not CEL"),
        (
            "fact: pmc.operation_finished.v1",
            "fact: pmc.operation_dispatched.v1",
            "unknown event among those the judge keeps",
        ),
        ("standard: 8 h", "standard: 8 hours", "is no duration; write for example"),
        (
            "due: [ship_by, opened + 4 h]",
            "due: [shipby, opened + 4 h]",
            "is no due time; begin with one of opened, ship_by",
        ),
        ("counts_items: true", "count_items: true", "no such field; please leave it out"),
        (
            "- {shape: first_cause, links: [release]}",
            "- {shape: deadline, links: [release]}",
            "only_as_first_cause must say",
        ),
        ("- [buyer, storekeeper]", "- [buyer, shopkeeper]", "unknown post 'shopkeeper'; did you mean storekeeper"),
        ("  - code: MER-03", "  - code: MER-01", "'MER-01' is there twice"),
        ("    sanction: major_demerit\n    found_by", "    found_by", "neither a sanction nor a compensation"),
        ("fact.person != null", "person != null", "unknown name 'person'; did you mean"),
        ("finders: [engineer, inspector]", "finders: [enginer]", "unknown post 'enginer'; did you mean engineer"),
        ("finders: [engineer, inspector]", "finders: []", "Entries needed: at least 1"),
        ("proposed_by: pmc_manager", "proposed_by: general_manager", "who proposes must be somebody else"),
        ("proposed_by: pmc_manager", "proposed_by: manager", "unknown post 'manager'; did you mean"),
        ("asks: [items]", "asks: [item]", "unknown fact to ask for 'item'; did you mean items"),
        ("not_evidence: [injury_report_no]", "not_evidence: [report_no]", "unknown fact that is asked for 'report_no'"),
        ("posts: [team_leader,", "posts: [team_lead,", "unknown post 'team_lead'; did you mean team_leader"),
        ("sanctions: [warning, minor_demerit]", "sanctions: [minor_demerit, warning]", "from the lightest to the heav"),
        ("sanctions: [warning, minor_demerit]", "sanctions: [minor_demerit]", "begins with MER-04's sanction"),
        (
            "sanctions: [warning, minor_demerit]",
            "sanctions: [reprimand]",
            "not 'reprimand': Please choose one of these: 'education'",
        ),
        (
            "finders: [engineer, inspector]",
            "finders: [engineer], posts: [inspector]",
            "with several write post: whoever",
        ),
        ("mode: both\n", "mode: auto\n", "mode must say whether a person finds it"),
        ("when: fact.direct_loss > 2000", "when: fact.loss > 2000", "fact has no field 'loss'"),
        (
            "{shape: deadline, links: [progress]}",
            "{shape: deadline, links: [progress], finding: {finders: [hr]}}",
            "finders; write shape",
        ),
        (
            "{shape: finding, finding: {finders: [engineer, inspector], proposers: [planner]}}",
            "{shape: finding, when: 'true'}",
            "a finding needs finders; write finding",
        ),
        (
            "{shape: finding, finding: {finders: [engineer, inspector], proposers: [planner]}}",
            "{shape: finding, person: fact.person, finding: {finders: [engineer]}}",
            "names its fact, person and moment itself",
        ),
        (
            "      - {shape: finding, finding: {finders: [engineer, inspector], proposers: [planner]}}",
            "      - {shape: finding, finding: {finders: [engineer]}}\n      - {shape: finding, finding: {finders: [hr]}}",
            "several findings",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_a_remedy(old, new, wrong):
    changed_line = TEXT[: TEXT.index(old)].count("\n") + 1
    broken = TEXT.replace(old, new, 1)

    with pytest.raises(InvalidRulebook, match=re.escape(wrong)) as refused:
        read_yaml(broken, "ours.yaml")

    lines = [told.line for told in refused.value.mistakes if wrong in told.text.en]
    assert lines
    assert all(line is not None and -12 <= line - changed_line <= 6 for line in lines), (lines, changed_line)
    assert str(refused.value).startswith("ours.yaml line ")


def test_all_mistakes_are_told_at_once():
    broken = TEXT.replace("inputs: [release]", "inputs: [relaese]").replace("absorbs: [PMC-01]", "absorbs: [PMC-99]")

    with pytest.raises(InvalidRulebook) as refused:
        read_yaml(broken)

    assert len(refused.value.mistakes) == 2


def test_text_that_is_no_yaml_is_refused():
    with pytest.raises(InvalidRulebook, match="is not YAML"):
        read_yaml("links: [")


def test_the_questions_the_source_leaves_open_carry_a_reason():
    assert all(setting.reason.zh and setting.reason.en for setting in RULEBOOK.text.settings)
    assert RULEBOOK.settings["quotes_required"] == 3


def test_amounts_are_exact_decimals():
    formula, loss = RULEBOOK.amounts["TML-03"]
    waste = [
        {"quantity": Decimal("3.7"), "allowance": Decimal("0.6"), "unit_cost": Decimal("33.33")},
        {"quantity": Decimal("0.1"), "allowance": Decimal("0.2"), "unit_cost": Decimal(1000)},
    ]

    assert loss.evaluate({"fact": {"waste": waste}}) == Decimal("103.323")
    assert formula.evaluate({"fact": {"waste": waste}}) == Decimal("20.6646")


def test_a_company_may_change_a_standard():
    rules = yaml.safe_load(TEXT.replace("standard: 2 d", "standard: 3 d"))

    assert read_rules(rules).links["package"].standard == Span(Decimal(3), "d")
