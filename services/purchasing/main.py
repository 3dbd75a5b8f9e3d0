"""Purchasing as a process: `python -m services.purchasing.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.purchasing.api import desk
from services.purchasing.consumers import consumers
from services.purchasing.pages import pages

service = Service(desk, consumers, pages=pages)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.purchasing.main:app")
