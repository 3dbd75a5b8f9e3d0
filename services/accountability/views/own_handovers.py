"""Which handovers do I owe, and which that I answer for were late? Page by page, however many there are."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person
from services.accountability.figures.behind import Page
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import HandoverOutcome

NAMED = tuple_(HandoverOutcome.duty, HandoverOutcome.attempt)
Place = tuple[datetime | None, tuple[str, int]]
"""Where a handover stands in a list: when it is due, its name and attempt."""


def is_owed_by(person: Person) -> ColumnElement[bool]:
    """By name, or as a holder of the post where nobody is named."""
    row, posts = HandoverOutcome, [post for post, _ in person.posts]
    theirs = or_(row.assignee == person.employee, and_(row.assignee.is_(None), row.post.in_(posts)))
    return and_(row.ended_at.is_(None), theirs)


async def owed(session: AsyncSession, person: Person, after: str = "", *, most: int) -> Page[HandoverOutcome]:
    """What I owe, the most urgent first."""
    row = HandoverOutcome
    query = select(row).where(is_owed_by(person)).order_by(row.due_at.asc().nulls_last(), row.duty, row.attempt)
    if place := place_named(after):
        due_at, named = place
        undated = and_(row.due_at.is_(None), named < NAMED)
        later = or_(row.due_at > due_at, and_(row.due_at == due_at, named < NAMED), row.due_at.is_(None))
        query = query.where(undated if due_at is None else later)
    return page_of((await session.scalars(query.limit(most + 1))).all(), most)


async def how_many_owed(session: AsyncSession, person: Person) -> int:
    return await session.scalar(select(func.count()).where(is_owed_by(person))) or 0


async def late(session: AsyncSession, person: Person, after: str = "", *, most: int) -> Page[HandoverOutcome]:
    """What I answer for that was late, the latest first."""
    row = HandoverOutcome
    query = select(row).where(row.person == person.employee, row.outcome == DutyStatus.OVERRAN)
    if place := place_named(after):
        due_at, named = place
        query = query.where(or_(row.due_at < due_at, and_(row.due_at == due_at, named < NAMED)))
    query = query.order_by(row.due_at.desc(), row.duty, row.attempt).limit(most + 1)
    return page_of((await session.scalars(query)).all(), most)


def page_of(found: Sequence[HandoverOutcome], most: int) -> Page[HandoverOutcome]:
    last = found[most - 1] if len(found) > most else None
    at = last.due_at.isoformat() if last and last.due_at else ""
    return Page(found[:most], f"{at}~{last.attempt}~{last.duty}" if last else "")


def place_named(after: str) -> Place | None:
    """The last one that was shown: `due~attempt~handover`; anything else begins at the top."""
    found = re.fullmatch(r"([^~]*)~(\d{1,6})~(.+)", after)
    if found is None:
        return None
    try:
        due_at = datetime.fromisoformat(found[1]) if found[1] else None
    except ValueError:
        return None
    return (due_at, (found[3], int(found[2]))) if due_at is None or due_at.tzinfo else None
