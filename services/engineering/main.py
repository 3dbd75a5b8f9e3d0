"""Engineering as a process: `python -m services.engineering.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.engineering.api import desk
from services.engineering.consumers import consumers
from services.engineering.pages import pages

service = Service(desk, consumers, pages=pages)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.engineering.main:app")
