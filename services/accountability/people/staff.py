"""Who works here and who holds which post, since when and until when? Entered by HR, stated to every department."""

from datetime import datetime

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import people
from chassis.desk import Form
from chassis.documents import find, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import EmployeeRegistered, PostAssigned, PostEnded
from contracts.words import DEPARTMENTS, POSTS
from services.accountability.models import Assignment, Employee, RosterStatus


class EmployeeKnown(Refusal):
    code, field = "employee_known", "no"
    message = Label(
        "工号 {no} 已经登记。请换一个工号。", "Employee {no} is registered already. Please choose another id."
    )


class UnknownEmployee(Refusal):
    status, code, field = 422, "unknown_employee", "employee"
    message = Label(
        "工号 {employee} 没有登记。请先登记员工。", "There is no employee {employee}. Please register them first."
    )


class UnknownTerm(Refusal):
    status, code = 422, "unknown_term"
    message = Label("没有“{value}”。请从 {known} 中选择。", "There is no {value}. Please choose one of {known}.")


class EndsBeforeStart(Refusal):
    status, code, field = 422, "ends_before_start", "effective_until"
    message = Label(
        "结束时间 {effective_until} 早于任命开始 {effective_from}。请填写更晚的时间。",
        "The end {effective_until} is before the start {effective_from}. Please give a later time.",
    )


class Registration(Form):
    """A new employee; the nickname is what colleagues call them."""

    no: str = Field(pattern=r"^E-\d{3,6}$")
    nickname: str = Field(min_length=1, max_length=20)
    department: str


class Appointment(Form):
    """Who takes which post, from when on, and whether only acting (代)."""

    employee: str = Field(pattern=r"^E-\d{3,6}$")
    post: str
    acting: bool = False
    effective_from: AwareDatetime | None = None


class Ending(Form):
    """Until when the post is held; blank means now."""

    effective_until: AwareDatetime | None = None


async def register(session: AsyncSession, form: Registration, *, maker: str, now: datetime) -> Employee:
    known_term("department", form.department, DEPARTMENTS)
    if await find(session, Employee, form.no) is not None:
        raise EmployeeKnown(no=form.no)
    employee = Employee(**form.model_dump(), status=RosterStatus.ACTIVE, made_by=maker, made_at=now)
    session.add(employee)
    fact = EmployeeRegistered(employee=form.no, nickname=form.nickname, department=form.department)
    await people.on_employee_registered(fact, session)
    await publish(session, fact)
    return employee


async def assign(session: AsyncSession, form: Appointment, *, maker: str, now: datetime) -> Assignment:
    """The judge counts an entry from the later of its date and its recording, so nobody is moved into blame afterwards."""
    known_term("post", form.post, POSTS)
    if await find(session, Employee, form.employee) is None:
        raise UnknownEmployee(employee=form.employee)
    assignment = Assignment(
        **{**form.model_dump(), "effective_from": form.effective_from or now},
        no=await next_number(session, Assignment.code, now),
        status=RosterStatus.ACTIVE,
        made_by=maker,
        made_at=now,
    )
    session.add(assignment)
    fact = PostAssigned(
        assignment_no=assignment.no,
        employee=assignment.employee,
        post=assignment.post,
        acting=assignment.acting,
        effective_from=assignment.effective_from,
        assigned_by=maker,
    )
    await people.on_post_assigned(fact, session)
    await publish(session, fact)
    return assignment


async def end(session: AsyncSession, no: str, form: Ending, *, by: str, now: datetime) -> Assignment:
    assignment = await lock(session, Assignment, no)
    until = form.effective_until or now
    if until < assignment.effective_from:
        raise EndsBeforeStart(effective_until=until, effective_from=assignment.effective_from)
    move(assignment, RosterStatus.ENDED)
    assignment.effective_until = until
    fact = PostEnded(
        assignment_no=no, employee=assignment.employee, post=assignment.post, effective_until=until, ended_by=by
    )
    await people.on_post_ended(fact, session)
    await publish(session, fact)
    return assignment


def known_term(field: str, value: str, known: dict[str, tuple[str, str]]) -> None:
    if value not in known:
        raise UnknownTerm(field=field, value=value, known=sorted(known))
