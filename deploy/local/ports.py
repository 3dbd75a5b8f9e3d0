"""Which port does each part listen on? A free one, remembered, unless the environment names it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from zlib import crc32

from deploy.local.place import Place, read_json, write_json

LOOPBACK = "127.0.0.1"
FIRST, LAST = 20_000, 32_000  # below the range from which Linux takes the ports of outgoing connections


class PortTaken(Exception):
    """A port that was asked for belongs to another program."""


def is_free(port: int, host: str = LOOPBACK) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose_ports(place: Place, names: Iterable[str]) -> dict[str, int]:
    """One port per name: the one set in HANDOVER_PORT_<NAME>, else last time's, else the next free one."""
    file = place.home / "ports.json"
    known: dict[str, int] = read_json(file)
    names = list(names)
    chosen = {name: port for name in names if (port := _wanted(name) or _still_free(known, name))}
    others = {*known.values(), *chosen.values()}
    fresh = (port for port in _candidates(str(place.home)) if port not in others and is_free(port))
    for name in names:
        if name not in chosen:
            chosen[name] = next(fresh)
    write_json(file, {**known, **chosen})
    return chosen


def _wanted(name: str) -> int | None:
    variable = f"HANDOVER_PORT_{name.upper()}"
    if not os.environ.get(variable):
        return None
    port = int(os.environ[variable])
    if not is_free(port):
        raise PortTaken(f"{variable}={port}: another program listens there. Choose another port or stop that program.")
    return port


def _still_free(known: dict[str, int], name: str) -> int | None:
    port = known.get(name)
    return port if port and is_free(port) else None


def _candidates(place: str) -> Iterator[int]:
    """Every port of our range once, from a start of the installation's own, so that two seldom want the same."""
    size = LAST - FIRST
    start = crc32(place.encode()) % size
    return (FIRST + (start + step) % size for step in range(size))
