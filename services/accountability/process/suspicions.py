"""Who answers for a breach for which nobody could be named? Its manager says who held the post, or that nobody does."""

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.outbox import publish
from chassis.people import find_person
from contracts.accountability import SuspicionCleared
from contracts.event import EmployeeId
from services.accountability.findings.finding_gates import held_at, rules_at
from services.accountability.models import RecordedStatus, Suspicion, SuspicionClearing
from services.accountability.privacy.unnamed import named_in, unsaid
from services.accountability.process.open_suspicions import Open, at_of, opened
from services.accountability.rules.rulebook import WHOEVER


class NotSuspected(Refusal):
    status, code, field = 422, "not_suspected", "suspicion"
    message = Label(
        "没有未澄清的疑点 {suspicion}。它可能已经澄清,或因后来的证据不再成立。",
        "There is no open suspicion {suspicion}. It may have been cleared, or later evidence has taken its ground.",
    )


class NotTheirsToClear(Refusal):
    status, code = 403, "not_theirs_to_clear"
    message = Label(
        "该疑点由{manager}或总经理澄清。",
        "This suspicion is cleared by the {manager} or the general manager.",
    )


class InvolvedThemselves(Refusal):
    status, code = 403, "involved_themselves"
    message = Label(
        "{employee} 本人与该疑点有关,不能由其澄清。请由总经理或另一位有权的人办理。",
        "{employee} is involved and may not clear this. Please ask the general manager or another person with the right.",
    )


class NobodyToName(Refusal):
    status, code, field = 422, "nobody_to_name", "person"
    message = Label(
        "该疑点的原因是:{reason}。对此不能指名责任人,只能说明理由后澄清为无人负责;请将人员留空。",
        "The reason of this suspicion is: {reason}. Nobody can be named for it; it can only be cleared of everybody. Please "
        "leave the person out.",
    )


class DidNotHoldThePost(Refusal):
    status, code, field = 422, "did_not_hold_the_post", "person"
    message = Label(
        "{employee} 在 {at} 不任{post}。请核对名册;名册有误时先更正任命。",
        "{employee} did not hold the post {post} at {at}. Please check the roster; where it is wrong, correct the "
        "assignment first.",
    )


class ClearedAlready(Refusal):
    code, field = "cleared_already", "suspicion"
    message = Label(
        "疑点 {suspicion} 已由 {no} 澄清,无需再办。",
        "The suspicion {suspicion} was cleared by {no}; there is nothing left to do.",
    )


class Clearing(Form):
    """Which suspicion is cleared, why, and who answers for it; without a person nobody does."""

    suspicion: str = Field(min_length=1, max_length=400)
    person: EmployeeId | None = None
    reason: str = Field(min_length=1, max_length=2_000)


async def clear(session: AsyncSession, form: Clearing, *, by: str, now: datetime) -> SuspicionClearing:
    """Stated as a fact, by which the judge decides anew; raises a refusal where it is not for them to say."""
    suspicion = await session.scalar(newest(form.suspicion))
    if suspicion is None:
        raise NotSuspected(suspicion=form.suspicion)
    found = opened(suspicion, await rules_at(session, at_of(suspicion.body)), await find_person(session, by))
    check_manager(found, form, by)
    await check_named(session, found, form.person)
    known = select(SuspicionClearing.no).where(
        SuspicionClearing.suspicion == suspicion.key, SuspicionClearing.revision == suspicion.revision
    )
    if (no := await session.scalar(known)) is not None:
        raise ClearedAlready(suspicion=suspicion.key, no=no)
    document = SuspicionClearing(
        **form.model_dump(),
        no=await next_number(session, SuspicionClearing.code, now),
        order_no=suspicion.order_no,
        revision=suspicion.revision,
        clause=suspicion.clause,
        status=RecordedStatus.RECORDED,
        made_by=by,
        made_at=now,
    )
    session.add(document)
    fact = SuspicionCleared(
        **form.model_dump(),
        order_no=suspicion.order_no,
        clearing_no=document.no,
        clause=suspicion.clause,
        document_no=found.about.partition(":")[2].partition("#")[0],
        cleared_by=by,
    )
    await publish(session, fact)
    return document


def newest(key: str) -> Any:
    return (
        select(Suspicion)
        .where(Suspicion.key == key, Suspicion.cleared_because.is_(None))
        .order_by(Suspicion.revision.desc())
        .limit(1)
    )


def check_manager(found: Open, form: Clearing, by: str) -> None:
    """Raises NotTheirsToClear, InvolvedThemselves."""
    if not found.may_clear:
        raise NotTheirsToClear(manager=word(found.manager))
    if by == form.person or found.involved:
        raise InvolvedThemselves(employee=by)


async def check_named(session: AsyncSession, found: Open, person: str | None) -> None:
    """Only a holder of the post that is in doubt can be named; raises NobodyToName, DidNotHoldThePost.

    A refusal is remembered with its words, so it names nobody.
    """
    if person is None:
        return
    if not found.among:
        raise NobodyToName(reason=unsaid(found.reason, named_in(found.reason)))
    posts = {post for post, holder in await held_at(session, found.at) if holder == person}
    if not posts or found.among not in (WHOEVER, *posts):
        raise DidNotHoldThePost(employee=person, post=word(found.among), at=found.at)
