"""Does what PMC has on record bear an attribution out: whose work was it, and who let the goods pass?

What contradicts the record is refused. What PMC knows nothing of, goods inspected before it kept count or a word of Quality
that is still on its way, is for the judge, who suspects at most.
"""

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.language import Label
from contracts.event import EmployeeId
from contracts.quality import Inspection
from services.pmc.attribution_refusals import (
    InspectorMissing,
    LeaderMissing,
    NotTheirWork,
    OperationMissing,
    PassedByAnother,
)
from services.pmc.models import Operation, Pass

NOBODY = Label("无", "nobody")


async def remember_pass(session: AsyncSession, event: Inspection) -> None:
    """An inspector let goods of an order line, or a lot of material, pass."""
    if event.passed:
        said = event.model_dump(include={"inspection_no", "order_no", "lot", "line_no", "inspected_by"})
        await session.merge(Pass(**{"line_no": None, **said}))


def whose_work(
    no: str, steps: Sequence[Operation], step: Operation | None, person: EmployeeId | None
) -> Operation | None:
    """The operation whose team a rework falls on: the one named, else the only one of these that it can be.

    Raises NotTheirWork, OperationMissing, LeaderMissing.
    """
    possible = [step] if step else steps
    theirs = [each for each in possible if person is None or person in each.leaders]
    if person is not None and not theirs:
        leaders = sorted({leader for each in possible for leader in each.leaders})
        raise NotTheirWork(person=person, leaders=leaders or NOBODY)
    if len(theirs) > 1:
        raise OperationMissing(no=no, operations=[f"{each.no} {each.step}" for each in theirs])
    found = next(iter(theirs), None)
    if found is not None and person is None and len(found.leaders) > 1:
        raise LeaderMissing(operation=found.no, leaders=found.leaders)
    return found


def who_missed_it(passed: Collection[EmployeeId], inspector: EmployeeId | None) -> EmployeeId | None:
    """The inspector named, else the only one who let the goods pass; raises InspectorMissing, PassedByAnother."""
    if inspector is None and len(passed) > 1:
        raise InspectorMissing(passed=sorted(passed))
    if inspector is not None and passed and inspector not in passed:
        raise PassedByAnother(inspector=inspector, passed=sorted(passed))
    return inspector or next(iter(passed), None)
