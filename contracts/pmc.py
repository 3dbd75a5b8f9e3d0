"""What do planning and the workshop (计划/物控, 车间) state?"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime

from contracts import parts
from contracts.event import Amount, Code, DocumentNo, DutyRef, EmployeeId, Event, Fact, Quantity, Text


class ReviewOutcome(StrEnum):
    """How a contract review ends."""

    ACCEPTED = "accepted"
    CONDITIONAL = "conditional"
    DECLINED = "declined"


class ReviewDecided(Event):
    """PMC weighed every department's opinion on a contract."""

    name: ClassVar[str] = "pmc.review_decided.v1"

    review_no: DocumentNo
    outcome: ReviewOutcome
    conditions: Text = ""
    decided_by: EmployeeId


class RequirementLine(Fact):
    """One material of a requirement; `short` is what must be bought."""

    line_no: int
    item_code: Code
    description: Text
    unit: Code
    required: Quantity
    on_stock: Quantity
    on_order: Quantity
    short: Quantity
    required_on: date
    lead_time_days: int


class RequirementIssued(Event):
    """The material list (物料明细表): what is short for an order line, and when it is needed."""

    name: ClassVar[str] = "pmc.requirement_issued.v1"

    requirement_no: DocumentNo
    line_no: int
    package_no: DocumentNo
    revision: int
    lines: tuple[RequirementLine, ...]
    issued_by: EmployeeId


class PlannedOperation(Fact):
    """One operation of a production order; `standard_hours` are for the whole order."""

    op_no: int
    title: Text
    standard_hours: Decimal
    predecessor: int | None = None
    due_at: AwareDatetime


class Component(Fact):
    """What the warehouse must issue for a production order; `allowance` is the planned waste."""

    item_code: Code
    description: Text
    unit: Code
    required: Quantity
    allowance: Quantity


class ProductionOrderIssued(Event):
    """The workshop may make these goods (生产指令单)."""

    name: ClassVar[str] = "pmc.production_order_issued.v1"

    production_order_no: DocumentNo
    line_no: int
    product_code: Code
    package_no: DocumentNo
    revision: int
    quantity: Quantity
    start_on: date
    due_at: AwareDatetime
    unit_weight_kg: Decimal
    operations: tuple[PlannedOperation, ...]
    components: tuple[Component, ...]
    issued_by: EmployeeId


class OperationDispatched(Event):
    """The workshop director named the team leader who finishes this operation by its due time."""

    name: ClassVar[str] = "pmc.operation_dispatched.v1"

    production_order_no: DocumentNo
    line_no: int
    op_no: int
    team: Text
    team_leader: EmployeeId
    due_at: AwareDatetime
    dispatched_by: EmployeeId


class Waste(Fact):
    """Material spoiled in an operation; `unit_cost` in CNY."""

    item_code: Code
    quantity: Quantity
    allowance: Quantity
    unit_cost: Amount


class OperationFinished(Event):
    """A team reported an operation complete. `untrained` are those of the workers for whom no training was recorded."""

    name: ClassVar[str] = "pmc.operation_finished.v1"

    production_order_no: DocumentNo
    line_no: int
    op_no: int
    last: bool
    good: Quantity
    scrap: Quantity
    rework: Quantity
    waste: tuple[Waste, ...] = ()
    workers: tuple[EmployeeId, ...]
    untrained: tuple[EmployeeId, ...] = ()
    team_leader: EmployeeId


class OperationDelayReported(Event):
    """A team leader said that an operation will be late.

    The director owes a re-dispatch or an exception, and the merchandiser owes Sales word of it.
    """

    name: ClassVar[str] = "pmc.operation_delay_reported.v1"

    production_order_no: DocumentNo
    line_no: int
    op_no: int
    expected_at: AwareDatetime
    reason: Text
    reported_by: EmployeeId


class RequisitionLine(Fact):
    """Material wanted from the warehouse."""

    item_code: Code
    description: Text
    unit: Code
    quantity: Quantity


class RequisitionSubmitted(Event):
    """The workshop asks for material (领料单)."""

    name: ClassVar[str] = "pmc.requisition_submitted.v1"

    requisition_no: DocumentNo
    production_order_no: DocumentNo
    line_no: int
    lines: tuple[RequisitionLine, ...]
    submitted_by: EmployeeId


class RequisitionApproved(Event):
    """The warehouse may issue what this requisition names, and no more."""

    name: ClassVar[str] = "pmc.requisition_approved.v1"

    requisition_no: DocumentNo
    production_order_no: DocumentNo
    line_no: int
    lines: tuple[RequisitionLine, ...]
    approved_by: EmployeeId


class ExceptionRaised(Event):
    """Something hinders these handovers; `affected_orders` each want to be told.

    With a `hindrance_no` another department reported it: it counts as raised when that was recorded.
    """

    name: ClassVar[str] = "pmc.exception_raised.v1"

    exception_no: DocumentNo
    hindrance_no: DocumentNo | None = None
    kind: parts.ExceptionKind
    affected_orders: tuple[DocumentNo, ...]
    affected_duties: tuple[DutyRef, ...]
    description: Text
    expected_end_at: AwareDatetime | None = None
    raised_by: EmployeeId


class ExceptionDecided(Event):
    """Whether the exception excuses: accepted by the planner, the planner's own by the general manager.

    `extension_hours` are working hours added to every affected handover still open when the exception was raised.
    """

    name: ClassVar[str] = "pmc.exception_decided.v1"

    exception_no: DocumentNo
    hindrance_no: DocumentNo | None = None
    accepted: bool
    extension_hours: Decimal
    affected_orders: tuple[DocumentNo, ...]
    affected_duties: tuple[DutyRef, ...]
    remark: Text = ""
    decided_by: EmployeeId


class PurchaseFollowedUp(Event):
    """The planner asked after material whose promised date nears or has passed."""

    name: ClassVar[str] = "pmc.purchase_followed_up.v1"

    requirement_no: DocumentNo
    requirement_line_no: int
    purchase_order_no: DocumentNo
    finding: Text
    followed_up_by: EmployeeId


class PurchaseRedated(Event):
    """The planner re-planned on a reported delay; the new date is the one that counts.

    It closes the follow-up that was owed, which is owed again once the day that Purchasing expects has passed.
    """

    name: ClassVar[str] = "pmc.purchase_redated.v1"

    requirement_no: DocumentNo
    requirement_line_no: int
    delay_no: DocumentNo
    required_on: date
    redated_by: EmployeeId


class MissingDocumentReported(Event):
    """A downstream department misses a document of a released package."""

    name: ClassVar[str] = "pmc.missing_document_reported.v1"

    report_no: DocumentNo
    package_no: DocumentNo
    line_no: int
    document: Code
    remark: Text = ""
    reported_by: EmployeeId


class ShipmentReview(StrEnum):
    """Who looks at a shipment before it may be instructed."""

    PLANNER = "planner"
    DIRECTOR = "director"


class ShipmentReviewed(Event):
    """A reviewer passed or held back a shipment."""

    name: ClassVar[str] = "pmc.shipment_reviewed.v1"

    notice_no: DocumentNo
    line_no: int
    review: ShipmentReview
    passed: bool
    remark: Text = ""
    reviewed_by: EmployeeId


class ShipmentInstructed(Event):
    """PMC tells the warehouse to ship and Quality to inspect."""

    name: ClassVar[str] = "pmc.shipment_instructed.v1"

    notice_no: DocumentNo
    line_no: int
    product_code: Code
    quantity: Quantity
    ship_by: date
    consignee: Text
    address: Text
    instructed_by: EmployeeId


class ShipmentReported(Event):
    """Sales knows that the goods left, and has its copy of the delivery note."""

    name: ClassVar[str] = "pmc.shipment_reported.v1"

    notice_no: DocumentNo
    line_no: int
    delivery_note_no: DocumentNo
    reported_by: EmployeeId


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


class ReworkOrdered(Event):
    """A team does work again (返工单)."""

    name: ClassVar[str] = "pmc.rework_ordered.v1"

    rework_no: DocumentNo
    line_no: int
    return_no: DocumentNo | None = None
    complaint_no: DocumentNo | None = None
    product_code: Code
    quantity: Quantity
    team_leader: EmployeeId
    reason: Text
    ordered_by: EmployeeId


class ReworkFinished(Event):
    """The rework is done; its costs in CNY and hours are recorded facts from here on."""

    name: ClassVar[str] = "pmc.rework_finished.v1"

    rework_no: DocumentNo
    line_no: int
    quantity: Quantity
    hours: Decimal
    rework_cost: Amount
    overtime_cost: Amount
    processing_fee: Amount
    finished_by: EmployeeId


class FiveSAudited(Event):
    """Somebody audited a team's workplace (5S); `score` is 0 to 100. `corrects` names an earlier audit that no longer counts."""

    name: ClassVar[str] = "pmc.five_s_audited.v1"

    audit_no: DocumentNo
    team: Text
    team_leader: EmployeeId
    score: Decimal
    remark: Text
    corrects: DocumentNo | None = None
    audited_by: EmployeeId


class TrainingRecorded(Event):
    """A worker was trained for the work in the workshop, on a day that may be long ago."""

    name: ClassVar[str] = "pmc.training_recorded.v1"

    training_no: DocumentNo
    worker: EmployeeId
    subject: Text
    trained_on: date
    recorded_by: EmployeeId


class TrainingWithdrawn(Event):
    """A training was written down that had not been given: the worker counts as untrained again."""

    name: ClassVar[str] = "pmc.training_withdrawn.v1"

    training_no: DocumentNo
    worker: EmployeeId
    reason: Text
    withdrawn_by: EmployeeId


class InjuryReported(Event):
    """Somebody was hurt at work. Who and how is PMC's alone to know; the report is evidence against nobody."""

    name: ClassVar[str] = "pmc.injury_reported.v1"

    injury_report_no: DocumentNo
    occurred_at: AwareDatetime
    workplace: Text
    reported_by: EmployeeId


class InjuryInvestigated(Event):
    """An investigation of an injury came to an end; a later one for the same injury corrects it.

    `insured`: it counts as an insured injury. `duty_breached`: a safety duty was breached behind it; which one is for whoever
    finds it. `breached_by`: whose duty it was, of those who led a team or the workshop when it happened; who was hurt is not said.
    """

    name: ClassVar[str] = "pmc.injury_investigated.v1"

    investigation_no: DocumentNo
    injury_report_no: DocumentNo
    insured: bool
    duty_breached: bool
    breached_by: tuple[EmployeeId, ...] = ()
    corrects: DocumentNo | None = None
    investigated_by: EmployeeId


class InjuryReportWithdrawn(Event):
    """An injury was reported by mistake; why, PMC alone knows. Nothing that rests on the report stands any more."""

    name: ClassVar[str] = "pmc.injury_report_withdrawn.v1"

    injury_report_no: DocumentNo
    withdrawn_by: EmployeeId


class MeetingAnnounced(Event):
    """Its participants know what a meeting is about, when and where; the minute taker owes the minutes from `held_at` on."""

    name: ClassVar[str] = "pmc.meeting_announced.v1"

    meeting_no: DocumentNo
    topic: Text
    agenda: Text
    held_at: AwareDatetime
    venue: Text
    participants: tuple[EmployeeId, ...]
    minute_taker: EmployeeId
    announced_by: EmployeeId


class MeetingDecision(Fact):
    """One thing that a meeting decided: who is responsible for it, and by which day."""

    decision: Text
    responsible: EmployeeId
    due_on: date


class MinutesRecorded(Event):
    """What a meeting decided is written down; without decisions the `remark` says so."""

    name: ClassVar[str] = "pmc.minutes_recorded.v1"

    meeting_no: DocumentNo
    decisions: tuple[MeetingDecision, ...]
    remark: Text = ""
    recorded_by: EmployeeId


class MeetingCalledOff(Event):
    """A meeting will not be held: its minutes are owed no longer."""

    name: ClassVar[str] = "pmc.meeting_called_off.v1"

    meeting_no: DocumentNo
    reason: Text
    called_off_by: EmployeeId


class ShipmentBlocked(parts.ShipmentBlocked):
    """The workshop director blocked nonconforming goods."""

    name: ClassVar[str] = "pmc.shipment_blocked.v1"


class ShipmentUnblocked(parts.ShipmentUnblocked):
    """The workshop director lifted a block."""

    name: ClassVar[str] = "pmc.shipment_unblocked.v1"


class AuthorityRefused(parts.AuthorityRefused):
    """The workshop director refused a requisition."""

    name: ClassVar[str] = "pmc.authority_refused.v1"


class OpinionGiven(parts.OpinionGiven):
    """PMC's opinion on a contract (capacity)."""

    name: ClassVar[str] = "pmc.opinion_given.v1"


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached PMC's worklist."""

    name: ClassVar[str] = "pmc.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in PMC signed for a handover."""

    name: ClassVar[str] = "pmc.handover_signed.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """PMC's service could not record acts for a while."""

    name: ClassVar[str] = "pmc.service_unavailable.v1"
