"""How does a test take evidence out of the house? As anybody does: into a file, which is read again."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from sqlalchemy.ext.asyncio import AsyncEngine

from services.accountability.proof import outline, packing
from services.accountability.proof.exports import Wish, export
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Export


async def exported(engine: AsyncEngine, wish: Wish, by: str) -> Export:
    """What is in the file, its outline at hand as a list."""
    file = BytesIO()
    await export(engine, wish, by, file)
    taken = packing.read(file)
    return replace(taken, outline=list(taken.outline))


def lines_of(taken: Export) -> list[Line]:
    return [outline.read(text.rpartition(b" ")[0]) for text in taken.outline]
