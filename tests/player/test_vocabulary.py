"""Do the departments' desks take what stories may say, from the same posts?"""

from importlib import import_module
from importlib.util import find_spec

import pytest

from chassis.desk import Desk
from contracts.event import SERVICES
from contracts.words import POSTS
from deploy.local.player.vocabulary import Command, vocabulary

COMMANDS = vocabulary()
DESKS: dict[str, Desk] = {
    service: import_module(f"services.{service}.api").desk
    for service in SERVICES
    if find_spec(f"services.{service}") and find_spec(f"services.{service}.api")
}
AT_DESKS = {name: command for name, command in COMMANDS.items() if name.partition(".")[0] in DESKS}


@pytest.mark.parametrize(("name", "command"), AT_DESKS.items(), ids=list(AT_DESKS))
def test_a_command_is_the_desks_own(name: str, command: Command):
    service, _, verb = name.partition(".")
    desk = DESKS[service]
    if verb == "sign_handover":
        assert set(command.by) <= desk.readers
        return
    at_desk = desk.commands[verb]
    fields = at_desk.form.model_fields
    needed = {each for each, field in fields.items() if field.is_required()} | (set() if at_desk.creates else {"no"})

    assert set(command.by) == at_desk.posts
    # A story says more than it must: whoever reads it should see the team leader named, and the person who is charged.
    assert needed <= set(command.needs) <= needed | set(fields)
    assert set(command.may) <= set(fields)


@pytest.mark.parametrize(("name", "command"), COMMANDS.items(), ids=list(COMMANDS))
def test_a_command_is_some_posts_and_some_services(name: str, command: Command):
    assert set(command.by) <= set(POSTS)
    assert name.partition(".")[0] in (*SERVICES, "system")
