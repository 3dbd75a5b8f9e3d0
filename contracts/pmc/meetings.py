"""What meetings were announced and what they decided."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.event import DocumentNo, EmployeeId, Event, Fact, Text


class MeetingAnnounced(Event):
    """Its participants know what a meeting is about, when and where; the minute taker owes the minutes from `held_at` on."""

    name: ClassVar[str] = "pmc.meeting_announced.v1"

    meeting_no: DocumentNo
    topic: Text
    agenda: Text
    held_at: AwareDatetime
    venue: Text
    participants: tuple[EmployeeId, ...]
    minute_taker: EmployeeId
    announced_by: EmployeeId


class MeetingDecision(Fact):
    """One thing that a meeting decided: who is responsible for it, and by which day."""

    decision: Text
    responsible: EmployeeId
    due_on: date


class MinutesRecorded(Event):
    """What a meeting decided is written down; without decisions the `remark` says so."""

    name: ClassVar[str] = "pmc.minutes_recorded.v1"

    meeting_no: DocumentNo
    decisions: tuple[MeetingDecision, ...]
    remark: Text = ""
    recorded_by: EmployeeId


class MeetingCalledOff(Event):
    """A meeting will not be held: its minutes are owed no longer."""

    name: ClassVar[str] = "pmc.meeting_called_off.v1"

    meeting_no: DocumentNo
    reason: Text
    called_off_by: EmployeeId
