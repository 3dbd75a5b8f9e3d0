"""Is a port chosen that is free, kept over restarts, and taken from the environment where that names one?"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.place import Place
from deploy.local.ports import LOOPBACK, PortTaken, choose_ports, is_free


@contextmanager
def listening(port: int = 0) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, port))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, tmp_path / "data", None)


def test_chosen_ports_are_free_and_differ(place: Place):
    ports = choose_ports(place, ["sales", "pmc", "broker"])

    assert len(set(ports.values())) == 3
    assert all(is_free(port) for port in ports.values())


def test_the_same_ports_are_chosen_again(place: Place):
    first = choose_ports(place, ["sales", "pmc"])

    assert choose_ports(place, ["sales", "pmc"]) == first


def test_a_remembered_port_that_was_taken_meanwhile_is_replaced(place: Place):
    first = choose_ports(place, ["sales"])

    with listening(first["sales"]):
        second = choose_ports(place, ["sales"])

    assert second["sales"] != first["sales"]


def test_the_environment_decides(place: Place, monkeypatch: pytest.MonkeyPatch):
    with listening() as port:
        pass
    monkeypatch.setenv("HANDOVER_PORT_SALES", str(port))

    assert choose_ports(place, ["sales"]) == {"sales": port}


def test_a_port_that_was_asked_for_but_is_taken_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch):
    with listening() as port:
        monkeypatch.setenv("HANDOVER_PORT_SALES", str(port))

        with pytest.raises(PortTaken, match=f"HANDOVER_PORT_SALES={port}"):
            choose_ports(place, ["sales"])
