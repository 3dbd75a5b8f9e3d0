"""Which rulebook is in force, and who was consulted on it and knows it?"""

from datetime import date
from typing import Any, ClassVar

from pydantic import AwareDatetime

from contracts.event import Code, DocumentNo, EmployeeId, Event, Text


class RulebookActivated(Event):
    """A rulebook version is in force for duties that open from a time on; `rules` is its validated text as data."""

    name: ClassVar[str] = "accountability.rulebook_activated.v1"

    version: Code
    effective_from: AwareDatetime
    rules: dict[str, Any]
    activated_by: EmployeeId


class EmployeesConsulted(Event):
    """The employees were consulted on a rulebook version; without that nothing is issued under it.

    `text_digest` says on which text of it: the SHA-256 of `rules` as they are activated, as JSON with sorted keys and no
    spaces. Empty where the fact is older.
    """

    name: ClassVar[str] = "accountability.employees_consulted.v1"

    consultation_no: DocumentNo
    version: Code
    held_on: date
    participants: Text
    minutes_reference: Text
    recorded_by: EmployeeId
    text_digest: Text = ""


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
