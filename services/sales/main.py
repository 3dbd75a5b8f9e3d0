"""Sales as a process: `python -m services.sales.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.sales.api import desk
from services.sales.consumers import consumers
from services.sales.pages import pages

service = Service(desk, consumers, pages=pages)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.sales.main:app")
