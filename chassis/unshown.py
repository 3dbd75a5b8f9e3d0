"""Which values must not stand in a log when a setting is wrong? Those of fields with `repr=False`, and of what holds any.

The field is named all the same, and why it is wrong: only its value is left out.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Self, get_args

from pydantic import BaseModel, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails


class NotShown:
    """Stands where an error would show what was given."""

    def __repr__(self) -> str:
        return "<not shown: it may hold a secret>"


class KeepsSecrets(BaseModel):
    """Settings whose errors show what was wrong, but no secret: neither its own nor one of a model inside."""

    @model_validator(mode="wrap")
    @classmethod
    def told_without_secrets(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Raises ValidationError, its secrets left out."""
        try:
            return handler(values)
        except ValidationError as error:
            told = list(without_secrets(cls, error.errors(include_url=False)))
            raise ValidationError.from_exception_data(error.title, told) from None


def without_secrets(kind: type[BaseModel], errors: Sequence[ErrorDetails]) -> Iterator[InitErrorDetails]:
    for error in errors:
        place = (
            error["loc"][:-1] if error["type"] == "missing" else error["loc"]
        )  # what lacks it is what would be shown
        shown = NotShown() if may_hold_secret(kind, place) else error["input"]
        yield InitErrorDetails(type=error["type"], loc=error["loc"], input=shown, ctx=error.get("ctx", {}))


def may_hold_secret(kind: Any, place: Sequence[int | str]) -> bool:
    """Whether what stands at a place inside of this type is not to be shown; a name that nobody knows may be a mistyped one."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields
        if not place:
            return any(not field.repr or may_hold_secret(field.annotation, ()) for field in fields.values())
        named = fields.get(str(place[0]))
        return named is None or not named.repr or may_hold_secret(named.annotation, place[1:])
    inside = place[1:] if place and isinstance(place[0], int) else place
    return any(may_hold_secret(part, inside) for part in get_args(kind))
