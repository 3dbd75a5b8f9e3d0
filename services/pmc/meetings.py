"""Who was called together about what, and are its decisions written down within the week (会议纪要)?"""

from datetime import date, datetime

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form, Reason
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import find_person
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, EmployeeId
from contracts.parts import Terms
from contracts.pmc import MeetingAnnounced, MeetingCalledOff, MeetingDecision, MinutesRecorded
from services.pmc import orders
from services.pmc.desk import READERS
from services.pmc.models import Meeting, MeetingStatus
from services.pmc.registered import check_registered

MANAGER = "pmc_manager"
WRITERS = READERS - {"general_manager"}


class MeetingPast(Refusal):
    status, code, field = 422, "meeting_past", "held_at"
    message = Label(
        "会议时间 {held_at} 已过。会议须事先通知,请另定时间。",
        "{held_at} has passed. A meeting is announced before it is held; please choose another time.",
    )


class NotAParticipant(Refusal):
    status, code, field = 422, "not_a_participant", "minute_taker"
    message = Label(
        "记录人 {employee} 不在与会人中。请把记录人列为与会人。",
        "The minute taker {employee} is not among the participants. Please add them.",
    )


class WritesElsewhere(Refusal):
    status, code, field = 422, "writes_elsewhere", "minute_taker"
    message = Label(
        "{employee} 在计划与车间没有岗位,不能在此登记纪要。请由本部门的与会人记录。",
        "{employee} holds no post in planning or the workshop and cannot record minutes here. "
        "Please let a participant from there do it.",
    )


class NotHeldYet(Refusal):
    code = "meeting_not_held"
    message = Label(
        "会议 {no} 定于 {held_at},还没有召开。请会后登记纪要,不开会的请取消。",
        "Meeting {no} is set for {held_at} and was not held yet. Please record its minutes afterwards, or call it off.",
    )


class HeldAlready(Refusal):
    code = "meeting_held"
    message = Label(
        "会议 {no} 的时间 {held_at} 已过,不能再取消。请登记纪要。",
        "The time of meeting {no}, {held_at}, has passed, so it cannot be called off. Please record its minutes.",
    )


class NotMinuteTaker(Refusal):
    status, code = 403, "not_minute_taker"
    message = Label(
        "会议 {no} 的记录人是 {employee}。请由其本人或生管经理登记。",
        "{employee} takes the minutes of meeting {no}. They or the PMC manager record them.",
    )


class NothingDecided(Refusal):
    status, code, field = 422, "nothing_decided", "decisions"
    message = Label(
        "没有写明决议。请逐项填写;确无决议的,请在备注中说明。",
        "No decision is named. Please enter each, or say in the remark that none was made.",
    )


class Announcement(Form):
    """What a meeting is about, when and where it is held, who comes, and who of them writes the minutes."""

    topic: str = Field(min_length=1, max_length=400)
    agenda: str = Field(min_length=1, max_length=4000)
    held_at: AwareDatetime
    venue: str = Field(min_length=1, max_length=400)
    participants: tuple[EmployeeId, ...] = Field(min_length=1, max_length=100)
    minute_taker: EmployeeId
    order_no: str | None = Field(default=None, max_length=64)


class Decided(Form):
    """One decision: who is responsible for it, and by which day."""

    decision: str = Field(min_length=1, max_length=4000)
    responsible: EmployeeId
    due_on: date


class Minutes(Form):
    """What was decided; where nothing was, the remark says so."""

    decisions: tuple[Decided, ...] = Field(default=(), max_length=100)
    remark: str = Field(default="", max_length=4000)


async def announce(session: AsyncSession, form: Announcement, *, maker: Actor, now: datetime) -> Meeting:
    """Call people together; the minute taker owes the minutes from the moment at which it is held."""
    if form.held_at <= now:
        raise MeetingPast(held_at=form.held_at)
    await check_registered(session, form.participants)
    post = await post_of_minute_taker(session, form)
    if form.order_no:
        await orders.running(session, form.order_no)
    meeting = Meeting(
        **form.model_dump(exclude={"participants", "order_no"}),
        order_no=form.order_no or None,
        participants=list(dict.fromkeys(form.participants)),
        no=await next_number(session, Meeting.code, now),
        status=MeetingStatus.ANNOUNCED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(meeting)
    await publish(session, announced(meeting))
    await worklist.deliver(session, owed(meeting, post))
    return meeting


async def post_of_minute_taker(session: AsyncSession, form: Announcement) -> str:
    """The post in which a participant of this department owes the minutes; raises NotAParticipant, WritesElsewhere."""
    if form.minute_taker not in form.participants:
        raise NotAParticipant(employee=form.minute_taker)
    person = await find_person(session, form.minute_taker)
    held = [post for post, _ in person.posts if post in WRITERS]
    if not held:
        raise WritesElsewhere(employee=form.minute_taker)
    return held[0]


def announced(meeting: Meeting) -> MeetingAnnounced:
    return MeetingAnnounced(
        order_no=meeting.order_no,
        assignee=meeting.minute_taker,
        meeting_no=meeting.no,
        topic=meeting.topic,
        agenda=meeting.agenda,
        held_at=meeting.held_at,
        venue=meeting.venue,
        participants=tuple(meeting.participants),
        minute_taker=meeting.minute_taker,
        announced_by=meeting.made_by,
    )


def owed(meeting: Meeting, post: str) -> Handover:
    """On the minute taker's worklist from the announcement on; its clock starts when the meeting is held."""
    return Handover(
        links.minutes(meeting.no),
        post,
        meeting.order_no,
        assignee=meeting.minute_taker,
        document_no=meeting.no,
        terms=Terms(starts_at=meeting.held_at),
    )


async def record(session: AsyncSession, no: str, form: Minutes, *, by: Actor, now: datetime) -> Meeting:
    """Write down what was decided, once, after the meeting."""
    meeting = await lock(session, Meeting, no)
    person = await find_person(session, by.employee)
    if by.employee != meeting.minute_taker and not person.holds({MANAGER}):
        raise NotMinuteTaker(no=no, employee=meeting.minute_taker)
    fact = mark_minuted(meeting, form, by=by, now=now)
    await check_registered(session, [each.responsible for each in form.decisions])
    await publish(session, fact)
    return meeting


def mark_minuted(meeting: Meeting, form: Minutes, *, by: Actor, now: datetime) -> MinutesRecorded:
    move(meeting, MeetingStatus.MINUTED)
    if now < meeting.held_at:
        raise NotHeldYet(no=meeting.no, held_at=meeting.held_at)
    if not form.decisions and not form.remark:
        raise NothingDecided
    meeting.decisions = tuple(MeetingDecision(**each.model_dump()) for each in form.decisions)
    meeting.remark = form.remark
    return MinutesRecorded(
        order_no=meeting.order_no,
        assignee=meeting.minute_taker,
        closes=(links.minutes(meeting.no),),
        meeting_no=meeting.no,
        decisions=meeting.decisions,
        remark=form.remark,
        recorded_by=by.employee,
    )


async def call_off(session: AsyncSession, no: str, form: Reason, *, by: Actor, now: datetime) -> Meeting:
    """It will not be held, so its minutes are owed no longer."""
    meeting = await lock(session, Meeting, no)
    move(meeting, MeetingStatus.CALLED_OFF)
    if now >= meeting.held_at:
        raise HeldAlready(no=no, held_at=meeting.held_at)
    meeting.reason = form.reason
    fact = MeetingCalledOff(
        order_no=meeting.order_no,
        assignee=meeting.minute_taker,
        closes=(links.minutes(no),),
        meeting_no=no,
        reason=form.reason,
        called_off_by=by.employee,
    )
    await publish(session, fact)
    return meeting
