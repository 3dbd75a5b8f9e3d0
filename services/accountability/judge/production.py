"""When was the work of a production order to be finished, and when was it?"""

from dataclasses import dataclass

from chassis.instants import Instant


@dataclass(slots=True)
class Mark:
    """Where a fact stands in the evidence: recorded when, at which position of the ledger, with which hash."""

    at: Instant
    position: int
    hash: str

    @property
    def order(self) -> tuple[Instant, int]:
        return self.at, self.position


@dataclass(slots=True)
class Production:
    """A production order: by when its last operation was planned to be finished, when it was, and when the goods were booked.

    `reports` name the last operation each time, for it is done again where its goods fail.
    """

    line_no: int | None = None
    planned: Mark | None = None
    due_at: Instant | None = None
    reports: tuple[tuple[Mark, str], ...] = ()
    booked: Mark | None = None

    @property
    def finished(self) -> Mark | None:
        """The last report before the first goods were booked: what fails afterwards delays the delivery alone."""
        return self._last[0] if self.reports else None

    @property
    def last_operation(self) -> str:
        return self._last[1] if self.reports else ""

    @property
    def _last(self) -> tuple[Mark, str]:
        kept = [report for report in self.reports if self.booked is None or report[0].at <= self.booked.at]
        return kept[-1] if kept else self.reports[0]
