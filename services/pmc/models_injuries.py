"""What does PMC keep of injuries in the workshop, so that nobody reads of them who need not?"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves
from chassis.language import Label
from chassis.looks import LookedAt
from chassis.rights import HIDDEN, KEY, Rights
from services.pmc.models_base import Base, moment, remark


class InjuryStatus(StrEnum):
    REPORTED = "injury_reported"
    INVESTIGATED = "investigated"
    WITHDRAWN = "withdrawn"


class InjuryReport(Document, Base):
    """Somebody was hurt at work (工伤报告). Who, and how badly, is in no fact and in no act; it is evidence against nobody."""

    __tablename__ = "injury_reports"
    __table_args__ = ({"info": HIDDEN},)
    code: ClassVar[str] = "INJ"
    title: ClassVar[Label] = Label("工伤报告", "Injury report")
    confidential: ClassVar[bool] = True
    moves: ClassVar[Moves] = {
        InjuryStatus.REPORTED: frozenset({InjuryStatus.INVESTIGATED, InjuryStatus.WITHDRAWN}),
        InjuryStatus.INVESTIGATED: frozenset({InjuryStatus.WITHDRAWN}),
        InjuryStatus.WITHDRAWN: frozenset(),
    }

    injured: Mapped[str] = mapped_column(String(16), index=True)
    occurred_at: Mapped[datetime] = mapped_column(moment)
    workplace: Mapped[str] = mapped_column(Text)
    what_happened: Mapped[str] = mapped_column(Text)
    first_aid: Mapped[str] = remark()
    reason: Mapped[str] = remark()


class InvestigationStatus(StrEnum):
    CONCLUDED = "concluded"
    CORRECTED = "corrected"


class Investigation(Document, Base):
    """What came of looking into an injury (工伤调查): whether it counts as an insured one, and which safety duty was breached."""

    __tablename__ = "investigations"
    __table_args__ = (
        Index(
            "investigations_one_in_force",
            "injury_report_no",
            unique=True,
            postgresql_where=text("status = 'concluded'"),
        ),
        {"info": HIDDEN},
    )
    code: ClassVar[str] = "INV"
    title: ClassVar[Label] = Label("工伤调查", "Injury investigation")
    confidential: ClassVar[bool] = True
    moves: ClassVar[Moves] = {
        InvestigationStatus.CONCLUDED: frozenset({InvestigationStatus.CORRECTED}),
        InvestigationStatus.CORRECTED: frozenset(),
    }

    injury_report_no: Mapped[str] = mapped_column(String(64), index=True)
    injured: Mapped[str] = mapped_column(String(16), index=True)
    insured: Mapped[bool]
    duty_breached: Mapped[bool]
    breached_by: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    safety_duty: Mapped[str] = remark()
    result: Mapped[str] = mapped_column(Text)
    corrects: Mapped[str | None] = mapped_column(String(64))


class HealthLook(LookedAt, Base):
    """Somebody read of somebody else's injury (查看). Only ever added to; forgotten when it is old, by a trigger not before."""

    __tablename__ = "record_looks"
    __table_args__ = (
        Index("record_looks_of_person", "whose", "id"),
        Index("record_looks_again", "no", "who", "at"),
        Index("record_looks_at", "at"),
        {"info": {KEY: Rights(update=None, delete=True, hidden=True)}},
    )
