"""How does a rulebook come into force? Drafted, validated whole, shown as a difference, and approved by a second person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml
from pydantic import AwareDatetime, Field
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import different_person, find, lock, move
from chassis.errors import Point, Refusal
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import RulebookActivated
from services.accountability.models import Consultation, Rulebook, RulebookStatus
from services.accountability.rules.mistakes import NAMES, Told
from services.accountability.rules.models_rulebook import RuleChange
from services.accountability.rules.rulebook import RulebookText
from services.accountability.rules.rulebook_loading import SHIPPED, InvalidRulebook, read_both, read_rules

LONGEST_SHOWN = 400


class RulebookRefused(Refusal):
    """`mistakes` lists what is wrong, each with line and place; `field` is the one that holds the text."""

    status, code = 422, "rulebook_invalid"
    message = Label(
        "责任条款有 {count} 处错误。请改正后再提交。", "Mistakes in the rulebook: {count}. Please correct them."
    )

    def __init__(self, mistakes: Sequence[Told], *, field: str) -> None:
        self.mistakes = mistakes
        super().__init__(field=field, count=len(mistakes))

    @property
    def points(self) -> list[Point]:
        return [Point(told.line, told.name, told.text) for told in self.mistakes]

    def problem(self) -> dict[str, Any]:
        errors = [
            {"field": self.at, "line": str(told.line or ""), "place": told.name, "remedy": str(told.text)}
            for told in self.mistakes
        ]
        return {**super().problem(), "errors": errors}


class VersionKnown(Refusal):
    code, field = "version_known", "text"
    message = Label(
        "版本 {no} 已经存在。请使用新的版本号,或修改该草案。",
        "There is a version {no} already. Please use a new version, or revise that draft.",
    )


class AnotherVersion(Refusal):
    status, code, field = 422, "another_version", "text"
    message = Label(
        "这里修改的是草案 {no},提交的文本却是版本 {version}。请保留版本号。",
        "This revises the draft {no}, but the text is of version {version}. Please keep the version.",
    )


class NothingChanged(Refusal):
    status, code, field = 422, "nothing_changed", "text"
    message = Label(
        "{no} 与现行的 {based_on} 没有任何差别。请先修改再提交。",
        "{no} does not differ from {based_on}, which is in force. Please change something first.",
    )


class NobodyConsulted(Refusal):
    code = "not_consulted"
    message = Label(
        "还没有就 {no} 征求员工意见的记录。请先登记征求意见,再批准。",
        "No consultation of employees on {no} is on record. Please record it before approving.",
    )


class InThePast(Refusal):
    status, code, field = 422, "effective_in_the_past", "effective_from"
    message = Label(
        "生效时间 {effective_from} 已经过去。条款只对以后开始的交接有效,请填写以后的时间或留空。",
        "The time {effective_from} is over. Rules hold for handovers that open later; please give a later time or none.",
    )


class Text(Form):
    """A rulebook as YAML; blank means the one shipped with the product. It is in force for duties that open from a time on."""

    text: str = Field(default="", max_length=400_000)
    effective_from: AwareDatetime | None = None


class Draft(Form):
    """A whole rulebook as YAML with a version of its own, and why it is to change."""

    text: str = Field(min_length=1, max_length=400_000)
    reason: str = Field(min_length=1, max_length=2000)


class Approval(Form):
    """From when on it is in force; from now on where that is left out."""

    effective_from: AwareDatetime | None = None


async def draft(session: AsyncSession, form: Draft, *, maker: str, now: datetime) -> Rulebook:
    """Propose a version. What differs from the version in force is written beside it."""
    body = validated(form.text)
    if await find(session, Rulebook, body["version"]) is not None:
        raise VersionKnown(no=body["version"])
    rulebook = Rulebook(
        no=body["version"], status=RulebookStatus.DRAFT, effective_from=None, made_by=maker, made_at=now
    )
    await write(session, rulebook, body, form.reason)
    session.add(rulebook)
    return rulebook


async def revise(session: AsyncSession, no: str, form: Draft, *, by: str, now: datetime) -> Rulebook:
    """Write a draft anew; whoever did so last is its maker."""
    rulebook = await lock(session, Rulebook, no)
    move(rulebook, RulebookStatus.DRAFT)
    body = validated(form.text)
    if body["version"] != no:
        raise AnotherVersion(no=no, version=body["version"])
    await write(session, rulebook, body, form.reason)
    rulebook.made_by, rulebook.made_at = by, now
    return rulebook


async def drop(session: AsyncSession, no: str) -> Rulebook:
    """The draft comes to nothing; its version is not used again."""
    rulebook = await lock(session, Rulebook, no)
    move(rulebook, RulebookStatus.DROPPED)
    return rulebook


async def approve(session: AsyncSession, no: str, form: Approval, *, by: str, now: datetime) -> Rulebook:
    """A second person lets the version come into force; the employees were consulted on it before."""
    rulebook = await lock(session, Rulebook, no)
    move(rulebook, RulebookStatus.ISSUED)
    different_person(rulebook, by)
    if form.effective_from and form.effective_from < now:
        raise InThePast(effective_from=form.effective_from)
    if not await session.scalar(select(exists().where(Consultation.rulebook_no == no))):
        raise NobodyConsulted(no=no)
    rulebook.approved_by, rulebook.approved_at = by, now
    rulebook.effective_from = form.effective_from or now
    await publish(session, activated(rulebook, by))
    return rulebook


async def activate(session: AsyncSession, form: Text, *, maker: str, now: datetime) -> Rulebook:
    """The rulebook with which an installation begins."""
    body = validated(form.text or SHIPPED.read_text(encoding="utf-8"))
    if await find(session, Rulebook, body["version"]) is not None:
        raise VersionKnown(no=body["version"])
    rulebook = Rulebook(
        no=body["version"],
        status=RulebookStatus.ISSUED,
        effective_from=form.effective_from or now,
        body=body,
        based_on=None,
        reason="",
        changes=(),
        made_by=maker,
        made_at=now,
    )
    session.add(rulebook)
    await publish(session, activated(rulebook, maker))
    return rulebook


def activated(rulebook: Rulebook, by: str) -> RulebookActivated:
    assert rulebook.effective_from is not None
    return RulebookActivated(
        version=rulebook.no, effective_from=rulebook.effective_from, rules=rulebook.body, activated_by=by
    )


def validated(text: str, *, field: str = "text") -> dict[str, Any]:
    """The rulebook as data; raises RulebookRefused naming each mistake with its line."""
    try:
        return read_both(text)[1]
    except InvalidRulebook as error:
        raise RulebookRefused(error.mistakes, field=field) from error


async def write(session: AsyncSession, rulebook: Rulebook, body: dict[str, Any], reason: str) -> None:
    """Fill a draft; raises NothingChanged."""
    newest = select(Rulebook).where(Rulebook.status == RulebookStatus.ISSUED).order_by(Rulebook.effective_from.desc())
    based_on = await session.scalar(newest.limit(1))
    changes = tuple(differences(based_on.body, body)) if based_on else ()
    if based_on and not changes:
        raise NothingChanged(no=rulebook.no, based_on=based_on.no)
    rulebook.body, rulebook.reason, rulebook.changes = body, reason, changes
    rulebook.based_on = based_on.no if based_on else None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[RuleChange]:
    """What was added, left out and changed, place by place; the version itself aside."""
    one, other = (dict(leaves({**rules, "version": None}, ())) for rules in (before, after))
    for place in dict.fromkeys((*one, *other)):
        if one.get(place) != other.get(place):
            yield RuleChange(place=".".join(place), before=one.get(place, ""), after=other.get(place, ""))


def leaves(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every value that stands for itself, with its place; entries of a list by their own names where they have one."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, (*place, str(name)))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for number, inner in enumerate(value, 1):
            named = next((str(inner[name]) for name in NAMES if name in inner), str(number))
            yield from leaves(inner, (*place, named))
    else:
        text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=LONGEST_SHOWN)
        yield place, text.removesuffix("\n").removesuffix("\n...")[:LONGEST_SHOWN]


async def body_of(session: AsyncSession, version: str) -> dict[str, Any] | None:
    """A version's text as data; None where there is no such version."""
    body: dict[str, Any] | None = await session.scalar(select(Rulebook.body).where(Rulebook.no == version))
    return body


async def text_of(session: AsyncSession, version: str) -> RulebookText | None:
    """A version as it is read; None where there is no such version."""
    body = await body_of(session, version)
    return read_rules(body).text if body else None


def as_yaml(rulebook: Rulebook) -> str:
    """The version as text that may be changed and drafted again."""
    return yaml.safe_dump(rulebook.body, allow_unicode=True, sort_keys=False, width=110)
