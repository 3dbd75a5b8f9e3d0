"""A worker's training is written down by somebody else, before the worker is on a report; a wrong record is withdrawn."""

from datetime import timedelta

import pytest

from contracts.pmc import OperationFinished, TrainingRecorded, TrainingWithdrawn
from tests.pmc.conftest import DIRECTOR, LEADER, MANAGER, PLANNER, WORKER, one, reported, supplied
from tests.support.departments import MORNING, Department

pytestmark = pytest.mark.asyncio
LESSON = {"worker": WORKER, "subject": "折弯机作业与安全", "trained_on": "2026-08-28"}


async def untrained(pmc: Department) -> tuple[str, ...]:
    """Who worked without training, by the first report."""
    fact = (await pmc.facts(OperationFinished.name))[0]
    assert isinstance(fact, OperationFinished)
    return fact.untrained


async def test_a_training_is_stated_with_its_worker_and_day(pmc: Department) -> None:
    await pmc.employ(worker=WORKER)
    document = await pmc.do(DIRECTOR, "record_training", **LESSON)

    (fact,) = await pmc.facts(TrainingRecorded.name)
    assert isinstance(fact, TrainingRecorded)
    assert (fact.training_no, fact.worker, fact.recorded_by) == (document["no"], WORKER, DIRECTOR)
    assert (str(fact.trained_on), fact.order_no) == ("2026-08-28", None)


async def test_a_report_says_who_of_its_workers_was_not_trained(pmc: Department) -> None:
    await pmc.employ(worker=WORKER)
    no = await supplied(pmc)
    await pmc.do(MANAGER, "record_training", **LESSON)

    await reported(pmc, no, 10, workers=[WORKER, "E-036", "E-036"])

    assert await untrained(pmc) == ("E-036",)


async def test_a_training_that_was_withdrawn_does_not_count(pmc: Department) -> None:
    await pmc.employ(worker=WORKER)
    no = await supplied(pmc)
    document = await pmc.do(DIRECTOR, "record_training", **LESSON)

    await pmc.do(MANAGER, "withdraw_training", document["no"], reason="名单写错")
    await reported(pmc, no, 10)

    (fact,) = await pmc.facts(TrainingWithdrawn.name)
    assert isinstance(fact, TrainingWithdrawn)
    assert (fact.training_no, fact.worker, fact.withdrawn_by) == (document["no"], WORKER, MANAGER)
    assert (await one(pmc, "trainings", document["no"]))["status"] == "withdrawn"
    assert await untrained(pmc) == (WORKER,)
    assert await pmc.refused(MANAGER, "withdraw_training", document["no"], reason="再来") == "wrong_status"


@pytest.mark.parametrize(
    ("by", "changes", "code"),
    [
        (DIRECTOR, {"worker": "E-404"}, "unknown_employee"),
        (DIRECTOR, {"worker": DIRECTOR}, "trains_themself"),
        (DIRECTOR, {"trained_on": (MORNING + timedelta(days=1)).date().isoformat()}, "training_ahead"),
        (DIRECTOR, {"subject": " "}, "invalid_input"),
        (LEADER, {}, "post_not_held"),
        (PLANNER, {}, "post_not_held"),
    ],
)
async def test_a_training_is_recorded_by_another_of_somebody_known_once_it_was_given(
    pmc: Department, by: str, changes: dict[str, str], code: str
) -> None:
    await pmc.employ(worker=WORKER)

    assert await pmc.refused(by, "record_training", **{**LESSON, **changes}) == code
    assert await pmc.facts(TrainingRecorded.name) == []
