"""What does Purchasing (采购部) state?"""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from contracts import parts
from contracts.event import Amount, Code, DocumentNo, EmployeeId, Event, Fact, Quantity, Text


class RequirementChecked(Event):
    """The buyer went through the material list with material control (物控)."""

    name: ClassVar[str] = "purchasing.requirement_checked.v1"

    requirement_no: DocumentNo
    line_no: int
    material_controller: EmployeeId
    checked_by: EmployeeId


class RequestSubmitted(Event):
    """The buyer asks to buy (采购申请单); the buyer's clock rests while the approver's runs."""

    name: ClassVar[str] = "purchasing.request_submitted.v1"

    request_no: DocumentNo
    requirement_no: DocumentNo
    line_no: int
    submitted_by: EmployeeId


class RequestApproved(Event):
    """The purchasing manager agreed to buy, above a set amount the general manager."""

    name: ClassVar[str] = "purchasing.request_approved.v1"

    request_no: DocumentNo
    requirement_no: DocumentNo
    line_no: int
    approved_by: EmployeeId


class ExemptionRequested(Event):
    """The buyer asks that fewer than three quotes be enough; the buyer's clock rests while the manager's runs."""

    name: ClassVar[str] = "purchasing.exemption_requested.v1"

    request_no: DocumentNo
    requirement_no: DocumentNo
    line_no: int
    reason: Text
    requested_by: EmployeeId


class QuoteExempted(Event):
    """Fewer than three quotes are enough for this request, for a recorded reason."""

    name: ClassVar[str] = "purchasing.quote_exempted.v1"

    request_no: DocumentNo
    reason: Text
    exempted_by: EmployeeId


class Quote(Fact):
    """What a supplier asked; price in CNY for the whole request."""

    supplier_code: Code
    amount: Amount
    lead_time_days: int


class PurchaseLine(Fact):
    """One line of a purchase order, for one line of a requirement. Dates are calendar dates, price in CNY a unit."""

    line_no: int
    requirement_no: DocumentNo
    requirement_line_no: int
    item_code: Code
    description: Text
    unit: Code
    quantity: Quantity
    unit_price: Amount
    lead_time_days: int
    required_on: date
    promised_on: date


class PurchaseOrderIssued(Event):
    """Purchasing committed to buy these lines (订购单); goods may now arrive against them."""

    name: ClassVar[str] = "purchasing.purchase_order_issued.v1"

    purchase_order_no: DocumentNo
    request_no: DocumentNo
    requirement_no: DocumentNo
    line_no: int
    supplier_code: Code
    lines: tuple[PurchaseLine, ...]
    quotes: tuple[Quote, ...]
    exemption: Text = ""
    amount: Amount
    issued_by: EmployeeId
    approved_by: EmployeeId


class DelayReported(Event):
    """What cannot arrive in time is said before it bites, so that production can be re-planned."""

    name: ClassVar[str] = "purchasing.delay_reported.v1"

    delay_no: DocumentNo
    purchase_order_no: DocumentNo
    requirement_no: DocumentNo
    requirement_line_no: int
    required_on: date
    expected_on: date
    reason: Text
    reported_by: EmployeeId


class SupplierChangeRequested(Event):
    """The buyer asks for another supplier than was approved; the buyer's clock rests meanwhile.

    `document_no` is the approved request, or the purchase order that was issued already.
    """

    name: ClassVar[str] = "purchasing.supplier_change_requested.v1"

    document_no: DocumentNo
    requirement_no: DocumentNo
    line_no: int
    from_supplier: Code
    to_supplier: Code
    reason: Text
    requested_by: EmployeeId


class SupplierChangeAgreed(Event):
    """An approved request may be ordered from another supplier; the order then states the change under its own number."""

    name: ClassVar[str] = "purchasing.supplier_change_agreed.v1"

    request_no: DocumentNo
    from_supplier: Code
    to_supplier: Code
    reason: Text
    agreed_by: EmployeeId


class SupplierChangeApproved(Event):
    """Another supplier may deliver this purchase order."""

    name: ClassVar[str] = "purchasing.supplier_change_approved.v1"

    purchase_order_no: DocumentNo
    from_supplier: Code
    to_supplier: Code
    reason: Text
    approved_by: EmployeeId


class PurchaseBreach(StrEnum):
    """Which purchasing rule was passed over."""

    NO_APPROVED_ORDER = "no_approved_order"
    QUOTES_MISSING = "quotes_missing"
    SUPPLIER_CHANGED = "supplier_changed"


class PurchaseBreachConfirmed(Event):
    """The purchasing manager confirmed who ordered past the rules (PUR-03, PUR-04)."""

    name: ClassVar[str] = "purchasing.purchase_breach_confirmed.v1"

    breach_no: DocumentNo
    breach: PurchaseBreach
    arrival_no: DocumentNo
    purchase_order_no: DocumentNo | None = None
    ordered_by: EmployeeId
    confirmed_by: EmployeeId


class PurchaseBreachDismissed(Event):
    """The purchasing manager found that nobody of ours ordered past the rules."""

    name: ClassVar[str] = "purchasing.purchase_breach_dismissed.v1"

    breach_no: DocumentNo
    breach: PurchaseBreach
    arrival_no: DocumentNo
    reason: Text
    dismissed_by: EmployeeId


class AuthorityRefused(parts.AuthorityRefused):
    """A buyer refused a request that was unapproved or only spoken."""

    name: ClassVar[str] = "purchasing.authority_refused.v1"


class OpinionGiven(parts.OpinionGiven):
    """Purchasing's opinion on a contract (material and lead time)."""

    name: ClassVar[str] = "purchasing.opinion_given.v1"


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached Purchasing's worklist."""

    name: ClassVar[str] = "purchasing.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in Purchasing signed for a handover."""

    name: ClassVar[str] = "purchasing.handover_signed.v1"


class HindranceReported(parts.HindranceReported):
    """Somebody in Purchasing reported what hinders a handover."""

    name: ClassVar[str] = "purchasing.hindrance_reported.v1"


class WordCameLate(parts.WordCameLate):
    """Purchasing heard only later that what handovers waited for was over."""

    name: ClassVar[str] = "purchasing.word_came_late.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """Purchasing's service could not record acts for a while."""

    name: ClassVar[str] = "purchasing.service_unavailable.v1"
