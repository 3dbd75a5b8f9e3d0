"""Which facts does a service act on, and with which function?"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.event import Envelope, Event

E = TypeVar("E", bound=Event)
Handler = Callable[[E, AsyncSession], Awaitable[None]]


class UnknownFact(Exception):
    """No handler is registered for this type here."""


class Consumers:
    """The facts that one service handles. Its queue is bound to exactly these names.

    >>> consumers = Consumers("warehouse")
    >>> @consumers.on(PurchaseOrderApproved)
    ... async def on_purchase_order_approved(event: PurchaseOrderApproved, session: AsyncSession) -> None: ...
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self._handlers: dict[str, tuple[type[Event], Handler[Any]]] = {}

    def on(self, event: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register the one handler of `event`."""

        def register(handler: Handler[E]) -> Handler[E]:
            if event.name in self._handlers:
                raise ValueError(f"{self.service} already handles {event.name}; a fact has one handler in each service")
            self._handlers[event.name] = (event, handler)
            return handler

        return register

    def names(self) -> tuple[str, ...]:
        """The types handled here, sorted."""
        return tuple(sorted(self._handlers))

    async def handle(self, envelope: Envelope, session: AsyncSession) -> None:
        """Read the body by its type and hand it over; raises UnknownFact, ValueError, or what the handler raises."""
        if envelope.type not in self._handlers:
            raise UnknownFact(f"{self.service} has no handler for {envelope.type}")
        event, handler = self._handlers[envelope.type]
        session.info.update(envelope=envelope, service=self.service)
        await handler(event.model_validate(envelope.data), session)
