"""In which shape does each messenger take a warning, and how does it say that it has it?"""

import asyncio
import base64
import hashlib
import hmac
import re
import smtplib
import ssl
import time
from collections.abc import AsyncIterable, Mapping, Sequence
from email.message import EmailMessage
from email.utils import localtime
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import quote_plus, unquote, urlsplit

import orjson
from pydantic import BaseModel, Field, model_validator

from chassis.language import Label
from chassis.waiting import printable

PATIENCE_S = 10.0
MOST_HEARD_BYTES = 2_048
SIGNATURE = "X-Handover-Signature"
MORE = Label("- 另有 {n} 项,见待办", "- {n} more: see the worklist")


class ChannelKind(StrEnum):
    """`webhook` takes our own JSON; the others are groups' robots as the messengers describe them, and mail."""

    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    EMAIL = "email"


MOST_BYTES = {ChannelKind.WECOM: 4_096, ChannelKind.DINGTALK: 18_000, ChannelKind.FEISHU: 18_000}
"""How many bytes of a message a robot takes, by its makers' word; beyond that it refuses the whole message."""
TOO_FAST = {
    ChannelKind.WECOM: frozenset({45009}),
    ChannelKind.DINGTALK: frozenset({130101, 410100}),
    ChannelKind.FEISHU: frozenset({9499, 11232}),
}
"""By which codes a robot says that it was sent too much; a web server says it by HTTP 429."""
A_MINUTE_S, LONGEST_WAIT_S = 60.0, 3_600.0
LEFT_ALONE_S = {ChannelKind.DINGTALK: 600.0}
"""DingTalk takes nothing for ten minutes then, the others reckon by the minute."""
CODE = re.compile(r'"(?:errcode|code|StatusCode)"\s*:\s*(\d{1,9})\b')
SIGNS_NOTHING = frozenset({ChannelKind.WECOM, ChannelKind.EMAIL})


class Channel(BaseModel):
    """Where warnings go: of these departments, or of all where none is named.

    `url` is the robot's address, or for mail `smtp://user:password@host:port` (`smtps` for TLS from the start; before a
    login `smtp` begins it). `secret` signs DingTalk's and Feishu's messages as those want it, and a webhook's in a header.
    `language` is what its readers read. Address and secret are shown nowhere: whoever has them may write there.
    """

    name: str = Field(min_length=1, max_length=40)
    kind: ChannelKind
    url: str = Field(repr=False)
    secret: str | None = Field(default=None, repr=False)
    language: Literal["zh", "en"] = "zh"
    departments: tuple[str, ...] = ()
    sender: str | None = None
    to: tuple[str, ...] = ()

    @model_validator(mode="after")
    def mail_has_its_addresses(self) -> "Channel":
        if self.kind is ChannelKind.EMAIL and not (self.sender and self.to):
            raise ValueError(f"channel {self.name}: mail needs `sender` and `to`")
        return self

    @model_validator(mode="after")
    def secret_signs_something(self) -> "Channel":
        if self.secret and self.kind in SIGNS_NOTHING:
            raise ValueError(
                f"channel {self.name}: a `secret` signs nothing of {self.kind}; leave it out: "
                "whoever may write there is known by the `url`"
            )
        return self

    def is_for(self, department: str) -> bool:
        return not self.departments or department in self.departments


class NotDelivered(Exception):
    """The messenger did not take it; the text is what it said, as it can be kept: no NUL, nothing that is no character.

    `left` are those to whom a letter is still to go, where the others have it. For `wait_s` it wants to be left alone.
    """

    def __init__(self, said: str, left: Sequence[str] = (), wait_s: float = 0) -> None:
        super().__init__(printable(said.encode(errors="replace").decode()))
        self.left, self.wait_s = left, wait_s


async def send(channel: Channel, warning_id: str, body: Mapping[str, Any], to: Sequence[str] | None = None) -> None:
    """Deliver once, by mail only `to` these of the channel's addresses; raises NotDelivered, whatever went wrong.

    Whoever takes our own JSON may know a repetition by `id`.
    """
    try:
        if channel.kind is ChannelKind.EMAIL:
            await asyncio.to_thread(send_mail, channel, warning_id, body, channel.to if to is None else to)
        else:
            await post(channel, orjson.dumps(shaped(channel, warning_id, body)))
    except NotDelivered:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        raise NotDelivered("; ".join(refusal(*each) for each in error.recipients.items())) from error
    except Exception as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


async def post(channel: Channel, message: bytes) -> None:
    """A redirect is not followed: as GET the warning would be lost, and who is late is not told to any address.

    The message goes out as it was counted: aiohttp's own JSON would write each Chinese character in six bytes.
    """
    import aiohttp  # for whoever has a messenger

    patience = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with (
        aiohttp.ClientSession(timeout=patience) as client,
        client.post(
            address(channel, time.time()), data=message, headers=headers(channel, message), allow_redirects=False
        ) as answer,
    ):
        status, elsewhere, asked = (
            answer.status,
            answer.headers.get("Location", ""),
            answer.headers.get("Retry-After", ""),
        )
        said = await beginning(answer.content.iter_chunked(MOST_HEARD_BYTES))
    wait_s = to_be_left_alone_s(channel.kind, status, said, asked)
    if 300 <= status < 400:
        raise NotDelivered(f"HTTP {status}: a redirect to {without_query(elsewhere)}, which is not followed")
    if status >= 400:
        raise NotDelivered(f"HTTP {status}: {said[:200]}", wait_s=wait_s)
    if channel.kind is not ChannelKind.WEBHOOK and not taken(said):
        raise NotDelivered(said[:200], wait_s=wait_s)


def to_be_left_alone_s(kind: ChannelKind, status: int, said: str, asked: str) -> float:
    """For how many seconds a messenger that refuses wants nothing more; `asked` is what it said itself."""
    wait_s = min(float(asked), LONGEST_WAIT_S) if asked.isdecimal() else 0.0
    too_fast = status == 429 or not TOO_FAST.get(kind, frozenset()).isdisjoint(map(int, CODE.findall(said)))
    return max(wait_s, LEFT_ALONE_S.get(kind, A_MINUTE_S)) if too_fast else wait_s


async def beginning(chunks: AsyncIterable[bytes]) -> str:
    """As much of an answer as anybody reads, as text whatever bytes it is."""
    said = b""
    async for chunk in chunks:
        said += chunk
        if len(said) >= MOST_HEARD_BYTES:
            break
    return said[:MOST_HEARD_BYTES].decode(errors="replace")


def without_query(address: str) -> str:
    """Where a redirect leads, without the tokens that may be in it."""
    return address.partition("?")[0].partition("#")[0] or "nowhere"


def taken(said: str) -> bool:
    """The robots answer 200 whatever happens; a code other than 0 means that nobody will read it."""
    compact = said.replace(" ", "")
    return any(f'"{name}":0' in compact for name in ("errcode", "code", "StatusCode"))


def shaped(channel: Channel, warning_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The message as this messenger wants it, and no longer than it takes."""
    if channel.kind is ChannelKind.WEBHOOK:
        return {"id": warning_id, **body}
    around = len(orjson.dumps(robots(channel, body["title"], "")))
    text = told(body, MOST_BYTES[channel.kind] - around, MORE.said_in(channel.language))
    return robots(channel, body["title"], text)


def robots(channel: Channel, title: str, text: str) -> dict[str, Any]:
    """A text as this group's robot wants it."""
    match channel.kind:
        case ChannelKind.WECOM:
            return {"msgtype": "markdown", "markdown": {"content": text}}
        case ChannelKind.DINGTALK:
            return {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        case _:
            message = {"msg_type": "text", "content": {"text": text}}
            return {**message, **feishu_signature(channel.secret, time.time())} if channel.secret else message


def told(body: Mapping[str, Any], most: int, more: str) -> str:
    """Title and lines, as many as the messenger takes in one message; `more` says that `n` others stand at the worklist."""
    lines = [f"- {line}" for line in body["lines"]]
    left = most - written(body["title"]) - written("\n" + more.format(n=len(lines)))
    for place, line in enumerate(lines):
        left -= written("\n" + line)
        if left < 0:
            lines[place:] = [more.format(n=len(lines) - place)]
            break
    return "\n".join((body["title"], *lines))


def written(text: str) -> int:
    """How many bytes a text takes inside of JSON."""
    return len(orjson.dumps(text)) - len(b'""')


def headers(channel: Channel, message: bytes) -> dict[str, str]:
    """A webhook with a secret can tell our warnings from a stranger's: the HMAC of the very bytes that it got."""
    kind = {"Content-Type": "application/json"}
    if channel.kind is not ChannelKind.WEBHOOK or not channel.secret:
        return kind
    return {**kind, SIGNATURE: f"sha256={hmac.new(channel.secret.encode(), message, hashlib.sha256).hexdigest()}"}


def address(channel: Channel, now: float) -> str:
    """DingTalk wants the signature in the address."""
    if channel.kind is not ChannelKind.DINGTALK or not channel.secret:
        return channel.url
    stamp = str(round(now * 1000))
    digest = hmac.new(channel.secret.encode(), f"{stamp}\n{channel.secret}".encode(), hashlib.sha256).digest()
    return f"{channel.url}&timestamp={stamp}&sign={quote_plus(base64.b64encode(digest))}"


def feishu_signature(secret: str, now: float) -> dict[str, str]:
    stamp = str(round(now))
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def send_mail(channel: Channel, warning_id: str, body: Mapping[str, Any], to: Sequence[str]) -> None:
    """To those of the channel's addresses that an earlier attempt left."""
    left = [each for each in channel.to if each in to]
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = body["title"], channel.sender, ", ".join(channel.to)
    message["Date"], message["Message-ID"] = localtime(), f"<{warning_id}@handover>"
    message.set_content("\n".join(body["lines"]))
    with connected(channel.url) as post_office:
        refused = post_office.send_message(message, to_addrs=left) if left else {}
    if refused:
        raise NotDelivered("; ".join(refusal(*each) for each in refused.items()), list(refused))


def connected(url: str) -> smtplib.SMTP:
    """The mail server, signed in where there is a login: it alone hears the password, and nobody on the way does."""
    where, trusted = urlsplit(url), ssl.create_default_context()
    host, port, sealed = where.hostname or "", where.port or 0, where.scheme == "smtps"
    server = (
        smtplib.SMTP_SSL(host, port, timeout=PATIENCE_S, context=trusted)
        if sealed
        else smtplib.SMTP(host, port, timeout=PATIENCE_S)
    )
    try:
        if where.username and where.password:
            if not sealed:
                seal(server, trusted)
            server.login(unquote(where.username), unquote(where.password))
    except BaseException:
        server.close()
        raise
    return server


def seal(server: smtplib.SMTP, trusted: ssl.SSLContext) -> None:
    """Go on by TLS; raises NotDelivered where the server does not offer that."""
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("starttls"):
        raise NotDelivered(
            "the mail server offers no STARTTLS, and a password is not sent in the clear: "
            "write smtps://, or leave the login out of the url"
        )
    server.starttls(context=trusted)


def refusal(address: str, answer: tuple[int, bytes]) -> str:
    """What the post office said of one address."""
    code, said = answer
    return f"{address}: {code} {said.decode(errors='replace')}"
