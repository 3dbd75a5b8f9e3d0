"""How does the player reach one department's service: as which person, with which command, on which path?"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import orjson

NOT_YET, JUST_STARTED_S, LOOK_EVERY_S = "not_compared_yet", 10.0, 0.2
"""A service that has just started looks at its database first and takes commands a moment later."""

PATIENCE = aiohttp.ClientTimeout(total=30)


class Unexpected(Exception):
    """A service did not answer as the scenario needs; the text says what was asked, and what came instead."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Where a command lives."""

    method: str
    path: str


@dataclass
class Department:
    """One service, over one pool of connections; people sign in once and keep their token."""

    name: str
    client: aiohttp.ClientSession
    password: str
    operations: Mapping[str, Operation] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def at(cls, name: str, url: str, password: str) -> "Department":
        """The department at an address, with the commands that its own description names."""
        client = aiohttp.ClientSession(url, timeout=PATIENCE)
        department = cls(name, client, password)
        described = await department.ask("GET", "/api/openapi.json")
        department.operations = {
            operation["operationId"]: Operation(method.upper(), path)
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        }
        return department

    async def close(self) -> None:
        await self.client.close()

    async def as_person(self, employee: str) -> dict[str, str]:
        """The header by which this service knows who is asking."""
        if employee not in self.tokens:
            token = await self.ask("POST", "/api/token", body={"employee": employee, "password": self.password})
            self.tokens[employee] = token["access_token"]
        return {"Authorization": f"Bearer {self.tokens[employee]}"}

    async def command(
        self, name: str, arguments: Mapping[str, Any], *, employee: str, key: str
    ) -> "tuple[int, dict[str, Any]]":
        """Give a command once, however often it is sent; status and answer, refusals included."""
        if name not in self.operations:
            raise Unexpected(f"{self.name} has no command {name}")
        operation, body = self.operations[name], dict(arguments)
        path = re.sub(r"{(\w+)}", lambda match: str(body.pop(match[1])), operation.path)
        headers = {**await self.as_person(employee), "Idempotency-Key": key, "Content-Type": "application/json"}
        content = orjson.dumps(body, default=str)  # amounts and quantities travel as exact decimal text
        ends = time.monotonic() + JUST_STARTED_S
        while True:
            async with self.client.request(operation.method, path, data=content, headers=headers) as answer:
                status, said = answer.status, read(await answer.read())
            if said.get("code") != NOT_YET or time.monotonic() > ends:
                return status, said
            await asyncio.sleep(LOOK_EVERY_S)

    async def read(self, path: str, *, employee: str, **query: str) -> Any:
        """What a person sees on a list or page; raises Unexpected."""
        return await self.ask("GET", path, query=query, headers=await self.as_person(employee))

    async def step_clock(self, to: datetime, *, announced: bool) -> None:
        await self.ask("POST", "/clock", body={"to": to.isoformat(), "announced": announced})

    async def at_rest(self, said: Mapping[str, int]) -> Any:
        """What it says of itself once it has heard what was said to it, or after a second."""
        heard = [f"{stream}={count}" for stream, count in said.items() if count]
        return await self.ask("GET", "/rest", query={"wait": "1", "heard": heard})

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The answer to a request that has to succeed; raises Unexpected."""
        try:
            async with self.client.request(method, path, json=body, params=query or None, headers=headers) as answer:
                said = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unexpected(f"{self.name} does not answer {method} {path}: {error!r}") from error
        if not answer.ok:
            words = said[:500].decode(errors="replace")
            raise Unexpected(f"{self.name} answers {method} {path} with {answer.status}: {words}")
        return read(said)

    async def text(self, path: str, *, employee: str | None = None) -> str:
        """What a path shows to anybody, or to this person."""
        headers = await self.as_person(employee) if employee else {}
        async with self.client.get(path, headers=headers) as answer:
            return await answer.text()


def read(answer: bytes) -> Any:
    return orjson.loads(answer) if answer else {}
