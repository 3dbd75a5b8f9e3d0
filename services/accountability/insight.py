"""Who may look at the figures, and of whom may they read the name?

HR, the general manager and finance see everybody; a manager sees the names of their own department and the figures of all.
A department can be one person, so its figures are shown to nobody else.
"""

from dataclasses import dataclass

from chassis.errors import PostNotHeld
from chassis.language import word
from chassis.people import Person

ALL_SEEING = frozenset({"hr", "general_manager", "finance"})
MANAGES = {
    "sales_manager": "sales",
    "engineering_manager": "engineering",
    "pmc_manager": "pmc",
    "workshop_director": "pmc",
    "purchasing_manager": "purchasing",
    "quality_manager": "quality",
    "warehouse_manager": "warehouse",
}
LOOKERS = ALL_SEEING | MANAGES.keys()


@dataclass(frozen=True, slots=True)
class Insight:
    """What somebody may see: the names of these departments' people, of everybody, and always their own."""

    employee: str
    departments: frozenset[str]
    everybody: bool

    def opens(self, department: str) -> bool:
        """Whether they may open the single cases behind a department's figures, with names."""
        return self.everybody or department in self.departments


def insight_of(person: Person) -> Insight:
    """What this person's posts of this moment let them see."""
    departments = frozenset(MANAGES[post] for post, _ in person.posts if post in MANAGES)
    return Insight(person.employee, departments, person.holds(ALL_SEEING))


def looker(person: Person) -> Insight:
    """The same for the figures; raises PostNotHeld where none of the posts leads there."""
    if not person.holds(LOOKERS):
        raise PostNotHeld(employee=person.employee, posts=[str(word(post)) for post in sorted(LOOKERS)])
    return insight_of(person)
