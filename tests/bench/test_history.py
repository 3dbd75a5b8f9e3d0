"""The bench's history is one of real facts: of the contracts, in their sources' order, of orders that begin and end."""

from itertools import islice

import orjson

from contracts.catalogue import ALL_EVENTS
from contracts.event import decode
from services.accountability.judge.evidence import Entry
from services.accountability.what_if.replaying import Replay
from services.accountability.what_if.supposing import Supposition
from tests.bench.history import History, Told


def some_weeks(weeks: int) -> list[Told]:
    history = History(orders_a_week=25)
    facts = history.beginning({"sales": ("a key in PEM", "f" * 64)})
    return facts + [told for day in islice(history.days(), 7 * weeks) for told in day]


def test_every_fact_is_one_of_the_contracts_and_says_itself_what_the_ledger_says_about_it() -> None:
    last: dict[str, int] = {}
    ids = set()
    for told in some_weeks(2):
        envelope = decode(told.body)
        ALL_EVENTS[told.type].model_validate(envelope.data)
        assert (envelope.source, envelope.type, envelope.subject) == (told.source, told.type, told.subject)
        assert (envelope.sequence, envelope.time) == (told.sequence, told.recorded_at)
        assert told.sequence == last.get(told.source, 0) + 1
        last[told.source] = told.sequence
        ids.add(envelope.id)
    assert len(ids) == sum(last.values())


def test_its_orders_end_some_of_them_in_trouble_and_leave_the_memory() -> None:
    replay, facts = Replay(Supposition()), some_weeks(9)
    entries = [
        Entry(number, told.recorded_at, orjson.loads(told.body), "00" * 32) for number, told in enumerate(facts, 1)
    ]
    replay.take(sorted(entries, key=lambda one: (one.admitted, one.fact["source"], one.fact["sequence"])))
    replay.cabinet.put_away(replay.state)

    orders = {told.subject for told in facts} - {None}
    assert not replay.state.held
    assert len(orders) == 9 * 25
    assert len(replay.state.cases) < len(orders) * 0.7
    assert {found.clause for found in replay.found.values()} >= {"TML-01", "WHS-03"}
