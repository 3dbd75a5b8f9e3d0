"""Do the books balance? Everything acknowledged had every effect once, numbers are gap-free, chains verify."""

from collections import Counter

from contracts.event import GENESIS, chain, decode
from tests.chassis.company import Company, Member


async def check_books(company: Company, expected: set[int]) -> None:
    """Every order number had exactly one effect in every department, and every source's chain is whole."""
    for member in company.members:
        effects = Counter(await member.effects())
        assert {n: count for n, count in effects.items() if count != 1} == {}, f"doubled in {member.name}"
        assert set(effects) == expected, (
            f"{member.name} lost {expected - set(effects)}, invented {set(effects) - expected}"
        )
        await check_chain(member)


async def check_chain(member: Member) -> None:
    """Sequences and numbers have no gap, in every epoch, and the hashes are those of the stored bytes."""
    rows = await member.rows("SELECT * FROM outbox ORDER BY epoch, sequence")
    heads: dict[int, bytes] = {}
    numbers: Counter[tuple[int, str]] = Counter()
    sequences: Counter[int] = Counter()
    for row in rows:
        envelope = decode(row.wire)
        sequences[row.epoch] += 1
        numbers[row.epoch, row.event] += 1
        heads[row.epoch] = chain(heads.get(row.epoch, GENESIS), row.wire)
        assert (row.sequence, row.number) == (sequences[row.epoch], numbers[row.epoch, row.event])
        assert (envelope.epoch, envelope.sequence, envelope.number) == (row.epoch, row.sequence, row.number)
        assert envelope.time == row.recorded_at
        assert row.hash == heads[row.epoch], f"the chain of {member.name} breaks at {row.epoch}/{row.sequence}"


async def balanced(company: Company, count: int) -> bool:
    """Whether the last department of the line has seen everything; that the first has, follows."""
    return all([len(await member.effects()) >= count for member in company.members])
