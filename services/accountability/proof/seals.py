"""Who signed what about these facts, and do those who were asked for a fingerprint know them?"""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chassis.signing import NotSigned, fingerprint, is_signed_by, verify
from contracts.accountability import SourceRegistered, SourceRetired
from contracts.control import SignedWatermark, Watermark
from contracts.event import GENESIS
from services.accountability.proof.chains import Followed, Place
from services.accountability.proof.differences import Difference, How
from services.accountability.proof.outline import JUDGE
from services.accountability.proof.packing import Body, Export, Key
from services.accountability.proof.statements import Checkpoint, SignedCheckpoint, SourceEnd


class Doubt(Exception):
    """The evidence cannot be relied upon, and it is not one fact that differs; the message says why."""


@dataclass(frozen=True)
class Trusted:
    """The keys whose fingerprints were given, by service and fingerprint."""

    keys: dict[tuple[str, str], Ed25519PublicKey]
    stated: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, stated: Iterable[Key], given: Collection[str]) -> "Trusted":
        """Of the keys in the export those that somebody vouches for; what the export says a fingerprint is does not count."""
        read = {(each.service, fingerprint(key)): key for each in stated if (key := read_key(each.public_key))}
        return cls({name: key for name, key in read.items() if name[1] in given}, frozenset(read))

    def key(self, service: str, name: str) -> Ed25519PublicKey:
        """Raises Doubt for a key that nobody vouches for."""
        key = self.keys.get((service, name))
        if key is not None:
            return key
        if (service, name) in self.stated:
            raise Doubt(
                f"The key of {service} has the fingerprint {name}, which was not given. If you have the same from elsewhere, "
                f"give it with --fingerprint."
            )
        raise Doubt(f"Something is signed in the name of {service} with the key {name}, which is not a key of it here.")


def read_key(pem: str) -> Ed25519PublicKey | None:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def read_checkpoints(signed: Iterable[SignedCheckpoint], trusted: Trusted) -> list[Checkpoint]:
    """In the order of their positions; raises Doubt where one does not bear the judge's signature."""
    found = []
    for each in signed:
        if not is_signed_by(trusted.key(JUDGE, each.key), each):
            raise Doubt("A checkpoint does not bear the signature of the key that it names.")
        try:
            found.append(each.read())
        except ValueError:
            raise Doubt("A checkpoint is signed and cannot be read.") from None
    return sorted(found, key=lambda checkpoint: (checkpoint.position, checkpoint.frontier))


def off_the_outline(checkpoints: Sequence[Checkpoint], followed: Followed) -> Difference | None:
    """The first checkpoint through which the outline does not lead."""
    since = 0
    for each in checkpoints:
        if each.position > followed.count:
            what = f"a checkpoint was signed at position {each.position}, and the evidence ends before"
            return followed.difference or Difference(followed.count + 1, How.TRUNCATED, what)
        value, last = followed.values[each.position]
        if (value.hex(), last.hex()) != (each.outline, each.hash):
            what = f"the outline was written anew: it does not lead to what was signed at position {each.position}"
            return Difference(each.position, How.CHANGED, what, since)
        since = each.position
    return None


def words(export: Export, checkpoint: Checkpoint, followed: Followed, trusted: Trusted) -> Difference | None:
    """Whether every source signed what the ledger has of it, up to the frontier; raises Doubt."""
    if missing := sorted(registered(export.bodies) - checkpoint.sources.keys()):
        raise Doubt(f"The evidence of {', '.join(missing)} counts, and the checkpoint does not speak of it.")
    promises = []
    for source, end in checkpoint.sources.items():
        watermark = word_of(export, source, end, trusted)
        promises.append(watermark.promised)
        if difference := unlike(watermark, end, followed):
            return difference
    if not promises or checkpoint.frontier > min(promises):
        raise Doubt("The checkpoint says that the evidence is complete further than its sources have promised.")
    return None


def ends(watermarks: Iterable[SignedWatermark], checkpoint: Checkpoint) -> Iterator[Place]:
    """Where in the outline a source has signed; whether it really has is looked at later."""
    for source, end in checkpoint.sources.items():
        yield source, end.epoch, end.sequence
    for signed in watermarks:
        with contextlib.suppress(ValueError):
            said = Watermark.model_validate_json(signed.statement)
            yield said.source, said.epoch, said.sequence


def word_of(export: Export, source: str, end: SourceEnd, trusted: Trusted) -> Watermark:
    signed = export.watermarks.get(source)
    if signed is None:
        raise Doubt(f"The watermark of {source} is missing.")
    try:
        watermark = verify(signed, {source: trusted.key(source, signed.key)})
    except (NotSigned, ValueError) as error:
        raise Doubt(f"The watermark of {source}: {str(error).splitlines()[0]}") from None
    if (watermark.epoch, watermark.promised) != (end.epoch, end.promised) or watermark.sequence > end.sequence:
        raise Doubt(f"The watermark of {source} is not the one on which the checkpoint rests.")
    return watermark


def unlike(watermark: Watermark, end: SourceEnd, followed: Followed) -> Difference | None:
    """The first fact of a source that is not the one that it has signed."""
    last = followed.last.get((watermark.source, watermark.epoch))
    count = last.sequence if last else 0
    for sequence, signed in ((watermark.sequence, watermark.hash), (end.sequence, end.hash)):
        if sequence > count:
            what = f"{watermark.source} has signed {sequence} facts, and {count} are here"
            return Difference(followed.count + 1, How.TRUNCATED, what)
        line = followed.ends[watermark.source, watermark.epoch, sequence] if sequence else None
        if (line.source_hash if line else GENESIS).hex() != signed:
            what = f"{watermark.source} signed another hash at its sequence {sequence}"
            return Difference(line.position if line else None, How.CHANGED, what)
    return None


def registered(bodies: Sequence[Body]) -> set[str]:
    """The sources whose evidence verdicts wait for, as the ledger's own facts say."""
    known: set[str] = set()
    for kind, data in _facts(bodies):
        if kind == SourceRegistered.name:
            known.add(data["service"])
        elif kind == SourceRetired.name:
            known.discard(data["service"])
    return known


def _facts(bodies: Sequence[Body]) -> Iterator[tuple[str, dict[str, str]]]:
    for body in bodies:
        fact = orjson.loads(body.bytes)
        yield fact["type"], fact["data"]
