"""Which papers does planning keep of work between departments, and how may each move?"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.pmc import MeetingDecision
from services.pmc.models_base import Base, moment, remark


class MeetingStatus(StrEnum):
    ANNOUNCED = "announced"
    MINUTED = "minuted"
    CALLED_OFF = "called_off"


class Meeting(Document, Base):
    """People of several departments sit together (会议); `remark` and `decisions` are its minutes."""

    __tablename__ = "meetings"
    code: ClassVar[str] = "MTG"
    title: ClassVar[Label] = Label("会议", "Meeting")
    moves: ClassVar[Moves] = {
        MeetingStatus.ANNOUNCED: frozenset({MeetingStatus.MINUTED, MeetingStatus.CALLED_OFF}),
        MeetingStatus.MINUTED: frozenset(),
        MeetingStatus.CALLED_OFF: frozenset(),
    }

    topic: Mapped[str] = mapped_column(Text)
    agenda: Mapped[str] = mapped_column(Text)
    held_at: Mapped[datetime] = mapped_column(moment)
    venue: Mapped[str] = mapped_column(Text)
    participants: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    minute_taker: Mapped[str] = mapped_column(String(16), index=True)
    decisions: Mapped[tuple[MeetingDecision, ...]] = mapped_column(Typed(tuple[MeetingDecision, ...]), default=())
    reason: Mapped[str] = remark()
    remark: Mapped[str] = remark()
