"""Whose wage, or what follows from it, has HR looked at? Nobody else may; it is written down like every look at another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person
from chassis.sight import How, Look, Sight
from services.accountability.models import PayrollStatement, Wage
from services.accountability.privacy.seeing import note

HR = frozenset({"hr"})


@dataclass(frozen=True, slots=True)
class OfEarners(Sight):
    """What HR alone sees of what people earn; everybody may learn who has looked."""

    async def note(self, session: AsyncSession, person: Person, documents: Sequence[Any], look: Look) -> None:
        seen = [(document.no, name) for document in documents for name in self.named(document, look)]
        await note(session, person, seen, look)

    def named(self, document: Any, look: Look) -> Iterator[str]:
        """Whose earnings are shown."""
        yield document.employee


class OfPayroll(OfEarners):
    """The statement names everybody of whom something is taken; a page's list of statements names nobody."""

    def named(self, document: Any, look: Look) -> Iterator[str]:
        if look.how is not How.LIST:
            yield from dict.fromkeys(line.person for line in document.lines)


WAGES = OfEarners(Wage, HR)
PAYROLL = OfPayroll(PayrollStatement, HR)
