"""In which rows does the judge's memory lie? One for each case, and one for the rest (`judge_snapshot`)."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.accountability.ledger.models_ledger import Base


class JudgedCase(Base):
    """One order as the judge remembers it. A settled one is read only when something about it comes; see settled.py.

    `ends` is its last instant in microseconds; `linked` are the orders whose handovers its facts named, None where that was
    not yet noted.
    """

    __tablename__ = "judge_cases"
    __table_args__ = (
        Index("judge_cases_ends", "ends", postgresql_where="settled"),
        Index("judge_cases_open", "order_no", postgresql_where="NOT settled"),
    )

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    settled: Mapped[bool] = mapped_column(Boolean)
    ends: Mapped[int] = mapped_column(BigInteger)
    troubled: Mapped[bool] = mapped_column(Boolean)
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    linked: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class CaseName(Base):
    """A handover or a number by which a fact may mean a settled case."""

    __tablename__ = "judge_case_names"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
