"""What becomes of a penalty record: proposed, told, spoken on, issued, appealed, in effect, over?"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import AwareDatetime

from contracts.event import Amount, Code, DocumentNo, DutyRef, EmployeeId, Event, Fact, Text


class Sanction(StrEnum):
    """How heavy a record weighs."""

    EDUCATION = "education"
    WARNING = "warning"
    MINOR_DEMERIT = "minor_demerit"
    MAJOR_DEMERIT = "major_demerit"
    DISMISSAL = "dismissal"


SEVERITY = tuple(Sanction)
"""From the lightest to the heaviest."""


class SaidInDefence(Fact):
    """What the person of a record said, when, and which evidence they pointed to."""

    at: AwareDatetime
    text: Text
    references: tuple[Text, ...] = ()


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
    that it becomes a minor demerit. `reduced_to` and `compensation_reduced_to` (CNY): no more is issued, since an authority left
    no more of an earlier record for the same breaches. `appeal_from`: the earlier one on which the person appealed; nobody had
    decided that when evidence replaced it, so the appeal goes on with this one.
    """

    name: ClassVar[str] = "accountability.record_notified.v1"

    record_no: DocumentNo
    person: EmployeeId
    statement_until: AwareDatetime | None = None
    nth_warning: int | None = None
    warned_before: tuple[DocumentNo, ...] = ()
    reduced_to: Sanction | None = None
    compensation_reduced_to: Amount | None = None
    appeal_from: DocumentNo | None = None


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


class Period(StrEnum):
    """In which time the person of a record may answer: with a statement, an appeal, or an objection to a compensation."""

    STATEMENT = "statement"
    APPEAL = "appeal"
    OBJECTION = "objection"


class PeriodLengthened(Event):
    """Nobody could answer while the service was down: the person has as much working time as was left, or taken away."""

    name: ClassVar[str] = "accountability.period_lengthened.v1"

    record_no: DocumentNo
    compensation_no: DocumentNo | None = None
    person: EmployeeId
    period: Period
    until_before: AwareDatetime
    until: AwareDatetime
    outage_started_at: AwareDatetime
    outage_ended_at: AwareDatetime


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
    """A record was in effect for as long as the rulebook says, and counts no longer.

    `term_from` names the earlier record for the same breaches whose term was over already when later evidence brought this one:
    it lapses at once, and nothing is asked of its person.
    """

    name: ClassVar[str] = "accountability.record_lapsed.v1"

    record_no: DocumentNo
    person: EmployeeId
    term_from: DocumentNo | None = None


class RecordWithdrawn(Event):
    """A record fell, and its reasons are kept: later evidence took the ground from under it, or a person (`withdrawn_by`)
    dropped it or revoked it on appeal. `falls_back` names a record of the same person that was escalated with this one and is
    a warning again. Whoever was never told of the record (`person_was_told`) need not hear that it fell.
    """

    name: ClassVar[str] = "accountability.record_withdrawn.v1"

    record_no: DocumentNo
    person: EmployeeId
    reason: Text
    evidence: tuple[int, ...]
    withdrawn_by: EmployeeId | None = None
    falls_back: DocumentNo | None = None
    person_was_told: bool = True
