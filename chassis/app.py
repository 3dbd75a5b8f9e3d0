"""How does a department's service start, answer and stop? The same way in all seven."""

import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

import structlog
import uvicorn
from asyncpg import InterfaceError, PostgresError
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException

from chassis import api, probes, rehearsal
from chassis.antientropy import Completeness
from chassis.auth import LocalAccounts, Tokens
from chassis.availability import AfterOutage
from chassis.bus import Bus
from chassis.consumers import Consumers
from chassis.database import connect
from chassis.desk import Desk
from chassis.errors import Refusal
from chassis.language import department
from chassis.logs import configure_logs
from chassis.settings import Settings
from chassis.signals import end_waiting
from chassis.telemetry import configure_traces, end_traces, http_telemetry
from chassis.ui import answers
from chassis.ui.guard import Guard
from chassis.ui.pages import Pages, mount

log = structlog.get_logger()
STARTUP_FAILURE = 3


class Companion(Protocol):
    """What runs beside a service's bus as long as it does; `completeness` says what arrived where it reads."""

    completeness: Completeness

    async def start(self, bus: Bus) -> None: ...

    async def stop(self) -> None: ...

    async def metrics(self) -> dict[str, float]: ...


@dataclass(frozen=True)
class Service:
    """What makes one department differ from another: its desk, its consumers, its own pages, and who runs beside it."""

    desk: Desk
    consumers: Consumers | None
    routers: tuple[APIRouter, ...] = ()
    pages: Pages | None = None
    companion: Callable[[Settings, AsyncEngine], Companion] | None = None
    after_outage: AfterOutage | None = None

    @property
    def name(self) -> str:
        return self.desk.service


def create_app(service: Service, settings: Settings | None = None) -> FastAPI:
    """The department's web application, its bus running as long as it does."""
    settings = settings or Settings(service=service.name)
    traces = configure_traces(service.name, settings.otlp_endpoint)
    app = FastAPI(
        title=f"Handover · {department(service.name).en}",
        version="1",
        telemetry=http_telemetry(traces),
        lifespan=lifespan_of(service, settings),
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redoc_url=None,
    )
    equip(app, service, settings)
    app.add_exception_handler(Refusal, answers.answer_refusal)
    app.add_exception_handler(RequestValidationError, answers.answer_invalid)
    app.add_exception_handler(HTTPException, answers.answer_http)
    for kind in (DBAPIError, PoolTimeout, PostgresError, InterfaceError, OSError):
        app.add_exception_handler(kind, answers.answer_trouble)
    app.add_exception_handler(Exception, answers.answer_failure)
    app.add_middleware(Guard, answer=answers.answer_refusal, secure=settings.secure_cookies)
    app.include_router(api.router_of(service.desk))
    app.include_router(probes.router)
    app.include_router(rehearsal.router)
    for router in service.routers:
        app.include_router(router)
    mount(app, service.pages or Pages(service.desk))
    return app


def equip(app: FastAPI, service: Service, settings: Settings) -> None:
    """Give the application what its routes find on its state, before it starts."""
    app.state.desk = service.desk
    app.state.settings = settings
    app.state.tokens = Tokens(settings.token_secret, service.name)
    app.state.authenticator = LocalAccounts(settings.accounts_file)


def lifespan_of(service: Service, settings: Settings) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logs(service.name)
        app.state.engine = connect(
            settings.database_url, settings.pool_size, application_name=f"handover-{service.name}"
        )
        companion = service.companion(settings, app.state.engine) if service.companion else None
        completeness = companion.completeness if companion else None
        app.state.bus = Bus(
            service.name,
            settings,
            app.state.engine,
            service.consumers,
            completeness=completeness,
            after_outage=service.after_outage,
        )
        app.state.companion = companion
        await app.state.bus.start()
        if companion:
            await companion.start(app.state.bus)
        log.info("started", service=service.name, port=settings.port)
        leave_out_of_collections()
        try:
            yield
        finally:
            if companion:
                await companion.stop()
            await app.state.bus.stop()
            await app.state.engine.dispose()
            await end_traces()

    return lifespan


def leave_out_of_collections() -> None:
    """What was made until now stays for ever: looking through it for garbage again and again costs, and finds nothing."""
    gc.collect()
    gc.freeze()


def serve(target: str) -> None:
    """Run one service in this process until it is told to stop."""
    settings = Settings(service=target.split(".")[1])
    config = uvicorn.Config(
        target,
        host=settings.host,
        port=settings.port,
        factory=True,
        log_config=None,
        access_log=False,
        loop="uvloop",
        http="httptools",
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    server = Server(config)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


class Server(uvicorn.Server):
    """Ends the streams of open worklists as soon as it is told to stop; it would wait for them otherwise."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        end_waiting()
