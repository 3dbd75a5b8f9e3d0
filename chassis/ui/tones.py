"""Which colour goes with a status? Always beside its word, and the same in every department."""

from chassis.documents import Moves

GOOD = frozenset(
    [
        "accepted",
        "agree",
        "approved",
        "answered",
        "closed",
        "delivered",
        "finished",
        "instructed",
        "issued",
        "passed",
        "received",
        "relayed",
        "released",
        "remedied",
        "reported",
        "resumed",
        "shipped",
        "active",
    ]
)
BAD = frozenset(["blocked", "cancelled", "declined", "disagree", "failed", "rejected", "refused", "stopped"])
CAREFUL = frozenset(["conditional", "delayed", "quarantined", "recalled", "waiting"])


def tone_of(status: str, moves: Moves) -> str:
    """good, bad or careful by what the word says; else still running, or over where no move leads on."""
    for tone, statuses in (("bad", BAD), ("careful", CAREFUL), ("good", GOOD)):
        if status in statuses:
            return tone
    return "running" if moves.get(status) else "over"
