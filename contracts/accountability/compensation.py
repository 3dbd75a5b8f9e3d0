"""How much does somebody answer for, what do they object, and what was payroll told?"""

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.accountability.process import AppealOutcome
from contracts.event import Amount, Code, DocumentNo, EmployeeId, Event, Text


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
