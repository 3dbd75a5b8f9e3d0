"""How does a driver act for many people at once? One client a service, a token a person, retries that repeat nothing.

Every command carries an idempotency key and is sent again until it is answered, so a killed service or a lost answer
costs time and never an effect. `acknowledged` is the driver's own ledger of what it was promised.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

import aiohttp
import orjson
from prometheus_client.parser import text_string_to_metric_families

from chassis.auth import Tokens
from contracts.event import DutyRef
from deploy.local.player.company import Rest, unsettled
from deploy.local.system import System

PATIENCE_S = 60.0
AWAY = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)
ANSWER_LIMIT = aiohttp.ClientTimeout(total=20)


class NotDone(AssertionError):
    """A command was refused, or what it needed did not come in time."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A command that a service has acknowledged."""

    service: str
    employee: str
    operation: str
    key: str
    no: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said."""

    status_code: int
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Company:
    """The people of a running system, acting through its HTTP APIs."""

    urls: Mapping[str, str]
    secrets: Mapping[str, str]
    poll_s: float = 0.02
    patience_s: float = PATIENCE_S
    acknowledged: list[Promise] = field(default_factory=list)
    requests: int = 0

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=ANSWER_LIMIT, json_serialize=as_json
        )
        self._tokens = {name: Tokens(secret, name) for name, secret in self.secrets.items()}
        self._signed_in: dict[tuple[str, str], str] = {}
        self._paths = {name: await self._operations(name) for name in self.urls}
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._client.close()

    async def _operations(self, service: str) -> dict[str, tuple[str, str]]:
        """Operation id to method and path, as the service's own OpenAPI says."""
        described = (await self._send(service, "GET", "/api/openapi.json")).json()
        return {
            operation["operationId"]: (method.upper(), path)
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        }

    def _headers(self, service: str, employee: str) -> dict[str, str]:
        token = self._signed_in.get((service, employee))
        if token is None:
            token = self._signed_in[service, employee] = self._tokens[service].make(employee)
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    async def do(self, service: str, employee: str, operation: str, no: str | None = None, /, **form: Any) -> Any:
        """Carry a command out, however often it takes; raises NotDone when it is refused."""
        key = uuid.uuid4().hex
        answer = await self._command(key, service, employee, operation, no, form)
        return self._result(answer, Promise(service, employee, operation, key, no))

    async def do_when_known(
        self, not_yet: str, service: str, employee: str, operation: str, no: str | None = None, /, **form: Any
    ) -> Any:
        """The same, asked again as long as the refusal `not_yet` says that what it needs has not come to the service."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while True:
            key = uuid.uuid4().hex
            answer = await self._command(key, service, employee, operation, no, form)
            early = not answer.is_success and answer.json()["code"] == not_yet
            if not early or asyncio.get_running_loop().time() > deadline:
                return self._result(answer, Promise(service, employee, operation, key, no))
            await asyncio.sleep(self.poll_s)

    async def _command(
        self, key: str, service: str, employee: str, operation: str, no: str | None, form: Mapping[str, Any]
    ) -> Answer:
        method, path = self._paths[service][operation]
        headers = self._headers(service, employee) | {"Idempotency-Key": key}
        return await self._send(service, method, path.format(no=no), headers=headers, json=form)

    def _result(self, answer: Answer, promise: Promise) -> Any:
        """The document, and the promise written down that it was acknowledged."""
        if not answer.is_success:
            raise NotDone(f"{promise}: {answer.status_code} {answer.text}")
        result = answer.json()
        self.acknowledged.append(replace(promise, no=result["no"]))
        return result

    async def _send(self, service: str, method: str, path: str, **request: Any) -> Answer:
        """Repeat while the service is away or fails; a refusal is an answer."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while True:
            self.requests += 1
            try:
                async with self._client.request(method, self.urls[service] + path, **request) as response:
                    answer = Answer(response.status, await response.read())
            except AWAY:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            if asyncio.get_running_loop().time() > deadline:
                raise NotDone(f"{service} did not answer {method} {path}: {answer.text if answer else 'away'}")
            await asyncio.sleep(0.1)

    async def step_to(self, instant: datetime) -> None:
        """Move the stepped clocks of all departments."""
        body = {"to": instant.isoformat()}
        await asyncio.gather(*(self._send(name, "POST", "/clock", json=body) for name in self.urls))

    async def hold_relay(self, service: str, held: bool) -> None:
        """Keep a department's facts from leaving it, or let them go."""
        await self._send(service, "POST", "/relay", json={"held": held})

    async def settle(self) -> None:
        """Return once every fact is where it belongs, but for those that are held back."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while under_way := list(unsettled(await self._rests())):
            if asyncio.get_running_loop().time() > deadline:
                raise NotDone(f"still under way: {under_way}")
            await asyncio.sleep(self.poll_s)

    async def _rests(self) -> dict[str, Rest]:
        answers = await asyncio.gather(*(self._send(name, "GET", "/rest") for name in self.urls))
        return {name: answer.json() for name, answer in zip(self.urls, answers, strict=True)}

    async def figures(self, service: str) -> dict[str, float]:
        """What a service tells its operators about itself."""
        text = (await self._send(service, "GET", "/metrics")).text
        return {it.name: it.value for family in text_string_to_metric_families(text) for it in family.samples}

    async def at_work(self) -> None:
        """Return once every department knows its people: they were stated to it as facts."""
        for service, employee in AT_WORK.items():
            await self.until(service, employee, "/api/worklist", lambda _: True)

    async def duty(self, service: str, employee: str, duty: DutyRef, order_no: str) -> str:
        """Wait until a handover is on a department's worklist; the number of the document it is about."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        query = {"order_no": order_no, **duty.model_dump(), "wait": 10}
        while True:
            answer = await self._send(
                service, "GET", "/api/worklist", params=query, headers=self._headers(service, employee)
            )
            if found := answer.json():
                return str(found[0]["document_no"])
            if asyncio.get_running_loop().time() > deadline:
                raise NotDone(f"{duty} never reached {service}'s worklist")

    async def until(self, service: str, employee: str, path: str, holds: Callable[[Any], bool]) -> Any:
        """Wait until what a service shows at a path satisfies `holds`."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while True:
            answer = await self._send(service, "GET", path, headers=self._headers(service, employee))
            if answer.is_success and holds(answer.json()):
                return answer.json()
            if asyncio.get_running_loop().time() > deadline:
                raise NotDone(f"{service} still shows at {path}: {answer.text[:500]}")
            await asyncio.sleep(self.poll_s)


def as_json(form: Any) -> str:
    return orjson.dumps(form).decode()


def company_of(system: System, *, poll_s: float = 0.02, patience_s: float = PATIENCE_S) -> Company:
    """The people of a system that runs on this machine."""
    secrets = {name: system.environment(name)["HANDOVER_TOKEN_SECRET"] for name in system.names}
    return Company(system.urls, secrets, poll_s, patience_s)


PEOPLE: Mapping[str, str] = {
    "salesperson": "E-001",
    "merchandiser": "E-002",
    "engineer": "E-010",
    "planner": "E-020",
    "material_controller": "E-021",
    "workshop_director": "E-022",
    "team_leader": "E-023",
    "worker": "E-031",
    "buyer": "E-040",
    "purchasing_manager": "E-041",
    "inspector": "E-050",
    "storekeeper": "E-060",
    "warehouse_manager": "E-061",
    "hr": "E-070",
    "general_manager": "E-071",
}
DEPARTMENT_OF: Mapping[str, str] = {
    "0": "sales",
    "1": "engineering",
    "2": "pmc",
    "3": "pmc",
    "4": "purchasing",
    "5": "quality",
    "6": "warehouse",
    "7": "accountability",
}
AT_WORK: Mapping[str, str] = {
    "sales": PEOPLE["merchandiser"],
    "engineering": PEOPLE["engineer"],
    "pmc": PEOPLE["team_leader"],
    "purchasing": PEOPLE["purchasing_manager"],
    "quality": PEOPLE["inspector"],
    "warehouse": PEOPLE["general_manager"],
}
"""The last one of each department in the order in which they were appointed."""
SUPPLIERS: Sequence[str] = ("S-1", "S-2", "S-3")


INTRODUCED: Mapping[str, Any] = {
    "consulted": {"held_on": "2025-12-01", "participants": "everybody", "minutes_reference": "minutes 1"},
    "acknowledged": "signature list 1",
}
"""Everybody was consulted on the rules and knows them, so that records may be issued."""


def founding(at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """The beginning of an installation with one person a post; `at` is the first instant of a stepped clock."""
    employees = [
        {"no": no, "nickname": f"小{number}", "department": DEPARTMENT_OF[no[3]]}
        for number, no in enumerate(PEOPLE.values(), 1)
    ]
    assignments = [{"employee": no, "post": post} for post, no in PEOPLE.items()]
    begin = {} if at is None else {"at": at.isoformat()}
    return {**begin, **INTRODUCED, "employees": employees, "assignments": assignments, **more}
