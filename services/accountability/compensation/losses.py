"""What does a document that records a loss already stand for? One loss of one order, in one amount, whoever shares in it.

The judge brings the shares in a loss together within its order: a loss that went by two orders could be claimed twice.
"""

from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Refusal
from chassis.language import Label
from services.accountability.models import BreachFinding, FindingStatus

STANDING = (FindingStatus.PROPOSED, FindingStatus.FOUND)


class LossOfAnotherOrder(Refusal):
    code, field = "loss_of_another_order", "loss_document"
    message = Label(
        "{document} 记录的损失已由 {no} 归于订单 {order_no}。请写同一订单,或为本订单的损失使用单独的凭据编号。",
        "{no} found the loss of {document} for order {order_no}. Please name that order, "
        "or give this order's own loss a document of its own.",
    )


class LossRecordedOtherwise(Refusal):
    code, field = "loss_recorded_otherwise", "loss_document"
    message = Label(
        "{no} 写明 {document} 记录的损失是 {amount} 元。请先更正它,或为另一笔损失使用单独的凭据编号。",
        "{no} says that {document} records a loss of CNY {amount}. Please correct it first, "
        "or give the other loss a document of its own.",
    )


async def check(
    session: AsyncSession, document: str | None, order_no: str | None, amount: Decimal | None, *, corrects: str | None
) -> None:
    """Raises LossOfAnotherOrder, LossRecordedOtherwise; what this finding corrects no longer counts."""
    if document is None or amount is None:
        return
    query = (
        select(BreachFinding)
        .where(BreachFinding.loss_document == document, BreachFinding.status.in_(STANDING))
        .where(or_(BreachFinding.direct_loss.is_not(None), BreachFinding.contract_penalty.is_not(None)))
        .where(BreachFinding.no != (corrects or ""))
    )
    for other in await session.scalars(query.order_by(BreachFinding.no)):
        if other.order_no != order_no:
            raise LossOfAnotherOrder(document=document, no=other.no, order_no=other.order_no or "—")
        recorded = other.direct_loss or other.contract_penalty
        if recorded != amount:
            raise LossRecordedOtherwise(document=document, no=other.no, amount=recorded)
