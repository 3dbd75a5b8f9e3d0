"""What does Accountability (责任) state? Roster, calendar and rulebook are inputs of the judge; records are its outputs."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import AwareDatetime

from contracts import parts
from contracts.event import Amount, Code, DocumentNo, DutyRef, EmployeeId, Event, Fact, Position, Text


class EmployeeRegistered(Event):
    """A person works here; the display name is a workplace nickname and the only personal name that travels nowhere else."""

    name: ClassVar[str] = "accountability.employee_registered.v1"

    employee: EmployeeId
    nickname: Text
    department: Code


class PostAssigned(Event):
    """A person holds a post from a time on; `acting` (代) when lent by another department."""

    name: ClassVar[str] = "accountability.post_assigned.v1"

    assignment_no: DocumentNo
    employee: EmployeeId
    post: Code
    acting: bool = False
    effective_from: AwareDatetime
    assigned_by: EmployeeId


class PostEnded(Event):
    """A person gave up a post."""

    name: ClassVar[str] = "accountability.post_ended.v1"

    assignment_no: DocumentNo
    employee: EmployeeId
    post: Code
    effective_until: AwareDatetime
    ended_by: EmployeeId


class Shift(Fact):
    """Local wall-clock times of one shift, HH:MM."""

    start: Code
    end: Code


class CalendarSet(Event):
    """When the factory works: shifts of a working day, days off and extra working days beyond the public calendar.

    `weekend` holds ISO weekdays (1 = Monday … 7 = Sunday).
    """

    name: ClassVar[str] = "accountability.calendar_set.v1"

    calendar_no: DocumentNo
    time_zone: Code
    shifts: tuple[Shift, ...]
    weekend: tuple[int, ...]
    public_holidays: tuple[date, ...]
    make_up_days: tuple[date, ...]
    set_by: EmployeeId


class RulebookActivated(Event):
    """A rulebook version is in force for duties that open from a time on; `rules` is its validated text as data."""

    name: ClassVar[str] = "accountability.rulebook_activated.v1"

    version: Code
    effective_from: AwareDatetime
    rules: dict[str, Any]
    activated_by: EmployeeId


class SourceRegistered(Event):
    """Verdicts wait for this source's evidence from now on; `key_fingerprint` is SHA-256 of its Ed25519 public key."""

    name: ClassVar[str] = "accountability.source_registered.v1"

    service: Code
    public_key: Text
    key_fingerprint: Text
    registered_by: EmployeeId


class SourceRetired(Event):
    """Verdicts no longer wait for this source."""

    name: ClassVar[str] = "accountability.source_retired.v1"

    service: Code
    reason: Text
    retired_by: EmployeeId


class FactForgotten(Event):
    """A source's database was restored and no longer knows a fact that the ledger holds: the handovers it touches wait for
    a person.

    `fact_no` is source, epoch and sequence of the forgotten fact, `position` its place in the ledger.
    """

    name: ClassVar[str] = "accountability.fact_forgotten.v1"

    fact_no: DocumentNo
    position: Position
    duties: tuple[DutyRef, ...]


class ForgottenFactSettled(Event):
    """Somebody saw to what a restored source had forgotten: the handovers are judged again like any other."""

    name: ClassVar[str] = "accountability.forgotten_fact_settled.v1"

    fact_no: DocumentNo
    position: Position
    duties: tuple[DutyRef, ...]
    reason: Text
    settled_by: EmployeeId


class PaperCountersigned(Event):
    """What a department wrote on paper while its service was down counts from then: another department's manager saw the paper.

    `position` and `source` are those of the fact that was recorded afterwards, `duties` the handovers that it closes.
    """

    name: ClassVar[str] = "accountability.paper_countersigned.v1"

    countersignature_no: DocumentNo
    source: Code
    position: Position
    written_at: AwareDatetime
    duties: tuple[DutyRef, ...]
    paper_reference: Text
    countersigned_by: EmployeeId


class SuspicionCleared(Event):
    """A manager cleared a breach for which nobody could be named: the person answers who held the post, or nobody does.

    `suspicion` is its key, `document_no` the document or handover that it is about. What the evidence contradicts is cleared
    of everybody or stays: nobody is named for it.
    """

    name: ClassVar[str] = "accountability.suspicion_cleared.v1"

    clearing_no: DocumentNo
    suspicion: Text
    clause: Code
    document_no: Text
    person: EmployeeId | None
    reason: Text
    cleared_by: EmployeeId


class SourceEpochAccepted(Event):
    """Somebody accepted that a restored source goes on in a new epoch: its evidence counts again from there on.

    `former_epoch` and `former_sequence` are where the ledger's evidence of the epoch before ends.
    """

    name: ClassVar[str] = "accountability.source_epoch_accepted.v1"

    service: Code
    epoch: Position
    former_epoch: int
    former_sequence: int
    reason: Text
    accepted_by: EmployeeId


class Sanction(StrEnum):
    """How heavy a record weighs."""

    EDUCATION = "education"
    WARNING = "warning"
    MINOR_DEMERIT = "minor_demerit"
    MAJOR_DEMERIT = "major_demerit"
    DISMISSAL = "dismissal"


class SaidInDefence(Fact):
    """What the person of a record said, when, and which evidence they pointed to."""

    at: AwareDatetime
    text: Text
    references: tuple[Text, ...] = ()


class LedgerProof(Fact):
    """One fact of the ledger that somebody rests a finding on: its place and the ledger's hash there."""

    position: Position
    hash: Code


class FindingProposed(Event):
    """A department asks for a finding that another authority has to make; nobody answers for anything yet."""

    name: ClassVar[str] = "accountability.finding_proposed.v1"

    finding_no: DocumentNo
    clause: Code
    person: EmployeeId
    proposed_by: EmployeeId


class FindingDismissed(Event):
    """The authority looked into a proposed finding and found no breach."""

    name: ClassVar[str] = "accountability.finding_dismissed.v1"

    finding_no: DocumentNo
    clause: Code
    person: EmployeeId
    reason: Text
    dismissed_by: EmployeeId


class BreachFound(Event):
    """A person with authority found that a clause was breached, evidence attached (认定书).

    `found_as` is the post in which they may find this clause; the evidence are numbers of papers, and facts of the ledger.
    `items` are counted one by one where the clause counts them. `sanction` was chosen within the
    clause's range. Money is CNY: `direct_loss` and `contract_penalty` are what `loss_document` records, never estimates.
    `operation` is the one departed from. `injury_report_no` says which injury was investigated; the report is no evidence
    against anybody. `corrects` names an earlier finding that no longer counts.
    """

    name: ClassVar[str] = "accountability.breach_found.v1"

    finding_no: DocumentNo
    clause: Code
    rulebook_version: Code
    person: EmployeeId
    what_happened: Text
    occurred_at: AwareDatetime
    evidence_documents: tuple[DocumentNo, ...] = ()
    evidence_facts: tuple[LedgerProof, ...] = ()
    sanction: Sanction | None = None
    items: tuple[Text, ...] = ()
    consequence: Text = ""
    operation: DutyRef | None = None
    complaint_no: DocumentNo | None = None
    investigation_no: DocumentNo | None = None
    injury_report_no: DocumentNo | None = None
    direct_loss: Amount | None = None
    contract_penalty: Amount | None = None
    loss_document: DocumentNo | None = None
    share_percent: Decimal = Decimal(100)
    gross_negligence: bool = False
    intent: bool = False
    corrects: DocumentNo | None = None
    proposed_by: EmployeeId | None = None
    found_by: EmployeeId
    found_as: Code


class FindingWithdrawn(Event):
    """Whoever found a breach took the finding back; what followed from it is withdrawn."""

    name: ClassVar[str] = "accountability.finding_withdrawn.v1"

    finding_no: DocumentNo
    clause: Code
    person: EmployeeId
    reason: Text
    withdrawn_by: EmployeeId


class Compensation(Fact):
    """A proposal within its ceiling; money in CNY, `computation` in words."""

    amount: Amount
    ceiling: Amount
    recorded_loss: Amount
    share_percent: Decimal
    computation: Text


class RecordProposed(Event):
    """The judge proposes a penalty record; every figure in it rests on the named ledger positions.

    A clause that asks for compensation alone has no `sanction`.
    """

    name: ClassVar[str] = "accountability.record_proposed.v1"

    record_no: DocumentNo
    clause: Code
    rulebook_version: Code
    person: EmployeeId
    post: Code
    acting: bool
    sanction: Sanction | None = None
    breaches: tuple[DutyRef, ...]
    facts: dict[str, Any]
    evidence: tuple[int, ...]
    compensation: Compensation | None = None
    replaces: DocumentNo | None = None
    held_for_complaint: DocumentNo | None = None


class RecordNotified(Event):
    """The person was told and may state their case until `statement_until`.

    `warned_before` names the earlier warnings that count: with them this one is the `nth_warning`, and a person may decide
    that it becomes a minor demerit.
    """

    name: ClassVar[str] = "accountability.record_notified.v1"

    record_no: DocumentNo
    person: EmployeeId
    statement_until: AwareDatetime | None = None
    nth_warning: int | None = None
    warned_before: tuple[DocumentNo, ...] = ()


class StatementMade(Event):
    """The person of a record stated their case in time; a person now decides on it. `references` name evidence."""

    name: ClassVar[str] = "accountability.statement_made.v1"

    record_no: DocumentNo
    person: EmployeeId
    statement: Text
    references: tuple[Text, ...] = ()


class RecordIssued(Event):
    """The record stands, open to appeal until `appeal_until`.

    `issued_by` is `system` where nobody had to decide. A dismissal names its legal ground and the notice to the union.
    A warning that was `escalated_to` something heavier names the warnings `counted_with` it.
    """

    name: ClassVar[str] = "accountability.record_issued.v1"

    record_no: DocumentNo
    person: EmployeeId
    issued_by: EmployeeId
    reason: Text = ""
    appeal_until: AwareDatetime | None = None
    legal_ground: Text = ""
    union_notice: Text = ""
    union_notified_on: date | None = None
    escalated_to: Sanction | None = None
    counted_with: tuple[DocumentNo, ...] = ()


class AppealMade(Event):
    """The person of a record appealed in time: it does not take effect until another authority has decided."""

    name: ClassVar[str] = "accountability.appeal_made.v1"

    record_no: DocumentNo
    person: EmployeeId
    appeal: Text
    references: tuple[Text, ...] = ()


class AppealOutcome(StrEnum):
    """What becomes of a record under appeal: it stands, stands with a lighter sanction, or is withdrawn."""

    UPHOLD = "uphold"
    REDUCE = "reduce"
    REVOKE = "revoke"


class AppealDecided(Event):
    """Another authority than the one that issued a record decided the appeal; both sanctions stay visible.

    With a `compensation_after`, in CNY, no more than that is payable. `falls_back` names a record of the same person that was
    escalated with this one and is a warning again.
    """

    name: ClassVar[str] = "accountability.appeal_decided.v1"

    record_no: DocumentNo
    person: EmployeeId
    outcome: AppealOutcome
    sanction_before: Sanction | None = None
    sanction_after: Sanction | None = None
    compensation_after: Amount | None = None
    reason: Text
    decided_by: EmployeeId
    falls_back: DocumentNo | None = None


class RecordInEffect(Event):
    """Nobody appealed in time, or the appeal left something standing: the record is in effect until it lapses."""

    name: ClassVar[str] = "accountability.record_in_effect.v1"

    record_no: DocumentNo
    person: EmployeeId
    lapses_at: AwareDatetime | None = None


class RecordLapsed(Event):
    """A record was in effect for as long as the rulebook says, and counts no longer."""

    name: ClassVar[str] = "accountability.record_lapsed.v1"

    record_no: DocumentNo
    person: EmployeeId


class RecordWithdrawn(Event):
    """A record fell, and its reasons are kept: later evidence took the ground from under it, or a person (`withdrawn_by`)
    dropped it or revoked it on appeal. `falls_back` names a record of the same person that was escalated with this one and is
    a warning again.
    """

    name: ClassVar[str] = "accountability.record_withdrawn.v1"

    record_no: DocumentNo
    person: EmployeeId
    reason: Text
    evidence: tuple[int, ...]
    withdrawn_by: EmployeeId | None = None
    falls_back: DocumentNo | None = None


class Fault(StrEnum):
    """How somebody came to cause a loss, as far as the law lets them answer for it with money."""

    INTENT = "intent"
    GROSS_NEGLIGENCE = "gross_negligence"


class CompensationFound(Event):
    """Intent or gross negligence was found behind a loss, evidence attached: the person answers for `amount`, in CNY.

    Never more than the record proposed. Nothing is payable before the person was notified in writing.
    """

    name: ClassVar[str] = "accountability.compensation_found.v1"

    compensation_no: DocumentNo
    record_no: DocumentNo
    clause: Code
    person: EmployeeId
    fault: Fault
    what_happened: Text
    evidence_documents: tuple[DocumentNo, ...]
    share_percent: Decimal
    amount: Amount
    computation: Text
    found_by: EmployeeId
    found_as: Code


class CompensationNotified(Event):
    """The person was told in writing why and how much, in CNY: it is payable once the record is in effect.

    In which instalments is nobody's business but HR's and the person's, since they follow from the wage.
    """

    name: ClassVar[str] = "accountability.compensation_notified.v1"

    compensation_no: DocumentNo
    record_no: DocumentNo
    person: EmployeeId
    amount: Amount
    reason: Text
    paper_reference: Text
    notified_by: EmployeeId
    objection_until: AwareDatetime | None = None


class CompensationObjected(Event):
    """The person objected in time to a compensation: nothing is taken until somebody who had no hand in it has decided."""

    name: ClassVar[str] = "accountability.compensation_objected.v1"

    compensation_no: DocumentNo
    record_no: DocumentNo
    person: EmployeeId
    objection: Text
    references: tuple[Text, ...] = ()


class ObjectionDecided(Event):
    """Somebody decided on the objection to a compensation; no more than `amount_after`, in CNY, is payable."""

    name: ClassVar[str] = "accountability.objection_decided.v1"

    compensation_no: DocumentNo
    record_no: DocumentNo
    person: EmployeeId
    outcome: AppealOutcome
    amount_after: Amount
    reason: Text
    decided_by: EmployeeId


class CompensationPlanned(Event):
    """A compensation is payable and nobody objects any more: its instalments are planned from a month (YYYY-MM) on.

    What each takes follows from the wage, and is shown to the person and to HR alone.
    """

    name: ClassVar[str] = "accountability.compensation_planned.v1"

    compensation_no: DocumentNo
    record_no: DocumentNo
    person: EmployeeId
    first_month: Code
    objection_outcome: AppealOutcome | None = None


class CompensationWithdrawn(Event):
    """Whoever found it took it back, or its record fell: what was not stated to payroll by then is not payable any more."""

    name: ClassVar[str] = "accountability.compensation_withdrawn.v1"

    compensation_no: DocumentNo
    record_no: DocumentNo
    person: EmployeeId
    reason: Text
    withdrawn_by: EmployeeId


class WageRecorded(Event):
    """HR entered somebody's wage from a month (YYYY-MM) on. How much it is never leaves HR's own table."""

    name: ClassVar[str] = "accountability.wage_recorded.v1"

    wage_no: DocumentNo
    employee: EmployeeId
    effective_month: Code
    recorded_by: EmployeeId


class PayrollStated(Event):
    """HR stated to payroll what may be taken in a month (YYYY-MM); of whom and how much is in the statement alone."""

    name: ClassVar[str] = "accountability.payroll_stated.v1"

    statement_no: DocumentNo
    month: Code
    stated_by: EmployeeId


class EmployeesConsulted(Event):
    """The employees were consulted on a rulebook version; without that nothing is issued under it."""

    name: ClassVar[str] = "accountability.employees_consulted.v1"

    consultation_no: DocumentNo
    version: Code
    held_on: date
    participants: Text
    minutes_reference: Text
    recorded_by: EmployeeId


class RulebookAcknowledged(Event):
    """An employee knows a rulebook version: records may be issued to them under it.

    With a `paper_reference` somebody else recorded what was signed, or refused before witnesses, on paper.
    """

    name: ClassVar[str] = "accountability.rulebook_acknowledged.v1"

    acknowledgement_no: DocumentNo
    version: Code
    employee: EmployeeId
    paper_reference: Text = ""
    recorded_by: EmployeeId


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached Accountability's worklist."""

    name: ClassVar[str] = "accountability.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in Accountability signed for a handover."""

    name: ClassVar[str] = "accountability.handover_signed.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """Accountability's service could not record acts for a while."""

    name: ClassVar[str] = "accountability.service_unavailable.v1"
