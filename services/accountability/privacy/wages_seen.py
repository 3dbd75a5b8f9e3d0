"""Whose wage, or what follows from it, has HR looked at? Nobody else may; it is written down like every look at another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person
from chassis.sight import How, Look, Sight, retold
from services.accountability.models import PayrollStatement, Wage
from services.accountability.privacy.sealed import records_sealed
from services.accountability.privacy.seeing import note
from services.accountability.privacy.unnamed import WITHHELD

HR = frozenset({"hr"})
NOBODYS = {"person": WITHHELD, **dict.fromkeys(("record_no", "compensation_no", "clause", "reason"), "")}
"""What a line says instead of whom it is about."""


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
    """The statement names everybody of whom something is taken, unless it is sealed; a page's list of statements nobody."""

    def named(self, document: Any, look: Look) -> Iterator[str]:
        if look.how is not How.LIST:
            yield from dict.fromkeys(line.person for line in document.lines if line.person != WITHHELD)

    async def veiled(self, session: AsyncSession, person: Person, documents: Sequence[Any]) -> Sequence[Any]:
        nos = {line.record_no for document in documents for line in document.lines if line.person != person.employee}
        sealed = await records_sealed(session, nos)
        return [veiled_one(session, document, sealed) for document in documents]


def veiled_one(session: AsyncSession, statement: PayrollStatement, sealed: frozenset[str]) -> PayrollStatement:
    """The amounts stay, so that the statement adds up; whose they were, and for what, does not."""
    lines = tuple(line.model_copy(update=NOBODYS) if line.record_no in sealed else line for line in statement.lines)
    changed: PayrollStatement = statement if lines == statement.lines else retold(session, statement, lines=lines)
    return changed


WAGES = OfEarners(Wage, HR)
PAYROLL = OfPayroll(PayrollStatement, HR)
