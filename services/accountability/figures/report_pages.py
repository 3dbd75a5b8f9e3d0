"""How are the figures looked at: the months, one month as page, PDF and workbook, and what stands behind each figure?"""

import asyncio
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.errors import NotFound
from chassis.language import Label, word
from chassis.people import Person
from chassis.sight import How, Look
from chassis.ui import formats
from chassis.ui.lists import EXCEL
from chassis.ui.rendering import download, render
from chassis.ui.visits import Visit, visit
from services.accountability.figures import monthly, report_files, report_tables
from services.accountability.figures.monthly import Asked, Report
from services.accountability.figures.outcomes import month_of
from services.accountability.judging import Judging
from services.accountability.models import HandoverOutcome
from services.accountability.privacy import seeing, unnamed
from services.accountability.privacy.sealed import handovers_sealed
from services.accountability.views import handover_facts
from services.accountability.views.timelines import Handover

router = APIRouter(include_in_schema=False)
TOGETHER = {
    monthly.DECIDED: Label("已裁定", "decided"),
    monthly.UNDER: report_tables.UNDER_WAY,
    monthly.MOVED: report_tables.SPARED,
    monthly.STANDING: Label("未撤销", "not withdrawn"),
}
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@router.get("/reports")
async def list_months(request: Request) -> HTMLResponse:
    """The latest months, each with the company's figures."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        months = await monthly.months(seen.session, judging.state, seen.now)
    return render(
        request,
        "reports.html",
        seen,
        months=months,
        trends=report_tables.trends(months),
        current=month_of(seen.now),
        hours=report_tables.hours,
    )


@router.get("/reports/{month}")
async def show_report(request: Request, month: str) -> HTMLResponse:
    """The report of one month."""
    async with visit(request, everybody=True) as seen:
        report, eyes = await report_for(request, seen, month)
    return render(
        request,
        "report.html",
        seen,
        report=report,
        heading=report_tables.heading(report),
        remarks=remarks(report),
        tables=report_tables.tables(report, eyes, seen.name_of),
        hours=report_tables.hours,
        before=monthly.preceding(report.first),
        after=monthly.following(report.first),
    )


@router.get("/reports/{month}/report.pdf")
async def print_report(request: Request, month: str) -> Response:
    """The same on paper."""
    async with visit(request, everybody=True) as seen:
        report, eyes = await report_for(request, seen, month)
    title, tables = str(report_tables.heading(report)), report_tables.tables(report, eyes, seen.name_of)
    made = await report_files.paper(report_files.on_paper(title, remarks(report), tables, address(request)))
    return download(made, "application/pdf", f"report-{report.name}.pdf")


@router.get("/reports/{month}/report.xlsx")
async def tabulate_report(request: Request, month: str) -> Response:
    """The same as a workbook."""
    async with visit(request, everybody=True) as seen:
        report, eyes = await report_for(request, seen, month)
    title, tables = str(report_tables.heading(report)), report_tables.tables(report, eyes, seen.name_of)
    made = await asyncio.to_thread(report_files.workbook, title, remarks(report), tables, address(request))
    return download(made, EXCEL, f"report-{report.name}.xlsx")


@router.get("/reports/{month}/handovers")
async def list_handovers(
    request: Request,
    month: str,
    department: str = "",
    link: str = "",
    outcome: str = "",
    person: str = "",
    after: str = "",
) -> HTMLResponse:
    """The handovers behind a figure; of one person's only for who may read their name."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        first, eyes = first_of(month), await seeing.eyes_of(seen.session, seen.person)
        if person:
            seeing.admit(eyes, person)
        asked = Asked(department=department, link=link, outcome=outcome, person=person, after=place(after))
        rows = await monthly.handovers(seen.session, first, asked)
        sealed = await handovers_sealed(seen.session, rows)
    more = rows[monthly.AT_ONCE - 1] if len(rows) > monthly.AT_ONCE else None
    chosen = {"department": department, "link": link, "outcome": outcome, "person": person}
    return render(
        request,
        "report_handovers.html",
        seen,
        month=month,
        rows=rows[: monthly.AT_ONCE],
        chosen=said(chosen, seen),
        next=following_page(chosen, more) if more else "",
        hours=report_tables.hours,
        cost=partial(monthly.cost, judging.state),
        who_of=partial(who_of, eyes, sealed),
    )


@router.get("/reports/{month}/dates")
async def list_dates(
    request: Request, month: str, department: str = "", link: str = "", clause: str = ""
) -> HTMLResponse:
    """The missed dates behind a first cause: each leads to its order."""
    async with visit(request, everybody=True) as seen:
        rows = await monthly.dates(
            seen.session, first_of(month), Asked(department=department, link=link, clause=clause)
        )
    chosen = said({"department": department, "link": link, "clause": clause}, seen)
    return render(
        request,
        "report_dates.html",
        seen,
        month=month,
        rows=rows,
        chosen=chosen,
        hours=report_tables.hours,
    )


@router.get("/reports/{month}/records")
async def list_records(request: Request, month: str, department: str = "", status: str = "") -> HTMLResponse:
    """The records behind a figure that this person may see, as they stand now; figures are everybody's, records are not."""
    async with visit(request, everybody=True) as seen:
        asked = Asked(department=department, status=status)
        may = seeing.RECORDS.which(seen.person)
        rows = await monthly.penalty_records(seen.session, first_of(month), asked, may)
        await seeing.RECORDS.note(seen.session, seen.person, rows, Look(How.LIST))
    chosen = said({"department": department, "status": status}, seen)
    return render(request, "report_records.html", seen, month=month, rows=rows, chosen=chosen)


@router.get("/handovers/{duty:path}")
async def show_handover(request: Request, duty: str, attempt: int = 1, order: str = "") -> HTMLResponse:
    """The evidence of one handover. What its facts say in full is for its own person, and for who may read their name."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        found = await handover_facts.evidence_of(seen.session, judging, duty, attempt, order)
        eyes = await seeing.eyes_of(
            seen.session, seen.person, order_no=found.order_no, breach=breach_of(found.handover)
        )
    one = found.handover
    whole = eyes.all or owes(seen.person, one) or (one.person is not None and eyes.see(one.person.employee))
    return render(
        request,
        "handover.html",
        seen,
        found=found,
        facts=[replace(fact, data=unnamed.said_without(fact.data, eyes.sealed)) for fact in found.facts],
        one=unnamed.handover_for(one, eyes),
        eyes=eyes,
        whole=whole,
        hours=report_tables.hours,
    )


async def report_for(request: Request, seen: Visit, month: str) -> tuple[Report, seeing.Eyes]:
    """The report of a month, and whose names may be read in it."""
    judging: Judging = request.app.state.companion.judging
    report = await monthly.report(seen.session, judging.state, first_of(month), seen.now)
    return report, await seeing.eyes_of(seen.session, seen.person)


def first_of(month: str) -> date:
    """The first day of `2026-10`; raises NotFound."""
    found = MONTH.fullmatch(month)
    if found is None:
        raise NotFound(kind=Label("月份", "month"), no=month)
    return date(int(found[1]), int(found[2]), 1)


def owes(person: Person, one: Handover) -> bool:
    """Whether it is this person's own: by name, by answering for it, or as a holder of the post while it is open."""
    if person.employee in (one.assignee, one.person.employee if one.person else None):
        return True
    return one.assignee is None and one.closed_at is None and person.holds({one.post})


def who_of(eyes: seeing.Eyes, sealed: Collection[tuple[str, int]], row: HandoverOutcome) -> str | None:
    """Whoever answers for a handover, else whose it is, as far as this person may read it."""
    who = row.person or row.assignee
    if who is None or not eyes.see(who):
        return None
    return who if who == eyes.person.employee or (row.duty, row.attempt) not in sealed else None


def breach_of(one: Handover) -> str:
    """How a record names this attempt."""
    return one.duty if one.attempt == 1 else f"{one.duty}#{one.attempt}"


def remarks(report: Report) -> list[str]:
    return [str(remark) for remark in report_tables.remarks(report, formats.instant)]


def said(chosen: dict[str, str], seen: Visit) -> str:
    """What a list is narrowed to, in words."""
    return " · ".join(
        seen.name_of(value) if name == "person" else str(TOGETHER.get(value, word(value)))
        for name, value in chosen.items()
        if value
    )


def place(after: str) -> tuple[float, str, int] | None:
    """The last row that was shown: `seconds~attempt~handover`; anything else begins at the top."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)~(\d{1,6})~(.+)", after)
    return (float(found[1]), found[3], int(found[2])) if found else None


def following_page(chosen: dict[str, str], last: Any) -> str:
    known = {name: value for name, value in chosen.items() if value}
    return urlencode(known | {"after": f"{last.overrun.total_seconds()}~{last.attempt}~{last.duty}"})


def address(request: Request) -> str:
    """Where this house is, as the reader came here."""
    return str(request.base_url).rstrip("/")
