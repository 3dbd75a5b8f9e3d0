"""Which facts does a service act on, and with which function?"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.spans import processing
from contracts.event import Envelope, Event

E = TypeVar("E", bound=Event)
Handler = Callable[[E, AsyncSession], Awaitable[None]]


class Unreadable(Exception):
    """A fact that no further attempt will read: its type has no handler here, or its body is not of its type."""


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
        """Read the body by its type and hand it over; raises Unreadable, WaitFor, or whatever the handler raises."""
        if envelope.type not in self._handlers:
            raise Unreadable(f"{self.service} has no handler for {envelope.type}")
        event, handler = self._handlers[envelope.type]
        try:
            fact = event.model_validate(envelope.data)
        except ValidationError as error:
            raise Unreadable(f"{envelope.type} has an unreadable body: {error}") from error
        session.info.update(envelope=envelope, service=self.service)
        with processing(envelope, self.service):
            await handler(fact, session)
