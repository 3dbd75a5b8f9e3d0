"""Who is looking at this page, and what does the page's frame show them?"""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import cookie_name, digest
from chassis.database import transaction
from chassis.errors import NotSignedIn, PostNotHeld, Refusal
from chassis.language import Label, word
from chassis.notifications import Notice, in_words
from chassis.people import Person
from chassis.sight import words

# Enough for a number beside a word; beyond it the page says "and more" and nothing has to be counted.
MOST_COUNTED = 999


class StalePage(Refusal):
    """A form came without the token that this session's pages carry."""

    status, code = 403, "stale_page"
    message = Label(
        "此页面已过期或不是从本系统打开的,操作没有执行。请重新载入页面后再试。",
        "This page is out of date or not from this system, so nothing was done. Please reload it and try again.",
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """How many handovers are open: this person's, and the whole department's."""

    mine: int
    everyone: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One person looking at one page: the open transaction, who they are, and what they owe.

    Who is no reader sees only what is their own.
    """

    session: AsyncSession
    person: Person
    nicknames: dict[str, str]
    owed: Owed
    notifications: list[Notice]
    form_token: str
    reader: bool

    @property
    def now(self) -> Any:
        return self.person.now

    def name_of(self, employee: str) -> str:
        """A nickname with the employee id; `system` by its word."""
        nickname = self.nicknames.get(employee)
        return f"{nickname} {employee}" if nickname else str(word(employee))


# One statement for everything that frames a page: session, person, posts now, nicknames, open duties, notifications.
FIND_VISITOR = text(
    """
    WITH visitor AS (
        SELECT s.employee FROM sessions s WHERE s.digest = :digest AND s.expires_at > clock_timestamp()
    ), clock AS MATERIALIZED (
        SELECT factory_now() AS now
    ), held AS (
        SELECT DISTINCT h.post, h.acting FROM holdings h JOIN visitor v ON v.employee = h.employee CROSS JOIN clock c
        WHERE h.effective_from <= c.now AND (h.effective_until IS NULL OR h.effective_until > c.now)
    ), open_duties AS (
        SELECT d.assignee, d.post FROM duties d WHERE d.closed_at IS NULL LIMIT :most
    )
    SELECT v.employee, c.now, e.nickname, e.department,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(post, acting) ORDER BY acting, post), '[]') FROM held) AS posts,
        (SELECT coalesce(jsonb_object_agg(employee, nickname), '{}') FROM employees) AS nicknames,
        (SELECT count(*) FROM open_duties) AS everyone,
        (SELECT count(*) FROM open_duties d WHERE d.assignee = v.employee
            OR d.assignee IS NULL AND d.post IN (SELECT post FROM held)) AS mine,
        (SELECT coalesce(jsonb_agg(to_jsonb(n) ORDER BY n.told_at), '[]') FROM notifications n
            WHERE n.person = v.employee AND n.show_until >= c.now) AS notifications
    FROM visitor v CROSS JOIN clock c LEFT JOIN employees e ON e.employee = v.employee
    """
)


def secret_of(request: Request) -> str:
    """The session's secret from the cookie; raises NotSignedIn."""
    settings = request.app.state.settings
    secret = request.cookies.get(cookie_name(settings.service, secure=settings.secure_cookies))
    if not secret:
        raise NotSignedIn
    return secret


def form_token(request: Request) -> str:
    """What every form of this session carries; another site cannot know it."""
    key: str = request.app.state.settings.token_secret
    return hmac.new(key.encode(), b"form " + digest(secret_of(request)).encode(), hashlib.sha256).hexdigest()


def check_form_token(request: Request, given: str | None) -> None:
    """Raises StalePage when a form does not come from a page of this session."""
    if not hmac.compare_digest(form_token(request), given or ""):
        raise StalePage


@asynccontextmanager
async def visit(request: Request, *, everybody: bool = False) -> AsyncIterator[Visit]:
    """The page's transaction and its visitor; raises NotSignedIn.

    Raises PostNotHeld for people of other departments, unless `everybody` may come: the page then shows them no more than
    what is theirs.
    """
    secret = secret_of(request)
    async with transaction(request.app.state.engine) as session:
        parameters = {"digest": digest(secret), "most": MOST_COUNTED + 1}
        row = (await session.execute(FIND_VISITOR, parameters)).one_or_none()
        if row is None:
            raise NotSignedIn
        posts = tuple((post, acting) for post, acting in row.posts)
        person = Person(row.employee, row.nickname or row.employee, row.department or "", posts, row.now)
        readers = request.app.state.desk.readers
        reader = person.holds(readers)
        if not reader and not everybody:
            raise PostNotHeld(employee=person.employee, posts=words(readers))
        session.info["now"] = row.now
        owed = Owed(row.mine, row.everyone)
        notifications = [*in_words(row.notifications), *await request.app.state.notices(session, person)]
        yield Visit(session, person, row.nicknames, owed, notifications, form_token(request), reader)
