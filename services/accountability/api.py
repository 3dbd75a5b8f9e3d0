"""What may HR and the general manager do, and what may everybody entitled look at?"""

from chassis.desk import Call, Desk
from chassis.language import Label
from services.accountability import calendars, rulebooks, sources, staff
from services.accountability.models import (
    Assignment,
    Calendar,
    Employee,
    PenaltyRecord,
    RosterStatus,
    Rulebook,
    Source,
    SourceStatus,
)

HR = frozenset({"hr"})
DIRECTION = frozenset({"general_manager"})
READERS = HR | DIRECTION | {"finance"}

desk = Desk("accountability", readers=READERS)
desk.keep(
    PenaltyRecord,
    "records",
    columns=("no", "clause", "person", "order_no", "sanction", "status"),
    filters=("person", "clause"),
)
desk.keep(Employee, "employees", columns=("no", "nickname", "department", "status"), filters=("department",))
desk.keep(
    Assignment,
    "assignments",
    columns=("no", "employee", "post", "acting", "effective_from", "effective_until", "status"),
    filters=("employee", "post"),
)
desk.keep(Calendar, "calendars", columns=("no", "made_by", "made_at"))
desk.keep(Rulebook, "rulebooks", columns=("no", "effective_from", "made_by"))
desk.keep(Source, "sources", columns=("no", "key_fingerprint", "registered_at", "status"))


@desk.command(Employee, Label("登记员工", "Register employee"), posts=HR)
async def register_employee(call: Call, form: staff.Registration) -> Employee:
    return await staff.register(call.session, form, maker=call.by, now=call.now)


@desk.command(Assignment, Label("任命岗位", "Assign post"), posts=HR)
async def assign_post(call: Call, form: staff.Appointment) -> Assignment:
    return await staff.assign(call.session, form, maker=call.by, now=call.now)


@desk.command(Assignment, Label("结束任命", "End assignment"), posts=HR, when={RosterStatus.ACTIVE})
async def end_post(call: Call, no: str, form: staff.Ending) -> Assignment:
    return await staff.end(call.session, no, form, by=call.by, now=call.now)


@desk.command(Calendar, Label("设定工厂日历", "Set calendar"), posts=DIRECTION)
async def set_calendar(call: Call, form: calendars.Days) -> Calendar:
    return await calendars.set_days(call.session, form, maker=call.by, now=call.now)


@desk.command(Rulebook, Label("启用责任条款", "Activate rulebook"), posts=DIRECTION, irreversible=True)
async def activate_rulebook(call: Call, form: rulebooks.Text) -> Rulebook:
    return await rulebooks.activate(call.session, form, maker=call.by, now=call.now)


@desk.command(Source, Label("登记证据来源", "Register source"), posts=DIRECTION)
async def register_source(call: Call, form: sources.Registration) -> Source:
    return await sources.register(call.session, form, maker=call.by, now=call.now)


@desk.command(
    Source, Label("注销证据来源", "Retire source"), posts=DIRECTION, when={SourceStatus.REGISTERED}, irreversible=True
)
async def retire_source(call: Call, no: str, form: sources.Retirement) -> Source:
    return await sources.retire(call.session, no, form, by=call.by)
