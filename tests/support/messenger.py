"""What stands in for a messenger and for a mail server? Real servers on this machine that keep what they were sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Messenger:
    """An HTTP address that takes messages; `status` and `says` are its answer to each, `moved_to` where it sends them.

    `says` is JSON, or the very bytes; before it answers, `answers_after_s` go by. `bodies` and `headers` are what came, as
    it came.
    """

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    says: dict[str, Any] | bytes = field(default_factory=lambda: {"errcode": 0})
    moved_to: str | None = None
    answers_after_s: float = 0

    async def take(self, request: web.Request) -> web.Response:
        """Whoever follows a redirect comes by GET and with no message: a login page would answer them likewise."""
        self.asked.append(dict(request.query))
        await asyncio.sleep(self.answers_after_s)
        if request.method == "GET" or "ticket" in request.query:
            return web.Response(text="please sign in")
        self.taken.append(await request.json())
        self.bodies.append(await request.read())
        self.headers.append(dict(request.headers))
        moved = {"Location": self.moved_to} if self.moved_to else None
        if isinstance(self.says, bytes):
            return web.Response(body=self.says, status=self.status, headers=moved, content_type="text/plain")
        return web.json_response(self.says, status=self.status, headers=moved)


@asynccontextmanager
async def messenger() -> AsyncIterator[Messenger]:
    it = Messenger()
    app = web.Application()
    app.router.add_route("*", "/robot", it.take)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}/robot?token=t"
    try:
        yield it
    finally:
        await runner.cleanup()


@dataclass
class PostOffice:
    """As much of SMTP as takes a letter; `refuses` is what it answers to these addresses."""

    url: str = ""
    letters: list[str] = field(default_factory=list)
    sent_to: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)

    def answer(self, recipient: str) -> str:
        address = recipient.partition("<")[2].partition(">")[0]
        if address not in self.refuses:
            self.sent_to.append(address)
        return self.refuses.get(address, "250 ok")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())
            await writer.drain()

        await say("220 ready")
        while line := (await reader.readline()).decode().strip():
            match line.split()[0].upper():
                case "DATA":
                    await say("354 go on")
                    self.letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                    await say("250 taken")
                case "RCPT":
                    await say(self.answer(line))
                case "QUIT":
                    await say("221 bye")
                    break
                case _:
                    await say("250 ok")
        writer.close()


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    it = PostOffice()
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield it
