"""Are the clauses that people find sound: who finds, what a finding says, and which sanctions it chooses from?"""

from collections.abc import Iterator

from contracts.accountability import BreachFound, Sanction
from contracts.words import POSTS
from services.accountability.rules.mistakes import Mistake, Place, unknown
from services.accountability.rules.rulebook import WHOEVER, ClauseRule, FindingRule, Ground

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
)
"""What a clause may demand of a finding beside what every finding says."""

BREACH_FOUND = BreachFound.name
NAMED = {"person": "fact.person", "moment": "fact.occurred_at"}
"""A finding names the person and the moment itself."""

SEVERITY = tuple(Sanction)


def finding_mistakes(place: Place, clause: ClauseRule) -> Iterator[Mistake]:
    """What is wrong with a clause's findings, or with its saying that it has some."""
    shapes = [ground.shape for ground in clause.grounds]
    if shapes.count("finding") > 1:
        yield (*place, "grounds"), f"{clause.code}: several findings; one says who finds and what"
    people_find = "finding" in shapes
    if (people_find and clause.mode == "auto") or (clause.mode == "finding" and not people_find):
        yield (*place, "mode"), f"{clause.code}: mode must say whether a person finds it (finding or both)"
    for index, ground in enumerate(clause.grounds):
        yield from _ground((*place, "grounds", index), clause, ground)


def _ground(place: Place, clause: ClauseRule, ground: Ground) -> Iterator[Mistake]:
    if ground.shape != "finding":
        if ground.finding:
            yield (*place, "finding"), f"a {ground.shape} has no finders; write shape: finding"
        return
    if ground.finding is None:
        yield place, "a finding needs finders; write finding: {finders: [post]}"
        return
    if ground.links or ground.fact or ground.person or ground.moment:
        yield place, "a finding names its fact, person and moment itself"
    yield from _rule((*place, "finding"), clause, ground.finding)


def _rule(place: Place, clause: ClauseRule, rule: FindingRule) -> Iterator[Mistake]:
    yield from unknown((*place, "finders"), rule.finders, POSTS, "post")
    yield from unknown((*place, "posts"), rule.posts, POSTS, "post")
    yield from unknown((*place, "asks"), rule.asks, ASKABLE, "fact to ask for")
    yield from unknown((*place, "not_evidence"), rule.not_evidence, rule.asks, "fact that is asked for")
    if rule.proposed_by:
        yield from unknown((*place, "proposed_by"), [rule.proposed_by], POSTS, "post")
    if rule.proposed_by in rule.finders:
        yield (*place, "proposed_by"), f"{rule.proposed_by} finds it; who proposes must be somebody else"
    if rule.posts and clause.post != WHOEVER:
        yield (*place, "posts"), f"{clause.code} names the post {clause.post}; with several write post: {WHOEVER}"
    yield from _range((*place, "sanctions"), clause, rule)


def _range(place: Place, clause: ClauseRule, rule: FindingRule) -> Iterator[Mistake]:
    if list(rule.sanctions) != sorted(set(rule.sanctions), key=SEVERITY.index):
        yield place, f"from the lightest to the heaviest, each once: {', '.join(SEVERITY)}"
    elif rule.sanctions and rule.sanctions[0] != clause.sanction:
        yield place, f"begins with {clause.code}'s sanction, which counts where nothing was chosen"
