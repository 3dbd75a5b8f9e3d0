"""What may HR and the general manager do about compensations, and what HR about wages and payroll?"""

from collections.abc import Set

from chassis.desk import Call, Desk, Reason
from chassis.language import Label
from services.accountability.compensation import compensations, objections, payroll, wages
from services.accountability.models import Compensation, CompensationStatus, PayrollStatement, Wage
from services.accountability.privacy import seeing, wages_seen


def keep(desk: Desk) -> None:
    """The shelves; wages and what follows from them is for HR's eyes only."""
    desk.keep(
        Compensation,
        "compensations",
        columns=("no", "record_no", "clause", "person", "amount", "objected_at", "status"),
        filters=("person", "clause", "record_no"),
        sight=seeing.COMPENSATIONS,
    )
    desk.keep(
        Wage,
        "wages",
        columns=("no", "employee", "effective_month", "monthly_wage", "made_by"),
        filters=("employee",),
        sight=wages_seen.WAGES,
    )
    desk.keep(
        PayrollStatement,
        "payroll-statements",
        columns=("no", "month", "made_by", "made_at"),
        filters=("month",),
        reference="payroll_statement_no",
        sight=wages_seen.PAYROLL,
    )


def command(desk: Desk, *, hr: Set[str], direction: Set[str]) -> None:
    """Who may do what."""
    living = {CompensationStatus.FOUND, CompensationStatus.NOTIFIED}
    found = Label("认定故意或重大过失", "Find intent or gross negligence")
    desk.command(Compensation, found, posts=hr | direction)(find_fault)
    notify = Label("发出书面通知", "Notify in writing")
    untold = {CompensationStatus.FOUND}
    desk.command(
        Compensation, notify, posts=hr | direction, when=untold, suits=compensations.may_notify, irreversible=True
    )(notify_in_writing)
    back = Label("撤回赔偿", "Withdraw compensation")
    desk.command(
        Compensation, back, posts=hr | direction, when=living, suits=compensations.may_take_back, irreversible=True
    )(withdraw_compensation)
    objecting = Label("提出异议", "Make objection")
    told = {CompensationStatus.NOTIFIED}
    desk.command(Compensation, objecting, own="person", when=told, suits=objections.may_still_object)(
        object_to_compensation
    )
    deciding = Label("决定异议", "Decide objection")
    desk.command(
        Compensation, deciding, posts=hr | direction, when=told, suits=objections.may_decide, irreversible=True
    )(decide_objection)
    desk.command(Wage, Label("登记工资", "Record wage"), posts=hr | direction)(record_wage)
    state = Label("出具分期通知单", "State to payroll")
    desk.command(PayrollStatement, state, posts=hr, irreversible=True)(state_payroll)


async def find_fault(call: Call, form: compensations.FaultFound) -> Compensation:
    return await compensations.find_fault(call.session, form, actor=call.actor, now=call.now)


async def notify_in_writing(call: Call, no: str, form: compensations.WrittenNotification) -> Compensation:
    return await compensations.notify_in_writing(call.session, no, form, by=call.by, now=call.now)


async def object_to_compensation(call: Call, no: str, form: objections.Objection) -> Compensation:
    return await objections.make(call.session, no, form, now=call.now)


async def decide_objection(call: Call, no: str, form: objections.ObjectionDecision) -> Compensation:
    return await objections.decide(call.session, no, form, actor=call.actor, now=call.now)


async def withdraw_compensation(call: Call, no: str, form: Reason) -> Compensation:
    return await compensations.withdraw(call.session, no, form, by=call.by)


async def record_wage(call: Call, form: wages.Earning) -> Wage:
    return await wages.record(call.session, form, maker=call.by, now=call.now)


async def state_payroll(call: Call, form: payroll.PayrollMonth) -> PayrollStatement:
    return await payroll.state(call.session, form, maker=call.by, now=call.now)
