"""What does Accountability keep: the ledger of every fact, the sources it trusts, the roster and the records?"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Computed, Index, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.event import DutyRef
from services.accountability.compensation.models_compensation import (
    Compensation,
    CompensationStatus,
    PayrollDownload,
    PayrollStatement,
    Wage,
)
from services.accountability.figures.models_outcomes import HandoverOutcome, LostDate
from services.accountability.findings.models_findings import BreachFinding, FindingStatus
from services.accountability.ledger.models_ledger import (
    Base,
    EarlyEntry,
    JudgeCursor,
    JudgeSnapshot,
    LedgerEntry,
    LedgerHead,
    SourceHead,
    moment,
)
from services.accountability.models_memory import CaseName, JudgedCase
from services.accountability.privacy.models_looks import RecordLook
from services.accountability.process.models_process import (
    Acknowledgement,
    Consultation,
    Countersignature,
    EarlyWarning,
    Heard,
    RecordedStatus,
    SuspicionClearing,
)
from services.accountability.proof.tables import EvidenceExport, ExportContents, ExportSignature, LedgerCheckpoint
from services.accountability.rules.models_rulebook import Rulebook, RulebookStatus
from services.accountability.what_if.models_what_if import WhatIf, WhatIfStatus

__all__ = [
    "Acknowledgement",
    "Assignment",
    "Base",
    "BreachFinding",
    "Calendar",
    "CaseName",
    "Compensation",
    "CompensationStatus",
    "Consultation",
    "Countersignature",
    "EarlyEntry",
    "EarlyWarning",
    "Employee",
    "EvidenceExport",
    "ExportContents",
    "ExportSignature",
    "FindingStatus",
    "ForgottenFact",
    "ForgottenStatus",
    "HandoverOutcome",
    "IssuedStatus",
    "JudgeCursor",
    "JudgeSnapshot",
    "JudgedCase",
    "LedgerCheckpoint",
    "LedgerEntry",
    "LedgerHead",
    "LostDate",
    "MissedDate",
    "PayrollDownload",
    "PayrollStatement",
    "PenaltyRecord",
    "RecordLook",
    "RecordStatus",
    "RecordedStatus",
    "RosterStatus",
    "Rulebook",
    "RulebookStatus",
    "Source",
    "SourceHead",
    "SourceStatus",
    "Suspicion",
    "SuspicionClearing",
    "Wage",
    "WhatIf",
    "WhatIfStatus",
]

money = Numeric(18, 4)


class Suspicion(Base):
    """A breach for which nobody can be named, or which the evidence contradicts: no record against anyone."""

    __tablename__ = "suspicions"
    __table_args__ = (Index("suspicions_open", "key", postgresql_where="cleared_because IS NULL"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    clause: Mapped[str] = mapped_column(String(16))
    order_no: Mapped[str | None] = mapped_column(String(64), index=True)
    reason: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cleared_because: Mapped[str | None] = mapped_column(Text)


class MissedDate(Base):
    """Why an order line's date was missed: the first cause with every contribution, or that the plan was infeasible."""

    __tablename__ = "missed_dates"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    of: Mapped[str] = mapped_column(String(16), primary_key=True)
    cause: Mapped[str | None] = mapped_column(String(160))
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RosterStatus(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


class Employee(Document, Base):
    """A person who works here; `no` is the employee id, the only name that travels."""

    __tablename__ = "staff"
    code: ClassVar[str] = "EMP"
    title: ClassVar[Label] = Label("员工", "Employee")
    moves: ClassVar[Moves] = {RosterStatus.ACTIVE: frozenset({RosterStatus.ENDED}), RosterStatus.ENDED: frozenset()}

    nickname: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(String(40))


class Assignment(Document, Base):
    """A person holds a post from a time on (任命); acting (代) when lent by another department."""

    __tablename__ = "assignments"
    code: ClassVar[str] = "ASG"
    title: ClassVar[Label] = Label("任命", "Assignment")
    moves: ClassVar[Moves] = {RosterStatus.ACTIVE: frozenset({RosterStatus.ENDED}), RosterStatus.ENDED: frozenset()}

    employee: Mapped[str] = mapped_column(String(16), index=True)
    post: Mapped[str] = mapped_column(String(40))
    acting: Mapped[bool]
    effective_from: Mapped[datetime] = mapped_column(moment)
    effective_until: Mapped[datetime | None] = mapped_column(moment)


class IssuedStatus(StrEnum):
    ISSUED = "issued"


class Calendar(Document, Base):
    """When the factory works (工厂日历); the newest one is in force."""

    __tablename__ = "calendars"
    code: ClassVar[str] = "CAL"
    title: ClassVar[Label] = Label("工厂日历", "Factory calendar")
    moves: ClassVar[Moves] = {IssuedStatus.ISSUED: frozenset()}

    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class SourceStatus(StrEnum):
    REGISTERED = "registered"
    RESTORED = "restored"
    RETIRED = "retired"


class Source(Document, Base):
    """A service whose evidence verdicts wait for; `no` is its name.

    RESTORED: its database was, and it goes on in `new_epoch`, which counts once somebody has accepted it. What it
    remembers ends at `former_epoch`, `former_sequence`.
    """

    __tablename__ = "sources"
    code: ClassVar[str] = "SRC"
    title: ClassVar[Label] = Label("证据来源", "Source of evidence")
    moves: ClassVar[Moves] = {
        SourceStatus.REGISTERED: frozenset({SourceStatus.RESTORED, SourceStatus.RETIRED}),
        SourceStatus.RESTORED: frozenset({SourceStatus.REGISTERED, SourceStatus.RETIRED}),
        SourceStatus.RETIRED: frozenset({SourceStatus.REGISTERED}),
    }

    public_key: Mapped[str] = mapped_column(Text)
    key_fingerprint: Mapped[str] = mapped_column(String(64))
    registered_at: Mapped[datetime] = mapped_column(moment)
    new_epoch: Mapped[int | None] = mapped_column(BigInteger)
    former_epoch: Mapped[int | None] = mapped_column(BigInteger)
    former_sequence: Mapped[int | None] = mapped_column(BigInteger)


class ForgottenStatus(StrEnum):
    OPEN = "open"
    SETTLED = "settled"


class ForgottenFact(Document, Base):
    """A fact in the ledger that its own source, restored from a backup, does not know any more.

    `no` is source, epoch and sequence; the handovers in `duties` are not judged until it is settled.
    """

    __tablename__ = "forgotten_facts"
    code: ClassVar[str] = "FGF"
    title: ClassVar[Label] = Label("来源遗忘的事实", "Forgotten fact")
    moves: ClassVar[Moves] = {
        ForgottenStatus.OPEN: frozenset({ForgottenStatus.SETTLED}),
        ForgottenStatus.SETTLED: frozenset(),
    }

    source: Mapped[str] = mapped_column(String(40), index=True)
    position: Mapped[int] = mapped_column(BigInteger, unique=True)
    event: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(moment)
    duties: Mapped[tuple[DutyRef, ...]] = mapped_column(Typed(tuple[DutyRef, ...]))
    reason: Mapped[str] = mapped_column(Text, default="")


class RecordStatus(StrEnum):
    PROPOSED = "proposed"
    NOTIFIED = "notified"
    ISSUED = "issued"
    IN_EFFECT = "in_effect"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


WEIGHS = "coalesce(nullif(reduced_to, ''), nullif(escalated_to, ''), sanction)"
TO_SEAL = text("sealed_at IS NULL AND status IN ('lapsed', 'withdrawn')")


class PenaltyRecord(Heard, Document, Base):
    """A penalty record (处罚单): clause, facts, person and computation, from proposal to effect, lapse or withdrawal.

    `breached_at`: its last breach, in whose month it counts. `weighs`: what is left of its sanction, or was made of it. Once it is
    sealed, its person alone can read it.
    """

    __tablename__ = "penalty_records"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 -- SQLAlchemy reads it once; `weighs` is read back when it changes
    __table_args__ = (
        Index("penalty_records_key", "key", "revision", unique=True),
        Index("penalty_records_breached", "breached_at"),
        Index("penalty_records_of_person", "person", "no"),
        Index("penalty_records_evidence", "evidence", postgresql_using="gin"),
        Index("penalty_records_to_seal", "no", postgresql_where=TO_SEAL),
        Index("penalty_records_fell_back", "fell_back_at", postgresql_where=text("fell_back_at IS NOT NULL")),
    )
    code: ClassVar[str] = "PEN"
    title: ClassVar[Label] = Label("处罚单", "Penalty record")
    moves: ClassVar[Moves] = {
        RecordStatus.PROPOSED: frozenset({RecordStatus.NOTIFIED, RecordStatus.LAPSED, RecordStatus.WITHDRAWN}),
        RecordStatus.NOTIFIED: frozenset({RecordStatus.ISSUED, RecordStatus.WITHDRAWN}),
        RecordStatus.ISSUED: frozenset({RecordStatus.IN_EFFECT, RecordStatus.WITHDRAWN}),
        RecordStatus.IN_EFFECT: frozenset({RecordStatus.LAPSED, RecordStatus.WITHDRAWN}),
        RecordStatus.LAPSED: frozenset({RecordStatus.WITHDRAWN}),
        RecordStatus.WITHDRAWN: frozenset(),
    }

    key: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    clause: Mapped[str] = mapped_column(String(16), index=True)
    rulebook_version: Mapped[str] = mapped_column(String(64))
    person: Mapped[str] = mapped_column(String(16))
    post: Mapped[str] = mapped_column(String(40))
    acting: Mapped[bool]
    sanction: Mapped[str] = mapped_column(String(32))
    weighs: Mapped[str] = mapped_column(String(32), Computed(WEIGHS, persisted=True))
    breaches: Mapped[list[str]] = mapped_column(ARRAY(Text))
    breached_at: Mapped[datetime] = mapped_column(moment)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evidence: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    compensation: Mapped[Decimal | None] = mapped_column(money)
    computation: Mapped[str] = mapped_column(Text, default="")
    notified_at: Mapped[datetime | None] = mapped_column(moment)
    issued_at: Mapped[datetime | None] = mapped_column(moment)
    in_effect_at: Mapped[datetime | None] = mapped_column(moment)
    held_for_complaint: Mapped[str | None] = mapped_column(String(64))
    replaces: Mapped[str | None] = mapped_column(String(64))
    withdrawn_because: Mapped[str] = mapped_column(Text, default="")
    sealed_at: Mapped[datetime | None] = mapped_column(moment)
