"""What is wrong in the settings is named with its value, unless that may be a secret: then the field alone."""

import traceback
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.settings import Settings

SECRET = "hunter2-hunter2"
USUAL: dict[str, Any] = {
    "service": "sales",
    "database_url": f"postgresql://sales:{SECRET}@db/sales",
    "broker_url": f"amqp://sales:{SECRET}@broker/",
    "token_secret": SECRET * 3,
}
ROBOT = {"name": "shift", "kind": "feishu", "url": f"https://robot.example/{SECRET}", "secret": SECRET}


def told(**wrong: Any) -> str:
    """What an operator reads in the log."""
    given = {name: value for name, value in {**USUAL, **wrong}.items() if value is not None}
    with pytest.raises(ValidationError) as error:
        Settings(**given)
    assert SECRET not in "".join(traceback.format_exception(error.value))
    return str(error.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": "eight"}, ("port", "input_value='eight'")),
        ({"risk_at": [120]}, ("risk_at", "HANDOVER_RISK_AT: 120 is no share", "input_value=[120]")),
        ({"clock": "slow"}, ("clock", "'real' or 'stepped'", "input_value='slow'")),
        ({"warn": [{**ROBOT, "kind": "pigeon"}]}, ("warn.0.kind", "'webhook'", "input_value='pigeon'")),
        ({"warn": [{**ROBOT, "language": "fr"}]}, ("warn.0.language", "input_value='fr'")),
    ],
)
def test_what_is_wrong_is_named_with_its_value(wrong: dict[str, Any], said: tuple[str, ...]) -> None:
    shown = told(**wrong)

    assert [each for each in said if each not in shown] == []
    assert "not shown" not in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token_secret": SECRET}, ("token_secret", "at least 32 characters")),
        ({"database_url": [SECRET]}, ("database_url", "valid string")),
        ({"broker_url": None}, ("broker_url", "Field required")),
        ({"warn": SECRET}, ("warn", "valid tuple")),
        ({"warn": [SECRET]}, ("warn.0", "valid dictionary")),
        ({"warn": [{**ROBOT, "url": [SECRET]}]}, ("warn.0.url", "valid string")),
        ({"warn": [{**ROBOT, "secret": [SECRET]}]}, ("warn.0.secret", "valid string")),
        ({"warn": [{"kind": "feishu", "url": SECRET}]}, ("warn.0.name", "Field required")),
        ({"warn": [{**ROBOT, "kind": "wecom"}]}, ("warn.0", "a `secret` signs nothing of wecom")),
        ({"warn": [{**ROBOT, "kind": "email", "secret": None}]}, ("warn.0", "mail needs `sender` and `to`")),
        ({"warn": [ROBOT, ROBOT]}, ("warn", "more than one messenger is named shift")),
    ],
)
def test_where_it_may_hold_a_secret_the_field_is_named_and_that_its_value_is_not_shown(
    wrong: dict[str, Any], said: tuple[str, ...]
) -> None:
    shown = told(**wrong)

    assert [each for each in said if each not in shown] == []
    assert "input_value=<not shown: it may hold a secret>" in shown


def test_settings_that_are_right_show_no_secret_either() -> None:
    settings = Settings(**USUAL, warn=[ROBOT])

    assert settings.database_url == USUAL["database_url"]
    assert settings.warn[0].secret == SECRET
    assert SECRET not in f"{settings!r} {settings}"


def test_what_is_no_json_in_the_environment_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**USUAL, "warn": f"[{SECRET}"}.items():
        monkeypatch.setenv(f"HANDOVER_{name.upper()}", value)

    with pytest.raises(Exception, match='field "warn"') as error:
        Settings()

    assert SECRET not in "".join(traceback.format_exception(error.value))
