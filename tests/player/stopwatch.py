"""What does an independent, simple reckoning of a story's own times say: who overran where, and what came first?

It knows the clocks of the rulebook and nothing of the services or the judge. It reads when the steps of a story happen,
takes every message to arrive at once unless a relay stands still, and so checks what the stories expect.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from deploy.local.player.expand import PlannedStep, Story
from deploy.local.sample.models import Sample
from tests.player.clocks import DAY, HOUR, MAIN_PATH, NEVER, POSTS, PREPARATIONS, STANDARDS


@dataclass(frozen=True)
class Handover:
    """One handover of a story: open from the last of its inputs, due by the rulebook, closed by a step or never.

    `heard`: when the others learn that it is closed, which is later where a relay stood still.
    """

    duty: str
    inputs: tuple[str, ...]
    opened: datetime
    due: datetime
    closed: datetime | None
    heard: datetime | None
    who: str

    @property
    def link(self) -> str:
        return self.duty.partition(":")[0]


@dataclass(frozen=True)
class Stopwatch:
    """A story under the clock."""

    story: Story
    sample: Sample

    @cached_property
    def steps(self) -> dict[str, PlannedStep]:
        return {step.id: step for step in self.story.steps if step.refused is None}

    @cached_property
    def handovers(self) -> dict[str, Handover]:
        """Every handover that opens in the story."""
        found: dict[str, Handover] = {}
        for duty, inputs, at in self.openings():
            link = duty.partition(":")[0]
            closing = self.closing(duty)
            opened = max([at, *(each.heard for name in inputs if (each := found.get(name)) and each.heard)])
            due = self.due(link, duty, opened)
            person = self.person(link, due, closing)
            closed, heard = (closing.at, self.heard(closing)) if closing else (None, None)
            found[duty] = Handover(duty, inputs, opened, due, closed, heard, person)
        return found

    def closing(self, duty: str) -> PlannedStep | None:
        if duty.startswith("shipment_check:"):
            looks = [*self.of("sales.check_shipment"), *self.of("warehouse.ship_goods")]
            return min(looks, key=lambda step: step.at, default=None)
        if duty.startswith("arrival:"):
            return next((step for step in self.of("warehouse.log_arrival") if duty in arrivals(step)), None)
        # An operation that is finished needs no re-dispatch any more.
        answered = duty.replace("delay_response:", "operation:")
        answers = [step for step in self.steps.values() if step.duty in (duty, answered)]
        return next((step for step in reversed(answers) if step.does.split(".")[1] not in PREPARATIONS), None)

    def heard(self, step: PlannedStep) -> datetime:
        """When a fact reaches the others: at once, unless the relay of its service stands still."""
        stops = [each for each in self.of("system.stop_relay") if each.arguments["service"] == step.service]
        starts = [each for each in self.of("system.start_relay") if each.arguments["service"] == step.service]
        for stop, start in zip(stops, starts, strict=True):
            if stop.at <= step.at < start.at:
                return start.at
        return step.at

    def of(self, does: str) -> list[PlannedStep]:
        return [step for step in self.steps.values() if step.does == does]

    def duties(self, link: str) -> list[str]:
        """The handovers of a kind that the story's steps name, in order."""
        named = [step.duty for step in self.steps.values() if step.duty and step.duty.startswith(f"{link}:")]
        return list(dict.fromkeys(named))

    def openings(self) -> Iterator[tuple[str, tuple[str, ...], datetime]]:
        """Each handover with the handovers it waits for and the step that gives it, causes before effects."""
        for link, givers, inputs in MAIN_PATH:
            for duty in self.duties(link) if link != "arrival" else self.arrivals():
                waits = tuple(name for kind in inputs for name in self.inputs(kind, link, duty))
                given = [self.heard(step) for giver in givers for step in self.of(giver) if belongs(step, link, duty)]
                yield duty, waits, max(given, default=self.story.steps[0].at)
        for step in self.of("pmc.report_operation_delay"):
            yield f"delay_response:{(step.duty or '').partition(':')[2]}", (), step.at
        # Finished goods want a look before they are to leave; what comes too late for that wants none.
        booked = [self.heard(step) for step in self.of("warehouse.receive_finished_goods")]
        yield from (("shipment_check:${order.no}/1", (), at) for at in booked[:1] if at < self.end_of(self.ship_by))

    def arrivals(self) -> list[str]:
        return list(dict.fromkeys(duty for step in self.of("warehouse.log_arrival") for duty in arrivals(step)))

    def inputs(self, kind: str, link: str, duty: str) -> Iterable[str]:
        """Which handovers of a kind this one waits for: of its own lot or operation, or all of them."""
        key = duty.partition(":")[2]
        if link == "operation" and kind in ("dispatch", "operation"):
            production, _, number = key.rpartition("/")
            route = self.sample.products[self.story.product or ""].route
            wanted = {line.op_no: line.op_no if kind == "dispatch" else line.predecessor for line in route}[int(number)]
            return [f"{kind}:{production}/{wanted}"] if wanted else []
        if link == "iqc":
            arrival, item = lot_of(key)
            return [each for each in arrivals(self.steps[arrival]) if f"item_code={item}]" in each]
        return [f"iqc:{key}"] if link == "receipt" else self.duties(kind)

    def due(self, link: str, duty: str, opened: datetime) -> datetime:
        """The rulebook's due time; accepted exceptions, the approver's time and a new holder's full time extend it."""
        calendar, standard = self.sample.calendar, STANDARDS.get(link)
        due = calendar.later(opened, standard) if standard else NEVER
        rule: Callable[[str, datetime, datetime], datetime] | None = getattr(self, f"due_of_{link}", None)
        if rule:
            due = rule(duty, opened, due)
        for since in self.takeovers(link, opened, due):
            due = max(due, calendar.later(since, standard or timedelta()))
        return calendar.later(due, self.extension(duty))

    def due_of_arrival(self, duty: str, opened: datetime, due: datetime) -> datetime:
        """The required or re-dated day, and as long as approvals took; the sample's lead times never reach beyond it."""
        item = duty.partition("item_code=")[2].partition("]")[0]
        said = [
            f"${{{each.id}.no}}" for each in self.of("purchasing.report_delay") if item in each.arguments["line_no"]
        ]
        redated = [each for each in self.of("pmc.redate_purchase") if each.arguments["no"] in said]
        asked = redated[-1] if redated else self.steps["requirement"]
        wanted = self.end_of(date.fromisoformat(asked.arguments["required_on"]))
        return self.sample.calendar.later(wanted, sum(self.rests(item), timedelta()))

    def rests(self, item: str) -> Iterator[timedelta]:
        """How long each request that asks for this item waited for a decision."""
        decided = [*self.of("purchasing.approve_request"), *self.of("purchasing.refuse_request")]
        for request in self.of("purchasing.submit_request"):
            asked = any(f"item_code={item}]" in str(line["requirement_line_no"]) for line in request.arguments["lines"])
            answers = [step.at for step in decided if step.arguments["no"] == f"${{{request.id}.no}}"]
            if asked and answers:
                yield self.sample.calendar.work_between(request.at, min(answers))

    def due_of_purchase_order(self, duty: str, opened: datetime, due: datetime) -> datetime:
        """The buyer's clock rests while the manager decides."""
        between = self.sample.calendar.work_between
        rests = [between(self.of("purchasing.submit_request")[-1].at, self.of("purchasing.approve_request")[0].at)]
        return self.sample.calendar.later(due, sum(rests, timedelta()))

    def due_of_operation(self, duty: str, opened: datetime, due: datetime) -> datetime:
        number = int(duty.rpartition("/")[2])
        product = self.sample.products[self.story.product or ""]
        hours = next(line.standard_hours for line in product.route if line.op_no == number) * (self.story.quantity or 1)
        dispatch = duty.replace("operation:", "dispatch:")
        dispatched = [step for step in self.of("pmc.dispatch_operation") if step.duty == dispatch][-1]
        standard = self.sample.calendar.later(opened, timedelta(hours=float(hours)))
        return max(standard, datetime.fromisoformat(dispatched.arguments["due_at"]))

    def due_of_notice(self, duty: str, opened: datetime, due: datetime) -> datetime:
        """`ship_by` less a working day, which in the sample is the end of the working day before."""
        return max(due, self.end_of(self.ship_by - timedelta(days=1)))

    def due_of_ship(self, duty: str, opened: datetime, due: datetime) -> datetime:
        return max(due, self.end_of(self.ship_by))

    def due_of_shipment_check(self, duty: str, opened: datetime, due: datetime) -> datetime:
        return self.end_of(self.ship_by)

    def due_of_follow_up(self, duty: str, opened: datetime, due: datetime) -> datetime:
        """One day after the promised one."""
        promised = self.of("purchasing.issue_purchase_order")[-1].arguments["lines"][0]["promised_on"]
        return self.sample.calendar.later(self.end_of(date.fromisoformat(promised)), DAY)

    def due_of_minutes(self, duty: str, opened: datetime, due: datetime) -> datetime:
        """Five days after the meeting."""
        meeting = next(step for step in self.of("pmc.announce_meeting") if belongs(step, "minutes", duty))
        return self.sample.calendar.later(datetime.fromisoformat(meeting.arguments["held_at"]), STANDARDS["minutes"])

    @property
    def ship_by(self) -> date:
        postponed = self.of("sales.postpone_delivery")
        if not postponed:
            assert self.story.ship_by
            return self.story.ship_by
        transit = int(self.steps["order"].arguments["lines"][0]["transit_days"])
        return date.fromisoformat(postponed[-1].arguments["delivery_date"]) - timedelta(days=transit)

    def end_of(self, day: date) -> datetime:
        return self.sample.calendar.end_of(day)

    def takeovers(self, link: str, opened: datetime, due: datetime) -> list[datetime]:
        holdings = [each for each in self.sample.people.holdings if each.post == POSTS.get(link)]
        return [each.since for each in holdings if opened < each.since <= due]

    def extension(self, duty: str) -> timedelta:
        """What accepted exceptions add."""
        decided = {step.arguments["no"]: step.arguments for step in self.of("pmc.decide_exception")}
        found = timedelta()
        for step in self.of("pmc.raise_exception"):
            decision = decided.get(f"${{{step.id}.no}}", {"accepted": False})
            if step.duty == duty and decision["accepted"]:
                found += timedelta(hours=decision["extension_hours"])
        return found

    def person(self, link: str, due: datetime, closing: PlannedStep | None) -> str:
        """Who held the post when the handover was due; without such a post, who closed it."""
        if link in POSTS and due < NEVER:
            (holder,) = self.sample.people.holders(POSTS[link], due)
            return holder.nickname
        person = self.sample.people.employee(closing.who) if closing else None
        return person.nickname if person else ""

    def overrun(self, handover: Handover) -> timedelta:
        if handover.closed is None:
            return timedelta()
        return self.sample.calendar.work_between(handover.due, handover.closed)

    def overran(self) -> dict[str, tuple[str, timedelta]]:
        """Handovers closed too late: who, and by how much working time."""
        late: dict[str, tuple[str, timedelta]] = {}
        for duty, handover in self.handovers.items():
            if self.overrun(handover):
                late[duty] = (handover.who, self.overrun(handover))
        return late

    def delivery(self) -> str:
        shipped = self.steps.get("ship")
        if shipped is None:
            return "none"
        return "on_time" if shipped.at <= self.end_of(self.ship_by) else "late"

    def first_cause(self) -> str | None:
        """The largest overrun on the way back from a late shipment along what came last; the earlier one on a tie."""
        if self.delivery() != "late":
            return None
        path = [handover for handover in self.way_back() if self.overrun(handover) >= HOUR]
        cause = max(reversed(path), key=self.overrun, default=None)
        return cause.link if cause else None

    def way_back(self) -> Iterator[Handover]:
        handover: Handover | None = self.handovers[self.duties("ship")[0]]
        while handover:
            yield handover
            inputs = [each for name in handover.inputs if (each := self.handovers.get(name)) and each.closed]
            handover = max(inputs, key=lambda each: each.heard or each.opened, default=None)


def arrivals(step: PlannedStep) -> list[str]:
    """The arrival handovers that goods at the gate close."""
    items = [line["item_code"] for line in step.arguments["lines"]]
    return [f"arrival:${{requirement.no}}/${{requirement.lines[item_code={item}].line_no}}" for item in items]


def lot_of(key: str) -> tuple[str, str]:
    """The arrival step and the item of a lot such as `${arrival_x.lines[item_code=CT-400].lot}`."""
    arrival, _, rest = key.removeprefix("${").partition(".")
    return arrival, rest.partition("item_code=")[2].partition("]")[0]


def belongs(step: PlannedStep, link: str, duty: str) -> bool:
    """Whether this very step gives this handover: of several arrivals, requests or delays only one does."""
    if step.does == "pmc.report_operation_delay":
        return (step.duty or "").partition(":")[2] in duty
    if link in ("iqc", "exception_relay", "request_approval", "progress", "complaint_to_pmc", "minutes"):
        return f"${{{step.id}." in duty
    return True
