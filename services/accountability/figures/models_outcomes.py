"""What came of each handover, and why each missed date was missed, as the monthly figures count them?

Both tables say nothing of their own: they are what the judge's memory says, written down with its verdicts, so that a page
need not look through the whole history.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import Index, Interval, String, Text
from sqlalchemy.dialects.postgresql import DATE
from sqlalchemy.orm import Mapped, mapped_column

from chassis.rights import DELETED_FROM
from services.accountability.ledger.models_ledger import Base, moment


class HandoverOutcome(Base):
    """One attempt at a handover as it was last judged.

    `month` is the first day of the month in which it is due, on the factory's clock; where it has no due time, of that in which
    it ended. `overrun` and `excused` are working time; what is late and still open has no overrun yet. `person` answers for
    an overrun.
    """

    __tablename__ = "handover_outcomes"
    __table_args__ = (
        Index("handover_outcomes_month", "month", "department", "outcome"),
        Index("handover_outcomes_open", "assignee", "post", postgresql_where="ended_at IS NULL"),
        Index("handover_outcomes_person", "person", "due_at", postgresql_where="person IS NOT NULL"),
        Index("handover_outcomes_late", "order_no", postgresql_where="outcome = 'overran'"),
    )

    duty: Mapped[str] = mapped_column(String(160), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    order_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int | None]
    department: Mapped[str] = mapped_column(String(40))
    link: Mapped[str] = mapped_column(String(40))
    post: Mapped[str] = mapped_column(String(40))
    assignee: Mapped[str | None] = mapped_column(String(16))
    person: Mapped[str | None] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(moment)
    due_at: Mapped[datetime | None] = mapped_column(moment)
    ended_at: Mapped[datetime | None] = mapped_column(moment)
    month: Mapped[date | None] = mapped_column(DATE)
    overrun: Mapped[timedelta] = mapped_column(Interval)
    excused: Mapped[timedelta] = mapped_column(Interval)


class LostDate(Base):
    """A delivery or production date that was missed, in the month in which it was due, with its first cause if there is one.

    `number` is the order line or the production order. `overrun` is what the cause had cost when the goods were there; it
    is not told before.
    """

    __tablename__ = "lost_dates"
    __table_args__ = (Index("lost_dates_month", "month"), {"info": DELETED_FROM})

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    of: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(moment)
    done_at: Mapped[datetime | None] = mapped_column(moment)
    month: Mapped[date] = mapped_column(DATE)
    infeasible: Mapped[bool]
    duty: Mapped[str | None] = mapped_column(Text)
    attempt: Mapped[int | None]
    link: Mapped[str | None] = mapped_column(String(40))
    department: Mapped[str | None] = mapped_column(String(40))
    clause: Mapped[str | None] = mapped_column(String(16))
    overrun: Mapped[timedelta | None] = mapped_column(Interval)
