"""Does a database that was restored from a backup notice it, and harm nobody's facts?"""

import uuid
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.gate import NotComparedYet
from chassis.signing import Signer, read
from contracts.event import decode
from tests.chassis.company import Company, Member, Ordered, has_effects, numbered, until
from tests.support import infra

pytestmark = pytest.mark.live


def signing_key(folder: Path) -> Path:
    """One key for both lives of a department."""
    file = folder / "sales.pem"
    private = Ed25519PrivateKey.generate()
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


async def back_up(company: Company, member: Member) -> str:
    """A copy of a database that nobody uses just now."""
    name = f"bus_backup_{uuid.uuid4().hex[:10]}"
    company.databases.append(name)
    await member.engine.dispose()
    await infra.create_database(name, member.settings.database_url.rpartition("/")[2])
    return member.settings.database_url.rpartition("/")[0] + "/" + name


async def heard(member: Member, sequence: int) -> bool:
    latest = member.bus.heads.latest("sales")
    return latest is not None and read(latest).sequence >= sequence


async def was_told(member: Member, last: int) -> bool:
    """Whether the member has heard sales say that documents were numbered up to `last`."""
    latest = member.bus.heads.latest("sales")
    told = read(latest).documents if latest else None
    return told is not None and told.last >= last


async def has_promised(member: Member) -> bool:
    """Whether this life of the member has said a watermark yet."""
    return member.bus.relay.figures.last is not None


async def test_a_restored_source_begins_a_new_epoch_and_its_new_facts_arrive(company: Company, tmp_path: Path):
    """Facts 4 and 5 are forgotten by their source; without a new epoch its next two would pass for them."""
    key = signing_key(tmp_path)
    sales, pmc = await company.member("sales", signing_key_file=key), await company.member("pmc")
    await pmc.start()
    await sales.start()
    await sales.state(*(Ordered(n=n) for n in (1, 2, 3)))
    await until(lambda: heard(pmc, 3))
    await sales.stop()
    backup = await back_up(company, sales)
    await sales.start()
    await sales.state(Ordered(n=4), Ordered(n=5))
    await until(lambda: heard(pmc, 5))
    await sales.stop()

    restored = await company.member("sales", database_url=backup, signing_key_file=key, head_wait_seconds=2)
    await restored.start()
    await restored.state(Ordered(n=104), Ordered(n=105), Ordered(n=106))
    await until(lambda: has_effects(pmc, 8))

    assert sorted(await pmc.effects()) == [1, 2, 3, 4, 5, 104, 105, 106]
    old, new = await restored.rows("SELECT DISTINCT epoch FROM outbox ORDER BY epoch")
    assert new.epoch > old.epoch
    await until(lambda: heard(pmc, 3))
    await until(lambda: has_promised(restored))
    last = restored.bus.relay.figures.last
    assert last is not None
    former = read(last).former
    assert former is not None
    assert (former.epoch, former.sequence) == (old.epoch, 3), "whoever remembers more knows what was forgotten"


async def test_an_ordinary_restart_stays_in_its_epoch(company: Company):
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await pmc.start()
    for n in (1, 2, 3):
        await sales.start()
        await sales.state(Ordered(n=n))
        await until(partial(has_effects, pmc, n))
        await sales.stop()

    assert [(decode(wire).sequence, decode(wire).number) for wire in await sales.wires()] == [(1, 1), (2, 2), (3, 3)]
    assert len(await sales.rows("SELECT DISTINCT epoch FROM outbox")) == 1


async def test_another_server_begins_a_new_epoch_without_asking_anybody(company: Company):
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await pmc.start()
    await sales.start()
    await sales.state(Ordered(n=1))
    await until(lambda: has_effects(pmc, 1))
    await sales.stop()
    await sales.change("UPDATE relay_state SET system_identifier = system_identifier - 1")

    await sales.start()
    await sales.state(Ordered(n=2))
    await until(lambda: has_effects(pmc, 2))

    assert await pmc.effects() == [1, 2]
    assert len(await sales.rows("SELECT DISTINCT epoch FROM outbox")) == 2


async def test_a_stranger_cannot_make_a_source_doubt_its_database(company: Company):
    """Somebody remembers more, but what they remember does not bear our signature."""
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await pmc.start()
    await sales.start()
    await sales.state(Ordered(n=1))
    await until(lambda: heard(pmc, 1))
    await sales.stop()
    liar = Signer.generate()
    (truth,) = [it for it in pmc.bus.heads.watermarks() if it.source == "sales"]
    pmc.bus.heads.hear(liar.sign(truth.model_copy(update={"sequence": 99})))

    await sales.start()
    await sales.state(Ordered(n=2))
    await until(lambda: has_effects(pmc, 2))

    assert len(await sales.rows("SELECT DISTINCT epoch FROM outbox")) == 1


async def test_a_restored_source_numbers_its_documents_above_all_that_were_given(company: Company, tmp_path: Path):
    """Numbers 4 to 6 are forgotten by their source and known to others; 7 was given after its last word."""
    key = signing_key(tmp_path)
    sales, pmc = await company.member("sales", signing_key_file=key), await company.member("pmc")
    await pmc.start()
    await sales.start()
    await sales.state(Ordered(n=1))
    given = await numbered(sales, 3)
    await until(lambda: was_told(pmc, 3))
    await sales.stop()
    backup = await back_up(company, sales)
    await sales.start()
    given += await numbered(sales, 3)
    await until(lambda: was_told(pmc, 6))
    await sales.stop()
    given += await numbered(sales, 1)

    restored = await company.member("sales", database_url=backup, signing_key_file=key, head_wait_seconds=2)
    await restored.start()
    await restored.bus.gate.passed()
    again = await numbered(restored, 2)

    assert [no.rpartition("-")[2] for no in given + again] == [f"{n:04d}" for n in (1, 2, 3, 4, 5, 6, 7, 2001, 2002)]
    await until(lambda: was_told(pmc, 2002))


async def test_an_ordinary_restart_leaves_no_gap_in_the_numbers(company: Company):
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await pmc.start()
    await sales.start()
    given = await numbered(sales, 2)
    await until(lambda: was_told(pmc, 2))
    await sales.stop()

    await sales.start()
    await sales.bus.gate.passed()

    assert [no.rpartition("-")[2] for no in given + await numbered(sales, 1)] == ["0001", "0002", "0003"]


async def test_a_database_that_was_lost_altogether_gives_no_number_again(company: Company, tmp_path: Path):
    key = signing_key(tmp_path)
    sales, pmc = await company.member("sales", signing_key_file=key), await company.member("pmc")
    await pmc.start()
    await sales.start()
    await numbered(sales, 5)
    await until(lambda: was_told(pmc, 5))
    await sales.stop()

    empty = await company.member("sales", signing_key_file=key)
    await empty.start()
    await until(lambda: was_told(pmc, 2000))

    assert (await numbered(empty, 1))[0].endswith("-2001")


async def test_commands_are_refused_until_the_database_was_compared(company: Company):
    sales = await company.member("sales", head_wait_seconds=60)
    await sales.start()
    await sales.state(Ordered(n=1))
    await until(lambda: has_promised(sales))
    await sales.stop()

    await sales.start()
    sales.bus.gate.patience_s = 0.05
    with pytest.raises(NotComparedYet):
        await sales.bus.gate.admit()


async def test_whoever_stands_by_lets_commands_in_once_the_leader_has_compared(company: Company):
    leader = await company.member("sales")
    other = await company.member("sales", database_url=leader.settings.database_url)
    await leader.start()
    await leader.bus.gate.passed()
    await other.start()

    await other.bus.gate.passed()

    assert [member.bus.relay.figures.leading for member in (leader, other)] == [True, False]


async def test_without_a_broker_commands_are_let_in(offices: Company):
    sales = await offices.member("sales", head_wait_seconds=60)
    await sales.start()

    await sales.bus.gate.passed()

    assert not sales.bus.relay.figures.leading


async def test_a_database_that_comes_back_is_compared_again(company: Company):
    sales = await company.member("sales", head_wait_seconds=60)
    await sales.start()
    await sales.state(Ordered(n=1))
    await sales.bus.gate.passed()
    await until(lambda: has_promised(sales))
    sales.bus.gate.patience_s = 0.0

    await sales.change(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'handover-relay'"
    )

    async def refuses() -> bool:
        try:
            await sales.bus.gate.admit()
        except NotComparedYet:
            return True
        return False

    await until(refuses)
