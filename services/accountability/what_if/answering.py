"""By whom is a question what-if answered, and when is its work ended? Read only: the judge and every record stay as they are."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import structlog
import yaml
from pydantic import Field, TypeAdapter
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import reading, transaction
from chassis.documents import lock, move
from chassis.instants import midnight
from chassis.language import Label
from services.accountability.models import WhatIf, WhatIfStatus
from services.accountability.what_if.comparing import MOST_LINES
from services.accountability.what_if.models_what_if import SupposedTenure, WhatIfLine
from services.accountability.what_if.supposing import CalendarChange
from services.accountability.what_if.what_ifs import calendar_change, midnight_after

log = structlog.get_logger()

LOOK_EVERY_S = 0.3
PROGRAM = "services.accountability.what_if.what_if"
MOST_STARTS = 3
MOST_SAID = 4_000
AN_INSTANT = timedelta(microseconds=1)
BROKE_OFF = Label(
    "推演中断,没有结果;任何记录都未改变。请再提一次;若再次中断,请把单号告诉系统管理员,原因在服务日志中。",
    "The replay broke off without an answer; no record was changed. Please ask again; if it breaks off again, "
    "tell the administrator this number: the cause is in the service's log.",
)
TOOK_TOO_LONG = Label(
    "推演 {minutes} 分钟后仍未完成,已停止,没有结果;任何记录都未改变。请检查所假设条款中的算式;"
    "若确实需要更长时间,请系统管理员调高 HANDOVER_WHAT_IF_MINUTES。",
    "After {minutes} minutes there was no answer, and the replay was stopped; no record was changed. Please look at the "
    "expressions of the supposed rules; if it does need longer, ask the administrator to raise HANDOVER_WHAT_IF_MINUTES.",
)


class Limit(BaseSettings):
    """How long one question may be worked at while all others wait, in minutes that really pass; HANDOVER_WHAT_IF_MINUTES."""

    model_config = SettingsConfigDict(env_prefix="HANDOVER_", extra="ignore")

    what_if_minutes: float = Field(default=60, gt=0)


class ReplayFailed(Exception):
    """The program ended without an answer; the text is the end of what it complained of, for the log."""


class TookTooLong(Exception):
    """The program was stopped, since the time that a question may take was over."""


class NotWanted(Exception):
    """Somebody has cancelled the question."""


class WhatIfs:
    """Answers one question after the other, each in a process of its own; one that was cut off is begun anew, but not for ever.

    A question that takes the whole service down with it, by its memory for instance, would do so at every start; one that does
    not end would keep all others waiting.
    """

    def __init__(self, engine: AsyncEngine, database_url: str, limit: Limit | None = None) -> None:
        self.engine, self.database_url, self.limit = engine, database_url, limit or Limit()

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
            await self.answer(asked, request)
        except NotWanted:
            log.info("what_if_cancelled", no=asked.no)
        return True

    async def answer(self, asked: WhatIf, request: Mapping[str, Any]) -> None:
        """Raises NotWanted."""
        try:
            if asked.starts >= MOST_STARTS:
                raise ReplayFailed(f"begun {asked.starts} times, and cut off each time")
            await self.write(asked.no, None, starts=asked.starts + 1)
            told = await self.replay_while_wanted(asked.no, request)
        except ReplayFailed as failure:
            log.error("what_if_failed", no=asked.no, said=str(failure))
            await self.fail(asked.no, BROKE_OFF)
        except TookTooLong:
            minutes = f"{self.limit.what_if_minutes:g}"
            log.error("what_if_took_too_long", no=asked.no, minutes=minutes)
            await self.fail(asked.no, TOOK_TOO_LONG.filled(minutes=minutes))
        else:
            lines = tuple(line_of(each) for each in told[:MOST_LINES])
            await self.write(asked.no, WhatIfStatus.DONE, lines=lines, differences=len(told), percent_done=100)

    async def replay_while_wanted(self, no: str, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The program may have hung and say nothing: whether it is wanted and has time left is looked at beside it.

        Raises NotWanted and TookTooLong.
        """
        work = asyncio.create_task(self.replay(no, request))
        try:
            async with asyncio.timeout(self.limit.what_if_minutes * 60) as limited:
                while not (await asyncio.wait({work}, timeout=LOOK_EVERY_S))[0]:
                    await self.check_wanted(no)
                return await work
        except TimeoutError:
            if not limited.expired():
                raise
            raise TookTooLong from None
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def check_wanted(self, no: str) -> None:
        async with reading(self.engine) as session:
            if await session.scalar(select(WhatIf.status).where(WhatIf.no == no)) != WhatIfStatus.RUNNING:
                raise NotWanted

    async def replay(self, no: str, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run the program to its end, writing down how far it is; whatever ends this ends all processes that it has begun."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "HANDOVER_DATABASE_URL": self.database_url},
            limit=1 << 26,
            start_new_session=True,
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
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            complaints.cancel()

    async def fail(self, no: str, problem: Label) -> None:
        await self.write(no, WhatIfStatus.FAILED, problem_zh=problem.zh, problem_en=problem.en)

    async def write(self, no: str, status: WhatIfStatus | None, **fields: Any) -> None:
        """Raises NotWanted where somebody was faster and has cancelled it."""
        async with transaction(self.engine) as session:
            session.info["service"] = "accountability"
            document = await lock(session, WhatIf, no)
            if document.status != WhatIfStatus.RUNNING:
                raise NotWanted
            if status is not None:
                move(document, status)
            for name, value in fields.items():
                setattr(document, name, value)


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
        before_amount=before.get("amount"),
        after_amount=after.get("amount"),
        at=told["at"],
        reasons_zh=";".join(reason["zh"] for reason in told["reasons"]),
        reasons_en="; ".join(reason["en"] for reason in told["reasons"]),
    )
