"""Whose evidence do verdicts wait for, and what did a restored source forget?"""

from typing import ClassVar

from contracts.event import Code, DocumentNo, DutyRef, EmployeeId, Event, Position, Text


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
