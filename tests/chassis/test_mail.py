"""Is a letter a letter by every mail server's rules, and does nobody but the right server hear the password?"""

from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chassis.channels import Channel, ChannelKind
from tests.chassis.test_prevention import half_a_receipt, sent_by, unsent, warehouse
from tests.support.departments import Department
from tests.support.messenger import PostOffice, identity_of, post_office

__all__ = ["warehouse"]


def letters_to(office: PostOffice, login: str = "") -> Channel:
    where = urlsplit(office.url)
    url = f"{where.scheme}://{login}{where.netloc}"
    people = ("a@factory.example",)
    return Channel(name="mail", kind=ChannelKind.EMAIL, url=url, sender="handover@factory.example", to=people)


def read(letter: str) -> EmailMessage:
    return message_from_string(letter, policy=policy.default)


async def test_a_letter_says_when_it_was_written_and_which_it_is(warehouse: Department):
    async with post_office() as office:
        warning = await half_a_receipt(warehouse, letters_to(office))
        assert await sent_by(warning) == 1

    letter = read(office.letters[0])
    assert abs(letter["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1), (
        "a mail server goes by the real time"
    )
    assert letter["Message-ID"].endswith("@handover>")


async def test_whoever_is_not_the_mail_server_hears_neither_password_nor_letter(warehouse: Department, tmp_path: Path):
    stranger, _ = identity_of("evil.example", tmp_path)
    async with post_office(stranger, at_once=True) as office:
        office.offers = ("AUTH PLAIN",)
        warning = await half_a_receipt(warehouse, letters_to(office, "user:secret@"))
        assert await sent_by(warning) == 0

    assert "certificate verify failed" in (await unsent(warehouse))[0].problem
    assert (office.heard, office.letters) == ([], [])


async def test_another_servers_certificate_is_not_enough(
    warehouse: Department, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other, shown = identity_of("other.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    async with post_office(other, at_once=True) as office:
        warning = await half_a_receipt(warehouse, letters_to(office, "user:secret@"))
        assert await sent_by(warning) == 0

    assert "localhost" in (await unsent(warehouse))[0].problem
    assert office.heard == []


@pytest.mark.parametrize("at_once", [True, False], ids=["smtps", "smtp"])
async def test_the_password_goes_to_the_trusted_server_alone_and_sealed(
    warehouse: Department, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
):
    ours, shown = identity_of("localhost", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    async with post_office(ours, at_once=at_once) as office:
        office.offers = ("STARTTLS", "AUTH PLAIN")
        warning = await half_a_receipt(warehouse, letters_to(office, "user:secret@"))
        assert await sent_by(warning) == 1

    said = [line.split()[0].upper() for line in office.heard]
    assert said.index("AUTH") > (0 if at_once else said.index("STARTTLS"))
    assert "SOD-1" in read(office.letters[0]).get_content()


async def test_a_server_that_is_a_stranger_once_it_is_asked_hears_no_password(warehouse: Department, tmp_path: Path):
    stranger, _ = identity_of("evil.example", tmp_path)
    async with post_office(stranger) as office:
        office.offers = ("STARTTLS", "AUTH PLAIN")
        warning = await half_a_receipt(warehouse, letters_to(office, "user:secret@"))
        assert await sent_by(warning) == 0

    assert "certificate verify failed" in (await unsent(warehouse))[0].problem
    assert "AUTH" not in {line.split()[0] for line in office.heard}


async def test_where_the_password_could_be_read_on_its_way_it_is_not_sent(warehouse: Department):
    async with post_office() as office:
        office.offers = ("AUTH PLAIN",)
        warning = await half_a_receipt(warehouse, letters_to(office, "user:secret@"))
        assert await sent_by(warning) == 0

    assert "STARTTLS" in (await unsent(warehouse))[0].problem
    assert "AUTH" not in {line.split()[0] for line in office.heard}
