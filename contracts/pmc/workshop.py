"""What the workshop (车间) makes, wastes, reports late and makes again."""

from decimal import Decimal
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.event import Amount, Code, DocumentNo, EmployeeId, Event, Fact, Quantity, Text


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
