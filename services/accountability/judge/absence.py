"""When was a line off its order, and which facts said so?"""

from dataclasses import dataclass

from chassis.instants import Instant


@dataclass(slots=True)
class Absence:
    """A time in which a line was off its order; `end` is None while it lasts.

    `position` and `hash` are those of the fact that left it out, `back` is the id of the one that named it again.
    """

    start: Instant
    end: Instant | None = None
    position: int = 0
    hash: str = ""
    back: str = ""
