"""How far has a command come on a long ledger? It says so on the standard error, where it spoils no file and no answer."""

import sys
import time

EVERY_S = 2.0


class Progress:
    """Speaks every so many seconds; whatever is done sooner is done in silence."""

    def __init__(self, what: str, every_s: float = EVERY_S) -> None:
        self.what, self.every_s = what, every_s
        self._spoke_at = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        if time.monotonic() - self._spoke_at >= self.every_s:
            self._spoke_at = time.monotonic()
            sys.stderr.write(f"{done:,} of {of:,} facts {self.what} ({done * 100 // of} %)\n")
            sys.stderr.flush()
