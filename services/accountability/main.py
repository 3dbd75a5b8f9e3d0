"""Accountability as a process: `python -m services.accountability.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.accountability.api import desk, router
from services.accountability.consumers import consumers
from services.accountability.office import Office
from services.accountability.pages import pages

service = Service(desk, consumers, routers=(router,), pages=pages, companion=Office)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.accountability.main:app")
