"""What does an order promise, line by line?"""

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from chassis.errors import Refusal
from chassis.instants import FACTORY
from chassis.language import Label
from contracts.parts import OrderLine


class DatePassed(Refusal):
    status, code = 422, "date_passed"
    message = Label(
        "日期 {day} 已经过去(今天是 {today})。请填写今天或以后的日期。",
        "The date {day} has passed (today is {today}). Please give today or a later date.",
    )


class LeavesTooLate(Refusal):
    status, code, field = 422, "leaves_too_late", "lines"
    message = Label(
        "第 {line_no} 行交期 {day},在途 {transit_days} 天,须在 {ship_by} 前发出,那天已经过去。请改交期或在途天数。",
        "Line {line_no}, due {day} with {transit_days} days on the way, had to leave by {ship_by}, which has passed. "
        "Please change the date or the days on the way.",
    )


class LinesTwice(Refusal):
    status, code, field = 422, "lines_twice", "lines"
    message = Label(
        "行号 {line_no} 出现了两次。每行须有自己的行号。",
        "Line {line_no} appears twice. Each line needs its own number.",
    )


class Line(OrderLine):
    """One line as typed: everything an order line must have, within bounds."""

    line_no: int = Field(ge=1, le=999)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    unit_price: Decimal = Field(ge=0, max_digits=18, decimal_places=4)
    transit_days: int = Field(ge=0, le=60, default=0)


def check_lines(lines: tuple[Line, ...], now: datetime, before: tuple[OrderLine, ...] = ()) -> None:
    """Each line once, and no promise of the past; what was promised `before` and stays so may have passed."""
    today, seen, known = now.astimezone(FACTORY).date(), set[int](), {line.line_no: line for line in before}
    for line in lines:
        if line.line_no in seen:
            raise LinesTwice(line_no=line.line_no)
        seen.add(line.line_no)
        if (promised := known.get(line.line_no)) is None or not kept(line, promised):
            check_date(line, today)


def kept(line: OrderLine, promised: OrderLine) -> bool:
    """Whether a line asks for the same goods, no more of them and no sooner than was promised."""
    same = (line.product_code, line.model, line.ship_by) == (promised.product_code, promised.model, promised.ship_by)
    return same and line.quantity <= promised.quantity


def check_date(line: Line, today: date) -> None:
    """Raises DatePassed, or LeavesTooLate where the goods would have had to leave already."""
    if line.delivery_date < today:
        raise DatePassed(field="lines", day=line.delivery_date, today=today)
    if line.ship_by < today:
        raise LeavesTooLate(
            line_no=line.line_no, day=line.delivery_date, transit_days=line.transit_days, ship_by=line.ship_by
        )


def plain(lines: tuple[Line, ...]) -> tuple[OrderLine, ...]:
    return tuple(OrderLine(**line.model_dump()) for line in lines)


def total(lines: tuple[OrderLine, ...]) -> Decimal:
    return sum((line.quantity * line.unit_price for line in lines), Decimal(0)).quantize(Decimal("0.01"))
