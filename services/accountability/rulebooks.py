"""Which rules are in force, since when? A version is validated whole before anybody can be judged by it."""

from datetime import datetime

import yaml
from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import find
from chassis.errors import Refusal
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import RulebookActivated
from services.accountability.models import IssuedStatus, Rulebook
from services.accountability.rulebook_loading import SHIPPED, InvalidRulebook, read_yaml


class RulebookRefused(Refusal):
    status, code, field = 422, "rulebook_invalid", "text"
    message = Label(
        "责任条款有误:{mistakes}。请改正后再提交。", "The rulebook has mistakes: {mistakes}. Please correct them."
    )


class VersionKnown(Refusal):
    code, field = "version_known", "text"
    message = Label(
        "版本 {no} 已经生效。请使用新的版本号。", "Version {no} is in force already. Please use a new version."
    )


class Text(Form):
    """A rulebook as YAML; blank means the one shipped with the product. It is in force for duties that open from a time on."""

    text: str = Field(default="", max_length=400_000)
    effective_from: AwareDatetime | None = None


async def activate(session: AsyncSession, form: Text, *, maker: str, now: datetime) -> Rulebook:
    text = form.text or SHIPPED.read_text(encoding="utf-8")
    try:
        version = read_yaml(text).version
    except InvalidRulebook as error:
        raise RulebookRefused(mistakes=error) from None
    if await find(session, Rulebook, version) is not None:
        raise VersionKnown(no=version)
    rulebook = Rulebook(
        no=version,
        status=IssuedStatus.ISSUED,
        effective_from=form.effective_from or now,
        body=yaml.safe_load(text),
        made_by=maker,
        made_at=now,
    )
    session.add(rulebook)
    await publish(
        session,
        RulebookActivated(
            version=version, effective_from=rulebook.effective_from, rules=rulebook.body, activated_by=maker
        ),
    )
    return rulebook
