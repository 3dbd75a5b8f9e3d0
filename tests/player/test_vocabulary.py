"""Do the commands that stories may give speak the contracts' language?"""

import inspect
from importlib import import_module

import pytest

from contracts.event import SERVICES, Fact
from contracts.words import POSTS
from deploy.local.player.vocabulary import Command, vocabulary

COMMANDS = vocabulary()
# What a person types that no fact carries: a document's number, a handover's name, and the purchase request's supplier.
OWN_WORDS = {"no", "link", "key", "service", "reference", "exemption", "remark", "location", "duty"}


def fields_of_the_contracts() -> set[str]:
    modules = [import_module(f"contracts.{name}") for name in (*SERVICES, "parts")]
    facts = {value for module in modules for value in vars(module).values() if inspect.isclass(value)}
    return {name for fact in facts if issubclass(fact, Fact) for name in fact.model_fields}


@pytest.mark.parametrize(("name", "command"), COMMANDS.items(), ids=list(COMMANDS))
def test_a_command_takes_what_the_facts_carry_from_posts_that_exist(name: str, command: Command):
    assert set(command.needs) | set(command.may) <= fields_of_the_contracts() | OWN_WORDS
    assert set(command.by) <= set(POSTS)
    assert len({*command.needs, *command.may}) == len(command.needs) + len(command.may)
    assert name.partition(".")[0] in (*SERVICES, "system")
