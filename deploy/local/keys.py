"""With which key does each service sign its watermarks, and whose keys does this installation trust?"""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from deploy.local.place import Place, read_json, write_json


def make_signing_keys(place: Place, services: Sequence[str]) -> None:
    """One Ed25519 key per service, made once; trusted.json lists the public halves by service."""
    place.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    trusted = place.keys / "trusted.json"
    known: dict[str, str] = read_json(trusted)
    fresh = {name: _public_key(place.keys / f"{name}.pem") for name in services if name not in known}
    if fresh:
        write_json(trusted, {**known, **fresh})


def _public_key(file: Path) -> str:
    if not file.is_file():
        _write_private_key(file)
    private = load_pem_private_key(file.read_bytes(), password=None)
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _write_private_key(file: Path) -> None:
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text)
