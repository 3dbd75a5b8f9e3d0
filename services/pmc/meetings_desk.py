"""What may be done about meetings, and by whom?"""

from chassis.desk import Call, Desk, Reason
from chassis.language import Label
from services.pmc import meetings
from services.pmc.models import Meeting, MeetingStatus
from services.pmc.posts import EVERYBODY, LEADING


def command(desk: Desk) -> None:
    """Who may do what."""
    to_come = {MeetingStatus.ANNOUNCED}
    desk.command(Meeting, Label("通知开会", "Announce meeting"), posts=LEADING)(announce_meeting)
    minutes = Label("登记会议纪要", "Record minutes")
    desk.command(Meeting, minutes, posts=EVERYBODY, when=to_come, settles={"minutes"})(record_minutes)
    off = Label("取消会议", "Call off meeting")
    desk.command(Meeting, off, posts=LEADING, when=to_come, irreversible=True)(call_off_meeting)


async def announce_meeting(call: Call, form: meetings.Announcement) -> Meeting:
    return await meetings.announce(call.session, form, maker=call.actor, now=call.now)


async def record_minutes(call: Call, no: str, form: meetings.Minutes) -> Meeting:
    return await meetings.record(call.session, no, form, by=call.actor, now=call.now)


async def call_off_meeting(call: Call, no: str, form: Reason) -> Meeting:
    return await meetings.call_off(call.session, no, form, by=call.actor, now=call.now)
