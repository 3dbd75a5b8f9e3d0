"""Which commands may a story give, by whom and with what?"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import RootModel

from contracts.event import Code
from deploy.local.sample.files import Model, read

COMMANDS = Path(__file__).with_name("commands.yaml")


class Command(Model):
    """`by`: the posts that may give it, none where it is for the document's own person; `needs` and `may`: its arguments."""

    by: tuple[Code, ...]
    needs: tuple[Code, ...]
    may: tuple[Code, ...] = ()


class Vocabulary(RootModel[Mapping[Code, Mapping[Code, Command]]]):
    """Commands by service and name."""


@cache
def vocabulary() -> Mapping[str, Command]:
    """Every command by its full name, such as `sales.release_order`."""
    services = read(COMMANDS, Vocabulary).content.root
    return {f"{service}.{name}": each for service, commands in services.items() for name, each in commands.items()}
