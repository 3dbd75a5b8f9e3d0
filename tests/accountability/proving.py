"""What is evidence of a small house in the hands of somebody who knows its keys, and in those of somebody who tampers with it?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.signing import Signer
from contracts import accountability, links, pmc, sales
from services.accountability.proof.exports import Wish
from services.accountability.proof.packing import Export
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.proof.verifying import Report, verify
from tests.accountability.house import House, house
from tests.accountability.taking import exported, lines_of
from tests.accountability.tampering import in_a_file, signed_anew
from tests.support.departments import MORNING
from tests.support.facts import STAFF, Story, a_line, local
from tests.support.orders import Step, an_order

END = MORNING + timedelta(hours=8)
EVERY = 12


@dataclass
class Proof:
    """The evidence of one house: exports of an order, of two persons and of two spans of days, with what is known outside."""

    order: Export
    seller: Export
    leader: Export
    days: Export
    audit_day: Export
    fingerprints: set[tuple[str, str]]
    kept: SignedCheckpoint
    looked: set[tuple[str, str, str]]
    judge: Signer

    def verified(self, evidence: Export) -> Report:
        """As a file in which somebody has changed something who has no key."""
        return verify(in_a_file(evidence), self.fingerprints)

    def signed_anew(self, evidence: Export) -> Report:
        """As a file of somebody who has the judge's key, and no other."""
        return verify(in_a_file(signed_anew(evidence, self.judge)), self.fingerprints)

    @property
    def given(self) -> list[str]:
        return [f"{service}={name}" for service, name in sorted(self.fingerprints)]


async def a_proof() -> Proof:
    async with house() as it:
        story = a_month(it)
        await tell(it, story)
        order, seller = await taken(it, Wish(order="SO-1")), await taken(it, Wish(person=STAFF["salesperson"]))
        leader = await taken(it, Wish(person=STAFF["team_leader"]))
        day = local("2026-03-12 00:00").date()
        audit_day = await taken(it, Wish(since=day, until=day))
        story.at("2026-06-01 10:00").states(sales.OrderConfirmed, order_no="SO-4", lines=[a_line()])
        await it.hears(story)
        days = await taken(it, Wish(since=local("2026-03-25 00:00").date(), until=local("2026-04-30 00:00").date()))
        async with it.department.engine.connect() as connection:
            rows = await connection.exec_driver_sql("SELECT who, whose, how FROM record_looks")
            looked = {(row.who, row.whose, row.how) for row in rows}
        return Proof(
            order,
            seller,
            leader,
            days,
            audit_day,
            it.fingerprints,
            days.checkpoints[-1],
            looked,
            it.office.checkpoints.signer,
        )


def a_month(it: House) -> Story:
    """Three orders; the second hinders the first, and the team leader's place is not tidy."""
    story = it.story()
    late = {"notice": 30, "production_order": 9, "operation": 12}
    an_order(story, "SO-1", delivery_date="2026-03-06", takes=late, extra=raises_an_exception_in_another_order)
    an_order(story, "SO-2", starts="2026-03-04 09:00", delivery_date="2026-03-20", takes={"notice": 30})
    an_order(story, "SO-3", starts="2026-04-01 09:00", delivery_date="2026-04-02", takes={"ship": 12})
    audit: dict[str, Any] = {"area": "A", "team_leader": STAFF["team_leader"], "score": 40, "audit_no": "5S-1"}
    fields = pmc.FiveSAudited.model_fields
    story.at("2026-03-12 10:00").states(pmc.FiveSAudited, **{name: audit[name] for name in audit if name in fields})
    nickname = {"employee": "E-010", "nickname": "小仓", "department": "warehouse"}
    return story.at("2026-03-13 10:00").states(accountability.EmployeeRegistered, **nickname)


def raises_an_exception_in_another_order(story: Story, step: Step) -> None:
    if step.duty == links.operation("MO-SO-1", 10):
        said: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "affected_duties": [step.duty]}
        story.states(pmc.ExceptionRaised, order_no="SO-2", kind="other", **said)
        decided: dict[str, Any] = {"accepted": True, "extension_hours": "12", "decided_by": STAFF["general_manager"]}
        story.states(pmc.ExceptionDecided, order_no="SO-2", **said, **decided)


async def tell(it: House, story: Story) -> None:
    """The facts come in one after the other, and what the judge made of them comes back; checkpoints lie between."""
    it.office.checkpoints.pace.facts = EVERY
    told, story.told = story.told, []
    for start in range(0, len(told), EVERY):
        story.told = told[: start + EVERY]
        await it.hears(story)
        await it.promises(local("2026-01-01 00:00") + timedelta(minutes=start))
    await it.promises(END)
    await it.judges()
    await it.says_so()


async def taken(it: House, wish: Wish) -> Export:
    """Export while the office is at work: it signs where the ledger stands as soon as it sees that somebody asks."""
    asking = asyncio.create_task(exported(it.department.engine, wish, STAFF["hr"]))
    until = END
    while not asking.done():
        until += timedelta(minutes=1)
        await it.promises(until)
        await it.judges()
    return await asking


def required(proof: Proof) -> set[int]:
    """The facts that nobody can leave out of the first order's export, whatever is signed of it."""
    orders = proof.order.manifest.asked.orders
    return {line.position for line in lines_of(proof.order) if line.is_frame or line.subject in orders}
