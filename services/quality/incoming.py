"""Is a lot that arrived good enough to be received into stock (QUA-04)?"""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import lock
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.quality import IncomingInspected
from contracts.warehouse import ArrivedLine, GoodsArrived
from services.quality.inspections import Look, Report, common, fresh, owe, record
from services.quality.models import IncomingInspection
from services.quality.queries import has_failed, known_order
from services.quality.sampling import AQL, STANDARD


async def expect(session: AsyncSession, event: GoodsArrived) -> None:
    """Goods are at the gate, ordered or not: the inspector owes a look at each lot from now on."""
    if event.order_no and (await known_order(session, event.order_no)).cancelled:
        return
    inspections = await fresh(session, IncomingInspection, [goods(event, line) for line in event.lines])
    await owe(session, LOOK, inspections)


def goods(event: GoodsArrived, line: ArrivedLine) -> dict[str, Any]:
    return {
        "order_no": event.order_no,
        "lot": line.lot,
        "item_code": line.item_code,
        "description": line.description,
        "unit": line.unit,
        "quantity": line.quantity,
        "arrival_no": event.arrival_no,
        "arrival_line_no": line.line_no,
        "supplier_code": event.supplier_code,
        "quarantine": event.quarantine,
        "purchase_order_no": event.purchase_order_no,
        "requirement_no": line.requirement_no,
        "requirement_line_no": line.requirement_line_no,
        "order_line_no": line.order_line_no,
    }


def handover(inspection: IncomingInspection) -> Handover:
    """The duty to inspect a lot; goods that nobody ordered came from no handover."""
    requirement, line = inspection.requirement_no, inspection.requirement_line_no
    return Handover(
        links.iqc(inspection.lot),
        "inspector",
        inspection.order_no,
        inspection.order_line_no,
        assignee=inspection.assignee,
        document_no=inspection.no,
        inputs=(links.arrival(requirement, line),) if requirement and line else (),
    )


async def inspect(session: AsyncSession, no: str, form: Report, *, by: Actor, now: datetime) -> IncomingInspection:
    inspection = await lock(session, IncomingInspection, no)
    await record(session, inspection, form, standard=f"{STANDARD} AQL {AQL}", by=by, now=now)
    await publish(session, stated(inspection, failed_before=await has_failed(session, inspection.lot, but=no)))
    return inspection


def stated(inspection: IncomingInspection, *, failed_before: bool = False) -> IncomingInspected:
    return IncomingInspected(
        **common(inspection, links.iqc(inspection.lot)),
        arrival_no=inspection.arrival_no,
        arrival_line_no=inspection.arrival_line_no,
        purchase_order_no=inspection.purchase_order_no,
        requirement_no=inspection.requirement_no,
        requirement_line_no=inspection.requirement_line_no,
        failed_before=failed_before,
    )


LOOK = Look(IncomingInspection, handover, stated)
