"""How was the due time of a breach reckoned, and by how much was it overrun? So that whoever holds the record can retrace it.

Reckoned when it is looked at, as a timeline is, and told only where that still comes to the due time on the record.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.due_terms import DueTerm
from chassis.errors import NotFound, shown
from chassis.instants import instant
from chassis.language import Label
from chassis.ui.formats import span
from services.accountability.judge.verdicts import DutyStatus, Excuse
from services.accountability.judging import Judging
from services.accountability.models import PenaltyRecord
from services.accountability.views import views
from services.accountability.views.handover_facts import company_handovers
from services.accountability.views.timelines import Handover

Lines = tuple[tuple[Label, str], ...]

REASONS = {
    "pause": Label("等待审批", "waiting for an approval"),
    "stop_work": Label("停工", "work stopped"),
    "block": Label("冻结", "blocked"),
    "off_order": Label("订单行曾撤下", "line was off the order"),
    "other_product": Label("客户改换产品", "customer wanted another product"),
    "outage": Label("系统不可用", "service unavailable"),
    "unheard": Label("消息在途", "the word was on its way"),
    "exception": Label("异常已接受", "accepted exception"),
    "redated": Label("计划改期", "re-dated"),
    "amended": Label("订单变更", "order amended"),
    "postponed": Label("客户延期", "customer postponed"),
    "took_over": Label("接任新岗", "took the post over"),
}
BASES = {
    "opened": Label("到达", "arrival"),
    "ship_by": Label("最迟出货日末班", "the end of the last shift to ship by"),
    "required_date": Label("要求日期末班", "the end of the required date"),
    "dispatched_due": Label("派工期限", "the time it was dispatched for"),
}
SINCE_THEN = Label("计时起点", "the start of its clock")
UNITS = {
    "d": Label("个工作日", "working days"),
    "h": Label("工时", "working hours"),
    "min": Label("分钟", "working minutes"),
}
LEAD_TIME = Label("采购周期 {n} 天", "the lead time of {n} days")
STANDARD_TIME = Label("标准工时 {n}", "the standard time of {n} working hours")
LATEST = Label("取最迟:{terms}", "the latest of {terms}")

STANDARD = Label("期限算法", "How it is due")
STARTED = Label("计时起点", "Its clock started")
NOT_COUNTED = Label("不计的时间", "Time that does not count")
OFF = Label("{reason}{no} {since} → {until},{hours} 工时", "{reason}{no} {since} → {until}, {hours} working hours")
NOTHING_OFF = Label("无(周末、节假日和班外时间本不计)", "none (days off and time outside the shifts never count)")
OVER = Label("超时(工时)", "Overrun (working hours)")
UP_TO = Label("{hours},到 {at} 为止", "{hours}, up to {at}")
STILL_OPEN = Label("{hours},到 {at} 仍未完成", "{hours}, still not done at {at}")


async def of_record(session: AsyncSession, judging: Judging, record: PenaltyRecord) -> dict[str, Lines]:
    """By breach; of those that are no handover, or were reckoned otherwise since, nothing."""
    breaches = [said for said in record.facts["breaches"] if said["duty"]]
    now = await factory_now(session)
    known = await handovers(session, judging, record, breaches, now) if breaches else ()
    places = {(one.duty, one.attempt): one for one in known}
    found = ((said, places.get((said["duty"], said["facts"]["attempt"]))) for said in breaches)
    return {said["about"]: tuple(lines_of(one, now)) for said, one in found if one and is_as_told(one, said["facts"])}


async def handovers(
    session: AsyncSession,
    judging: Judging,
    record: PenaltyRecord,
    breaches: Iterable[Mapping[str, Any]],
    now: datetime,
) -> Iterable[Handover]:
    if record.order_no is None:
        duties = {said["duty"] for said in breaches}
        return [one for duty in duties for one in company_handovers(judging.state, duty, instant(now))]
    try:
        return (await views.order_timeline(session, judging, record.order_no)).handovers
    except NotFound:
        return ()


def is_as_told(one: Handover, facts: Mapping[str, Any]) -> bool:
    """Whether it overran the very due time that the record names."""
    told = datetime.fromisoformat(facts["due_at"]) if facts.get("due_at") else None
    return one.status is DutyStatus.OVERRAN and one.due_at == told


def lines_of(one: Handover, now: datetime) -> Iterator[tuple[Label, str]]:
    """The standard, where its clock started if not at its arrival, what did not count and why, and the overrun."""
    yield STANDARD, str(due_in_words(one))
    if one.since != one.delivered_at:
        yield STARTED, shown(one.since)
    off = [str(not_counted(each)) for each in one.excuses]
    yield NOT_COUNTED, "; ".join(off) or str(NOTHING_OFF)
    said = UP_TO if one.ended_at else STILL_OPEN
    yield OVER, str(said.filled(hours=in_hours(one.overrun), at=shown(one.ended_at or now)))


def not_counted(excuse: Excuse) -> Label:
    """Why, by which paper, from when to when, and how much working time that is."""
    until = shown(excuse.until) if excuse.until else "…"
    reason = REASONS.get(excuse.reason, Label(excuse.reason, excuse.reason))
    return OFF.filled(
        reason=reason,
        no=f" {excuse.document}" * bool(excuse.document),
        since=shown(excuse.since),
        until=until,
        hours=in_hours(excuse.working),
    )


def due_in_words(one: Handover) -> Label:
    """The terms of the rulebook, with what the document says to them."""
    terms = [term_in_words(DueTerm.read(text), one) for text in one.terms]
    if len(terms) == 1:
        return terms[0]
    both = Label(";".join(term.zh for term in terms), "; ".join(term.en for term in terms))
    return LATEST.filled(terms=both)


def term_in_words(term: DueTerm, one: Handover) -> Label:
    later = term.base == "opened" and one.since != one.delivered_at
    base, by = SINCE_THEN if later else BASES[term.base], moved_by(term, one)
    if by is None:
        return base
    sign = "+" if term.sign > 0 else "−"
    return Label(f"{base.zh} {sign} {by.zh}", f"{base.en} {sign} {by.en}")


def moved_by(term: DueTerm, one: Handover) -> Label | None:
    if term.span is not None:
        unit = UNITS[term.span.unit]
        return Label(f"{term.span.number} {unit.zh}", f"{term.span.number} {unit.en}")
    if term.field == "item_lead_time":
        return LEAD_TIME.filled(n="—" if one.lead_time_days is None else one.lead_time_days)
    return STANDARD_TIME.filled(n="—" if one.standard is None else in_hours(one.standard)) if term.field else None


def in_hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):.2f}"


def excuse_words(excuse: Excuse) -> str:
    """Why time did not count, by which paper, and how much of it."""
    reason = str(REASONS.get(excuse.reason, Label(excuse.reason, excuse.reason)))
    return " ".join(part for part in (reason, excuse.document, span(excuse.working) if excuse.working else "") if part)
