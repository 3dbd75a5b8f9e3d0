"""Which tables hold the ledger, how far each source has come, and what the judge remembers?"""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.rights import ADDED_TO, DELETED_FROM

moment = TIMESTAMP(timezone=True)
IS_OUTAGE = text("type = source || '.service_unavailable.v1'")
"""A source says that it was down; whoever looks for that says it in these words, since they are the index's."""

IS_INJURY = text("type IN ('pmc.injury_reported.v1', 'pmc.injury_report_withdrawn.v1')")
"""PMC says that somebody was hurt, or that it was no injury; they are of no order, and few."""


class Base(DeclarativeBase):
    """Accountability's own tables."""


class LedgerEntry(Base):
    """One fact exactly as it came. `hash` chains the ledger by position, `source_hash` the source by sequence.

    `admitted` is max(recorded_at, frontier when it entered): the judge's order is (admitted, source, epoch, sequence).
    Each month of it is a partition (see months.py) with unique indexes of its own on position and on the source's sequence.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ledger_order", "admitted", "source", "epoch", "sequence", unique=True),
        Index("ledger_subject", "subject", "position", postgresql_where="subject IS NOT NULL"),
        Index("ledger_outages", "source", "recorded_at", postgresql_where=IS_OUTAGE),
        Index("ledger_injuries", "recorded_at", postgresql_where=IS_INJURY),
        {"info": ADDED_TO, "postgresql_partition_by": "RANGE (admitted)"},
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(40))
    epoch: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(moment)
    admitted: Mapped[datetime] = mapped_column(moment)
    arrived_at: Mapped[datetime] = mapped_column(moment)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    source_hash: Mapped[bytes] = mapped_column(LargeBinary)


class EarlyEntry(Base):
    """A fact that overtook an earlier one of its source; it waits here until the gap before it is filled."""

    __tablename__ = "ledger_early"
    __table_args__ = ({"info": DELETED_FROM},)

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerHead(Base):
    """The last position and its hash; the one row that the one writer locks."""

    __tablename__ = "ledger_head"

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    frontier: Mapped[datetime | None] = mapped_column(moment)


class SourceHead(Base):
    """How far one source's facts are here without a gap, and up to when it has promised that nothing is missing."""

    __tablename__ = "ledger_sources"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    complete_to: Mapped[datetime | None] = mapped_column(moment)
    promised_to: Mapped[datetime | None] = mapped_column(moment)
    promised_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    frozen: Mapped[str | None] = mapped_column(Text)
    heard_at: Mapped[datetime | None] = mapped_column(moment)


class JudgeCursor(Base):
    """Up to which entry and instant verdicts have been written down; moves in the same transaction as they do."""

    __tablename__ = "judge_cursor"

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    admitted: Mapped[datetime | None] = mapped_column(moment)
    source: Mapped[str] = mapped_column(String(40), default="")
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    ticked_to: Mapped[datetime | None] = mapped_column(moment)


class JudgeSnapshot(Base):
    """The judge's memory at one cursor but for its cases (models_memory.py): a restart folds only what came after it."""

    __tablename__ = "judge_snapshot"

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    admitted: Mapped[datetime | None] = mapped_column(moment)
    source: Mapped[str] = mapped_column(String(40), default="")
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[bytes] = mapped_column(LargeBinary)
