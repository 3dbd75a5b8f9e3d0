"""Who is warned before a handover is late? Its department: at shares of its working time, and when the time is over.

A warning is written in the transaction that remembers it, so that each share is told once; several handovers that reach
theirs together are one message. Sending is tried until the messenger has taken it; then it is forgotten here, like one that
nobody took for a week: a list of who was late is kept nowhere beside the judge's.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.channels import Channel, NotDelivered, send
from chassis.clock import factory_now
from chassis.database import transaction
from chassis.documents import FACTORY
from chassis.driver import fetch, unnest
from chassis.dues import Standards, standards
from chassis.instants import instant
from chassis.language import Label, department, word
from chassis.lives import Elapsed, live_on
from chassis.uuid7 import uuid7

log = structlog.get_logger()

LOOK_EVERY_S = 5.0
SEND_EVERY_S = 1.0
MOST_AT_ONCE = 500
LEASE = timedelta(seconds=60)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 10, 3600
OVERDUE = 100
STALE = timedelta(days=7)
FIRST = (datetime.min.replace(tzinfo=UTC), "", "")

# However many are open: a page at a time, each after the last of the one before. A clock that stands still warns of nothing.
AT_RISK = """
SELECT link, key, order_no, post, assignee, document_no, arrived_at, due_at, stood, warned,
    coalesce(runs_from, opened_at) AS running_from
FROM duties
WHERE closed_at IS NULL AND due_at IS NOT NULL AND paused_at IS NULL AND warned < $1
    AND (due_at, link, key) > ($3, $4, $5)
ORDER BY due_at, link, key LIMIT $2
"""
# Each replica looks at all of them: a share is remembered, and then told, by whoever comes to its row first.
REMEMBER = f"""
WITH mine AS (
    SELECT link, key, share FROM duties
    JOIN {unnest({"link": "text", "key": "text", "due_at": "timestamptz", "share": "integer"})}
    AS told (link, key, due_at, share) USING (link, key, due_at)
    WHERE warned < share AND closed_at IS NULL FOR UPDATE OF duties SKIP LOCKED
)
UPDATE duties SET warned = mine.share FROM mine WHERE duties.link = mine.link AND duties.key = mine.key
RETURNING duties.link, duties.key
"""  # noqa: S608 - names and types are constants
WRITE = """
INSERT INTO warnings (id, channel, body, made_at, next_try_at) VALUES ($1, $2, $3::text::jsonb, $4, clock_timestamp())
"""
TAKE = """
UPDATE warnings SET next_try_at = clock_timestamp() + $1, attempts = attempts + 1
WHERE id = (SELECT id FROM warnings WHERE next_try_at <= clock_timestamp() AND channel = $2
    ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, body::text AS body, attempts
"""
SENT = "DELETE FROM warnings WHERE id = $1"
GIVE_UP = "DELETE FROM warnings WHERE made_at < factory_now() - $1::interval RETURNING channel, problem"
FAILED = """
UPDATE warnings SET problem = $2, next_try_at = clock_timestamp() + $3, body = body || $4::text::jsonb WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A handover of whose working time this share, in percent, is gone; 100 when the time is over."""

    row: Any
    share: int


class Prevention:
    """One service's warnings."""

    def __init__(self, service: str, engine: AsyncEngine, shares: Sequence[int], channels: Sequence[Channel]) -> None:
        self.service, self.engine, self.shares = service, engine, sorted(shares)
        self.channels = {channel.name: channel for channel in channels if channel.is_for(service)}
        self._looked = Elapsed()

    @property
    def due(self) -> bool:
        return self._looked.seconds >= LOOK_EVERY_S

    async def look(self) -> int:
        """Remember, show and write down what has come to be at risk; how many handovers that is."""
        self._looked.restart()
        count, after = 0, FIRST
        while True:
            async with transaction(self.engine) as session:
                rows = await fetch(session, AT_RISK, OVERDUE, MOST_AT_ONCE, *after)
                count += await self._look_at(session, rows)
            if len(rows) < MOST_AT_ONCE:
                return count
            after = (rows[-1]["due_at"], rows[-1]["link"], rows[-1]["key"])

    async def _look_at(self, session: AsyncSession, rows: Sequence[Any]) -> int:
        known, now = await standards(session), await factory_now(session)
        found = list(at_risk(rows, known, now, self.shares))
        return await self.tell(session, found, now) if found else 0

    async def tell(self, session: AsyncSession, found: Sequence[AtRisk], now: datetime) -> int:
        """Write down what no other replica has told; how many handovers that is."""
        told = ((each.row["link"], each.row["key"], each.row["due_at"], each.share) for each in found)
        columns = zip(*told, strict=True)
        claimed = {(row["link"], row["key"]) for row in await fetch(session, REMEMBER, *map(list, columns))}
        mine = [each for each in found if (each.row["link"], each.row["key"]) in claimed]
        session.info["touched"].update(each.row["order_no"] for each in mine)
        for name, channel in self.channels.items() if mine else ():
            body = message(self.service, mine, channel.language)
            await fetch(session, WRITE, uuid7(), name, orjson.dumps(body).decode(), now)
        return len(mine)

    def messengers(self) -> dict[str, Coroutine[Any, Any, None]]:
        """A loop for each: they are slow and sometimes away, and nothing waits for one, another least of all."""
        return {f"messenger {name}": live_on("messenger", partial(self._go_on, name)) for name in self.channels}

    async def _go_on(self, name: str) -> None:
        while True:
            await self.send(name)
            await asyncio.sleep(SEND_EVERY_S)

    async def send(self, name: str) -> int:
        """Send what this messenger is to get now; how many warnings it took."""
        count = 0
        while (taken := await self._take(name)) is not None:
            count += await self._send(self.channels[name], *taken)
        return count

    async def give_up(self) -> int:
        """Forget what no messenger took in a week; how many that were."""
        async with transaction(self.engine) as session:
            rows = await fetch(session, GIVE_UP, STALE)
        for row in rows:
            gone = row["channel"] not in self.channels
            problem = "this channel is not configured any more" if gone else row["problem"]
            log.warning("a warning was given up", channel=row["channel"], problem=problem)
        return len(rows)

    async def _take(self, name: str) -> tuple[UUID, dict[str, Any], int] | None:
        """One warning, ours for a minute: two replicas do not send it both."""
        async with transaction(self.engine) as session:
            rows = await fetch(session, TAKE, LEASE, name)
        if not rows:
            return None
        row = rows[0]
        return row["id"], orjson.loads(row["body"]), row["attempts"]

    async def _send(self, channel: Channel, warning: UUID, body: dict[str, Any], attempts: int) -> int:
        try:
            await send(channel, str(warning), body)
        except NotDelivered as problem:
            pause = timedelta(seconds=min(FIRST_PAUSE_S * 2 ** (attempts - 1), LONGEST_PAUSE_S))
            log.warning(
                "a warning was not taken",
                channel=channel.name,
                warning=str(warning),
                attempts=attempts,
                problem=str(problem),
            )
            left = orjson.dumps({"to": problem.left} if problem.left else {}).decode()
            async with transaction(self.engine) as session:
                await fetch(session, FAILED, warning, str(problem), pause, left)
            return 0
        async with transaction(self.engine) as session:
            await fetch(session, SENT, warning)
        return 1


def at_risk(rows: Iterable[Any], known: Standards, now: datetime, shares: Sequence[int]) -> Iterable[AtRisk]:
    """The handovers that have passed a share they were not warned of yet."""
    for row in rows:
        gone = share_gone(known, row, now)
        passed = max((share for share in (*shares, OVERDUE) if gone >= share), default=0)
        if passed > row["warned"]:
            yield AtRisk(row, passed)


def share_gone(known: Standards, row: Any, now: datetime) -> float:
    """How much of a handover's working time has passed, in percent; what its clock has `stood` is no part of that.

    It is OVERDUE only once nobody who does it now is in time any more, and less as long as the tolerance lasts.
    """
    due, start, stood = instant(row["due_at"]), instant(row["running_from"]), int(row["stood"])
    if instant(now) > due and instant(now) > known.forgiven_until(due, row["arrived_at"]):
        return OVERDUE
    if known.calendar is None or (whole := known.calendar.between(start, due) - stood) <= 0:
        return 0.0
    return min(100 * (known.calendar.between(start, instant(now)) - stood) / whole, OVERDUE - 1)


TITLE = Label("{department}:{count} 项交接即将超时或已超时", "{department}: handovers at risk or overdue: {count}")
LINE = Label("{what} {order} 时限 {due},已用 {share}%({who})", "{what} {order}, due {due}, {share}% gone ({who})")
OVER = Label("{what} {order} 时限 {due},已超时({who})", "{what} {order}, due {due}, overdue ({who})")


def message(service: str, found: Sequence[AtRisk], tongue: str) -> dict[str, Any]:
    """One message about several handovers, for people who read `tongue` and for programs; the most urgent first."""
    return {
        "kind": "handovers_at_risk",
        "department": service,
        "title": TITLE.filled(department=department(service), count=len(found)).said_in(tongue),
        "lines": [line(each).said_in(tongue) for each in found],
        "handovers": [
            {
                "link": each.row["link"],
                "key": each.row["key"],
                "order_no": each.row["order_no"],
                "document_no": each.row["document_no"],
                "post": each.row["post"],
                "assignee": each.row["assignee"],
                "due_at": each.row["due_at"].isoformat(),
                "share_gone": each.share,
            }
            for each in found
        ],
    }


def line(each: AtRisk) -> Label:
    """Posts and employee ids, no names: a messenger is not ours."""
    row = each.row
    return (OVER if each.share >= OVERDUE else LINE).filled(
        what=word(row["link"]),
        order=row["order_no"] or row["key"],
        due=f"{row['due_at'].astimezone(FACTORY):%m-%d %H:%M}",
        share=each.share,
        who=row["assignee"] or word(row["post"]),
    )
