"""How planning lets goods go: papers, review, instruction and report."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from contracts.event import Code, DocumentNo, EmployeeId, Event, Quantity, Text


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
