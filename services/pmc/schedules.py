"""When must each operation be finished, and by which day must the material be there? Pure reckoning on the calendar."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from contracts.engineering import RouteOperation
from services.pmc.worktime import Worktime

# Working days that the rulebook's standards grant between the goods at the gate and the first operation (incoming
# inspection, receipt, requisition and issue), and between the last operation and the goods on the road (final
# inspection, receipt, notice, reviews, instruction, outgoing inspection, loading).
BEFORE_START = Decimal("2.5")
AFTER_FINISH = Decimal("3.5")


def finish_hours(route: Sequence[RouteOperation], quantity: Decimal) -> dict[int, Decimal]:
    """For each operation, the working hours from the start until it is finished at the earliest."""
    operations = {operation.op_no: operation for operation in route}
    finished: dict[int, Decimal] = {}

    def finish(op_no: int) -> Decimal:
        if op_no not in finished:
            operation = operations[op_no]
            before = finish(operation.predecessor) if operation.predecessor in operations else Decimal(0)
            finished[op_no] = before + operation.standard_hours * quantity
        return finished[op_no]

    for op_no in operations:
        finish(op_no)
    return finished


def path_hours(route: Sequence[RouteOperation], quantity: Decimal) -> Decimal:
    """Working hours of the longest way through a route."""
    return max(finish_hours(route, quantity).values(), default=Decimal(0))


def due_times(
    route: Sequence[RouteOperation],
    quantity: Decimal,
    start_on: date,
    given: Mapping[int, datetime],
    calendar: Worktime,
) -> dict[int, datetime]:
    """Due times forward from the start by standard hours; a given one stands, and what follows is reckoned from it."""
    operations = {operation.op_no: operation for operation in route}
    start, due = calendar.opening(start_on), dict(given)

    def reckon(op_no: int) -> datetime:
        if op_no not in due:
            operation = operations[op_no]
            begins = reckon(operation.predecessor) if operation.predecessor in operations else start
            due[op_no] = calendar.later(begins, operation.standard_hours * quantity)
        return due[op_no]

    return {op_no: reckon(op_no) for op_no in operations}


def required_on(
    route: Sequence[RouteOperation], quantity: Decimal, ship_by: date, today: date, calendar: Worktime
) -> date:
    """The last day by whose end material may arrive and the goods still leave in time; never a day that has passed."""
    work, around = path_hours(route, quantity), BEFORE_START + AFTER_FINISH
    gate = calendar.earlier(calendar.closing(ship_by), work, around)
    day = calendar.date_of(gate)
    if calendar.closing(day) > gate:
        day = calendar.date_of(calendar.closing(day - timedelta(days=1)))
    return max(day, today)
