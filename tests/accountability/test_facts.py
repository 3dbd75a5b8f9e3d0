"""From a record its evidence opens: the handover of each breach, and each fact in words, for whoever may see the record."""

import re
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from chassis.database import transaction
from contracts.event import decode
from services.accountability.ledger import ledger
from services.accountability.ledger.ledger import Arrived
from services.accountability.models import PenaltyRecord
from tests.accountability.court import BOSS, HR, OTHER, PERSON, Court, court, late_receipt, proposed
from tests.accountability.test_record_pages import opened
from tests.support.company import PEOPLE
from tests.support.departments import MORNING
from tests.ui.conftest import Page

MANAGER = PEOPLE["warehouse_manager"]


@pytest.fixture
async def it() -> AsyncIterator[Court]:
    """A record whose evidence stands in the ledger at the positions that it names."""
    async with court() as made:
        made.office.app.state.companion.judging.state = made.state
        told = [orjson.dumps(each.fact) for each in late_receipt().told]
        async with transaction(made.office.engine) as session:
            await ledger.append(session, [Arrived(decode(fact), fact) for fact in told])
        yield made


ASSIGNED, DELIVERED = (proof.position for proof in proposed().evidence)


async def looked(it: Court, employee: str, path: str = f"/facts/{DELIVERED}", language: str = "en") -> Page:
    return await (await opened(it, employee, language)).get(path)


async def looks(it: Court) -> list[tuple[str, str, str, str]]:
    async with it.office.as_(HR) as client:
        items: list[dict[str, Any]] = (await client.get("/api/looks")).json()["items"]
    return [(each["who"], each["whose"], each["no"], each["how"]) for each in items]


async def test_each_breach_of_a_record_leads_to_its_handover_and_each_proof_to_its_fact(it: Court) -> None:
    page = await looked(it, PERSON, f"/records/{it.no}")

    places = re.findall(r'href="(/(?:handovers|facts)/[^"]+)"', page.html)
    assert places == [
        "/handovers/receipt%3ALOT-1?attempt=1&amp;order=SO-1",
        *(f"/facts/{proof.position}?record={it.no}" for proof in proposed().evidence),
    ]
    for place in places:
        shown = await looked(it, PERSON, place.replace("&amp;", "&"))
        assert shown.status == 200, (place, shown.words)


async def test_the_timeline_leads_from_a_record_to_the_same_facts(it: Court) -> None:
    page = await looked(it, HR, "/timelines/SO-1")

    assert f"/facts/{DELIVERED}?record={it.no}" in page.html


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Handover delivered ledger {n} Recorded at 2026-08-30 09:00 Source Warehouse"),
        ("zh", "交接到达待办 账本 {n} 记录时间 2026-08-30 09:00 来源 仓库"),
    ],
)
async def test_a_fact_is_told_in_words(it: Court, language: str, said: str) -> None:
    page = await looked(it, PERSON, language=language)

    assert said.format(n=DELIVERED) in page.words
    assert {"en": "Receipt LOT-1", "zh": "入库 LOT-1"}[language] in page.words
    assert f'href="/records/{it.no}"' in page.html
    assert re.search(r"\b[0-9a-f]{64}\b", page.words)
    assert "None" not in page.words


async def test_it_is_for_whoever_may_see_the_record_and_every_look_is_written_down(it: Court) -> None:
    before = await looks(it)
    assert (await looked(it, PERSON)).status == 200
    assert await looks(it) == before

    for reader in (HR, BOSS, MANAGER):
        assert (await looked(it, reader)).status == 200
        assert (reader, PERSON, it.no, "seen_in_evidence") in await looks(it)

    refused = await looked(it, OTHER)
    assert refused.status == 403
    assert f"Ledger position {DELIVERED} concerns another employee." in refused.words
    assert it.no not in refused.html
    assert OTHER not in {who for who, *_ in await looks(it)}


async def test_names_are_told_as_on_the_timeline(it: Court) -> None:
    """Of the post that makes somebody answer, its holder reads that they hold it, and not which colleague entered that."""
    own, hrs = [(await looked(it, employee, f"/facts/{ASSIGNED}")).words for employee in (PERSON, HR)]

    assert f"Employee 小12 {PERSON} Post Storekeeper" in own
    assert ("E-001" in own, "E-001" in hrs) == (False, True)
    assert "Assigned by not shown" in own


async def test_what_no_record_rests_on_and_what_is_not_there_is_refused(it: Court) -> None:
    assert "No record rests on ledger position 1." in (await looked(it, HR, "/facts/1")).words
    assert [(await looked(it, employee, "/facts/1")).status for employee in (HR, PERSON, OTHER)] == [404, 403, 403]
    assert (await looked(it, HR, "/facts/999999")).status == 404
    assert (await looked(it, HR, "/facts/99999999999999999999")).status == 422


async def test_the_evidence_of_a_sealed_record_is_its_person_s_alone(it: Court) -> None:
    async with transaction(it.office.engine) as session:
        await session.execute(update(PenaltyRecord).where(PenaltyRecord.no == it.no).values(sealed_at=MORNING))

    assert (await looked(it, PERSON)).status == 200
    assert (await looked(it, HR)).status == 403
    assert "was sealed at" in (await looked(it, HR)).words
    assert (await looked(it, MANAGER)).status == 403
