"""Which checkpoints were signed, who has taken evidence out of the house, and what did that hold?"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.rights import ADDED_TO
from services.accountability.ledger.models_ledger import Base, moment

NOW = text("clock_timestamp()")


class LedgerCheckpoint(Base):
    """A signed checkpoint, and the sources' own signed words on which its frontier rests. `written_at` is real time."""

    __tablename__ = "ledger_checkpoints"
    __table_args__ = ({"info": ADDED_TO},)

    no: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    outline: Mapped[bytes] = mapped_column(LargeBinary)
    frontier: Mapped[datetime] = mapped_column(moment)
    statement: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(128))
    watermarks: Mapped[dict[str, Any]] = mapped_column(JSONB)
    written_at: Mapped[datetime] = mapped_column(moment, server_default=NOW)


class EvidenceExport(Base):
    """Somebody had evidence exported: who, what, when (real time); written before a byte of it is read."""

    __tablename__ = "evidence_exports"
    __table_args__ = ({"info": ADDED_TO},)

    no: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(16))
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked_at: Mapped[datetime] = mapped_column(moment, server_default=NOW)


class ExportContents(Base):
    """What an export holds, by the digests of its files; whoever exports writes it down and waits for the signature."""

    __tablename__ = "export_contents"
    __table_args__ = ({"info": ADDED_TO},)

    export_no: Mapped[int] = mapped_column(ForeignKey(EvidenceExport.no), primary_key=True, autoincrement=False)
    files: Mapped[dict[str, str]] = mapped_column(JSONB)


class ExportSignature(Base):
    """The judge's signature under what an export holds."""

    __tablename__ = "export_signatures"
    __table_args__ = ({"info": ADDED_TO},)

    export_no: Mapped[int] = mapped_column(ForeignKey(ExportContents.export_no), primary_key=True, autoincrement=False)
    statement: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(128))
