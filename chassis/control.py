"""What do the services tell each other about the bus, and who acts on it here?"""

from collections.abc import Awaitable, Callable

from chassis.antientropy import answer
from chassis.heads import Heads
from chassis.numbering import Chain
from chassis.publisher import Publisher
from chassis.relay import Relay
from chassis.signing import read
from contracts.control import Head, HeadRequest, ResendRequest, SignedWatermark

OnWatermark = Callable[[SignedWatermark], Awaitable[None]]


class Forged(ValueError):
    """A control message that speaks for another service than the one it came from."""


class Control:
    """Reads control messages by their routing key, `<who>.<what>` or `<who>.<what>.<for whom>`."""

    def __init__(self, service: str, relay: Relay, heads: Heads) -> None:
        self.service = service
        self.relay = relay
        self.heads = heads
        self.on_watermark: list[OnWatermark] = []

    async def hear(self, key: str, body: bytes) -> None:
        """Act on one message; raises ValueError where it cannot be read."""
        who, what, *_ = key.split(".")
        match what:
            case "watermark":
                await self._hear_watermark(who, SignedWatermark.model_validate_json(body))
            case "head_requested":
                self._answer_head(_from(who, HeadRequest.model_validate_json(body).source))
            case "head":
                self.relay.heard(Head.model_validate_json(body))
            case "resend_requested":
                request = ResendRequest.model_validate_json(body)
                _from(who, request.asker)
                answer(self.relay, request)

    async def _hear_watermark(self, who: str, signed: SignedWatermark) -> None:
        _from(who, read(signed).source)
        self.heads.hear(signed)
        for hook in self.on_watermark:
            await hook(signed)

    def _answer_head(self, source: str) -> None:
        if source == self.service:
            return
        head = Head(answerer=self.service, watermark=self.heads.latest(source))

        async def say(publisher: Publisher, chain: Chain) -> None:
            await publisher.say(f"{self.service}.head.{source}", head.model_dump_json().encode())

        self.relay.ask(say)


def _from(who: str, claimed: str) -> str:
    """The broker lets a user publish under its own name only, so the routing key says who speaks."""
    if who != claimed:
        raise Forged(f"a control message of {claimed} came from {who}")
    return claimed
