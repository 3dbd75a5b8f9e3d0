"""Does everybody find all that is their own, and may they act on it, however much there is?"""

import html
import re

from sqlalchemy import select

from chassis.database import transaction
from services.accountability.models import PenaltyRecord
from services.accountability.views import mine
from tests.accountability.court import PERSON, Court, court
from tests.accountability.test_record_pages import opened
from tests.support.facts import local

OWN_HANDOVERS = f"""
INSERT INTO handover_outcomes
    (duty, attempt, order_no, department, link, post, assignee, person, outcome, opened_at, due_at, ended_at, overrun, excused)
SELECT 'receipt:LOT-' || i, 1, 'SO-1', 'warehouse', 'receipt', 'storekeeper', CASE WHEN i % 2 = 0 THEN '{PERSON}' END,
    CASE WHEN i > 130 THEN '{PERSON}' END, CASE WHEN i > 130 THEN 'overran' ELSE 'open' END, now(),
    CASE WHEN i > 20 THEN '2026-08-01'::timestamptz + i / 5 * interval '1 h' END, CASE WHEN i > 130 THEN now() END, '0', '0'
FROM generate_series(1, 260) AS i
"""  # noqa: S608 - the person is a constant of the tests


async def everything(it: Court, way: str) -> list[int]:
    """The lots of a list, page after page."""
    browser, found, place = await opened(it, PERSON), list[int](), way
    while place:
        page = await browser.get(place)
        assert page.status == 200
        found += map(int, re.findall(r'href="/handovers/receipt%3ALOT-(\d+)\?', page.html))
        further = re.search(r'href="(\?after=[^"]*)" rel="next"', page.html)
        place = way + html.unescape(further[1]) if further else ""
    return found


async def test_all_duties_and_late_handovers_are_found_from_ones_own_page() -> None:
    async with court() as it:
        await it.office.as_owner(OWN_HANDOVERS)
        page = await (await opened(it, PERSON)).get("/mine")

        assert "我要办的交接 130 " in page.words
        assert f"这里是最紧迫的 {mine.SHOWN} 项。" in page.words
        assert ('href="/mine/duties"' in page.html, 'href="/mine/late"' in page.html) == (True, True)
        owed, late = await everything(it, "/mine/duties"), await everything(it, "/mine/late")

    dated, undated = sorted(range(21, 131), key=lambda i: (i // 5, f"LOT-{i}")), sorted(range(1, 21), key=str)
    assert owed == [*dated, *undated]
    assert late == sorted(range(131, 261), key=lambda i: (-(i // 5), f"LOT-{i}"))


async def test_what_a_person_may_still_say_stands_first_however_many_records_came_later() -> None:
    async with court() as it:
        async with transaction(it.office.engine) as session:
            known = (await session.scalars(select(PenaltyRecord))).one()
            like = {
                one.name: getattr(known, one.name) for one in PenaltyRecord.__table__.columns if one.name != "weighs"
            }
            for i in range(mine.SHOWN + 1):
                newer = {
                    "no": f"PEN-20261001-{i:04}",
                    "key": f"newer {i}",
                    "status": "in_effect",
                    "made_at": local("2026-08-30 09:00"),
                }
                session.add(PenaltyRecord(**(like | newer)))

        page = await (await opened(it, PERSON)).get("/mine")

        shown = re.findall(r'href="/records/(PEN-[^"]+)"', page.html)
        assert shown[0] == it.no
        assert len(shown) == mine.SHOWN + 1
        assert f'href="/commands/state-case/{it.no}"' in page.html
        assert f'href="/records?person={PERSON}"' in page.html
        assert "PEN-20261001-0000" not in shown
