"""How does a department's service start, answer and stop? The same way in all seven."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import api, probes
from chassis.auth import LocalAccounts, Tokens
from chassis.antientropy import Completeness
from chassis.bus import Bus
from chassis.consumers import Consumers
from chassis.database import connect
from chassis.desk import Desk
from chassis.errors import InvalidInput, Refusal
from chassis.language import chosen, department, language
from chassis.logs import configure_logs
from chassis.settings import Settings
from chassis.telemetry import configure_traces, http_telemetry

log = structlog.get_logger()


class Companion(Protocol):
    """What runs beside a service's bus for as long as the service does; `completeness` says what arrived where it reads."""

    completeness: Completeness

    async def start(self, bus: Bus) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True)
class Service:
    """What makes one department differ from another: its desk, its consumers, its own pages, and who runs beside it."""

    desk: Desk
    consumers: Consumers | None
    routers: tuple[APIRouter, ...] = ()
    companion: Callable[[Settings, AsyncEngine], Companion] | None = None

    @property
    def name(self) -> str:
        return self.desk.service


def create_app(service: Service, settings: Settings | None = None) -> FastAPI:
    """The department's web application, its bus running as long as it does."""
    settings = settings or Settings(service=service.name)  # type: ignore[call-arg]
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
    app.state.desk = service.desk
    app.state.settings = settings
    app.state.tokens = Tokens(settings.token_secret, service.name)
    app.state.authenticator = LocalAccounts(settings.accounts_file)
    app.add_exception_handler(Refusal, answer_refusal)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.middleware("http")(choose_language)
    app.include_router(api.router_of(service.desk))
    app.include_router(probes.router)
    for router in service.routers:
        app.include_router(router)
    return app


def lifespan_of(service: Service, settings: Settings) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logs(service.name)
        app.state.engine = connect(
            settings.database_url, settings.pool_size, application_name=f"handover-{service.name}"
        )
        companion = service.companion(settings, app.state.engine) if service.companion else None
        completeness = companion.completeness if companion else None
        app.state.bus = Bus(service.name, settings, app.state.engine, service.consumers, completeness=completeness)
        app.state.companion = companion
        await app.state.bus.start()
        if companion:
            await companion.start(app.state.bus)
        log.info("started", service=service.name, port=settings.port)
        try:
            yield
        finally:
            if companion:
                await companion.stop()
            await app.state.bus.stop()
            await app.state.engine.dispose()

    return lifespan


async def choose_language(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    language.set(chosen(request.cookies.get("language"), request.headers.get("accept-language")))
    return await call_next(request)


async def answer_refusal(request: Request, refusal: Exception) -> Response:
    """problem+json with a stable code; pages turn the same refusal into a message beside its field."""
    assert isinstance(refusal, Refusal)
    return JSONResponse(refusal.problem(), refusal.status, media_type="application/problem+json")


async def answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    refusal = InvalidInput([in_our_words(each) for each in error.errors()])
    return await answer_refusal(request, refusal)


def in_our_words(error: dict[str, Any]) -> dict[str, str]:
    """One validation error as field, value and remedy."""
    place = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    return {"field": ".".join(place) or "body", "value": repr(error.get("input"))[:200], "remedy": str(error["msg"])}


def serve(target: str) -> None:
    """Run one service in this process until it is told to stop."""
    settings = Settings(service=target.split(".")[1])  # type: ignore[call-arg]
    uvicorn.run(
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
