"""How does a test make somebody answer with money? A record that proposes it, the finding, the notification, and a wage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from services.accountability.judge import compensation
from services.accountability.judge.compensation import Claim
from services.accountability.judge.verdicts import CompensationProposal, RecordProposal
from tests.accountability.court import AFTER, BOSS, HR, PERSON, Court, court, proposed

FAULT = {
    "fault": "gross_negligence",
    "what_happened": "明知叉车超载仍继续使用",
    "evidence_documents": ["INV-9"],
}
NOTIFIED_SO = {"notified_because": "叉车超载致货物损坏，重大过失", "paper_reference": "人事档案 2026-31"}
EFFECT = "2026-09-11 09:00"
"""Beyond the five working days in which an appeal is possible."""
OCTOBER, NOVEMBER = "2026-10-12 09:00", "2026-11-12 09:00"
WAGE = "7351.35"
"""No other figure here looks like it, nor like a fifth of it, which is 1470.27."""
FIFTH = "1470.27"


def worth(loss: str = "4000", *, ceiling: str = "9000", share: str = "100", of: str = "DBN-7") -> CompensationProposal:
    claim = Claim(
        of, Decimal(ceiling), Decimal(loss), Decimal(share), negligence_found=False, words="fact.contract_penalty"
    )
    made = compensation.propose([claim], {})
    assert made is not None
    return made


def owed(loss: str = "4000", **more: Any) -> RecordProposal:
    """A record that asks for money alone; what else is said is said of the record."""
    of_loss = {name: more.pop(name) for name in ("ceiling", "share", "of") if name in more}
    return proposed(sanction=None, compensation=worth(loss, **of_loss), **more)


async def find_fault(it: Court, by: str = BOSS, **said: Any) -> dict[str, Any]:
    return await it.office.do(by, "find_fault", **{"record_no": it.no, **FAULT, **said})


async def notify(it: Court, no: str) -> dict[str, Any]:
    return await it.office.do(HR, "notify_in_writing", no, **NOTIFIED_SO)


async def record_wage(it: Court, amount: str = WAGE, since: str = "2026-01", employee: str = PERSON) -> dict[str, Any]:
    said = {"employee": employee, "effective_month": since, "monthly_wage": amount}
    return await it.office.do(HR, "record_wage", **said)


async def answer_for(it: Court, **said: Any) -> str:
    """Everything that has to come first: found, issued, notified, and in effect. The compensation's number."""
    found = await find_fault(it, **said)
    await it.at(AFTER)
    await it.do(HR, "issue_record", reason="损失属实")
    await notify(it, found["no"])
    await it.at(EFFECT)
    return str(found["no"])


@asynccontextmanager
async def owing(proposal: RecordProposal | None = None) -> AsyncIterator[Court]:
    """The storekeeper answers for CNY 4,000 and earns so much that a fifth is taken each month from October on."""
    async with court(proposal or owed()) as it:
        await answer_for(it)
        await record_wage(it)
        yield it
