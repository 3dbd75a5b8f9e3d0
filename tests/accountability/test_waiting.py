"""Whoever has to decide finds all that waits for them, however much waits for somebody else."""

import pytest

from contracts.accountability import Sanction
from services.accountability.judge.verdicts import Person, RecordProposal
from services.accountability.views import waiting_pages
from tests.accountability.court import AFTER, BOSS, HR, PERSON, Court, court, proposed
from tests.accountability.test_record_pages import opened


def major(key: str, person: str) -> RecordProposal:
    return proposed(key=key, person=Person(person, "storekeeper", False, None), sanction=Sanction.MAJOR_DEMERIT)


async def listed(it: Court, employee: str) -> str:
    return (await (await opened(it, employee)).get("/waiting")).words


async def test_what_waits_for_one_does_not_hide_what_waits_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_pages, "MOST", 1)
    async with court(major("A", PERSON)) as it:
        await it.hear([major("B", PERSON), major("C", HR)])
        first, second, own = it.nos
        await it.at(AFTER)

        of_hr, of_boss = await listed(it, HR), await listed(it, BOSS)

    assert "等您办理 2" in of_hr
    assert (first in of_hr, second in of_hr, own in of_hr) == (True, False, False)
    assert "只列出等得最久的 1 项。" in of_hr
    assert "等您办理 1" in of_boss
    assert (own in of_boss, "只列出" in of_boss) == (True, False)
