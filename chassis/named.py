"""Who sees whom a document names? That person, the manager of their department, HR and the general manager.

Posts count as they are held at the moment of looking, acting ones included.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true

from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import Person
from chassis.schema_people import employees
from chassis.sight import Sight
from contracts.posts import MANAGERS, SEE_ALL


class NotForTheirEyes(Refusal):
    status, code = 403, "not_for_their_eyes"
    message = Label(
        "{no} 涉及另一位员工。只有当事人本人、其部门经理、人事和总经理可以查看。您可以在订单时间线上看到交接、工时与部门。",
        "{no} concerns another employee. Only that person, the manager of their department, HR and the general manager "
        "may look at it. You see handovers, hours and departments on the order's timeline.",
    )


def sees_all(person: Person) -> bool:
    return person.holds(SEE_ALL)


def managed_by(person: Person) -> list[str]:
    """The departments whose manager this person is now."""
    return [department for department, post in MANAGERS.items() if person.holds({post})]


def people_of(person: Person) -> Select[Any]:
    """The employee ids of the departments that this person manages."""
    return select(employees.c.employee).where(employees.c.department.in_(managed_by(person)))


def theirs(column: Any, person: Person) -> ColumnElement[bool]:
    """Whether a column names this person or somebody whom they may see; the one place that says so."""
    own: ColumnElement[bool] = column == person.employee
    if sees_all(person):
        return true()
    return own | column.in_(people_of(person)) if managed_by(person) else own


@dataclass(frozen=True, slots=True)
class OfTheNamed(Sight):
    """What `own`, or one of the columns `beside`, names somebody for; `deciding` are the posts that say or decide it.

    Colleagues see none of them; what comes of it everybody reads at accountability, as figures.
    """

    deciding: frozenset[str] = frozenset()
    beside: tuple[str, ...] = ()

    def which(self, person: Person) -> ColumnElement[bool] | None:
        if person.holds(self.deciding | SEE_ALL):
            return None
        return or_(*(theirs(getattr(self.kind, name), person) for name in (self.own, *self.beside)))

    def refusal(self, person: Person, document: Any) -> Exception:
        return NotForTheirEyes(no=document.no)
