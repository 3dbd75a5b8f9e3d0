"""With which people, calendar and keys does a new installation begin? The sample factory's, or those a file names.

HANDOVER_FOUNDING_FILE names another founding file (its format: services.accountability.people.founding). Accounts are written
beside it for people who sign in with a local password.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from chassis.auth import PASSWORDS
from chassis.instants import FACTORY
from deploy.local.environments import service_environment
from deploy.local.place import PROJECT, Place, read_json
from deploy.local.programs import StartFailed, last_lines
from deploy.local.sample.load import load_sample
from deploy.local.sample.models import Sample
from deploy.local.sample.worktime import WEEKDAYS, FactoryCalendar


def found(place: Place, database_url: str, *, stepped: bool) -> None:
    """State the beginning in accountability's database; an installation that was founded before is left alone."""
    file = place.home / "founding.yaml"
    if not file.exists():
        sample = load_sample()
        file.write_text(yaml.safe_dump(founding_of(sample, place, stepped=stepped), allow_unicode=True))
        write_accounts(sample, place.home / "accounts.yaml")
    given = os.environ.get("HANDOVER_FOUNDING_FILE", str(file))
    log = place.logs / "founding.log"
    environment = service_environment({"HANDOVER_DATABASE_URL": database_url})
    with log.open("ab") as stream:
        command = [sys.executable, "-m", "services.accountability.people.founding", given]
        finished = subprocess.run(command, env=environment, cwd=PROJECT, stdout=stream, stderr=stream, check=False)
    if finished.returncode:
        raise StartFailed(f"The installation could not be founded from {given}. The log {log} ends:\n{last_lines(log)}")


def founding_of(sample: Sample, place: Place, *, stepped: bool) -> dict[str, Any]:
    """The sample factory's people with this installation's keys; with a stepped clock, its calendar and first day."""
    ids = {person.nickname: person.id for person in sample.people.employees}
    first = min(holding.since for holding in sample.people.holdings)
    employees = [
        {"no": person.id, "nickname": person.nickname, "department": person.department}
        for person in sample.people.employees
    ]
    founding: dict[str, Any] = {
        "employees": employees,
        "assignments": [
            tenure(holding, ids, stepped=stepped) for holding in sample.people.holdings if stepped or not holding.until
        ],
        "sources": read_json(place.keys / "trusted.json"),
        **introduced(first.date() if stepped else datetime.now(FACTORY).date()),
    }
    if not stepped:
        return founding
    return {**founding, "calendar": days_of(sample.calendar), "at": first.isoformat()}


def introduced(first: date) -> dict[str, Any]:
    """In the sample factory everybody was consulted on the rules and signed for them before the first day."""
    return {
        "consulted": {
            "held_on": (first - timedelta(days=7)).isoformat(),
            "participants": "职工代表大会全体代表 / all delegates of the employees",
            "minutes_reference": "会议纪要 01 / minutes 01",
        },
        "acknowledged": "签收表 01 / signature list 01",
    }


def days_of(calendar: FactoryCalendar) -> dict[str, Any]:
    """The sample's calendar as the founding file has it: the public one's days, with the factory's own exceptions."""
    return {
        "time_zone": calendar.time_zone,
        "shifts": [{"start": f"{shift.start:%H:%M}", "end": f"{shift.end:%H:%M}"} for shift in calendar.shifts],
        "weekend": [WEEKDAYS.index(name) + 1 for name in calendar.weekend],
        "public_holidays": days({*calendar.public_holidays, *calendar.days_off} - {*calendar.extra_working_days}),
        "make_up_days": days({*calendar.make_up_days, *calendar.extra_working_days} - {*calendar.days_off}),
    }


def days(chosen: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in sorted(chosen)]


def tenure(holding: Any, ids: dict[str, str], *, stepped: bool) -> dict[str, Any]:
    """A post as the founding file has it; on the real clock the sample's people hold their posts from now on."""
    fields: dict[str, Any] = {"employee": ids[holding.who], "post": holding.post, "acting": holding.acting}
    if stepped:
        fields["effective_from"] = holding.since.isoformat()
        if holding.until:
            fields["effective_until"] = holding.until.isoformat()
    return fields


def write_accounts(sample: Sample, file: Path) -> None:
    """Everybody who signs in, with the demonstration password that the sample's own file shows."""
    hashed = PASSWORDS.hash(sample.people.demo_password)
    file.write_text(json.dumps({person.id: hashed for person in sample.people.employees}, indent=2))
    file.chmod(0o600)
