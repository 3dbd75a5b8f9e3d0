"""Who works here, which posts do they hold at this moment, and how does this service learn of it?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import stated_at
from chassis.errors import PostNotHeld
from chassis.language import word
from chassis.schema_people import employees, holdings
from contracts.accountability import EmployeeRegistered, PostAssigned, PostEnded
from contracts.event import Actor


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in employee with the posts they hold now, acting ones marked."""

    employee: str
    nickname: str
    department: str
    posts: tuple[tuple[str, bool], ...]
    now: datetime

    def holds(self, posts: Collection[str]) -> bool:
        return any(post in posts for post, _ in self.posts)

    def acting_as(self, posts: Collection[str]) -> Actor:
        """This person in the first of the wanted posts they hold, their own before an acting one; raises PostNotHeld."""
        held = sorted((acting, post) for post, acting in self.posts if post in posts)
        if not held:
            raise PostNotHeld(employee=self.employee, posts=[str(word(post)) for post in sorted(posts)])
        acting, post = held[0]
        return Actor(employee=self.employee, post=post, acting=acting)

    def as_themself(self) -> Actor:
        """This person in their own matter, in the first post they hold, if any."""
        post, acting = next(iter(self.posts), (None, False))
        return Actor(employee=self.employee, post=post, acting=acting)


# The answer that this key got before comes along: a command asks both with its first statement.
FIND_PERSON = text("""
WITH clock AS MATERIALIZED (
    SELECT factory_now() AS now
), held AS (
    SELECT h.post, h.acting FROM holdings h CROSS JOIN clock
    WHERE h.employee = :employee AND h.effective_from <= clock.now
        AND (h.effective_until IS NULL OR h.effective_until > clock.now)
)
SELECT clock.now, e.nickname, e.department, a.fingerprint, a.response,
    ARRAY(SELECT post FROM held ORDER BY acting, post) AS posts,
    ARRAY(SELECT acting FROM held ORDER BY acting, post) AS acting
FROM clock
LEFT JOIN employees e ON e.employee = :employee
LEFT JOIN acts a ON a.employee = :employee AND a.key = :key AND a.outcome = 'done'
""").columns(response=JSONB)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an idempotency key was used for, and the answer it got."""

    fingerprint: str
    response: dict[str, Any]


async def find_person(session: AsyncSession, employee: str) -> Person:
    """The employee with the posts of this moment, and the moment; one statement. Unknown people hold nothing."""
    return (await find_person_and_answer(session, employee, None))[0]


async def find_person_and_answer(
    session: AsyncSession, employee: str, key: str | None
) -> tuple[Person, Remembered | None]:
    """The same, and the answer that this person's idempotency key got before."""
    row = (await session.execute(FIND_PERSON, {"employee": employee, "key": key})).one()
    session.info["now"] = row.now
    posts = tuple(zip(row.posts, row.acting, strict=True))
    person = Person(employee, row.nickname or employee, row.department or "", posts, row.now)
    return person, None if row.fingerprint is None else Remembered(row.fingerprint, row.response)


async def sole_holder(session: AsyncSession, post: str, at: datetime) -> str | None:
    """The one person who holds a post at a moment, acting holders included; None when nobody or several do."""
    found = (
        await session.scalars(
            select(holdings.c.employee)
            .where(
                holdings.c.post == post,
                holdings.c.effective_from <= at,
                holdings.c.effective_until.is_(None) | (holdings.c.effective_until > at),
            )
            .distinct()
            .limit(2)
        )
    ).all()
    return found[0] if len(found) == 1 else None


async def holders_of(session: AsyncSession, at: datetime) -> dict[str, list[str]]:
    """Who holds each post at a moment, acting holders last."""
    query = (
        select(holdings.c.post, holdings.c.employee)
        .where(
            holdings.c.effective_from <= at,
            holdings.c.effective_until.is_(None) | (holdings.c.effective_until > at),
        )
        .order_by(holdings.c.acting, holdings.c.employee)
    )
    found: dict[str, dict[str, None]] = {}
    for row in await session.execute(query):
        found.setdefault(row.post, {})[row.employee] = None
    return {post: list(employees) for post, employees in found.items()}


async def ever_held(session: AsyncSession, posts: Collection[str]) -> list[str]:
    """Who holds one of these posts, or has held it."""
    query = select(holdings.c.employee).where(holdings.c.post.in_(posts)).distinct().order_by(holdings.c.employee)
    return list(await session.scalars(query))


async def nicknames(session: AsyncSession) -> dict[str, str]:
    """Employee id to nickname, for pages; names never travel with other facts."""
    return {
        row.employee: row.nickname for row in await session.execute(select(employees.c.employee, employees.c.nickname))
    }


async def on_employee_registered(event: EmployeeRegistered, session: AsyncSession) -> None:
    values = {"employee": event.employee, "nickname": event.nickname, "department": event.department}
    await session.execute(
        insert(employees).values(values).on_conflict_do_update(index_elements=["employee"], set_=values)
    )


async def on_post_assigned(event: PostAssigned, session: AsyncSession) -> None:
    """It counts from when it is known, so that nobody is moved into a due time afterwards."""
    values = event.model_dump(include={"assignment_no", "employee", "post", "acting", "effective_from"})
    values["counts_from"] = max(event.effective_from, await stated_at(session))
    await session.execute(
        insert(holdings).values(values).on_conflict_do_update(index_elements=["assignment_no"], set_=values)
    )


async def on_post_ended(event: PostEnded, session: AsyncSession) -> None:
    """An end that overtakes its beginning leaves a row that the beginning completes."""
    values = {
        "assignment_no": event.assignment_no,
        "employee": event.employee,
        "post": event.post,
        "acting": False,
        "effective_from": event.effective_until,
        "counts_from": event.effective_until,
        "effective_until": event.effective_until,
    }
    await session.execute(
        insert(holdings)
        .values(values)
        .on_conflict_do_update(index_elements=["assignment_no"], set_={"effective_until": event.effective_until})
    )
