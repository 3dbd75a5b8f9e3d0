"""What does Sales (业务部) state?"""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime

from contracts import parts
from contracts.event import Amount, Code, DocumentNo, EmployeeId, Event, Quantity, Text
from contracts.parts import OrderLine


class ContractSubmitted(Event):
    """Sales asks every department to review a customer's contract before promising anything."""

    name: ClassVar[str] = "sales.contract_submitted.v1"

    customer_code: Code
    customer_po: Text
    lines: tuple[OrderLine, ...]
    amount: Amount
    special_requirements: Text = ""
    payment_terms: Text = ""
    salesperson: EmployeeId
    merchandiser: EmployeeId
    commission: Amount
    agency_fee: Amount


class OrderConfirmed(Event):
    """The customer has our word; the merchandiser must now release the order to the factory."""

    name: ClassVar[str] = "sales.order_confirmed.v1"

    customer_code: Code
    lines: tuple[OrderLine, ...]
    amount: Amount
    salesperson: EmployeeId
    merchandiser: EmployeeId
    commission: Amount
    agency_fee: Amount
    waived_by: EmployeeId | None = None


class OrderReleased(Event):
    """The order detail (订单明细表) is in the factory's hands."""

    name: ClassVar[str] = "sales.order_released.v1"

    customer_code: Code
    lines: tuple[OrderLine, ...]
    special_requirements: Text = ""
    released_by: EmployeeId


class OrderAmended(Event):
    """The customer changed the order; dues that hang on delivery dates move with it."""

    name: ClassVar[str] = "sales.order_amended.v1"

    revision: int
    lines: tuple[OrderLine, ...]
    reason: Text
    amended_by: EmployeeId


class OrderCancelled(Event):
    """The order is given up; running clocks stop, completed breaches stand."""

    name: ClassVar[str] = "sales.order_cancelled.v1"

    reason: Text
    during_follow_up: bool = False
    cancelled_by: EmployeeId


class ProgressAsked(Event):
    """Sales asks the merchandiser how production stands."""

    name: ClassVar[str] = "sales.progress_asked.v1"

    inquiry_no: DocumentNo
    question: Text
    asked_by: EmployeeId


class ProgressAnswered(Event):
    """The merchandiser answered Sales' question about production."""

    name: ClassVar[str] = "sales.progress_answered.v1"

    inquiry_no: DocumentNo
    answer: Text
    answered_by: EmployeeId


class ExceptionRelayed(Event):
    """The merchandiser told Sales of an exception or delay, so that the customer hears it from us first.

    `exception_no` is the exception, Purchasing's delay report, or `production order/operation` where a team reported it late.
    """

    name: ClassVar[str] = "sales.exception_relayed.v1"

    exception_no: DocumentNo
    message: Text
    relayed_by: EmployeeId


class ShippingNoticeIssued(Event):
    """Sales wants these goods to leave (出货通知单)."""

    name: ClassVar[str] = "sales.shipping_notice_issued.v1"

    notice_no: DocumentNo
    line_no: int
    product_code: Code
    quantity: Quantity
    ship_by: date
    consignee: Text
    address: Text
    documents_required: tuple[Text, ...] = ()
    packing: Text = ""
    issued_by: EmployeeId


class ShipmentChecked(Event):
    """The merchandiser looked whether a finished line is on its way out in time."""

    name: ClassVar[str] = "sales.shipment_checked.v1"

    line_no: int
    finding: Text
    checked_by: EmployeeId


class GoodsDelivered(Event):
    """The customer has the goods and said so."""

    name: ClassVar[str] = "sales.goods_delivered.v1"

    line_no: int
    notice_no: DocumentNo
    delivery_note_no: DocumentNo
    quantity: Quantity
    delivered_on: date
    reaction: Text = ""
    tracked_by: EmployeeId


class DeliveryPostponed(Event):
    """The customer asked for a later date: an excuse for everybody who was working towards the old one."""

    name: ClassVar[str] = "sales.delivery_postponed.v1"

    line_no: int
    delivery_date: date
    customer_reference: Text
    recorded_by: EmployeeId


class ComplaintKind(StrEnum):
    """What the customer complains of."""

    QUALITY = "quality"
    LATENESS = "lateness"
    OTHER = "other"


class ComplaintReceived(Event):
    """A customer complained by phone, mail or fax. `received_at` is the mail's time or the intake's."""

    name: ClassVar[str] = "sales.complaint_received.v1"

    complaint_no: DocumentNo
    customer_code: Code
    line_no: int | None = None
    kind: ComplaintKind
    channel: Code
    received_at: AwareDatetime
    received_by: EmployeeId
    description: Text


class ComplaintPassed(Event):
    """The complaint is in PMC's hands in writing."""

    name: ClassVar[str] = "sales.complaint_passed.v1"

    complaint_no: DocumentNo
    customer_code: Code
    line_no: int | None = None
    kind: ComplaintKind
    description: Text
    passed_by: EmployeeId


class RemedyConfirmed(Event):
    """The customer said that the complaint is settled for them."""

    name: ClassVar[str] = "sales.remedy_confirmed.v1"

    complaint_no: DocumentNo
    customer_words: Text
    recorded_by: EmployeeId


class ReturnAuthorised(Event):
    """The customer may send goods back under this number."""

    name: ClassVar[str] = "sales.return_authorised.v1"

    return_no: DocumentNo
    complaint_no: DocumentNo
    line_no: int
    product_code: Code
    quantity: Quantity
    reason: Text
    authorised_by: EmployeeId


class ContractPenaltyRecorded(Event):
    """The customer keeps or charges a penalty on the contract, as their own debit note says; nobody answers for it yet.

    `amount` is CNY; `customer_reference` is the number of the customer's debit note; `complaint_no` the complaint that it
    follows, where there is one.
    """

    name: ClassVar[str] = "sales.contract_penalty_recorded.v1"

    penalty_no: DocumentNo
    customer_code: Code
    customer_reference: Text
    amount: Amount
    imposed_on: date
    complaint_no: DocumentNo | None = None
    reason: Text
    recorded_by: EmployeeId


class ContractPenaltyWithdrawn(Event):
    """The penalty was not imposed, or the customer gave it up; nothing rests on it any more."""

    name: ClassVar[str] = "sales.contract_penalty_withdrawn.v1"

    penalty_no: DocumentNo
    reason: Text
    withdrawn_by: EmployeeId


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached Sales' worklist."""

    name: ClassVar[str] = "sales.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in Sales signed for a handover."""

    name: ClassVar[str] = "sales.handover_signed.v1"


class HindranceReported(parts.HindranceReported):
    """Somebody in Sales reported what hinders a handover."""

    name: ClassVar[str] = "sales.hindrance_reported.v1"


class WordCameLate(parts.WordCameLate):
    """Sales heard only later that what handovers waited for was over."""

    name: ClassVar[str] = "sales.word_came_late.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """Sales' service could not record acts for a while."""

    name: ClassVar[str] = "sales.service_unavailable.v1"
