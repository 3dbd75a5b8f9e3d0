"""What does an order promise, line by line?"""

from datetime import datetime
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


def check_lines(lines: tuple[Line, ...], now: datetime) -> None:
    today, seen = now.astimezone(FACTORY).date(), set()
    for line in lines:
        if line.line_no in seen:
            raise LinesTwice(line_no=line.line_no)
        seen.add(line.line_no)
        if line.delivery_date < today:
            raise DatePassed(field="lines", day=line.delivery_date, today=today)


def plain(lines: tuple[Line, ...]) -> tuple[OrderLine, ...]:
    return tuple(OrderLine(**line.model_dump()) for line in lines)


def total(lines: tuple[OrderLine, ...]) -> Decimal:
    return sum((line.quantity * line.unit_price for line in lines), Decimal(0)).quantize(Decimal("0.01"))
