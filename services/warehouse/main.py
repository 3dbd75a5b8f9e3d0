"""Warehouse as a process: `python -m services.warehouse.main`."""

from fastapi import FastAPI

from chassis.app import Service, create_app, serve
from services.warehouse.api import desk
from services.warehouse.consumers import consumers
from services.warehouse.pages import pages

service = Service(desk, consumers, pages=pages)


def app() -> FastAPI:
    return create_app(service)


if __name__ == "__main__":
    serve("services.warehouse.main:app")
