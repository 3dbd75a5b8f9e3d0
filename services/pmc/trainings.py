"""Who was trained for the work in the workshop, and who worked without it (PRD-05)?"""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Reason
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.instants import FACTORY
from chassis.language import Label
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import TrainingRecorded, TrainingWithdrawn
from services.pmc.models import Training, TrainingStatus
from services.pmc.registered import check_registered


class TrainsThemself(Refusal):
    status, code, field = 403, "trains_themself", "worker"
    message = Label(
        "{employee} 不能登记自己的培训。请由另一人登记。",
        "{employee} may not record their own training. Please ask somebody else.",
    )


class TrainingAhead(Refusal):
    status, code, field = 422, "training_ahead", "trained_on"
    message = Label(
        "培训日期 {trained_on} 还没有到。请在培训以后登记。",
        "{trained_on} is still to come. Please record the training once it was given.",
    )


class Lesson(Form):
    """Who was trained, in what, and on which day; years ago counts as well."""

    worker: str = Field(pattern=r"^E-\d{3,6}$")
    subject: str = Field(min_length=1, max_length=400)
    trained_on: date


async def record(session: AsyncSession, form: Lesson, *, maker: Actor, now: datetime) -> Training:
    """Write down that a worker was trained; from now on they may be on a report."""
    if form.worker == maker.employee:
        raise TrainsThemself(employee=maker.employee)
    await check_registered(session, [form.worker], "worker")
    if form.trained_on > now.astimezone(FACTORY).date():
        raise TrainingAhead(trained_on=form.trained_on)
    document = Training(
        **form.model_dump(),
        no=await next_number(session, Training.code, now),
        status=TrainingStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    fact = TrainingRecorded(**form.model_dump(), training_no=document.no, recorded_by=maker.employee)
    await publish(session, fact)
    return document


async def withdraw(session: AsyncSession, no: str, form: Reason, *, by: Actor) -> Training:
    """It was not so: the worker counts as untrained again, for what is reported from now on."""
    document = await lock(session, Training, no)
    move(document, TrainingStatus.WITHDRAWN)
    document.reason = form.reason
    fact = TrainingWithdrawn(training_no=no, worker=document.worker, reason=form.reason, withdrawn_by=by.employee)
    await publish(session, fact)
    return document


async def untrained(session: AsyncSession, workers: Sequence[str]) -> tuple[str, ...]:
    """Those of the workers for whom no training is recorded."""
    query = select(Training.worker).where(Training.worker.in_(workers), Training.status == TrainingStatus.RECORDED)
    trained = set((await session.scalars(query)).all())
    return tuple(worker for worker in dict.fromkeys(workers) if worker not in trained)
