"""Can Docker lend the tests a broker where none is installed?"""

import contextlib
from collections.abc import Iterator

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.local.rabbitmq_container import IMAGE

AMQP_PORT = 5672


@contextlib.contextmanager
def broker_container() -> Iterator[str]:
    """A throw-away broker; its only user, guest, is an administrator."""
    booted = LogMessageWaitStrategy("Server startup complete")
    with DockerContainer(IMAGE).with_exposed_ports(AMQP_PORT).waiting_for(booted) as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(AMQP_PORT)
        yield f"amqp://guest:guest@{host}:{port}/"
