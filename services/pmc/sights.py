"""Who in this department sees what is said of somebody's health?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, delete, or_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.looks import LookKeeping, write_down
from chassis.people import Person
from chassis.sight import How, Look, Sight
from services.pmc.models import HealthLook


@dataclass(frozen=True, slots=True)
class OfInjured(Sight):
    """Health is nobody's business but of the injured, of whoever wrote it down, and of those who look into it."""

    strict: ClassVar[bool] = True

    def which(self, person: Person) -> ColumnElement[bool] | None:
        if person.holds(self.readers):
            return None
        kind: Any = self.kind
        return or_(kind.injured == person.employee, kind.made_by == person.employee)

    async def note(self, session: AsyncSession, person: Person, documents: Sequence[Any], look: Look) -> None:
        """The injured person sees who has read of it; what is that old nobody needs to know any more.

        A page's list says neither who was hurt nor how.
        """
        if look.how is How.LIST:
            return
        kept_since = person.now - timedelta(days=LookKeeping().look_retention_days)
        await session.execute(delete(HealthLook).where(HealthLook.at < kept_since))
        held = sorted((post for post in person.posts if post[0] in self.readers), key=lambda post: (post[1], post[0]))
        seen = [(document.no, document.injured) for document in documents]
        await write_down(session, person, seen, look, next(iter(held), next(iter(person.posts), (None, False))))
