"""Who works here in which post, and when does the factory work?"""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.event import Code, DocumentNo, EmployeeId, Event, Fact, Text


class EmployeeRegistered(Event):
    """A person works here; the display name is a workplace nickname and the only personal name that travels nowhere else."""

    name: ClassVar[str] = "accountability.employee_registered.v1"

    employee: EmployeeId
    nickname: Text
    department: Code


class PostAssigned(Event):
    """A person holds a post from a time on; `acting` (代) when lent by another department."""

    name: ClassVar[str] = "accountability.post_assigned.v1"

    assignment_no: DocumentNo
    employee: EmployeeId
    post: Code
    acting: bool = False
    effective_from: AwareDatetime
    assigned_by: EmployeeId


class PostEnded(Event):
    """A person gave up a post."""

    name: ClassVar[str] = "accountability.post_ended.v1"

    assignment_no: DocumentNo
    employee: EmployeeId
    post: Code
    effective_until: AwareDatetime
    ended_by: EmployeeId


class Shift(Fact):
    """Local wall-clock times of one shift, HH:MM."""

    start: Code
    end: Code


class CalendarSet(Event):
    """When the factory works: shifts of a working day, days off and extra working days beyond the public calendar.

    `weekend` holds ISO weekdays (1 = Monday … 7 = Sunday).
    """

    name: ClassVar[str] = "accountability.calendar_set.v1"

    calendar_no: DocumentNo
    time_zone: Code
    shifts: tuple[Shift, ...]
    weekend: tuple[int, ...]
    public_holidays: tuple[date, ...]
    make_up_days: tuple[date, ...]
    set_by: EmployeeId
