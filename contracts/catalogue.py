"""Which facts exist? Finds every event of every publisher; the registry, the schemas and CATALOGUE.md come from it."""

from importlib import import_module

from contracts.event import SERVICES, Event


def events_of(service: str) -> tuple[type[Event], ...]:
    """The events a service publishes, in the order its file declares them."""
    module = import_module(f"contracts.{service}")
    return tuple(
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module.__name__ and value.name
    )


ALL_EVENTS: dict[str, type[Event]] = {event.name: event for service in SERVICES for event in events_of(service)}
