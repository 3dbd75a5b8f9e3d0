"""Is an expression that asks wrongly refused when the rulebook is read, with what is wrong and what to write instead?"""

import re
from copy import deepcopy
from decimal import Decimal

import pytest

from services.accountability.judge.exhibits import BY_EVENT
from services.accountability.rules.expression_budget import MOST_STEPS
from services.accountability.rules.expression_mistakes import InvalidExpression
from services.accountability.rules.expression_names import WANTED, about, names_in
from services.accountability.rules.expression_types import NUMBER, TRUTH, record, type_of_value
from services.accountability.rules.expressions import MOST_CHARACTERS, EvidenceMissing, Expression
from services.accountability.rules.rulebook_loading import ALWAYS_ABOUT, SHIPPED, InvalidRulebook, read_yaml
from tests.accountability.clauses.attributions import attributed, made_and_inspected
from tests.support.facts import RULES, a_story, local

RULEBOOK = read_yaml(SHIPPED.read_text(encoding="utf-8"))
SHARED = names_in(RULEBOOK.text)
ATTRIBUTION = about("pmc.complaint_attributed.v1", SHARED)
COUNT = about("warehouse.stock_counted.v1", SHARED)
OPERATION = about("pmc.operation_finished.v1", SHARED)


@pytest.mark.parametrize(
    ("text", "names", "wanted", "wrong"),
    [
        ('fact.caus == "production"', ATTRIBUTION, TRUTH, "fact has no field 'caus'; did you mean cause"),
        ('fakt.cause == "production"', ATTRIBUTION, TRUTH, "unknown name 'fakt'; did you mean fact"),
        ("fact.cause == 3", ATTRIBUTION, TRUTH, "alike: fact.cause is a text, 3 is a number"),
        ("fact.escaped_inspection == 1", ATTRIBUTION, TRUTH, "fact.escaped_inspection is yes or no, 1 is a number"),
        ("fact.cause", ATTRIBUTION, TRUTH, "this must be yes or no, and is a text"),
        ("fact.counted", COUNT, TRUTH, "this must be yes or no, and is a number"),
        ("fact.opening", COUNT, NUMBER, "this must be a number, and is yes or no"),
        ("fact.counted && fact.opening", COUNT, TRUTH, "&& wants yes or no; fact.counted is a number"),
        ("!fact.counted", COUNT, TRUTH, "! wants yes or no"),
        ("fact.actor * 20", COUNT, NUMBER, "arithmetic wants a number; fact.actor is a text"),
        ("fact.opening < true", COUNT, TRUTH, "which has no order"),
        ("costs.rework_cost * 0.3", ATTRIBUTION, NUMBER, "amounts are whole numbers"),
        ("costs.rework_costs", ATTRIBUTION, NUMBER, "costs has no field 'rework_costs'; did you mean rework_cost"),
        ("fact.counted > 1 ? 1 : 'x'", COUNT, NUMBER, "both sides of the colon"),
        ("fact.actor in settings.return_causs", COUNT, TRUTH, "did you mean return_causes"),
        ("fact.counted in settings.return_causes", COUNT, TRUTH, "the list holds a text"),
        ("settings.quotes_required == '3'", COUNT, TRUTH, "is a number"),
        ("fact.waste.exists(w, w.quantty > 0)", OPERATION, TRUTH, "w has no field 'quantty'; did you mean quantity"),
        ("fact.waste.exists(w, w.quantity)", OPERATION, TRUTH, ".exists wants yes or no"),
        ("fact.waste.exist(w, true)", OPERATION, TRUTH, "did you mean exists"),
        ("fact.waste.exists(w, true) && w.quantity > 0", OPERATION, TRUTH, "unknown name 'w'"),
        ("sum(fact.waste)", OPERATION, NUMBER, "sum wants a list of numbers; fact.waste is a list of records"),
        ("sum(fact.untrained)", OPERATION, NUMBER, "sum wants a list of numbers; fact.untrained is a list of texts"),
        ("sum(fact.good)", OPERATION, NUMBER, "sum wants a list of numbers; fact.good is a number"),
        ("lower(fact.good)", OPERATION, NUMBER, "lower wants 2 values, not 1"),
        ("lowest(1, 2)", OPERATION, NUMBER, "did you mean lower"),
        ("reworks.exists(r, r.rework_cost > 5)", ATTRIBUTION, TRUTH, "is a text, 5 is a number"),
        ("reworks.rework_cost", ATTRIBUTION, NUMBER, "reworks has no field 'rework_cost': it is a list of records"),
        ("fact.actor.matches('^(a+)+$')", COUNT, TRUTH, "unknown question 'matches'"),
        ("{'a': 1}.a == 1", COUNT, TRUTH, "maps and objects have no place here"),
        ("fact.counted ==", COUNT, TRUTH, "is not CEL"),
    ],
)
def test_what_is_asked_wrongly_is_told_when_it_is_read(text, names, wanted, wrong):
    with pytest.raises(InvalidExpression, match=re.escape(wrong)):
        Expression(text, names, wanted)


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("when: fact.direct_loss > 2000", "when: fact.direct_los > 2000", "did you mean direct_loss"),
        ("loss: costs.direct_loss}", "loss: fact.cause}", "this must be a number, and is a text"),
        ("when: fact.confirmed\n", "when: fact.report_no\n", "this must be yes or no, and is a text"),
        ("person: fact.inspector\n", "person: fact.escaped_inspection\n", "this must be a text, and is yes or no"),
        ("moment: inspection.at\n", "moment: fact.inspector\n", "this must be a number, and is a text"),
    ],
)
def test_the_rulebook_names_the_line_and_the_field(old, new, wrong):
    text = SHIPPED.read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1

    with pytest.raises(InvalidRulebook, match=re.escape(wrong)) as refused:
        read_yaml(text.replace(old, new, 1))

    assert [told.line for told in refused.value.mistakes] == [line]


def test_every_expression_of_the_shipped_rulebook_asks_for_what_the_contracts_have():
    """Types are known of every field that it asks for: nothing passes for want of knowledge."""
    for ground in RULEBOOK.grounds():
        event = ALWAYS_ABOUT.get(ground.ground.shape, ground.ground.fact)
        for part, wanted in WANTED.items():
            expression = getattr(ground, part)
            if expression is not None:
                assert event in BY_EVENT
                Expression(expression.text, about(event, SHARED), wanted)
    unknown = [name for name, kind in SHARED.items() if kind.item and "anything" in str(kind.item)]
    assert unknown == []


def test_an_expression_is_no_longer_and_no_deeper_than_a_rule_needs():
    Expression(" && ".join(["true"] * 30), SHARED, TRUTH)
    for text in ("true" + " " * MOST_CHARACTERS, "(" * 40 + "true" + ")" * 40, "!" * 400 + "true", "1" + "+1" * 500):
        with pytest.raises(InvalidExpression, match="several grounds"):
            Expression(text, SHARED)
    loops = "lines.exists(a, lines.exists(b, lines.exists(c, {})))"
    Expression(loops.format("a.missed"), SHARED, TRUTH)
    with pytest.raises(InvalidExpression, match="more than 3 loops"):
        Expression(loops.format("lines.exists(d, d.missed)"), SHARED, TRUTH)


def test_more_documents_than_can_be_weighed_are_no_answer():
    expression = Expression("lines.all(a, lines.all(b, a.line_no + b.line_no > 0))", SHARED, TRUTH)
    few, many = ([{"line_no": 1}] * count for count in (20, int(MOST_STEPS**0.5) + 1))

    assert expression.holds({"lines": few})
    expression.steps = 1_000
    with pytest.raises(EvidenceMissing, match="1000 documents"):
        expression.holds({"lines": many})


def listed(count: int) -> str:
    return f"[{', '.join(['1'] * count)}]"


@pytest.mark.parametrize(
    "text",
    [
        f"{listed(200)}.all(a, {listed(200)}.all(b, {listed(200)}.all(c, true)))",
        f"{listed(150)}.map(a, a).all(a, {listed(150)}.filter(b, true).all(b, a + b > 0))",
        f"{listed(300)}.all(a, ({listed(50)} + {listed(50)}).exists(b, b == 2) == false)",
        f"{listed(300)}.all(a, 2 in {listed(200)} == false)",
        f"{listed(300)}.all(a, sum({listed(200)}) > 0)",
        f"[{listed(300)}].all(a, {listed(300)}.all(b, a == a))",
        f"lines.all(a, {listed(300)}.all(b, a.line_no + b > 0))",
        "[[1]]" + ".map(a, a + a)" * 40 + ".exists(a, a[0] == 1)",
        "[[1]]" + ".map(a, [a, a])" * 25 + " == [[1]]" + ".map(a, [a, a])" * 25,
        'size(["x"]' + ".map(a, a + a)" * 40 + "[0]) > 0",
    ],
)
def test_lists_and_texts_that_an_expression_makes_itself_are_weighed_as_well(text: str):
    expression = Expression(text, SHARED, TRUTH)
    expression.steps = MOST_STEPS // 10

    with pytest.raises(EvidenceMissing, match="20000 documents"):
        expression.evaluate({"lines": [{"line_no": 1}] * 100})


def test_a_question_weighs_as_well_where_it_is_long():
    short, long = (f"lines.all(a, {' && '.join(['a.line_no > 0'] * times)})" for times in (3, 90))
    evidence = {"lines": [{"line_no": 1}] * 20}

    for text in (short, long):
        expression = Expression(text, SHARED, TRUTH)
        expression.steps = 20
        if text is short:
            assert expression.holds(evidence)
        else:
            with pytest.raises(EvidenceMissing, match="20 documents"):
                expression.evaluate(evidence)


def test_the_shipped_rulebook_asks_nothing_that_weighs_more_than_the_look_itself():
    asked = [each for ground in RULEBOOK.grounds() for each in ground.expressions()]
    assert {each.text for each in asked if any(each.weights.values())} == set()


@pytest.mark.parametrize("text", ['size([1, "%99d"][1] % 5) > 0', 'size(["x", 1][0] * 1000) > 0'])
def test_a_text_is_no_number_though_a_list_holds_both(text: str):
    with pytest.raises(EvidenceMissing):
        Expression(text, SHARED, TRUTH).evaluate({})


AMOUNTS = {"costs": {"rework_cost": Decimal(800), "overtime_cost": Decimal("600.50")}, "settings": {"share": 30}}
KNOWN = {"costs": record({"rework_cost": NUMBER, "overtime_cost": NUMBER}), "settings": record({"share": NUMBER})}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("costs.rework_cost * settings.share / 100", "240"),
        ("settings.share * costs.rework_cost / 100", "240"),
        ("costs.rework_cost * (settings.share / 100)", "240"),
        ("costs.rework_cost + 5", "805"),
        ("5 + costs.rework_cost", "805"),
        ("1000 - costs.rework_cost", "200"),
        ("costs.rework_cost - 1000", "-200"),
        ("1000 / costs.rework_cost", "1.25"),
        ("costs.rework_cost / 1000", "0.8"),
        ("7 / 2", "3.5"),
        ("8 / 2", "4"),
        ("801 % costs.rework_cost", "1"),
        ("costs.rework_cost % 7", "2"),
        ("lower(costs.overtime_cost, 500) * 33 / 100", "165"),
        ("lower(501, costs.overtime_cost) * 33 / 100", "165.33"),
        ("3 + sum([costs.rework_cost, 5])", "808"),
    ],
)
def test_whole_numbers_and_amounts_meet_on_either_side_and_stay_exact(text: str, answer: str):
    assert Decimal(Expression(text, KNOWN, NUMBER).evaluate(AMOUNTS)) == Decimal(answer)


@pytest.mark.parametrize("sides", [("costs.rework_cost", "settings.share"), ("settings.share", "costs.rework_cost")])
@pytest.mark.parametrize(("sign", "holds"), [("<", -1), ("<=", -1), (">", 1), (">=", 1), ("==", 0), ("!=", 2)])
def test_whole_numbers_and_amounts_are_compared_on_either_side(sides: tuple[str, str], sign: str, holds: int):
    larger_first = sides[0] == "costs.rework_cost"
    expected = holds == 2 or holds == (1 if larger_first else -1)

    assert Expression(f"{sides[0]} {sign} {sides[1]}", KNOWN, TRUTH).holds(AMOUNTS) is expected


@pytest.mark.parametrize(("text", "holds"), [("[3, 800]", True), ("[3, 801]", False), ("[costs.rework_cost]", True)])
def test_an_amount_is_found_among_whole_numbers(text: str, holds: bool):
    assert Expression(f"costs.rework_cost in {text}", KNOWN, TRUTH).holds(AMOUNTS) is holds
    assert Expression(f"800 in {text}", KNOWN, TRUTH).holds(AMOUNTS) is holds


@pytest.mark.parametrize(
    "text", ["costs.rework_cost / 0", "costs.rework_cost % 0", "5 / 0", "costs.rework_cost * 1000000000000000"]
)
def test_what_comes_to_no_figure_is_no_answer(text: str):
    with pytest.raises(EvidenceMissing):
        Expression(text, KNOWN, NUMBER).evaluate(AMOUNTS)


@pytest.mark.parametrize("asked", ["costs.rework_cost", "fact.at * 1000", "0 - fact.at"])
def test_a_moment_that_is_none_leaves_the_fact_its_own(asked: str):
    rules = deepcopy(RULES)
    (clause,) = (clause for clause in rules["clauses"] if clause["code"] == "TML-02")
    clause["grounds"][0]["moment"] = asked
    matter = {"matter": "rework", "cause": "production", "rework_no": "RWK-1", "rework_cost": "800"}
    story = a_story(rules=rules)
    made_and_inspected(story)
    attributed(story, when="2026-03-16 09:00", **matter)

    told = story.judged().record("TML-02")

    assert told.breaches[0].at == local("2026-03-16 09:00")


SETTINGS = record({"causes": type_of_value(["production", "prodution"]), "only": type_of_value("engineering")})


@pytest.mark.parametrize(
    ("text", "names", "told"),
    [
        ('fact.matter == "complant"', ATTRIBUTION, ["fact.matter is never 'complant'; did you mean complaint"]),
        ('"x" != fact.cause', ATTRIBUTION, ["fact.cause is never 'x'; did you mean "]),
        (
            'fact.matter in ["return", "returned"]',
            ATTRIBUTION,
            ["fact.matter is never 'returned'; did you mean return"],
        ),
        ("fact.cause in settings.causes", ATTRIBUTION, ["fact.cause is never 'prodution'; did you mean production"]),
        ('dispositions.exists(d, d.disposition == "conzession")', COUNT, ["d.disposition is never 'conzession'"]),
        ('fact.actor_post == "planer"', COUNT, ["fact.actor_post is never 'planer'; did you mean planner"]),
        ('fact.matter == "complaint" && fact.cause == settings.only', ATTRIBUTION, []),
        ('settings.only == "anything" && fact.complaint_no != "complant"', ATTRIBUTION, []),
        ('fact.actor_post == ""', COUNT, []),
    ],
)
def test_a_word_that_what_is_compared_with_it_never_is_is_told_to_a_draft(text, names, told):
    never = [each.en for each in Expression(text, {**names, "settings": SETTINGS}, TRUTH).never]

    assert len(never) == len(told)
    assert all(each.startswith(beginning) for each, beginning in zip(never, told, strict=True))
