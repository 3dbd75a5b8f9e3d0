"""Which document of a released package does planning or the workshop miss (ENG-01)?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import move, next_number
from chassis.errors import NotFound, Refusal
from chassis.language import Label
from chassis.waiting import WaitFor
from chassis.worklist import publish
from contracts.engineering import MissingDocumentDecided
from contracts.event import Actor
from contracts.pmc import MissingDocumentReported
from services.pmc import orders
from services.pmc.models import MissingDocument, MissingDocumentStatus
from services.pmc.queries import package_numbered, report_underway

PACKAGE = Label("工程资料", "engineering package")


class AlreadyReported(Refusal):
    code, field = "already_reported", "document"
    message = Label(
        "缺资料单 {no} 已经报告了这份资料,工程部还没有答复。请等答复。",
        "Report {no} names this document already and Engineering has not answered. Please wait for the answer.",
    )


class Report(Form):
    """Which document of which package is missed."""

    package_no: str
    document: str = Field(min_length=1, max_length=64)
    remark: str = Field(default="", max_length=4000)


async def report(session: AsyncSession, form: Report, *, maker: Actor, now: datetime) -> MissingDocument:
    """Tell Engineering what is missing; somebody other than the engineer confirms it."""
    package = await package_numbered(session, form.package_no)
    if package is None:
        raise NotFound(field="package_no", kind=PACKAGE, no=form.package_no)
    await orders.running_line(session, package.order_no, package.line_no)
    underway = await report_underway(session, form.package_no, form.document)
    if underway is not None:
        raise AlreadyReported(no=underway)
    document = MissingDocument(
        **form.model_dump(),
        no=await next_number(session, MissingDocument.code, now),
        order_no=package.order_no,
        line_no=package.line_no,
        status=MissingDocumentStatus.REPORTED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(
        session,
        MissingDocumentReported(
            **form.model_dump(),
            order_no=package.order_no,
            report_no=document.no,
            line_no=package.line_no,
            reported_by=maker.employee,
        ),
    )
    return document


async def take_decision(session: AsyncSession, event: MissingDocumentDecided) -> None:
    """Engineering's answer; what it dismissed stays so, also where a confirmation that it took back arrives later."""
    document = await session.get(MissingDocument, event.report_no, with_for_update=True, populate_existing=True)
    if document is None:
        raise WaitFor("missing_document", event.report_no)
    if document.status == MissingDocumentStatus.DISMISSED:
        return
    move(document, MissingDocumentStatus.CONFIRMED if event.confirmed else MissingDocumentStatus.DISMISSED)
