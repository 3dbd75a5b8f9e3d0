"""What does Accountability keep of what people found?"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Numeric, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.accountability import LedgerProof
from contracts.event import DutyRef
from services.accountability.ledger.models_ledger import Base, moment

money = Numeric(18, 4)


class FindingStatus(StrEnum):
    PROPOSED = "proposed"
    FOUND = "found"
    DISMISSED = "dismissed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class BreachFinding(Document, Base):
    """A person with authority found that a clause was breached, evidence attached (违规认定). Money in CNY.

    `made_by` wrote it; `found_by` is whoever found it, in the post `found_as`, and is empty while it is only proposed.
    """

    __tablename__ = "breach_findings"
    __table_args__ = (
        CheckConstraint("found_by <> person", name="breach_findings_not_in_ones_own_case"),
        CheckConstraint("found_by <> proposed_by", name="breach_findings_found_by_another"),
    )
    code: ClassVar[str] = "FND"
    title: ClassVar[Label] = Label("违规认定", "Breach finding")
    moves: ClassVar[Moves] = {
        FindingStatus.PROPOSED: frozenset({FindingStatus.FOUND, FindingStatus.DISMISSED}),
        FindingStatus.FOUND: frozenset({FindingStatus.CORRECTED, FindingStatus.WITHDRAWN}),
        FindingStatus.DISMISSED: frozenset(),
        FindingStatus.CORRECTED: frozenset(),
        FindingStatus.WITHDRAWN: frozenset(),
    }

    clause: Mapped[str] = mapped_column(String(16), index=True)
    rulebook_version: Mapped[str] = mapped_column(String(64))
    person: Mapped[str] = mapped_column(String(16), index=True)
    what_happened: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(moment)
    evidence_documents: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    evidence_facts: Mapped[tuple[LedgerProof, ...]] = mapped_column(Typed(tuple[LedgerProof, ...]))
    sanction: Mapped[str | None] = mapped_column(String(32))
    items: Mapped[list[str]] = mapped_column(ARRAY(Text))
    consequence: Mapped[str] = mapped_column(Text, default="")
    operation: Mapped[DutyRef | None] = mapped_column(Typed(DutyRef))
    complaint_no: Mapped[str | None] = mapped_column(String(64))
    investigation_no: Mapped[str | None] = mapped_column(String(64))
    injury_report_no: Mapped[str | None] = mapped_column(String(64))
    direct_loss: Mapped[Decimal | None] = mapped_column(money)
    contract_penalty: Mapped[Decimal | None] = mapped_column(money)
    loss_document: Mapped[str | None] = mapped_column(String(64))
    share_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    gross_negligence: Mapped[bool]
    intent: Mapped[bool]
    corrects: Mapped[str | None] = mapped_column(String(64))
    proposed_by: Mapped[str | None] = mapped_column(String(16))
    found_by: Mapped[str | None] = mapped_column(String(16))
    found_as: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    sealed_at: Mapped[datetime | None] = mapped_column(moment)
