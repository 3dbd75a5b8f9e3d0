"""Does a parts list hang together, and can a route be walked from its first operation to its last?"""

from decimal import Decimal

from pydantic import Field

from chassis.errors import Refusal
from chassis.language import Label
from contracts.engineering import BomItem, RouteOperation


class PartTwice(Refusal):
    status, code, field = 422, "part_twice", "bom"
    message = Label(
        "物料 {item_code} 在同一上级下出现了两次。请合并数量。",
        "Item {item_code} appears twice in the same assembly. Please add its quantities together.",
    )


class ParentUnknown(Refusal):
    status, code, field = 422, "parent_unknown", "bom"
    message = Label(
        "物料 {item_code} 的上级 {parent} 不在物料清单中,或绕回了它自己。请核对上级。",
        "The parent {parent} of item {item_code} is not in the list, or leads back to it. Please check the parent.",
    )


class OperationTwice(Refusal):
    status, code, field = 422, "operation_twice", "route"
    message = Label(
        "工序号 {op_no} 出现了两次。每道工序须有自己的编号。",
        "Operation {op_no} appears twice. Each operation needs its own number.",
    )


class PredecessorUnknown(Refusal):
    status, code, field = 422, "predecessor_unknown", "route"
    message = Label(
        "工序 {op_no} 的前道工序 {predecessor} 不在它之前。请填写编号更小的工序。",
        "The predecessor {predecessor} of operation {op_no} does not come before it. Please name a lower number.",
    )


class Part(BomItem):
    """One component as typed: within bounds."""

    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    lead_time_days: int = Field(ge=0, le=999, default=0)
    waste_allowance_percent: Decimal = Field(ge=0, le=100, default=Decimal(0))


class Step(RouteOperation):
    """One operation as typed: within bounds."""

    op_no: int = Field(ge=1, le=9999)
    title: str = Field(min_length=1, max_length=400)
    standard_hours: Decimal = Field(gt=0, le=9999, max_digits=10, decimal_places=4)


def checked_bom(parts: tuple[Part, ...]) -> tuple[BomItem, ...]:
    """The parts list, when every parent is in it and none leads back to itself; raises PartTwice, ParentUnknown."""
    parents: dict[str, str | None] = {part.item_code: part.parent for part in parts}
    seen: set[tuple[str, str | None]] = set()
    for part in parts:
        if (part.item_code, part.parent) in seen:
            raise PartTwice(item_code=part.item_code)
        seen.add((part.item_code, part.parent))
        if not leads_to_the_top(part.parent, parents):
            raise ParentUnknown(item_code=part.item_code, parent=part.parent)
    return tuple(BomItem(**part.model_dump()) for part in parts)


def leads_to_the_top(assembly: str | None, parents: dict[str, str | None]) -> bool:
    """Whether a walk from an assembly to its parents ends at the finished product."""
    walked: set[str] = set()
    while assembly is not None:
        if assembly in walked or assembly not in parents:
            return False
        walked.add(assembly)
        assembly = parents[assembly]
    return True


def checked_route(steps: tuple[Step, ...]) -> tuple[RouteOperation, ...]:
    """The route in the order of its numbers; raises OperationTwice, PredecessorUnknown."""
    seen: set[int] = set()
    ordered = sorted(steps, key=lambda step: step.op_no)
    for step in ordered:
        if step.op_no in seen:
            raise OperationTwice(op_no=step.op_no)
        if step.predecessor is not None and step.predecessor not in seen:
            raise PredecessorUnknown(op_no=step.op_no, predecessor=step.predecessor)
        seen.add(step.op_no)
    return tuple(RouteOperation(**step.model_dump()) for step in ordered)
