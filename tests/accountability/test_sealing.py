"""What is sealed, is it so everywhere? Record, finding, compensation, payroll, what-if, clearing, timeline and report alike."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from chassis.database import transaction
from contracts import links, purchasing, warehouse
from contracts.accountability import Sanction
from services.accountability.figures import behind, outcome_books
from services.accountability.ledger import ledger
from services.accountability.models import (
    BreachFinding,
    FindingStatus,
    HandoverOutcome,
    RecordedStatus,
    SuspicionClearing,
    WhatIf,
    WhatIfStatus,
)
from services.accountability.privacy.keeping import Sweep
from services.accountability.privacy.periods import Keeping
from services.accountability.privacy.sealed import handovers_sealed, parts_sealed
from services.accountability.what_if.models_what_if import WhatIfLine
from tests.accountability.court import AFTER, BOSS, HR, PERSON, TUESDAY, Court, court, late_receipt, proposed
from tests.accountability.house import House, house
from tests.accountability.owing import NOTIFIED_SO, OCTOBER, owed, owing, record_wage
from tests.accountability.test_growing import judged_to
from tests.accountability.test_matters import breaches
from tests.accountability.test_seeing import MANAGER, ROSTER, SUPPOSED, Scene, employees, every_place, written
from tests.accountability.voice import Voice
from tests.support.departments import MORNING
from tests.support.facts import STAFF, Story, example, local
from tests.support.orders import an_order

CLEARED = "排班表写明当班甲"
SECRETS = {NOTIFIED_SO["notified_because"], CLEARED}
ELSEWHERE = (*ROSTER, "/looks", "/api/looks", "/wages", "/api/wages", "/acknowledgements", "/api/acknowledgements")
"""Who works here, who looked at whom, what they earn and which rules they know: none of it is a breach."""


def stocktake() -> Any:
    """A warning about something of no order."""
    (breach,) = proposed().breaches
    late = replace(breach, about="stocktake:2026-08", duty="stocktake:2026-08")
    return proposed(key="WHS-04/E-060//2026-08", order_no="", clause="WHS-03", breaches=(late,))


@asynccontextmanager
async def a_case() -> AsyncIterator[Scene]:
    """The storekeeper was late and answers for a loss: told of in every place where an employee can be named for it."""
    async with owing(owed()) as it:
        it.office.app.state.companion.judging.state = it.state
        scene = Scene(it, {"order": "SO-1", "records": it.no, "compensations": "CMP-20260901-0001"})
        received = example(
            warehouse.GoodsReceived,
            order_no="SO-1",
            receipt_no="GRN-1",
            received_by=PERSON,
            closes=(links.receipt("LOT-1"),),
        )
        async with transaction(it.office.engine) as session:
            await outcome_books.refill(session, it.state)
            await ledger.append(session, [Voice("warehouse").says(MORNING, received)])
            session.add_all([a_what_if(), a_clearing(), a_late_stocktake()])
        await it.hear([stocktake()])
        await record_wage(it, "30000", since="2026-10")
        scene.nos |= {"what-ifs": "WIF-20260901-0001", "suspicion-clearings": "SCL-20260901-0001"}
        yield scene


def a_late_stocktake() -> HandoverOutcome:
    return HandoverOutcome(
        duty="stocktake:2026-08", attempt=1, order_no="", line_no=None, department="warehouse", link="stocktake",
        post="storekeeper", assignee=PERSON, person=PERSON, outcome="overran", opened_at=MORNING, due_at=MORNING,
        ended_at=MORNING, month=date(2026, 8, 1), overrun=timedelta(hours=3), excused=timedelta(),
    )  # fmt: skip


def a_what_if() -> WhatIf:
    line = WhatIfLine(
        change="removed", clause="WHS-03", order_no="SO-1", before_person=PERSON, after_person=None,
        before_sanction="warning", after_sanction=None, at=MORNING,
        reasons_zh=f"{SUPPOSED}:{PERSON} 准时", reasons_en=f"{SUPPOSED}: {PERSON} in time",
    )  # fmt: skip
    none = dict.fromkeys(("days_off", "extra_working_days", "shifts", "weekend", "tenures"), ())
    rest: dict[str, Any] = {"since": None, "until": MORNING, "rules": "", "starts": 1, **none}
    return WhatIf(
        no="WIF-20260901-0001", status=WhatIfStatus.DONE, question="?", percent_done=100, differences=1,
        lines=(line,), problem_zh="", problem_en="", made_by=HR, made_at=MORNING, **rest,
    )  # fmt: skip


def a_clearing() -> SuspicionClearing:
    return SuspicionClearing(
        no="SCL-20260901-0001", order_no="SO-1", status=RecordedStatus.RECORDED, suspicion="WHS-03/?/SO-1/x",
        revision=1, clause="WHS-03", person=PERSON, reason=CLEARED, made_by=BOSS, made_at=MORNING,
    )  # fmt: skip


def places(scene: Scene) -> Iterator[str]:
    """Every address, with the months of this case; not those that name whom they ask after."""
    yield from (place for place in every_place(scene) if not place.startswith(ELSEWHERE) and PERSON not in place)
    yield from ("/payroll?month=2026-10", "/reports/2026-08", "/reports/2026-08/handovers", "/reports/2026-09/records")
    yield "/reports/2026-08/report.xlsx"


async def telling(scene: Scene, viewer: str) -> set[str]:
    """Where the storekeeper is named, or what was said of them is."""
    (nickname,) = [each["nickname"] for each in await employees(scene) if each["no"] == PERSON]
    shown = {place: written(await scene.get(viewer, place)) for place in places(scene)}
    return {place for place, said in shown.items() if any(told in said for told in (PERSON, nickname, *SECRETS))}


PAPERS = ("records", "compensations", "suspicion-clearings")
"""What is theirs alone once it is sealed; of the rest the names go."""


async def test_what_is_sealed_names_nobody_on_any_page_in_any_export_and_by_any_route_any_more() -> None:
    async with a_case() as scene:
        await scene.court.at(OCTOBER)
        scene.nos["payroll-statements"] = (await scene.court.office.do(HR, "state_payroll", month="2026-10"))["no"]
        before = {viewer: await telling(scene, viewer) for viewer in (HR, MANAGER)}
        for way in ("/{}/{}", "/api/{}/{}", "/{}.xlsx", "/api/{}"):
            assert {way.format(kind, scene.nos[kind]) for kind in PAPERS} <= before[HR] & before[MANAGER]
        assert {f"/payroll/{scene.nos['payroll-statements']}.xlsx", "/payroll?month=2026-10"} <= before[HR]
        assert {"/what-ifs/WIF-20260901-0001", "/what-ifs.xlsx", "/api/what-ifs"} <= before[HR]
        assert {"/timelines/SO-1", "/api/timelines/SO-1", "/handovers/receipt:LOT-1"} <= before[HR] & before[MANAGER]
        assert {"/reports/2026-08", "/reports/2026-08/handovers"} <= before[HR] & before[MANAGER]
        ledger_before = await ledger_of(scene)
        answered = {viewer: await who_answers(scene, viewer) for viewer in (HR, BOSS, MANAGER)}

        await lapse_and_seal(scene)
        for viewer, figures in answered.items():
            assert await who_answers(scene, viewer) == [("不公开", *figure) for _, *figure in figures], viewer
            assert figures

        looked = await scene.count()
        for viewer in (HR, BOSS, MANAGER):
            assert await telling(scene, viewer) == set(), viewer
        assert "没有。" in (await scene.get(HR, f"/reports/2026-08/handovers?person={PERSON}")).text
        assert await scene.count() == looked
        assert await ledger_of(scene) == ledger_before
        await what_is_left(scene)


async def who_answers(scene: Scene, viewer: str) -> list[tuple[str, ...]]:
    """Each row of the month's report that says who answers: the name, how often they were late, and the hours."""
    page = (await scene.get(viewer, "/reports/2026-08")).text
    part = page.partition('id="people"')[2].partition("</section>")[0]
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", part, re.DOTALL)]
    return [(cells[at], cells[at + 2], cells[at + 3]) for at in range(0, len(cells), 5)]


async def lapse_and_seal(scene: Scene) -> None:
    """Both records take effect, lapse after a year, and are sealed a year later."""
    sweep = Sweep(scene.court.office.engine, Keeping())
    for at in ("2026-10-20 09:00", "2027-10-25 09:00", "2028-10-20 09:00"):
        await scene.court.at(at)
        await sweep.once()
    assert await scene.shows(HR, f"/records/{scene.nos['records']}", PERSON)
    await scene.court.at("2028-10-26 09:00")
    await sweep.once()


async def every_look(scene: Scene, viewer: str) -> list[dict[str, Any]]:
    """Page after page."""
    found: list[dict[str, Any]] = []
    while items := await scene.looks(viewer, **({"before": str(found[-1]["id"])} if found else {})):
        found += items
    return found


async def ledger_of(scene: Scene) -> list[Any]:
    async with scene.court.office.engine.connect() as connection:
        return list((await connection.exec_driver_sql("SELECT position, hash, body FROM ledger ORDER BY 1")).all())


async def what_is_left(scene: Scene) -> None:
    """Their own papers for the person, a refusal that says why for HR, and figures that add up without names.

    Who has looked stays to be seen; whose sealed paper it was, and which, only to its person.
    """
    for viewer in (HR, BOSS):
        about = {(look["whose"], look["no"]) for look in await every_look(scene, viewer)}
        assert ("withheld", "") in about
        assert PERSON not in {whose for whose, _ in about}
        assert await scene.looks(viewer, no=scene.nos["records"]) == []
        assert await scene.looks(viewer, whose=PERSON) == []
    theirs = {look["no"] for look in await every_look(scene, PERSON)}
    assert theirs > {scene.nos[kind] for kind in (*PAPERS, "what-ifs", "payroll-statements")}
    for kind in PAPERS:
        place = f"/api/{kind}/{scene.nos[kind]}"
        assert await scene.shows(PERSON, place, PERSON)
        assert (await scene.get(HR, place)).json()["code"] == "sealed"
        assert (await scene.get(MANAGER, place)).json()["code"] == "not_for_their_eyes"
    (line,) = (await scene.get(HR, f"/api/payroll-statements/{scene.nos['payroll-statements']}")).json()["lines"]
    assert (line["person"], line["record_no"], line["reason"], line["instalment"]) == (
        "withheld",
        "",
        "",
        "4000.00",
    )
    (line,) = (await scene.get(HR, f"/api/what-ifs/{scene.nos['what-ifs']}")).json()["lines"]
    assert (line["before_person"], line["reasons_en"]) == ("withheld", f"{SUPPOSED}: not shown in time")
    (own,) = (await scene.get(PERSON, "/api/timelines/SO-1")).json()["handovers"]
    (theirs,) = (await scene.get(HR, "/api/timelines/SO-1")).json()["handovers"]
    assert (own["person"]["employee"], theirs["person"]["employee"]) == (PERSON, "withheld")
    assert {**own, "person": 0, "assignee": 0} == {**theirs, "person": 0, "assignee": 0}


async def test_a_lateness_without_a_record_names_nobody_any_more_a_year_after_it_ended() -> None:
    late = late_receipt().at("2026-09-01 08:30")
    late.states(warehouse.GoodsReceived, order_no="SO-1", closes=[links.receipt("LOT-1")])
    async with court(proposed(order_no="SO-9")) as it:
        it.state = it.office.app.state.companion.judging.state = late.judged(TUESDAY).state
        async with transaction(it.office.engine) as session:
            await outcome_books.refill(session, it.state)
            session.add(a_late_stocktake())
        scene = Scene(it, {"order": "SO-1"})

        for at, named in (("2027-09-01 08:00", True), ("2027-09-01 09:01", False)):
            await it.office.wait_until(local(at))
            for place in (
                "/timelines/SO-1",
                "/api/timelines/SO-1",
                "/handovers/receipt:LOT-1",
                "/reports/2026-08/handovers",
            ):
                for viewer in (HR, MANAGER):
                    assert (PERSON in written(await scene.get(viewer, place))) is named, (at, viewer, place)
                assert PERSON in written(await scene.get(PERSON, place))
            await counted_as_theirs(it, 2 if named else 0)

        await it.hear([proposed(key="WHS-03/SO-1")])
        assert PERSON in written(await scene.get(HR, "/timelines/SO-1"))
        await counted_as_theirs(it, 1)


async def test_a_lateness_that_nobody_ends_names_nobody_any_more_a_year_after_it_was_due() -> None:
    """Nor does it keep open what they were late with beside it; in an order of which goods are still owed it does."""
    async with house() as it:
        it.office.judging.snapshot_entries = 1
        story = two_orders(it)
        for when in ("2026-09-10 09:00", "2026-09-11 09:00"):
            await judged_to(it, story, when)
        assert "SO-1" not in it.office.judging.state.cases
        assert "SO-2" in it.office.judging.state.cases
        async with transaction(it.department.engine) as session:
            minutes = a_late_stocktake()
            minutes.person, minutes.ended_at, minutes.due_at = BUYER, None, local("2026-08-06 09:00")
            session.add(minutes)

        for at, sealed_by_then in (
            ("2027-08-06 08:00", set()),
            ("2027-08-12 09:00", {"stocktake"}),
            ("2027-08-15 09:00", SEALED),
        ):
            await it.department.wait_until(local(at))
            async with transaction(it.department.engine) as session:
                late = (await session.scalars(select(HandoverOutcome).where(HandoverOutcome.person == BUYER))).all()
                assert len(late) == 5
                found = {duty.removeprefix("purchase_order:") for duty, _ in await handovers_sealed(session, late)}
                assert {name.partition(":")[0] for name in found} == sealed_by_then, at
                parts = await parts_sealed(session, ["SO-1", "SO-2"])
                assert parts == ({("SO-1", BUYER)} if "M-1" in sealed_by_then else set())


BUYER = STAFF["buyer"]
SEALED = {"stocktake", "M-1", "M-2"}


def two_orders(it: House) -> Story:
    """Both with a purchase order that was late and one that is late for good; of the second the goods are still owed."""
    story = it.story()
    an_order(story, "SO-1", starts="2026-08-03 09:00", delivery_date="2026-08-26")
    an_order(story, "SO-2", starts="2026-08-03 09:00", delivery_date="2026-12-24", never={"ship"})
    for number, order_no in enumerate(("SO-1", "SO-1", "SO-2", "SO-2"), 1):
        owed = links.purchase_order(f"M-{number}")
        story.at("2026-08-04 09:00").delivers(owed, "buyer", service="purchasing", order_no=order_no)
        if number % 2:
            said: dict[str, Any] = {"requirement_no": f"M-{number}", "purchase_order_no": f"PO-{number}"}
            story.at("2026-08-14 09:00").states(
                purchasing.PurchaseOrderIssued, order_no=order_no, closes=[owed], **said
            )
    return story


async def counted_as_theirs(it: Court, count: int) -> None:
    """Also where HR asks for one person's by name."""
    async with transaction(it.office.engine) as session:
        asked = behind.Asked(outcome="overran", person=PERSON)
        assert len((await behind.handovers(session, date(2026, 8, 1), asked)).items) == count


async def sealed(it: Court) -> bool:
    async with it.office.engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT bool_and(sealed_at IS NOT NULL) FROM penalty_records")
        return bool(found.scalar_one())


async def test_a_record_of_which_money_is_still_taken_is_sealed_a_year_after_the_last_month_that_was_stated() -> None:
    async with owing() as it:
        sweep = Sweep(it.office.engine, Keeping())
        await record_wage(it, "30000", since="2028-10")
        for at, state in (("2027-09-20 09:00", False), ("2028-10-12 09:00", True), ("2029-10-31 09:00", False)):
            await it.at(at)
            if state:
                await it.office.do(HR, "state_payroll", month="2028-10")
            await sweep.once()
            assert not await sealed(it), at

        await it.at("2029-11-01 09:00")
        await sweep.once()

        assert await sealed(it)


async def test_a_finding_is_sealed_with_the_last_record_that_rests_on_it() -> None:
    """A record that later evidence replaced fell long before the one that took its place."""
    rests = breaches("findings:FND-1", found_by=BOSS)
    first = proposed(sanction=Sanction.MAJOR_DEMERIT, clause="GEN-04", key="GEN-04/E-060/SO-1", breaches=rests)
    async with court(first) as it:
        async with transaction(it.office.engine) as session:
            session.add(a_finding())
        await it.hear(
            [replace(first, revision=2, replaces=1, because_zh="职责表有变", because_en="the roster changed")]
        )
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="属实")
        sweep = Sweep(it.office.engine, Keeping())
        scene = Scene(it, {})

        for at, statuses in (
            ("2026-10-20 09:00", {"in_effect", "withdrawn"}),
            ("2027-09-15 09:00", {"in_effect"}),
            ("2027-10-25 09:00", {"lapsed"}),
        ):
            await it.at(at)
            await sweep.once()
            shown = (await scene.get(HR, "/api/records")).json()["items"]
            assert {record["status"] for record in shown} == statuses, at
            assert (await scene.get(HR, "/api/breach-findings/FND-1")).status_code == 200, at
        await it.at("2028-10-26 09:00")
        await sweep.once()
        assert (await scene.get(HR, "/api/breach-findings/FND-1")).json()["code"] == "sealed"
        assert await scene.shows(PERSON, "/api/breach-findings/FND-1", PERSON)


def a_finding() -> BreachFinding:
    return BreachFinding(
        no="FND-1", order_no="SO-1", status=FindingStatus.FOUND, clause="GEN-04", rulebook_version="2026-01",
        person=PERSON, what_happened="…", occurred_at=MORNING, evidence_documents=["X-1"], evidence_facts=(),
        sanction=None, items=[], consequence="", operation=None, gross_negligence=False, intent=False,
        found_by=BOSS, found_as="general_manager", made_by=BOSS, made_at=MORNING,
    )  # fmt: skip
