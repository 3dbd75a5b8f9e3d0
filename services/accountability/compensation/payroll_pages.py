"""What does HR see of a month for payroll, and what does it take along? Nothing here is for anybody else's eyes."""

import asyncio
import io
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from chassis.documents import find
from chassis.errors import NotFound, Refusal
from chassis.language import Label, word
from chassis.sight import How, Look
from chassis.ui import sheets
from chassis.ui.details import looked_at
from chassis.ui.lists import EXCEL
from chassis.ui.rendering import download, render
from chassis.ui.shapes import Shape, members_of
from chassis.ui.visits import Visit, visit
from services.accountability.api import HR, desk
from services.accountability.compensation import payroll
from services.accountability.compensation.instalments import following, month_of
from services.accountability.compensation.models_compensation import StatedInstalment
from services.accountability.compensation.wages import MONTH
from services.accountability.models import PayrollDownload, PayrollStatement
from services.accountability.privacy import wages_seen
from services.accountability.privacy.seeing import note

router = APIRouter(include_in_schema=False)
NOT_HERE = Label(
    "本系统不扣款、不付款。可否扣、扣多少,由工资核算依法决定;每月不超过工资的规定比例,且不低于当地最低工资。",
    "This system deducts and pays nothing. Payroll decides by the law whether and how much is taken: of a month's wage "
    "no more than the share, and never leaving less than the local minimum wage.",
)


@router.get("/payroll")
async def show_month(request: Request, month: Annotated[str, Query(pattern=MONTH)] = "") -> HTMLResponse:
    """A month as it was stated, or as it would be if it were stated now."""
    async with visit(request, everybody=True) as seen:
        seen.person.acting_as(HR)
        context = await month_shown(seen, month or month_of(seen.now))
    return render(request, "payroll.html", seen, **context)


async def month_shown(seen: Visit, month: str) -> dict[str, Any]:
    statement, closed = await payroll.stated(seen.session, month), None
    if statement is not None:
        (statement,) = await wages_seen.PAYROLL.show(seen.session, seen.person, [statement], Look(How.PAYROLL))
    try:
        lines = statement.lines if statement else await lines_to_come(seen, month)
    except Refusal as refusal:
        lines, closed = (), str(refusal)
    return {
        "month": month,
        "before": before(month),
        "after": following(month),
        "statement": statement,
        "closed": closed,
        "lines": lines,
        "columns": members_of(StatedInstalment),
        "not_here": NOT_HERE,
        "downloads": await downloads(seen, statement) if statement else (),
    }


async def lines_to_come(seen: Visit, month: str) -> Sequence[StatedInstalment]:
    """What would be stated now; whoever looks at it is written down under each compensation. Raises as `check_month`."""
    await payroll.check_month(seen.session, month, seen.now)
    lines = await payroll.lines_of(seen.session, month, seen.now)
    named = [(line.compensation_no, line.person) for line in lines]
    await note(seen.session, seen.person, named, Look(How.PAYROLL))
    return lines


async def downloads(seen: Visit, statement: PayrollStatement) -> list[PayrollDownload]:
    query = select(PayrollDownload).where(PayrollDownload.statement_no == statement.no)
    return list(await seen.session.scalars(query.order_by(PayrollDownload.at)))


@router.get("/payroll/{no}.xlsx")
async def take_along(request: Request, no: str) -> Response:
    """The statement as a spreadsheet; that it was taken along is written down."""
    async with visit(request, everybody=True) as seen:
        seen.person.acting_as(HR)
        statement = await find(seen.session, PayrollStatement, no)
        if statement is None:
            raise NotFound(kind=PayrollStatement.title, no=no)
        (statement,) = await wages_seen.PAYROLL.show(seen.session, seen.person, [statement], Look(How.SPREADSHEET))
        await payroll.note_download(seen.session, statement, by=seen.person.employee, now=seen.now)
    content = await asyncio.to_thread(workbook, statement, seen)
    name = f"{statement.no}-{statement.month}.xlsx"
    return download(content, EXCEL, name)


def workbook(statement: PayrollStatement, seen: Visit) -> bytes:
    """One sheet: what it is and that nothing is deducted here, then a row for each instalment and each sum to be given back."""
    import xlsxwriter  # as for every list: only for whoever asks for a spreadsheet

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {"head": book.add_format({"bold": True, "bottom": 1}), Shape.MONEY: sheets.money_format(book)}
        columns = members_of(StatedInstalment)
        rows = [[getattr(line, column.name) for column in columns] for line in statement.lines]
        above = (f"{statement.title} {statement.no} · {word('month')} {statement.month}", str(NOT_HERE))
        sheets.write_sheet(book, statement.month, columns, rows, formats, seen, above=above)
    return buffer.getvalue()


@router.get("/payroll-statements/{no}")
async def show_statement(request: Request, no: str, done: str = "") -> HTMLResponse:
    """One statement, to be taken along."""
    async with visit(request, everybody=True) as seen:
        context = await looked_at(seen, desk, desk.shelf_of(PayrollStatement), no, done, Look(How.PAGE))
        taken = await downloads(seen, context["document"])
    return render(request, "payroll_statement.html", seen, **context, not_here=NOT_HERE, downloads=taken)


def before(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}"
