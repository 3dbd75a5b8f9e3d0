"""How does a terminal tell what became of each story: the handovers, who overran by how much, the records?"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from contracts.breach_words import called
from contracts.words import LINKS, POSTS, STATUSES
from deploy.local.player.account import Handover, Record, Timeline
from deploy.local.player.outcome import Outcome, hours, nickname
from deploy.local.sample.models import People
from deploy.local.sample.worktime import FACTORY

NARROWEST = 150
LONGEST = "what came of it"  # it gives way, so that no time is cut off
SLOW_MESSAGE = timedelta(hours=1)
OUTCOMES = {"on_time": "left in time", "late": "left late", "none": "has not left"}


def tell(console: Console, outcomes: Sequence[Outcome], people: People) -> None:
    """Every story with its timeline and records, then how many ended as expected."""
    for outcome in outcomes:
        console.print(story_of(outcome, people))
    console.print(summary_of(outcomes, people))


def story_of(outcome: Outcome, people: People) -> RenderableType:
    story = outcome.story
    title = Text.assemble((f"{story.title.en}", "bold"), f"  {story.title.zh}  ", (outcome.order_no, "cyan"))
    parts: list[RenderableType] = [Text("\n") + title]
    if outcome.timeline:
        parts += [Text(dates_of(outcome.timeline), style="dim"), handovers_of(outcome, people)]
    parts += [record_of(record, people) for record in outcome.records] or [Text("  no record", style="green")]
    parts += [Text(f"  not as expected: {each}", style="bold red") for each in outcome.differences(people)]
    return Group(*parts)


def dates_of(timeline: Timeline) -> str:
    """By when the goods were to leave, and whether they did."""
    left = ", ".join(f"line {line.line_no} {day(line.ship_by)}" for line in timeline.lines if line.ship_by)
    said = f"to leave by: {left or 'never agreed'}; it {OUTCOMES[timeline.delivery]}"
    return f"{said}; cancelled {moment(timeline.cancelled_at)}" if timeline.cancelled_at else said


def handovers_of(outcome: Outcome, people: People) -> RenderableType:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("handover", "of", "who answers", "arrived", "due", "done", LONGEST):
        table.add_column(heading, no_wrap=heading != LONGEST)
    for each in outcome.handovers:
        table.add_row(*row_of(each, people), style="red" if each.overran else None)
    return Padding(table, (0, 0, 0, 2))


def row_of(handover: Handover, people: People) -> Iterable[str]:
    again = f" ({handover.attempt}.)" if handover.attempt > 1 else ""
    yield LINKS[handover.link][1]
    yield f"{handover.key}{again}"
    yield person_of(handover, people)
    for each in (handover.delivered_at, handover.due_at, handover.closed_at):
        yield moment(each)
    yield ", ".join(remarks_on(handover))


def remarks_on(handover: Handover) -> Iterable[str]:
    """What is worth a word: that it overran, that it was the first cause, that its message took long."""
    if handover.overran:
        cause = " ← first cause" if handover.first_cause else ""
        yield f"{hours(handover.overrun):f} h late{cause}"
    if handover.given_at and handover.delivered_at and handover.delivered_at - handover.given_at > SLOW_MESSAGE:
        yield f"given {moment(handover.given_at)}: the message was late, nobody's fault"


def person_of(handover: Handover, people: People) -> str:
    if handover.person is None:
        return f"? ({POSTS[handover.post][1]})"
    acting = "acting " if handover.person.acting else ""
    return f"{nickname(people, handover.person.employee)} ({acting}{POSTS[handover.person.post][1].lower()})"


def record_of(record: Record, people: People) -> Text:
    """Clause, person, what follows, and where in the ledger the evidence lies."""
    sanction = STATUSES[record.sanction][1] if record.sanction else ""
    money = f"CNY {record.compensation:,.2f} ({record.computation})" if record.compensation is not None else ""
    acting = ", acting" if record.acting else ""
    follows = ", ".join(each for each in (sanction, money) if each)
    breached = ", ".join(called(each)[1] for each in record.breaches)
    return Text.assemble(
        ("  ▪ ", "yellow"),
        (f"{record.clause} ", "bold yellow"),
        f"{nickname(people, record.person)} ({POSTS[record.post][1]}{acting}): {follows}; for {breached}",
        (
            f"; evidence at {', '.join(map(str, record.evidence))}; {record.no} {STATUSES[record.status][1].lower()}",
            "dim",
        ),
        *(f"; {each}" for each in afterwards(record)),
    )


def afterwards(record: Record) -> Iterable[str]:
    """What an appeal came to, and why the record does not stand any more."""
    if record.appeal_outcome:
        yield f"an appeal was decided: {STATUSES[record.appeal_outcome][1].lower()}"
    if record.withdrawn_because:
        yield f"because: {record.withdrawn_because}"


def summary_of(outcomes: Sequence[Outcome], people: People) -> RenderableType:
    table = Table(title="\nHow the stories ended", title_justify="left", box=None, header_style="dim", pad_edge=False)
    for heading in ("story", "order", "goods", "first cause", "records", "as expected"):
        table.add_column(heading)
    right = 0
    for outcome in outcomes:
        differences = outcome.differences(people)
        right += not differences
        table.add_row(
            outcome.story.title.en,
            outcome.order_no,
            OUTCOMES[outcome.delivery],
            cause_of(outcome),
            ", ".join(f"{each.clause} {nickname(people, each.person)}" for each in outcome.records),
            "yes" if not differences else Text(f"no: {'; '.join(differences)}", style="bold red"),
        )
    return Group(table, Text(f"\n{right} of {len(outcomes)} stories ended exactly as they say", style="bold"))


def cause_of(outcome: Outcome) -> str:
    cause = outcome.first_cause
    return LINKS[cause.partition(":")[0]][1] if cause else ""


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(FACTORY):%m-%d %H:%M}" if at else ""


def day(at: datetime | None) -> str:
    return f"{at.astimezone(FACTORY):%Y-%m-%d}" if at else ""


def wide_console() -> Console:
    """The terminal as it is, but never so narrow that a timeline's columns break."""
    console = Console()
    return console if console.width >= NARROWEST else Console(width=NARROWEST)
