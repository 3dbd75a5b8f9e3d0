"""Accountability as a process: `python -m services.accountability.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.accountability.api import desk, router
from services.accountability.consumers import consumers
from services.accountability.office import Office
from services.accountability.pages import pages
from services.accountability.process import outages

service = Service(desk, consumers, routers=(router,), pages=pages, companion=Office, after_outage=outages.lengthen)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.accountability.main:app")
