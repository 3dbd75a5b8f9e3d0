"""What does a rulebook say? Links with their clocks and clauses with their grounds, as frozen objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from chassis.due_terms import DueTerm, Span
from chassis.language import InvalidValue, Label, listed
from contracts.accountability import Sanction
from contracts.event import SERVICES
from services.accountability.rules.expressions import Expression
from services.accountability.rules.mistakes import Mistake

Shape = Literal["deadline", "first_cause", "prohibition", "attribution", "finding"]
Stop = Literal["stop_work", "block"]


NO_DEPARTMENT = Label("“{name}”不是部门;有 {known}", "{name!r} is no department; known are {known}")
NO_ANSWER = Label(
    "“{value}”不能作答案;请写文字、整数、是或否(true、false)或文字的列表",
    "{value!r} is no answer; give a text, a whole number, true or false, or a list of texts",
)


def _department(name: str) -> str:
    if name not in SERVICES:
        raise InvalidValue(NO_DEPARTMENT, name=name, known=listed(SERVICES))
    return name


def _answer(value: Any) -> Any:
    """Told once, instead of once for each type that it might have had."""
    several = isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
    if not several and not isinstance(value, str | int):
        raise InvalidValue(NO_ANSWER, value=value)
    return value


Department = Annotated[str, AfterValidator(_department)]
Answer = Annotated[str | int | bool | tuple[str, ...], BeforeValidator(_answer)]

WHOEVER = "whoever"
"""In place of a post: the person whom the confirmed fact names, whatever post they hold."""


Duration = Annotated[Span, BeforeValidator(Span.read)]
Term = Annotated[DueTerm, BeforeValidator(DueTerm.read)]


class Rule(BaseModel):
    """A part of the rulebook; an unknown key is a mistake, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Bilingual(Rule):
    """One text in both languages."""

    zh: str
    en: str


class LinkRule(Rule):
    """One kind of handover: who owes it, by when, what it waits for, and which fact ends it.

    `department` is where the person acts; `stopped_by` says what halts its clock; `ended_by` names links whose closing
    (of the same key) makes this one pointless; the records of a link `from_complaint` wait for the customer.
    """

    code: str
    title: Bilingual
    department: Department
    post: str | None = None
    standard: Duration
    due: tuple[Term, ...] = ()
    inputs: tuple[str, ...] = ()
    closes_with: tuple[str, ...] = Field(min_length=1)
    ended_by: tuple[str, ...] = ()
    stopped_by: tuple[Stop, ...] = ("stop_work",)
    from_complaint: bool = False
    clause: str | None = None

    @cached_property
    def terms(self) -> tuple[DueTerm, ...]:
        """The terms whose latest is the due time."""
        return self.due or (DueTerm("opened", span=self.standard),)

    @cached_property
    def recorded_in(self) -> frozenset[str]:
        """The services that state the facts which close this link."""
        return frozenset(event.partition(".")[0] for event in self.closes_with)


class CompensationRule(Rule):
    """What a clause lets propose: a ceiling and the recorded loss it may never exceed, both amounts in CNY."""

    formula: str
    loss: str


class Note(Rule):
    """What a record says besides, where `when` holds (always where it is left out)."""

    when: str | None = None
    zh: str
    en: str


class FindingRule(Rule):
    """Who may find a clause, and what a finding of it has to say.

    `finders` are the posts that may; with `proposed_by` only on that post's proposal. `proposers` may propose it to them,
    of whoever held one of the posts `proposed_of` then (of all where it is left out). `sanctions` is the range to choose
    from, the lightest first; `up_to` names a setting whose answer is the heaviest of them that counts. `asks` names what
    has to be filled in, `not_evidence` those of them that never count as evidence. `posts`: the person held one of these,
    where the clause names no single post; `of_department`: a department may be named, and its manager answers.
    """

    finders: tuple[str, ...] = Field(min_length=1)
    proposed_by: str | None = None
    proposers: tuple[str, ...] = ()
    proposed_of: tuple[str, ...] = ()
    sanctions: tuple[Sanction, ...] = ()
    up_to: str | None = None
    asks: tuple[str, ...] = ()
    not_evidence: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    of_department: bool = False
    notes: tuple[Note, ...] = ()


class Ground(Rule):
    """One way in which a clause is breached.

    deadline: a link of `links` overran. first_cause: one of them is the first cause of a missed date (`of`).
    prohibition: a `fact` for which `when` holds, and which the evidence bears out (`proved`). attribution: the same
    for an attribution. finding: a person with authority found it, as `finding` says, and the evidence bears it out.
    """

    shape: Shape
    links: tuple[str, ...] = ()
    of: tuple[Literal["delivery", "production"], ...] = ("delivery",)
    fact: str | None = None
    when: str | None = None
    proved: str | None = None
    person: str | None = None
    moment: str | None = None
    finding: FindingRule | None = None


class ClauseRule(Rule):
    """A duty or prohibition, who answers for it, and what a breach brings."""

    code: str
    duty: Bilingual
    post: str
    sanction: Sanction | None = None
    compensation: CompensationRule | None = None
    mode: Literal["auto", "finding", "both"] = "auto"
    found_by: str | None = None
    counts_items: bool = False
    absorbs: tuple[str, ...] = ()
    only_as_first_cause: bool = False
    grounds: tuple[Ground, ...] = ()

    @cached_property
    def finding(self) -> FindingRule | None:
        """Who may find this clause and how; None where the records alone establish it."""
        return next((ground.finding for ground in self.grounds if ground.finding), None)


class Setting(Rule):
    """A question the source leaves open, our answer and its reason; expressions read it as `settings.<key>`.

    A `fixed` one is read by nothing: its answer says how the product works, and `fixed` what to change for another.
    """

    key: str
    question: Bilingual
    value: Answer
    reason: Bilingual
    fixed: Bilingual | None = None


class RulebookText(Rule):
    """The whole rulebook as its authors wrote it."""

    version: str = Field(min_length=1, max_length=64)
    tolerance_seconds: int = Field(ge=0)
    first_cause_minimum: Duration
    statement_period: Duration
    appeal_period: Duration
    lapse_months: int = Field(ge=1)
    checks: tuple[tuple[str, str], ...] = ()
    links: tuple[LinkRule, ...]
    clauses: tuple[ClauseRule, ...]
    settings: tuple[Setting, ...] = ()

    def setting(self, key: str) -> Answer | None:
        """The answer to a question that the source leaves open; None where a rulebook, being older, does not say."""
        return next((setting.value for setting in self.settings if setting.key == key), None)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledGround:
    """A ground ready to be judged, with its clause."""

    clause: ClauseRule
    ground: Ground
    when: Expression | None
    proved: Expression | None
    person: Expression | None
    moment: Expression | None
    notes: tuple[tuple[Expression | None, Bilingual], ...] = ()

    def expressions(self) -> Iterator[Expression]:
        """Everything that this ground asks of the evidence."""
        asked = (self.when, self.proved, self.person, self.moment, *(when for when, _ in self.notes))
        return (each for each in asked if each)


@dataclass(frozen=True, eq=False)
class Rulebook:
    """A validated rulebook with what the judge looks up: clauses by link and by event, the way to a shipment."""

    text: RulebookText
    links: dict[str, LinkRule]
    clauses: dict[str, ClauseRule]
    deadlines: dict[str, tuple[CompiledGround, ...]]
    first_causes: dict[str, tuple[CompiledGround, ...]]
    stated: dict[str, tuple[CompiledGround, ...]]
    amounts: dict[str, tuple[Expression, Expression]]
    doubts: tuple[Mistake, ...] = ()
    """Comparisons with words that nothing ever is: one in force goes on as it stands, a draft is told."""

    @property
    def version(self) -> str:
        return self.text.version

    @cached_property
    def settings(self) -> dict[str, Any]:
        return {setting.key: setting.value for setting in self.text.settings}

    @cached_property
    def ends(self) -> dict[str, tuple[str, ...]]:
        """For a closing link, the links that it makes pointless."""
        return {
            code: tuple(link.code for link in self.links.values() if code in link.ended_by)
            for code in {ender for link in self.links.values() for ender in link.ended_by}
        }

    @cached_property
    def path_to_shipment(self) -> frozenset[str]:
        """The links that a shipment can wait for, however far back."""
        found: set[str] = set()
        waiting = ["ship"]
        while waiting:
            code = waiting.pop()
            if code not in found:
                found.add(code)
                waiting.extend(self.links[code].inputs)
        return frozenset(found)

    def grounds(self) -> Iterator[CompiledGround]:
        """Every ground once."""
        for table in (self.deadlines, self.first_causes, self.stated):
            for grounds in table.values():
                yield from grounds
