"""For how long can what is about a person be read, and who has read it?"""

from datetime import timedelta

from pydantic import Field

from chassis.looks import LookKeeping


class Keeping(LookKeeping):
    """How long things can be read, in days of the factory's clock; HANDOVER_* environment variables.

    A year after a record lapsed or fell, or after a lateness without a record ended (one that nobody ever ends: after it was
    due, once its order is settled): as long as labour arbitration can be asked for. Three years for who looked: as long as
    records of how personal information was handled are kept.
    """

    record_retention_days: float = Field(default=365, ge=0)

    @property
    def record_retention(self) -> timedelta:
        return timedelta(days=self.record_retention_days)
