"""May these goods leave the house, as far as Quality is concerned?"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import lock
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.pmc import OperationFinished, ShipmentInstructed
from contracts.quality import OutgoingInspected
from services.quality.inspections import Look, Report, common, fresh, goods_of, owe, record
from services.quality.models import OutgoingInspection
from services.quality.queries import finished_lot, known_order
from services.quality.standards import released_standard


async def expect(session: AsyncSession, event: ShipmentInstructed) -> None:
    """PMC wants these goods to leave: the inspector owes the outgoing inspection from now on."""
    if (await known_order(session, event.order_no)).cancelled:
        return
    goods = {
        "order_no": event.order_no,
        "line_no": event.line_no,
        "notice_no": event.notice_no,
        "lot": await finished_lot(session, event.order_no, event.line_no) or event.notice_no,
        "item_code": event.product_code,
        "quantity": event.quantity,
    }
    (inspection,) = await fresh(session, OutgoingInspection, [goods])
    await owe(session, LOOK, [inspection])


async def expect_again(
    session: AsyncSession, event: OperationFinished, failed: OutgoingInspection
) -> OutgoingInspection:
    """The workshop reworked goods that failed before they left: they are looked at again for the same notice."""
    (again,) = await fresh(session, OutgoingInspection, [goods_of(failed)])
    await owe(session, LOOK, [again], links.operation(event.production_order_no, event.op_no))
    return again


def handover(inspection: OutgoingInspection) -> Handover:
    return Handover(
        links.outgoing_qa(inspection.notice_no),
        "inspector",
        inspection.order_no,
        inspection.line_no,
        assignee=inspection.assignee,
        document_no=inspection.no,
        inputs=(links.instruction(inspection.notice_no),),
    )


async def inspect(session: AsyncSession, no: str, form: Report, *, by: Actor, now: datetime) -> OutgoingInspection:
    inspection = await lock(session, OutgoingInspection, no)
    standard = await released_standard(session, inspection.order_no, inspection.line_no)
    await record(session, inspection, form, standard=standard, by=by, now=now)
    await publish(session, stated(inspection))
    return inspection


def stated(inspection: OutgoingInspection, *sent_back: DutyRef) -> OutgoingInspected:
    return OutgoingInspected(
        **common(inspection, links.outgoing_qa(inspection.notice_no), *sent_back),
        notice_no=inspection.notice_no,
        line_no=inspection.line_no,
    )


LOOK = Look(OutgoingInspection, handover, stated)
