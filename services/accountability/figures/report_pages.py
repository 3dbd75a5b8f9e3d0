"""How are the figures looked at: the months, one month as page, PDF and workbook, and the evidence of one handover?"""

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.people import Person
from chassis.sight import How, Look, purpose_of
from chassis.ui import formats
from chassis.ui.lists import EXCEL
from chassis.ui.rendering import download, render
from chassis.ui.visits import Visit, visit
from services.accountability.figures import monthly, report_files, report_tables
from services.accountability.figures.behind_pages import first_of
from services.accountability.figures.monthly import Report
from services.accountability.figures.outcomes import month_of
from services.accountability.figures.report_cells import Ways, hours
from services.accountability.figures.report_tables import at_a_glance
from services.accountability.judging import Judging
from services.accountability.privacy import seeing, unnamed
from services.accountability.views import handover_facts
from services.accountability.views.timelines import Handover

router = APIRouter(include_in_schema=False)


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
        months=[(first, month.company, at_a_glance(Ways(f"{first:%Y-%m}"), month.company)) for first, month in months],
        trends=report_tables.trends(months),
        current=month_of(seen.now),
    )


@router.get("/reports/{month}")
async def show_report(request: Request, month: str) -> HTMLResponse:
    """The report of one month."""
    async with visit(request, everybody=True) as seen:
        report, eyes = await report_for(request, seen, month, How.REPORT)
    return render(
        request,
        "report.html",
        seen,
        report=report,
        heading=report_tables.heading(report),
        remarks=remarks(report),
        tiles=report_tables.tiles(report),
        tables=report_tables.tables(report, eyes, seen.name_of),
        before=monthly.preceding(report.first),
        after=monthly.following(report.first),
    )


@router.get("/reports/{month}/report.pdf")
async def print_report(request: Request, month: str) -> Response:
    """The same on paper."""
    async with visit(request, everybody=True) as seen:
        report, eyes = await report_for(request, seen, month, How.REPORT_FILE)
    title, tables = str(report_tables.heading(report)), report_tables.tables(report, eyes, seen.name_of)
    made = await report_files.paper(report_files.on_paper(title, remarks(report), tables, address(request)))
    return download(made, "application/pdf", f"report-{report.name}.pdf")


@router.get("/reports/{month}/report.xlsx")
async def tabulate_report(request: Request, month: str) -> Response:
    """The same as a workbook."""
    async with visit(request, everybody=True) as seen:
        report, eyes = await report_for(request, seen, month, How.REPORT_FILE)
    title, tables = str(report_tables.heading(report)), report_tables.tables(report, eyes, seen.name_of)
    made = await asyncio.to_thread(report_files.workbook, title, remarks(report), tables, address(request))
    return download(made, EXCEL, f"report-{report.name}.xlsx")


@router.get("/handovers/{duty:path}")
async def show_handover(request: Request, duty: str, attempt: int = 1, order: str = "") -> HTMLResponse:
    """The evidence of one handover. What its facts say is for its own person, and for who may read their name.

    To its own person they name everybody, to others whom these may see.
    """
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        found = await handover_facts.evidence_of(seen.session, judging, duty, attempt, order)
        eyes = await seeing.eyes_of(
            seen.session, seen.person, order_no=found.order_no, breach=breach_of(found.handover)
        )
    one = found.handover
    own = owes(seen.person, one)
    whole = eyes.all or own or (one.person is not None and eyes.see(one.person.employee))
    return render(
        request,
        "handover.html",
        seen,
        found=found,
        facts=[replace(fact, data=unnamed.fact_for(fact.data, eyes, own=own)) for fact in found.facts],
        one=unnamed.handover_for(one, eyes),
        eyes=eyes,
        whole=whole,
        hours=hours,
    )


async def report_for(request: Request, seen: Visit, month: str, how: How) -> tuple[Report, seeing.Eyes]:
    """The report of a month, and whose names may be read in it; that somebody reads what stands against them is written down."""
    judging: Judging = request.app.state.companion.judging
    report = await monthly.report(seen.session, judging.state, first_of(month), seen.now)
    eyes = await seeing.eyes_of(seen.session, seen.person)
    named = dict.fromkeys((no, one.employee) for one in report.people if eyes.see(one.employee) for no in one.records)
    await seeing.note(seen.session, seen.person, [*named], Look(how, purpose_of(request)))
    return report, eyes


def owes(person: Person, one: Handover) -> bool:
    """Whether it is this person's own: by name, by answering for it, or as a holder of the post while it is open."""
    if person.employee in (one.assignee, one.person.employee if one.person else None):
        return True
    return one.assignee is None and one.ended_at is None and person.holds({one.post})


def breach_of(one: Handover) -> str:
    """How a record names this attempt."""
    return one.duty if one.attempt == 1 else f"{one.duty}#{one.attempt}"


def remarks(report: Report) -> list[str]:
    return [str(remark) for remark in report_tables.remarks(report, formats.instant)]


def address(request: Request) -> str:
    """Where this house is, as the reader came here."""
    return str(request.base_url).rstrip("/")
