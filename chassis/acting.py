"""How is a command carried out once, by somebody entitled to, with a trace of it whatever comes of it?"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis import worklist
from chassis.database import transaction, uuid7
from chassis.desk import Call, Command, Desk, Form, shown_to_api
from chassis.errors import KeyReused, Refusal
from chassis.people import find_person
from chassis.schema_people import acts
from chassis.telemetry import name_order
from contracts.event import Actor, DutyRef

RECALL = text("SELECT fingerprint, response FROM acts WHERE employee = :employee AND key = :key AND outcome = 'done'")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One command as a person sent it; `key` makes a repetition harmless."""

    command: Command
    employee: str
    no: str | None
    form: Form
    key: str

    @property
    def request(self) -> dict[str, Any]:
        return self.form.model_dump(mode="json")

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(orjson.dumps([self.command.name, self.no, self.request])).hexdigest()


async def perform(engine: AsyncEngine, service: str, attempt: Attempt) -> dict[str, Any]:
    """Carry the command out and return the document; the same key and content again returns the first answer.

    Raises Refusal; the refused attempt is written down in a transaction of its own.
    """
    try:
        return await perform_once(engine, service, attempt)
    except IntegrityError as error:
        if "acts_once" not in str(error):
            raise
        return await perform_once(engine, service, attempt)
    except Refusal as refusal:
        await write_refusal(engine, service, attempt, refusal)
        raise


async def perform_once(engine: AsyncEngine, service: str, attempt: Attempt) -> dict[str, Any]:
    async with transaction(engine, None) as session:
        session.info["service"] = service
        remembered = await recall(session, attempt)
        if remembered is not None:
            return remembered
        person = await find_person(session, attempt.employee)
        actor = person.acting_as(attempt.command.posts)
        session.info["actor"] = actor
        arguments: dict[str, Any] = {} if attempt.command.creates else {"no": attempt.no}
        if "form" in attempt.command.run.__annotations__:
            arguments["form"] = attempt.form
        document = await attempt.command.run(Call(session, actor, person.now), **arguments)
        await session.flush()
        name_order(document.order_no)
        response = shown_to_api(document)
        await write_act(session, attempt, actor, outcome="done", no=document.no, response=response)
        return response


async def recall(session: AsyncSession, attempt: Attempt) -> dict[str, Any] | None:
    """The answer this key got before; raises KeyReused when it belonged to something else."""
    row = (await session.execute(RECALL, {"employee": attempt.employee, "key": attempt.key})).one_or_none()
    if row is None:
        return None
    if row.fingerprint != attempt.fingerprint:
        raise KeyReused(key=attempt.key)
    response: dict[str, Any] = row.response
    return response


async def write_act(
    session: AsyncSession,
    attempt: Attempt,
    actor: Actor,
    *,
    outcome: str,
    no: str | None,
    response: dict[str, Any] | None,
) -> None:
    await session.execute(
        insert(acts).values(
            id=uuid7(),
            at=session.info["now"],
            employee=attempt.employee,
            post=actor.post,
            acting=actor.acting,
            command=attempt.command.name,
            key=attempt.key,
            fingerprint=attempt.fingerprint,
            kind=attempt.command.kind.__name__,
            no=no,
            outcome=outcome,
            request=attempt.request,
            response=response,
        )
    )


async def write_refusal(engine: AsyncEngine, service: str, attempt: Attempt, refusal: Refusal) -> None:
    """A refused attempt is never a breach, but it is on record: who tried what, and why it was refused."""
    async with transaction(engine, None) as session:
        await find_person(session, attempt.employee)
        actor = Actor(employee=attempt.employee)
        await write_act(session, attempt, actor, outcome=refusal.code, no=attempt.no, response=refusal.problem())


async def sign_handover(engine: AsyncEngine, desk: Desk, employee: str, duty: DutyRef) -> None:
    """Sign for a handover (签收) as somebody of this department; raises PostNotHeld, NotFound."""
    async with transaction(engine, None) as session:
        person = await find_person(session, employee)
        session.info.update(service=desk.service, actor=person.acting_as(desk.readers))
        await worklist.sign(session, duty, employee)


def is_key(value: str) -> bool:
    """Any short printable word will do as an idempotency key; a UUID is what clients usually send."""
    return 0 < len(value) <= 80 and value.isprintable()


def fresh_key() -> str:
    return str(UUID(str(uuid7())))
