"""How far did each source say it is, as far as this service has heard?"""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import transaction
from chassis.signing import read
from contracts.control import SignedWatermark, Watermark

LOAD = text("SELECT signed FROM source_heads").columns(signed=JSONB)
# Only forward: replicas hear different watermarks.
STORE = text("""
INSERT INTO source_heads (source, epoch, sequence, promised, signed)
SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:epochs AS bigint[]), CAST(:sequences AS bigint[]),
    CAST(:promised AS timestamptz[]), CAST(:signed AS jsonb[]))
ON CONFLICT (source, epoch) DO UPDATE
SET sequence = excluded.sequence, promised = excluded.promised, signed = excluded.signed
WHERE source_heads.promised <= excluded.promised
""")


class Heads:
    """The last watermark of every source and epoch; kept in the database when there is something new in it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._signed: dict[tuple[str, int], SignedWatermark] = {}
        self._read: dict[tuple[str, int], Watermark] = {}
        self._unsaved: set[tuple[str, int]] = set()

    async def load(self) -> None:
        async with transaction(self._engine) as session:
            for row in await session.execute(LOAD):
                self._remember(SignedWatermark.model_validate(row.signed))

    def hear(self, signed: SignedWatermark) -> Watermark:
        """Remember a watermark if it is newer than what we know of its source."""
        watermark = read(signed)
        known = self._read.get((watermark.source, watermark.epoch))
        if known is None or watermark.promised >= known.promised:
            if known is None or watermark.sequence != known.sequence:
                self._unsaved.add((watermark.source, watermark.epoch))
            self._remember(signed)
        return watermark

    def _remember(self, signed: SignedWatermark) -> None:
        watermark = read(signed)
        place = watermark.source, watermark.epoch
        self._signed[place], self._read[place] = signed, watermark

    def watermarks(self) -> list[Watermark]:
        """All that is known, every source and epoch."""
        return list(self._read.values())

    def latest(self, source: str) -> SignedWatermark | None:
        """The last word of one source."""
        places = [place for place in self._signed if place[0] == source]
        return self._signed[max(places)] if places else None

    async def save(self) -> None:
        """Write down what changed since the last time."""
        if self._unsaved:
            places, self._unsaved = self._unsaved, set()
            async with transaction(self._engine) as session:
                await session.execute(STORE, self._columns(places))

    def _columns(self, places: Iterable[tuple[str, int]]) -> dict[str, list[object]]:
        known = [(self._read[place], self._signed[place]) for place in sorted(places)]
        return {
            "sources": [watermark.source for watermark, _ in known],
            "epochs": [watermark.epoch for watermark, _ in known],
            "sequences": [watermark.sequence for watermark, _ in known],
            "promised": [watermark.promised for watermark, _ in known],
            "signed": [signed.model_dump_json() for _, signed in known],
        }
