"""Which facts of the ledger does one handover rest on, and which papers do they name?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.errors import NotFound
from chassis.instants import Instant, instant
from chassis.language import Label
from services.accountability.judge.duties import id_of
from services.accountability.judge.state import COMPANY, State
from services.accountability.judging import Judging
from services.accountability.models import HandoverOutcome, LedgerEntry
from services.accountability.views import views
from services.accountability.views.timelines import Handover, handover

ABOUT = ("closes", "pauses", "resumes", "affected_duties", "duties")
"""Where a fact names the handovers that it changes; those that a later one waited for are not meant."""

COLUMNS = (
    LedgerEntry.position,
    LedgerEntry.hash,
    LedgerEntry.type,
    LedgerEntry.source,
    LedgerEntry.subject,
    LedgerEntry.recorded_at,
    LedgerEntry.body,
)


@dataclass(frozen=True, slots=True)
class LedgerFact:
    """One fact as it stands in the ledger; `papers` are the numbers that it names, `order_no` is empty where it is of no order."""

    position: int
    hash: str
    event: str
    source: str
    recorded_at: datetime
    actor: str
    order_no: str
    papers: tuple[tuple[str, str], ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A handover with its order, the department in which it is owed, and the facts it rests on, oldest first."""

    handover: Handover
    order_no: str
    department: str
    facts: tuple[LedgerFact, ...]


async def evidence_of(session: AsyncSession, judging: Judging, name: str, number: int, order_no: str) -> Found:
    """Everything that one attempt at a handover rests on; raises NotFound.

    `order_no` finds one that has only just arrived, before the judge has written it down.
    """
    row = await session.get(HandoverOutcome, (name, number))
    order_no, department = (row.order_no, row.department) if row else (order_no, "")
    one = await as_it_stands(session, judging, name, number, order_no)
    known = {*one.evidence, *(excuse.position for excuse in one.excuses if excuse.position is not None)}
    return Found(one, order_no, department, tuple(await facts_of(session, name, order_no, known)))


async def as_it_stands(session: AsyncSession, judging: Judging, name: str, number: int, order_no: str) -> Handover:
    """With its order's latest facts; what belongs to no order as the judge remembers it."""
    if order_no == COMPANY:
        known = company_handovers(judging.state, name, instant(await factory_now(session)))
    else:
        known = (await views.order_timeline(session, judging, order_no)).handovers
    found = next((each for each in known if (each.duty, each.attempt) == (name, number)), None)
    if found is None:
        raise NotFound(kind=Label("交接", "handover"), no=f"{name}#{number}")
    return found


def company_handovers(state: State, name: str, now: Instant) -> Sequence[Handover]:
    duty = state.duties.get(name)
    case = state.case(COMPANY)
    return [handover(state, case, duty, attempt, now) for attempt in duty.attempts] if duty else []


async def facts_of(session: AsyncSession, name: str, order_no: str, known: set[int]) -> list[LedgerFact]:
    """The facts at these positions, and all of the order that name the handover."""
    wanted: list[ColumnElement[bool]] = [LedgerEntry.position.in_(known)]
    if order_no != COMPANY:
        wanted.append(LedgerEntry.subject == order_no)
    rows = await session.execute(select(*COLUMNS).where(or_(*wanted)).order_by(LedgerEntry.position))
    read = ((row, orjson.loads(row.body)) for row in rows)
    return [fact_of(row, said) for row, said in read if row.position in known or name in names(said["data"])]


async def fact_at(session: AsyncSession, position: int) -> LedgerFact | None:
    """The fact at one position."""
    row = (await session.execute(select(*COLUMNS).where(LedgerEntry.position == position))).first()
    return fact_of(row, orjson.loads(row.body)) if row else None


def names(data: Mapping[str, Any]) -> Iterator[str]:
    """The handovers that a fact opens, closes, signs for, stops or moves."""
    refs = [data["duty"]] if isinstance(data.get("duty"), dict) else []
    for field in ABOUT:
        refs += data.get(field) or ()
    yield from (id_of(ref) for ref in refs if isinstance(ref, dict))


def fact_of(row: Any, said: Mapping[str, Any]) -> LedgerFact:
    data = said["data"]
    papers = tuple((field, str(value)) for field, value in data.items() if field.endswith("_no") and named(value))
    return LedgerFact(
        position=row.position,
        hash=row.hash.hex(),
        event=row.type,
        source=row.source,
        recorded_at=row.recorded_at,
        actor=said.get("actor", ""),
        order_no=row.subject or COMPANY,
        papers=papers,
        data=data,
    )


def path_of(duty: str, attempt: int, order_no: str) -> str:
    """Where the facts of one attempt at a handover are shown, also before it is judged."""
    asked: dict[str, Any] = {"attempt": attempt} | ({"order": order_no} if order_no else {})
    return f"/handovers/{quote(duty, safe='')}?{urlencode(asked)}"


def named(value: Any) -> bool:
    return isinstance(value, str) and "-" in value
