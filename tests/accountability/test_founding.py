"""An empty installation is founded once, by facts like any later change."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.signing import Signer
from contracts.accountability import (
    CalendarSet,
    EmployeeRegistered,
    PostAssigned,
    PostEnded,
    RulebookActivated,
    SourceRegistered,
)
from services.accountability.people.founding import found_database
from tests.support.departments import MORNING, department

pytestmark = pytest.mark.asyncio


async def test_a_founding_states_everything_once() -> None:
    pem = Signer.generate().public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    data = {
        "at": MORNING.isoformat(),
        "employees": [{"no": "E-001", "nickname": "小吴", "department": "sales"}],
        "assignments": [
            {"employee": "E-001", "post": "salesperson"},
            {"employee": "E-001", "post": "planner", "acting": True, "effective_until": "2026-10-08T08:00:00+08:00"},
        ],
        "sources": {"sales": pem},
    }
    async with department("accountability") as it:
        url = it.app.state.settings.database_url
        assert await found_database(url, data)
        assert not await found_database(url, data)

        stated = [type(fact) for fact in await it.facts()]
        assert stated == [
            SourceRegistered,
            CalendarSet,
            RulebookActivated,
            EmployeeRegistered,
            PostAssigned,
            PostAssigned,
            PostEnded,
        ]
