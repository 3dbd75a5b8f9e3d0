"""Which pages does a department have? Those of its desk, and what it adds of its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response
from starlette.types import Scope

from chassis.desk import Desk
from chassis.language import Label
from chassis.notifications import Notice
from chassis.people import Person
from chassis.ui import answers, commands, details, files, lists, live, sessions, worklist
from chassis.ui.rendering import STATIC, environment


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu beside the shelves: a page of the department's own, for its readers or for `everybody`.

    `posts` are fewer than the readers', for what not all of them may see.
    """

    title: Label
    path: str
    everybody: bool = False
    posts: frozenset[str] = frozenset()


async def nothing_more(session: AsyncSession, person: Person) -> Sequence[Notice]:
    return ()


@dataclass(frozen=True, slots=True)
class Pages:
    """A department's pages: its desk's, and its own with their menu entries and templates.

    `notices` are what its pages tell a person beside what was told of records in their own name.
    """

    desk: Desk
    menu: tuple[Entry, ...] = ()
    routers: tuple[APIRouter, ...] = ()
    templates: tuple[Path, ...] = ()
    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    styles: tuple[str, ...] = ()
    notices: Callable[[AsyncSession, Person], Awaitable[Sequence[Notice]]] = nothing_more


class KeptFiles(StaticFiles):
    """Files whose address changes with their content: the browser never has to ask again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and scope["query_string"].startswith(b"v="):
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def mount(app: FastAPI, pages: Pages) -> None:
    """Serve the pages beside the API."""
    app.state.templates = environment(pages.templates)
    app.state.templates.filters |= pages.filters
    app.state.templates.globals["styles"] = pages.styles
    app.state.menu, app.state.notices = pages.menu, pages.notices
    app.mount("/static", KeptFiles(directory=STATIC))
    for router in (*pages.routers, *SHARED, router_of(pages.desk)):
        app.include_router(router)


SHARED = (sessions.router, live.router, worklist.router, files.router, answers.router)


def router_of(desk: Desk) -> APIRouter:
    """The lists and documents of every shelf, and the forms of every command."""
    router = APIRouter(include_in_schema=False)
    for command in desk.commands.values():
        commands.add_command(router, desk, command)
    adders: tuple[Callable[..., None], ...] = (lists.add_list, details.add_detail)
    for add in adders:
        for shelf in desk.shelves.values():
            add(router, desk, shelf)
    return router
