"""How is a command carried out once, by somebody entitled to, with a trace of it whatever comes of it?"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis import worklist
from chassis.database import is_deadlock, transaction, uuid7
from chassis.desk import Call, Command, Desk, Form, shown_to_api
from chassis.documents import find, lock
from chassis.errors import KeyReused, NotTheirs, Refusal
from chassis.gate import gate_of
from chassis.people import Person, Remembered, find_person, find_person_and_answer
from chassis.sight import How, Look
from chassis.telemetry import name_order
from chassis.trouble import told_plainly
from contracts.event import Actor, DutyRef

# How often a command that was a deadlock's victim is done again before somebody is told.
DEADLOCKS = 2


@dataclass(frozen=True, slots=True)
class Attempt:
    """One command as a person sent it; `key` makes a repetition harmless, `how` they are shown what came of it then."""

    command: Command
    employee: str
    no: str | None
    form: Form
    key: str
    how: How = How.API_PAGE

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
    await gate_of(engine).admit()
    with told_plainly():
        for _ in range(DEADLOCKS):
            try:
                return await perform_recorded(engine, service, attempt)
            except Exception as error:
                if not is_deadlock(error):
                    raise
        return await perform_recorded(engine, service, attempt)


async def perform_recorded(engine: AsyncEngine, service: str, attempt: Attempt) -> dict[str, Any]:
    """The same, once; a deadlock's victim may try again."""
    try:
        return await perform_once(engine, service, attempt)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "acts_once":
            raise
        return await perform_once(engine, service, attempt)
    except Refusal as refusal:
        await write_refusal(engine, service, attempt, refusal)
        raise


async def perform_once(engine: AsyncEngine, service: str, attempt: Attempt) -> dict[str, Any]:
    async with transaction(engine, None) as session:
        session.info["service"] = service
        person, remembered = await find_person_and_answer(session, attempt.employee, attempt.key)
        if remembered is not None:
            return await recall(session, person, remembered, attempt)
        actor = await entitled(session, person, attempt)
        session.info["actor"] = actor
        arguments: dict[str, Any] = {} if attempt.command.creates else {"no": attempt.no}
        if "form" in attempt.command.run.__annotations__:
            arguments["form"] = attempt.form
        document = await attempt.command.run(Call(session, actor, person.now), **arguments)
        await session.flush()
        if told_to_few(attempt.command):
            await session.refresh(document)  # as it will be read for whoever repeats the command
        name_order(document.order_no)
        response = shown_to_api(document)
        write_act(session, attempt, actor, outcome="done", no=document.no, response=response)
        return response


async def entitled(session: AsyncSession, person: Person, attempt: Attempt) -> Actor:
    """In which post the person may do this; raises PostNotHeld, and a refusal where it concerns somebody else."""
    command = attempt.command
    actor = person.as_themself() if command.own else person.acting_as(command.posts)
    if attempt.no is None or not (command.own or command.sight.strict):
        return actor
    document = await find(session, command.kind, attempt.no)
    if document is not None and not command.open_to(person, document):
        raise NotTheirs(employee=person.employee, no=attempt.no)
    if document is not None and command.sight.strict:
        await command.sight.check(session, person, document)
    return actor


async def recall(session: AsyncSession, person: Person, remembered: Remembered, attempt: Attempt) -> dict[str, Any]:
    """The answer this key got before; raises KeyReused when it belonged to something else.

    What not everybody here may see is shown as it is now, and only to whom a command and a look are open now.
    """
    if remembered.fingerprint != attempt.fingerprint:
        raise KeyReused(key=attempt.key)
    if not told_to_few(attempt.command):
        return remembered.response
    await entitled(session, person, attempt)
    document = await lock(session, attempt.command.kind, remembered.response["no"])
    sight = attempt.command.sight
    await sight.check(session, person, document)
    (document,) = await sight.show(session, person, [document], Look(attempt.how))
    return shown_to_api(document)


def told_to_few(command: Command) -> bool:
    """Whether its documents are not for everybody here: no answer about one is kept beside it."""
    return command.kind.confidential or command.sight.strict


def write_act(
    session: AsyncSession,
    attempt: Attempt,
    actor: Actor,
    *,
    outcome: str,
    no: str | None,
    response: dict[str, Any] | None,
) -> None:
    """Let the transaction's end write down who did what, and what came of it."""
    request = attempt.request
    if attempt.command.kind.confidential:
        request = {}
    if told_to_few(attempt.command) and outcome == "done":
        response = {"no": no}
    session.info["act"] = (
        uuid7(),
        session.info["now"],
        attempt.employee,
        actor.post,
        actor.acting,
        attempt.command.name,
        attempt.key,
        attempt.fingerprint,
        attempt.command.kind.__name__,
        no,
        outcome,
        orjson.dumps(request).decode(),
        orjson.dumps(response).decode(),
    )


async def write_refusal(engine: AsyncEngine, service: str, attempt: Attempt, refusal: Refusal) -> None:
    """A refused attempt is never a breach, but it is on record: who tried what, and why it was refused."""
    async with transaction(engine, None) as session:
        await find_person(session, attempt.employee)
        actor = Actor(employee=attempt.employee)
        write_act(session, attempt, actor, outcome=refusal.code, no=attempt.no, response=refusal.problem())


async def sign_handover(engine: AsyncEngine, desk: Desk, employee: str, duty: DutyRef) -> None:
    """Sign for a handover (签收) as somebody of this department; raises PostNotHeld, NotFound."""
    await gate_of(engine).admit()
    with told_plainly():
        await sign(engine, desk, employee, duty)


async def sign(engine: AsyncEngine, desk: Desk, employee: str, duty: DutyRef) -> None:
    async with transaction(engine, None) as session:
        person = await find_person(session, employee)
        session.info.update(service=desk.service, actor=person.acting_as(desk.readers))
        await worklist.sign(session, duty, employee)


def is_key(value: str) -> bool:
    """Any short printable word will do as an idempotency key; a UUID is what clients usually send."""
    return 0 < len(value) <= 80 and value.isprintable()


def fresh_key() -> str:
    return str(UUID(str(uuid7())))
