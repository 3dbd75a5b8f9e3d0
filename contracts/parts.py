"""Which values do several departments' facts share?"""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import AwareDatetime

from contracts.event import Amount, Code, DocumentNo, DutyRef, EmployeeId, Event, Fact, Quantity, Text


class OrderLine(Fact):
    """One product on an order. `transit_days` are calendar days on the road; money is CNY."""

    line_no: int
    product_code: Code
    model: Text
    spec: Text = ""
    quantity: Quantity
    unit: Code = "台"
    unit_price: Amount
    delivery_date: date
    transit_days: int = 0

    @property
    def ship_by(self) -> date:
        """The last day on which the goods may leave and still arrive in time; it ends with its last shift."""
        return self.delivery_date - timedelta(days=self.transit_days)


class Terms(Fact):
    """What sets the due time of one handover beyond the rulebook's standard; absent means the standard alone.

    Hours are working hours, `lead_time_days` calendar days, dates end with their last shift. `starts_at`: the clock starts
    then, where that is after the handover arrived; `received_at`: it started then, where that was before.
    """

    due_at: AwareDatetime | None = None
    required_on: date | None = None
    promised_on: date | None = None
    lead_time_days: int | None = None
    standard_hours: Decimal | None = None
    starts_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None


class HandoverDelivered(Event):
    """The receiver's service put a handover on the worklist: from here on the receiver's clock may run.

    `inputs` are the handovers it waited for (the graph's edges), an approval's those whose clocks stand still for it;
    `given_by` the ids of the facts that brought it, of which the last was recorded at `given_at`; `line_no` the order line.
    `attempt` grows when failed work reopens the same handover.
    """

    duty: DutyRef
    post: Code
    line_no: int | None = None
    inputs: tuple[DutyRef, ...] = ()
    given_by: tuple[str, ...] = ()
    given_at: AwareDatetime | None = None
    terms: Terms = Terms()
    attempt: int = 1


class HandoverSigned(Event):
    """A person signed for a handover (签收); it moves no clock."""

    duty: DutyRef
    signed_by: EmployeeId


class WordCameLate(Event):
    """What these handovers waited for was over when `came_late` (a fact's id) was recorded, but here it was heard only later.

    Whoever owes them could not know it in between: that time counts against nobody.
    """

    duties: tuple[DutyRef, ...]
    came_late: str
    said_at: AwareDatetime
    heard_at: AwareDatetime


class ServiceUnavailable(Event):
    """Nobody could record an act in this service between these measured times."""

    started_at: AwareDatetime
    ended_at: AwareDatetime
    reason: Text


class ExceptionKind(StrEnum):
    """What went wrong."""

    POWER_CUT = "power_cut"
    SHORTAGE = "shortage"
    BREAKDOWN = "breakdown"
    QUALITY = "quality"
    OTHER = "other"


class HindranceReported(Event):
    """Something hinders handovers of this department (上报异常): PMC makes an exception of it, and decides whether it excuses.

    It counts from when this was recorded, whenever the exception was. `affected_orders` each want to be told; `reported_as`
    is the post for which the handovers wait.
    """

    hindrance_no: DocumentNo
    kind: ExceptionKind
    affected_orders: tuple[DocumentNo, ...]
    affected_duties: tuple[DutyRef, ...]
    description: Text
    expected_end_at: AwareDatetime | None = None
    reported_as: Code
    reported_by: EmployeeId


class AuthorityRefused(Event):
    """A person used the right to refuse (采购拒单, 仓库拒收 …): refusing what must be refused is a duty fulfilled."""

    document_no: DocumentNo
    authority: Code
    reason: Text
    refused_by: EmployeeId


class Opinion(StrEnum):
    """A department's answer in the contract review."""

    AGREE = "agree"
    CONDITIONAL = "conditional"
    DISAGREE = "disagree"


class OpinionGiven(Event):
    """A department said whether it can do its part of the contract."""

    department: Code
    opinion: Opinion
    remark: Text = ""
    lead_time_days: int | None = None
    given_by: EmployeeId


class ShipmentBlocked(Event):
    """Goods of this order may not leave while the block is in force."""

    block_no: DocumentNo
    reason: Text
    blocked_by: EmployeeId


class ShipmentUnblocked(Event):
    """The block was lifted by name."""

    block_no: DocumentNo
    reason: Text
    lifted_by: EmployeeId
