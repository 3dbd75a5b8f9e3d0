"""How is a rulebook drafted? As a whole text of its own version, validated, with what it changes written beside it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import orjson
from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Carried, Form, Hint
from chassis.documents import find, lock, move
from chassis.errors import Point, Refusal, StaleForm
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import RulebookActivated
from services.accountability.models import Rulebook, RulebookStatus
from services.accountability.rules.mistakes import Told
from services.accountability.rules.rule_changes import differences, same, signed
from services.accountability.rules.rulebook import RulebookText
from services.accountability.rules.rulebook_loading import SHIPPED, InvalidRulebook, read_both, read_rules
from services.accountability.rules.succession import succession


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


class NothingRewritten(Refusal):
    status, code, field = 422, "nothing_changed", "text"
    message = Label(
        "草案 {no} 的文本和原因已经如此。请先修改再提交。",
        "The draft {no} reads so already, and gives this reason. Please change something first.",
    )


OF_ITS_OWN = Hint(
    Label(
        "从最后批准的版本开始:请改写 version,再改内容",
        "It begins as the version approved last: give it a version of its own",
    )
)


class Text(Form):
    """A rulebook as YAML; blank means the one shipped with the product. It is in force for duties that open from a time on."""

    text: str = Field(default="", max_length=400_000)
    effective_from: AwareDatetime | None = None


class Draft(Form):
    """A whole rulebook as YAML with a version of its own, and why it is to change."""

    text: Annotated[str, OF_ITS_OWN] = Field(min_length=1, max_length=400_000)
    reason: str = Field(min_length=1, max_length=2000)

    @classmethod
    async def begun(cls, session: AsyncSession) -> Mapping[str, Any]:
        """The text against which the difference will be drawn."""
        newest = await latest(session, but="")
        return {"text": newest.text} if newest else {}


class Revision(Form):
    """A draft's whole text anew, and why it is to change.

    `text_digest` is that of the text that was opened: with it, nothing is overwritten that was written since. The page
    fills it in.
    """

    text: str = Field(min_length=1, max_length=400_000)
    reason: str = Field(min_length=1, max_length=2000)
    text_digest: Annotated[str, Carried()] = Field(default="", max_length=64)


async def draft(session: AsyncSession, form: Draft, *, maker: str, now: datetime) -> Rulebook:
    """Propose a version. What differs from the version in force is written beside it."""
    body = validated(form.text, draft=True)
    if await find(session, Rulebook, body["version"]) is not None:
        raise VersionKnown(no=body["version"])
    rulebook = Rulebook(
        no=body["version"], status=RulebookStatus.DRAFT, effective_from=None, made_by=maker, made_at=now
    )
    await write(session, rulebook, body, form.reason, by=maker)
    session.add(rulebook)
    return rulebook


async def revise(session: AsyncSession, no: str, form: Revision, *, by: str, now: datetime) -> Rulebook:
    """Write a draft anew; whoever did so last is its maker. Who only gives another reason has written nothing of it.

    Raises StaleForm where somebody wrote it anew after they opened it.
    """
    rulebook = await lock(session, Rulebook, no)
    move(rulebook, RulebookStatus.DRAFT)
    if form.text_digest not in ("", rulebook.text_digest):
        raise StaleForm(no=no)
    body = validated(form.text, draft=True)
    if body["version"] != no:
        raise AnotherVersion(no=no, version=body["version"])
    digest, changes, why = rulebook.text_digest, rulebook.changes, (rulebook.based_on, rulebook.reason)
    await write(session, rulebook, body, form.reason, by=by)
    rewritten = rulebook.text_digest != digest
    if rewritten:
        rulebook.rewritten_at = now
    if rewritten or not same(rulebook.changes, changes):
        rulebook.made_by, rulebook.made_at = by, now
    elif (rulebook.based_on, rulebook.reason) == why:
        raise NothingRewritten(no=no)
    return rulebook


async def drop(session: AsyncSession, no: str) -> Rulebook:
    """The draft comes to nothing; its version is not used again."""
    rulebook = await lock(session, Rulebook, no)
    move(rulebook, RulebookStatus.DROPPED)
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
        text_digest=digest_of(body),
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


def validated(text: str, *, field: str = "text", draft: bool = False) -> dict[str, Any]:
    """The rulebook as data; raises RulebookRefused naming each mistake with its line."""
    try:
        return read_both(text, draft=draft)[1]
    except InvalidRulebook as error:
        raise RulebookRefused(error.mistakes, field=field) from error


async def write(session: AsyncSession, rulebook: Rulebook, body: dict[str, Any], reason: str, *, by: str) -> None:
    """Fill a draft, and draw its difference against what was approved last, with who wrote what; raises NothingChanged."""
    based_on = await latest(session, but=rulebook.no)
    changes = tuple(differences(based_on.body, body)) if based_on else ()
    if based_on and not changes:
        raise NothingChanged(no=rulebook.no, based_on=based_on.no)
    earlier = [
        each.model_copy(update={"written_by": each.written_by or rulebook.made_by}) for each in rulebook.changes or ()
    ]
    rulebook.body, rulebook.text_digest, rulebook.reason = body, digest_of(body), reason
    rulebook.changes = signed(changes, earlier, by)
    rulebook.based_on = based_on.no if based_on else None


async def latest(session: AsyncSession, *, but: str) -> Rulebook | None:
    """The other version that was approved last: each comes into force no earlier than the one that it changes.

    `succession` says which that is.
    """
    others = [version.no for version in await succession(session) if version.no != but]
    return await find(session, Rulebook, others[-1]) if others else None


def digest_of(body: Mapping[str, Any]) -> str:
    """SHA-256 of the text as data: by it a consultation says on which text it was held."""
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def body_of(session: AsyncSession, version: str) -> dict[str, Any] | None:
    """A version's text as data; None where there is no such version."""
    body: dict[str, Any] | None = await session.scalar(select(Rulebook.body).where(Rulebook.no == version))
    return body


async def text_of(session: AsyncSession, version: str) -> RulebookText | None:
    """A version as it is read; None where there is no such version."""
    body = await body_of(session, version)
    return read_rules(body).text if body else None
