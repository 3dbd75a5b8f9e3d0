"""Seven services as real processes, to be killed, cut off and held back."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from deploy.local.rabbitmq import installed_server
from deploy.local.system import System
from tests.conftest import missing
from tests.support.company import founding
from tests.support.system import private_system, shared_system

MORNING = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, a Tuesday


@pytest.fixture(scope="module")
def whole_system() -> Iterator[System]:
    """Seven services on the real clock with a database server and a broker of their own."""
    if installed_server() is None:
        missing("rabbitmq-server is not installed here. Remedy: `apt-get install rabbitmq-server` as root.")
    with private_system(clock="real", durable=False, founding=founding()) as system:
        yield system


@pytest.fixture(scope="module")
def stepped_system(broker: str) -> Iterator[System]:
    """Seven services whose clocks a test steps, on the tests' own servers."""
    with shared_system(clock="stepped", founding=founding(MORNING)) as system:
        yield system
