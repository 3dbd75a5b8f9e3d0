"""Who is supposed to have held which post? People who are registered, posts that there are, from a day to one not before it."""

from collections.abc import Collection, Iterator, Sequence

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import InvalidInput, Refusal
from chassis.schema_people import employees
from contracts.words import POSTS
from services.accountability.people.staff import EndsBeforeStart, UnknownEmployee, UnknownTerm
from services.accountability.what_if.models_what_if import SupposedTenure


class TenureRow(SupposedTenure):
    """One row of the form; the person is chosen from those who are registered."""

    employee: str = Field(pattern=r"^E-\d{3,6}$")


async def check_tenures(session: AsyncSession, rows: Sequence[TenureRow]) -> None:
    """Raises InvalidInput that names each row in which something is wrong, and what to do."""
    named = {row.employee for row in rows}
    registered = set(await session.scalars(select(employees.c.employee).where(employees.c.employee.in_(named))))
    found = [
        {
            "field": f"tenures.{number}.{refusal.at}",
            "value": str(getattr(row, refusal.at or "")),
            "remedy": str(refusal),
        }
        for number, row in enumerate(rows)
        for refusal in mistakes(row, registered)
    ]
    if found:
        raise InvalidInput(found)


def mistakes(row: TenureRow, registered: Collection[str]) -> Iterator[Refusal]:
    if row.employee not in registered:
        yield UnknownEmployee(employee=row.employee)
    if row.post not in POSTS:
        yield UnknownTerm(field="post", value=row.post, known=sorted(POSTS))
    if row.until is not None and row.until < row.since:
        yield EndsBeforeStart(field="until", effective_until=row.until, effective_from=row.since)
