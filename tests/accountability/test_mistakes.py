"""Is everything that can be wrong with a rulebook said in Chinese and in English, with place, value and remedy?"""

import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import orjson
import pytest
from celpy.celparser import CELParseError

from chassis import due_terms
from chassis.calendar import InvalidCalendar, WorkCalendar
from chassis.language import Label
from chassis.remedies import LIKE, REMEDIES, remedy_of
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules import (
    expression_mistakes,
    mistakes,
    rulebook,
    rulebook_absorbing,
    rulebook_escalation,
    rulebook_findings,
    rulebook_fixed,
    rulebook_loading,
    rulebook_losses,
    rulebook_periods,
    rulebook_settings,
    rulebook_wages,
    rulebook_yaml,
)
from services.accountability.rules.mistakes import Told
from services.accountability.rules.rulebook_loading import InvalidRulebook, read_both, shipped_settings
from tests.support.facts import RULES

CHINESE = re.compile(r"[一-鿿]")
SPEAKING = (
    *(mistakes, rulebook, rulebook_loading, rulebook_escalation, rulebook_findings, rulebook_settings, rulebook_wages),
    *(
        rulebook_yaml,
        rulebook_fixed,
        expression_mistakes,
        due_terms,
        rulebook_absorbing,
        rulebook_losses,
        rulebook_periods,
    ),
)
SMALL = """\
version: small
tolerance_seconds: 60
first_cause_minimum: 1 h
statement_period: 2 d
appeal_period: 5 d
lapse_months: 12
checks: [[buyer, storekeeper], CHECKS]
links:
  - {code: release, title: {zh: a, en: a}, department: sales, standard: 8 h, closes_with: [sales.order_released.v1],
     post: merchandiser, clause: MER-01}
  - code: ship
    title: {zh: a, en: a}
    department: warehouse
    post: storekeeper
    standard: 4 h
    due: [ship_by, opened + 4 h]
    inputs: [release]
    closes_with: [warehouse.goods_shipped.v1]
clauses:
  - code: MER-01
    duty: {zh: a, en: a}
    post: merchandiser
    sanction: minor_demerit
    absorbs: [MER-04]
    counts_items: true
    only_as_first_cause: true
    grounds:
      - {shape: first_cause, links: [release]}
  - code: MER-04
    duty: {zh: a, en: a}
    post: merchandiser
    sanction: warning
    mode: both
    grounds:
      - {shape: deadline, links: [release]}
      - {shape: finding, finding: {finders: [hr], proposed_by: pmc_manager, asks: [items], sanctions: [warning, minor_demerit]}}
  - code: ENG-01
    duty: {zh: a, en: a}
    post: engineer
    compensation: {formula: order.amount, loss: costs.direct_loss}
    grounds:
      - shape: prohibition
        fact: engineering.missing_document_decided.v1
        when: fact.confirmed
  - code: QUA-01
    duty: {zh: a, en: a}
    post: inspector
    sanction: warning
    grounds:
      - shape: attribution
        when: fact.cause in settings.return_causes
settings:
  - {key: return_causes, question: {zh: a, en: a}, value: [production], reason: {zh: a, en: a}}
  - {key: escalation, question: {zh: a, en: a}, value: false, reason: {zh: a, en: a}}
  - {key: wage_share_percent, question: {zh: a, en: a}, value: 20, reason: {zh: a, en: a}}
  - {key: monthly_minimum_wage, question: {zh: a, en: a}, value: 2740, reason: {zh: a, en: a}}
  - {key: ji_guo, question: {zh: a, en: a}, value: minor_demerit, reason: {zh: a, en: a}}
  - {key: objection_period, question: {zh: a, en: a}, value: 5 d, reason: {zh: a, en: a}}
"""
"""What a rulebook can hold, in few words; a draft answers the other open questions as well, and checks the other posts."""
SMALL = SMALL.replace("CHECKS", ", ".join(f"[{', '.join(pair)}]" for pair in RULES["checks"][:-1]))
SMALL += "".join(
    f"  - {{key: {key}, question: {{zh: a, en: a}}, value: {orjson.dumps(each.value).decode()}, reason: {{zh: a, en: a}}}}\n"
    for key, each in shipped_settings().items()
    if f"{{key: {key}," not in SMALL
)


def changed(old: str, new: str) -> str:
    assert old in SMALL, old
    return SMALL.replace(old, new, 1)


def asking(expression: str) -> str:
    """With another condition of ENG-01."""
    return changed("when: fact.confirmed\n", f"when: >-\n          {expression}\n")


NO_YAML = [
    *("links: [", "links: {a", "version: a: b", "version: |\nlinks\n", "version:\n\tlinks: 1", "version: @home"),
    *("version: 'open", "links:\n  - a\n version: b", "version: *nothing", 'version: "\\q"', "version: !python x"),
    *("links: [a, b}", "? [a]\n: b", "--- a\n--- b", "version: \x00", "version: 2026-13-45", "[" * 5000),
    *("links: &links [*links]", "%home", "lapse_months: 12\nlapse_months: 120", 'links: [{code: a, "code": b}]'),
    "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
]
NO_SHAPE = [
    *("", "version: x", "version: 1", "1: version", "links: soon", "links: [receipt]", "tolerance_seconds: many"),
    *(changed("seconds: 60", "seconds: -60"), changed("lapse_months: 12", "lapse_months: 0.5")),
    *(changed("lapse_months: 12", "lapse_months: 121"), changed("statement_period: 2 d", "statement_period: 0 d")),
    *(changed("version: small", "version: small/er"), changed("statement_period: 2 d", "statement_period: 200 d")),
    *(changed("tolerance_seconds: 60", "tolerance_seconds: 6000"), changed("minimum: 1 h", "minimum: 100 h")),
    *(changed("value: 5 d", "value: 5 days"), changed("value: 5 d", "value: 1 min")),
    *(changed("counts_items: true", "counts_items: perhaps"), changed("counts_items", "count_items")),
    *(changed("standard: 8 h", "standard: 8 hours"), changed("[ship_by,", "[shipby,"), changed("[ship_by,", "['',")),
    *(changed("department: sales", "department: shop"), changed("shape: first_cause", "shape: last_cause")),
    *(changed("finders: [hr]", "finders: []"), changed("[warning, minor_demerit]", "[reprimand]")),
    *(changed("[buyer, storekeeper]", "[buyer, storekeeper, hr]"), changed("value: 2740", "value: 1.5")),
    *(changed("standard: 8 h", f"standard: {said}") for said in ("0 h", "1 min", "251 d")),
    changed("opened + 4 h]", "ship_by - 1 d]"),
    changed("version: small", f"version: {'x' * 65}"),
]
NO_SENSE = [
    *(
        changed("sales.order_released.v1", "sales.orders_released.v1"),
        changed("inputs: [release]", "inputs: [relaese]"),
    ),
    *(changed("absorbs: [MER-04]", "absorbs: [MER-99]"), changed("[buyer, storekeeper]", "[buyer, shopkeeper]")),
    *(changed("missing_document_decided", "missing_document"), changed("code: MER-04", "code: MER-01")),
    *(changed("code: ship\n", "code: shipment\n"), changed("    sanction: minor_demerit\n", "")),
    *(
        changed("{shape: first_cause, links: [release]}", "{shape: first_cause}"),
        changed("only_as_first_cause: true", ""),
    ),
    *(changed("first_cause, links: [release]", "first_cause, links: [release], when: 'true'"),),
    *(
        changed("        when: fact.confirmed\n", ""),
        changed("shape: attribution", "shape: attribution\n        fact: a"),
    ),
    *(changed("mode: both", "mode: auto"), changed("deadline, ", "deadline, finding: {finders: [hr]}, ")),
    changed("proposed_by: pmc_manager", "proposers: [hr, plannner], proposed_of: [stokekeeper]"),
    changed("proposed_by: pmc_manager", "proposed_of: [storekeeper]"),
    *(changed("proposed_by: pmc_manager", "proposed_by: hr"), changed("asks: [items]", "asks: [item]")),
    *(
        changed("asks: [items]", "asks: [items], not_evidence: [item]"),
        changed("[warning, minor_", "[minor_demerit, minor_"),
    ),
    *(
        changed("[warning, minor_demerit]", "[minor_demerit]"),
        changed("finders: [hr]", "finders: [hr], posts: [engineer]"),
    ),
    *(changed("value: minor_demerit", "value: major_demerit"), changed("key: who_delivers", "key: own")),
    changed("question: {zh: a, en: a}", "question: {zh: a, en: ' '}"),
    *(changed("key: sanction_amounts", "key: escalation"), changed("sanctions: [w", "up_to: ji_gou, sanctions: [w")),
    *(changed("value: 2740", "value: plenty"), changed("value: 20,", "value: 21,")),
    *(changed("value: false", f"value: {said}") for said in ("true", "1", "0", "-3", "'3'", "always", "[a, b]")),
    *(changed("{shape: finding, ", "{shape: finding, person: fact.person, "),),
    *(re.sub(r", finding: .*}}", "}", SMALL), re.sub(r"(\n      - {shape: finding.*)", r"\1\1", SMALL)),
    changed("formula: order.amount", "formula: order.merchandiser"),
    *(changed("loss: costs.direct_loss", "loss: '100000'"), changed("[buyer, storekeeper], ", "")),
    *(changed("absorbs: [MER-04]", "absorbs: [MER-01]"), changed("mode: both", "mode: both\n    absorbs: [MER-01]")),
    changed("post: inspector", "post: inspector\n    absorbs: [MER-01]"),
    *(changed("post: storekeeper", "post: buyer"), changed("department: warehouse", "department: quality")),
    *(changed("clause: MER-01", "clause: MER-04"), changed("post: inspector", "post: inspector\n    mode: both")),
    changed("{shape: deadline, ", "{shape: deadline, of: [production], "),
]
NO_EXPRESSION = [
    *(
        "fact.confirmed &&",
        "fact.confirmed = true",
        "fact.confirmed and true",
        "fact.confirmed && && true",
        "true true",
    ),
    *("true" + "!" * 2000, "(" * 40 + "true" + ")" * 40, "fact.report_no", "{1: 2}.a == 1", "!fact.report_no"),
    *("fact.report_no == 3", "3 in settings.return_causes", "fact.confirmed < true", "fact.confirmed + true == true"),
    *(
        "fakt.confirmed",
        "fact.confrimed",
        "lines.missed",
        "fact.report_no.matches('a')",
        "lines.exists(x)",
    ),
    *("lowest(1, 2) > 0", "lower(1) > 0", "costs.rework_cost > 0.3", "true ? 1 : 'x'", "1 + 'x' == 1", "1 * true > 0"),
    *("lines['a'].missed", "lines.exists(a, lines.exists(b, lines.exists(c, lines.exists(d, true))))"),
    *('fact.actor_post == "planer"', "null < null", "fact == fact && lines + 1 == lines"),
]
BROKEN = [*NO_YAML, *NO_SHAPE, *NO_SENSE, *map(asking, NO_EXPRESSION)]


@cache
def found(text: str) -> tuple[Told, ...]:
    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)
    return refused.value.mistakes


def kinds(*modules: ModuleType) -> Iterator[Label]:
    """Every sentence that the modules can say."""
    for module in modules:
        yield from (value for value in vars(module).values() if isinstance(value, Label))


def says(text: str, template: str) -> bool:
    """Whether a text holds a template whose braces are filled."""
    said = re.escape(template.replace("{{", "\x01").replace("}}", "\x02"))
    pattern = re.sub(r"\\\{.*?\\\}", ".*", said).replace("\x01", r"\{").replace("\x02", r"\}")
    return re.search(pattern, text, re.DOTALL) is not None


def test_the_rulebook_that_is_broken_here_is_sound_itself() -> None:
    assert read_both(SMALL, draft=True)[0].version == "small"


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_mistake_is_said_in_both_languages_with_its_place(text: str) -> None:
    for told in found(text):
        assert CHINESE.search(told.text.zh)
        assert not CHINESE.search(told.placed.en)
        assert told.placed.zh == f"{told.name or '整份责任条款'}:{told.text.zh}"
        assert told.placed.en == f"{told.name or 'the whole text'}: {told.text.en}"
        assert told.line is not None or not told.place


def test_every_kind_of_mistake_is_among_those_that_are_tried() -> None:
    """Whoever adds a sentence adds a rulebook that gives rise to it; what the CEL library alone may say is tried below."""
    every = set(kinds(*SPEAKING)) - {mistakes.TOGETHER, expression_mistakes.ORIGINAL, rulebook_settings.NO_EFFECT}
    said = [told.placed for text in BROKEN for told in found(text)]

    assert {kind.en for kind in every if not any(says(each.en, kind.en) for each in said)} == set()
    assert {kind.zh for kind in every if not any(says(each.zh, kind.zh) for each in said)} == set()


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        (changed("8 h", "8 hours"), "links.release.standard:“8 hours”不是时长;请写成例如 30 min、4 h 或 2 d"),
        (changed("inputs: [release]", "inputs: [relaese]"), "links.ship.inputs:没有环节“relaese”;是不是 release?"),
        (changed("sales.order_released", "sales.order_release"), "没有事实“sales.order_release.v1”;是不是 sales.order_released"),
        (changed("[buyer, storekeeper]", "[buyer, shopkeeper]"), "checks.1:没有岗位“shopkeeper”;是不是 storekeeper"),
        (changed("[warning, minor_demerit]", "[reprimand]"), "“reprimand”不对:请从这些选项中选择:'education'、'warning'"),
        (changed("lapse_months: 12", "lapse_months: 0"), "lapse_months:“0”不对:不能小于 1"),
        (asking("costs.rework_costs > 3"), "clauses.ENG-01.grounds.1.when:costs 没有字段“rework_costs”;是不是 rework_cost"),
        (asking("fact.report_no == 3"), "比较的两边须是同一类:“fact.report_no”是文字,“3”是数字"),
        (asking("fact.confirmed and true"), "不是 CEL 算式:从“and true”起读不懂;请改写为 &&"),
        (asking("fact.confirmed && && true"), "从“&& true”起读不懂"),
        (asking("fact.report_no == “a”"), "起读不懂;请改写为 \""),
        ("version: a\nlinks: [", "整份责任条款:不是 YAML:末尾还缺内容"),
    ],
)  # fmt: skip
def test_the_chinese_names_field_value_and_remedy(text: str, chinese: str) -> None:
    assert any(chinese in told.placed.zh for told in found(text))


def test_a_name_that_is_written_twice_is_refused_with_both_of_its_lines() -> None:
    twice = changed("    mode: both\n", "    mode: both\n    sanction: dismissal\n")

    second = twice.splitlines().index("    sanction: dismissal") + 1
    first = second - 2

    (told,) = found(twice)

    assert (told.line, twice.splitlines()[first - 1].partition(":")[0]) == (second, "    sanction")
    assert told.placed.zh == f"整份责任条款:不是 YAML:“sanction”已在第 {first} 行写过;请只留一处"
    assert (
        told.placed.en == f"the whole text: is not YAML: 'sanction' is on line {first} already; leave it in one place"
    )


def test_what_repeats_what_another_part_says_is_written_once() -> None:
    shared = changed("title: {zh: a, en: a}, department: sales", "title: &title {zh: a, en: a}, department: sales")

    anew = shared.replace("    title: {zh: a, en: a}\n", "    title: {<<: *title, en: b}\n")
    assert read_both(anew)[0].links["ship"].title.en == "b"


@pytest.mark.parametrize(
    "text",
    [
        changed("8 h", "long " * 5000),
        changed("counts_items: true", "counts_items: " + "long " * 5000),
        asking("fact.confirmed and " + "true " * 300),
    ],
)
def test_a_mistake_repeats_no_more_of_a_text_than_tells_which_it_is(text: str) -> None:
    assert all(len(told.text.zh) < 250 and "…" in told.text.zh for told in found(text))


def test_what_no_table_knows_is_given_in_the_original_with_a_chinese_lead_in() -> None:
    said = remedy_of({"type": "unheard_of", "msg": "the moon is full", "loc": (), "input": 1})

    assert said == Label("不符合要求(原文说明:the moon is full)。", "the moon is full")
    odd = expression_mistakes.not_cel("a", CELParseError("odd\n^")).what
    assert odd == Label("“a”不是 CEL 算式:读不懂(原文说明:odd ^)", "'a' is not CEL: odd ^")


@pytest.mark.parametrize("label", [*REMEDIES.values(), *LIKE.values()], ids=lambda label: label.en[:40])
def test_a_remedy_is_said_in_both_languages(label: Label) -> None:
    assert CHINESE.search(label.zh)
    assert not CHINESE.search(label.en)
    assert set(re.findall(r"\{\w+\}", label.zh)) == set(re.findall(r"\{\w+\}", label.en))


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": "Mars/Olympus"},
        {"shifts": []},
        {"shifts": [{"start": "8 am", "end": "12:00"}]},
        {"shifts": [{"start": "08:00", "end": "13:00"}, {"start": "12:00", "end": "17:00"}]},
        {"weekend": [0, 6]},
    ],
)
def test_a_calendar_that_makes_no_sense_says_so_in_both_languages(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidCalendar) as refused:
        WorkCalendar.from_fact(shipped_calendar() | change)

    said = refused.value.what
    assert CHINESE.search(said.zh)
    assert not CHINESE.search(said.en)
    assert said.en == str(refused.value)
