"""Who signed what about these facts, and do those who were asked for a fingerprint know them?"""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chassis.signing import NotSigned, fingerprint, is_signed_by, read, verify
from contracts.accountability import SourceRegistered, SourceRetired
from contracts.control import SignedWatermark, Watermark
from contracts.event import GENESIS
from services.accountability.proof.chains import Followed, Place
from services.accountability.proof.differences import Difference, How
from services.accountability.proof.outline import JUDGE
from services.accountability.proof.packing import Body, Export, Key
from services.accountability.proof.statements import Checkpoint, SignedCheckpoint, SourceEnd

Vouched = tuple[str, str]
"""A service, and the fingerprint of a key that somebody knows to be its."""


class Doubt(Exception):
    """The evidence cannot be relied upon, and it is not one fact that differs; the message says why."""


@dataclass(frozen=True)
class Trusted:
    """The keys whose fingerprints were given, by service and fingerprint; which of them have signed here, now or `earlier`.

    `unsigned`: the services of which somebody knows that they were restored or retired, and lets the judge's word be enough.
    """

    keys: dict[Vouched, Ed25519PublicKey]
    stated: frozenset[Vouched]
    given: frozenset[Vouched]
    unsigned: frozenset[str] = frozenset()
    used: set[Vouched] = field(default_factory=set)
    earlier: set[Vouched] = field(default_factory=set)

    @classmethod
    def of(cls, stated: Iterable[Key], given: Collection[Vouched], unsigned: Collection[str] = ()) -> "Trusted":
        """Of the keys in the export those that somebody vouches for; what the export says a fingerprint is does not count.

        Raises Doubt where two services are said to have one key: whoever holds it could speak for both.
        """
        holder: dict[str, str] = {}
        for service, name in sorted(given):
            if holder.setdefault(name, service) != service:
                raise Doubt(f"{holder[name]} and {service} cannot have one key, and {name} was given for both.")
        known = {(each.service, fingerprint(key)): key for each in stated if (key := read_key(each.public_key))}
        keys = {name: key for name, key in known.items() if name in given}
        return cls(keys, frozenset(known), frozenset(given), frozenset(unsigned))

    def key(self, service: str, name: str) -> Ed25519PublicKey:
        """A key by which something here is signed; raises Doubt for one that nobody vouches for."""
        key = self.keys.get((service, name))
        if key is not None:
            self.used.add((service, name))
            return key
        if (service, name) in self.stated:
            raise Doubt(
                f"The key of {service} has the fingerprint {name}, which was not given. If you have the same from elsewhere, "
                f"give it with --fingerprint {service}={name}."
            )
        raise Doubt(f"Something is signed in the name of {service} with the key {name}, which is not a key of it here.")

    def all_used(self) -> None:
        """Raises Doubt where a key was given and nothing that counts is signed with it: its holder may have been left out."""
        speak = {service for service, _ in self.used} | self.unsigned
        for service, name in sorted(self.given):
            if service not in speak or (service, name) not in self.used | self.earlier:
                raise Doubt(
                    f"Nothing that counts here is signed with the key {name} of {service}, which you gave. Either {service} was "
                    f"left out, or it has another key now. If you know that it was retired, say so with --unsigned {service}."
                )


def read_key(pem: str) -> Ed25519PublicKey | None:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
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
    if not promises or checkpoint.frontier != min(promises):
        raise Doubt(
            "The checkpoint says that the evidence is complete up to another instant than its sources have promised."
        )
    earlier = [each for each in vouched(export, trusted) if each.source not in trusted.unsigned]
    trusted.all_used()
    return first_unlike(followed, (end for each in earlier for end in signed_ends(each)))


def never_back(checkpoints: Iterable[Checkpoint], last: Checkpoint) -> None:
    """Raises Doubt where the evidence was complete further before: what lies between would be judged by nobody."""
    further = [each for each in checkpoints if each.position < last.position and each.frontier > last.frontier]
    if further:
        raise Doubt(
            f"The evidence was complete up to {further[0].frontier.isoformat()} when position {further[0].position} was signed, "
            f"and the last checkpoint says up to {last.frontier.isoformat()}."
        )


def vouched(export: Export, trusted: Trusted) -> Iterator[Watermark]:
    """What sources have signed of their facts, now and in epochs before; what nobody vouches for is left out."""
    for signed in export.watermarks.values():
        with contextlib.suppress(NotSigned, ValueError, KeyError):
            name = read(signed).source, signed.key
            yield verify(signed, {name[0]: trusted.keys[name]})
            trusted.earlier.add(name)


def signed_ends(watermark: Watermark) -> Iterator[tuple[Place, str]]:
    """Up to which place a source vouches for its facts, with the hash there; also for what it remembers of the epoch before."""
    yield (watermark.source, watermark.epoch, watermark.sequence), watermark.hash
    if former := watermark.former:
        yield (watermark.source, former.epoch, former.sequence), former.hash


def covered(watermarks: Iterable[Watermark]) -> dict[tuple[str, int], int]:
    """Up to which sequence each source has signed, in each of its epochs."""
    found: dict[tuple[str, int], int] = {}
    for watermark in watermarks:
        for (source, epoch, sequence), _ in signed_ends(watermark):
            found[source, epoch] = max(sequence, found.get((source, epoch), 0))
    return found


def by_the_judge_alone(followed: Followed, trusted: Trusted) -> Iterator[str]:
    """Which facts no source has signed; raises Doubt unless somebody knows why."""
    for (source, epoch), (first, count) in sorted(followed.unsigned.items()):
        what = (
            f"{count} facts of {source} in its epoch {epoch}, the first at position {first}, are not signed by {source}"
        )
        if source not in trusted.unsigned:
            raise Doubt(
                f"{what}: the judge alone says that they are its. If you know from {source} that it was restored from a backup "
                f"or retired then, say so with --unsigned {source}."
            )
        yield f"{what}; you said that the judge's word is enough."


def ends(watermarks: Iterable[SignedWatermark], checkpoint: Checkpoint) -> Iterator[Place]:
    """Where in the outline a source has signed; whether it really has is looked at later."""
    for source, end in checkpoint.sources.items():
        yield source, end.epoch, end.sequence
    for signed in watermarks:
        with contextlib.suppress(ValueError):
            yield from (place for place, _ in signed_ends(read(signed)))


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
    of_the_judge = (watermark.source, watermark.epoch, end.sequence), end.hash
    return first_unlike(followed, [*islice(signed_ends(watermark), 1), of_the_judge])


def first_unlike(followed: Followed, signed: Iterable[tuple[Place, str]]) -> Difference | None:
    for (source, epoch, sequence), wanted in signed:
        last = followed.last.get((source, epoch))
        count = last.sequence if last else 0
        if sequence > count:
            what = f"{source} has signed {sequence} facts, and {count} are here"
            return Difference(followed.count + 1, How.TRUNCATED, what)
        line = followed.ends[source, epoch, sequence] if sequence else None
        if (line.source_hash if line else GENESIS).hex() != wanted:
            what = f"{source} signed another hash at its sequence {sequence}"
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
