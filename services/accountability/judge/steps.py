"""What does one step of the judge's fold gather?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.accountability.judge.verdicts import DutyVerdict, Verdict


@dataclass(slots=True)
class Step:
    """One step of the fold: what was said in it, and which orders must be reviewed at its end."""

    verdicts: list[Verdict] = field(default_factory=list)
    orders: dict[str, None] = field(default_factory=dict)

    def say(self, verdicts: Iterable[DutyVerdict]) -> None:
        """Pass on duty verdicts and review their orders."""
        for verdict in verdicts:
            self.verdicts.append(verdict)
            self.orders[verdict.order_no] = None
