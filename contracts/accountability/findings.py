"""Who found which breach of whom, on what evidence?"""

from decimal import Decimal
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.accountability.process import Sanction
from contracts.event import Amount, Code, DocumentNo, DutyRef, EmployeeId, Event, Fact, Position, Text


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
    clause's range. Money is CNY: `direct_loss` and `contract_penalty` are what `loss_document` records, never estimates;
    `share_percent` is the person's part in it, none while it has not been found.
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
    share_percent: Decimal | None = None
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
