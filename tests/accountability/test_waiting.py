"""Whoever has to decide finds all that waits for them, however much waits for somebody else."""

import html
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import event

from contracts.accountability import Sanction
from services.accountability.judge.verdicts import Person, RecordProposal
from services.accountability.views import waiting_pages
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, Court, court, heavy, proposed
from tests.accountability.owing import EFFECT, FAULT, NOTIFIED_SO, OCTOBER, answer_for, find_fault, owed
from tests.accountability.test_record_pages import opened

Lead = Callable[[Court], Awaitable[None]]


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


async def test_what_waits_is_asked_once_a_page() -> None:
    async with court(major("A", PERSON)) as it:
        await it.at(AFTER)
        browser, asked = await opened(it, HR), list[str]()

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        event.listen(it.office.engine.sync_engine, "before_cursor_execute", note)
        assert it.no in (await browser.get("/waiting")).words
        event.remove(it.office.engine.sync_engine, "before_cursor_execute", note)

    assert sum("penalty_records.fault_found_by" in one and "FROM penalty_records" in one for one in asked) == 1


NEW = "E-091"
"""Somebody who is appointed and is free of everything."""
NOBODY = "没有与此无关的人,请任命一位(可代理)"
APPEAL, OBJECTION = {"appeal": "照片证明没有迟到"}, {"objection": "没有超载"}
UPHELD, BECAUSE = {"outcome": "uphold", "reason": "属实"}, {"reason": "属实"}
DISMISSED = {**BECAUSE, "legal_ground": "第三十九条", "union_notice": "工会函 7", "union_notified_on": "2026-09-02"}


async def heard(it: Court) -> None:
    await it.do((await it.record())["person"], "state_case", statement="照片证明没有迟到")
    await it.at(AFTER)


async def waited(it: Court) -> None:
    await it.at(AFTER)


def issued(by: str) -> Lead:
    async def lead(it: Court) -> None:
        await it.at(AFTER)
        await it.do(by, "issue_record", **BECAUSE)

    return lead


def appealed(by: str) -> Lead:
    async def lead(it: Court) -> None:
        await issued(by)(it)
        await it.do((await it.record())["person"], "make_appeal", **APPEAL)

    return lead


def found(by: str, issuer: str = BOSS, notified: str = "", *, objected: bool = False) -> Lead:
    """By whom intent or gross negligence was found, and who had gone on with it."""

    async def lead(it: Court) -> None:
        no = (await find_fault(it, by))["no"]
        await issued(issuer)(it)
        if notified:
            await it.office.do(notified, "notify_in_writing", no, **NOTIFIED_SO)
        if objected:
            await it.office.do((await it.record())["person"], "object_to_compensation", no, **OBJECTION)
            return
        await it.at(EFFECT if notified else AFTER)
        await it.at(OCTOBER if notified else AFTER)

    return lead


@dataclass(frozen=True)
class Step:
    """A step of due process: its record, what led to it, its command, and to whom it falls.

    `stuck`: nobody is free of it until somebody is appointed to this post.
    """

    command: str
    what: str
    record: RecordProposal
    lead: Lead
    said: dict[str, Any]
    falls_to: str = ""
    stuck: str = ""
    about: str = "records"
    begin: dict[str, Any] = field(default_factory=dict)


def of_hr(proposal: RecordProposal, found_by: str = "") -> RecordProposal:
    """Whoever is alone in HR is the person of this record; and who found what it rests on."""
    (breach,) = proposal.breaches
    facts = {**breach.facts, **({"found_by": found_by} if found_by else {})}
    return replace(proposal, person=Person(HR, "storekeeper", False, None), breaches=(replace(breach, facts=facts),))


ISSUE, HEAVY, GONE = ("issue_record", "处罚单待决定"), heavy(), proposed(sanction=Sanction.DISMISSAL)
DECIDE, NOTIFY = ("decide_appeal", "申诉待决定"), ("notify_in_writing", "赔偿待书面通知")
OBJECT, MONEY = ("decide_objection", "对赔偿的异议待决定"), "compensations"
CONSULT, HELD = (
    ("record_consultation", "处罚单等待征求意见的记录"),
    {
        "rulebook_no": "2026-01",
        "held_on": "2026-09-02",
        "participants": "全体",
        "minutes_reference": "会议纪要 3",
    },
)
READ, ON_PAPER = (
    ("record_paper_acknowledgement", "处罚单等待当事人知悉条款"),
    {
        "rulebook_no": "2026-01",
        "paper_reference": "签收单 9",
    },
)
LOOK_INTO = ("find_fault", "赔偿:有无故意或重大过失")
EARN = ("record_wage", "赔偿待登记工资才能分期")
WAGE: dict[str, Any] = {"effective_month": "2026-01", "monthly_wage": "7351.35"}
NOT_CONSULTED, UNAWARE = {"consulted": None}, {"acknowledged": ""}
STEPS = {
    "a statement is answered by HR": Step(*ISSUE, proposed(), heard, BECAUSE, HR),
    "HR's own by the general manager": Step(*ISSUE, of_hr(proposed()), heard, BECAUSE, BOSS),
    "HR's own that the general manager found": Step(*ISSUE, of_hr(proposed(), BOSS), heard, BECAUSE, stuck="hr"),
    "a dismissal with ground and union": Step(*ISSUE, GONE, waited, DISMISSED, HR),
    "HR's own dismissal": Step(*ISSUE, of_hr(GONE), waited, DISMISSED, BOSS),
    "an appeal against HR": Step(*DECIDE, HEAVY, appealed(HR), UPHELD, BOSS),
    "an appeal against the general manager": Step(*DECIDE, HEAVY, appealed(BOSS), UPHELD, HR),
    "HR's own appeal against the general manager": Step(*DECIDE, of_hr(HEAVY), appealed(BOSS), UPHELD, stuck="hr"),
    "a notification of what the general manager found": Step(
        *NOTIFY, owed(), found(BOSS, HR), NOTIFIED_SO, HR, about=MONEY
    ),
    "of what HR found": Step(*NOTIFY, owed(), found(HR), NOTIFIED_SO, BOSS, about=MONEY),
    "HR's own notification": Step(*NOTIFY, of_hr(owed()), found(BOSS), NOTIFIED_SO, stuck="hr", about=MONEY),
    "an objection to what one found and the other notified": Step(
        *OBJECT, owed(), found(HR, BOSS, BOSS, objected=True), UPHELD, stuck="hr", about=MONEY
    ),
    "a consultation": Step(*CONSULT, HEAVY, waited, HELD, HR, begin=NOT_CONSULTED),
    "a consultation that HR's own record waits for": Step(
        *CONSULT, of_hr(HEAVY), waited, HELD, BOSS, begin=NOT_CONSULTED
    ),
    "who knows the rules": Step(*READ, HEAVY, waited, ON_PAPER, HR, begin=UNAWARE),
    "whether HR knows the rules": Step(*READ, of_hr(HEAVY), waited, ON_PAPER, BOSS, begin=UNAWARE),
    "whether there was fault": Step(*LOOK_INTO, owed(), issued(HR), FAULT, HR),
    "whether there was fault in HR's own case": Step(*LOOK_INTO, of_hr(owed()), issued(BOSS), FAULT, BOSS),
    "instalments": Step(*EARN, owed(), found(BOSS, HR, HR), WAGE, HR, about=MONEY),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
async def test_each_step_falls_to_somebody_who_is_told_and_may_do_it(step: Step) -> None:
    async with court(step.record, **step.begin) as it:
        await step.lead(it)
        told = {who: step.what in await listed(it, who) for who in (HR, BOSS)}
        if step.stuck:
            assert told == {HR: True, BOSS: True}
            assert NOBODY in await listed(it, HR)
            await it.office.do(HR, "register_employee", no=NEW, nickname="小新", department="accountability")
            await it.office.do(HR, "assign_post", employee=NEW, post=step.stuck, acting=True)
            assert step.what not in await listed(it, BOSS)
        else:
            assert told == {HR: step.falls_to == HR, BOSS: step.falls_to == BOSS}
        who = step.falls_to or NEW
        shown = await (await opened(it, who)).get("/waiting")
        assert NOBODY not in shown.words
        way = re.search(rf'href="(/commands/{step.command.replace("_", "-")}[^"]*)"', shown.html)
        assert way, shown.html
        assert (await (await opened(it, who)).get(html.unescape(way[1]))).status == 200

        await it.office.do(who, *await command_of(it, step), **await said_of(it, step))
        await it.follow(it.office.now)

        assert step.what not in await listed(it, who)


async def command_of(it: Court, step: Step) -> tuple[str, ...]:
    """The command, with the number of what it is about where it is about a document."""
    if step.said in (HELD, ON_PAPER, WAGE, FAULT):
        return (step.command,)
    if step.about == "records":
        return (step.command, it.no)
    async with it.office.as_(BOSS) as client:
        (one,) = (await client.get("/api/compensations")).json()["items"]
    return (step.command, one["no"])


async def said_of(it: Court, step: Step) -> dict[str, Any]:
    person = (await it.record())["person"]
    if step.said is FAULT:
        return {**FAULT, "record_no": it.no}
    return {**step.said, **({"employee": person} if step.said in (ON_PAPER, WAGE) else {})}


async def test_only_the_wage_of_whoever_is_alone_in_hr_is_for_the_general_manager_to_enter() -> None:
    async with court() as it:
        assert await it.office.refused(HR, "record_wage", employee=HR, **WAGE) == "own_case"
        assert await it.office.refused(BOSS, "record_wage", employee=PERSON, **WAGE) == "for_hr_to_enter"
        entered = await (await opened(it, BOSS)).fill("/commands/record-wage", employee=HR, **WAGE)
        await it.office.do(HR, "record_wage", employee=PERSON, **WAGE)
        await it.office.employ(hr=OTHER)
        assert await it.office.refused(BOSS, "record_wage", employee=HR, **WAGE) == "for_hr_to_enter"
        async with it.office.as_(HR) as client:
            known = (await client.get("/api/wages")).json()["items"]

    assert (entered.status, entered.answer.headers["location"]) == (303, "/")
    assert {(each["employee"], each["made_by"]) for each in known} == {(HR, BOSS), (PERSON, HR)}


async def test_nobody_records_on_paper_that_they_know_the_rules_themselves() -> None:
    async with court(acknowledged="") as it:
        for who in (HR, BOSS):
            assert await it.office.refused(who, "record_paper_acknowledgement", employee=who, **ON_PAPER) == "own_case"
        await it.office.do(BOSS, "record_paper_acknowledgement", employee=HR, **ON_PAPER)


async def test_what_was_not_looked_into_in_time_is_not_shown_as_owed() -> None:
    """HR and the general manager are told by when; after that the record says that nothing is payable."""
    async with court(owed()) as it:
        await issued(HR)(it)
        assert "到 2026-09-10 09:03 为止" in await listed(it, HR)
        await it.at(EFFECT)

        assert LOOK_INTO[1] not in await listed(it, HR)
        assert (await it.record())["status"] == "in_effect"
        page, mine = await opened(it, PERSON), await opened(it, PERSON)
        assert "无须赔付:可以申诉期间没有人认定故意或重大过失" in (await mine.get("/mine")).words
        for path in ("", "/print"):
            shown = (await page.get(f"/records/{it.no}{path}")).words
            assert "无须赔付:可以申诉期间没有人认定故意或重大过失" in shown
            assert "没有及时认定故意或重大过失:无须赔付。" in shown


async def test_where_fault_was_found_the_record_is_in_effect_as_always() -> None:
    async with court(owed()) as it:
        await answer_for(it)

        assert "无须赔付" not in (await (await opened(it, PERSON)).get(f"/records/{it.no}")).words
