"""How does what a person typed become a command's form, and how does a form that is half filled in look again?"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from chassis.desk import Form
from chassis.errors import InvalidInput, Refusal
from chassis.instants import FACTORY
from chassis.remedies import remedy
from chassis.ui.formats import for_input, typed
from chassis.ui.shapes import Member, Shape

MOST_ROWS = 200
MANY = frozenset({Shape.PEOPLE, Shape.CHOICES, Shape.HANDOVERS})
COUNTED = frozenset({"line_no", "op_no"})  # the form numbers such rows itself


@dataclass(frozen=True, slots=True)
class Filled:
    """Every field as text, the way the inputs hold it: texts, lists of texts, and rows of the same."""

    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None

    def text(self, name: str) -> Any:
        return self.values.get(name, "")


def submitted(members: Iterable[Member], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The submitted fields by name; `lines.0.quantity` belongs to the first row of `lines`."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return {member.name: submitted_value(member, given) for member in members}


def submitted_value(member: Member, given: Mapping[str, list[str]]) -> Any:
    if member.shape is Shape.ROWS:
        prefix = f"{member.name}."
        places = {name.split(".")[1] for name in given if name.startswith(prefix) and name.count(".") == 2}
        numbers = sorted(int(place) for place in places if place.isdecimal())[:MOST_ROWS]
        return [
            {column.name: submitted_value(column, inside(given, f"{prefix}{number}.")) for column in member.columns}
            for number in numbers
        ]
    values = given.get(member.name, [])
    if member.shape in MANY:
        return [value for value in values if value]
    return values[-1].strip() if values else ""


def inside(given: Mapping[str, list[str]], prefix: str) -> dict[str, list[str]]:
    return {name.removeprefix(prefix): values for name, values in given.items() if name.startswith(prefix)}


def parsed(form: type[Form], members: Iterable[Member], values: dict[str, Any]) -> Form:
    """The command's form; raises InvalidInput with a remedy for each field that is wrong."""
    try:
        return form.model_validate(meant(members, values))
    except ValidationError as error:
        remedies = [remedy(dict(each)) for each in error.errors()]
        # A table is called too short when its only row is wrong; what is wrong in the row says enough.
        tables = {each["field"].partition(".")[0] for each in remedies if "." in each["field"]}
        raise InvalidInput([each for each in remedies if each["field"] not in tables]) from None


def meant(members: Iterable[Member], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the texts mean: a blank is nothing at all, so that the form's own default or its demand applies."""
    found = {}
    for member in members:
        value = meant_value(member, values.get(member.name, ""))
        if value is not None:
            found[member.name] = value
    return found


def meant_value(member: Member, value: Any) -> Any:
    match member.shape:
        case Shape.ROWS:
            return [meant(member.columns, row) for row in value] or ([] if member.required else None)
        case Shape.FLAG:
            return value == "true"
        case Shape.LIST:
            return [line.strip() for line in value.splitlines() if line.strip()]
        case Shape.PEOPLE | Shape.CHOICES | Shape.HANDOVERS:
            return value
        case Shape.MONEY | Shape.QUANTITY | Shape.NUMBER:
            # Chinese input methods type full-width digits, and sheets bring thousands separators.
            return unicodedata.normalize("NFKC", value).replace(",", "").replace(" ", "") or None
        case Shape.TIME:
            return with_zone(value) or None
        case _:
            return value or None


def without_blank_rows(members: Iterable[Member], values: dict[str, Any]) -> dict[str, Any]:
    """Rows that nobody filled in are left out, so that remedies count the rows as they are shown."""
    tables = {member.name: member for member in members if member.shape is Shape.ROWS}
    return {
        name: [row for row in value if not is_blank(tables[name], row)] if name in tables else value
        for name, value in values.items()
    }


def with_a_row(members: Iterable[Member], values: dict[str, Any]) -> dict[str, Any]:
    """A table without rows offers one to fill in."""
    empty = [member for member in members if member.shape is Shape.ROWS and not values[member.name]]
    return values | {member.name: [new_row(member, [])] for member in empty}


def is_blank(member: Member, row: Mapping[str, Any]) -> bool:
    """A row in which nothing was typed beyond what the form had put there itself."""
    own = {column.name: shown(column, column.default) for column in member.columns}
    return all(not value or value == own[name] or name in COUNTED for name, value in row.items())


def with_zone(value: str) -> str:
    """A local time is meant in the factory's zone; what is no time stays as typed and is refused with a remedy."""
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (instant if instant.tzinfo else instant.replace(tzinfo=FACTORY)).isoformat()


def prefilled(members: Iterable[Member], known: Mapping[str, Any]) -> dict[str, Any]:
    """A fresh form: what is known already, else the form's own defaults, else blank."""
    return {
        member.name: shown(member, known[member.name] if known.get(member.name) is not None else member.default)
        for member in members
    }


def shown(member: Member, value: Any) -> Any:
    """A value as its input holds it."""
    if member.shape is Shape.ROWS:
        rows = [prefilled(member.columns, as_mapping(row)) for row in value or ()]
        return rows or [new_row(member, [])]
    if member.shape in MANY:
        return [str(item) for item in value or ()]
    if member.shape is Shape.LIST:
        return value if isinstance(value, str) else "\n".join(str(item) for item in value or ())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, Decimal):
        return typed(value)
    return for_input(value) if isinstance(value, datetime) else str(value)


def as_mapping(row: Any) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in type(row).model_fields} if isinstance(row, BaseModel) else row


def new_row(member: Member, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A blank row whose number follows the last one's."""
    row = prefilled(member.columns, {})
    for column in member.columns:
        if column.name in COUNTED:
            taken = [int(other[column.name]) for other in rows if str(other[column.name]).isdecimal()]
            step = 10 if column.name == "op_no" else 1
            row[column.name] = str(max(taken, default=0) + step)
    return row


def change_rows(members: Iterable[Member], values: dict[str, Any], pairs: Mapping[str, str]) -> bool:
    """Add or take away a row where that button was pressed (`add=lines`, `remove=lines.2`); False when none was."""
    tables = {member.name: member for member in members if member.shape is Shape.ROWS}
    wanted = pairs.get("add", "")
    if wanted in tables:
        rows = values[wanted]
        rows.append(new_row(tables[wanted], rows))
        return True
    name, _, place = pairs.get("remove", "").partition(".")
    if name in tables and place.isdecimal():
        values[name] = [row for number, row in enumerate(values[name]) if number != int(place)]
        return True
    return False
