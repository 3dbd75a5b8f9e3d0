"""PMC as a process: `python -m services.pmc.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.pmc.api import desk
from services.pmc.consumers import consumers
from services.pmc.pages import pages

service = Service(desk, consumers, pages=pages)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.pmc.main:app")
