"""What does accountability say of an order and of its people? Its answers, as far as a story asks for them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

OVERRAN = "overran"


class Person(BaseModel):
    """Who answered for a handover."""

    employee: str
    post: str
    acting: bool


class Handover(BaseModel):
    """One attempt at a handover on an order's timeline."""

    duty: str
    link: str
    key: str
    attempt: int
    post: str
    person: Person | None
    given_at: datetime | None
    delivered_at: datetime
    signed_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    status: str
    overrun: timedelta
    contribution: timedelta | None
    first_cause: bool

    @property
    def overran(self) -> bool:
        return self.status == OVERRAN


class Line(BaseModel):
    """Whether a line left in time."""

    line_no: int
    ship_by: datetime | None
    shipped_at: datetime | None
    missed: bool


class Timeline(BaseModel):
    """An order's handovers, first to last."""

    order_no: str
    cancelled_at: datetime | None
    lines: tuple[Line, ...]
    handovers: tuple[Handover, ...]
    missed: tuple[dict[str, Any], ...]

    @property
    def delivery(self) -> str:
        if any(line.missed for line in self.lines if line.shipped_at):
            return "late"
        return "on_time" if self.lines and all(line.shipped_at for line in self.lines) else "none"

    @property
    def first_cause(self) -> str | None:
        """The handover that cost the delivery date, if one did."""
        causes = [date["cause"] for date in self.missed if date.get("of") == "delivery" and date.get("cause")]
        return str(causes[0]["duty"]) if causes else None


class Record(BaseModel):
    """A record, whether it stands or was withdrawn."""

    no: str
    order_no: str | None
    status: str
    clause: str
    person: str
    post: str
    acting: bool
    sanction: str
    breaches: tuple[str, ...]
    evidence: tuple[int, ...]
    compensation: Decimal | None
    computation: str
    appeal_outcome: str
    withdrawn_because: str
    facts: dict[str, Any]
