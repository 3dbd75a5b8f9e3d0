"""Above which number do a restored database's documents go on, so that no number is given twice?

Every watermark says the highest number of the newest day, and everybody remembers the last watermark. Between it and the
end of that life documents may have been made of which nobody was told: so numbers go on at the next thousand but one.
"""

from typing import TYPE_CHECKING

from contracts.control import LastNumber

if TYPE_CHECKING:
    import asyncpg

# More documents of one kind than a service makes between two watermarks.
STRIDE = 1000

LAST = """
SELECT day, max(last) AS last FROM document_numbers
WHERE day = (SELECT max(day) FROM document_numbers) GROUP BY day
"""
# Whoever takes a number meanwhile has ended, or reads what we write.
ALONE = "LOCK TABLE document_numbers IN SHARE ROW EXCLUSIVE MODE"
# A row without a code stands for all documents of its day (see chassis.documents); a stepped clock was restored as well,
# so the days up to the last one that was told of may come again.
SKIP = """
WITH today AS (
    SELECT (factory_now() AT TIME ZONE 'Asia/Shanghai')::date AS day
), days AS (
    SELECT each::date AS day FROM today, generate_series(today.day, greatest(today.day, $1), interval '1 day') AS each
), skipped AS (
    INSERT INTO document_numbers (code, day, last) SELECT '', day, $2 FROM days
    ON CONFLICT (code, day) DO UPDATE SET last = greatest(document_numbers.last, excluded.last) RETURNING day, last
)
UPDATE document_numbers AS given SET last = greatest(given.last, skipped.last)
FROM skipped WHERE given.day = skipped.day AND given.code <> ''
"""


async def last_number(connection: "asyncpg.Connection[asyncpg.Record]") -> LastNumber | None:
    """The highest number of the newest day on which documents were made."""
    row = await connection.fetchrow(LAST)
    return None if row is None else LastNumber(day=row["day"], last=row["last"])


def is_behind(own: LastNumber | None, told: LastNumber | None) -> bool:
    """Whether somebody was told of a number that our database does not know."""
    return told is not None and (own is None or (own.day, own.last) < (told.day, told.last))


async def skip(connection: "asyncpg.Connection[asyncpg.Record]", told: LastNumber | None) -> None:
    """Number all documents from today on above whatever was given, by what others were told and we remember."""
    async with connection.transaction():
        await connection.execute(ALONE)
        known = [each for each in (told, await last_number(connection)) if each is not None]
        last = max((each.last for each in known), default=0)
        await connection.execute(SKIP, max((each.day for each in known), default=None), above(last))


def above(last: int) -> int:
    """A full thousand, at least one stride beyond `last`."""
    return -(-(last + STRIDE) // STRIDE) * STRIDE
