"""What stands in for a messenger and for a mail server? Real servers on this machine that keep what they were sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass
class Messenger:
    """An HTTP address that takes messages; `status` and `says` are its answer to each, `moved_to` where it sends them.

    `says` is JSON, or the very bytes; `wait` is for how long it wants to be left alone. Before it answers, `answers_after_s`
    go by. `bodies` and `headers` are what came, as it came.
    """

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    says: dict[str, Any] | bytes = field(default_factory=lambda: {"errcode": 0})
    moved_to: str | None = None
    wait: str | None = None
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
        said = {"Location": self.moved_to, "Retry-After": self.wait}
        moved = {name: value for name, value in said.items() if value}
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
    """As much of SMTP as takes a letter; `refuses` is what it answers to these addresses, `offers` what it can do besides.

    `heard` is what it was told, line by line, but for the letters themselves.
    """

    url: str = ""
    letters: list[str] = field(default_factory=list)
    sent_to: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    heard: list[str] = field(default_factory=list)
    identity: ssl.SSLContext | None = None

    def answer(self, recipient: str) -> str:
        address = recipient.partition("<")[2].partition(">")[0]
        if address not in self.refuses:
            self.sent_to.append(address)
        return self.refuses.get(address, "250 ok")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())
            await writer.drain()

        try:
            await say("220 ready")
            while line := (await reader.readline()).decode().strip():
                self.heard.append(line)
                match line.split()[0].upper():
                    case "EHLO":
                        await say("\r\n".join(("250-here", *(f"250-{each}" for each in self.offers), "250 8BITMIME")))
                    case "STARTTLS":
                        await say("220 go on")
                        assert self.identity is not None
                        await writer.start_tls(self.identity)
                    case "AUTH":
                        await say("235 welcome")
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
        except (OSError, ssl.SSLError):
            pass  # whoever does not trust us goes without a word
        finally:
            writer.close()


@asynccontextmanager
async def post_office(identity: ssl.SSLContext | None = None, *, at_once: bool = False) -> AsyncIterator[PostOffice]:
    """A mail server; with an identity it speaks TLS, `at_once` or when it is asked to."""
    it = PostOffice(identity=identity)
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0, ssl=identity if at_once else None)
    scheme = "smtps" if at_once else "smtp"
    it.url = f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield it


def identity_of(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Who a server says it is, by a certificate that it made itself; and that certificate, for whoever shall trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, both = folder / f"{name}.pem", folder / f"{name}-key.pem"
    shown.write_bytes(certificate.public_bytes(Encoding.PEM))
    both.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, shown
