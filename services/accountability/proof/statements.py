"""What does the judge sign? Where its ledger stands (worth something once somebody outside keeps it), and what an export holds."""

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
    """At `made_at` the ledger ended at `position` with this hash and outline, complete up to `frontier`.

    `exports_signed`: what an export that rests on it holds is signed too, so that the signature cannot be taken away unseen.
    """

    position: Count
    hash: Hash
    outline: Hash
    frontier: AwareDatetime
    sources: dict[str, SourceEnd]
    made_at: AwareDatetime
    exports_signed: bool = False

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self)


class SignedCheckpoint(Signed):
    """A checkpoint with the judge's signature."""

    def read(self) -> Checkpoint:
        """What it says, whoever signed it; raises ValueError."""
        return Checkpoint.model_validate_json(self.statement)


class Contents(Fact):
    """What was taken out of the house: who asked for what, as it was written down, and the digest of each file but the outline.

    The outline is what the last checkpoint says it is.
    """

    export: Count
    asked_by: str
    asked: dict[str, str]
    asked_at: AwareDatetime
    files: dict[str, Hash]
    signed_at: AwareDatetime

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self)


class SignedContents(Signed):
    """The contents of an export with the judge's signature."""

    def read(self) -> Contents:
        """What it says, whoever signed it; raises ValueError."""
        return Contents.model_validate_json(self.statement)
