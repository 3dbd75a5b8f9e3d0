"""Why does nobody answer with money yet? Each refusal names what was wrong, with what, and what to do."""

from chassis.errors import Refusal
from chassis.language import Label


class OwnCompensation(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 是 {no} 的当事人,不能办理自己的赔偿。请由另一位有权的人办理。",
        "{employee} is the person of {no} and may not see to their own compensation. "
        "Please ask another person with the right.",
    )


class NothingProposed(Refusal):
    code, field = "nothing_proposed", "record_no"
    message = Label(
        "{no} 没有建议赔偿:条款没有赔偿公式,或没有记录的直接损失。请先登记损失。",
        "{no} proposes no compensation: its clause has no formula, or no direct loss is recorded. Please record the loss first.",
    )


class RecordPastHearing(Refusal):
    code, field = "record_past_hearing", "record_no"
    message = Label(
        "{no} 现在是“{status}”。故意或重大过失须在处罚单已通知、尚未生效时认定,当事人才能申辩和申诉。",
        "{no} is {status}. Intent or gross negligence is found while the record is notified or issued, "
        "so that the person can still be heard and appeal.",
    )


class AppealOver(Refusal):
    code, field = "appeal_over", "record_no"
    message = Label(
        "对 {no} 的申诉已于 {at} 决定,或申诉期已于该时结束。故意或重大过失须在此之前认定,当事人才能申诉。",
        "The appeal against {no} was decided, or the time for one ended, at {at}. Intent or gross negligence is found before "
        "that, so that the person can still appeal.",
    )


class FaultFoundAlready(Refusal):
    code, field = "fault_found_already", "record_no"
    message = Label(
        "{no} 已由 {other} 认定赔偿。请先撤回它,再重新认定。",
        "{other} found the compensation of {no} already. Please have it withdrawn before finding it anew.",
    )


class ShareAboveProposal(Refusal):
    status, code, field = 422, "share_above_proposal", "share_percent"
    message = Label(
        "责任比例 {share}% 超过处罚单建议的 {proposed}%。请填写不高于该比例的数。",
        "A share of {share} % is more than the record's {proposed} %. Please give that much or less.",
    )


class LossSharedOut(Refusal):
    code, field = "loss_shared_out", "share_percent"
    message = Label(
        "{document} 的损失已由 {others} 承担,剩下 {left}%。请填写不高于该比例的数。",
        "Of the loss of {document} {others} answer for so much that {left} % is left. Please give that much or less.",
    )


class NothingToAnswerFor(Refusal):
    status, code, field = 422, "nothing_to_answer_for", "share_percent"
    message = Label(
        "按责任比例 {share}% 计算不足一分钱。请核对比例。",
        "A share of {share} % comes to less than a fen. Please check the share.",
    )


class NothingLeft(Refusal):
    code, field = "nothing_left", "record_no"
    message = Label(
        "{no} 的赔偿已由有权人减到不足一分钱:无须赔付,不能再认定或通知。",
        "An authority left less than a fen of the compensation of {no}: nothing is payable, so there is nothing to find or to "
        "notify.",
    )


class NotIssuedYet(Refusal):
    code = "record_not_issued"
    message = Label(
        "处罚单 {record_no} 现在是“{status}”。书面通知须在发出之后、失效之前送达。",
        "Record {record_no} is {status}. The written notification is given once it is issued and before it has lapsed.",
    )


class FoundByYou(Refusal):
    status, code = 403, "notified_by_another"
    message = Label(
        "{no} 是 {employee} 认定的,书面通知须由另一位人事发出;没有时由总经理发出。",
        "{employee} found {no}; the written notification is given by somebody else in HR, or the general manager where there is "
        "nobody.",
    )


class NotYourCompensation(Refusal):
    status, code = 403, "not_your_compensation"
    message = Label(
        "{no} 是 {found_by} 认定的,只能由其本人撤回。", "{found_by} found {no}. Only they may take it back."
    )


class NothingToObjectTo(Refusal):
    code = "nothing_to_object_to"
    message = Label(
        "{no} 现在是“{status}”,没有可以提出异议的书面通知。",
        "{no} is {status}: there is no written notification to object to.",
    )


class ObjectionLate(Refusal):
    code = "objection_late"
    message = Label(
        "对 {no} 的异议期到 {until} 为止,已经过了。",
        "An objection to {no} was possible until {until}. That time is over.",
    )


class ObjectedAlready(Refusal):
    code = "objected_already"
    message = Label(
        "{no} 已于 {at} 提出异议。请等待决定。", "An objection to {no} was made at {at}. Please wait for the decision."
    )


class NoObjection(Refusal):
    code = "no_objection"
    message = Label(
        "{no} 没有等待决定的异议。请刷新后查看现状。",
        "No objection to {no} waits for a decision. Please reload to see where it stands.",
    )


class HadAHandInIt(Refusal):
    status, code = 403, "not_independent"
    message = Label(
        "{employee} 认定或通知了 {no},不能再决定对它的异议。请由另一位人事或总经理决定(没有时,可任命代理)。",
        "{employee} found or notified {no} and may not decide the objection to it. It is for somebody else in HR or the general "
        "manager (acting, where there is nobody).",
    )


class NotLessThanPayable(Refusal):
    status, code, field = 422, "not_lower", "objection_reduced_to"
    message = Label(
        "{to} 元不低于现在应赔的 {payable} 元,或决定不是“减轻”。请填写更低的金额,并选择减轻。",
        "CNY {to} is not below the {payable} that is payable now, or the outcome is not to reduce. Please give less, and choose "
        "to reduce.",
    )
