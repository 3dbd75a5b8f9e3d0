"""Quality as a process: `python -m services.quality.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.quality.api import desk
from services.quality.consumers import consumers
from services.quality.pages import pages

service = Service(desk, consumers, pages=pages)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.quality.main:app")
