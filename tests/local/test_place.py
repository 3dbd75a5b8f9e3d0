"""Does an installation keep its data where its account can reach it, and its secrets to itself?"""

import os
import stat
from pathlib import Path

import pytest

from deploy.local.keys import make_signing_keys
from deploy.local.place import Place, place_at, reachable_by_others, read_json, remembered, roots_data_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's data has to lie elsewhere")


def a_place(folder: Path) -> Place:
    return Place(folder, folder / "data", None)


@as_root
def test_roots_data_lies_outside_roots_home(tmp_path: Path):
    place = place_at(tmp_path / ".handover")

    assert place.data.parent == Path("/var/lib/handover")
    assert place.account is not None
    assert place.account.uid != 0


def test_two_clones_of_the_project_do_not_share_data():
    assert roots_data_folder(Path("/srv/a/handover/.handover")) != roots_data_folder(Path("/srv/b/handover/.handover"))


def test_a_password_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    place = a_place(tmp_path)

    first = remembered(place, "database sales")

    assert remembered(place, "database sales") == first
    assert remembered(place, "database pmc") != first
    assert len(first) >= 32
    assert stat.S_IMODE((place.data / "secrets.json").stat().st_mode) == 0o600


def test_each_service_gets_a_signing_key_of_its_own_once(tmp_path: Path):
    place = a_place(tmp_path)

    make_signing_keys(place, ["sales"])
    first = read_json(place.keys / "trusted.json")
    make_signing_keys(place, ["sales", "pmc"])
    both = read_json(place.keys / "trusted.json")

    assert both["sales"] == first["sales"] != both["pmc"]
    assert stat.S_IMODE((place.keys / "pmc.pem").stat().st_mode) == 0o600


def test_a_closed_folder_on_the_way_makes_a_path_unreachable_for_others(tmp_path: Path):
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)

    assert not reachable_by_others(closed / "inner")
    assert reachable_by_others(Path("/usr/bin"))
