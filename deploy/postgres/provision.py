"""How do roles and databases get onto a given server? `python -m deploy.postgres.provision`, as often as one likes.

HANDOVER_POSTGRES_URL is an administrator's; HANDOVER_DATABASE_URLS names each service's own as JSON, password included.
"""

import json
import os
import sys
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from deploy.local.databases import provision


class RoleElsewhere(Exception):
    """Role and database carry the same name here; this address says otherwise."""

    def __init__(self, role: str | None, database: str) -> None:
        super().__init__(f"role {role} and database {database} must have the same name; correct HANDOVER_DATABASE_URLS")


def passwords(urls: Iterable[str]) -> dict[str, str]:
    """The password of each role, by the database of its name; raises RoleElsewhere."""
    found: dict[str, str] = {}
    for url in urls:
        parts = urlsplit(url)
        database = parts.path.strip("/")
        if parts.username != database:
            raise RoleElsewhere(parts.username, database)
        found[database] = unquote(parts.password or "")
    return found


def main() -> None:
    urls: dict[str, str] = json.loads(os.environ["HANDOVER_DATABASE_URLS"])
    provision(os.environ["HANDOVER_POSTGRES_URL"], passwords(urls.values()))
    sys.stdout.write(f"{len(urls)} databases are there\n")


if __name__ == "__main__":
    main()
