"""Engineering as a process: `python -m services.engineering.main`."""

from chassis.app import Service, create_app, serve
from services.engineering.api import desk
from services.engineering.consumers import consumers

service = Service(desk, consumers)


def app():  # type: ignore[no-untyped-def]
    return create_app(service)


if __name__ == "__main__":
    serve("services.engineering.main:app")
