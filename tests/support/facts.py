"""How do tests tell what happened in a factory? As a story: who stated which fact, when.

    story = a_story()
    story.at("2026-03-03 09:00").states(OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date="2026-03-20")])
    story.delivers(links.release("SO-1"), post="merchandiser")
    told = story.judged(until="2026-03-10 17:00")
    assert told.records == {"MER-01": "E-002"}

Facts are real events of the contracts; what a story does not say about one is filled in plausibly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from contracts import accountability, parts
from contracts.catalogue import ALL_EVENTS
from contracts.event import DutyRef, Event, Fact, compose
from services.accountability.judge.admission import admission
from services.accountability.judge.evidence import Entry, Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import (
    DutyStatus,
    DutyVerdict,
    FirstCause,
    Infeasible,
    RecordProposal,
    Suspected,
    Verdict,
    Withdrawal,
)
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules.rulebook_loading import shipped_rules

E = TypeVar("E", bound=Event)

RULES = shipped_rules()
SHANGHAI = ZoneInfo("Asia/Shanghai")

STAFF = {
    "salesperson": "E-001",
    "merchandiser": "E-002",
    "engineer": "E-003",
    "planner": "E-004",
    "workshop_director": "E-005",
    "team_leader": "E-006",
    "buyer": "E-007",
    "purchasing_manager": "E-008",
    "inspector": "E-009",
    "storekeeper": "E-010",
    "hr": "E-011",
    "general_manager": "E-012",
    "engineering_manager": "E-013",
    "pmc_manager": "E-014",
}

PLAUSIBLE: dict[str, Any] = {
    "line_no": 1,
    "quantity": "1",
    "employee": "E-001",
    "documents": ("bom", "drawing"),
    "delivery_date": "2026-03-20",
    "amount": "1000",
    "unit_price": "1000",
    "complaint_no": "C-1",
    "time_zone": "Asia/Shanghai",
}
"""What a field holds where a story does not care."""


def local(text: str) -> datetime:
    """`2026-03-03 09:00` on the factory's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def a_line(**said: Any) -> dict[str, Any]:
    """One line of an order."""
    return fields_of(parts.OrderLine, said)


def example(event: type[E], /, **said: Any) -> E:
    """A valid event that says this much and leaves the rest plausible."""
    return event.model_validate(fields_of(event, said))


def fields_of(model: type[Fact], said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a model: what is said, and something plausible where it is required."""
    unknown = said.keys() - model.model_fields.keys()
    if unknown:
        raise TypeError(f"{model.__name__} has no field {', '.join(sorted(unknown))}")
    required = {name: _plausible(name, info) for name, info in model.model_fields.items() if info.is_required()}
    return {**required, **said}


def _names_a_doer(name: str, info: FieldInfo) -> bool:
    return name.endswith("_by") and info.is_required() and info.annotation is str


def _plausible(name: str, info: FieldInfo) -> Any:
    kind: Any = info.annotation
    if name in PLAUSIBLE:
        return PLAUSIBLE[name]
    if get_origin(kind) is tuple:
        return ()
    if any(getattr(bound, "pattern", None) for bound in info.metadata):
        return STAFF["salesperson"]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    if kind is AwareDatetime:
        return local("2026-03-20 17:00")
    by_kind = {str: name, int: 1, bool: True, Decimal: "1", date: "2026-03-20"}
    return by_kind.get(kind)


@dataclass(frozen=True)
class Told:
    """A fact of a story: its wire JSON, when it was recorded, and when it came to the ledger (None: at once)."""

    fact: dict[str, Any]
    recorded_at: datetime
    comes_at: datetime | None = None


@dataclass(repr=False)
class Outcome:
    """What the judge said in the end, and on the way there."""

    state: State
    verdicts: list[Verdict]

    @cached_property
    def standing(self) -> dict[str, RecordProposal | Suspected]:
        """What was proposed and not withdrawn, by its key."""
        return standing(self.verdicts)

    @property
    def records(self) -> dict[str, str]:
        """The clauses of the records that stand, each with its person."""
        return {found.clause: found.person.employee for found in self.proposals}

    @property
    def proposals(self) -> list[RecordProposal]:
        return [found for found in self.standing.values() if isinstance(found, RecordProposal)]

    @property
    def suspicions(self) -> dict[str, str]:
        """The clauses of which somebody is suspected, each with the reason why nobody is named."""
        return {found.clause: found.reason for found in self.standing.values() if isinstance(found, Suspected)}

    @property
    def withdrawn(self) -> list[Withdrawal]:
        return [verdict for verdict in self.verdicts if isinstance(verdict, Withdrawal)]

    @property
    def first_cause(self) -> FirstCause | Infeasible | None:
        """The latest word on a missed date."""
        return next((v for v in reversed(self.verdicts) if isinstance(v, FirstCause | Infeasible)), None)

    def record(self, clause: str) -> RecordProposal:
        """The one record of a clause that stands."""
        (found,) = [proposal for proposal in self.proposals if proposal.clause == clause]
        return found

    def duty(self, ref: DutyRef, attempt: int = 1) -> DutyVerdict:
        """The latest word on a handover."""
        found = [v for v in self.verdicts if isinstance(v, DutyVerdict) and (v.duty, v.attempt) == (str(ref), attempt)]
        return found[-1]

    def overran(self) -> set[str]:
        """The handovers that overran in the end."""
        last = {v.duty: v.status for v in self.verdicts if isinstance(v, DutyVerdict)}
        return {duty for duty, status in last.items() if status is DutyStatus.OVERRAN}


@dataclass(repr=False)
class Story:
    """Facts in the order in which they are told; each is recorded at the story's moment and comes at once."""

    now: datetime = field(default_factory=lambda: local("2026-03-02 08:00"))
    told: list[Told] = field(default_factory=list)
    late_until: datetime | None = None

    def __repr__(self) -> str:
        return f"<a story of {len(self.told)} facts>"

    def at(self, time: str | datetime) -> Story:
        """It is now this time of the factory's clock."""
        self.now = local(time) if isinstance(time, str) else time
        self.late_until = None
        return self

    def coming_late(self, text: str) -> Story:
        """What is stated now reaches the ledger only then, because a relay was down."""
        self.late_until = local(text)
        return self

    def states(self, event: type[Event], /, by: str = "system", as_post: str | None = None, **said: Any) -> Story:
        """Somebody states a fact; what it says was done `_by` somebody, was done by them."""
        if by != "system":
            doers = {name: by for name, info in event.model_fields.items() if _names_a_doer(name, info)}
            said = doers | said
        fact = example(event, **said)
        self.add(fact, actor=by, post=as_post)
        return self

    def delivers(
        self,
        duty: DutyRef,
        post: str,
        *,
        order_no: str | None = "SO-1",
        line_no: int | None = 1,
        service: str = "pmc",
        assignee: str | None = None,
        inputs: Iterable[DutyRef] = (),
        attempt: int = 1,
        given: str | None = None,
        **terms: Any,
    ) -> Story:
        """A handover reaches the worklist of a post; `given`: when the fact that brought it was recorded."""
        event = ALL_EVENTS[f"{service}.handover_delivered.v1"]
        said: dict[str, Any] = {
            "assignee": assignee,
            "inputs": tuple(inputs),
            "attempt": attempt,
            "terms": terms,
            "line_no": line_no,
            "given_at": local(given) if given else None,
        }
        return self.states(event, order_no=order_no, duty=duty, post=post, **said)

    def appoints(self, employee: str, post: str, *, since: str | None = None, acting: bool = False) -> Story:
        """Somebody takes a post, from now on unless another time is said."""
        return self.states(
            accountability.PostAssigned,
            assignment_no=f"A-{employee}-{post}",
            employee=employee,
            post=post,
            acting=acting,
            effective_from=local(since) if since else self.now,
        )

    def relieves(self, employee: str, post: str, *, since: str | None = None) -> Story:
        """Somebody gives up a post."""
        return self.states(
            accountability.PostEnded,
            assignment_no=f"A-{employee}-{post}",
            employee=employee,
            post=post,
            effective_until=local(since) if since else self.now,
        )

    def add(self, event: Event, *, actor: str = "system", post: str | None = None) -> None:
        """Put an event on the wire as its publisher would."""
        source = event.publisher()
        sequence = 1 + sum(told.fact["source"] == source for told in self.told)
        wire = compose(
            id=UUID(int=len(self.told) + 1),
            source=source,
            type=event.name,
            subject=event.order_no,
            recorded_at=self.now,
            occurred_at=self.now,
            actor=actor,
            actor_post=post,
            actor_acting=False,
            epoch=1,
            sequence=sequence,
            number=sequence,
            traceparent=None,
            baggage=None,
            data=event.model_dump_json().encode(),
        )
        self.told.append(Told(orjson.loads(wire), self.now, self.late_until))

    def entries(self) -> list[Entry]:
        """The facts as the ledger would hold them, in the judge's order."""
        return in_order(
            Entry(position, told.comes_at or admission(told.fact, None), told.fact, hash_of(told.fact))
            for position, told in enumerate(self.told, start=1)
        )

    def judged(self, until: str = "2026-06-30 17:00") -> Outcome:
        """Everything that was told, judged up to a moment."""
        return outcome(State(), self.entries(), local(until))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """The judge's order: admitted, source, epoch, sequence."""
    return sorted(entries, key=lambda e: (e.admitted, e.fact["source"], e.fact["epoch"], e.fact["sequence"]))


def outcome(state: State, entries: Iterable[Entry], until: datetime) -> Outcome:
    """Fold entries and the frontier into a state."""
    verdicts = [verdict for entry in entries for verdict in judge(state, entry)]
    verdicts += judge(state, Tick(until))
    return Outcome(state, verdicts)


def standing(verdicts: Iterable[Verdict]) -> dict[str, RecordProposal | Suspected]:
    """What was proposed and not withdrawn."""
    found: dict[str, RecordProposal | Suspected] = {}
    for verdict in verdicts:
        match verdict:
            case RecordProposal() | Suspected():
                found[verdict.key] = verdict
            case Withdrawal():
                del found[verdict.key]
    return found


def hash_of(fact: Mapping[str, Any]) -> str:
    """A hash as the ledger would have one."""
    return sha256(orjson.dumps(fact)).hexdigest()


def a_story(staff: Mapping[str, str] = STAFF, rules: Mapping[str, Any] = RULES) -> Story:
    """A factory at work: the shipped calendar and rulebook in force, one holder for each post, since January 2026."""
    story = Story().at("2026-01-05 08:00")
    story.states(accountability.CalendarSet, calendar_no="CAL-1", **shipped_calendar())
    story.states(accountability.RulebookActivated, version="2026-01", effective_from=story.now, rules=rules)
    for post, employee in staff.items():
        story.appoints(employee, post)
    return story
