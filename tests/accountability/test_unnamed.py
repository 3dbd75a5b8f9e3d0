"""Does any address name an employee whom its reader may not see? Whatever the judge or an office wrote, in every way to read it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from sqlalchemy import update

from chassis.database import transaction
from chassis.language import Label
from contracts import links
from contracts.accountability import PaperCountersigned
from services.accountability.ledger import ledger
from services.accountability.models import (
    Countersignature,
    HandoverOutcome,
    RecordedStatus,
    Suspicion,
    SuspicionClearing,
    WhatIf,
    WhatIfStatus,
)
from services.accountability.privacy.unnamed import EMPLOYEE, named_in
from services.accountability.what_if.models_what_if import WhatIfLine
from tests.accountability.court import BOSS, HR, PERSON
from tests.accountability.test_seeing import (
    FINANCE,
    MANAGER,
    PLANNING,
    ROSTER,
    Scene,
    a_scene,
    every_place,
    written,
)
from tests.accountability.voice import Voice
from tests.support.company import PEOPLE
from tests.support.departments import MORNING
from tests.support.facts import example

INSPECTOR, SECOND, QUALITY, PLANNER = "E-051", "E-052", "E-053", "E-027"
OFFICE = {HR, BOSS}
"""Whoever signs for the company is named beside what they signed."""


@asynccontextmanager
async def a_quality_case() -> AsyncIterator[Scene]:
    """Two inspectors and a storekeeper, told of wherever the judge or an office puts a name into words."""
    async with a_scene() as scene:
        office = scene.court.office
        for no, post, department in (
            (INSPECTOR, "inspector", "quality"),
            (SECOND, "inspector", "quality"),
            (QUALITY, "quality_manager", "quality"),
            (PLANNER, "planner", "pmc"),
        ):
            await office.do(HR, "register_employee", no=no, nickname=f"小{no[-1]}", department=department)
            await office.do(HR, "assign_post", employee=no, post=post)
        order = scene.nos["order"]
        async with transaction(office.engine) as session:
            session.add_all(
                [
                    suspected("QUA-04", "inspector", order, INSPECTOR, SECOND),
                    suspected("PMC-01", "planner", order, INSPECTOR, PLANNER),
                    suspected("WHS-03", "storekeeper", order, INSPECTOR, PERSON),
                    a_clearing(order),
                    a_countersignature(order),
                    a_late_inspection(order),
                ]
            )
            seen = example(
                PaperCountersigned, order_no=order, duties=(links.receipt("LOT-1"),), countersigned_by=INSPECTOR
            )
            await ledger.append(session, [Voice("accountability").says(MORNING, seen)])
        scene.nos |= {"suspicion-clearings": "SCL-20260901-0007", "countersignatures": "CTS-20260901-0007"}
        yield scene


def suspected(clause: str, post: str, order_no: str, *names: str) -> Suspicion:
    said, key = ", ".join(names), f"{clause}/?/{order_no}/receipt:LOT-9"
    reason = {"reason": f"several held the post {post}: {said}", "reason_zh": f"当时有多人任{post}:{said}"}
    breach: dict[str, Any] = {"about": "receipt:LOT-9", "duty": None, "at": MORNING.isoformat(), "facts": {}}
    body = {**reason, "among": post, "breaches": [breach], "evidence": []}
    return Suspicion(key=key, revision=1, clause=clause, order_no=order_no, reason=reason["reason"], body=body)


def a_clearing(order_no: str) -> SuspicionClearing:
    return SuspicionClearing(
        no="SCL-20260901-0007", order_no=order_no, status=RecordedStatus.RECORDED, suspicion="QUA-04/?/SO-1/x",
        revision=1, clause="QUA-04", person=INSPECTOR, reason=f"由{SECOND}替{INSPECTOR}代班", made_by=QUALITY,
        made_at=MORNING,
    )  # fmt: skip


def a_countersignature(order_no: str) -> Countersignature:
    return Countersignature(
        no="CTS-20260901-0007", order_no=order_no, status=RecordedStatus.RECORDED, position=1, source="warehouse",
        written_at=MORNING, paper_reference="抽屉三", made_by=BOSS, made_at=MORNING,
    )  # fmt: skip


def a_late_inspection(order_no: str) -> HandoverOutcome:
    return HandoverOutcome(
        duty="iqc:LOT-7", attempt=1, order_no=order_no, line_no=None, department="quality", link="iqc",
        post="inspector", assignee=INSPECTOR, person=INSPECTOR, outcome="overran", opened_at=MORNING, due_at=MORNING,
        ended_at=MORNING, month=date(2026, 9, 1), overrun=timedelta(hours=3), excused=timedelta(),
    )  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """Whom somebody may see by name beside themself and whoever signs for the company."""

    employee: str
    sees: frozenset[str] = frozenset()


OF_PMC = {PEOPLE[post] for post in ("planner", "material_controller", "workshop_director", "team_leader", "worker")}
READERS = (
    Reader(PLANNER),
    Reader(FINANCE),
    # The merchandiser is whom they themselves propose to find something against.
    Reader(PLANNING, frozenset({PLANNER, PLANNING, PEOPLE["merchandiser"], *OF_PMC})),
    # The planner found what one of their people did.
    Reader(MANAGER, frozenset({PERSON, PEOPLE["planner"]})),
)


ELSEWHERE = (*ROSTER, "/login")
"""Who works here, and how an employee id is written."""


def places(scene: Scene) -> Iterator[str]:
    """Every address but the roster, and but what names whom it asks after."""
    for place in every_place(scene):
        if not place.startswith(ELSEWHERE) and not EMPLOYEE.search(place) and asks_of_its_own(scene, place):
            yield place
    yield from ("/reports/2026-09/handovers", "/reports/2026-09/records", "/suspicions?order_no=" + scene.nos["order"])
    yield "/handovers/receipt:LOT-1?order=" + scene.nos["order"]


def asks_of_its_own(scene: Scene, place: str) -> bool:
    """A command's form is asked for with a number that it can be about."""
    _, where, *named = place.split("/")
    commands = scene.court.office.app.state.desk.commands
    return where != "commands" or len(named) < 2 or named[1].startswith(commands[named[0].replace("-", "_")].kind.code)


async def test_no_address_names_whom_its_reader_may_not_see() -> None:
    told = []
    async with a_quality_case() as scene:
        for reader, place in product(READERS, places(scene)):
            answer = await scene.get(reader.employee, place)
            assert answer.status_code < 500, place
            named = set(EMPLOYEE.findall(written(answer))) - {reader.employee, *reader.sees, *OFFICE}
            told += [(reader.employee, place, *sorted(named))] if named else []
    assert told == [], "\n".join(map(str, told))


async def test_whom_a_what_ifs_reasons_name_is_looked_at_and_sealed_like_whom_it_is_about() -> None:
    """The inspector whose record it is, and the colleague with whom they are weighed."""
    async with a_scene() as scene:
        supposed = a_what_if(f"多人任{PEOPLE['inspector']}、{SECOND}", f"held by {PEOPLE['inspector']}, {SECOND}")
        async with transaction(scene.court.office.engine) as session:
            session.add(supposed)
        shown = await scene.get(HR, f"/api/what-ifs/{supposed.no}")
        looked = {each["whose"] for each in await scene.looks(HR, no=supposed.no)}
        async with transaction(scene.court.office.engine) as session:
            await session.execute(update(WhatIf).where(WhatIf.no == supposed.no).values(sealed_at=MORNING))
        (sealed,) = (await scene.get(HR, f"/api/what-ifs/{supposed.no}")).json()["lines"]

    assert SECOND in shown.text
    assert looked == {PEOPLE["inspector"], SECOND}
    assert (sealed["reasons_zh"], sealed["reasons_en"]) == ("多人任不公开、不公开", "held by not shown, not shown")


def a_what_if(zh: str, en: str) -> WhatIf:
    line = WhatIfLine(
        change="removed", clause="QUA-04", order_no="SO-1", before_person=PEOPLE["inspector"], after_person=None,
        before_sanction="warning", after_sanction=None, at=MORNING, reasons_zh=zh, reasons_en=en,
    )  # fmt: skip
    none = dict.fromkeys(("days_off", "extra_working_days", "shifts", "weekend", "tenures"), ())
    rest: dict[str, Any] = {"since": None, "until": MORNING, "rules": "", "starts": 1, **none}
    return WhatIf(
        no="WIF-20260901-0007", status=WhatIfStatus.DONE, question="?", percent_done=100, differences=1,
        lines=(line,), problem_zh="", problem_en="", made_by=BOSS, made_at=MORNING, **rest,
    )  # fmt: skip


def test_a_name_is_found_where_no_space_parts_it_from_chinese_words() -> None:
    assert named_in(Label("由E-050替E-0601代班", "E-999999 did")) == {"E-050", "E-0601", "E-999999"}
