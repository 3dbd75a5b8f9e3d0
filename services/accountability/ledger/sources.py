"""Whose evidence do verdicts wait for? Registering and retiring a source are named acts in the ledger."""

from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import find, lock, move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.outbox import publish
from chassis.signing import fingerprint
from contracts.accountability import SourceRegistered, SourceRetired
from contracts.event import SERVICES
from services.accountability.models import Source, SourceStatus


class NoKey(Refusal):
    status, code, field = 422, "no_ed25519_key", "public_key"
    message = Label(
        "这不是 PEM 格式的 Ed25519 公钥。请粘贴该服务的公钥。",
        "This is no Ed25519 public key in PEM. Please paste the service's public key.",
    )


class UnknownService(Refusal):
    status, code, field = 422, "unknown_service", "no"
    message = Label("没有服务 {no}。请从 {known} 中选择。", "There is no service {no}. Please choose one of {known}.")


class SourceKnown(Refusal):
    code, field = "source_known", "no"
    message = Label("来源 {no} 已在登记中。", "Source {no} is registered already.")


class Registration(Form):
    """A service and the public key with which it signs its watermarks."""

    no: str
    public_key: str = Field(min_length=1, max_length=2000)


class Retirement(Form):
    """Why verdicts shall no longer wait for this source."""

    reason: str = Field(min_length=1, max_length=2000)


async def register(session: AsyncSession, form: Registration, *, maker: str, now: datetime) -> Source:
    if form.no not in SERVICES:
        raise UnknownService(no=form.no, known=SERVICES)
    key = read_key(form.public_key)
    source = await find(session, Source, form.no, hold=True)
    if source is None:
        source = Source(no=form.no, status=SourceStatus.REGISTERED, made_by=maker, made_at=now)
        session.add(source)
    elif source.status != SourceStatus.RETIRED:
        raise SourceKnown(no=form.no)
    else:
        move(source, SourceStatus.REGISTERED)
    source.public_key, source.key_fingerprint, source.registered_at = form.public_key, fingerprint(key), now
    await publish(
        session,
        SourceRegistered(
            service=form.no,
            public_key=source.public_key,
            key_fingerprint=source.key_fingerprint,
            registered_by=maker,
        ),
    )
    return source


async def retire(session: AsyncSession, no: str, form: Retirement, *, by: str) -> Source:
    source = await lock(session, Source, no)
    move(source, SourceStatus.RETIRED)
    source.new_epoch = None
    await publish(session, SourceRetired(service=no, reason=form.reason, retired_by=by))
    return source


@lru_cache(maxsize=64)
def read_key(pem: str) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        raise NoKey from None
    if not isinstance(key, Ed25519PublicKey):
        raise NoKey
    return key


async def trusted(session: AsyncSession) -> dict[str, Ed25519PublicKey]:
    """The public key of every source that is not retired."""
    query = select(Source.no, Source.public_key).where(Source.status != SourceStatus.RETIRED)
    return {row.no: read_key(row.public_key) for row in await session.execute(query)}
