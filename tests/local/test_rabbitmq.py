"""Is the private broker node closed between services, and does it come back after the worst?"""

import os
import signal

import aio_pika
import aiormq
import pytest
from aio_pika.abc import AbstractChannel

from contracts.event import EXCHANGE
from deploy.local.programs import wait_until
from deploy.local.rabbitmq import RabbitNode
from deploy.rabbitmq.topology import CONTROL_EXCHANGE

pytestmark = pytest.mark.live


async def publish(channel: AbstractChannel, exchange: str, key: str) -> None:
    target = await channel.get_exchange(exchange, ensure=False)
    await target.publish(aio_pika.Message(b"{}"), routing_key=key, mandatory=False)


@pytest.mark.parametrize("exchange", [EXCHANGE, CONTROL_EXCHANGE])
async def test_a_service_speaks_only_in_its_own_name(node: RabbitNode, exchange: str):
    async with await aio_pika.connect(node.url("sales")) as connection:
        await publish(await connection.channel(), exchange, "sales.order_confirmed.v1")

        with pytest.raises(aiormq.ChannelAccessRefused):
            await publish(await connection.channel(), exchange, "pmc.plan_made.v1")


async def test_a_service_reads_only_its_own_queues_and_declares_nothing(node: RabbitNode):
    async with await aio_pika.connect(node.url("sales")) as connection:
        own = await (await connection.channel()).get_queue("sales", ensure=False)
        assert await own.get(fail=False) is None

        with pytest.raises(aiormq.ChannelAccessRefused):
            await (await (await connection.channel()).get_queue("pmc", ensure=False)).get(fail=False)
        with pytest.raises(aiormq.ChannelAccessRefused):
            await (await connection.channel()).declare_queue("sales.mine")
        with pytest.raises(aiormq.ChannelAccessRefused):
            await publish(await connection.channel(), "", "pmc")


async def test_there_is_no_guest(node: RabbitNode):
    with pytest.raises(aiormq.ProbableAuthenticationError):
        await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{node.port}/")


async def test_confirmed_messages_survive_a_kill_of_the_node(node: RabbitNode):
    async with await aio_pika.connect(node.admin_url) as connection:
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await (await connection.channel()).default_exchange.publish(message, routing_key="sales")

    os.kill(node.pid, signal.SIGKILL)
    assert wait_until(node.process_ended, 5)
    node.start()

    assert await first_message(node) == b"kept"


async def test_users_and_queues_are_back_after_the_disk_was_lost(node: RabbitNode):
    async with await aio_pika.connect(node.admin_url) as connection:
        message = aio_pika.Message(b"lost", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await (await connection.channel()).default_exchange.publish(message, routing_key="sales")

    before = node.url("sales")
    node.kill()
    node.delete_data()
    node.start()

    assert node.url("sales") == before
    assert await first_message(node) is None


async def first_message(node: RabbitNode) -> bytes | None:
    async with await aio_pika.connect(node.url("sales")) as connection:
        queue = await (await connection.channel()).get_queue("sales", ensure=False)
        message = await queue.get(fail=False)
        return None if message is None else message.body


def test_stopping_leaves_neither_node_nor_name_service(node: RabbitNode):
    family = node.identities()

    node.stop()

    assert len(family) == 2
    assert not any(member.alive() for member in family)
