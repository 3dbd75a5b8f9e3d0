"""Are the clauses that people find sound: who finds, what a finding says, and which sanctions it chooses from?"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from chassis.language import Label, listed
from contracts.accountability import SEVERITY, BreachFound
from contracts.words import POSTS
from services.accountability.rules.mistakes import POST, SHAPES, Mistake, Place, unknown
from services.accountability.rules.rulebook import WHOEVER, ClauseRule, FindingRule, Ground, RulebookText

S = TypeVar("S", bound=str)

ASKABLE = (
    "order_no",
    "items",
    "consequence",
    "operation",
    "complaint_no",
    "investigation_no",
    "injury_report_no",
    "direct_loss",
    "contract_penalty",
    "loss_document",
    "share_percent",
)
"""What a clause may demand of a finding beside what every finding says."""

BREACH_FOUND = BreachFound.name
NAMED = {"person": "fact.person", "moment": "fact.occurred_at"}
"""A finding names the person and the moment itself."""


TO_ASK = Label("可要求写明的内容", "fact to ask for")
ASKED = Label("已要求写明的内容", "fact that is asked for")
SEVERAL_FINDINGS = Label(
    "“由人认定”的依据写了多条;由谁认定、认定什么只写一条",
    "several findings; one says who finds and what",
)
WHOSE_MODE = Label(
    "mode 须说明是否由人认定(finding 或 both)",
    "mode must say whether a person finds it (finding or both)",
)
NO_FINDERS = Label(
    "种类为“{shape}”的依据没有认定人;请写 shape: finding",
    "a ground of the shape {shape} has no finders; write shape: finding",
)
NEEDS_FINDERS = Label(
    "由人认定须有认定人;请写 finding: {{finders: [岗位]}}",
    "a finding needs finders; write finding: {{finders: [post]}}",
).filled()
NAMES_ITSELF = Label(
    "认定书自己写明事实、责任人和时刻;请去掉 links、fact、person、moment",
    "a finding names its fact, person and moment itself",
)
SAME_FINDER = Label("{post} 就是认定人;提请的须是另一岗位", "{post} finds it; who proposes must be somebody else")
OF_NO_PROPOSERS = Label(
    "proposed_of 说明提请人可以提请谁;请写 proposers: [岗位],或去掉它",
    "proposed_of says of whom the proposers may propose it; write proposers: [post], or leave it out",
)
ONE_POST = Label(
    "{clause} 已写明岗位 {post};涉及多个岗位时请写 post: {whoever}",
    "{clause} names the post {post}; with several write post: {whoever}",
)
BY_SEVERITY = Label("处分须由轻到重,每种一次:{sanctions}", "from the lightest to the heaviest, each once: {sanctions}")
BEGINS_WITH = Label(
    "须以 {clause} 的处分 {sanction} 开头:没有另选时按它计",
    "begins with {clause}'s sanction {sanction}, which counts where nothing was chosen",
)


def finding_mistakes(place: Place, clause: ClauseRule) -> Iterator[Mistake]:
    """What is wrong with a clause's findings, or with its saying that it has some."""
    shapes = [ground.shape for ground in clause.grounds]
    if shapes.count("finding") > 1:
        yield (*place, "grounds"), SEVERAL_FINDINGS
    people_find = "finding" in shapes
    if (people_find and clause.mode == "auto") or (clause.mode == "finding" and not people_find):
        yield (*place, "mode"), WHOSE_MODE
    for index, ground in enumerate(clause.grounds):
        yield from _ground((*place, "grounds", index), clause, ground)


def _ground(place: Place, clause: ClauseRule, ground: Ground) -> Iterator[Mistake]:
    if ground.shape != "finding":
        if ground.finding:
            yield (*place, "finding"), NO_FINDERS.filled(shape=SHAPES[ground.shape])
        return
    if ground.finding is None:
        yield place, NEEDS_FINDERS
        return
    if ground.links or ground.fact or ground.person or ground.moment:
        yield place, NAMES_ITSELF
    yield from _rule((*place, "finding"), clause, ground.finding)


def _rule(place: Place, clause: ClauseRule, rule: FindingRule) -> Iterator[Mistake]:
    yield from unknown((*place, "finders"), rule.finders, POSTS, POST)
    yield from unknown((*place, "posts"), rule.posts, POSTS, POST)
    yield from unknown((*place, "asks"), rule.asks, ASKABLE, TO_ASK)
    yield from unknown((*place, "not_evidence"), rule.not_evidence, rule.asks, ASKED)
    if rule.proposed_by:
        yield from unknown((*place, "proposed_by"), [rule.proposed_by], POSTS, POST)
    if rule.proposed_by in rule.finders:
        yield (*place, "proposed_by"), SAME_FINDER.filled(post=rule.proposed_by)
    yield from _proposers(place, rule)
    if rule.posts and clause.post != WHOEVER:
        yield (*place, "posts"), ONE_POST.filled(clause=clause.code, post=clause.post, whoever=WHOEVER)
    yield from _range((*place, "sanctions"), clause, rule)


def _proposers(place: Place, rule: FindingRule) -> Iterator[Mistake]:
    yield from unknown((*place, "proposers"), rule.proposers, POSTS, POST)
    yield from unknown((*place, "proposed_of"), rule.proposed_of, POSTS, POST)
    for post in rule.proposers:
        if post in rule.finders:
            yield (*place, "proposers"), SAME_FINDER.filled(post=post)
    if rule.proposed_of and not rule.proposers:
        yield (*place, "proposed_of"), OF_NO_PROPOSERS


def _range(place: Place, clause: ClauseRule, rule: FindingRule) -> Iterator[Mistake]:
    if list(rule.sanctions) != sorted(set(rule.sanctions), key=SEVERITY.index):
        yield place, BY_SEVERITY.filled(sanctions=listed(SEVERITY))
    elif rule.sanctions and rule.sanctions[0] != clause.sanction:
        yield place, BEGINS_WITH.filled(clause=clause.code, sanction=clause.sanction)


def within_range(text: RulebookText) -> RulebookText:
    """The same with every range of sanctions as short as its setting says."""
    return text.model_copy(update={"clauses": tuple(_shortened(clause, text) for clause in text.clauses)})


def _shortened(clause: ClauseRule, text: RulebookText) -> ClauseRule:
    grounds = tuple(_short(ground, ground.finding, text) if ground.finding else ground for ground in clause.grounds)
    return clause if grounds == clause.grounds else clause.model_copy(update={"grounds": grounds})


def _short(ground: Ground, rule: FindingRule, text: RulebookText) -> Ground:
    if rule.up_to is None:
        return ground
    sanctions = up_to(text.setting(rule.up_to), rule.sanctions)
    return ground.model_copy(update={"finding": rule.model_copy(update={"sanctions": sanctions})})


def up_to(heaviest: object, sanctions: Sequence[S]) -> tuple[S, ...]:
    """The sanctions of a range from the lightest to the heaviest that counts."""
    end = next((place for place, each in enumerate(sanctions, 1) if each == heaviest), len(sanctions))
    return tuple(sanctions[:end])
