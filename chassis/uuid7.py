"""How does a service name a new row so that names sort by time of birth?"""

import os
import time
from uuid import UUID

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM = (0xFFF << 64) | ((1 << 62) - 1)


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of real time in milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10)) & _RANDOM
    return UUID(int=(milliseconds << 80) | _VERSION_AND_VARIANT | random)
