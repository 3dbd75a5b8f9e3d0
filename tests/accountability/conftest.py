"""What several tests of accountability look at, made once for each file of tests."""

import asyncio

import pytest

from services.accountability.proof import mentions, reading
from tests.accountability.proving import Proof, a_proof


@pytest.fixture(scope="module")
def proof(postgres: str) -> Proof:
    """The ledger is read in pages of a few facts, so that a case lies across their edges."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "PAGE", 7)
        patch.setattr(mentions, "PAGE", 5)
        return asyncio.run(a_proof())
