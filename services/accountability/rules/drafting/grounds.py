"""Which grounds does a form add to a clause, which does it leave out, and what of the clause follows from them?

On its form a ground keeps its number until the clause is written: `grounds.1.when` is of the second, `grounds.1.out` leaves it
out, and a number that the clause does not have yet is one to be added.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.accountability.rules.mistakes import Place
from services.accountability.rules.rulebook_fixed import mode_of, post_among

Body = dict[str, Any]
Grounds = Sequence[Mapping[str, Any]]


def grow(entry: Body, submitted: Mapping[str, str]) -> None:
    """A ground for each that the form has and the clause does not have yet."""
    while (shape := submitted.get(f"grounds.{len(entry.get('grounds', ()))}.shape")) is not None:
        entry.setdefault("grounds", []).append({"shape": shape})


def left_out(submitted: Mapping[str, str], number: int) -> bool:
    return submitted.get(f"grounds.{number}.out") == "true"


def kept(entry: Mapping[str, Any], submitted: Mapping[str, str]) -> list[int]:
    """The numbers of the grounds that stay."""
    return [number for number, _ in enumerate(entry.get("grounds", ())) if not left_out(submitted, number)]


def leave_out(entry: Body, submitted: Mapping[str, str]) -> None:
    stays = kept(entry, submitted)
    if len(stays) < len(entry.get("grounds", ())):
        entry["grounds"] = [entry["grounds"][number] for number in stays]


def become(entry: Body, submitted: Mapping[str, str], has: Mapping[str, Collection[str]]) -> None:
    """A ground that is to be of another kind keeps nothing that this kind does not have; by kind the fields it `has`."""
    for number, ground in enumerate(entry.get("grounds", ())):
        shape = submitted.get(f"grounds.{number}.shape")
        if shape is not None and shape != ground["shape"] and shape in has:
            ground["shape"] = shape
            for name in ground.keys() - {field.partition(".")[0] for field in has[shape]}:
                del ground[name]


def follow(entry: Body, before: Grounds, posts: Mapping[str, str | None], anew: Collection[str]) -> None:
    """What nobody typed `anew` goes with the grounds: how the clause is established, and who owes its handovers."""
    now = entry.get("grounds", ())
    if shapes(now) != shapes(before):
        follows = {
            "mode": None if (mode := mode_of(shapes(now))) == "auto" else mode,
            "only_as_first_cause": set(shapes(now)) == {"first_cause"} or None,
        }
        for name in follows.keys() - anew:
            _put(entry, name, follows[name])
    if "post" not in anew and links(now) != links(before):
        _put(entry, "post", post_among({posts[link] for link in links(now) & posts.keys()}) or entry.get("post"))


def shapes(grounds: Grounds) -> list[str]:
    return [ground.get("shape", "") for ground in grounds]


def links(grounds: Grounds) -> set[str]:
    return {link for ground in grounds for link in ground.get("links") or ()}


def numbered(place: Place, kept: Sequence[int]) -> Place:
    """A place in a clause as its form has it, where some grounds are left out."""
    if len(place) < 2 or place[0] != "grounds" or not isinstance(place[1], int) or place[1] >= len(kept):
        return place
    return "grounds", kept[place[1]], *place[2:]


def _put(entry: Body, name: str, value: Any) -> None:
    if value is None:
        entry.pop(name, None)
    else:
        entry[name] = value
