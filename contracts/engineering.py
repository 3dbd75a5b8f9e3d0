"""What does Engineering (工程部) state?"""

from decimal import Decimal
from typing import ClassVar

from contracts import parts
from contracts.event import Code, DocumentNo, EmployeeId, Event, Fact, Quantity, Text


class BomItem(Fact):
    """One component: `quantity` per one finished product; `parent` is the assembly it goes into, or None."""

    item_code: Code
    description: Text
    spec: Text = ""
    unit: Code
    quantity: Quantity
    parent: Code | None = None
    purchased: bool = True
    lead_time_days: int = 0
    waste_allowance_percent: Decimal = Decimal(0)


class RouteOperation(Fact):
    """One step of the process route; `standard_hours` for the whole lot size of one product."""

    op_no: int
    title: Text
    standard_hours: Decimal
    predecessor: int | None = None


class PackageReleased(Event):
    """BOM, drawings, route, instruction and inspection standard of one order line are released and immutable.

    `revision` counts from 1; a later one says what changed and replaces the earlier for everybody downstream.
    """

    name: ClassVar[str] = "engineering.package_released.v1"

    package_no: DocumentNo
    line_no: int
    product_code: Code
    revision: int
    documents: tuple[Code, ...]
    bom: tuple[BomItem, ...]
    route: tuple[RouteOperation, ...]
    inspection_standard: Text
    unit_weight_kg: Decimal
    change: Text = ""
    released_by: EmployeeId


class PackageCalledOff(Event):
    """The customer wants the product of the released package after all: the revision begun for another is owed no longer."""

    name: ClassVar[str] = "engineering.package_called_off.v1"

    package_no: DocumentNo
    line_no: int
    revision: int


class MissingDocumentDecided(Event):
    """Whether a document reported missing was really missing from the released package; never the engineer's word."""

    name: ClassVar[str] = "engineering.missing_document_decided.v1"

    report_no: DocumentNo
    package_no: DocumentNo
    line_no: int
    document: Code
    confirmed: bool
    remark: Text = ""
    decided_by: EmployeeId


class WorkStopped(Event):
    """Engineering stopped work that departs from its data; clocks of the order stand still."""

    name: ClassVar[str] = "engineering.work_stopped.v1"

    stop_no: DocumentNo
    line_no: int | None = None
    reason: Text
    stopped_by: EmployeeId


class WorkResumed(Event):
    """The stopped work may go on."""

    name: ClassVar[str] = "engineering.work_resumed.v1"

    stop_no: DocumentNo
    line_no: int | None = None
    reason: Text
    resumed_by: EmployeeId


class OpinionGiven(parts.OpinionGiven):
    """Engineering's opinion on a contract."""

    name: ClassVar[str] = "engineering.opinion_given.v1"


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached Engineering's worklist."""

    name: ClassVar[str] = "engineering.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in Engineering signed for a handover."""

    name: ClassVar[str] = "engineering.handover_signed.v1"


class HindranceReported(parts.HindranceReported):
    """Somebody in Engineering reported what hinders a handover."""

    name: ClassVar[str] = "engineering.hindrance_reported.v1"


class WordCameLate(parts.WordCameLate):
    """Engineering heard only later that what handovers waited for was over."""

    name: ClassVar[str] = "engineering.word_came_late.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """Engineering's service could not record acts for a while."""

    name: ClassVar[str] = "engineering.service_unavailable.v1"
