"""What has the judge seen so far? Plain data, sorted out by order; everything it decides is derived from this."""

from dataclasses import dataclass, field
from typing import Any

from chassis.instants import Instant, Micros
from services.accountability.judge.absence import Absence
from services.accountability.judge.at_hand import Index
from services.accountability.judge.production import Mark as Mark
from services.accountability.judge.production import Production as Production
from services.accountability.judge.said import Standing
from services.accountability.judge.seen import Seen
from services.accountability.judge.terms import Terms

COMPANY = ""
"""The case of facts that belong to no order."""


@dataclass(slots=True)
class Attempt:
    """One opening of a duty.

    `since`: its clock starts; `fires`: its timer runs; `expired`: its timer has run; `moved`: something excuses it;
    `over`: it was said to have ended; `excused`: the working time that did not count when it was last looked at;
    `called_off`: what closed it says that it is owed no longer; `owed_until`: its line was taken off the order; `later`: it is
    about what had left, so that it may begin after the order's end; `given`: when the fact that brought it was recorded.
    """

    number: int
    opened: Mark
    since: Instant
    service: str
    post: str
    assignee: str | None
    inputs: tuple[str, ...]
    given_by: tuple[str, ...]
    terms: Terms
    version: str = ""
    due: Instant | None = None
    fires: Instant | None = None
    expired: bool = False
    paused: bool = False
    moved: bool = False
    closed: Mark | None = None
    signed: Instant | None = None
    announced: str = ""
    over: bool = False
    excused: Micros = 0
    called_off: bool = False
    owed_until: Instant | None = None
    later: bool = False
    given: Instant | None = None


@dataclass(slots=True)
class Pause:
    """A fact that stopped (+1) or restarted (-1) a duty's clock."""

    mark: Mark
    step: int


@dataclass(slots=True)
class Redate:
    """Planning named another date on which material is needed."""

    mark: Mark
    required_on: str
    delay_no: str


@dataclass(slots=True)
class LateWord:
    """What a handover waited for was over from `start` on; its department heard so only at `end`."""

    start: Instant
    end: Instant
    mark: Mark


@dataclass(slots=True)
class Duty:
    """One handover that somebody owes; `attempts` in the order of their numbers.

    `forgotten` are the positions of facts about it that a restored source does not know: nobody answers meanwhile;
    `called_off` those of facts by which it is owed no longer, `made_pointless` of those that closed another handover and it with
    that; `ordered`: when which buyer ordered the goods that are owed; `late_words`: when it could go on and nobody there knew.
    """

    id: str
    link: str
    key: str
    order_no: str = COMPANY
    line_no: int | None = None
    attempts: list[Attempt] = field(default_factory=list)
    closings: tuple[Mark, ...] = ()
    pauses: tuple[Pause, ...] = ()
    exceptions: tuple[str, ...] = ()
    redates: tuple[Redate, ...] = ()
    signatures: tuple[Instant, ...] = ()
    forgotten: tuple[int, ...] = ()
    called_off: tuple[int, ...] = ()
    made_pointless: tuple[int, ...] = ()
    ordered: tuple[tuple[Mark, str], ...] = ()
    late_words: tuple[LateWord, ...] = ()


@dataclass(slots=True)
class DateChange:
    """The delivery date of an order line as one fact states it."""

    mark: Mark
    day: str
    transit_days: int | None
    why: str


@dataclass(slots=True)
class Quantity:
    """How much of which product is wanted on an order line, as one fact states it; `stated_by` is the fact's id."""

    mark: Mark
    amount: str
    stated_by: str = ""
    product: str = ""


@dataclass(slots=True)
class Agreed:
    """What an order comes to in CNY, as one fact states it."""

    mark: Mark
    amount: str


@dataclass(slots=True)
class Shipment:
    """Goods of a line that left."""

    mark: Mark
    amount: str
    notice_no: str


@dataclass(slots=True)
class Line:
    """An order line on its way out; `fires`: its delivery date counts as missed; `watch`: when to look again."""

    line_no: int
    dates: tuple[DateChange, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    ship_by: Instant | None = None
    fires: Instant | None = None
    expired: bool = False
    watch: Instant | None = None
    absences: tuple[Absence, ...] = ()


@dataclass(slots=True)
class Stop:
    """A stop-work or a block; either end may be known first."""

    kind: str
    line_no: int | None = None
    start: Mark | None = None
    end: Mark | None = None


@dataclass(slots=True)
class Exhibit:
    """A kept fact: the fields that an expression may ask for."""

    type: str
    mark: Mark
    actor: str
    actor_post: str | None
    data: dict[str, Any]


@dataclass(slots=True)
class Clearing:
    """A manager's word on a suspicion: who answers, or nobody; `by` is the manager."""

    mark: Mark
    person: str | None
    by: str


@dataclass(slots=True)
class Case:
    """One order. `troubled` once anything was late, missed or found fault with; `over` once it was said to have ended.

    `strays` are duties that its facts have named and that were never delivered; `linked` are the other orders whose duties
    they have named; `topics` the exceptions, delay reports and complaints of which they tell.

    `agreed`: what it came to by each statement; commission and agency fee are those of the confirmation. In CNY.
    """

    order_no: str
    duties: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    topics: list[tuple[str, str]] = field(default_factory=list)
    lines: dict[int, Line] = field(default_factory=dict)
    productions: dict[str, Production] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)
    exhibits: dict[str, list[Exhibit]] = field(default_factory=dict)
    facts: dict[str, Instant] = field(default_factory=dict)
    merchandiser: str | None = None
    salesperson: str | None = None
    agreed: tuple[Agreed, ...] = ()
    commission: str | None = None
    agency_fee: str | None = None
    cancelled: Mark | None = None
    standing: dict[str, Standing] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)
    clearings: dict[str, Clearing] = field(default_factory=dict)
    troubled: bool = False
    over: bool = False


@dataclass(slots=True)
class Tenure:
    """A person holds a post. It counts from max(effective, recorded); `ended_*` are None while it lasts."""

    assignment_no: str
    employee: str = ""
    post: str = ""
    acting: bool = False
    since: Instant | None = None
    ended_effective: Instant | None = None
    ended_recorded: Instant | None = None
    mark: Mark | None = None


@dataclass(slots=True)
class Outage:
    """A service could not record acts for a while."""

    start: Instant
    end: Instant
    mark: Mark


@dataclass(slots=True)
class Hindrance:
    """An exception that was raised and, perhaps, decided; either may be known first."""

    raised: Mark | None = None
    raised_duties: tuple[str, ...] = ()
    decided: Mark | None = None
    decided_by: str = ""
    accepted: bool = False
    hours: str = "0"
    duties: tuple[str, ...] = ()


@dataclass(slots=True)
class Complaint:
    """A customer's complaint: when it reached the house, and when it was closed for the customer."""

    received_at: Instant | None = None
    received: Mark | None = None
    closed: Mark | None = None


@dataclass(slots=True)
class CalendarFact:
    """A calendar that was set, as its fact states it."""

    mark: Mark
    fields: dict[str, Any]


@dataclass(slots=True)
class Activation:
    """A rulebook version that came into force."""

    mark: Mark
    version: str
    since: Instant
    rules: dict[str, Any]


@dataclass(slots=True)
class Memory:
    """Everything the judge was told and said.

    `now` is the latest instant it judged, `frontier` how far the evidence is complete, `held` the positions of facts
    that it could not read, with their orders.
    """

    now: Instant = 0
    frontier: Instant = 0
    calendars: list[CalendarFact] = field(default_factory=list)
    activations: list[Activation] = field(default_factory=list)
    tenures: dict[str, Tenure] = field(default_factory=dict)
    outages: dict[str, list[Outage]] = field(default_factory=dict)
    hindrances: dict[str, Hindrance] = field(default_factory=dict)
    delays: dict[str, Mark] = field(default_factory=dict)
    complaints: dict[str, Complaint] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    held: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class State(Memory):
    """The judge's memory with its index."""

    index: Index = field(default_factory=Index)

    def case(self, order_no: str) -> Case:
        """The case of an order, opened at its first mention."""
        if order_no not in self.cases:
            self.cases[order_no] = Case(order_no)
        return self.cases[order_no]
