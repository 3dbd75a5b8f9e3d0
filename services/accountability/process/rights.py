"""What may the person of a record still do about it, and until when? As it stands now: nothing is promised that is over."""

from collections.abc import Iterator
from datetime import datetime

from chassis.language import Label, word
from services.accountability.compensation import objections
from services.accountability.models import Compensation, PenaltyRecord, RecordStatus
from services.accountability.process.standing import NOBODY_YET, Around, both

WITHDRAWN = Label(
    "本单已于 {at} 撤销,不计入任何记录:没有需要申辩或申诉的事项。",
    "This record was withdrawn at {at} and counts for nothing: there is nothing to answer to or to appeal against.",
)
NOTHING_ASKED = Label(
    "本单在告知以前已随 {no} 失效,不再计入:没有需要申辩或申诉的事项。",
    "This record had lapsed with {no} before anybody was told of it, and counts for nothing: there is nothing to answer to or to "
    "appeal against.",
)
TO_BE_TOLD = Label(
    "申辩:期限在通知时告知。", "Statement: the person is told of the time for it when they are notified."
)
STATE = Label(
    "申辩:到 {until} 为止,在系统内向人事陈述并附证据;作了申辩的,由人决定是否发出。",
    "Statement: until {until}, to HR in this system, with evidence; where one is made, a person decides whether the record is "
    "issued.",
)
STATED = Label("申辩:期限已于 {until} 结束。", "Statement: the time for it ended at {until}.")
APPEAL_LATER = Label(
    "申诉:发出后 {length}内,向{who}提出;期限在发出时告知。",
    "Appeal: within {length} of the issue, to {who}; the exact time is told then.",
)
APPEAL = Label(
    "申诉:到 {until} 为止,向{who}提出;决定之前本单不生效。",
    "Appeal: until {until}, to {who}; until it is decided this record has no effect.",
)
APPEALED = Label(
    "申诉:已于 {at} 提出,由{who}决定;决定之前本单不生效。",
    "Appeal: made at {at}; {who} decides, and until then this record has no effect.",
)
GOES_ON = Label(
    "申诉:已于 {at} 对 {no} 提出,当时没有决定,本单一经发出即对本单有效,由{who}决定;决定之前本单不生效,"
    "您可以在发出后 {length}内补充。",
    "Appeal: made at {at} against {no} and not decided; it stands against this record once that is issued. {who} decides, until "
    "then this record has no effect, and you may add to it within {length} of the issue.",
)
STANDS = Label(
    "申诉:已于 {at} 对 {no} 提出,当时没有决定,对本单仍然有效,由{who}决定;决定之前本单不生效,您可以在 {until} 前补充。",
    "Appeal: made at {at} against {no} and not decided; it stands against this record as well. {who} decides, until then this "
    "record has no effect, and you may add to it until {until}.",
)
DECIDED = Label("申诉:已于 {at} 决定:{outcome}。", "Appeal: decided at {at}: {outcome}.")
APPEAL_OVER = Label("申诉:期限已于 {until} 结束。", "Appeal: the time for it ended at {until}.")
OBJECT = Label(
    "异议:对赔偿,到 {until} 为止,在系统内向人事提出;由没有经手的人决定,决定之前不分期。",
    "Objection: to the compensation, until {until}, to HR in this system; somebody who had no hand in it decides, and nothing is "
    "taken before.",
)
OBJECTED = Label(
    "异议:已于 {at} 提出,由没有经手的人决定;决定之前不分期。",
    "Objection: made at {at}; somebody who had no hand in it decides, and nothing is taken before.",
)
OBJECTION_DECIDED = Label("异议:已于 {at} 决定:{outcome}。", "Objection: decided at {at}: {outcome}.")
OBJECTION_OVER = Label("异议:期限已于 {until} 结束。", "Objection: the time for it ended at {until}.")
LAPSES_LATER = Label("生效以后,期满即失效。", "Once in effect, it lapses at the end of its term.")
LAPSES = Label("本单到 {at} 失效。", "This record lapses at {at}.")
LAPSED = Label("本单已于 {at} 失效,不再计入。", "This record lapsed at {at} and counts no longer.")


def rights(
    record: PenaltyRecord, around: Around, appeal_length: str, compensation: Compensation | None
) -> Iterator[Label]:
    """One sentence each: the statement, the appeal, the objection to a compensation, and the lapse."""
    if record.status == RecordStatus.WITHDRAWN:
        yield both(WITHDRAWN.zh, WITHDRAWN.en, at=record.withdrawn_at)
        return
    if record.status == RecordStatus.LAPSED and record.notified_at is None:
        yield both(NOTHING_ASKED.zh, NOTHING_ASKED.en, no=record.term_from)
        return
    yield statement(record, around.now)
    yield appeal(record, around, appeal_length)
    if compensation is not None and compensation.objection_until is not None:
        yield objection(compensation, around.now)
    yield lapse(record)


def statement(record: PenaltyRecord, now: datetime) -> Label:
    """Until when the case may be stated; once the record is issued that is over."""
    until = record.statement_until
    if until is None:
        return TO_BE_TOLD
    open_ = record.status == RecordStatus.NOTIFIED and now <= until
    return both(STATE.zh, STATE.en, until=until) if open_ else both(STATED.zh, STATED.en, until=until)


def appeal(record: PenaltyRecord, around: Around, length: str) -> Label:
    """To whom and until when; or that one was made or decided, or that the time for it is over."""
    who = word(around.appeal_to) if around.appeal_to else NOBODY_YET
    if record.appeal_from and not record.appeal_decided_at:
        said = STANDS if record.issued_at else GOES_ON
        values = {"at": record.appealed_at, "no": record.appeal_from, "length": length, "until": record.appeal_until}
        return both(said.zh, said.en, who=who, **values)
    if record.issued_at is None:
        return both(APPEAL_LATER.zh, APPEAL_LATER.en, length=length, who=who)
    if record.appeal_decided_at:
        return both(DECIDED.zh, DECIDED.en, at=record.appeal_decided_at, outcome=word(record.appeal_outcome))
    if record.appealed_at:
        return both(APPEALED.zh, APPEALED.en, at=record.appealed_at, who=who)
    until = record.appeal_until or record.in_effect_at
    open_ = record.status == RecordStatus.ISSUED and (until is None or around.now <= until)
    return (
        both(APPEAL.zh, APPEAL.en, until=until, who=who) if open_ else both(APPEAL_OVER.zh, APPEAL_OVER.en, until=until)
    )


def objection(compensation: Compensation, now: datetime) -> Label:
    """Likewise, to a compensation of which the person was notified."""
    until = compensation.objection_until
    if compensation.objection_decided_at:
        at, outcome = compensation.objection_decided_at, word(compensation.objection_outcome)
        return both(OBJECTION_DECIDED.zh, OBJECTION_DECIDED.en, at=at, outcome=outcome)
    if compensation.objected_at:
        return both(OBJECTED.zh, OBJECTED.en, at=compensation.objected_at)
    open_ = objections.may_object(compensation, now)
    return both(OBJECT.zh, OBJECT.en, until=until) if open_ else both(OBJECTION_OVER.zh, OBJECTION_OVER.en, until=until)


def lapse(record: PenaltyRecord) -> Label:
    """Until when it counts."""
    if record.lapsed_at:
        return both(LAPSED.zh, LAPSED.en, at=record.lapsed_at)
    return both(LAPSES.zh, LAPSES.en, at=record.lapses_at) if record.lapses_at else LAPSES_LATER
