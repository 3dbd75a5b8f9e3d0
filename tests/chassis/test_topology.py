"""Is the broker set up as the design says, in one place and for any prefix?"""

import os
import re
import subprocess
import sys

import aio_pika
import pytest

from contracts.event import SERVICES
from deploy.local.place import PROJECT
from deploy.rabbitmq import topology

HANDLED = {service: (f"{service}.something_done.v1",) for service in SERVICES}


def applying(policies: list[dict[str, str]], queue: str) -> list[str]:
    """The names of the policies whose pattern matches this queue."""
    return [policy["name"] for policy in policies if re.search(policy["pattern"], queue)]


@pytest.mark.parametrize("prefix", ["", "t12ab.", "staging-", "x_"])
def test_every_queue_has_its_policy_whatever_the_prefix(prefix: str):
    policies = topology.definitions(SERVICES, prefix=prefix, handled=HANDLED)["policies"]

    for service in SERVICES:
        assert applying(policies, f"{prefix}{service}") == [f"{service}-facts"]
        assert applying(policies, f"{prefix}{service}.control") == ["control"]
        assert applying(policies, f"{service}.dead") == []


def test_refused_facts_are_kept_and_no_queue_of_facts_is_full():
    definitions = topology.definitions(SERVICES, handled=HANDLED)
    for policy in definitions["policies"]:
        if policy["name"] == "control":
            assert policy["definition"]["overflow"] == "drop-head"
            continue
        assert policy["definition"]["dead-letter-strategy"] == "at-least-once"
        assert policy["definition"]["overflow"] == "reject-publish"
        assert policy["definition"]["delivery-limit"] == 50
        assert "max-length" not in policy["definition"]
    assert {tuple(queue["arguments"].items()) for queue in definitions["queues"]} == {
        (("x-queue-type", "quorum"),),
        (("x-queue-type", "classic"),),
    }


def test_every_department_hears_what_it_handles_and_accountability_everything():
    bindings = topology.definitions(SERVICES, handled={**HANDLED, "accountability": ("#",)})["bindings"]

    keys = {(it["destination"], it["routing_key"]) for it in bindings if it["source"] == "handover"}
    assert keys == {(name, "#" if name == "accountability" else types[0]) for name, types in HANDLED.items()}
    assert ("sales", "*.resend.sales") in {(it["destination"], it["routing_key"]) for it in bindings}


async def test_declaring_twice_changes_nothing(broker: str, bus_prefix: str):
    for _ in range(2):
        await topology.declare(broker, prefix=bus_prefix, handled=HANDLED)

    async with await aio_pika.connect(broker) as connection:
        channel = await connection.channel()
        for service in SERVICES:
            for queue in (service, f"{service}.control"):
                found = await channel.declare_queue(bus_prefix + queue, passive=True)
                assert found.declaration_result.message_count == 0
                await channel.queue_delete(bus_prefix + queue)
        for exchange in ("handover", "handover.control"):
            await channel.exchange_delete(bus_prefix + exchange)


def test_the_file_for_operators_is_what_the_code_declares():
    """Printed by a process of its own, because it imports all seven services."""
    command = [sys.executable, "-m", "deploy.rabbitmq.topology"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    printed = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=True).stdout

    assert (PROJECT / "deploy" / "rabbitmq" / "definitions.json").read_bytes() == printed, (
        "run `python -m deploy.rabbitmq.topology > deploy/rabbitmq/definitions.json`"
    )
