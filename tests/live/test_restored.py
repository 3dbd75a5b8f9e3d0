"""Does the ledger wait for a person when a source comes back from an old backup, and go on once they accept it?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from chassis.bus import Bus
from chassis.database import transaction
from chassis.settings import ClockMode
from chassis.signing import Signer, read
from contracts.event import DutyRef
from services.accountability.ledger import sources
from services.accountability.office import Office
from tests.chassis.company import Company, Ordered, until
from tests.chassis.test_epochs import back_up, signing_key
from tests.support.departments import MORNING, Department, department

pytestmark = pytest.mark.live

HR = "E-008"


@dataclass
class Books:
    """Accountability at its queue, with its relay, ledger and frontier."""

    company: Company
    department: Department
    bus: Bus

    async def value(self, query: str) -> object:
        async with self.department.engine.connect() as connection:
            return await connection.scalar(text(query))

    async def has_entered(self, count: int) -> bool:
        return await self.value("SELECT count(*) FROM ledger WHERE source = 'sales'") == count

    async def was_told(self, sequence: int) -> bool:
        """Whether sales has signed for this fact: only what bears its own signature makes it doubt its database."""
        latest = self.bus.heads.latest("sales")
        return latest is not None and read(latest).sequence >= sequence

    async def frontier(self) -> datetime | None:
        found = await self.value("SELECT frontier FROM ledger_head")
        return found if isinstance(found, datetime) else None

    async def is_beyond(self, instant: datetime) -> bool:
        reached = await self.frontier()
        return reached is not None and reached > instant

    async def listed(self) -> bool:
        return await self.value("SELECT status FROM sources WHERE no = 'sales'") == "restored"

    async def accepts(self) -> bool:
        answer = await self.department.attempt(HR, "accept_source", "sales", reason="逐单核对过")
        assert answer.is_success or answer.json()["code"] == "still_listing", answer.text
        return answer.is_success


@pytest.fixture
async def books(company: Company) -> AsyncIterator[Books]:
    async with department("accountability") as it:
        await it.employ(hr=HR)
        await company.declare({"accountability": ("#",)})
        url = it.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = company.settings("accountability", url, clock=ClockMode.STEPPED)
        office = Office(settings, it.engine)
        bus = Bus("accountability", settings, it.engine, completeness=office.completeness)
        await bus.start()
        await office.start(bus)
        yield Books(company, it, bus)
        await office.stop()
        await bus.stop()
    for queue in ("accountability", "accountability.control"):
        await company.delete_queue(queue)


async def test_verdicts_wait_for_a_person_who_accepts_the_restored_source(
    books: Books, company: Company, tmp_path: Path
):
    key = signing_key(tmp_path)
    public = Signer.load(key).public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    async with transaction(books.department.engine) as session:
        form = sources.Registration(no="sales", public_key=public)
        await sources.register(session, form, maker=HR, now=MORNING)
    sales = await company.member("sales", signing_key_file=key)
    await sales.start()
    await sales.state(Ordered(n=1), Ordered(n=2))
    await until(lambda: books.has_entered(2))
    await sales.stop()
    backup = await back_up(company, sales)
    await sales.start()
    await sales.state(Ordered(n=3, order_no="SOD-3", closes=(DutyRef(link="release", key="SOD-3"),)))
    await until(lambda: books.has_entered(3))
    await until(lambda: books.was_told(3))
    await sales.stop()

    restored = await company.member("sales", database_url=backup, signing_key_file=key, head_wait_seconds=6)
    await restored.start()
    await restored.state(Ordered(n=4))
    await until(books.listed)
    held = await books.frontier()
    assert held is not None
    assert await books.value("SELECT duties->0->>'key' FROM forgotten_facts") == "SOD-3"
    assert await books.has_entered(3), "the new epoch's facts wait"

    await until(books.accepts)

    await until(lambda: books.has_entered(4))
    await until(lambda: books.is_beyond(held))
    assert await books.value("SELECT count(*) FROM ledger WHERE type = 'accountability.fact_forgotten.v1'") == 1
    assert await books.value("SELECT count(*) FROM ledger_early WHERE source = 'sales'") == 0
