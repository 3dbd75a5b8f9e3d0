"""Is anybody punished for what a message, a relay or a service did, and does everybody answer for what they did not do?

The clocks are stepped. Each test shows as well what would come of it without the mechanism: a clock that opens at
sending, outages that nobody tells, a source that the frontier does not wait for.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime, timedelta

import pytest
import pytest_asyncio

from chassis.clock import step_to
from chassis.database import connect
from contracts import links
from deploy.local.system import System
from services.accountability.judge.admission import UNAVAILABLE
from services.accountability.judge.evidence import Entry, Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import RecordProposal
from tests.bench.evidence import recorded
from tests.faults.books import databases, judged_to, soon
from tests.faults.conftest import MORNING
from tests.support import bench_order
from tests.support.company import PEOPLE, Company, company_of

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

RECORDS = "SELECT clause, order_no FROM penalty_records WHERE status <> 'withdrawn' AND order_no = ANY($1)"
PROMISED = "SELECT source FROM ledger_sources WHERE complete_to >= $1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Factory:
    """The seven services, their people, and the hand on all their clocks."""

    def __init__(self, system: System, company: Company) -> None:
        self.system, self.company, self.now = system, company, MORNING

    async def wait(self, span: timedelta) -> None:
        """Let the time pass; everything said so far has arrived before."""
        await self.company.settle()
        self.now += span
        await self.company.step_to(self.now)

    async def judged(self) -> None:
        await soon(lambda: judged_to(self.system, self.now), f"verdicts up to {self.now}")

    async def heard_from_all_but(self, silent: str) -> None:
        """Every other department has promised that its evidence is complete up to now: nothing else is waited for."""
        accountability, others = databases(self.system)["accountability"], {*self.system.names} - {silent}

        async def heard() -> bool:
            return others <= {row["source"] for row in await accountability.rows(PROMISED, self.now)}

        await soon(heard, f"the promises of {', '.join(sorted(others))}")

    async def records(self, *orders: str) -> list[tuple[str, str]]:
        """Clause and order of what was recorded against people, once everything is judged up to now."""
        await self.judged()
        rows = await databases(self.system)["accountability"].rows(RECORDS, list(orders))
        return sorted((row["clause"], row["order_no"]) for row in rows)

    async def entries(self) -> list[Entry]:
        return await recorded(self.system.database_url("accountability"))

    @property
    def today(self) -> date:
        return self.now.date()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def factory(stepped_system: System) -> AsyncIterator[Factory]:
    async with company_of(stepped_system) as company:
        factory = Factory(stepped_system, company)
        await company.step_to(MORNING)
        await company.at_work()
        await factory.wait(timedelta(minutes=30))
        await bench_order.prepare(company, factory.today)
        yield factory


def would_be_recorded(entries: Iterable[Entry], up_to: datetime, order: str) -> list[str]:
    """The clauses under which a judge who is told just this would propose records in an order."""
    state = State()
    verdicts = itertools.chain.from_iterable(judge(state, entry) for entry in entries)
    said = [*verdicts, *judge(state, Tick(up_to))]
    return [one.clause for one in said if isinstance(one, RecordProposal) and one.order_no == order]


def opening_at_sending(entries: Sequence[Entry]) -> list[Entry]:
    """The evidence of a judge whose clocks open when a handover is given, not when it is delivered."""
    said = {entry.fact["id"]: entry for entry in entries}
    opened = [
        entry._replace(admitted=giver.admitted, fact={**entry.fact, "time": giver.fact["time"]})
        if (giver := said.get(next(iter(entry.fact["data"].get("given_by") or ()), ""))) is not None
        else entry
        for entry in entries
    ]
    return sorted(opened, key=lambda entry: (entry.admitted, entry.fact["source"], entry.fact["sequence"]))


async def test_planning_is_not_late_for_what_engineerings_relay_kept(factory: Factory):
    company, planner = factory.company, PEOPLE["planner"]
    no = str((await bench_order.promise(company, factory.today))["no"])
    package = await company.duty("engineering", PEOPLE["engineer"], links.package(no, 1), no)
    await company.settle()
    await company.hold_relay("engineering", held=True)
    await company.do("engineering", PEOPLE["engineer"], "draft_package", package, documents=["drawing"])
    await company.do("engineering", PEOPLE["engineer"], "release_package", package)
    kept_since = factory.now
    await factory.wait(7 * DAY)
    await factory.heard_from_all_but("engineering")
    assert not await judged_to(factory.system, kept_since + HOUR)

    await company.hold_relay("engineering", held=False)
    for duty, command in (
        (links.production_order(no, 1), "issue_production_order"),
        (links.requirement(no, 1), "issue_requirement"),
    ):
        document = await company.duty("pmc", planner, duty, no)
        form = {"start_on": factory.today.isoformat()} if command == "issue_production_order" else {}
        await company.do("pmc", planner, command, document, **form)
    await factory.wait(HOUR)

    assert await factory.records(no) == []
    entries = await factory.entries()
    assert would_be_recorded(entries, factory.now, no) == []
    assert "PMC-01" in would_be_recorded(opening_at_sending(entries), factory.now, no)


async def test_the_warehouse_is_excused_while_its_service_was_down(factory: Factory):
    company, system = factory.company, factory.system
    no, lot = await inspected_lot(factory)
    other, late = await inspected_lot(factory)
    await bench_order.receive(company, other, late)
    await factory.wait(timedelta(0))

    service = system.services["warehouse"]
    await asyncio.to_thread(service.kill)
    factory.now += 2 * DAY
    await step_alone(system.database_url("warehouse"), factory.now)
    await asyncio.to_thread(service.start)
    await asyncio.to_thread(service.wait_ready)
    await company.step_to(factory.now)
    await bench_order.receive(company, no, lot)
    await factory.wait(HOUR)

    assert await factory.records(no, other) == []
    untold = [entry for entry in await factory.entries() if not entry.fact["type"].endswith(UNAVAILABLE)]
    assert would_be_recorded(untold, factory.now, no) == ["WHS-03"]


async def test_the_warehouse_answers_for_the_same_delay_when_its_service_was_up(factory: Factory):
    no, lot = await inspected_lot(factory)
    await factory.wait(2 * DAY)
    await bench_order.receive(factory.company, no, lot)
    await factory.wait(HOUR)

    assert await factory.records(no) == [("WHS-03", no)]


async def test_deadlines_that_pass_while_a_relay_is_stopped_are_judged_by_what_was_done(factory: Factory):
    met, missed = await asked(factory, 25), await asked(factory, 25)
    await factory.company.settle()
    await factory.company.hold_relay("sales", held=True)
    since = factory.now
    await answer(factory, met)
    await factory.wait(2 * DAY)
    await factory.heard_from_all_but("sales")
    assert not await judged_to(factory.system, since + HOUR)
    await factory.company.hold_relay("sales", held=False)
    await factory.wait(HOUR)

    assert await factory.records(*met, *missed) == sorted(("MER-04", no) for no in missed)


async def test_a_source_that_the_frontier_does_not_wait_for_costs_people_their_right(factory: Factory):
    """Retiring a source is how the product is told not to wait for it; while it is silent, what was done looks undone."""
    met, missed = await asked(factory, 2), await asked(factory, 2)
    reason = {"reason": "to show what it costs"}
    await factory.company.settle()
    await factory.company.do("accountability", PEOPLE["general_manager"], "retire_source", "sales", **reason)
    await factory.company.hold_relay("sales", held=True)
    await answer(factory, met)
    await factory.wait(2 * DAY)

    assert await factory.records(*met, *missed) == sorted(("MER-04", no) for no in (*met, *missed))


async def inspected_lot(factory: Factory) -> tuple[str, str]:
    """An order whose bought goods wait for their receipt: its number and their lot."""
    company, today = factory.company, factory.today
    no = str((await bench_order.promise(company, today))["no"])
    _, requirement = await bench_order.plan(company, no, today)
    bought = await bench_order.purchase(company, no, requirement, today)
    lot = await bench_order.arrive(company, no, *bought)
    await company.duty("warehouse", PEOPLE["storekeeper"], links.receipt(lot), no)
    return no, lot


async def step_alone(url: str, instant: datetime) -> None:
    """Move the clock of a department whose service is down."""
    engine = connect(url, pool_size=1, application_name="handover-test")
    try:
        await step_to(engine, instant)
    finally:
        await engine.dispose()


async def asked(factory: Factory, count: int) -> dict[str, str]:
    """Orders, each with a question that the merchandiser owes an answer to: the inquiry by its order."""
    return dict(await asyncio.gather(*(_asked(factory) for _ in range(count))))


async def _asked(factory: Factory) -> tuple[str, str]:
    company, salesperson = factory.company, PEOPLE["salesperson"]
    order = await company.do("sales", salesperson, "submit_contract", **bench_order.contract(factory.today))
    no = str(order["no"])
    await company.do("sales", PEOPLE["general_manager"], "confirm_order", no)
    inquiry = await company.do("sales", salesperson, "ask_progress", order_no=no, question="how far is it?")
    return no, str(inquiry["no"])


async def answer(factory: Factory, inquiries: dict[str, str]) -> None:
    for inquiry in inquiries.values():
        await factory.company.do("sales", PEOPLE["merchandiser"], "answer_progress", inquiry, answer="on its way")
