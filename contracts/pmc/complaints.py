"""How a customer's complaint (客诉) is contained, attributed and closed."""

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from contracts.event import Amount, DocumentNo, DutyRef, EmployeeId, Event, Text


class ComplaintContained(Event):
    """PMC made sure that the customer is helped first."""

    name: ClassVar[str] = "pmc.complaint_contained.v1"

    complaint_no: DocumentNo
    action: Text
    contained_by: EmployeeId


class CauseCode(StrEnum):
    """Where a defect or a loss came from."""

    PRODUCTION = "production"
    QUALITY = "quality"
    ENGINEERING = "engineering"
    PURCHASING = "purchasing"
    SUPPLIER = "supplier"
    WAREHOUSE = "warehouse"
    SALES = "sales"
    PLANNING = "planning"
    CUSTOMER = "customer"
    TRANSPORT = "transport"


class AttributedMatter(StrEnum):
    """What an attribution settles."""

    COMPLAINT = "complaint"
    RETURN = "return"
    REWORK = "rework"
    PENALTY = "penalty"


class ComplaintAttributed(Event):
    """Who answers for a complaint, a return, a rework or a contract penalty; a later one for the same matter corrects it.

    `escaped_inspection`: the released inspection standard would have caught it, and `inspector` let it pass.
    `share_percent` is the found share of the loss; money in CNY is what was recorded, never estimated: by the customer's
    penalty or the finished reworks, else by `loss_document`.
    """

    name: ClassVar[str] = "pmc.complaint_attributed.v1"

    attribution_no: DocumentNo
    complaint_no: DocumentNo | None = None
    return_no: DocumentNo | None = None
    rework_no: DocumentNo | None = None
    penalty_no: DocumentNo | None = None
    matter: AttributedMatter
    line_no: int | None = None
    cause: CauseCode
    operation: DutyRef | None = None
    lot: DocumentNo | None = None
    person: EmployeeId | None = None
    escaped_inspection: bool = False
    inspector: EmployeeId | None = None
    direct_loss: Amount | None = None
    processing_fee: Amount | None = None
    rework_cost: Amount | None = None
    overtime_cost: Amount | None = None
    loss_document: DocumentNo | None = None
    share_percent: Decimal = Decimal(100)
    gross_negligence: bool = False
    corrects: DocumentNo | None = None
    attributed_by: EmployeeId


class ComplaintClosed(Event):
    """The complaint is closed for the customer: they confirmed, or were silent for five working days after the remedy."""

    name: ClassVar[str] = "pmc.complaint_closed.v1"

    complaint_no: DocumentNo
    customer_confirmed: bool
    closed_by: EmployeeId
