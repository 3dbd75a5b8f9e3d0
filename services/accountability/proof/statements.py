"""What does the judge sign about its ledger? A checkpoint: worth something as soon as somebody outside keeps it."""

from pydantic import AwareDatetime

from contracts.control import Count, Hash, Signed, canonical
from contracts.event import Fact


class SourceEnd(Fact):
    """Where one source's facts end in the ledger, and up to when it has promised that none is missing."""

    epoch: int
    sequence: Count
    hash: Hash
    promised: AwareDatetime


class Checkpoint(Fact):
    """At `made_at` the ledger ended at `position` with this hash and outline, complete up to `frontier`."""

    position: Count
    hash: Hash
    outline: Hash
    frontier: AwareDatetime
    sources: dict[str, SourceEnd]
    made_at: AwareDatetime

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self)


class SignedCheckpoint(Signed):
    """A checkpoint with the judge's signature."""

    def read(self) -> Checkpoint:
        """What it says, whoever signed it; raises ValueError."""
        return Checkpoint.model_validate_json(self.statement)
