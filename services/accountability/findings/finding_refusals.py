"""Why is a finding refused? Each refusal names what was wrong, with what, and what to do."""

from chassis.errors import Refusal
from chassis.language import Label


class NotFoundByPeople(Refusal):
    status, code, field = 422, "not_found_by_people", "clause"
    message = Label(
        "当时的责任条款 {version} 中,{clause} 不由人认定。由人认定的条款:{known}。",
        "Under rulebook {version} of that time nobody finds {clause}. People find {known}.",
    )


class MayNotFind(Refusal):
    status, code, field = 403, "may_not_find", "clause"
    message = Label(
        "{employee} 不能认定 {clause}。请由{posts}认定。",
        "{employee} may not find {clause}. Please ask a holder of: {posts}.",
    )


class MayNotPropose(Refusal):
    status, code, field = 403, "may_not_propose", "clause"
    message = Label(
        "{employee} 不能提请认定 {clause}。请由{posts}提请。",
        "{employee} may not propose a finding of {clause}. Please ask a holder of: {posts}.",
    )


class NotTheirsToPropose(Refusal):
    status, code, field = 403, "not_theirs_to_propose", "person"
    message = Label(
        "{employee} 当时不任以下任何岗位,不能由您提请认定 {clause}:{posts}。请告知有权认定的人:{finders}。",
        "{employee} held none of these posts then, of whose holders you may propose a finding of {clause}: {posts}. "
        "Please tell whoever finds it: {finders}.",
    )


class ProposalNeeded(Refusal):
    code, field = "proposal_needed", "clause"
    message = Label(
        "{clause} 须先由{posts}提请认定。请对提请的认定单予以认定。",
        "{clause} is found only on a proposal by: {posts}. Please confirm what they proposed.",
    )


class NoProposalNeeded(Refusal):
    code, field = "no_proposal_needed", "clause"
    message = Label(
        "{clause} 无须提请,由{posts}直接认定。", "{clause} needs no proposal. A holder of this post finds it: {posts}."
    )


class OwnFinding(Refusal):
    status, code, field = 403, "own_case", "person"
    message = Label(
        "{employee} 是本案当事人,不能自己认定。请由总经理认定。",
        "{employee} is the person concerned and may not find in their own case. The general manager must.",
    )


class NotYetHappened(Refusal):
    status, code, field = 422, "not_yet_happened", "occurred_at"
    message = Label(
        "发生时间 {occurred_at} 还没有到。请填写事情发生的时间。",
        "{occurred_at} is still to come. Please give the time at which it happened.",
    )


class PostNotHeldThen(Refusal):
    status, code, field = 422, "post_not_held_then", "person"
    message = Label(
        "{employee} 在 {occurred_at} 不任 {clause} 所指的岗位({posts})。请核对人员与时间。",
        "{employee} did not hold a post that {clause} is about ({posts}) on {occurred_at}. Please check person and time.",
    )


class UnknownOrder(Refusal):
    status, code, field = 422, "unknown_order", "order_no"
    message = Label(
        "账本中没有订单 {order_no} 的任何事实。请核对订单号。",
        "The ledger holds no fact of order {order_no}. Please check the number.",
    )


class OfNoOrder(Refusal):
    status, code, field = 422, "of_no_order", "order_no"
    message = Label(
        "工伤及其调查不属于任何订单,认定 {clause} 不填订单号。请留空。",
        "An injury and its investigation belong to no order, nor does a finding of {clause}. Please leave it blank.",
    )


class SanctionOutsideRange(Refusal):
    status, code, field = 422, "sanction_outside_range", "sanction"
    message = Label(
        "{clause} 的处分不能是“{sanction}”。请从中选择:{allowed}。",
        "{clause} cannot bring {sanction}. Please choose from: {allowed}.",
    )


class UnknownPosition(Refusal):
    status, code, field = 422, "unknown_position", "evidence_positions"
    message = Label(
        "账本中没有第 {positions} 条。请核对账本位置。",
        "The ledger has no position {positions}. Please check the numbers.",
    )


class PersonMissing(Refusal):
    status, code, field = 422, "person_missing", "person"
    message = Label(
        "没有写明认定谁违反 {clause}。请填写人员。", "Nobody is named who breached {clause}. Please name a person."
    )


class NoManager(Refusal):
    status, code, field = 422, "no_manager", "department"
    message = Label(
        "{department}在 {occurred_at} 不是恰有一位{post}。请填写人员。",
        "On {occurred_at} {department} had not exactly one {post}. Please name the person.",
    )


class FactMissing(Refusal):
    status, code = 422, "fact_missing"
    message = Label("认定 {clause} 须填写“{fact}”。", "A finding of {clause} needs: {fact}.")


class NoEvidence(Refusal):
    status, code, field = 422, "no_evidence", "evidence_documents"
    message = Label(
        "没有证据不能认定。请至少填写一份单据编号或一个账本位置。",
        "Nothing is found without evidence. Please give at least one document number or ledger position.",
    )


class NeverEvidence(Refusal):
    status, code, field = 422, "never_evidence", "evidence_documents"
    message = Label(
        "{no} 是“{fact}”,不能作为认定任何人的证据。请填写其他证据。",
        "{no} is the {fact} and never evidence against anybody. Please give other evidence.",
    )


class LossWithoutDocument(Refusal):
    status, code, field = 422, "loss_without_document", "loss_document"
    message = Label(
        "金额 {amount} 没有凭据。请填写记录该损失的单据编号,不接受估计。",
        "Nothing records the amount {amount}. Please give the number of the document that does; estimates do not count.",
    )


class AnotherMatter(Refusal):
    status, code, field = 422, "another_matter", "corrects"
    message = Label(
        "{no} 不是对 {clause}、订单 {order_no} 的认定,不能由此更正。请核对编号、条款和订单号;不更正任何认定的,请留空。",
        "{no} is no finding of {clause} in order {order_no} and cannot be corrected by this. Please check number, clause and "
        "order, or leave it blank where nothing is corrected.",
    )


class FoundAlready(Refusal):
    code, field = "found_already", "clause"
    message = Label(
        "{no} 已就同一时间或同一损失凭据对 {person} 认定或提请 {clause}。要改写请更正它(corrects),不要另行认定。",
        "{no} is about {clause} and {person} already, at the same time or on the same loss document. "
        "Please correct that one (corrects) instead.",
    )


class NotYourFinding(Refusal):
    status, code = 403, "not_your_finding"
    message = Label(
        "{no} 由 {found_by} 认定,只能由其本人撤回;有权认定的人可以更正。",
        "{no} was found by {found_by}, who alone may withdraw it; whoever may find the clause can correct it.",
    )
