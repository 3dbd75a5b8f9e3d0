"""Who signed this statement, and has anybody changed it?"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from contracts.control import Signed, SignedWatermark, Watermark

S = TypeVar("S", bound=Signed)


class NotSigned(Exception):
    """A statement that was not signed by the one in whose name it is made."""


def fingerprint(key: Ed25519PublicKey) -> str:
    """How people and registers name a public key: SHA-256 over its 32 raw bytes, in hex."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


class Signer:
    """The one holder of a service's private key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key()
        self.fingerprint = fingerprint(self.public)

    @classmethod
    def load(cls, file: Path) -> "Signer":
        """Read an unencrypted PKCS 8 PEM file, as `./handover` or an operator's secret store makes it."""
        key = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{file} holds a {type(key).__name__}; watermarks are signed with an Ed25519 key")
        return cls(key)

    @classmethod
    def generate(cls) -> "Signer":
        return cls(Ed25519PrivateKey.generate())

    def sign(self, watermark: Watermark) -> SignedWatermark:
        return self.seal(watermark.canonical(), SignedWatermark)

    def seal(self, statement: bytes, kind: type[S]) -> S:
        """A statement with this key's signature over exactly these bytes."""
        signature = self._private.sign(statement)
        return kind(statement=statement.decode(), key=self.fingerprint, signature=signature.hex())


def trusted_keys(file: Path) -> dict[str, Ed25519PublicKey]:
    """The public keys in a JSON file of PEM texts by service."""
    keys = {service: load_pem_public_key(pem.encode()) for service, pem in orjson.loads(file.read_bytes()).items()}
    return {service: key for service, key in keys.items() if isinstance(key, Ed25519PublicKey)}


def verify(signed: SignedWatermark, trusted: Mapping[str, Ed25519PublicKey]) -> Watermark:
    """The watermark, if the source it names signed these bytes; raises NotSigned."""
    watermark = read(signed)
    key = trusted.get(watermark.source)
    if key is None:
        raise NotSigned(f"no key of {watermark.source} is trusted here; register the source first")
    if not is_signed_by(key, signed):
        raise NotSigned(f"a watermark in the name of {watermark.source} does not bear its signature")
    return watermark


def is_signed_by(key: Ed25519PublicKey, signed: Signed) -> bool:
    """Whether the holder of this key signed exactly these bytes."""
    try:
        key.verify(bytes.fromhex(signed.signature), signed.statement.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def read(signed: SignedWatermark) -> Watermark:
    """What the watermark says, whoever signed it: enough to ask for what is missing, not to judge by."""
    return Watermark.model_validate_json(signed.statement)
