"""Whose name may somebody read beside the figures? One's own; a department's manager its people's; HR and the general manager all.

Figures, departments and posts are for everybody who works here. Posts count as they are held at the moment of looking.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotTheirs
from chassis.people import Person
from chassis.schema_people import employees
from contracts.event import SYSTEM_ACTOR

SEE_ALL = frozenset({"hr", "general_manager"})
MANAGERS = {
    "sales_manager": "sales",
    "engineering_manager": "engineering",
    "pmc_manager": "pmc",
    "purchasing_manager": "purchasing",
    "quality_manager": "quality",
    "warehouse_manager": "warehouse",
}


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whom a person may see by name; `people` are all of them, unless it is everybody."""

    person: Person
    all: bool
    people: frozenset[str]

    def see(self, employee: str) -> bool:
        return self.all or employee in self.people or employee == SYSTEM_ACTOR


async def eyes_of(session: AsyncSession, person: Person) -> Eyes:
    """What this person's posts of this moment let them read."""
    if person.holds(SEE_ALL):
        return Eyes(person, all=True, people=frozenset())
    led = [MANAGERS[post] for post, _ in person.posts if post in MANAGERS]
    theirs = select(employees.c.employee).where(employees.c.department.in_(led))
    found = await session.scalars(theirs) if led else ()
    return Eyes(person, all=False, people=frozenset({person.employee, *found}))


def admit(eyes: Eyes, employee: str) -> None:
    """Raises NotTheirs for who may not ask after somebody by name."""
    if not eyes.see(employee):
        raise NotTheirs(employee=eyes.person.employee, no=employee)
