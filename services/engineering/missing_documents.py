"""Was a document that somebody misses really missing from the released package (ENG-01)?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move
from chassis.errors import Refusal, SelfApproval
from chassis.language import Label, word
from chassis.waiting import WaitFor
from chassis.worklist import publish
from contracts.engineering import MissingDocumentDecided
from contracts.event import Actor
from contracts.pmc import MissingDocumentReported
from services.engineering.models import CaseStatus, MissingDocumentCase
from services.engineering.queries import released_revision


class ReasonMissing(Refusal):
    status, code, field = 422, "remark_missing", "remark"
    message = Label(
        "{package_no} 列有“{document}”。确认缺失时,请在备注中说明它为何不可用。",
        "{package_no} lists {document}. To confirm it missing, please say in the remark why it cannot be used.",
    )


class WhyNotMissing(Refusal):
    status, code, field = 422, "remark_missing", "remark"
    message = Label(
        "{no} 已认定缺失。要更正,请在备注中说明为何不缺。",
        "{no} was confirmed missing. To correct that, please say in the remark why it was not.",
    )


class Decision(Form):
    """Whether the document was missing; a listed one that cannot be used counts as missing, with the reason."""

    confirmed: bool
    remark: str = Field(default="", max_length=4000)


async def open_case(session: AsyncSession, report: MissingDocumentReported) -> None:
    """Ask the engineering manager about the revision that is in force as the report arrives."""
    package = await released_revision(session, report.package_no)
    if package is None or package.released_by is None:
        raise WaitFor("package", report.package_no)
    session.add(
        MissingDocumentCase(
            no=report.report_no,
            order_no=report.order_no,
            line_no=report.line_no,
            package_no=report.package_no,
            revision=package.revision,
            document=report.document,
            listed=any(held.document == report.document for held in package.documents),
            released_by=package.released_by,
            description=report.remark,
            status=CaseStatus.OPEN,
            made_by=report.reported_by,
            made_at=await factory_now(session),
        )
    )


async def decide(session: AsyncSession, no: str, form: Decision, *, by: Actor, now: datetime) -> MissingDocumentCase:
    case = await lock(session, MissingDocumentCase, no)
    await publish(session, mark_decided(case, form, by=by, now=now))
    return case


def mark_decided(case: MissingDocumentCase, form: Decision, *, by: Actor, now: datetime) -> MissingDocumentDecided:
    """Move to CONFIRMED or DISMISSED, also from the one to the other: what was confirmed by mistake stands no more.

    Whoever released the package does not judge it, whatever posts they hold.
    """
    if by.employee == case.released_by:
        raise SelfApproval(employee=by.employee, no=case.package_no)
    if form.confirmed and case.listed and not form.remark:
        raise ReasonMissing(package_no=case.package_no, document=word(case.document))
    if case.status == CaseStatus.CONFIRMED and not (form.confirmed or form.remark):
        raise WhyNotMissing(no=case.no)
    move(case, CaseStatus.CONFIRMED if form.confirmed else CaseStatus.DISMISSED)
    case.remark, case.approved_by, case.approved_at = form.remark, by.employee, now
    return MissingDocumentDecided(
        order_no=case.order_no,
        assignee=case.released_by,
        report_no=case.no,
        package_no=case.package_no,
        line_no=case.line_no,
        document=case.document,
        confirmed=form.confirmed,
        remark=form.remark,
        decided_by=by.employee,
    )
