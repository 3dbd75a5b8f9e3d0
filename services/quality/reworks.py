"""What is looked at once the workshop reports a last operation, and what becomes of what nobody had decided?"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pmc import OperationFinished
from contracts.quality import Disposition as What
from services.quality import dispositions, final, outgoing
from services.quality.models import (
    Disposition,
    DispositionStatus,
    FinalInspection,
    InspectionDocument,
    InspectionStatus,
    OutgoingInspection,
)
from services.quality.queries import failed_outgoing, forms_of, known_order, made_as

UNDECIDED = frozenset({DispositionStatus.OPEN, DispositionStatus.SUBMITTED})


async def take_report(session: AsyncSession, event: OperationFinished) -> None:
    """Goods of a first report are new; what a later one brings had failed, when finished or before it left, and is looked at again.

    What was accepted meanwhile passed: the report of a team that had not heard of the concession brings nothing to look at.
    """
    if not event.last or (await known_order(session, event.order_no)).cancelled:
        return
    made = await made_as(session, event.production_order_no)
    if made is None and event.good:
        await final.expect(session, event)
    failed = await failed_looks(session, event, made)
    forms = await forms_of(session, failed) if failed else {}
    for inspection in failed:
        await look_again(session, event, inspection, forms[inspection.no])


async def failed_looks(
    session: AsyncSession, event: OperationFinished, made: FinalInspection | None
) -> Sequence[InspectionDocument]:
    """The last look at goods that this production order made, where they failed it; those that were booked get no final one."""
    there = await failed_outgoing(session, event.order_no, event.line_no)
    failed = [each for each in there if each.lot in (event.production_order_no, each.notice_no)]
    return [*failed, *([made] if made is not None and made.status == InspectionStatus.FAILED else [])]


async def look_again(
    session: AsyncSession, event: OperationFinished, failed: InspectionDocument, form: Disposition
) -> None:
    """The inspector owes another look at what is left, and nobody a decision on what the last one found."""
    if form.status == DispositionStatus.DECIDED and form.disposition == What.CONCESSION:
        return
    by = event.production_order_no
    if isinstance(failed, OutgoingInspection):
        by = (await outgoing.expect_again(session, event, failed)).no
    elif event.good:
        by = (await final.expect(session, event)).no
    if form.status in UNDECIDED:
        await dispositions.overtake(session, form, by)
