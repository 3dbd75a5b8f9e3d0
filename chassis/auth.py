"""Who is asking? Local accounts today; another identity provider takes the place of `LocalAccounts` and nothing else."""

import hashlib
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import yaml
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotSignedIn, TooManyAttempts, WrongCredentials
from chassis.schema_people import login_attempts, sessions

SESSION_HOURS = 12
ATTEMPTS_A_MINUTE = 5
KNOWN_TOKENS = 2000
ISSUER = "handover"
PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's choice for servers: 19 MiB and 25 ms of one core for a sign-in, where the library's own takes 64 MiB and all cores."""


class Authenticator(Protocol):
    """Turns what a person proves into their employee id; raises WrongCredentials."""

    def employee(self, login: str, password: str) -> str: ...


class LocalAccounts:
    """Accounts from a YAML file `{employee id: argon2 hash}`, for one machine without an identity provider."""

    def __init__(self, file: Path | None) -> None:
        self.hashes: dict[str, str] = yaml.safe_load(file.read_text()) if file and file.exists() else {}

    def employee(self, login: str, password: str) -> str:
        login = login.strip().upper()
        try:
            PASSWORDS.verify(self.hashes.get(login, nobody()), password)
        except (VerifyMismatchError, InvalidHashError):
            raise WrongCredentials from None
        return login


@cache
def nobody() -> str:
    """What a login that is not known is checked against, so that it takes as long as any other; asked for with every one."""
    return PASSWORDS.hash(secrets.token_hex(16))


class Tokens:
    """Bearer tokens for scripts and the player: signed, for one service, short-lived."""

    def __init__(self, secret: str, service: str) -> None:
        self.key = OctKey.import_key(secret)
        self.service = service
        self.claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": service},
            sub={"essential": True},
            exp={"essential": True},
        )
        self.read = lru_cache(maxsize=KNOWN_TOKENS)(self._read)

    def make(self, employee: str, hours: float = SESSION_HOURS) -> str:
        expires = datetime.now(UTC) + timedelta(hours=hours)
        claims = {"iss": ISSUER, "aud": self.service, "sub": employee, "exp": int(expires.timestamp())}
        return jwt.encode({"alg": "HS256"}, claims, self.key)

    def employee(self, token: str) -> str:
        try:
            employee, expires = self.read(token)
        except (JoseError, ValueError):
            raise NotSignedIn from None
        if expires <= time.time():
            raise NotSignedIn
        return employee

    def _read(self, token: str) -> tuple[str, int]:
        """Whose token it is and until when; what was checked once need not be checked with every request."""
        decoded = jwt.decode(token, self.key, algorithms=["HS256"])
        self.claims.validate(decoded.claims)
        return str(decoded.claims["sub"]), int(decoded.claims["exp"])


COUNT_ATTEMPT = text(
    "INSERT INTO login_attempts AS a (employee, window_start, count) VALUES (:employee, clock_timestamp(), 1) "
    "ON CONFLICT (employee) DO UPDATE SET "
    "count = CASE WHEN a.window_start < clock_timestamp() - interval '1 minute' THEN 1 ELSE a.count + 1 END, "
    "window_start = CASE WHEN a.window_start < clock_timestamp() - interval '1 minute' "
    "THEN clock_timestamp() ELSE a.window_start END RETURNING count"
)


async def count_attempt(session: AsyncSession, login: str) -> None:
    """Five wrong attempts a minute for one login; raises TooManyAttempts."""
    count = (await session.execute(COUNT_ATTEMPT, {"employee": login.strip().upper()[:64]})).scalar_one()
    if count > ATTEMPTS_A_MINUTE:
        raise TooManyAttempts


async def forget_attempts(session: AsyncSession, login: str) -> None:
    await session.execute(delete(login_attempts).where(login_attempts.c.employee == login.strip().upper()[:64]))


def cookie_name(service: str, *, secure: bool) -> str:
    """The session cookie's name. Services on one host share its cookies, whatever their ports: each has its own name."""
    return f"{'__Host-' if secure else ''}handover_{service}"


async def open_session(session: AsyncSession, employee: str) -> str:
    """A new server-side session; the cookie's secret, of which only the digest is stored."""
    secret = secrets.token_urlsafe(32)
    values = {
        "digest": digest(secret),
        "employee": employee,
        "expires_at": datetime.now(UTC) + timedelta(hours=SESSION_HOURS),
    }
    await session.execute(delete(sessions).where(sessions.c.expires_at < datetime.now(UTC)))
    await session.execute(insert(sessions).values(values))
    return secret


async def employee_of(session: AsyncSession, secret: str) -> str:
    query = select(sessions.c.employee).where(
        sessions.c.digest == digest(secret), sessions.c.expires_at > datetime.now(UTC)
    )
    employee: str | None = await session.scalar(query)
    if employee is None:
        raise NotSignedIn
    return employee


async def close_session(session: AsyncSession, secret: str) -> None:
    await session.execute(delete(sessions).where(sessions.c.digest == digest(secret)))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
