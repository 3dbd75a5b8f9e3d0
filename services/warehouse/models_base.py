"""What do all of the warehouse's tables share?"""

from enum import StrEnum

from sqlalchemy import Numeric
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase

from chassis.documents import Moves

amount = Numeric(18, 6)
weight = Numeric(18, 4)
moment = TIMESTAMP(timezone=True)


class Base(DeclarativeBase):
    """The warehouse's own tables."""


class RecordedStatus(StrEnum):
    """A paper that states one act is complete the moment it is made."""

    RECORDED = "recorded"


ONCE: Moves = {RecordedStatus.RECORDED: frozenset()}
