"""Who in this department sees what is said of a person? Whoever says it, their managers, and the person."""

from dataclasses import dataclass

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
