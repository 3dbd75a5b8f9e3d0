"""Why is an attribution (责任判定) refused?"""

from chassis.errors import Refusal
from chassis.language import Label


class SubjectMissing(Refusal):
    status, code = 422, "subject_missing"
    message = Label(
        "没有写明要判定的{matter}。请填写它的编号。", "No {matter} is named to attribute. Please give its number."
    )


class CauseMissing(Refusal):
    status, code, field = 422, "cause_missing", "cause"
    message = Label(
        "品质部还没有查明 {no} 的原因,也没有填写原因。请等待分析或填写原因。",
        "Quality has not found the cause of {no} and none is given. Wait for the analysis or give the cause.",
    )


class AnswersUnnamed(Refusal):
    status, code, field = 422, "person_missing", "person"
    message = Label(
        "罚款 {no} 的原因在公司内部({cause}),须写明由谁负责。请填写人员;他人之责请填写供应商、客户或运输。",
        "The cause of {no} lies in the house ({cause}): it is attributed to a person. Please name them, "
        "or give supplier, customer or transport as the cause.",
    )


class OwnCase(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 与本案有关,不能自己判定责任。请由总经理判定。",
        "{employee} is part of this case and may not attribute it. The general manager must.",
    )


class AlreadyAttributed(Refusal):
    code, field = "already_attributed", "corrects"
    message = Label(
        "该事项已由 {no} 判定。要更正请在“更正”中填写 {no}。",
        "{no} attributes this already. To correct it, give {no} as what is corrected.",
    )


class NothingToCorrect(Refusal):
    status, code, field = 422, "nothing_to_correct", "corrects"
    message = Label(
        "{corrects} 不是该事项现行的判定。请核对编号。",
        "{corrects} is not the attribution of this matter in force. Please check the number.",
    )


class DiffersFromRecord(Refusal):
    status, code = 422, "differs_from_record"
    message = Label(
        "记录的金额是 {recorded},与填写的 {given} 不同。金额以记录为准,请留空或改为记录的金额。",
        "What is recorded is {recorded}, not {given}, and counts: leave it blank or give that.",
    )


class LossWithoutDocument(Refusal):
    status, code, field = 422, "loss_without_document", "loss_document"
    message = Label(
        "没有返工或罚款记录金额 {amount}。请填写记录该金额的单据编号,或将金额留空;不接受估计。",
        "No rework or penalty records the amount {amount}. Please give the number of the document that does, "
        "or leave the amount blank; estimates do not count.",
    )


class OperationMissing(Refusal):
    status, code, field = 422, "operation_missing", "operation_no"
    message = Label(
        "返工 {no} 可能出自几道工序:{operations}。请填写工序。",
        "Rework {no} may come of several operations: {operations}. Please name the operation.",
    )


class LeaderMissing(Refusal):
    status, code, field = 422, "person_missing", "person"
    message = Label(
        "工序 {operation} 先后由 {leaders} 负责。请填写由谁负责。",
        "Operation {operation} was {leaders}'s, one after the other. Please name who answers.",
    )


class NotTheirWork(Refusal):
    status, code, field = 422, "not_their_work", "person"
    message = Label(
        "{person} 没有负责过这里的工序(负责过的:{leaders})。请核对人员或工序。",
        "{person} never led the work ({leaders} did). Please check the person or the operation.",
    )


class InspectorMissing(Refusal):
    status, code, field = 422, "inspector_missing", "inspector"
    message = Label(
        "这些货由 {passed} 放行。检验漏检的,请填写是哪一位检验员。",
        "These goods were let pass by {passed}. Where inspection missed the defect, please name which inspector did.",
    )


class PassedByAnother(Refusal):
    status, code, field = 422, "passed_by_another", "inspector"
    message = Label(
        "{inspector} 没有放行过这些货(放行人:{passed})。请核对检验员或批号。",
        "{inspector} did not let these goods pass ({passed} did). Please check the inspector or the lot.",
    )
