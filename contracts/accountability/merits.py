"""What did a manager decide that records alone could not?"""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.event import Code, DocumentNo, DutyRef, EmployeeId, Event, Position, Text


class PaperCountersigned(Event):
    """What a department wrote on paper while its service was down counts from then: another department's manager saw the paper.

    `position`, `source` and `recorded_at` are those of the fact that was recorded afterwards, `duties` the handovers whose
    clocks it touches. What it tells of is named as far as verdicts hang on when it was told: the exception, hindrance or delay
    report, whose training it records or withdraws (`trained`), and the warning that it is (`warning_no`, by whom and of which
    handovers).
    """

    name: ClassVar[str] = "accountability.paper_countersigned.v1"

    countersignature_no: DocumentNo
    source: Code
    position: Position
    written_at: AwareDatetime
    duties: tuple[DutyRef, ...]
    paper_reference: Text
    countersigned_by: EmployeeId
    recorded_at: AwareDatetime | None = None
    exception_no: DocumentNo | None = None
    hindrance_no: DocumentNo | None = None
    delay_no: DocumentNo | None = None
    warning_no: DocumentNo | None = None
    warned_by: EmployeeId | None = None
    warned_of: tuple[DutyRef, ...] = ()
    trained: EmployeeId | None = None


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
