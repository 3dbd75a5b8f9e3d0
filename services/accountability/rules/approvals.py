"""When does a draft come into force? When a second person approves what it changes of the rules that count by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Carried, Form
from chassis.documents import different_person, lock, move
from chassis.errors import Refusal, StaleForm
from chassis.language import Label
from chassis.outbox import publish
from services.accountability.models import Consultation, Rulebook, RulebookStatus
from services.accountability.rules import consultations
from services.accountability.rules.rule_changes import differences, same
from services.accountability.rules.rulebooks import activated, latest

MOST_PLACES = 5
"""So many of one's own places say enough of why somebody else approves."""


class OutdatedDraft(Refusal):
    code = "draft_outdated"
    message = Label(
        "{no} 的差别是对照 {based_on} 列出的,而最后批准的是 {latest}:现在批准会改变没有列出的内容。"
        "请先修改草案,保留 {latest} 的改动,差别会重新列出。",
        "What {no} changes is told against {based_on}, but {latest} was approved last: approved now, it would change what is "
        "not shown. Please revise the draft, keeping what {latest} changed; the difference is then drawn anew.",
    )


class NobodyConsulted(Refusal):
    code = "not_consulted"
    message = Label(
        "还没有就 {no} 征求员工意见的记录。请先登记征求意见,再批准。",
        "No consultation of employees on {no} is on record. Please record it before approving.",
    )


class ConsultedOnAnotherText(Refusal):
    code = "consulted_on_another_text"
    message = Label(
        "{no} 在征求员工意见({consultations})之后改写过。请就现在的文本再次征求意见并登记,再批准。",
        "{no} was rewritten after the employees were consulted ({consultations}). Please consult them on the text as it is "
        "now and record that before approving.",
    )


class OwnWords(Refusal):
    status, code = 403, "self_approval"
    message = Label(
        "{no} 中 {places} 是 {employee} 写的,不能由本人批准。请由另一位人事或总经理批准,其没有写过现在的内容。",
        "{employee} wrote {places} of {no} and may not approve it. Please ask somebody else in HR or the general manager, "
        "none of whose words stand in it.",
    )


class InThePast(Refusal):
    status, code, field = 422, "effective_in_the_past", "effective_from"
    message = Label(
        "生效时间 {effective_from} 已经过去。条款只对以后开始的交接有效,请填写以后的时间或留空。",
        "The time {effective_from} is over. Rules hold for handovers that open later; please give a later time or none.",
    )


class BeforeItsBase(Refusal):
    status, code, field = 422, "effective_before_its_base", "effective_from"
    message = Label(
        "{no} 修改的是 {based_on},而 {based_on} 从 {since} 起才生效,会在其后取代 {no}。请填写不早于该时间的生效时间。",
        "{no} changes {based_on}, which comes into force at {since} and would replace {no} then. Please give that time or a "
        "later one.",
    )


class Approval(Form):
    """From when on it is in force; from now on where that is left out.

    `text_digest` is that of the text that was read: with it, nothing is approved that was written since. The page fills it in.
    """

    effective_from: AwareDatetime | None = None
    text_digest: Annotated[str, Carried()] = Field(default="", max_length=64)

    @classmethod
    def about(cls, document: Rulebook) -> list[tuple[Label, str]]:
        """The difference that is approved."""
        return [
            (Label(each.place, each.place), f"{each.before or '—'} → {each.after or '—'}") for each in document.changes
        ]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a draft still lacks: `overtaken_by` was approved since its difference was drawn; who was consulted on which text."""

    overtaken_by: str | None
    on_this_text: Sequence[Consultation]
    on_another: Sequence[Consultation]

    @property
    def ready(self) -> bool:
        return self.overtaken_by is None and bool(self.on_this_text)


async def standing_of(session: AsyncSession, rulebook: Rulebook) -> Standing:
    """Read anew whenever somebody looks: another draft may have been approved meanwhile."""
    held = await consultations.of_version(session, rulebook.no)
    newest = await latest(session, but=rulebook.no)
    return Standing(
        overtaken_by=newest.no if newest and not shows_what_it_changes(rulebook, newest) else None,
        on_this_text=[each for each in held if each.text_digest == rulebook.text_digest],
        on_another=[each for each in held if each.text_digest != rulebook.text_digest],
    )


def shows_what_it_changes(rulebook: Rulebook, newest: Rulebook) -> bool:
    """Whether the difference beside the draft is all that it would change of what was approved last."""
    return rulebook.based_on == newest.no and same(rulebook.changes, differences(newest.body, rulebook.body))


async def approve(session: AsyncSession, no: str, form: Approval, *, by: str, now: datetime) -> Rulebook:
    """A second person lets the version come into force; the employees were consulted on its text before.

    Raises StaleForm where it was rewritten after they read it.
    """
    rulebook = await lock(session, Rulebook, no)
    move(rulebook, RulebookStatus.ISSUED)
    different_person(rulebook, by)
    check_not_own_words(rulebook, by)
    if form.text_digest not in ("", rulebook.text_digest):
        raise StaleForm(no=no)
    if rulebook.based_on:  # of two drafts approved at once the second sees the first
        await lock(session, Rulebook, rulebook.based_on)
    check(rulebook, await standing_of(session, rulebook))
    effective_from = form.effective_from or now
    await check_time(session, rulebook, effective_from, now)
    rulebook.approved_by, rulebook.approved_at, rulebook.effective_from = by, now, effective_from
    await publish(session, activated(rulebook, by))
    return rulebook


def check_not_own_words(rulebook: Rulebook, by: str) -> None:
    """Nobody lets their own words come into force, whoever saved them again since; raises OwnWords."""
    if by in rulebook.authors:
        own = [each.place for each in rulebook.changes if each.written_by == by]
        raise OwnWords(employee=by, no=rulebook.no, places=own[:MOST_PLACES])


def check(rulebook: Rulebook, standing: Standing) -> None:
    """Raises OutdatedDraft, ConsultedOnAnotherText, NobodyConsulted."""
    if standing.overtaken_by:
        raise OutdatedDraft(no=rulebook.no, based_on=rulebook.based_on or "—", latest=standing.overtaken_by)
    if standing.on_this_text:
        return
    if standing.on_another:
        raise ConsultedOnAnotherText(no=rulebook.no, consultations=[each.no for each in standing.on_another])
    raise NobodyConsulted(no=rulebook.no)


async def check_time(session: AsyncSession, rulebook: Rulebook, effective_from: datetime, now: datetime) -> None:
    """Raises InThePast, and BeforeItsBase where the version that it changes would come into force after it."""
    if effective_from < now:
        raise InThePast(effective_from=effective_from)
    base = await latest(session, but=rulebook.no)
    if base and base.effective_from and effective_from < base.effective_from:
        raise BeforeItsBase(no=rulebook.no, based_on=base.no, since=base.effective_from)
