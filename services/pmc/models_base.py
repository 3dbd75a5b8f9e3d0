"""What do all of PMC's tables share?"""

from typing import Any

from sqlalchemy import CheckConstraint, Numeric, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, mapped_column

money = Numeric(18, 4)
amount = Numeric(18, 6)
hours = Numeric(12, 4)
moment = TIMESTAMP(timezone=True)


class Base(DeclarativeBase):
    """Planning's and the workshop's own tables."""


def remark() -> Any:
    """A text that may stay empty."""
    return mapped_column(Text, default="")


def two_people(table: str) -> CheckConstraint:
    """The database's own guard that a maker never checks their own document."""
    return CheckConstraint("approved_by <> made_by", name=f"{table}_approved_by_another")
