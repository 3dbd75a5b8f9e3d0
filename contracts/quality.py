"""What does Quality (品质部) state?"""

from enum import StrEnum
from typing import ClassVar

from contracts import parts
from contracts.event import Code, DocumentNo, DutyRef, EmployeeId, Event, Fact, Quantity, Text


class Reading(Fact):
    """One tested characteristic and what was measured."""

    characteristic: Text
    requirement: Text
    value: Text
    passed: bool


class Inspection(Event):
    """What every inspection report states; `standard` is the released revision it followed.

    `concession_no` names the nonconformity form by which failed goods count as passed all the same (特采).
    """

    inspection_no: DocumentNo
    lot: DocumentNo
    item_code: Code
    quantity: Quantity
    standard: Text
    sample_size: int
    defects: int
    passed: bool
    readings: tuple[Reading, ...] = ()
    concession_no: DocumentNo | None = None
    inspected_by: EmployeeId


class IncomingInspected(Inspection):
    """IQC looked at an arrived lot: only a passed one may be received into stock.

    `failed_before`: an inspection before this one had failed it, so that it did not count as arrived meanwhile.
    """

    name: ClassVar[str] = "quality.incoming_inspected.v1"

    arrival_no: DocumentNo
    arrival_line_no: int
    purchase_order_no: DocumentNo | None = None
    requirement_no: DocumentNo | None = None
    requirement_line_no: int | None = None
    failed_before: bool = False


class FinalInspected(Inspection):
    """Finished goods were inspected; failed ones send their last operation back to the workshop."""

    name: ClassVar[str] = "quality.final_inspected.v1"

    production_order_no: DocumentNo
    line_no: int


class OutgoingInspected(Inspection):
    """QA looked at the goods before they leave (出货检验); failed ones send their last operation back to the workshop."""

    name: ClassVar[str] = "quality.outgoing_inspected.v1"

    notice_no: DocumentNo
    line_no: int


class Disposition(StrEnum):
    """What becomes of nonconforming goods."""

    REWORK = "rework"
    SCRAP = "scrap"
    RETURN = "return"
    CONCESSION = "concession"


class ConcessionRequested(Event):
    """An inspector asked that nonconforming goods be used as they are (特采); who would make or buy them anew waits."""

    name: ClassVar[str] = "quality.concession_requested.v1"

    disposition_no: DocumentNo
    inspection_no: DocumentNo
    lot: DocumentNo
    item_code: Code
    quantity: Quantity
    defect: Text
    requested_by: EmployeeId


class DispositionDecided(Event):
    """Quality decided what becomes of nonconforming goods (不良品处理表)."""

    name: ClassVar[str] = "quality.disposition_decided.v1"

    disposition_no: DocumentNo
    inspection_no: DocumentNo
    lot: DocumentNo
    item_code: Code
    quantity: Quantity
    defect: Text
    disposition: Disposition
    decided_by: EmployeeId


class DispositionOvertaken(Event):
    """The goods came back reworked before anybody had decided on them: nobody decides any more, nor waits for that.

    `overtaken_by` is the inspection that looks at them now, or the production order where no piece is left to look at.
    """

    name: ClassVar[str] = "quality.disposition_overtaken.v1"

    disposition_no: DocumentNo
    inspection_no: DocumentNo
    overtaken_by: DocumentNo


class CauseFound(Event):
    """Quality's analysis of a complaint; PMC attributes on it."""

    name: ClassVar[str] = "quality.cause_found.v1"

    complaint_no: DocumentNo
    finding: Text
    cause: Code
    operation: DutyRef | None = None
    lot: DocumentNo | None = None
    detectable: bool = False
    inspector: EmployeeId | None = None
    found_by: EmployeeId


class UninspectedUseConfirmed(Event):
    """Purchased material was found in stock or use without an inspection, and by whom it was let through (QUA-04)."""

    name: ClassVar[str] = "quality.uninspected_use_confirmed.v1"

    case_no: DocumentNo
    item_code: Code
    lot: DocumentNo
    bypassed_by: EmployeeId
    confirmed_by: EmployeeId


class UninspectedUseWithdrawn(Event):
    """What was confirmed was a mistake: nobody let this material through uninspected."""

    name: ClassVar[str] = "quality.uninspected_use_withdrawn.v1"

    case_no: DocumentNo
    lot: DocumentNo
    reason: Text
    withdrawn_by: EmployeeId


class AuthorityRefused(parts.AuthorityRefused):
    """The quality manager did not let nonconforming goods be used as they are."""

    name: ClassVar[str] = "quality.authority_refused.v1"


class ShipmentBlocked(parts.ShipmentBlocked):
    """An inspector blocked a shipment."""

    name: ClassVar[str] = "quality.shipment_blocked.v1"


class ShipmentUnblocked(parts.ShipmentUnblocked):
    """An inspector lifted a block."""

    name: ClassVar[str] = "quality.shipment_unblocked.v1"


class OpinionGiven(parts.OpinionGiven):
    """Quality's opinion on a contract."""

    name: ClassVar[str] = "quality.opinion_given.v1"


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached Quality's worklist."""

    name: ClassVar[str] = "quality.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in Quality signed for a handover."""

    name: ClassVar[str] = "quality.handover_signed.v1"


class HindranceReported(parts.HindranceReported):
    """Somebody in Quality reported what hinders a handover."""

    name: ClassVar[str] = "quality.hindrance_reported.v1"


class WordCameLate(parts.WordCameLate):
    """Quality heard only later that what handovers waited for was over."""

    name: ClassVar[str] = "quality.word_came_late.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """Quality's service could not record acts for a while."""

    name: ClassVar[str] = "quality.service_unavailable.v1"
