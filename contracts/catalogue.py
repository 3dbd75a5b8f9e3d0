"""Which facts exist? Finds every event of every publisher; the registry, the schemas and CATALOGUE.md come from it."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from contracts.event import SERVICES, Event


def events_of(service: str) -> tuple[type[Event], ...]:
    """The events a service publishes, in the order its file declares them; file by file where it has a folder."""
    return tuple(
        value
        for module in modules_of(service)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module.__name__ and value.name
    )


def modules_of(service: str) -> list[ModuleType]:
    module = import_module(f"contracts.{service}")
    return [
        module,
        *(import_module(f"{module.__name__}.{part.name}") for part in iter_modules(getattr(module, "__path__", []))),
    ]


ALL_EVENTS: dict[str, type[Event]] = {event.name: event for service in SERVICES for event in events_of(service)}
