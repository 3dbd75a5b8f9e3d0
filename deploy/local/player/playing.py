"""How do the people of the stories do, one step after the other, what is written?"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from deploy.local.player.company import LEDGER, Company
from deploy.local.player.department import Department, Unexpected
from deploy.local.player.expand import SYSTEM, PlannedStep, Story
from deploy.local.player.references import UnknownReference, fill, follow, root_of
from deploy.local.player.timeline import timeline

DUTY_PATIENCE_S = 5.0
LOOK_EVERY_S = 0.01
ACCEPTED = range(200, 300)


class StepFailed(Exception):
    """A step did not go as its story says; the text shows the step, where it is written, and what happened."""

    def __init__(self, step: PlannedStep, what: str) -> None:
        self.step = step
        when = f"{step.at:%Y-%m-%d %H:%M}"
        super().__init__(f"{step.place.written.path.name}: {step.story}/{step.id} ({step.does}, {when}): {what}")


@dataclass
class Player:
    """Plays stories at a company.

    `answers` keeps, story by story, the documents that its steps made, `answered` the handovers that they settled;
    `failed` the step that stopped a story. The others go on, and so do the machines: what was held back by a story that
    has stopped is let go in time.
    """

    company: Company
    progress: Callable[[PlannedStep], None] = lambda step: None
    answers: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    answered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    failed: dict[str, StepFailed] = field(default_factory=dict)

    async def play(self, stories: Sequence[Story]) -> None:
        """All steps of all stories in the order of their times, so that a month always ends the same."""
        for at, together in groupby(timeline(stories), key=lambda step: step.at):
            steps = list(together)
            await self.company.step_to(at, announced=any(map(needs_verdicts, steps)))
            await self.take_together(steps)
        await self.company.settle()

    async def take_together(self, steps: Iterable[PlannedStep]) -> None:
        """What happens at one moment: each department does its steps in their order, and each story has its own."""
        last: dict[tuple[str, str], asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as together:
            for step in steps:
                names = (("department", step.service), ("story", step.story))
                before = [last[name] for name in names if name in last]
                last.update(dict.fromkeys(names, together.create_task(self.take_after(before, step))))

    async def take_after(self, before: Sequence["asyncio.Task[None]"], step: PlannedStep) -> None:
        for earlier in before:
            await earlier
        await self.take(step)

    async def take(self, step: PlannedStep) -> None:
        if step.story in self.failed and step.who != SYSTEM:
            return
        try:
            await self.carry_out(step)
        except StepFailed as failure:
            self.failed[step.story] = failure
        except (Unexpected, UnknownReference) as error:
            self.failed[step.story] = StepFailed(step, str(error))
        self.progress(step)

    async def carry_out(self, step: PlannedStep) -> None:
        known = self.answers[step.story]
        if step.who == SYSTEM:
            await self.company.hold(self.filled(step.arguments, known)["service"], step.does == "system.stop_relay")
            return
        department = self.company[step.service]
        known = {**known, **await self.looked_up(step, department, known)}
        name = step.does.partition(".")[2]
        self.company.stirred.add(step.service)
        arguments = self.filled(step.arguments, known)
        status, answer = await department.command(name, arguments, employee=step.who, key=step.key)
        check(step, status, answer, arguments)
        if step.refused is None:
            self.answers[step.story][step.id] = answer

    async def looked_up(
        self, step: PlannedStep, department: Department, known: Mapping[str, Any]
    ) -> dict[str, Mapping[str, Any]]:
        """The handover that the step answers, and the document that the person looks up first."""
        found: dict[str, Mapping[str, Any]] = {}
        if step.duty is not None:
            found["duty"] = await self.duty(step, department, self.filled(step.duty, known))
        if step.finds is not None:
            found["found"] = await self.document(step, department, self.filled(step.finds, known))
        return found

    async def duty(self, step: PlannedStep, department: Department, duty: str) -> Mapping[str, Any]:
        """The handover as the worklist shows it; it may still be on its way."""
        link, _, key = duty.partition(":")
        query = {"link": link, "key": key, "wait": str(DUTY_PATIENCE_S)}
        rows = await department.read("/api/worklist", employee=step.who, **query)
        if not rows:
            raise Unexpected(f"there is no {duty} on the worklist of {department.name}. {await self.troubles()}")
        self.answered[step.story].add(duty)
        found: Mapping[str, Any] = rows[0]
        return found

    async def document(self, step: PlannedStep, department: Department, wanted: Mapping[str, str]) -> Mapping[str, Any]:
        """The newest document of a list that fits."""
        filters = {name: str(value) for name, value in wanted.items() if name != "list"}

        async def look() -> Mapping[str, Any] | None:
            page = await department.read(f"/api/{wanted['list']}", employee=step.who, limit="1", **filters)
            return next(iter(page["items"]), None)

        return await self.wait_for(look, f"{wanted} at {department.name}")

    async def wait_for(self, look: Callable[[], Any], what: str) -> Mapping[str, Any]:
        deadline = time.monotonic() + DUTY_PATIENCE_S
        while (found := await look()) is None:
            if time.monotonic() > deadline:
                raise Unexpected(f"there is no {what}. {await self.troubles()}")
            await asyncio.sleep(LOOK_EVERY_S)
        answer: Mapping[str, Any] = found
        return answer

    async def troubles(self) -> str:
        """Which department has facts that it could not handle, that wait for something, or that are not sent."""
        figures = ("unpublished", "parked", "waiting")
        said: list[str] = []
        for department in self.company.departments.values():
            numbers = await metrics_of(department)
            said += [f"{name} {numbers[name]:.0f} at {department.name}" for name in figures if numbers.get(name)]
        return ", ".join(said) or "Nothing is parked, waiting or unsent anywhere"

    def filled(self, value: Any, known: Mapping[str, Any]) -> Any:
        """The value with every reference answered by what earlier steps brought."""

        def lookup(expression: str) -> Any:
            root = root_of(expression)
            if root not in known:
                raise UnknownReference(f"${{{expression}}} is not known yet; known are {', '.join(known) or 'nothing'}")
            return follow(known[root], expression)

        return fill(value, lookup)


def needs_verdicts(step: PlannedStep) -> bool:
    """What is looked up at the judge's rests on the evidence up to now."""
    return step.service == LEDGER and step.finds is not None


def check(step: PlannedStep, status: int, answer: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """The answer is the one that the story wants; raises StepFailed."""
    code = answer.get("code") if status not in ACCEPTED else None
    if step.refused is None and status not in ACCEPTED:
        problems = answer.get("errors") or answer.get("detail") or answer
        raise StepFailed(step, f"refused with {status} {code}: {problems}; it was asked with {dict(arguments)}")
    if step.refused is not None and code != step.refused:
        came = f"{status} {code}: {answer.get('detail')}" if code else f"{status}: it was accepted"
        raise StepFailed(step, f"should be refused with {step.refused}, but came {came}")


async def metrics_of(department: Department) -> dict[str, float]:
    """The service's own figures, without their prefix."""
    shown = (await department.text("/metrics")).splitlines()
    lines: Iterable[list[str]] = (line.split() for line in shown if line.startswith("handover_"))
    return {name.removeprefix("handover_"): float(value) for name, value in lines}
