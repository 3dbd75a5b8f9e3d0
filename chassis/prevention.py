"""Who is warned before a handover is late? Its department: at shares of its working time, and when the time is over.

A warning is written in the transaction that remembers it, so that each share is told once. What waits for a messenger goes
out as one message, which says what is true then: what is done by now, or has more time, is left out. Sending is tried until the
messenger has taken it; then it is forgotten here, like what nobody took for a week: a list of who was late is kept nowhere
beside the judge's.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.channels import Channel, NotDelivered, send
from chassis.clock import factory_now
from chassis.database import transaction
from chassis.driver import fetch, unnest
from chassis.dues import Standards, standards
from chassis.instants import instant
from chassis.lives import Elapsed, live_on
from chassis.uuid7 import uuid7
from chassis.warning_texts import OVERDUE, AtRisk, message

log = structlog.get_logger()

LOOK_EVERY_S = 5.0
SEND_EVERY_S = 1.0
MOST_AT_ONCE = 500
LEASE = timedelta(seconds=60)
# WeCom and DingTalk take twenty messages a minute of a group's robot: enough for two from each of seven departments.
APART_S = 30.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = APART_S, 3600
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
WAITING = {"id": "uuid", "link": "text", "key": "text", "share": "integer"}
WRITE = f"""
INSERT INTO warnings (id, link, key, share, channel, made_at, next_try_at)
SELECT id, link, key, share, $5, $6, clock_timestamp() FROM {unnest(WAITING)} AS told ({", ".join(WAITING)})
"""  # noqa: S608 - names and types are constants
# All that waits for one channel, which is held back as a whole; a handover whose clock stands waits until it goes on. What is
# done, or was given more time, has no such share of its time gone any more: of it nothing comes back but the number.
TAKE = """
WITH ready AS (
    SELECT id FROM warnings WHERE channel = $1 AND next_try_at <= clock_timestamp()
        AND NOT EXISTS (SELECT FROM warnings AS held
            WHERE held.channel = $1 AND held.recipients IS NULL AND held.next_try_at > clock_timestamp())
        AND NOT EXISTS (SELECT FROM duties WHERE duties.link = warnings.link AND duties.key = warnings.key
            AND duties.closed_at IS NULL AND duties.paused_at IS NOT NULL)
    ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE warnings SET next_try_at = clock_timestamp() + $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM ready)
    RETURNING id, link, key, share, attempts, recipients
)
SELECT taken.id, taken.share, taken.attempts, taken.recipients, duties.link, duties.key, order_no, post, assignee, document_no,
    arrived_at, due_at, stood, coalesce(runs_from, opened_at) AS running_from
FROM taken LEFT JOIN duties ON duties.link = taken.link AND duties.key = taken.key
    AND duties.closed_at IS NULL AND duties.due_at IS NOT NULL AND duties.warned = taken.share
ORDER BY due_at, duties.link, duties.key
"""
FORGET = "DELETE FROM warnings WHERE id = ANY($1)"
GIVE_UP = """
DELETE FROM warnings WHERE id IN (
    SELECT id FROM warnings WHERE made_at < factory_now() - $1::interval FOR UPDATE SKIP LOCKED
) RETURNING channel, problem
"""
FAILED = """
UPDATE warnings SET problem = $2, next_try_at = clock_timestamp() + $3, recipients = coalesce($4, recipients)
WHERE id = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out as one message: the warnings that it is of, and to which of a channel's addresses, if not to all."""

    warnings: tuple[UUID, ...]
    to: Sequence[str] | None
    attempts: int
    body: dict[str, Any]

    @property
    def id(self) -> str:
        """The same for the same warnings, so that a repetition is known."""
        return str(uuid5(min(self.warnings), " ".join(map(str, sorted(self.warnings)))))


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
        for name in self.channels if mine else ():
            rows = [(uuid7(), each.row["link"], each.row["key"], each.share) for each in mine]
            await fetch(session, WRITE, *map(list, zip(*rows, strict=True)), name, now)
        return len(mine)

    def messengers(self) -> dict[str, Coroutine[Any, Any, None]]:
        """A loop for each: they are slow and sometimes away, and nothing waits for one, another least of all."""
        return {f"messenger {name}": live_on("messenger", partial(self._go_on, name)) for name in self.channels}

    async def _go_on(self, name: str) -> None:
        while True:
            took = await self.send(name)
            await asyncio.sleep(APART_S if took else SEND_EVERY_S)

    async def send(self, name: str) -> int:
        """Send what this messenger is to get now; how many messages it took."""
        return sum([await self._send(self.channels[name], parcel) for parcel in await self._take(name)])

    async def give_up(self) -> int:
        """Forget what no messenger took in a week; of how many handovers that was."""
        async with transaction(self.engine) as session:
            rows = await fetch(session, GIVE_UP, STALE)
        for (name, said), count in Counter((row["channel"], row["problem"]) for row in rows).items():
            problem = said if name in self.channels else "this channel is not configured any more"
            log.warning("warnings were given up", channel=name, handovers=count, problem=problem)
        return len(rows)

    async def _take(self, name: str) -> list[Parcel]:
        """All that waits, ours for a minute: two replicas do not send it both. What is not true any more is forgotten."""
        async with transaction(self.engine) as session:
            rows = await fetch(session, TAKE, name, LEASE, MOST_AT_ONCE)
            known, now = await standards(session), await factory_now(session)
            found = list(still_true(rows, known, now))
            if over := {row["id"] for row in rows} - {each.row["id"] for each in found}:
                await fetch(session, FORGET, list(over))
        return list(self._packed(found, now, self.channels[name].language))

    def _packed(self, found: Sequence[AtRisk], now: datetime, tongue: str) -> Iterator[Parcel]:
        """One message for all; letters for some of the addresses are messages of their own."""
        groups: dict[tuple[str, ...] | None, list[AtRisk]] = {}
        for each in found:
            to = each.row["recipients"]
            groups.setdefault(None if to is None else tuple(to), []).append(each)
        for recipients, group in groups.items():
            warnings, attempts = zip(*((each.row["id"], each.row["attempts"]) for each in group), strict=True)
            once = {(each.row["link"], each.row["key"]): each for each in group}
            yield Parcel(warnings, recipients, max(attempts), message(self.service, list(once.values()), now, tongue))

    async def _send(self, channel: Channel, parcel: Parcel) -> int:
        try:
            await send(channel, parcel.id, parcel.body, parcel.to)
        except NotDelivered as problem:
            log.warning(
                "a warning was not taken",
                channel=channel.name,
                warning=parcel.id,
                attempts=parcel.attempts,
                problem=str(problem),
            )
            pause_s = max(min(FIRST_PAUSE_S * 2 ** (parcel.attempts - 1), LONGEST_PAUSE_S), problem.wait_s)
            left = list(problem.left) or None
            async with transaction(self.engine) as session:
                await fetch(session, FAILED, list(parcel.warnings), str(problem), timedelta(seconds=pause_s), left)
            return 0
        async with transaction(self.engine) as session:
            await fetch(session, FORGET, list(parcel.warnings))
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


def still_true(rows: Iterable[Any], known: Standards, now: datetime) -> Iterator[AtRisk]:
    """Those of what was to be told that are so by now, each with what is gone now; that one is overdue is told by itself."""
    for row in rows:
        gone = share_gone(known, row, now) if row["link"] else 0.0
        if gone >= row["share"]:
            yield AtRisk(row, max(row["share"], min(int(gone), OVERDUE - 1)))
