"""Is a rulebook sound? Reads it from YAML or from a fact's data and names every mistake with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import ValidationError

from chassis.language import Label
from contracts.catalogue import ALL_EVENTS
from contracts.words import POSTS
from services.accountability.judge.exhibits import BY_EVENT
from services.accountability.rules import rulebook_yaml
from services.accountability.rules.expression_mistakes import InvalidExpression
from services.accountability.rules.expression_names import WANTED, about, names_in
from services.accountability.rules.expression_types import NUMBER, TRUTH, Names, Type
from services.accountability.rules.expressions import Expression
from services.accountability.rules.mistakes import (
    CLAUSE,
    FACT,
    LINK,
    POST,
    SHAPES,
    TWICE,
    Mistake,
    Place,
    Told,
    named,
    of_shape,
    unknown,
)
from services.accountability.rules.rulebook import (
    WHOEVER,
    Bilingual,
    ClauseRule,
    CompiledGround,
    Ground,
    LinkRule,
    Rulebook,
    RulebookText,
    Setting,
)
from services.accountability.rules.rulebook_absorbing import absorbing_mistakes
from services.accountability.rules.rulebook_codes import code_mistakes
from services.accountability.rules.rulebook_escalation import escalation_mistakes
from services.accountability.rules.rulebook_findings import BREACH_FOUND, NAMED, finding_mistakes, within_range
from services.accountability.rules.rulebook_fixed import fixed_mistakes
from services.accountability.rules.rulebook_losses import loss_mistakes
from services.accountability.rules.rulebook_periods import draft_mistakes, period_mistakes
from services.accountability.rules.rulebook_settings import idle_mistakes, range_mistakes, unanswered
from services.accountability.rules.rulebook_wages import wage_mistakes
from services.accountability.rules.rulebook_yaml import NotYaml

SHIPPED = Path(__file__).parent / "shipped" / "2026-01.yaml"
ATTRIBUTION = "pmc.complaint_attributed.v1"
ALWAYS_ABOUT = {"attribution": ATTRIBUTION, "finding": BREACH_FOUND}
"""The fact on which a ground of this shape rests; a prohibition names its own."""


KEPT_FACT = Label("判定可据的事实", "event among those the judge keeps")
NO_SHIP = Label(
    "没有环节“ship”;误期要从它往回追溯,请加上", "there is no link 'ship'; a missed delivery is traced back from it"
)
NOTHING_FOLLOWS = Label(
    "既无处分也无赔偿;请写上 sanction 或 compensation",
    "there is neither a sanction nor a compensation; write one of them",
)
ONLY_AS_FIRST_CAUSE = Label(
    "only_as_first_cause 须说明是否每条依据的种类都是 first_cause",
    "only_as_first_cause must say whether every ground has the shape first_cause",
)
NEEDS_LINKS = Label("种类为“{shape}”的依据须写明环节(links)", "a ground of the shape {shape} needs links")
BY_LINKS_ALONE = Label(
    "种类为“{shape}”的依据只看环节;请去掉 fact、when、proved、person、moment",
    "a ground of the shape {shape} has no fact, when, proved, person or moment",
)
NEEDS_CONDITION = Label(
    "种类为“{shape}”的依据须写明条件(when)", "a ground of the shape {shape} needs a condition (when)"
)
ALWAYS_ATTRIBUTION = Label("归因总是依据 {fact};请去掉", "an attribution always rests on {fact}; leave it out")


@dataclass(slots=True)
class Found:
    """What is wrong with a rulebook; and `doubts`, which no draft may say any more."""

    mistakes: list[Mistake]
    doubts: list[Mistake] = field(default_factory=list)


class InvalidRulebook(ValueError):
    """The rulebook has mistakes; in a log one line of English each, with the place and the remedy."""

    def __init__(self, name: str, mistakes: Iterable[Told]) -> None:
        self.mistakes = tuple(mistakes)
        rows = [f"{name}{f' line {told.line}' if told.line else ''}: {told.placed.en}" for told in self.mistakes]
        super().__init__("\n".join(rows))


def shipped_rules() -> dict[str, Any]:
    """The shipped rulebook as the data that a `RulebookActivated` fact carries."""
    rules: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return rules


@cache
def shipped_text() -> RulebookText:
    """The shipped rulebook as it is read."""
    return RulebookText.model_validate(shipped_rules())


@cache
def shipped_settings() -> dict[str, Setting]:
    """The open questions with the answers of which the product is made."""
    return {setting.key: setting for setting in shipped_text().settings}


def read_yaml(text: str, name: str = "rulebook") -> Rulebook:
    """A rulebook from YAML text; mistakes carry their line."""
    return read_both(text, name)[0]


def read_both(text: str, name: str = "rulebook", *, draft: bool = False) -> tuple[Rulebook, dict[str, Any]]:
    """The same, with the data that its `RulebookActivated` fact carries; a `draft` takes no right and says nothing in vain."""
    try:
        rules, lines = rulebook_yaml.read(text)
    except NotYaml as error:
        raise InvalidRulebook(name, [Told(error.line, (), "", error.what)]) from error
    rulebook = _read(rules, name, lines)
    if draft and (mistakes := [*_of_a_draft(rulebook)]):
        raise InvalidRulebook(name, _told(mistakes, rules, lines))
    return rulebook, rules


def _of_a_draft(rulebook: Rulebook) -> Iterator[Mistake]:
    """What no draft may say any more; one in force goes on as it stands."""
    yield from idle_mistakes(rulebook, shipped_settings())
    yield from unanswered(rulebook.text, shipped_text())
    yield from fixed_mistakes(rulebook.text, shipped_text())
    yield from draft_mistakes(rulebook.text)
    yield from absorbing_mistakes(rulebook.text)
    yield from code_mistakes(rulebook.text, shipped_text())
    yield from loss_mistakes(rulebook, {clause.code: _event_of(clause) for clause in rulebook.text.clauses})
    yield from rulebook.doubts


def read_rules(rules: Mapping[str, Any]) -> Rulebook:
    """A rulebook from a fact's data; the same data is compiled once."""
    return _compiled(orjson.dumps(rules, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=32)
def _compiled(rules: bytes) -> Rulebook:
    return _read(orjson.loads(rules), "rulebook", {})


def _read(rules: Any, name: str, lines: dict[Place, int]) -> Rulebook:
    try:
        text = RulebookText.model_validate(rules)
    except ValidationError as error:
        raise InvalidRulebook(name, _told(of_shape(error), rules, lines)) from error
    found = Found([*_unknown_names(text)])
    rulebook = _compile(within_range(text), found)
    if found.mistakes:
        raise InvalidRulebook(name, _told(found.mistakes, rules, lines))
    return rulebook


def _told(mistakes: Iterable[Mistake], rules: Any, lines: dict[Place, int]) -> Iterator[Told]:
    return (Told(_line(lines, place), place, named(place, rules), text) for place, text in mistakes)


def _line(lines: dict[Place, int], place: Place) -> int | None:
    """The line of a place, or of the nearest thing around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place)


def _unknown_names(text: RulebookText) -> Iterator[Mistake]:
    links = {link.code for link in text.links}
    clauses = {clause.code for clause in text.clauses}
    for section, rules in (("links", text.links), ("clauses", text.clauses)):
        yield from _twice(section, [rule.code for rule in rules])
    for index, pair in enumerate(text.checks):
        yield from unknown(("checks", index), pair, POSTS, POST)
    for index, link in enumerate(text.links):
        yield from _link_names(("links", index), link, links, clauses)
    for index, clause in enumerate(text.clauses):
        yield from _clause_names(("clauses", index), clause, links, clauses)
    yield from wage_mistakes(text)
    yield from period_mistakes(text)
    yield from escalation_mistakes(text)
    yield from range_mistakes(text)
    if "ship" not in links:
        yield ("links",), NO_SHIP


def _link_names(place: Place, link: LinkRule, links: set[str], clauses: set[str]) -> Iterator[Mistake]:
    if link.post:
        yield from unknown((*place, "post"), [link.post], POSTS, POST)
    yield from unknown((*place, "inputs"), link.inputs, links, LINK)
    yield from unknown((*place, "ended_by"), link.ended_by, links, LINK)
    yield from unknown((*place, "closes_with"), link.closes_with, ALL_EVENTS, FACT)
    if link.clause:
        yield from unknown((*place, "clause"), [link.clause], clauses, CLAUSE)


def _clause_names(place: Place, clause: ClauseRule, links: set[str], clauses: set[str]) -> Iterator[Mistake]:
    yield from unknown((*place, "post"), [clause.post], {*POSTS, WHOEVER}, POST)
    yield from unknown((*place, "absorbs"), clause.absorbs, clauses, CLAUSE)
    if clause.found_by:
        yield from unknown((*place, "found_by"), [clause.found_by], POSTS, POST)
    if clause.sanction is None and clause.compensation is None:
        yield place, NOTHING_FOLLOWS
    if clause.only_as_first_cause != (bool(clause.grounds) and {g.shape for g in clause.grounds} == {"first_cause"}):
        yield place, ONLY_AS_FIRST_CAUSE
    yield from finding_mistakes(place, clause)
    for index, ground in enumerate(clause.grounds):
        yield from _ground_names((*place, "grounds", index), ground, links)


def _ground_names(place: Place, ground: Ground, links: set[str]) -> Iterator[Mistake]:
    yield from unknown((*place, "links"), ground.links, links, LINK)
    if ground.shape in {"deadline", "first_cause"}:
        if not ground.links:
            yield place, NEEDS_LINKS.filled(shape=SHAPES[ground.shape])
        if ground.fact or ground.when or ground.proved or ground.person or ground.moment:
            yield place, BY_LINKS_ALONE.filled(shape=SHAPES[ground.shape])
        return
    if ground.shape == "finding":
        return
    if not ground.when:
        yield place, NEEDS_CONDITION.filled(shape=SHAPES[ground.shape])
    if ground.shape == "attribution" and ground.fact:
        yield (*place, "fact"), ALWAYS_ATTRIBUTION.filled(fact=ATTRIBUTION)
    if ground.shape == "prohibition":
        yield from unknown((*place, "fact"), [ground.fact or "nothing"], BY_EVENT, KEPT_FACT)


def _twice(section: str, codes: list[str]) -> Iterator[Mistake]:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield (section, index, "code"), TWICE.filled(code=code)


def _compile(text: RulebookText, found: Found) -> Rulebook:
    by_link: dict[str, dict[str, list[CompiledGround]]] = {"deadline": {}, "first_cause": {}}
    stated: dict[str, list[CompiledGround]] = {}
    amounts: dict[str, tuple[Expression, Expression]] = {}
    names = names_in(text)
    for index, clause in enumerate(text.clauses):
        place: Place = ("clauses", index)
        for number, ground in enumerate(clause.grounds):
            event = ALWAYS_ABOUT.get(ground.shape, ground.fact)
            compiled = _ground((*place, "grounds", number), clause, ground, about(event, names), found)
            if ground.shape in by_link:
                for link in ground.links:
                    by_link[ground.shape].setdefault(link, []).append(compiled)
            elif event is not None:
                stated.setdefault(event, []).append(compiled)
        if clause.compensation:
            formula, loss = _amounts((*place, "compensation"), clause, about(_event_of(clause), names), found)
            if formula and loss:
                amounts[clause.code] = (formula, loss)
    return Rulebook(
        text=text,
        links={link.code: link for link in text.links},
        clauses={clause.code: clause for clause in text.clauses},
        deadlines={link: tuple(grounds) for link, grounds in by_link["deadline"].items()},
        first_causes={link: tuple(grounds) for link, grounds in by_link["first_cause"].items()},
        stated={event: tuple(grounds) for event, grounds in stated.items()},
        amounts=amounts,
        doubts=tuple(found.doubts),
    )


def _event_of(clause: ClauseRule) -> str | None:
    """The event on which a clause with a compensation rests."""
    about = (ALWAYS_ABOUT.get(ground.shape, ground.fact) for ground in clause.grounds)
    return next((event for event in about if event), None)


def _amounts(
    place: Place, clause: ClauseRule, names: Names, found: Found
) -> tuple[Expression | None, Expression | None]:
    """The ceiling and the loss, both amounts."""
    said = clause.compensation
    assert said is not None
    formula = _expression((*place, "formula"), said.formula, names, NUMBER, found)
    return formula, _expression((*place, "loss"), said.loss, names, NUMBER, found)


def _ground(
    place: Place,
    clause: ClauseRule,
    ground: Ground,
    names: Names,
    found: Found,
) -> CompiledGround:
    said = {part: getattr(ground, part) for part in ("when", "proved", "person", "moment")}
    if ground.finding:
        said = {**said, **NAMED, "when": ground.when or "true"}
    parts = {
        part: _expression((*place, part), text, names, WANTED[part], found) if text else None
        for part, text in said.items()
    }
    return CompiledGround(clause, ground, **parts, notes=tuple(_notes(place, ground, names, found)))


def _notes(place: Place, ground: Ground, names: Names, found: Found) -> Iterator[tuple[Expression | None, Bilingual]]:
    for number, note in enumerate(ground.finding.notes if ground.finding else ()):
        where = (*place, "finding", "notes", number, "when")
        when = _expression(where, note.when, names, TRUTH, found) if note.when else None
        yield when, Bilingual(zh=note.zh, en=note.en)


def _expression(place: Place, text: str, names: Names, wanted: Type, found: Found) -> Expression | None:
    try:
        expression = Expression(text, names, wanted)
    except InvalidExpression as error:
        found.mistakes.append((place, error.what))
        return None
    found.doubts.extend((place, what) for what in expression.never)
    return expression
