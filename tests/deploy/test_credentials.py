"""Are an installation's secrets made once, kept from others, and right for the broker and the founding?"""

import base64
import hashlib
import json
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chassis.signing import Signer, fingerprint
from contracts.event import SERVICES
from deploy.credentials import make
from deploy.postgres.provision import RoleElsewhere, passwords
from deploy.rabbitmq.topology import definitions
from services.accountability.people.founding import Founding
from tests.deploy.composition import variables_in


def test_a_second_call_keeps_every_secret(tmp_path: Path):
    kept = ("sales.env", "databases.env", "postgres.env", "founding.yaml", "accounts.yaml", "keys/sales.pem")
    make(tmp_path / "once")
    first = [(tmp_path / "once" / name).read_bytes() for name in kept]
    make(tmp_path / "once")

    assert [(tmp_path / "once" / name).read_bytes() for name in kept] == first


def test_two_installations_share_no_secret(credentials: Path, tmp_path: Path):
    make(tmp_path / "other")

    for name in SERVICES:
        ours, others = (variables_in(folder / f"{name}.env") for folder in (credentials, tmp_path / "other"))
        assert {key for key in ours if ours[key] == others[key]} == {"HANDOVER_SERVICE"}
    assert (credentials / "keys/sales.pem").read_text() != (tmp_path / "other/keys/sales.pem").read_text()


def test_nobody_else_on_the_machine_gets_at_the_files(credentials: Path):
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o700
    assert stat.S_IMODE((credentials / "secrets.json").stat().st_mode) == 0o600


def test_the_broker_knows_each_service_by_its_password_and_nobody_as_guest(credentials: Path):
    content = json.loads((credentials / "definitions.json").read_text())
    known = {user["name"]: user["password_hash"] for user in content["users"]}

    assert known.keys() == {"admin", *SERVICES}
    for name in SERVICES:
        url = variables_in(credentials / f"{name}.env")["HANDOVER_BROKER_URL"]
        password = url.removeprefix(f"amqp://{name}:").partition("@")[0]
        salted = base64.b64decode(known[name])
        assert hashlib.sha256(salted[:4] + password.encode()).digest() == salted[4:]
        assert password not in json.dumps(content)


def test_the_broker_has_the_queues_that_the_services_ask_for(credentials: Path):
    content = json.loads((credentials / "definitions.json").read_text())

    assert content["queues"] == definitions(SERVICES)["queues"]
    assert {binding["destination"] for binding in content["bindings"]} >= set(SERVICES)


def test_every_service_enters_its_own_database_with_its_own_password(credentials: Path):
    own = {name: variables_in(credentials / f"{name}.env")["HANDOVER_DATABASE_URL"] for name in SERVICES}
    owners = {name: variables_in(credentials / f"{name}-owner.env")["HANDOVER_DATABASE_URL"] for name in SERVICES}
    told = variables_in(credentials / "databases.env")
    urls, owner_urls = (json.loads(told[name]) for name in ("HANDOVER_DATABASE_URLS", "HANDOVER_OWNER_URLS"))

    assert (urls, owner_urls) == (own, owners)
    known = passwords(urls, owner_urls)
    assert known.keys() == {f"handover_{name}" for name in SERVICES}
    assert len({word for words in known.values() for word in words}) == 2 * len(SERVICES)


def test_an_address_with_another_role_is_refused(credentials: Path):
    told = variables_in(credentials / "databases.env")
    urls, owner_urls = (json.loads(told[name]) for name in ("HANDOVER_DATABASE_URLS", "HANDOVER_OWNER_URLS"))

    with pytest.raises(RoleElsewhere, match="must be handover_sales_owner, not handover_sales"):
        passwords(urls, {**owner_urls, "sales": urls["sales"]})


def test_no_service_is_told_its_owner_s_password(credentials: Path):
    for name in SERVICES:
        owner = variables_in(credentials / f"{name}-owner.env")["HANDOVER_DATABASE_URL"]
        assert str(urlsplit(owner).password) not in (credentials / f"{name}.env").read_text()


def test_the_founding_trusts_the_keys_that_the_services_sign_with(credentials: Path):
    founding = Founding.model_validate(yaml.safe_load((credentials / "founding.yaml").read_text()))

    assert founding.at is None
    assert founding.sources.keys() == set(SERVICES)
    for name, public in founding.sources.items():
        key = load_pem_public_key(public.encode())
        assert isinstance(key, Ed25519PublicKey)
        assert fingerprint(key) == Signer.load(credentials / "keys" / f"{name}.pem").fingerprint


def test_people_sign_in_with_the_sample_s_password_until_somebody_says_otherwise(credentials: Path, tmp_path: Path):
    accounts = yaml.safe_load((credentials / "accounts.yaml").read_text())
    assert PasswordHasher().verify(accounts["E-001"], "handover-demo")

    (tmp_path / "accounts.yaml").write_text("E-001: another hash\n")
    make(tmp_path)

    assert yaml.safe_load((tmp_path / "accounts.yaml").read_text()) == {"E-001": "another hash"}
