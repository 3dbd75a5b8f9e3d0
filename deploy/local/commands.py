"""Which commands does `./handover` have, and which module does each?

Read before the environment exists, so only the standard library may be imported here.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import NamedTuple


class Command(NamedTuple):
    usage: str
    module: str
    does: str

    @property
    def name(self) -> str:
        return self.usage.split()[0]


COMMANDS = (
    Command("demo [--exit]", "deploy.local.demo", "play the sample factory's month and show who owed what to whom"),
    Command("test [pytest arguments]", "deploy.local.suite", "set everything up and run the tests"),
    Command("up [--only SERVICE …]", "deploy.local.up", "start databases, broker and services in the background"),
    Command("down", "deploy.local.down", "stop all of them; the data stays"),
    Command("status", "deploy.local.status", "show what runs, where, and how much memory it takes"),
    Command("doctor", "deploy.local.doctor", "name what this machine lacks and the command that mends it"),
    Command("logs SERVICE [-f]", "deploy.local.logs", "show a service's log, and follow it with -f"),
    Command("reset [--yes]", "deploy.local.reset", "stop everything and delete this installation's data"),
    Command("play FILE …", "deploy.local.play", "play stories through a running system with a stepped clock"),
    Command("bench [--ledger]", "tests.bench", "measure orders and events per second on this machine"),
    Command("parked list|show|replay|discard", "deploy.local.parked", "look after facts that could not be handled"),
    Command(
        "evidence [export|checkpoint]",
        "deploy.local.evidence",
        "show how complete the evidence is; take proof out of the house",
    ),
    Command("verify FILE.zip", "services.accountability.proof.verify", "verify exported evidence, without the system"),
)


def available(project: Path) -> list[Command]:
    """The commands whose module is there."""
    return [command for command in COMMANDS if _exists(project, command.module)]


def _exists(project: Path, module: str) -> bool:
    path = project.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def choose(project: Path, name: str) -> Command | None:
    """The command called `name`; where there is none, say which one was probably meant."""
    commands = {command.name: command for command in available(project)}
    if name in commands:
        return commands[name]
    near = difflib.get_close_matches(name, commands, n=1, cutoff=0.4)
    hint = f"Did you mean `./handover {near[0]}`?" if near else "`./handover --help` lists them."
    print(f"handover: there is no command `{name}`. {hint}", file=sys.stderr)
    return None


def explain(project: Path) -> str:
    commands = available(project)
    width = max(len(command.usage) for command in commands)
    lines = [f"  ./handover {command.usage:<{width}}   {command.does}" for command in commands]
    return "\n".join(
        [
            "Seven departments, seven services, one order, and who owed what to whom by when.",
            "",
            *lines,
            "",
            "Every command explains itself with --help. Data, logs and passwords live in .handover/",
            "(as root the data lives in /var/lib/handover/). Instead of starting its own, the system uses",
            "  HANDOVER_POSTGRES_URL    a PostgreSQL server (a user that may create roles and databases)",
            "  HANDOVER_BROKER_URL      a RabbitMQ broker, `amqp://user:password@host:port/`; the tests use it as well",
            "and a service listens on HANDOVER_PORT_<SERVICE> where that is set.",
        ]
    )
