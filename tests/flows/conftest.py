"""Seven services of this module's own, on the tests' servers."""

from collections.abc import Iterator

import pytest

from deploy.local.system import System
from tests.support.system import shared_system


@pytest.fixture(scope="module")
def system(postgres: str, broker: str) -> Iterator[System]:
    with shared_system() as running:
        yield running
