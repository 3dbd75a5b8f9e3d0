"""An empty installation is founded once, by facts like any later change."""

import asyncio
from pathlib import Path

import pytest
import yaml
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
from services.accountability.people.founding import found_database, main
from tests.support.departments import MORNING, department

pytestmark = pytest.mark.asyncio
PEOPLE = {
    "employees": [{"no": "E-001", "nickname": "小吴", "department": "sales"}],
    "assignments": [{"employee": "E-001", "post": "salesperson"}],
    "sources": {},
}


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


async def test_what_is_wrong_with_a_founding_is_told_to_the_operator_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "founding.yaml"
    monkeypatch.setattr("sys.argv", ["founding", str(file)])
    async with department("accountability") as it:
        monkeypatch.setenv("HANDOVER_DATABASE_URL", it.app.state.settings.database_url)

        for given, said in (
            ({"rulebook": {"text": "version: x\nlinks: ["}}, "rulebook line 2: the whole text: is not YAML"),
            (
                {"calendar": {"shifts": [{"start": "8 am", "end": "9"}], "weekend": [7]}},
                "a shift is not HH:MM to HH:MM",
            ),
        ):
            file.write_text(yaml.safe_dump({**PEOPLE, **given}))
            with pytest.raises(SystemExit, match=said):
                await asyncio.to_thread(main)

        assert await it.facts() == []
