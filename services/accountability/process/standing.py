"""Where does a penalty record stand, what does it wait for and until when? In words, for the record's page and the printed form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import shown
from chassis.language import Label, listed, word
from contracts.accountability import Sanction
from contracts.event import SYSTEM_ACTOR
from services.accountability.compensation.compensations import nothing_left
from services.accountability.models import PenaltyRecord, RecordStatus
from services.accountability.process import escalation
from services.accountability.process.carried import Left
from services.accountability.process.due_process import BY_ITSELF, Action
from services.accountability.process.grounds import complaints_of

Name = Callable[[str], str]


WAITS: Mapping[Action, Label] = {
    Action.AWAIT_COMPLAINT: Label(
        "先顾客户:客诉 {complaint} 对客户关闭后再继续。",
        "First the customer: it waits until complaint {complaint} is closed.",
    ),
    Action.AWAIT_CONSULTATION: Label(
        "等待征求员工意见的记录:责任条款 {version} 还没有,不能据以发出。",
        "It waits for the recorded consultation of employees on rulebook {version}: without it nothing is issued.",
    ),
    Action.AWAIT_ACKNOWLEDGEMENT: Label(
        "等待当事人知悉责任条款 {version}:知悉之前不能据以发出。",
        "It waits until the person has acknowledged rulebook {version}: before that nothing is issued to them.",
    ),
    Action.AWAIT_HR: Label("由人事决定发出或不予发出。", "HR decides whether it is issued or dropped."),
}
AWAIT_ALL = Label(
    "先顾客户:客诉 {complaint} 全部对客户关闭后再继续。",
    "First the customer: it waits until complaints {complaint} are all closed.",
)
WENT_ON = Label(
    "源于客诉 {no}:先顾客户,客诉关闭后才继续。",
    "It stems from complaint {no}: first the customer, it went on once that was closed.",
)
WENT_ON_AFTER_ALL = Label(
    "源于客诉 {no}:先顾客户,全部关闭后才继续。",
    "It stems from complaints {no}: first the customer, it went on once the last was closed.",
)
UNLESS_STATED = Label("到时没有申辩,即自行发出。", "If no statement comes by then, it is issued by itself.")
SILENCE = Label("没有申辩,即将自行发出。", "No statement came; it is about to be issued by itself.")
ISSUED = Label(
    "已发出。可在 {until} 前向{who}申诉;没有申诉,其后生效。",
    "Issued. An appeal to {who} is possible until {until}; without one it takes effect then.",
)
APPEALED = Label(
    "已于 {appealed} 申诉,由{who}决定;决定之前不生效。",
    "An appeal was made at {appealed}. {who} decides; until then the record has no effect.",
)
GOES_ON = Label(
    "已于 {appealed} 对 {no} 申诉,当时没有决定,对本单仍然有效,{until} 前可以补充,其后由{who}决定;决定之前不生效。",
    "The appeal made against {no} at {appealed} was not decided and stands against this record as well. More may be said until "
    "{until}; then {who} decides, and until it is decided the record has no effect.",
)
GOES_ON_ONCE_ISSUED = Label(
    "当事人已于 {at} 对 {no} 申诉,没有决定:本单如发出,须说明理由,申诉对本单仍然有效。",
    "The person appealed against {no} at {at}, and nobody decided: if this record is issued, a reason is given, and the appeal "
    "stands against it.",
)
IN_EFFECT = Label("已生效,到 {at} 失效。", "In effect until {at}.")
LAPSED = Label("已于 {at} 失效,不再计入。", "Lapsed at {at}; it counts no longer.")
LAPSED_WITH = Label(
    "所接续的 {no} 已于 {at} 失效:本单同样不再计入,无须申辩或申诉。",
    "The term of {no} was over at {at}: this record counts no longer either, and nothing needs an answer or an appeal.",
)
TERM_GOES_ON = Label(
    "没有新的违约事项,也不比 {no} 更重:期限接着 {no} 计算,不重新开始。",
    "There is no new breach, and it is no heavier than {no}: the term of {no} goes on with it and does not begin anew.",
)
FOR_NOTHING = Label(
    "无须赔付:可以申诉期间没有人认定故意或重大过失,以后不能再认定。留存到 {at}。",
    "Nothing is payable: nobody found intent or gross negligence while an appeal was possible, and it can be found no more. "
    "On file until {at}.",
)
NOTHING_LEFT = Label(
    "无须赔付:有权人已决定不赔。留存到 {at}。",
    "Nothing is payable: an authority decided so. On file until {at}.",
)
DECIDED_ON_APPEAL = Label(
    "申诉已于 {decided} 决定,随即生效。", "The appeal was decided at {decided}; the record is about to take effect."
)
NTH_WARNING = Label(
    "这是同时计入的第 {n} 次警告(此前:{before}),人事可以决定升级为小过。",
    "It is warning number {n} of those that count at one time (before it: {before}); HR may decide that it becomes a minor "
    "demerit.",
)
ABOUT_THAT_TOO = Label("{said}这一点也可以申辩。", "{said} The case may be stated about that too.")
NOBODY_YET = Label("另行任命的有权人", "somebody still to be appointed")


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about a record; `no` is another record that it leads to."""

    text: Label
    no: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What the words need from beside the record: the moment, who decides an appeal, what took its place, and names.

    `credit`: how many early warnings of the last `credit_months` stand to the person's credit. `no_longer`: warnings that the
    notice named and that count no more; `counted_in`: the record that was escalated with this one. `heard`: the earlier ones of
    the same matter on which the person spoke or somebody decided. `left`: what was left of some of them for the same breaches.
    `for_nothing`: it asks for money alone, and nobody found in time why anything would be payable.
    """

    now: datetime
    appeal_to: str | None
    replaced_by: str | None
    name: Name
    credit: int = 0
    credit_months: int = 0
    no_longer: Sequence[str] = ()
    counted_in: str | None = None
    heard: Sequence[str] = ()
    left: Left | None = None
    for_nothing: bool = False


def both(zh: str, en: str, **values: Any) -> Label:
    """A sentence in both languages; values that are labels themselves are put in by their own language."""
    said = {name: value if isinstance(value, Label) else shown(value) for name, value in values.items()}
    return Label(zh, en).filled(**said)


def standing(record: PenaltyRecord, around: Around) -> Label:
    """The one sentence that heads the record's page."""
    match RecordStatus(record.status):
        case RecordStatus.PROPOSED:
            return Label("已建议,即将通知当事人。", "Proposed; the person is about to be told.")
        case RecordStatus.NOTIFIED:
            return waits(record, around)
        case RecordStatus.ISSUED:
            return open_to_appeal(record, around)
        case RecordStatus.IN_EFFECT:
            nothing = NOTHING_LEFT if nothing_left(record) else FOR_NOTHING
            said = nothing if around.for_nothing else IN_EFFECT
            return both(said.zh, said.en, at=record.lapses_at)
        case RecordStatus.LAPSED:
            said = LAPSED if record.notified_at else LAPSED_WITH
            return both(said.zh, said.en, at=record.lapsed_at, no=record.term_from)
        case RecordStatus.WITHDRAWN:
            return withdrawn(record, around)


def waits(record: PenaltyRecord, around: Around) -> Label:
    """What a notified record waits for before it may be issued."""
    until = record.statement_until or record.next_at
    complaints = complaints_of(record.facts)
    version = record.awaited_version or record.rulebook_version
    values = {"until": until, "version": version, "complaint": listed(complaints)}
    over = until is not None and around.now > until
    then = WAITS.get(record.next_step or Action.NOTIFY, SILENCE if over else UNLESS_STATED)
    if len(complaints) > 1 and record.next_step == Action.AWAIT_COMPLAINT:
        then = AWAIT_ALL
    said = both(then.zh, then.en, **values)
    if record.warned_before:
        said = both("{said}{nth}", "{said} {nth}", said=said, nth=nth_warning(record))
    if over:
        return said
    if record.warned_before:
        said = ABOUT_THAT_TOO.filled(said=said)
    return both("申辩期到 {until} 为止。{said}", "The case may be stated until {until}. {said}", until=until, said=said)


def nth_warning(record: PenaltyRecord) -> Label:
    """That something heavier may come of it, and with which warnings."""
    return NTH_WARNING.filled(n=escalation.nth_warning(record), before=listed(record.warned_before))


def open_to_appeal(record: PenaltyRecord, around: Around) -> Label:
    """Until when, and to whom, an issued record may be appealed against; or who decides the appeal."""
    values = {
        "who": word(around.appeal_to) if around.appeal_to else NOBODY_YET,
        "until": record.appeal_until or record.next_at,
        "appealed": record.appealed_at,
        "decided": record.appeal_decided_at,
        "no": record.appeal_from,
    }
    appealed = GOES_ON if record.appeal_from else APPEALED
    undecided = appealed if record.appealed_at else ISSUED
    said = DECIDED_ON_APPEAL if record.appeal_decided_at else undecided
    return both(said.zh, said.en, **values)


def withdrawn(record: PenaltyRecord, around: Around) -> Label:
    """Why a record fell, and whether evidence or a person made it fall."""
    reason = reason_of(record.withdrawn_because, record.withdrawn_by)
    if record.withdrawn_by in (None, SYSTEM_ACTOR):
        return both("因后来的证据撤销:{reason}。", "Withdrawn on later evidence: {reason}.", reason=reason)
    who = around.name(record.withdrawn_by or "")
    if record.appeal_decided_at:
        return both("申诉后由 {who} 撤销:{reason}", "Revoked on appeal by {who}: {reason}", who=who, reason=reason)
    return both("{who} 决定不予发出:{reason}", "{who} decided not to issue it: {reason}", who=who, reason=reason)


def reason_of(text: str, by: str | None) -> Label:
    """Later evidence speaks both languages; a person's own words stay as they were written."""
    zh, _, en = text.partition(" / ")
    return Label(zh, en or zh) if by == SYSTEM_ACTOR else Label(text, text)


def remarks(record: PenaltyRecord, around: Around) -> Iterator[Remark]:
    """What else whoever looks at the record should know; each in a sentence."""
    facts = record.facts
    if record.status == RecordStatus.NOTIFIED and record.next_step == Action.AWAIT_HR:
        yield Remark(why_a_person(record))
    if (complaints := complaints_of(facts)) and record.next_step != Action.AWAIT_COMPLAINT:
        went_on = WENT_ON_AFTER_ALL if len(complaints) > 1 else WENT_ON
        yield Remark(went_on.filled(no=listed(complaints)))
    if facts.get("absorbed"):
        yield Remark(
            both(
                "同一事项不重复处理:较轻的条款 {codes} 已并入本条。",
                "No double jeopardy: the lighter clause {codes} is taken in by this one for the same failure.",
                codes=facts["absorbed"],
            )
        )
    for one, other in facts.get("self_dealing", ()):
        yield Remark(
            both(
                "自我监督:当事人当时同时任{one}和{other},两岗本应互相监督。",
                "Self-dealing: the person held {one} and {other} at the time, which should check each other.",
                one=word(one),
                other=word(other),
            )
        )
    if around.credit:
        yield Remark(
            both(
                "预警有功:此前 {months} 个月内,当事人 {n} 次在误期之前报告了障碍。",
                "To the person's credit: {n} hindrances reported before anything was late, in the {months} months before.",
                n=around.credit,
                months=around.credit_months,
            )
        )
    yield from escalated(record, around)
    if around.left:
        yield Remark(most_of(around.left))
    if record.appeal_from and record.status == RecordStatus.NOTIFIED:
        goes_on = both(GOES_ON_ONCE_ISSUED.zh, GOES_ON_ONCE_ISSUED.en, no=record.appeal_from, at=record.appealed_at)
        yield Remark(goes_on, record.appeal_from)
    if record.term_from and record.notified_at:
        yield Remark(both(TERM_GOES_ON.zh, TERM_GOES_ON.en, no=record.term_from), record.term_from)
    yield from succession(record, around)


def most_of(left: Left) -> Label:
    """That no more may be issued than was left of an earlier record."""
    sums = (
        Label(f"{left.compensation:,.2f} 元", f"CNY {left.compensation:,.2f}")
        if left.compensation is not None
        else None
    )
    most = [each for each in (word(left.sanction) if left.sanction else None, sums) if each is not None]
    said = Label("、".join(each.zh for each in most), " and ".join(each.en for each in most))
    return both(
        "{nos} 已由有权人减为 {most};没有新的违约事项,本单最多如此。",
        "{nos} was reduced to {most} by an authority; without a new breach no more than that is issued here.",
        nos=listed(left.nos),
        most=said,
    )


def escalated(record: PenaltyRecord, around: Around) -> Iterator[Remark]:
    """What became of several warnings: one counts no more, this one is counted, or the escalation fell."""
    if record.status == RecordStatus.NOTIFIED and around.no_longer:
        gone = listed(around.no_longer)
        yield Remark(
            both("通知时告知的 {gone} 已不再计入。", "Named in the notice, no longer counted: {gone}.", gone=gone)
        )
    if around.counted_in:
        text = both("计入 {no} 的升级。", "It was counted when {no} became heavier.", no=around.counted_in)
        yield Remark(text, around.counted_in)
    if record.fell_back_with:
        text = both(
            "{at} 退回警告:所计入的 {no} 不再成立:{why}",
            "A warning again since {at}: {no}, which had been counted, fell: {why}",
            at=record.fell_back_at,
            no=record.fell_back_with,
            why=reason_of(record.fell_back_because, record.fell_back_by),
        )
        yield Remark(text, record.fell_back_with)


def succession(record: PenaltyRecord, around: Around) -> Iterator[Remark]:
    """Which record it took the place of and why, what was heard before in the same matter, and which took its place."""
    if record.replaces:
        because = Label(record.facts["because"]["zh"], record.facts["because"]["en"])
        yield Remark(
            both("替代 {no}:{why}。", "It takes the place of {no}: {why}.", no=record.replaces, why=because),
            record.replaces,
        )
    for no in around.heard:
        if no != record.replaces:
            text = both("同一事项此前有 {no}。", "Before it, in the same matter: {no}.", no=no)
            yield Remark(text, no)
    if around.replaced_by:
        text = both("由 {no} 替代。", "{no} took its place.", no=around.replaced_by)
        yield Remark(text, around.replaced_by)


def why_a_person(record: PenaltyRecord) -> Label:
    """Why a record is not issued by itself."""
    if record.stated_at:
        return Label("当事人已申辩,所以由人决定。", "The person stated their case, so a person decides.")
    if record.heard_before and record.replaces:
        return Label(
            "它替代的处罚单已有申辩或决定,所以由人决定。",
            "On the record it replaces the person had spoken or somebody had decided, so a person decides.",
        )
    if record.heard_before:
        return Label(
            "同一事项此前的处罚单已有申辩或决定,所以由人决定。",
            "On an earlier record of the same matter the person had spoken or somebody had decided, so a person decides.",
        )
    if record.warned_before:
        return Label(
            "多次警告可能升级,所以由人决定。", "Several warnings may become something heavier, so a person decides."
        )
    if not record.sanction:
        return Label("建议赔偿只能由人决定。", "A compensation is always a person's decision.")
    assert Sanction(record.sanction) not in BY_ITSELF
    return both(
        "{sanction}只能由人决定。", "A {sanction} is always a person's decision.", sanction=word(record.sanction)
    )
