"""Which contract penalties wait for somebody to be found who answers for them?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.documents import find, lock, move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.waiting import WaitFor, arrived
from contracts.sales import ContractPenaltyRecorded, ContractPenaltyWithdrawn
from services.pmc.models import ContractPenalty, PenaltyStatus


class PenaltyWithdrawn(Refusal):
    code, field = "penalty_withdrawn", "penalty_no"
    message = Label(
        "{no} 已由业务部撤销:{reason}。没有罚款可判定。",
        "Sales withdrew {no}: {reason}. There is no penalty left to attribute.",
    )


async def take(session: AsyncSession, event: ContractPenaltyRecorded) -> None:
    """The customer's claim is recorded: its cause is ours to attribute."""
    said = {"order_no", "customer_code", "customer_reference", "amount", "imposed_on", "complaint_no", "reason"}
    session.add(
        ContractPenalty(
            **event.model_dump(include=said),
            no=event.penalty_no,
            status=PenaltyStatus.RECORDED,
            made_by=event.recorded_by,
            made_at=await factory_now(session),
        )
    )
    await arrived(session, "penalty", event.penalty_no)


async def take_withdrawal(session: AsyncSession, event: ContractPenaltyWithdrawn) -> None:
    """Nothing is left to attribute; what was attributed stays written, and whoever judges knows that it is void."""
    penalty = await find(session, ContractPenalty, event.penalty_no, hold=True)
    if penalty is None:
        raise WaitFor("penalty", event.penalty_no)
    move(penalty, PenaltyStatus.WITHDRAWN)
    penalty.withdrawn_because = event.reason


async def standing(session: AsyncSession, no: str) -> ContractPenalty:
    """The penalty, held until the transaction ends; raises NotFound, PenaltyWithdrawn."""
    penalty = await lock(session, ContractPenalty, no)
    if penalty.status == PenaltyStatus.WITHDRAWN:
        raise PenaltyWithdrawn(no=no, reason=penalty.withdrawn_because)
    return penalty
