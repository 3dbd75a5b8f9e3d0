"""Are the finished goods of a production order what the released standard asks for?"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import lock
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.pmc import OperationFinished
from contracts.quality import FinalInspected
from services.quality.inspections import Look, Report, common, fresh, owe, record
from services.quality.models import FinalInspection
from services.quality.queries import known_production_order
from services.quality.standards import released_standard


async def expect(session: AsyncSession, event: OperationFinished) -> FinalInspection:
    """The inspector owes the final inspection of these goods, for the first time or after rework."""
    production_order = await known_production_order(session, event.production_order_no)
    goods = {
        "order_no": event.order_no,
        "line_no": event.line_no,
        "production_order_no": event.production_order_no,
        "last_op_no": event.op_no,
        "lot": event.production_order_no,
        "item_code": production_order.product_code,
        "quantity": event.good,
    }
    (inspection,) = await fresh(session, FinalInspection, [goods])
    await owe(session, LOOK, [inspection])
    return inspection


def handover(inspection: FinalInspection) -> Handover:
    return Handover(
        links.final_inspection(inspection.production_order_no),
        "inspector",
        inspection.order_no,
        inspection.line_no,
        assignee=inspection.assignee,
        document_no=inspection.no,
        inputs=(links.operation(inspection.production_order_no, inspection.last_op_no),),
    )


async def inspect(session: AsyncSession, no: str, form: Report, *, by: Actor, now: datetime) -> FinalInspection:
    """Pass or fail the goods; failed ones send their last operation back to the workshop."""
    inspection = await lock(session, FinalInspection, no)
    standard = await released_standard(session, inspection.order_no, inspection.line_no)
    await record(session, inspection, form, standard=standard, by=by, now=now)
    await publish(session, stated(inspection))
    return inspection


def stated(inspection: FinalInspection, *sent_back: DutyRef) -> FinalInspected:
    return FinalInspected(
        **common(inspection, links.final_inspection(inspection.production_order_no), *sent_back),
        production_order_no=inspection.production_order_no,
        line_no=inspection.line_no,
    )


LOOK = Look(FinalInspection, handover, stated)
