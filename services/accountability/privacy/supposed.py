"""Who sees what a question what-if came to? It names people for what never happened: HR and the general manager alone."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, false
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.language import Label
from chassis.named import sees_all
from chassis.people import Person
from chassis.sight import retold
from contracts.posts import SEE_ALL
from services.accountability.models import WhatIf
from services.accountability.privacy.sealed import parts_sealed
from services.accountability.privacy.seeing import OfPeople
from services.accountability.privacy.unnamed import WITHHELD, named_in, unsaid
from services.accountability.what_if.models_what_if import WhatIfLine


class Suppositions(OfPeople):
    """A sealed one names nobody any more; another one nobody whose part in the line's order is sealed."""

    @property
    def everybody(self) -> bool:
        return False

    def which(self, person: Person) -> ColumnElement[bool] | None:
        return None if sees_all(person) else false()

    def named(self, document: WhatIf) -> Iterator[str]:
        yield from dict.fromkeys(name for line in document.lines for name in people_in(line) if name != WITHHELD)

    async def veiled(self, session: AsyncSession, person: Person, documents: Sequence[WhatIf]) -> Sequence[WhatIf]:
        orders = {line.order_no for document in documents for line in document.lines}
        parts = await parts_sealed(session, orders) if orders else frozenset[tuple[str, str]]()
        return [self.veiled_one(session, person, document, parts) for document in documents]

    def veiled_one(
        self, session: AsyncSession, person: Person, document: WhatIf, parts: frozenset[tuple[str, str]]
    ) -> WhatIf:
        def sealed(line: WhatIfLine) -> frozenset[str]:
            others = (name for name in people_in(line) if name != person.employee)
            return frozenset(name for name in others if document.sealed_at or (line.order_no, name) in parts)

        lines = tuple(line_without(line, sealed(line)) for line in document.lines)
        changed: WhatIf = document if lines == document.lines else retold(session, document, lines=lines)
        return changed


def people_in(line: WhatIfLine) -> Iterator[str]:
    """Whose record it is about, and whom its reasons name."""
    yield from (name for name in (line.before_person, line.after_person) if name)
    yield from sorted(named_in(Label(line.reasons_zh, line.reasons_en)))


def line_without(line: WhatIfLine, hidden: frozenset[str]) -> WhatIfLine:
    """The line without these names, in its reasons neither."""
    if not hidden:
        return line
    named: dict[str, Any] = {
        name: WITHHELD for name in ("before_person", "after_person") if getattr(line, name) in hidden
    }
    reasons = unsaid(Label(line.reasons_zh, line.reasons_en), hidden)
    return line.model_copy(update={**named, "reasons_zh": reasons.zh, "reasons_en": reasons.en})


SUPPOSITIONS = Suppositions(WhatIf, SEE_ALL)
