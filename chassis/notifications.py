"""What does somebody have to know of a record or a compensation in their own name? It stands on every page they open.

A department keeps the notifications of its own people alone, and nothing of what a document says: no amount either.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.consumers import Consumers
from chassis.database import transaction
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import (
    AppealDecided,
    CompensationFound,
    CompensationNotified,
    CompensationPlanned,
    CompensationWithdrawn,
    ObjectionDecided,
    PeriodLengthened,
    RecordIssued,
    RecordLapsed,
    RecordNotified,
    RecordWithdrawn,
)
from contracts.event import Event

OfMoney = CompensationFound | CompensationNotified | ObjectionDecided | CompensationPlanned | CompensationWithdrawn
Told = RecordNotified | RecordIssued | AppealDecided | RecordWithdrawn | RecordLapsed | PeriodLengthened | OfMoney

SHOWN_FOR = timedelta(days=7)
"""What needs no answer is shown so long; the rest until its time is over."""

KEPT_FOR = timedelta(days=30)
"""After it was shown, so that an older fact that comes late is known to be older; then a department need not know any more
that there was a record."""

# `record_no` is the number of whichever document it is about. Facts may arrive in any order: the latest recorded counts.
KEEP = text("""
INSERT INTO notifications (record_no, person, stage, told_at, show_until)
SELECT :record_no, employee, :stage, CAST(:told_at AS timestamptz), CAST(:show_until AS timestamptz) FROM employees
WHERE employee = :person AND department = :service
ON CONFLICT (record_no) DO UPDATE
SET stage = excluded.stage, told_at = excluded.told_at, show_until = excluded.show_until
WHERE notifications.told_at <= excluded.told_at
""")
FORGET = text("DELETE FROM notifications WHERE show_until < factory_now() - CAST(:kept_for AS interval)")

WORDS = {
    "notified": Label("已通知您。您可以申辩", "You were told of it and may state your case"),
    "notified_nth": Label(
        "已通知您,连同此前的警告,可能升级为小过。您可以申辩",
        "You were told of it; with earlier warnings it may become a minor demerit. You may state your case",
    ),
    "issued": Label("已发出。您可以申诉", "It was issued and you may appeal"),
    "appeal_decided": Label("您的申诉已有决定", "Your appeal was decided"),
    "withdrawn": Label("已撤销", "It was withdrawn"),
    "lapsed_at_once": Label(
        "后来的证据更正了已失效的处罚单,本单同样已失效,不再计入。您无须答复",
        "Later evidence corrected a record that had lapsed: this one has lapsed as well and counts no longer. You need not answer",
    ),
    "lengthened": Label(
        "因系统中断,期限已顺延。您还可以答复",
        "The system was down, and the time for your answer is longer by that",
    ),
    "compensation_lengthened": Label(
        "因系统中断,异议期已顺延。您还可以提出异议",
        "The system was down, and the time for your objection is longer by that",
    ),
    "fell_back": Label(
        "升级所计入的一份不再成立,已退回警告", "One that its escalation had counted fell: it is a warning again"
    ),
    "compensation_found": Label(
        "已认定由您赔偿。金额的计算见单据", "You were found to answer for it; it shows the computation"
    ),
    "compensation_notified": Label(
        "已书面通知您。金额的计算见单据", "You were notified of it in writing; it shows the computation"
    ),
    "compensation_open": Label(
        "已书面通知您,金额的计算见单据。您可以提出异议",
        "You were notified of it in writing; it shows the computation. You may object",
    ),
    "compensation_objection_decided": Label("您的异议已有决定", "Your objection was decided"),
    "compensation_planned": Label(
        "分期计划已定,见其处罚单;只有您和人事看得到",
        "Its instalments are planned; its record shows them to you and to HR alone",
    ),
    "compensation_left": Label(
        "您的异议已有决定,分期计划已定,见其处罚单;只有您和人事看得到",
        "Your objection was decided and its instalments are planned; its record shows them to you and to HR alone",
    ),
    "compensation_withdrawn": Label("已撤回", "It was withdrawn"),
}
RECORD = (Label("处罚单", "Record"), "records")
COMPENSATION = (Label("赔偿", "Compensation"), "compensations")
ANSWERED = frozenset(
    {"notified", "notified_nth", "issued", "compensation_open", "lengthened", "compensation_lengthened"}
)
"""Stages whose end is the last moment for an answer."""


async def on_record_notified(event: RecordNotified, session: AsyncSession) -> None:
    await keep(session, event, "notified_nth" if event.nth_warning else "notified", event.statement_until)


async def on_record_issued(event: RecordIssued, session: AsyncSession) -> None:
    await keep(session, event, "issued", event.appeal_until)


async def on_appeal_decided(event: AppealDecided, session: AsyncSession) -> None:
    await keep(session, event, "appeal_decided")
    await keep_fallen_back(session, event)


async def on_record_withdrawn(event: RecordWithdrawn, session: AsyncSession) -> None:
    if event.person_was_told:
        await keep(session, event, "withdrawn")
    await keep_fallen_back(session, event)


async def on_record_lapsed(event: RecordLapsed, session: AsyncSession) -> None:
    """That a term is over everybody was told when it began; what lapsed before they could be told of it is news."""
    if event.term_from:
        await keep(session, event, "lapsed_at_once")


async def on_compensation_found(event: CompensationFound, session: AsyncSession) -> None:
    await keep(session, event, "compensation_found")


async def on_compensation_notified(event: CompensationNotified, session: AsyncSession) -> None:
    """With a last moment for an objection; facts from before there was one have none."""
    stage = "compensation_open" if event.objection_until else "compensation_notified"
    await keep(session, event, stage, event.objection_until)


async def on_objection_decided(event: ObjectionDecided, session: AsyncSession) -> None:
    await keep(session, event, "compensation_objection_decided")


async def on_compensation_planned(event: CompensationPlanned, session: AsyncSession) -> None:
    """Soon after a decision on an objection: that must not go unseen."""
    await keep(session, event, "compensation_left" if event.objection_outcome else "compensation_planned")


async def on_compensation_withdrawn(event: CompensationWithdrawn, session: AsyncSession) -> None:
    await keep(session, event, "compensation_withdrawn")


async def on_period_lengthened(event: PeriodLengthened, session: AsyncSession) -> None:
    stage = "compensation_lengthened" if event.compensation_no else "lengthened"
    await keep(session, event, stage, event.until, about=event.compensation_no)


KEEPERS: Mapping[type[Event], Callable[[Any, AsyncSession], Awaitable[None]]] = {
    RecordNotified: on_record_notified,
    RecordIssued: on_record_issued,
    AppealDecided: on_appeal_decided,
    RecordWithdrawn: on_record_withdrawn,
    RecordLapsed: on_record_lapsed,
    PeriodLengthened: on_period_lengthened,
    CompensationFound: on_compensation_found,
    CompensationNotified: on_compensation_notified,
    ObjectionDecided: on_objection_decided,
    CompensationPlanned: on_compensation_planned,
    CompensationWithdrawn: on_compensation_withdrawn,
}


def follow(consumers: Consumers) -> None:
    """Let a department hear what its people have to know."""
    for kind, keeper in KEEPERS.items():
        consumers.on(kind)(keeper)


async def tell(session: AsyncSession, event: Told) -> None:
    """State what its person has to know, and keep it for a person of this department: a service does not hear itself."""
    await publish(session, event)
    await KEEPERS[type(event)](event, session)


async def keep_fallen_back(session: AsyncSession, event: AppealDecided | RecordWithdrawn) -> None:
    """With one record another of the same person may have become lighter."""
    if event.falls_back:
        await keep(session, event, "fell_back", about=event.falls_back)


async def keep(
    session: AsyncSession, event: Told, stage: str, until: datetime | None = None, *, about: str | None = None
) -> None:
    envelope = session.info.get("envelope")
    told_at = envelope.time if envelope else await factory_now(session)
    values = {
        "record_no": about or (event.compensation_no if isinstance(event, OfMoney) else event.record_no),
        "person": event.person,
        "service": session.info["service"],
        "stage": stage,
        "told_at": told_at,
        "show_until": until or told_at + SHOWN_FOR,
    }
    await session.execute(KEEP, values)


async def forget_notifications(engine: AsyncEngine) -> None:
    """What nobody is shown any more."""
    async with transaction(engine) as session:
        await session.execute(FORGET, {"kept_for": KEPT_FOR})


@dataclass(frozen=True, slots=True)
class Notice:
    """One line above a page: `says` of what is numbered `no`, which lies at accountability's `path`.

    `until` is the last moment for an answer; `awaits` where somebody has to do something.
    """

    kind: Label
    no: str | Label
    path: str
    says: Label
    until: datetime | None = None
    awaits: bool = False


def in_words(rows: Sequence[dict[str, Any]]) -> list[Notice]:
    """A person's notifications as their page shows them."""
    return [in_word(row["record_no"], row["stage"], row["show_until"]) for row in rows]


def in_word(no: str, stage: str, show_until: str = "") -> Notice:
    kind, shelf = COMPENSATION if stage.startswith("compensation_") else RECORD
    until = datetime.fromisoformat(show_until) if stage in ANSWERED else None
    return Notice(kind, no, f"/{shelf}/{no}", WORDS[stage], until, awaits=until is not None)
