"""What has PMC on record of what a customer complained of, sent back or had made again?"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.waiting import WaitFor
from services.pmc.models import (
    Attribution,
    AttributionStatus,
    Complaint,
    CustomerReturn,
    Rework,
    ReworkStatus,
)

# A shipment is offered its goods by one transaction at a time; taken after the production order, before shipments.
LEAVING = text("SELECT pg_advisory_xact_lock(hashtextextended('leaving ' || CAST(:order_no AS text), 0))")


async def find_return(session: AsyncSession, return_no: str) -> CustomerReturn | None:
    """A return, locked."""
    return await session.get(CustomerReturn, return_no, with_for_update=True, populate_existing=True)


async def known_complaint(session: AsyncSession, complaint_no: str) -> Complaint:
    """The case, locked, for a fact about it; raises WaitFor while Sales has not passed it."""
    complaint = await session.get(Complaint, complaint_no, with_for_update=True, populate_existing=True)
    if complaint is None:
        raise WaitFor("complaint", complaint_no)
    return complaint


class Remedy(NamedTuple):
    """One thing that is done for a customer who complained; of what was done long ago nobody may know when."""

    no: str
    done: bool
    done_at: datetime | None


async def remedies_of(session: AsyncSession, case: Complaint) -> list[Remedy]:
    """The containment of a complaint, its returns, and its reworks that were not cancelled.

    A return is done with whatever came: what the customer keeps is nothing that they wait for.
    """
    returns = await session.scalars(select(CustomerReturn).where(CustomerReturn.complaint_no == case.no))
    reworks = await session.scalars(
        select(Rework).where(Rework.complaint_no == case.no, Rework.status != ReworkStatus.CANCELLED)
    )
    return [
        *([Remedy(case.no, True, case.contained_at)] if case.contained_at else []),
        *(Remedy(each.return_no, each.received > 0, each.received_at) for each in returns),
        *(Remedy(each.no, each.status == ReworkStatus.FINISHED, each.approved_at) for each in reworks),
    ]


async def attribution_in_force(session: AsyncSession, matter: str, subject_no: str) -> Attribution | None:
    """Who answers for a matter as last stated, locked."""
    query = select(Attribution).where(
        Attribution.matter == matter,
        Attribution.subject_no == subject_no,
        Attribution.status == AttributionStatus.STATED,
    )
    return await session.scalar(query.with_for_update())


@dataclass(frozen=True, slots=True)
class RecordedCosts:
    """What finished reworks cost, in CNY."""

    rework_cost: Decimal
    overtime_cost: Decimal
    processing_fee: Decimal

    @property
    def total(self) -> Decimal:
        return self.rework_cost + self.overtime_cost + self.processing_fee


async def recorded_costs(session: AsyncSession, column: str, subject_no: str) -> RecordedCosts | None:
    """The costs of the finished reworks of a complaint, a return or one rework; None when none is finished.

    `column` is `complaint_no`, `return_no` or `no`.
    """
    query = select(Rework).where(getattr(Rework, column) == subject_no, Rework.status == ReworkStatus.FINISHED)
    found = (await session.scalars(query)).all()
    if not found:
        return None
    return RecordedCosts(
        sum((each.rework_cost or Decimal(0) for each in found), Decimal(0)),
        sum((each.overtime_cost or Decimal(0) for each in found), Decimal(0)),
        sum((each.processing_fee or Decimal(0) for each in found), Decimal(0)),
    )


async def reworked(session: AsyncSession, return_no: str) -> Decimal:
    """How many returned pieces are under rework orders already."""
    query = select(Rework.quantity).where(Rework.return_no == return_no, Rework.status != ReworkStatus.CANCELLED)
    return sum((await session.scalars(query)).all(), Decimal(0))
