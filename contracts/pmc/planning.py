"""How planning (计划, 物控) turns an order into work and material, and decides what may excuse a delay."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime

from contracts import parts
from contracts.event import Code, DocumentNo, DutyRef, EmployeeId, Event, Fact, Quantity, Text


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
    """The material list (物料明细表): what is short for an order line, and when it is needed.

    It takes the place of the one before, unless it stands `beside` one: for what is short after scrap, or for another product.
    `order_revision` is the newest of the order that PMC knew.
    """

    name: ClassVar[str] = "pmc.requirement_issued.v1"

    requirement_no: DocumentNo
    line_no: int
    package_no: DocumentNo
    revision: int
    lines: tuple[RequirementLine, ...]
    issued_by: EmployeeId
    order_revision: int = 1
    beside: bool = False


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


class ProductionOrderCalledOff(Event):
    """The customer wants no more than is made and under way: what was planned for the rest and not issued is owed no longer."""

    name: ClassVar[str] = "pmc.production_order_called_off.v1"

    production_order_no: DocumentNo
    line_no: int


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


class RequisitionGivenUp(Event):
    """The line for which material was asked is off its order: nobody decides on it any more, and nobody waits for that."""

    name: ClassVar[str] = "pmc.requisition_given_up.v1"

    requisition_no: DocumentNo
    production_order_no: DocumentNo
    line_no: int


class RequisitionWithdrawn(Event):
    """The workshop no longer wants this material.

    An undecided requisition ends with it, an `approved` one with the warehouse's word that nothing was issued.
    """

    name: ClassVar[str] = "pmc.requisition_withdrawn.v1"

    requisition_no: DocumentNo
    production_order_no: DocumentNo
    line_no: int
    approved: bool
    reason: Text
    withdrawn_by: EmployeeId


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
