"""Who in this department sees what is said of a person? Whoever says it, their managers, and the person."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, or_

from chassis.people import Person
from chassis.sight import Sight
from services.pmc.models import Attribution

JUDGING = frozenset({"planner", "pmc_manager", "workshop_director", "general_manager"})


@dataclass(frozen=True, slots=True)
class OfTheNamed(Sight):
    """Others see an attribution that names them; what comes of it they all read at accountability."""

    def which(self, person: Person) -> ColumnElement[bool] | None:
        if person.holds(JUDGING):
            return None
        return or_(Attribution.person == person.employee, Attribution.inspector == person.employee)


@dataclass(frozen=True, slots=True)
class OfInjured(Sight):
    """Health is nobody's business but of the injured, of whoever wrote it down, and of those who look into it."""

    strict: ClassVar[bool] = True

    def which(self, person: Person) -> ColumnElement[bool] | None:
        if person.holds(self.readers):
            return None
        kind: Any = self.kind
        return or_(kind.injured == person.employee, kind.made_by == person.employee)
