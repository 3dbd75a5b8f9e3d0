"""How is a department told what is at risk? For people line by line, for programs as data; true as of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.documents import FACTORY
from chassis.language import Label, department, word

OVERDUE = 100
TITLE = Label(
    "{department}:{count} 项交接即将超时或已超时(截至 {as_of})",
    "{department}: handovers at risk or overdue: {count} (as of {as_of})",
)
LINE = Label("{what} {order} 时限 {due},已用 {share}%({who})", "{what} {order}, due {due}, {share}% gone ({who})")
OVER = Label("{what} {order} 时限 {due},已超时({who})", "{what} {order}, due {due}, overdue ({who})")


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A handover of whose working time this share, in percent, is gone; OVERDUE when the time is over."""

    row: Any
    share: int


def message(service: str, found: Sequence[AtRisk], as_of: datetime, tongue: str) -> dict[str, Any]:
    """One message about several handovers, for people who read `tongue` and for programs; the most urgent first."""
    title = TITLE.filled(department=department(service), count=len(found), as_of=shown(as_of))
    return {
        "kind": "handovers_at_risk",
        "department": service,
        "as_of": as_of.isoformat(),
        "title": title.said_in(tongue),
        "lines": [line(each).said_in(tongue) for each in found],
        "handovers": [
            {
                "link": each.row["link"],
                "key": each.row["key"],
                "order_no": each.row["order_no"],
                "document_no": each.row["document_no"],
                "post": each.row["post"],
                "assignee": each.row["assignee"],
                "due_at": each.row["due_at"].isoformat(),
                "share_gone": each.share,
            }
            for each in found
        ],
    }


def line(each: AtRisk) -> Label:
    """Posts and employee ids, no names: a messenger is not ours."""
    row = each.row
    return (OVER if each.share >= OVERDUE else LINE).filled(
        what=word(row["link"]),
        order=row["order_no"] or row["key"],
        due=shown(row["due_at"]),
        share=each.share,
        who=row["assignee"] or word(row["post"]),
    )


def shown(at: datetime) -> str:
    """A moment by the factory's clock."""
    return f"{at.astimezone(FACTORY):%m-%d %H:%M}"
