"""Which exchanges, queues, bindings and policies does the company's one bus consist of?

`python -m deploy.rabbitmq.topology` prints them in the broker's definitions format; definitions.json is that output.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import aio_pika
import orjson

from contracts.event import EXCHANGE, SERVICES

VHOST = "/"
CONTROL_EXCHANGE = f"{EXCHANGE}.control"
DEAD_EXCHANGE = f"{EXCHANGE}.dead"
# The judge and its ledger see every fact; every other department what it handles.
HEARS_ALL = "accountability"

# A crash counts against every message that was prefetched then, so the broker's own limit is far above ours.
DELIVERY_LIMIT = 50
# Watermarks and requests are said again every second: old ones may go.
CONTROL_LENGTH = 500


def handled_by(service: str) -> tuple[str, ...]:
    """The types in a service's consumers.py; none where the service has no such module yet."""
    if service == HEARS_ALL:
        return ("#",)
    module = f"services.{service}.consumers"
    if importlib.util.find_spec("services") is None or importlib.util.find_spec(f"services.{service}") is None:
        return ()
    if importlib.util.find_spec(module) is None:
        return ()
    names: tuple[str, ...] = importlib.import_module(module).consumers.names()
    return names


def definitions(
    services: Sequence[str], *, prefix: str = "", handled: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Everything but users, in the format of the broker's definitions file.

    `prefix` sets a second, separate bus beside the first on the same broker; its dead letters go where the first's go,
    because a policy cannot know the prefix. `handled` replaces what the services' own modules say that they handle.
    """
    types = {service: handled_by(service) for service in services} if handled is None else handled
    return {
        "exchanges": [_exchange(prefix + EXCHANGE), _exchange(prefix + CONTROL_EXCHANGE), _exchange(DEAD_EXCHANGE)],
        "queues": [queue for service in services for queue in _queues(service, prefix)],
        "bindings": [binding for service in services for binding in _bindings(service, types.get(service, ()), prefix)],
        "policies": [*(_dead_letter_policy(service) for service in services), CONTROL_POLICY],
    }


def _exchange(name: str) -> dict[str, Any]:
    return {"name": name, "vhost": VHOST, "type": "topic", "durable": True, "auto_delete": False, "arguments": {}}


def _queue(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": VHOST,
        "durable": True,
        "auto_delete": False,
        "arguments": {"x-queue-type": kind},
    }


def _queues(service: str, prefix: str) -> Iterator[dict[str, Any]]:
    yield _queue(f"{prefix}{service}", "quorum")
    yield _queue(f"{prefix}{service}.control", "classic")
    yield _queue(f"{service}.dead", "quorum")


def _bindings(service: str, types: Sequence[str], prefix: str) -> Iterator[dict[str, Any]]:
    facts, control = f"{prefix}{service}", f"{prefix}{service}.control"
    for name in types:
        yield _binding(prefix + EXCHANGE, facts, name)
    yield _binding(prefix + CONTROL_EXCHANGE, facts, f"*.resend.{service}")
    for key in ("*.watermark", "*.head_requested", f"*.head.{service}", f"*.resend_requested.{service}"):
        yield _binding(prefix + CONTROL_EXCHANGE, control, key)
    yield _binding(DEAD_EXCHANGE, f"{service}.dead", service)


def _binding(exchange: str, queue: str, key: str) -> dict[str, Any]:
    return {
        "source": exchange,
        "vhost": VHOST,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }


def _dead_letter_policy(service: str) -> dict[str, Any]:
    """Refused messages move to the service's dead letters, at least once; that needs reject-publish, and no limit."""
    return {
        "name": f"{service}-facts",
        "vhost": VHOST,
        "pattern": rf"^(.*[^a-z])?{service}$",
        "apply-to": "queues",
        "priority": 1,
        "definition": {
            "delivery-limit": DELIVERY_LIMIT,
            "dead-letter-exchange": DEAD_EXCHANGE,
            "dead-letter-routing-key": service,
            "dead-letter-strategy": "at-least-once",
            "overflow": "reject-publish",
        },
    }


CONTROL_POLICY: dict[str, Any] = {
    "name": "control",
    "vhost": VHOST,
    "pattern": r"\.control$",
    "apply-to": "queues",
    "priority": 1,
    "definition": {"max-length": CONTROL_LENGTH, "overflow": "drop-head"},
}


async def declare(url: str, *, prefix: str = "", handled: Mapping[str, Sequence[str]] | None = None) -> None:
    """Declare exchanges, queues and bindings over AMQP, on a broker of which only the URL is known.

    Policies cannot be set this way: apply those of definitions.json with the broker's own tools.
    """
    wanted = definitions(tuple(handled or SERVICES), prefix=prefix, handled=handled)
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for exchange in wanted["exchanges"]:
            await channel.declare_exchange(exchange["name"], exchange["type"], durable=True)
        queues = {
            queue["name"]: await channel.declare_queue(queue["name"], durable=True, arguments=queue["arguments"])
            for queue in wanted["queues"]
        }
        for binding in wanted["bindings"]:
            await queues[binding["destination"]].bind(binding["source"], binding["routing_key"])


async def withdraw(url: str, *, prefix: str = "") -> None:
    """Delete what `declare` made under this prefix, with whatever is in it; dead letters are everybody's and stay."""
    made = definitions(SERVICES, prefix=prefix, handled={})
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for queue in made["queues"]:
            if queue["name"].startswith(prefix):
                await channel.queue_delete(queue["name"])
        for exchange in made["exchanges"]:
            if exchange["name"].startswith(prefix):
                await channel.exchange_delete(exchange["name"])


def main() -> None:
    text = orjson.dumps(definitions(SERVICES), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.buffer.write(text)


if __name__ == "__main__":
    main()
