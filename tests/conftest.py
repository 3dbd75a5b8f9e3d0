"""What every test may ask for: a PostgreSQL server, a RabbitMQ broker, and a corner of the broker for itself."""

import contextlib
import os
import uuid

import pytest
from hypothesis import HealthCheck, settings

from deploy.local.programs import StartFailed
from tests.support import infra
from tests.support.logs import plain_logs

# How long an example takes says more about the machine than about the code.
settings.register_profile("handover", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("handover")

plain_logs()


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process owns what is started for the run; the workers share it by the run's folder."""
    if not hasattr(config, "workerinput"):
        shared = contextlib.ExitStack()
        shared.enter_context(infra.run_folder())
        config.add_cleanup(shared.close)


def missing(reason: str) -> None:
    """Locally a test says what it lacks; where everything has to be there, lacking something is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> str:
    """An administrator's URL of a PostgreSQL server of the tests' own, with fsync off."""
    return infra.postgres_url()


@pytest.fixture(scope="session")
def broker() -> str:
    """An administrator's URL of a RabbitMQ broker of the tests' own."""
    try:
        return infra.broker_url()
    except StartFailed as failure:
        missing(str(failure))
        raise


@pytest.fixture
def bus_prefix() -> str:
    """Names of exchanges and queues that no other test uses."""
    return f"t{uuid.uuid4().hex[:12]}."
