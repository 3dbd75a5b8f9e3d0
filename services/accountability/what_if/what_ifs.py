"""How is a question what-if asked, and by whom is it answered? Read only: the judge and every record stay as they are."""

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import orjson
import structlog
import yaml
from pydantic import Field, TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import reading, transaction
from chassis.desk import Form, Hint
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.instants import FACTORY, midnight
from chassis.language import Label
from contracts.accountability import Shift
from services.accountability.models import WhatIf, WhatIfStatus
from services.accountability.people import calendars
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules import rulebooks
from services.accountability.what_if.models_what_if import SupposedTenure, WhatIfLine
from services.accountability.what_if.supposing import CalendarChange
from services.accountability.what_if.tenures import TenureRow, check_tenures

log = structlog.get_logger()

LOOK_EVERY_S = 0.3
PROGRAM = "services.accountability.what_if.what_if"
MOST_LINES = 2_000
MOST_STARTS = 3
MOST_SAID = 4_000
AN_INSTANT = timedelta(microseconds=1)
BROKE_OFF = Label(
    "推演中断,没有结果;任何记录都未改变。请再提一次;若再次中断,请把单号告诉系统管理员,原因在服务日志中。",
    "The replay broke off without an answer; no record was changed. Please ask again; if it breaks off again, "
    "tell the administrator this number: the cause is in the service's log.",
)


class NothingSupposed(Refusal):
    status, code, field = 422, "nothing_supposed", "rules"
    message = Label(
        "没有任何假设。请给出责任条款、休息日、加班日、班次、周末或任职名册中的至少一项。",
        "Nothing is supposed. Please give at least one of rulebook, days off, extra working days, shifts, weekend and posts.",
    )


class PeriodUnclear(Refusal):
    status, code, field = 422, "period_unclear", "until"
    message = Label(
        "期间从 {since} 到 {until} 不成立。请让起始日期早于结束日期。",
        "There is no period from {since} to {until}. Please let it begin before it ends.",
    )


AS_IT_WAS = Hint(
    Label(
        "留空即按当时有效的条款;写明的一份代替期间内所有版本",
        "Blank: the rules that were in force. What is written stands for every version of the period",
    )
)
WHOLE_POSTS = Hint(
    Label(
        "写明的岗位只由所列的人任职;其他岗位不变",
        "Who is named to a post stands for all its holders; other posts are held as they were",
    )
)
FROM_THE_BEGINNING = Hint(Label("留空即从头", "Blank: from the beginning"))
UP_TO_NOW = Hint(Label("留空即到现在", "Blank: up to now"))


class Question(Form):
    """What is supposed instead of what was. A rulebook as YAML stands for all that were in force, shifts and weekend for those of
    every calendar, and who is named to a post for all its holders; other days and posts are as they were.
    """

    question: str = Field(min_length=1, max_length=400)
    rules: Annotated[str, AS_IT_WAS] = Field(default="", max_length=400_000)
    days_off: Annotated[tuple[date, ...], calendars.DAY] = Field(default=(), max_length=366)
    extra_working_days: Annotated[tuple[date, ...], calendars.DAY] = Field(default=(), max_length=366)
    shifts: Annotated[tuple[Shift, ...], calendars.TIMES] = Field(default=(), max_length=20)
    weekend: Annotated[tuple[int, ...], calendars.WEEKDAYS] = Field(default=(), max_length=7)
    tenures: Annotated[tuple[TenureRow, ...], WHOLE_POSTS] = Field(default=(), max_length=2_000)
    since: Annotated[date | None, FROM_THE_BEGINNING] = None
    until: Annotated[date | None, UP_TO_NOW] = None


async def ask(session: AsyncSession, form: Question, *, maker: str, now: datetime) -> WhatIf:
    """Write the question down; it is answered beside the service's work. `until` is today where it is left out."""
    calendar = calendar_change(form)
    if not (form.rules or calendar or form.tenures):
        raise NothingSupposed
    if calendar:
        calendars.check(calendar.made_to(shipped_calendar()))
    until = min(now, midnight_after(form.until)) if form.until else now
    if form.since and midnight(form.since) >= until:
        raise PeriodUnclear(since=form.since, until=form.until or until.astimezone(FACTORY).date())
    await check_tenures(session, form.tenures)
    if form.rules:
        rulebooks.validated(form.rules, field="rules")
    document = WhatIf(
        **form.model_dump(exclude={"until", "tenures", "shifts"}),
        tenures=form.tenures,
        shifts=form.shifts,
        until=until,
        no=await next_number(session, WhatIf.code, now),
        status=WhatIfStatus.RUNNING,
        percent_done=0,
        starts=0,
        differences=None,
        lines=(),
        problem_zh="",
        problem_en="",
        made_by=maker,
        made_at=now,
    )
    session.add(document)
    return document


def midnight_after(day: date) -> datetime:
    return midnight(day + timedelta(days=1))


class WhatIfs:
    """Answers one question after the other, each in a process of its own; one that was cut off is begun anew, but not for ever.

    A question that takes the whole service down with it, by its memory for instance, would do so at every start.
    """

    def __init__(self, engine: AsyncEngine, database_url: str) -> None:
        self.engine, self.database_url = engine, database_url

    async def live(self) -> None:
        while True:
            if not await self.answer_next():
                await asyncio.sleep(LOOK_EVERY_S)

    async def answer_next(self) -> bool:
        """Whether there was a question."""
        async with reading(self.engine) as session:
            oldest = select(WhatIf).where(WhatIf.status == WhatIfStatus.RUNNING).order_by(WhatIf.no).limit(1)
            asked = await session.scalar(oldest)
            if asked is None:
                return False
            request = await request_of(session, asked)
        try:
            if asked.starts >= MOST_STARTS:
                raise ReplayFailed(f"begun {asked.starts} times, and cut off each time")
            await self.write(asked.no, None, starts=asked.starts + 1)
            told = await self.replay(asked.no, request)
        except ReplayFailed as failure:
            log.error("what_if_failed", no=asked.no, said=str(failure))
            await self.write(asked.no, WhatIfStatus.FAILED, problem_zh=BROKE_OFF.zh, problem_en=BROKE_OFF.en)
        else:
            lines = tuple(line_of(each) for each in told[:MOST_LINES])
            await self.write(asked.no, WhatIfStatus.DONE, lines=lines, differences=len(told), percent_done=100)
        return True

    async def replay(self, no: str, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run the program to its end, writing down how far it is."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "HANDOVER_DATABASE_URL": self.database_url},
            limit=1 << 26,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        complaints = asyncio.create_task(process.stderr.read())
        try:
            process.stdin.write(orjson.dumps(request))
            process.stdin.write_eof()
            async for line in process.stdout:
                said = orjson.loads(line)
                if "differences" in said:
                    found: list[dict[str, Any]] = said["differences"]
                    return found
                await self.write(no, None, percent_done=99 * said["done"] // max(said["of"], 1))
            raise ReplayFailed((await complaints).decode(errors="replace").strip()[-MOST_SAID:])
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            complaints.cancel()

    async def write(self, no: str, status: WhatIfStatus | None, **fields: Any) -> None:
        async with transaction(self.engine) as session:
            session.info["service"] = "accountability"
            document = await lock(session, WhatIf, no)
            if status is not None:
                move(document, status)
            for name, value in fields.items():
                setattr(document, name, value)


class ReplayFailed(Exception):
    """The program ended without an answer; the text is the end of what it complained of, for the log."""


async def request_of(session: AsyncSession, asked: WhatIf) -> dict[str, Any]:
    """What the program is told: whatever period is asked about, everything known by now counts."""
    supposition: dict[str, Any] = {"rules": yaml.safe_load(asked.rules) if asked.rules else None}
    if (calendar := calendar_change(asked)) is not None:
        supposition["calendar"] = TypeAdapter(CalendarChange).dump_python(calendar, mode="json")
    if asked.tenures:
        supposition["tenures"] = [supposed(tenure) for tenure in asked.tenures]
    since = midnight(asked.since) if asked.since else None
    known = await factory_now(session) + AN_INSTANT
    return {"supposition": supposition, "until": known, "since": since, "before": asked.until}


def calendar_change(asked: WhatIf | Question) -> CalendarChange | None:
    """What is supposed of the calendars; None where nothing is."""
    change = CalendarChange(asked.days_off, asked.extra_working_days, asked.shifts, asked.weekend)
    return None if change == CalendarChange() else change


def supposed(tenure: SupposedTenure) -> dict[str, Any]:
    until = midnight_after(tenure.until) if tenure.until else None
    known = tenure.model_dump(include={"employee", "post", "acting"})
    return {**known, "since": midnight(tenure.since), "until": until}


def line_of(told: Mapping[str, Any]) -> WhatIfLine:
    before, after = told["before"] or {}, told["after"] or {}
    either = after or before
    return WhatIfLine(
        change=told["change"],
        clause=either["clause"],
        order_no=either["order_no"],
        before_person=before.get("person"),
        after_person=after.get("person"),
        before_sanction=before.get("sanction"),
        after_sanction=after.get("sanction"),
        at=told["at"],
        reasons_zh=";".join(reason["zh"] for reason in told["reasons"]),
        reasons_en="; ".join(reason["en"] for reason in told["reasons"]),
    )
