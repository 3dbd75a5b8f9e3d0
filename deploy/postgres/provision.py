"""How do roles and databases get onto a given server? `python -m deploy.postgres.provision`, as often as one likes.

HANDOVER_POSTGRES_URL is an administrator's; HANDOVER_DATABASE_URLS names each service's own as JSON, HANDOVER_OWNER_URLS
its owner's, passwords included.
"""

import json
import os
import sys
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from deploy.local.databases import Passwords, owner_name, provision


class RoleElsewhere(Exception):
    """A service's role carries its database's name, and the owner's follows from it; this address says otherwise."""

    def __init__(self, role: str | None, database: str, wanted: str) -> None:
        super().__init__(f"the role on database {database} must be {wanted}, not {role}; correct its address")


def passwords(urls: Mapping[str, str], owner_urls: Mapping[str, str]) -> dict[str, Passwords]:
    """The passwords of each database's roles; raises RoleElsewhere."""
    found: dict[str, Passwords] = {}
    for service, url in urls.items():
        database = urlsplit(url).path.strip("/")
        owner = password_of(owner_urls[service], database, owner_name(database))
        found[database] = Passwords(password_of(url, database, database), owner)
    return found


def password_of(url: str, database: str, role: str) -> str:
    parts = urlsplit(url)
    if (parts.username, parts.path.strip("/")) != (role, database):
        raise RoleElsewhere(parts.username, database, role)
    return unquote(parts.password or "")


def main() -> None:
    urls, owner_urls = (json.loads(os.environ[name]) for name in ("HANDOVER_DATABASE_URLS", "HANDOVER_OWNER_URLS"))
    provision(os.environ["HANDOVER_POSTGRES_URL"], passwords(urls, owner_urls))
    sys.stdout.write(f"{len(urls)} databases are there\n")


if __name__ == "__main__":
    main()
