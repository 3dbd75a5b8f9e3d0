"""How is it written down that somebody looked at what concerns somebody else, and for how long is that known?

A department that keeps such documents has a table `record_looks`; nothing in it is ever changed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import BigInteger, Identity, String, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from chassis.people import Person
from chassis.sight import Look

SAME_LOOK = timedelta(minutes=15)
"""Who looks at the same thing in the same way again this soon is still looking."""

# Whoever goes on looking at the same thing in the same way has looked once.
NOTE = text("""
WITH look AS (
    SELECT CAST(:now AS timestamptz) AS at, CAST(:who AS text) AS who, CAST(:post AS text) AS post,
        CAST(:acting AS boolean) AS acting, CAST(:how AS text) AS how, CAST(:purpose AS text) AS purpose
)
INSERT INTO record_looks (at, who, post, acting, whose, no, how, purpose)
SELECT look.at, look.who, look.post, look.acting, seen.whose, seen.no, look.how, look.purpose
FROM look, unnest(CAST(:nos AS text[]), CAST(:names AS text[])) AS seen (no, whose)
WHERE NOT EXISTS (
    SELECT FROM record_looks AS before
    WHERE before.no = seen.no AND before.who = look.who AND before.at > CAST(:since AS timestamptz)
        AND before.whose = seen.whose AND before.how = look.how AND before.purpose = look.purpose
)
""")


class LookKeeping(BaseSettings):
    """How long it is known who looked, in days of the factory's clock: as records of how personal information was handled."""

    model_config = SettingsConfigDict(env_prefix="HANDOVER_", extra="ignore")

    look_retention_days: float = Field(default=1096, ge=90)


class LookedAt:
    """The columns of a look. `at` is the factory's time, `who` looked in the post `post`; `no` is what was looked at."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    who: Mapped[str] = mapped_column(String(16))
    post: Mapped[str | None] = mapped_column(String(40))
    acting: Mapped[bool]
    whose: Mapped[str] = mapped_column(String(16))
    no: Mapped[str] = mapped_column(Text)
    how: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(Text)


async def write_down(
    session: AsyncSession,
    person: Person,
    seen: Sequence[tuple[str, str]],
    look: Look,
    post: tuple[str | None, bool],
) -> None:
    """This person looks at these documents about these people, in this post (acting?); nobody needs to know of one's own."""
    others = [(no, whose) for no, whose in seen if whose != person.employee]
    if not others:
        return
    values = {
        "now": person.now,
        "since": person.now - SAME_LOOK,
        "who": person.employee,
        "post": post[0],
        "acting": post[1],
        "how": str(look.how),
        "purpose": look.purpose,
        "nos": [no for no, _ in others],
        "names": [whose for _, whose in others],
    }
    await session.execute(NOTE, values)
