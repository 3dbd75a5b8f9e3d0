"""What does an order's timeline tell whom? What was late, where and how much, everybody; who it was, only who may know."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.language import Label, word
from chassis.schema_people import employees
from chassis.sight import How, Look
from services.accountability.judge.verdicts import Person
from services.accountability.models import PenaltyRecord
from services.accountability.privacy.periods import Keeping
from services.accountability.privacy.seeing import RECORDS, Eyes
from services.accountability.views.timelines import Handover, Timeline

WITHHELD = "withheld"
"""Stands where an employee would be named."""
EMPLOYEE = re.compile(r"\bE-\d{3,6}\b", re.ASCII)
"""An employee id, also where no space parts it from Chinese words."""


def for_eyes(timeline: Timeline, eyes: Eyes) -> Timeline:
    """The timeline as this person may see it."""
    return replace(timeline, handovers=tuple(handover_for(each, eyes) for each in timeline.handovers))


def handover_for(handover: Handover, eyes: Eyes) -> Handover:
    assignee, person = handover.assignee, handover.person
    return replace(
        handover,
        assignee=assignee if assignee is None or eyes.see(assignee) else WITHHELD,
        person=person if person is None or eyes.see(person.employee) else unnamed(person),
        doubt=unsaid(handover.doubt, in_doubt(handover, eyes)),
    )


def in_doubt(handover: Handover, eyes: Eyes) -> frozenset[str]:
    """Whom the doubt must not name: who is not for these eyes; anybody once it ended as long ago as a record is kept."""
    others = named_in(handover.doubt) - {eyes.person.employee}
    if not others:
        return others  # most handovers: what is kept how long need not be asked
    over = handover.ended_at is not None and handover.ended_at <= eyes.person.now - Keeping().record_retention
    return frozenset(name for name in others if over or not eyes.see(name))


def named_in(words: Label | str) -> frozenset[str]:
    """Whom a sentence names, in either language."""
    said = words if isinstance(words, str) else f"{words.zh} {words.en}"
    return frozenset(EMPLOYEE.findall(said))


def unsaid(words: Label, hidden: Collection[str]) -> Label:
    """A sentence that does not name these employees."""
    instead = word(WITHHELD)
    return Label(without(words.zh, hidden, instead.zh), without(words.en, hidden, instead.en))


def without(text: str, hidden: Collection[str], instead: str = WITHHELD) -> str:
    return EMPLOYEE.sub(lambda found: instead if found[0] in hidden else found[0], text)


def fact_for(said: Any, eyes: Eyes, *, own: bool) -> Any:
    """What a fact says as these eyes may read it; whose `own` handover rests on it reads all but what is sealed."""
    names = frozenset(EMPLOYEE.findall(str(said)))
    return said_without(said, eyes.sealed if own else frozenset(name for name in names if not eyes.see(name)))


def said_without(said: Any, hidden: Collection[str]) -> Any:
    """What a fact says, however deep, without naming these employees."""
    match said:
        case Mapping():
            return {name: said_without(value, hidden) for name, value in said.items()}
        case list() | tuple():
            return [said_without(value, hidden) for value in said]
        case str():
            return without(said, hidden)
    return said


def unnamed(person: Person) -> Person:
    """The post alone."""
    return replace(person, employee=WITHHELD, assignment_no=None)


@dataclass(frozen=True, slots=True)
class Records:
    """The records that an order led to: those that one may see, and how many others of which department's people."""

    seen: Sequence[PenaltyRecord]
    others: Sequence[tuple[str, int]]


async def records_of(session: AsyncSession, order_no: str, eyes: Eyes) -> Records:
    """Withdrawn ones included; that this person looks at them is written down."""
    may = RECORDS.which(eyes.person)
    assert may is not None
    query = select(PenaltyRecord).where(PenaltyRecord.order_no == order_no, may).order_by(PenaltyRecord.no)
    seen = (await session.scalars(query)).all()
    await RECORDS.note(session, eyes.person, seen, Look(How.TIMELINE))
    department = func.coalesce(employees.c.department, "").label("department")
    others = (
        select(department, func.count())
        .select_from(PenaltyRecord)
        .outerjoin(employees, employees.c.employee == PenaltyRecord.person)
        .where(PenaltyRecord.order_no == order_no, not_(may))
        .group_by(department)
        .order_by(department)
    )
    return Records(seen, [(row[0], row[1]) for row in await session.execute(others)])
