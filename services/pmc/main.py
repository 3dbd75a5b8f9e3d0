"""PMC as a process: `python -m services.pmc.main`."""

from chassis.app import Service, create_app, serve
from services.pmc.api import desk
from services.pmc.consumers import consumers

service = Service(desk, consumers)


def app():  # type: ignore[no-untyped-def]
    return create_app(service)


if __name__ == "__main__":
    serve("services.pmc.main:app")
