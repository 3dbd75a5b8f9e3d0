"""What does the judge say? Frozen values; the service around publishes, stores and shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from contracts.accountability import Sanction


class DutyStatus(StrEnum):
    """Where one handover stands. PAUSED: somebody else's turn, or work is stopped, with no end in sight yet."""

    OPEN = "open"
    PAUSED = "paused"
    IN_TIME = "in_time"
    OVERRAN = "overran"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Excuse:
    """Time that does not count against anybody, or a due time that moved, with the fact that says so.

    `reason` is pause, stop_work, block, off_order, other_product, outage, unheard, exception, redated, amended, postponed or
    took_over.
    """

    reason: str
    document: str
    since: datetime
    until: datetime | None
    working: timedelta
    position: int | None


@dataclass(frozen=True, slots=True)
class DutyVerdict:
    """Where one attempt at a duty stands after the latest fact or deadline; `overrun` is working time.

    `ends`: it is over, and this is said for the first time.
    """

    duty: str
    attempt: int
    order_no: str
    line_no: int | None
    status: DutyStatus
    due_at: datetime | None
    closed_at: datetime | None
    overrun: timedelta
    excuses: tuple[Excuse, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Who answers, in which post, and the roster entry that says so (None: the document named them)."""

    employee: str
    post: str
    acting: bool
    assignment_no: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """A fact that a verdict rests on."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one handover on the path to a shipment cost, in working time."""

    duty: str
    attempt: int
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    overrun: timedelta


@dataclass(frozen=True, slots=True)
class FirstCause:
    """Why a date was missed: every contribution, and the largest; None when no overrun reached the minimum.

    `of` is delivery or production. While the goods have not left (`done_at` None) this is what is known so far.
    """

    order_no: str
    line_no: int | None
    of: str
    due_at: datetime
    done_at: datetime | None
    cause: Contribution | None
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Infeasible:
    """A date was missed although nobody on the path overran: the plan could not be kept, and no record is made."""

    order_no: str
    line_no: int | None
    of: str
    due_at: datetime
    done_at: datetime | None
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """Everything ordered has left, or the order was given up; said once, whatever follows."""

    order_no: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """Somebody told, by the document of this number, of what hindered these handovers, before they were late."""

    number: str
    order_no: str
    person: str
    at: datetime
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WarningAnswered:
    """Whether what was told was accepted as a hindrance."""

    number: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class NotMissed:
    """What was said about a missed date no longer holds: later evidence shows that it was kept, moved or given up."""

    order_no: str
    of: str
    number: str


@dataclass(frozen=True, slots=True)
class CompensationPart:
    """What one recorded loss comes to, in CNY: min(ceiling, recorded_loss × share). `formula` is the clause's own words."""

    loss_of: str
    formula: str
    ceiling: Decimal
    recorded_loss: Decimal
    share_percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CompensationProposal:
    """At most `amount`, in CNY, the sum of its parts; payable only after intent or gross negligence was found.

    `negligence_found`: whoever found or attributed the breach says so; `share_percent` is that of the first part.
    """

    amount: Decimal
    ceiling: Decimal
    recorded_loss: Decimal
    share_percent: Decimal
    negligence_found: bool
    computation: str
    parts: tuple[CompensationPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach in a record: the duty or document, the moment, and the figures it rests on."""

    about: str
    duty: str | None
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordProposal:
    """The judge proposes a record. (`key`, `revision`) is its identity; a later revision replaces the earlier one.

    `held_for`: the first of the `complaints` from which it stems that is not closed for the customer. `versions`: under which
    rulebooks its breaches fall, first the one that it cites.
    """

    key: str
    revision: int
    clause: str
    rulebook_version: str
    versions: tuple[str, ...]
    order_no: str
    person: Person
    sanction: Sanction | None
    breaches: tuple[Breach, ...]
    evidence: tuple[Proof, ...]
    compensation: CompensationProposal | None
    absorbed: tuple[str, ...]
    self_dealing: tuple[tuple[str, str], ...]
    complaints: tuple[str, ...]
    held_for: str | None
    ground_zh: str
    ground_en: str
    replaces: int | None
    because_zh: str
    because_en: str


@dataclass(frozen=True, slots=True)
class Suspected:
    """A breach for which nobody can be named, or which the evidence contradicts: no record against anyone.

    `among`: the post whose holder its manager may name.
    """

    key: str
    revision: int
    clause: str
    rulebook_version: str
    order_no: str
    reason: str
    breaches: tuple[Breach, ...]
    evidence: tuple[Proof, ...]
    reason_zh: str = ""
    among: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Later evidence took the ground from under a record or a suspicion; both reasons are kept."""

    key: str
    revision: int
    clause: str
    person: str | None
    order_no: str
    ground_zh: str
    ground_en: str
    because_zh: str
    because_en: str
    evidence: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The judge cannot read this fact; verdicts on its order wait until it is replayed or discarded."""

    order_no: str
    position: int
    problem: str


@dataclass(frozen=True, slots=True)
class Released:
    """The fact was read or given up: verdicts on its order go on."""

    order_no: str
    position: int


Verdict = (
    DutyVerdict
    | OrderEnded
    | EarlyWarning
    | WarningAnswered
    | FirstCause
    | Infeasible
    | NotMissed
    | RecordProposal
    | Suspected
    | Withdrawal
    | Held
    | Released
)
