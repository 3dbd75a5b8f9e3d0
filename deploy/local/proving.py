"""What is there to show once a play is over? A question what-if, and the evidence in the hands of a stranger."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chassis.signing import fingerprint, trusted_keys
from deploy.local.place import PROJECT, Place
from deploy.local.player.company import LEDGER, company_at
from deploy.local.player.department import Department, Unexpected
from deploy.local.player.outcome import nickname, reader_at
from deploy.local.sample.models import People, Sample
from deploy.local.sample.worktime import FACTORY

EXPORTER = "services.accountability.proof.operator"
VERIFIER = "services.accountability.proof.verify"
QUESTION = (
    "如果跟单员答复进度、转告异常都有一天时间？/ What if the merchandiser had a whole day to answer and to relay?"
)
RELAXED = {"progress": "1 d", "exception_relay": "1 d"}
ANSWER_PATIENCE_S = 60.0
LOOK_EVERY_S = 0.1


@dataclass(frozen=True)
class Shown:
    """The answer to the question, and what the verifier said in a folder with nothing but the exported file."""

    what_if: Mapping[str, Any]
    verified: str


async def shown(urls: Mapping[str, str], databases: Mapping[str, str], place: Place, sample: Sample) -> Shown:
    """Both at once; raises Unexpected where there is no answer, or the evidence does not verify."""
    reader = reader_at(sample.people, datetime.now(FACTORY))
    async with company_at({LEDGER: urls[LEDGER]}, sample.people.demo_password) as company:
        asked = ask(company[LEDGER], reader)
        answer, said = await asyncio.gather(asked, prove(databases, place, reader, sample.calendar.first_day))
    return Shown(answer, said)


async def ask(office: Department, reader: str) -> Mapping[str, Any]:
    """What would be different under rules that give a merchandiser more time."""
    version = (await office.read("/api/rulebooks", employee=reader, limit="1", status="issued"))["items"][0]["no"]
    rules = relaxed(await office.text(f"/api/rulebook-texts/{version}", employee=reader))
    form = {"question": QUESTION, "rules": rules}
    status, asked = await office.command("ask_what_if", form, employee=reader, key=f"what-if/{version}")
    if status not in range(200, 300):
        raise Unexpected(f"the question what-if was refused with {status}: {asked}")
    deadline = time.monotonic() + ANSWER_PATIENCE_S
    while asked["status"] == "running" and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY_S)
        asked = await office.read(f"/api/what-ifs/{asked['no']}", employee=reader)
    if asked["status"] != "done":
        raise Unexpected(f"the question what-if came to {asked['status']}: {asked['problem_en']}")
    return asked


def relaxed(rules: str) -> str:
    text = yaml.safe_load(rules)
    for link in text["links"]:
        link["standard"] = RELAXED.get(link["code"], link["standard"])
    return yaml.safe_dump(text, allow_unicode=True, sort_keys=False)


async def prove(databases: Mapping[str, str], place: Place, by: str, since: date) -> str:
    """Export all orders from a day up to the factory's today, and verify them in an empty folder, without the system's settings."""
    keys = trusted_keys(place.keys / "trusted.json").items()
    prints = [f"{service}={fingerprint(key)}" for service, key in keys]
    with tempfile.TemporaryDirectory(prefix="handover-proof-") as folder:
        file = file_in(place)
        taken = ["export", "--from", f"{since}", "--by", by, "--to", str(file), "--replace"]
        await run(EXPORTER, taken, PROJECT, {"HANDOVER_DATABASE_URLS": json.dumps(dict(databases))})
        shutil.copy(file, folder)
        return await run(VERIFIER, [file.name, "--fingerprint", *prints], Path(folder), {})


def file_in(place: Place) -> Path:
    return place.home / "evidence.zip"


async def run(program: str, arguments: Sequence[str], folder: Path, settings: Mapping[str, str]) -> str:
    """What a program says; raises Unexpected when it does not succeed."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), **settings}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", program, *arguments),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise Unexpected(f"{program} {arguments[0]} ended with {process.returncode}: {said.decode(errors='replace')}")
    return said.decode()


def picture(shown: Shown, people: People, file: Path) -> RenderableType:
    """For a terminal."""
    lines = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("record", "order", "person", "would be", "because"):
        lines.add_column(heading)
    for line in shown.what_if["lines"]:
        person = nickname(people, line["before_person"] or line["after_person"])
        lines.add_row(line["clause"], line["order_no"], person, line["change"], line["reasons_en"])
    return Group(
        Text(f"\n{QUESTION}", style="bold"),
        Text(f"  records that would be different: {shown.what_if['differences']} ({shown.what_if['no']})"),
        Padding(lines, (0, 0, 0, 2)),
        Text(f"\nThe evidence of all orders, verified in an empty folder ({file})", style="bold"),
        Padding(Text(shown.verified.rstrip()), (0, 0, 0, 2)),
    )
