"""Which JSON does OCEL 2.0 allow?

The rules of section 8.2 of "OCEL (Object-Centric Event Log) 2.0 Specification" (A. Berti, I. Koren, J. N. Adams et al., RWTH
Aachen University, 2023, arXiv:2403.01975, CC BY 4.0), which is published as ocel20-schema-json.json; written down here anew.
"""

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}


def listed(*required: str, **fields: Any) -> dict[str, Any]:
    """An array of objects with these fields, of which some must be there."""
    return {"type": "array", "items": {"type": "object", "properties": fields, "required": list(required)}}


TYPES = listed("name", "attributes", name=TEXT, attributes=listed("name", "type", name=TEXT, type=TEXT))
RELATIONS = listed("objectId", "qualifier", objectId=TEXT, qualifier=TEXT)

OCEL_2_0: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "eventTypes": TYPES,
        "objectTypes": TYPES,
        "events": listed(
            *("id", "type", "time"),
            id=TEXT,
            type=TEXT,
            time=MOMENT,
            attributes=listed("name", "value", name=TEXT, value=TEXT),
            relationships=RELATIONS,
        ),
        "objects": listed(
            *("id", "type"),
            id=TEXT,
            type=TEXT,
            relationships=RELATIONS,
            attributes=listed("name", "value", "time", name=TEXT, value=TEXT, time=MOMENT),
        ),
    },
    "required": ["eventTypes", "objectTypes", "events", "objects"],
}
