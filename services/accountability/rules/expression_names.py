"""What may the rulebook's expressions name, and of which type is it? As the contracts of the kept facts say."""

from __future__ import annotations

from functools import cache

from contracts.catalogue import ALL_EVENTS
from contracts.words import POSTS
from services.accountability.judge.exhibits import BY_EVENT, KINDS, Kind
from services.accountability.rules.expression_types import (
    NUMBER,
    TEXT,
    TRUTH,
    Names,
    Type,
    list_of,
    one_of,
    record,
    same,
    type_of,
    type_of_value,
)
from services.accountability.rules.rulebook import RulebookText

STATED = {"at": NUMBER, "actor": TEXT, "actor_post": one_of(("", *POSTS))}
"""What every exhibit carries beside its fields: the instant it was recorded, who stated it, in which post."""

WANTED = {"when": TRUTH, "proved": TRUTH, "person": TEXT, "moment": NUMBER}
"""What each part of a ground has to yield; instants are whole microseconds."""

LINE = {
    **dict.fromkeys(("line_no", "ship_by", "shipped_at", "first_booked_at", "finished_at", "time_to_look"), NUMBER),
    "missed": TRUTH,
}
AMOUNTS = ("direct_loss", "processing_fee", "rework_cost", "overtime_cost")


def kept(kind: Kind) -> Type:
    """The documents of one noun, as the ledger's JSON keeps them."""
    fields = {
        name: same(
            type_of(event.model_fields[name].annotation, stored=True)
            for event in kind.events
            if name in event.model_fields
        )
        for name in kind.fields
    }
    return list_of(record({**fields, **STATED}))


@cache
def shared() -> Names:
    """What every expression may name."""
    return {
        **{kind.noun: kept(kind) for kind in KINDS},
        "lines": list_of(record(LINE)),
        "order": record(
            {"merchandiser": TEXT, "salesperson": TEXT, "amount": NUMBER, "commission": NUMBER, "agency_fee": NUMBER}
        ),
        "operation": record({"assignee": TEXT, "assignees": list_of(TEXT), "at": NUMBER}),
        "inspection": record({"passed_by": list_of(TEXT), "at": NUMBER}),
        "costs": record(dict.fromkeys(AMOUNTS, NUMBER)),
        "penalty": record({"amount": NUMBER, "attributed_to": list_of(TEXT)}),
        "injury": record({"occurred_at": NUMBER}),
    }


def names_in(text: RulebookText) -> Names:
    """The same, and the settings of this rulebook."""
    return {**shared(), "settings": record({each.key: type_of_value(each.value) for each in text.settings})}


def about(event: str | None, names: Names) -> Names:
    """The same, and the fact that an expression is about, as its contract says."""
    kind = BY_EVENT.get(event or "")
    if kind is None:
        return names
    fields = ALL_EVENTS[event or ""].model_fields
    said = {name: type_of(fields[name].annotation) for name in kind.fields if name in fields}
    return {**names, "fact": record({**said, **STATED})}
