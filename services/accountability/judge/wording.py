"""How are grounds and reasons said, in Chinese and in English?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.breach_words import called
from services.accountability.judge.admission import UNAVAILABLE
from services.accountability.judge.clauses import Charge
from services.accountability.judge.evidence import LATE_WORD, Evidence
from services.accountability.rules.rulebook import Bilingual, ClauseRule

NOTHING = Bilingual(zh="", en="")

REASONS = {
    "pmc.exception_decided.v1": ("异常已裁定", "an exception was decided"),
    "pmc.complaint_attributed.v1": ("又有责任归属", "a further attribution was made"),
    "engineering.missing_document_decided.v1": ("缺失资料已重新认定", "the missing document was decided anew"),
    "purchasing.purchase_breach_confirmed.v1": ("采购违规的确认已更正", "the confirmed breach was corrected"),
    "purchasing.purchase_breach_dismissed.v1": ("采购违规的确认已撤回", "the confirmed breach was taken back"),
    "quality.uninspected_use_confirmed.v1": ("未检使用的认定已更正", "the confirmed use was corrected"),
    "quality.uninspected_use_withdrawn.v1": ("未检使用的认定已撤回", "the confirmed use was taken back"),
    "accountability.breach_found.v1": ("又有违规认定", "a further breach was found"),
    "accountability.finding_withdrawn.v1": ("认定已撤回", "the finding was withdrawn"),
    "pmc.purchase_redated.v1": ("物料已改期", "the material was re-dated"),
    "sales.order_amended.v1": ("订单已变更", "the order was amended"),
    "sales.delivery_postponed.v1": ("客户已延期", "the customer postponed"),
    "sales.order_cancelled.v1": ("订单已取消", "the order was cancelled"),
    "accountability.paper_countersigned.v1": ("停机期间的纸面记录已会签", "the paper of an outage was countersigned"),
    "accountability.suspicion_cleared.v1": ("疑点已由经理澄清", "a manager cleared the suspicion"),
    "accountability.post_assigned.v1": ("岗位任命有变", "the roster changed"),
    "accountability.post_ended.v1": ("岗位任命有变", "the roster changed"),
    "accountability.calendar_set.v1": ("工厂日历有变", "the factory calendar changed"),
    "accountability.rulebook_activated.v1": ("责任条款有变", "the rulebook changed"),
}
CORRECTED = {
    "pmc.complaint_attributed.v1": ("责任归属已更正", "the attribution was corrected"),
    "accountability.breach_found.v1": ("认定已更正", "the finding was corrected"),
}
CORRECTION = ("先前的记录已更正", "what was recorded before was corrected")
OUTAGE = ("系统停机时间不计", "the service was unavailable for a while")
HEARD_LATE = ("消息迟到的时间不计", "the word that it went on came late")
LATER = ("后到的证据", "later evidence")


def ground(clause: ClauseRule, charges: Iterable[Charge], absorbed: tuple[str, ...]) -> Bilingual:
    """Why a record is proposed: the clause, and what was breached."""
    charges = list(charges)
    names = [_about(charge) for charge in charges]
    notes = list(dict.fromkeys(note for charge in charges for note in charge.notes))
    taken_zh = f"(并入 {'、'.join(absorbed)})" if absorbed else ""
    taken_en = f" (taking in {', '.join(absorbed)})" if absorbed else ""
    return Bilingual(
        zh=f"{clause.duty.zh}{taken_zh}违反事项：{'；'.join(zh for zh, _ in names)}{''.join(f'。{note.zh}' for note in notes)}",
        en=f"{clause.duty.en}{taken_en} Breached: {'; '.join(en for _, en in names)}{''.join(f'. {note.en}' for note in notes)}",
    )


def because(trigger: Evidence | None, changed: Sequence[Bilingual] = ()) -> Bilingual:
    """Why a record is withdrawn or replaced: what is different now, and the fact that came; none came where time passed."""
    zh, en = _came(trigger) if trigger else LATER
    if changed and (zh, en) == LATER:
        zh = en = ""
    at_zh, at_en = _place(trigger)
    return Bilingual(
        zh="：".join(filter(None, ("；".join(one.zh for one in changed), zh))) + at_zh,
        en=": ".join(filter(None, ("; ".join(one.en for one in changed), en))) + at_en,
    )


def _came(trigger: Evidence) -> tuple[str, str]:
    if trigger.data.get("corrects"):
        return CORRECTED.get(trigger.type) or REASONS.get(trigger.type, CORRECTION)
    if trigger.type.endswith(LATE_WORD):
        return HEARD_LATE
    return OUTAGE if trigger.type.endswith(UNAVAILABLE) else REASONS.get(trigger.type, LATER)


def _place(trigger: Evidence | None) -> tuple[str, str]:
    if trigger is None:
        return "", ""
    return f"（台账第 {trigger.mark.position} 条）", f" (ledger position {trigger.mark.position})"


def _about(charge: Charge) -> tuple[str, str]:
    """What was breached; a finding is told in the finder's own words too."""
    zh, en = called(charge.about)
    found = charge.facts if charge.about.startswith("findings:") else {}
    said = [text for text in (found.get("what_happened"), *found.get("items", ())) if text]
    return f"{zh}{''.join(f'：{text}' for text in said)}", ": ".join((en, *said))
