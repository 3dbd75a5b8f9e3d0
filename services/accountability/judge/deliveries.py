"""When must a line leave, has it left, and when was its production to be finished?"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from chassis.calendar import WorkCalendar
from chassis.instants import SECOND, Instant, Micros, parse
from services.accountability.judge import removed, windows
from services.accountability.judge.dues import ship_dates
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.in_force import calendar_now, rulebook_at
from services.accountability.judge.state import (
    Agreed,
    Case,
    DateChange,
    Exhibit,
    Line,
    Mark,
    Production,
    Quantity,
    Shipment,
    State,
)

WATCH = 0
"""In a timer the place of the attempt, which counts from 1: this one watches the line <order>/<line>."""


def confirm(case: Case, told: Evidence) -> None:
    """Sales gave its word: the lines with their dates, and who looks after the order."""
    merchandiser, salesperson = told.data["merchandiser"], told.data["salesperson"]
    _set_lines(case, told, "confirmed")
    case.merchandiser, case.salesperson = merchandiser, salesperson
    case.commission, case.agency_fee = (told.data.get(name) for name in ("commission", "agency_fee"))
    if "amount" in told.data:
        _agree(case, told, _amount(told.data["amount"]))


def amend(case: Case, told: Evidence) -> None:
    """The customer changed the order; it comes to its lines, as Sales reckons it."""
    _set_lines(case, told, "amended")
    parts = [Decimal(str(line["quantity"])) * Decimal(str(line["unit_price"])) for line in told.data["lines"]]
    _agree(case, told, str(sum(parts, Decimal(0)).quantize(Decimal("0.01"))))


def postpone(case: Case, told: Evidence) -> None:
    """The customer asked for a later date of one line."""
    change = DateChange(told.mark, _date(told.data["delivery_date"]), None, "postponed")
    _add_date(_line(case, told.data["line_no"]), change)


def cancel(case: Case, told: Evidence) -> None:
    """The order is given up; the first cancellation counts."""
    if case.cancelled is None or told.mark.order < case.cancelled.order:
        case.cancelled = told.mark


def ship(case: Case, told: Evidence) -> None:
    """Goods of a line left."""
    shipment = Shipment(told.mark, _amount(told.data["quantity"]), told.data["notice_no"])
    line = _line(case, told.data["line_no"])
    line.shipments = tuple(sorted((*line.shipments, shipment), key=lambda known: known.mark.order))


def plan(case: Case, told: Evidence) -> None:
    """A production order says when the work is to be finished."""
    production = case.productions.setdefault(told.data["production_order_no"], Production())
    production.line_no, production.due_at = told.data["line_no"], parse(told.data["due_at"])
    production.planned = told.mark


def finish_operation(case: Case, told: Evidence) -> None:
    """A team reported an operation; the last one finishes the production order."""
    if told.data["last"]:
        number = told.data["production_order_no"]
        production = case.productions.setdefault(number, Production())
        report = told.mark, f"operation:{number}/{told.data['op_no']}"
        production.reports = tuple(sorted((*production.reports, report), key=lambda known: known[0].order))


def book(case: Case, told: Evidence) -> None:
    """Goods of a production order are in store."""
    production = case.productions.setdefault(told.data["production_order_no"], Production())
    if production.booked is None or told.mark.order < production.booked.order:
        production.booked = told.mark


def agreed_amount(case: Case) -> str | None:
    """What the order came to when it was cancelled, else what it comes to now; in CNY."""
    agreed = [one for one in case.agreed if case.cancelled is None or one.mark.order <= case.cancelled.order]
    known = agreed[-1:] or case.agreed[:1]
    return known[0].amount if known else None


def left_at(line: Line, by: Instant | None = None) -> Shipment | None:
    """The shipment with which the whole quantity was out; None while some is still owed or nothing is known.

    `by`: the whole is what was wanted at that instant.
    """
    if not line.quantities:
        return None
    wanted, out = wanted_of(line, by), Decimal(0)
    for shipment in line.shipments:
        out += Decimal(shipment.amount)
        if out >= wanted:
            return shipment
    return None


def wanted_of(line: Line, by: Instant | None = None) -> Decimal:
    """How much of a line is wanted now, or was at an instant: neither more nor less that the customer came to want later."""
    known = [quantity for quantity in line.quantities if by is None or quantity.mark.at <= by] or line.quantities[:1]
    return Decimal(known[-1].amount)


def ended_at(case: Case) -> Instant | None:
    """When an order was given up, or had wholly left; None while some of it is still owed."""
    if case.cancelled:
        return case.cancelled.at
    ends = [over_at(line) for line in case.lines.values()]
    known = [at for at in ends if at is not None]
    return max(known) if known and len(known) == len(ends) else None


def over_at(line: Line) -> Instant | None:
    """When a line had wholly left, or was taken off the order; None while some of it is still owed."""
    left = left_at(line)
    return left.mark.at if left else removed.since(line)


def given_up_at(line: Line) -> Instant | None:
    """Since when a line is off its order, or the rest of it that had not left by its date; None while all of it is owed."""
    left = left_at(line)
    if left is None or left_at(line, by=line.fires) is not None:
        return removed.since(line)
    last = wanted_of(line)
    fewer = next(quantity for quantity in reversed(line.quantities) if Decimal(quantity.amount) > last)
    return max(left.mark.at, min(known.mark.at for known in line.quantities if known.mark.order > fewer.mark.order))


def reckon_lines(state: State, case: Case) -> None:
    """Compute anew by when each line must leave, and set its timer."""
    calendar = calendar_now(state)
    if calendar is None:
        return
    for line in case.lines.values():
        tolerance = tolerance_at(state, line)
        line.ship_by = ship_by(line, calendar, tolerance)
        fires = None if line.ship_by is None else calendar.add(line.ship_by, tolerance)
        if fires != line.fires:
            line.fires, line.expired = fires, fires is not None and fires < state.now
            case.troubled = case.troubled or line.expired
            if fires is not None and not line.expired:
                set_timer(state, case, line, fires)


def ship_by(line: Line, calendar: WorkCalendar, tolerance: Micros) -> Instant | None:
    """The end of the last shift on which a line must leave; a date changed after that helps only where it was kept, or
    where the line was off the order then."""
    day = None
    for dated in ship_dates(line, calendar):
        fires = None if day is None else calendar.add(day, tolerance)
        if fires is None or dated.at <= fires or removed.is_off(line, fires) or _left_by(line, fires):
            day = dated.day
    return day


def _left_by(line: Line, at: Instant) -> bool:
    left = left_at(line, by=at)
    return left is not None and left.mark.at <= at


def tolerance_at(state: State, line: Line) -> int:
    """The tolerance of the rulebook in force when the line's date was first stated."""
    rulebook = rulebook_at(state, line.dates[0].mark.at) if line.dates else None
    return rulebook.text.tolerance_seconds * SECOND if rulebook else 0


def missed(line: Line, cancelled: Mark | None) -> bool:
    """Whether the line had not wholly left by its date; what was given up before has no date any more."""
    if line.fires is None or (cancelled is not None and cancelled.at <= line.fires) or removed.is_off(line, line.fires):
        return False
    left = left_at(line, by=line.fires)
    return left.mark.at > line.fires if left else line.expired


def trouble(case: Case) -> None:
    """Take note of a date that was missed."""
    case.troubled = case.troubled or any(missed(line, case.cancelled) for line in case.lines.values())


def set_timer(state: State, case: Case, line: Line, at: Instant) -> None:
    """Look at a line again at an instant."""
    heapq.heappush(state.index.timers, (at, line.ship_by or at, f"{case.order_no}/{line.line_no}", WATCH))


def line_of_timer(state: State, name: str, number: int) -> tuple[Case, Line] | None:
    """The line that a timer is about, if it is about a line."""
    if number != WATCH:
        return None
    order_no, _, line_no = name.rpartition("/")
    case = state.cases.get(order_no)
    return (case, case.lines[int(line_no)]) if case else None


def lines_for_expressions(state: State, case: Case, line_no: int | None) -> Iterator[dict[str, Any]]:
    """What the rulebook's expressions may ask about a line, or about all; an instant that nobody recorded is 0."""
    for line in (line for line in case.lines.values() if line_no in (None, line.line_no)):
        left = left_at(line)
        booked = [e for e in case.exhibits.get("finished_receipts", ()) if e.data["line_no"] == line.line_no]
        finished_at = _finished_at(line, booked)
        yield {
            "line_no": line.line_no,
            "ship_by": line.ship_by or 0,
            "shipped_at": left.mark.at if left else 0,
            "missed": missed(line, case.cancelled),
            "first_booked_at": booked[0].mark.at if booked else 0,
            "finished_at": finished_at,
            "time_to_look": windows.time_to_look(state, case, line, finished_at),
        }


def _finished_at(line: Line, booked: Iterable[Exhibit]) -> Instant:
    """With which receipt everything was there that was wanted when the line was to leave; 0 while some is missing."""
    left = wanted_of(line, line.fires) if line.quantities else Decimal(1)
    for receipt in booked:
        left -= Decimal(str(receipt.data["quantity"]))
        if left <= 0:
            return receipt.mark.at
    return 0


def _set_lines(case: Case, told: Evidence, why: str) -> None:
    stated = [
        (
            line["line_no"],
            DateChange(told.mark, _date(line["delivery_date"]), int(line.get("transit_days", 0)), why),
            Quantity(told.mark, _amount(line["quantity"]), told.id, line.get("product_code", "")),
        )
        for line in told.data["lines"]
    ]
    for line_no, change, quantity in stated:
        line = _line(case, line_no)
        _add_date(line, change)
        line.quantities = tuple(sorted((*line.quantities, quantity), key=lambda known: known.mark.order))
    removed.note(case)


def _agree(case: Case, told: Evidence, amount: str) -> None:
    case.agreed = tuple(sorted((*case.agreed, Agreed(told.mark, amount)), key=lambda known: known.mark.order))


def _add_date(line: Line, change: DateChange) -> None:
    line.dates = tuple(sorted((*line.dates, change), key=lambda known: known.mark.order))


def _date(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _amount(text: Any) -> str:
    if not Decimal(text).is_finite():
        raise ValueError(f"{text!r} is no quantity")
    return str(text)


def _line(case: Case, line_no: int) -> Line:
    line = case.lines.get(line_no)
    if line is None:
        line = case.lines[line_no] = Line(line_no)
    return line
