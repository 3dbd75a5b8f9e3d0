"""Are these people registered? A paper names nobody whom HR has not entered."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Refusal
from chassis.language import Label
from chassis.schema_people import employees


class UnknownEmployee(Refusal):
    status, code = 422, "unknown_employee"
    message = Label(
        "工号 {employee} 没有登记。请核对工号,或请人事先登记。",
        "There is no employee {employee}. Please check the id, or ask HR to register them first.",
    )


async def check_registered(session: AsyncSession, people: Collection[str], field: str | None = None) -> None:
    """Raises UnknownEmployee of the first of these employee ids that nobody registered; `field` is where it was given."""
    query = select(employees.c.employee).where(employees.c.employee.in_(people))
    if unknown := set(people) - set((await session.scalars(query)).all()):
        raise UnknownEmployee(field=field, employee=min(unknown))
