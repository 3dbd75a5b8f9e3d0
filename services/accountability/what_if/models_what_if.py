"""Which question what-if was asked, how far is it, and what came out?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.accountability import Shift
from contracts.event import Fact
from services.accountability.ledger.models_ledger import Base, moment


class WhatIfStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SupposedTenure(Fact):
    """Somebody who is supposed to have held a post."""

    employee: str
    post: str
    since: date
    until: date | None = None
    acting: bool = False


class WhatIfLine(Fact):
    """One record that would be different; the compensation in CNY, and the reasons in both languages."""

    change: str
    clause: str
    order_no: str
    before_person: str | None
    after_person: str | None
    before_sanction: str | None
    after_sanction: str | None
    before_amount: Decimal | None = None
    after_amount: Decimal | None = None
    at: datetime
    reasons_zh: str
    reasons_en: str


class WhatIf(Document, Base):
    """A replay of what happened under other rules, another calendar or other people (假设推演). It changes nothing else.

    Asked of the breaches from `since` on and before `until`, by everything known when it is answered.
    """

    __tablename__ = "what_ifs"
    code: ClassVar[str] = "WIF"
    title: ClassVar[Label] = Label("假设推演", "What-if")
    moves: ClassVar[Moves] = {
        WhatIfStatus.RUNNING: frozenset({WhatIfStatus.DONE, WhatIfStatus.FAILED, WhatIfStatus.CANCELLED}),
        WhatIfStatus.DONE: frozenset(),
        WhatIfStatus.FAILED: frozenset(),
        WhatIfStatus.CANCELLED: frozenset(),
    }

    question: Mapped[str] = mapped_column(Text)
    since: Mapped[date | None]
    until: Mapped[datetime] = mapped_column(moment)
    rules: Mapped[str] = mapped_column(Text)
    days_off: Mapped[tuple[date, ...]] = mapped_column(Typed(tuple[date, ...]))
    extra_working_days: Mapped[tuple[date, ...]] = mapped_column(Typed(tuple[date, ...]))
    shifts: Mapped[tuple[Shift, ...]] = mapped_column(Typed(tuple[Shift, ...]))
    weekend: Mapped[tuple[int, ...]] = mapped_column(Typed(tuple[int, ...]))
    tenures: Mapped[tuple[SupposedTenure, ...]] = mapped_column(Typed(tuple[SupposedTenure, ...]))
    percent_done: Mapped[int]
    starts: Mapped[int]
    differences: Mapped[int | None]
    lines: Mapped[tuple[WhatIfLine, ...]] = mapped_column(Typed(tuple[WhatIfLine, ...]))
    problem_zh: Mapped[str] = mapped_column(Text)
    problem_en: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[datetime | None] = mapped_column(moment)
