"""What was said last of a matter counts, in whatever order it is heard."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from chassis.database import transaction, uuid7
from chassis.latest import is_latest, said_before
from contracts import links
from contracts.event import DutyRef, Envelope
from tests.support.departments import MORNING, Department, department

LOOK, OTHER = links.iqc("LOT-1"), links.iqc("LOT-2")
LATER = MORNING + timedelta(microseconds=1)


@pytest.fixture
async def warehouse() -> AsyncIterator[Department]:
    async with department("warehouse") as it:
        yield it


def said(at: datetime) -> Envelope:
    return Envelope(
        id=uuid7(),
        source="quality",
        type="quality.incoming_inspected.v1",
        time=at,
        occurredat=at,
        actor="system",
        epoch=1,
        sequence=1,
        number=1,
        data={},
    )


async def heard(warehouse: Department, at: datetime, matter: DutyRef = LOOK, *, settles: bool = False) -> bool:
    async with transaction(warehouse.engine) as session:
        session.info["envelope"] = said(at)
        return await is_latest(session, matter, settles=settles)


async def test_an_earlier_word_that_comes_late_is_not_the_latest(warehouse: Department) -> None:
    assert await heard(warehouse, LATER)

    assert not await heard(warehouse, MORNING)
    assert await heard(warehouse, LATER + timedelta(hours=1))


async def test_words_on_other_matters_do_not_count(warehouse: Department) -> None:
    assert await heard(warehouse, LATER)

    assert await heard(warehouse, MORNING, OTHER)


async def test_of_one_moment_what_is_heard_last_counts_unless_the_matter_was_settled(warehouse: Department) -> None:
    assert await heard(warehouse, MORNING)
    assert await heard(warehouse, MORNING)
    assert await heard(warehouse, MORNING, settles=True)

    assert not await heard(warehouse, MORNING)
    assert await heard(warehouse, LATER)


async def test_which_matters_were_spoken_of_before(warehouse: Department) -> None:
    assert await heard(warehouse, MORNING)
    assert await heard(warehouse, LATER, OTHER)

    async with transaction(warehouse.engine) as session:
        session.info["envelope"] = said(LATER)
        assert await said_before(session, [LOOK, OTHER, links.iqc("LOT-3")]) == {LOOK}
