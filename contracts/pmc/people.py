"""Who was audited, trained and injured at work."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.event import DocumentNo, EmployeeId, Event, Text


class FiveSAudited(Event):
    """Somebody audited a team's workplace (5S); `score` is 0 to 100. `corrects` names an earlier audit that no longer counts."""

    name: ClassVar[str] = "pmc.five_s_audited.v1"

    audit_no: DocumentNo
    team: Text
    team_leader: EmployeeId
    score: Decimal
    remark: Text
    corrects: DocumentNo | None = None
    audited_by: EmployeeId


class TrainingRecorded(Event):
    """A worker was trained for the work in the workshop, on a day that may be long ago."""

    name: ClassVar[str] = "pmc.training_recorded.v1"

    training_no: DocumentNo
    worker: EmployeeId
    subject: Text
    trained_on: date
    recorded_by: EmployeeId


class TrainingWithdrawn(Event):
    """A training was written down that had not been given: the worker counts as untrained again."""

    name: ClassVar[str] = "pmc.training_withdrawn.v1"

    training_no: DocumentNo
    worker: EmployeeId
    reason: Text
    withdrawn_by: EmployeeId


class InjuryReported(Event):
    """Somebody was hurt at work. Who and how is PMC's alone to know; the report is evidence against nobody."""

    name: ClassVar[str] = "pmc.injury_reported.v1"

    injury_report_no: DocumentNo
    occurred_at: AwareDatetime
    workplace: Text
    reported_by: EmployeeId


class InjuryInvestigated(Event):
    """An investigation of an injury came to an end; a later one for the same injury corrects it.

    `insured`: it counts as an insured injury. `duty_breached`: a safety duty was breached behind it; which one is for whoever
    finds it. `breached_by`: whose duty it was, of those who led a team or the workshop when it happened; who was hurt is not said.
    """

    name: ClassVar[str] = "pmc.injury_investigated.v1"

    investigation_no: DocumentNo
    injury_report_no: DocumentNo
    insured: bool
    duty_breached: bool
    breached_by: tuple[EmployeeId, ...] = ()
    corrects: DocumentNo | None = None
    investigated_by: EmployeeId


class InjuryReportWithdrawn(Event):
    """An injury was reported by mistake; why, PMC alone knows. Nothing that rests on the report stands any more."""

    name: ClassVar[str] = "pmc.injury_report_withdrawn.v1"

    injury_report_no: DocumentNo
    withdrawn_by: EmployeeId
