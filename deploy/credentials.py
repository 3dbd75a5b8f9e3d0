"""Which passwords, keys and files does an installation in containers need? `python -m deploy.credentials FOLDER`

makes them once and keeps those that are there; what follows from the code, the broker's queues, is written anew each
time. The folder is closed to everybody else on this machine; the files in it are readable, because containers read them
under an account of their own.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import yaml

from contracts.event import SERVICES
from deploy.local.databases import database_name, database_url, owner_url
from deploy.local.definitions import ADMIN, products_topology, users
from deploy.local.founding import founding_of, write_accounts
from deploy.local.keys import make_signing_keys
from deploy.local.place import PROJECT, Place, remembered
from deploy.local.sample.load import load_sample

FOLDER = PROJECT / ".handover" / "compose"
SUPERUSER = "postgres"
READABLE = 0o644


def make(folder: Path, *, postgres: str = "postgres:5432", broker: str = "rabbitmq:5672") -> None:
    """Everything that deploy/compose.yaml mounts and the Kubernetes base refers to."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = Place(folder, folder, None)
    make_signing_keys(place, SERVICES)
    admin_url = f"postgresql://{SUPERUSER}:{remembered(place, SUPERUSER)}@{postgres}/{SUPERUSER}"
    urls = {service: own_database(place, admin_url, service) for service in SERVICES}
    owner_urls = {service: owners_database(place, admin_url, service) for service in SERVICES}
    for service in SERVICES:
        write_service(place, service, urls[service], broker)
        write_environment(folder / f"{service}-owner.env", {"HANDOVER_DATABASE_URL": owner_urls[service]})
    write_environment(folder / "postgres.env", {"POSTGRES_PASSWORD": remembered(place, SUPERUSER)})
    all_databases = {
        "HANDOVER_POSTGRES_URL": admin_url,
        "HANDOVER_DATABASE_URLS": f"'{json.dumps(urls)}'",  # quoted, because it holds quotes itself
        "HANDOVER_OWNER_URLS": f"'{json.dumps(owner_urls)}'",
    }
    write_environment(folder / "databases.env", all_databases)
    write_definitions(place)
    write_beginning(place)
    for file in {*folder.glob("*.*"), *place.keys.glob("*.*")} - {folder / "secrets.json"}:
        file.chmod(READABLE)


def own_database(place: Place, admin_url: str, service: str) -> str:
    return database_url(admin_url, database_name(service), remembered(place, f"database {service}"))


def owners_database(place: Place, admin_url: str, service: str) -> str:
    """The migration's way in; the service itself is never told."""
    return owner_url(admin_url, database_name(service), remembered(place, f"database owner {service}"))


def write_service(place: Place, service: str, database: str, broker: str) -> None:
    """What one service alone may know."""
    password = quote(remembered(place, f"broker {service}"), safe="")
    own = {
        "HANDOVER_SERVICE": service,
        "HANDOVER_DATABASE_URL": database,
        "HANDOVER_BROKER_URL": f"amqp://{service}:{password}@{broker}/",
        "HANDOVER_TOKEN_SECRET": remembered(place, f"tokens {service}"),
    }
    write_environment(place.home / f"{service}.env", own)


def write_environment(file: Path, variables: Mapping[str, str]) -> None:
    """One variable a line, as both Docker and kubectl read it."""
    file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))


def write_definitions(place: Place) -> None:
    """The broker's users with hashed passwords, and the queues that the services' consumers ask for."""
    passwords = {user: remembered(place, f"broker {user}") for user in [ADMIN, *SERVICES]}
    definitions = {**products_topology(), **users(passwords)}
    (place.home / "definitions.json").write_text(json.dumps(definitions, indent=1))


def write_beginning(place: Place) -> None:
    """The sample factory's people and their demonstration password, unless somebody has put other files there."""
    sample = load_sample()
    founding, accounts = place.home / "founding.yaml", place.home / "accounts.yaml"
    if not founding.exists():
        founding.write_text(yaml.safe_dump(founding_of(sample, place, stepped=False), allow_unicode=True))
    if not accounts.exists():
        write_accounts(sample, accounts)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.credentials", description="Make passwords, keys and files for an installation."
    )
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--postgres", default="postgres:5432", metavar="HOST:PORT", help="where the databases are")
    parser.add_argument("--broker", default="rabbitmq:5672", metavar="HOST:PORT", help="where RabbitMQ listens")
    options = parser.parse_args()
    make(options.folder.resolve(), postgres=options.postgres, broker=options.broker)
    sys.stdout.write(f"Everything is in {options.folder.resolve()}\n")


if __name__ == "__main__":
    main()
