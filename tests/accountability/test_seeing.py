"""Who sees whose record, in every way there is to see one, and is every look at another's written down?"""

import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from fastapi.routing import APIRoute
from pypdf import PdfReader
from sqlalchemy.exc import DBAPIError

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from contracts.event import decode
from contracts.sales import OrderReleased
from services.accountability.ledger import ledger
from services.accountability.ledger.ledger import Arrived
from services.accountability.models import HandoverOutcome, WhatIf, WhatIfStatus
from services.accountability.privacy import looks
from services.accountability.privacy.keeping import Sweep
from services.accountability.privacy.periods import Keeping
from services.accountability.what_if.models_what_if import WhatIfLine
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, Court, court, heavy, late_receipt
from tests.accountability.voice import Voice
from tests.support.company import PEOPLE
from tests.support.departments import MORNING
from tests.support.facts import example, local

MANAGER, STRANGERS_MANAGER, PLANNER = PEOPLE["warehouse_manager"], PEOPLE["purchasing_manager"], PEOPLE["planner"]
FINANCE, PLANNING, CLERK = "E-072", "E-024", "E-025"
SAID, APPEALED, FOUND, PROPOSED, SUPPOSED = (
    "照片可以证明甲",
    "处分太重乙",
    "领用铜排未记账丙",
    "跟进失误丁",
    "推演理由戊",
)
COUNTED = f"/records?person={PERSON}"
"""Where a figure leads that counts what stands against one person."""
SECRETS = {
    "statement": SAID,
    "appeal": APPEALED,
    "finding": FOUND,
    "proposal": PROPOSED,
    "what-if": SUPPOSED,
    "figure": COUNTED,
}
PROOF = heavy().evidence[0].position
"""Somebody holds the post: of the facts on which the record rests, the one that names people."""
REFUSED = ("/problems/not_for_their_eyes", "/problems/post_not_held", "/problems/not_theirs")
BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Scene:
    """A storekeeper's record from statement to appeal, findings, a what-if, and somebody for every way of looking on."""

    court: Court
    nos: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    async def get(self, employee: str, path: str) -> httpx.Response:
        """A page by the browser's session, or the API by a token."""
        api = path.startswith("/api/")
        async with self.court.office.as_(employee, language="zh") as client:
            if not api:
                del client.headers["authorization"]
                client.headers.update(BROWSER)
                client.cookies.set(cookie_name("accountability", secure=False), await self.session(employee))
            return await client.get(path, follow_redirects=path.startswith("/find"))

    async def session(self, employee: str) -> str:
        if employee not in self.secrets:
            async with transaction(self.court.office.engine) as session:
                self.secrets[employee] = await auth.open_session(session, employee)
        return self.secrets[employee]

    async def shows(self, employee: str, path: str, what: str) -> bool:
        """Whether something is to be seen there; who may not is told so, in words and by a code."""
        answer = await self.get(employee, path)
        if answer.status_code == 404:
            return False
        if answer.status_code == 403:
            assert any(word in answer.text for word in REFUSED), answer.text
            return False
        assert answer.status_code == 200, f"{employee} {path}: {answer.status_code} {answer.text[-800:]}"
        return what in written(answer)

    async def looks(self, employee: str, **wanted: str) -> list[dict[str, Any]]:
        answer = await self.court.office.as_(employee).get("/api/looks", params=wanted)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def count(self) -> int:
        async with self.court.office.engine.connect() as connection:
            return int((await connection.exec_driver_sql("SELECT count(*) FROM record_looks")).scalar_one())

    async def an_hour_passes(self) -> None:
        await self.court.office.wait_until(self.court.office.now + timedelta(hours=1))


def written(answer: httpx.Response) -> str:
    """What can be read in an answer: a spreadsheet's cells, a page without what its fields offer for choice."""
    kind = answer.headers.get("content-type", "")
    if kind.endswith("spreadsheetml.sheet"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if name.endswith((".xml", ".rels")))
    if kind == "application/pdf":
        sheets = PdfReader(io.BytesIO(answer.content)).pages
        ways = [note.get_object()["/A"]["/URI"] for sheet in sheets for note in sheet.get("/Annots", ())]
        return "\n".join([*(sheet.extract_text().replace("\0", "") for sheet in sheets), *ways])
    if "text/html" in kind:
        return re.sub(r"<(select|datalist)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    return answer.text


@asynccontextmanager
async def a_scene() -> AsyncIterator[Scene]:
    async with court(heavy()) as it:
        office = it.office
        office.app.state.companion.judging.state = it.state
        for no, name, department in (
            (FINANCE, "小财", "accountability"),
            (PLANNING, "小彭", "pmc"),
            (CLERK, "小文", "sales"),
        ):
            await office.do(HR, "register_employee", no=no, nickname=name, department=department)
        await office.do(HR, "assign_post", employee=FINANCE, post="finance")
        await office.do(HR, "assign_post", employee=PLANNING, post="pmc_manager")
        async with transaction(office.engine) as session:
            order = example(OrderReleased, order_no=(await it.record())["order_no"])
            await ledger.append(session, [*evidence(), Voice("sales").says(MORNING, order)])
            session.add(a_late_receipt())
        scene = Scene(it)
        await be_heard(scene)
        await be_found(scene)
        await suppose(scene)
        yield scene


def evidence() -> Iterator[Arrived]:
    """What the record rests on, at the positions that it names."""
    for each in late_receipt().told:
        fact = orjson.dumps(each.fact)
        yield Arrived(decode(fact), fact)


def a_late_receipt() -> HandoverOutcome:
    """Due in the month of the record, so that the month's report names who answers for it."""
    return HandoverOutcome(
        duty="receipt:LOT-2", attempt=1, order_no="SO-2", line_no=None, department="warehouse", link="receipt",
        post="storekeeper", assignee=PERSON, person=PERSON, outcome="overran", opened_at=MORNING, due_at=MORNING,
        ended_at=MORNING, month=date(2026, 9, 1), overrun=timedelta(hours=3), excused=timedelta(),
    )  # fmt: skip


async def be_heard(scene: Scene) -> None:
    it = scene.court
    await it.do(PERSON, "state_case", statement=SAID)
    await it.at(AFTER)
    await it.do(HR, "issue_record", reason="属实")
    await it.do(PERSON, "make_appeal", appeal=APPEALED)
    scene.nos["records"] = it.no
    async with it.office.as_(HR) as client:
        (known,) = (await client.get("/api/acknowledgements", params={"employee": PERSON})).json()["items"]
    scene.nos["acknowledgements"] = known["no"]


async def be_found(scene: Scene) -> None:
    order_no = (await scene.court.record())["order_no"]
    said = {"person": PERSON, "occurred_at": local("2026-09-01 09:00").isoformat(), "order_no": order_no}
    paper = {"evidence_documents": ["STK-1"]}
    made = await scene.court.office.do(
        PLANNER, "find_breach", **said, **paper, clause="WHS-01", items=["铜排"], what_happened=FOUND
    )
    lost = {
        **said,
        **paper,
        "person": PEOPLE["merchandiser"],
        "direct_loss": "1800",
        "loss_document": "DBN-7",
        "share_percent": "100",
    }
    asked = await scene.court.office.do(PLANNING, "propose_finding", **lost, clause="MER-02", what_happened=PROPOSED)
    scene.nos |= {"breach-findings": made["no"], "proposal": asked["no"], "order": order_no}


async def suppose(scene: Scene) -> None:
    """A question what-if that has been answered."""
    line = WhatIfLine(
        change="added", clause="WHS-03", order_no=scene.nos["order"], before_person=None, after_person=PERSON,
        before_sanction=None, after_sanction="warning", at=MORNING, reasons_zh=SUPPOSED, reasons_en=SUPPOSED,
    )  # fmt: skip
    none = dict.fromkeys(("days_off", "extra_working_days", "shifts", "weekend", "tenures"), ())
    rest: dict[str, Any] = {"since": None, "until": MORNING, "rules": "", "starts": 1, **none}
    document = WhatIf(
        no="WIF-20260901-0001", status=WhatIfStatus.DONE, question="?", percent_done=100, differences=1,
        lines=(line,), problem_zh="", problem_en="", made_by=HR, made_at=MORNING, **rest,
    )  # fmt: skip
    async with transaction(scene.court.office.engine) as session:
        session.add(document)
    scene.nos["what-ifs"] = document.no


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with a_scene() as it:
        yield it


EVERYBODY = (PERSON, MANAGER, HR, BOSS, STRANGERS_MANAGER, OTHER, FINANCE, PLANNER, PLANNING, CLERK)
THEIRS = {PERSON, MANAGER, HR, BOSS}
# Each way of seeing: where, what is seen there, and who sees it. `{no}` is the number of what is seen.
WAYS: list[tuple[str, str, str, set[str]]] = [
    *(
        (kind, path, what, who)
        for kind, what, who in (
            ("records", SAID, THEIRS),
            ("breach-findings", FOUND, THEIRS | {PLANNER}),
            ("acknowledgements", "{no}", THEIRS),
            ("what-ifs", SUPPOSED, {HR, BOSS}),
        )
        for path in ("/{kind}/{no}", "/{kind}.xlsx", "/api/{kind}/{no}", "/api/{kind}")
    ),
    ("records", "/records", "{no}", THEIRS),
    ("records", "/records?person=" + PERSON, "{no}", THEIRS),
    ("records", "/records?q={no}", "/records/{no}", THEIRS),
    ("records", "/records/{no}/print", SAID, THEIRS),
    ("breach-findings", "/breach-findings", "{no}", THEIRS | {PLANNER}),
    ("what-ifs", "/what-ifs", "{no}", {HR, BOSS}),
    ("proposal", "/breach-findings/{no}", PROPOSED, {HR, BOSS, PLANNING}),
    ("proposal", "/api/breach-findings/{no}", PROPOSED, {HR, BOSS, PLANNING}),
    ("proposal", "/api/breach-findings", PROPOSED, {HR, BOSS, PLANNING}),
    ("records", "/find?q={no}", "/records/{no}", {HR, BOSS}),
    ("records", "/files/{order}", "/records/{no}", {HR, BOSS}),
    ("breach-findings", "/files/{order}", "/breach-findings/{no}", {HR, BOSS}),
    ("records", "/timelines/{order}", "/records/{no}", THEIRS),
    ("records", f"/facts/{PROOF}", "/records/{no}", THEIRS),
    ("records", f"/facts/{PROOF}?record={{no}}", "/records/{no}", THEIRS),
    ("records", "/timelines/{order}", PERSON, THEIRS),
    ("records", "/api/timelines/{order}", PERSON, THEIRS),
    ("records", "/commands/issue-record/{no}", "{no}", {HR, BOSS}),
    ("records", "/commands/make-appeal/{no}", "{no}", {PERSON}),
    ("breach-findings", "/commands/withdraw-finding/{no}", "{no}", {MANAGER, HR, BOSS, PLANNER, PERSON}),
]


async def test_every_way_of_seeing_shows_what_it_should_to_whom_it_should_and_to_nobody_else(scene: Scene) -> None:
    wrong = []
    for kind, place, what, who in WAYS:
        names = {"kind": kind, "no": scene.nos[kind], "order": scene.nos["order"]}
        path, sought = place.format_map(names), what.format_map(names)
        seen = {employee for employee in EVERYBODY if await scene.shows(employee, path, sought)}
        if seen != who:
            wrong.append((path, what, sorted(seen - who), sorted(who - seen)))
    assert wrong == [], "\n".join(map(str, wrong))


# What a route's path asks for, where it is not a shelf's number; what is told without end is tried elsewhere.
GIVEN = {
    "order_no": "{order}",
    "version": "2026-01",
    "code": "not_found",
    "section": "links",
    "name": "receipt",
    "month": "2026-09",
    "duty": "receipt:LOT-1",
    "employee": PERSON,
    "position": str(PROOF),
}
ENDLESS = {"/worklist/live"}
MACHINES = {"chassis.probes", "chassis.rehearsal"}
"""What only says how the process is; it needs the bus."""
ROSTER = ("/employees", "/assignments", "/api/employees", "/api/assignments")


def every_place(scene: Scene) -> list[str]:
    """Every address of the service that can be looked at, with the numbers of what others must not see."""
    places = []
    for route in routes_of(scene.court.office.app.router):
        if "GET" not in (route.methods or ()) or route.path in ENDLESS or route.endpoint.__module__ in MACHINES:
            continue
        names = re.findall(r"{(\w+)", route.path)
        for given in numbers_for(scene, route.path) if "no" in names else [{}]:
            known = {**GIVEN, **given}
            assert set(names) <= known.keys(), f"{route.path} is new: say here what it is to be called with"
            path = route.path.replace(":path}", "}").format_map(known)
            places.append(path.format(order=scene.nos["order"]))
    assert {"/records/{no}", "/looks", "/find"} <= {route.path for route in routes_of(scene.court.office.app.router)}
    return places


def routes_of(router: Any) -> Iterator[APIRoute]:
    """Every route, those of included routers as well."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router)


def numbers_for(scene: Scene, path: str) -> list[dict[str, str]]:
    """The numbers that a route might show: those of its own shelf, for a command's form any."""
    own = [no for kind, no in scene.nos.items() if path.removeprefix("/api").startswith(f"/{kind}/")]
    return [{"no": no} for no in own or scene.nos.values()]


async def test_no_address_tells_a_stranger_anything_of_a_person(scene: Scene) -> None:
    """Also of a route that is not there yet: whatever it shows, it shows nothing of this."""
    nickname = next(each["nickname"] for each in await employees(scene) if each["no"] == PERSON)
    told = []
    for stranger, place in product((OTHER, FINANCE, STRANGERS_MANAGER), every_place(scene)):
        answer = await scene.get(stranger, place)
        assert answer.status_code < 500, place
        shown = written(answer)
        told += [(place, what) for what, secret in SECRETS.items() if secret in shown]
        if not place.startswith(ROSTER):
            told += [
                (place, name)
                for name in {PERSON, nickname} - {place.rpartition("/")[2]}
                if re.search(rf"\b{name}\b", shown)
            ]
    assert told == []


async def employees(scene: Scene) -> list[dict[str, Any]]:
    async with scene.court.office.as_(HR) as client:
        items: list[dict[str, Any]] = (await client.get("/api/employees", params={"limit": "200"})).json()["items"]
    return items


async def test_whatever_address_shows_hr_something_of_a_person_writes_down_that_it_did(scene: Scene) -> None:
    unnoticed, noticed = [], set()
    for place in every_place(scene):
        await scene.an_hour_passes()
        before = await scene.count()
        shown = written(await scene.get(HR, place))
        for what, secret in SECRETS.items():
            if secret in shown and await scene.count() == before:
                unnoticed.append((place, what))
            elif secret in shown:
                noticed.add(what)
    assert unnoticed == []
    assert noticed == SECRETS.keys()


async def test_whoever_reads_in_a_months_report_how_many_records_somebody_has_has_looked_at_them(scene: Scene) -> None:
    no, looked = (
        scene.nos["records"],
        {"": "seen_in_report", "/report.pdf": "taken_in_report", "/report.xlsx": "taken_in_report"},
    )
    for place, how in looked.items():
        await scene.an_hour_passes()
        before = await scene.count()
        for reader in (MANAGER, MANAGER, PERSON, STRANGERS_MANAGER):
            assert (await scene.get(reader, f"/reports/2026-09{place}?purpose=月会")).status_code == 200
        assert await scene.count() == before + 1
        latest = (await scene.looks(PERSON))[0]
        assert (latest["who"], latest["no"], latest["how"], latest["purpose"]) == (MANAGER, no, how, "月会")


async def test_a_look_is_written_down_once_however_often_the_page_is_loaded(scene: Scene) -> None:
    no = scene.nos["records"]
    await scene.an_hour_passes()
    before = await scene.count()

    for _ in range(3):
        await scene.get(HR, f"/records/{no}")
    await scene.get(HR, f"/records/{no}?purpose=申诉")
    await scene.get(PERSON, f"/records/{no}")

    assert await scene.count() == before + 2
    latest, first = (await scene.looks(PERSON))[:2]
    assert (latest["who"], latest["post"], latest["acting"], latest["whose"]) == (HR, "hr", False, PERSON)
    assert (latest["no"], latest["how"], latest["purpose"]) == (no, "seen_on_page", "申诉")
    assert first["purpose"] == ""
    await scene.an_hour_passes()
    await scene.get(HR, f"/records/{no}")
    assert await scene.count() == before + 3


async def test_a_refused_look_is_none_and_shows_nothing(scene: Scene) -> None:
    before = await scene.count()
    answer = await scene.get(OTHER, f"/api/records/{scene.nos['records']}")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_for_their_eyes")
    assert "只有当事人本人、其部门经理、人事和总经理可以查看" in answer.json()["detail"]
    assert await scene.count() == before


async def test_who_looked_is_seen_by_the_person_by_hr_and_by_nobody_else(scene: Scene) -> None:
    no = scene.nos["records"]
    await scene.get(MANAGER, f"/records/{no}/print")

    for reader in (PERSON, HR, BOSS):
        assert (MANAGER, "printed") in {(each["who"], each["how"]) for each in await scene.looks(reader, no=no)}
        assert MANAGER in written(await scene.get(reader, f"/looks?no={no}"))
    for other in (MANAGER, OTHER, FINANCE):
        assert await scene.looks(other, no=no) == []
        assert "还没有人查看过" in (await scene.get(other, "/looks")).text


async def test_the_list_of_looks_goes_on_where_it_stopped(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "PAGE", 2)
    for path in ("", "/print"):
        await scene.get(MANAGER, f"/records/{scene.nos['records']}{path}")
    async with scene.court.office.as_(HR) as client:
        ids: list[int] = []
        before = None
        while before is not None or not ids:
            page = (await client.get("/api/looks", params={"before": before} if before else {})).json()
            ids += [each["id"] for each in page["items"]]
            before = page["next"]

    assert ids == sorted(ids, reverse=True)
    assert len(ids) == len(set(ids)) == await scene.count()


async def test_a_manager_sees_as_long_as_they_hold_the_post_acting_included(scene: Scene) -> None:
    office, path = scene.court.office, f"/records/{scene.nos['records']}"
    assert not await scene.shows(OTHER, path, SAID)
    lent = await office.do(HR, "assign_post", employee=OTHER, post="warehouse_manager", acting=True)
    assert await scene.shows(OTHER, path, SAID)
    (look,) = await scene.looks(PERSON, who=OTHER)
    assert (look["post"], look["acting"]) == ("warehouse_manager", True)
    await scene.an_hour_passes()
    await office.do(HR, "end_post", lent["no"])
    assert not await scene.shows(OTHER, path, SAID)


async def test_whoever_may_not_see_a_paper_may_not_act_on_it_either(scene: Scene) -> None:
    for who in (OTHER, CLERK):
        with_post = PEOPLE["inspector"] if who == CLERK else who
        refused = await scene.court.office.refused(
            with_post, "withdraw_finding", scene.nos["breach-findings"], reason="?"
        )
        assert refused == "not_for_their_eyes"


async def test_the_timeline_tells_a_stranger_what_was_late_and_where_but_not_who(scene: Scene) -> None:
    told = (await scene.get(OTHER, f"/api/timelines/{scene.nos['order']}")).json()
    whole = (await scene.get(HR, f"/api/timelines/{scene.nos['order']}")).json()
    (late,) = [each for each in told["handovers"] if each["status"] == "overran"]
    (known,) = [each for each in whole["handovers"] if each["status"] == "overran"]

    assert known["person"]["employee"] == PERSON
    assert (late["person"]["employee"], late["person"]["post"]) == ("withheld", "storekeeper")
    figures = known.keys() - {"person", "assignee"}
    assert {name: late[name] for name in figures} == {name: known[name] for name in figures}
    page = written(await scene.get(OTHER, f"/timelines/{scene.nos['order']}"))
    assert "另有不在您查看范围内的处罚单:仓库 1" in page
    assert "仓管员" in page


async def test_what_is_over_is_sealed_after_its_time_and_old_looks_are_forgotten(scene: Scene) -> None:
    it, no, finding = scene.court, scene.nos["records"], scene.nos["breach-findings"]
    await it.do(BOSS, "decide_appeal", outcome="revoke", reason="证据不足")
    await it.office.do(PLANNER, "withdraw_finding", finding, reason="记错了")
    sweep = Sweep(it.office.engine, Keeping(record_retention_days=365, look_retention_days=1096))
    await it.office.wait_until(it.office.now + timedelta(days=364))
    await sweep.once()
    assert await scene.shows(HR, f"/records/{no}", SAID)

    await it.office.wait_until(it.office.now + timedelta(days=2))
    await sweep.once()

    for path, what in ((f"/records/{no}", SAID), (f"/breach-findings/{finding}", FOUND)):
        assert await scene.shows(PERSON, path, what)
        answer = await scene.get(HR, f"/api{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "sealed")
        assert (await scene.get(MANAGER, f"/api{path}")).json()["code"] == "not_for_their_eyes"
        assert path.rpartition("/")[2] not in (await scene.get(HR, f"/api{path.rpartition('/')[0]}")).text
    assert "另有不在您查看范围内的处罚单:仓库 1" in (await scene.get(HR, f"/timelines/{scene.nos['order']}")).text
    assert await scene.count() > 0

    await it.office.wait_until(it.office.now + timedelta(days=1097))
    await sweep.once()
    assert await scene.count() == 0


async def test_no_look_can_be_changed_or_taken_back(scene: Scene) -> None:
    await scene.get(HR, f"/records/{scene.nos['records']}")
    for statement in ("DELETE FROM record_looks", "UPDATE record_looks SET who = 'E-001'", "TRUNCATE record_looks"):
        with pytest.raises(asyncpg.PostgresError, match="only ever added to"):
            await scene.court.office.as_owner(statement)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with scene.court.office.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE record_looks SET who = 'E-001'")
