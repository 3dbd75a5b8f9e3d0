"""Does somebody see, on every page of their own department, what they have to know of a record in their name?"""

import re
from datetime import timedelta
from decimal import Decimal

from chassis.notifications import forget_notifications
from contracts.accountability import (
    AppealDecided,
    AppealOutcome,
    CompensationFound,
    CompensationNotified,
    CompensationPlanned,
    CompensationWithdrawn,
    Fault,
    ObjectionDecided,
    Period,
    PeriodLengthened,
    RecordIssued,
    RecordLapsed,
    RecordNotified,
    RecordWithdrawn,
)
from tests.sales.conftest import SELLER
from tests.support.departments import MORNING, Department
from tests.ui.conftest import Opener, Page

RECORD = "PEN-20260901-0001"
UNTIL = MORNING + timedelta(days=2)
NOTIFIED = RecordNotified(record_no=RECORD, person=SELLER, statement_until=UNTIL)
ISSUED = RecordIssued(record_no=RECORD, person=SELLER, issued_by="system", appeal_until=MORNING + timedelta(days=9))
DECIDED = AppealDecided(
    record_no=RECORD, person=SELLER, outcome=AppealOutcome.UPHOLD, reason="照片显示通道已堵。", decided_by="E-071"
)
WITHDRAWN = RecordWithdrawn(record_no=RECORD, person=SELLER, reason="归属已更正。", evidence=())


def told(page: Page) -> list[str]:
    """The notifications on a page."""
    found = re.findall(r'<p class="notice .*?</p>', page.html, flags=re.DOTALL)
    return ["".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


async def test_the_person_of_a_record_is_told_on_every_page_until_when_they_may_answer(
    sales: Department, open_as: Opener
):
    await sales.hear(NOTIFIED)

    seller = await open_as(SELLER)
    for path in ("/", "/orders", "/commands/submit-contract"):
        (notice,) = told(await seller.get(path))
        assert notice == f"处罚单{RECORD}:已通知您。您可以申辩,到09-03周四09:00。请到责任中心查看。"
    await sales.hear(ISSUED)
    (notice,) = told(await seller.get("/"))
    assert notice == f"处罚单{RECORD}:已发出。您可以申诉,到09-10周四09:00。请到责任中心查看。"


async def test_the_person_is_told_that_an_outage_made_their_time_longer(sales: Department, open_as: Opener):
    said = {"record_no": RECORD, "person": SELLER, "until_before": UNTIL, "until": UNTIL + timedelta(days=1)}
    times = {"outage_started_at": MORNING, "outage_ended_at": MORNING + timedelta(days=1)}
    await sales.hear(NOTIFIED)
    await sales.hear(PeriodLengthened(**said, **times, period=Period.STATEMENT))

    (notice,) = told(await (await open_as(SELLER)).get("/"))

    assert notice == f"处罚单{RECORD}:因系统中断,期限已顺延。您还可以答复,到09-04周五09:00。请到责任中心查看。"


async def test_nobody_else_is_told(sales: Department, open_as: Opener):
    await sales.hear(NOTIFIED)
    await sales.hear(NOTIFIED.model_copy(update={"record_no": "PEN-20260901-0002", "person": "E-060"}))

    assert told(await (await open_as("E-003")).get("/")) == []
    assert len(told(await (await open_as(SELLER)).get("/"))) == 1


async def test_a_notice_goes_when_its_time_is_over(sales: Department, open_as: Opener):
    await sales.hear(NOTIFIED)
    seller = await open_as(SELLER)
    await sales.wait_until(MORNING + timedelta(days=2, seconds=1))

    assert told(await seller.get("/")) == []


async def test_a_department_forgets_in_time_that_there_was_a_record(sales: Department, open_as: Opener):
    await sales.hear(NOTIFIED)
    await sales.hear(ISSUED.model_copy(update={"record_no": "PEN-20260901-0002"}))
    await sales.wait_until(UNTIL + timedelta(days=30))
    await forget_notifications(sales.engine)
    assert await known(sales) == {RECORD, "PEN-20260901-0002"}

    await sales.wait_until(UNTIL + timedelta(days=30, seconds=1))
    await forget_notifications(sales.engine)

    assert await known(sales) == {"PEN-20260901-0002"}


async def known(sales: Department) -> set[str]:
    async with sales.engine.connect() as connection:
        return set((await connection.exec_driver_sql("SELECT record_no FROM notifications")).scalars())


async def test_the_latest_word_counts_whatever_arrives_first(sales: Department, open_as: Opener):
    await sales.wait_until(MORNING + timedelta(hours=1))
    await sales.hear(DECIDED)
    sales.now = MORNING
    await sales.hear(NOTIFIED)

    (notice,) = told(await (await open_as(SELLER)).get("/"))
    assert "您的申诉已有决定" in notice


async def test_who_was_told_of_a_record_hears_that_it_fell_and_who_was_not_does_not(sales: Department, open_as: Opener):
    seller = await open_as(SELLER)
    await sales.hear(WITHDRAWN.model_copy(update={"record_no": "PEN-20260901-0009", "person_was_told": False}))
    await sales.hear(NOTIFIED)
    await sales.wait_until(MORNING + timedelta(hours=1))
    await sales.hear(WITHDRAWN)

    (notice,) = told(await seller.get("/"))
    assert RECORD in notice
    assert "已撤销" in notice


async def test_who_is_warned_once_more_hears_that_it_may_become_heavier_and_that_it_fell_back(
    sales: Department, open_as: Opener
):
    seller, colleague = await open_as(SELLER), await open_as("E-003")
    await sales.hear(NOTIFIED.model_copy(update={"nth_warning": 2, "warned_before": ("PEN-20260801-0001",)}))
    (notice,) = told(await seller.get("/"))
    assert "连同此前的警告,可能升级为小过。您可以申辩,到09-03周四09:00。" in notice

    await sales.wait_until(MORNING + timedelta(hours=1))
    await sales.hear(WITHDRAWN.model_copy(update={"record_no": "PEN-20260801-0001", "falls_back": RECORD}))
    await sales.wait_until(MORNING + timedelta(hours=2))

    notices = told(await seller.get("/"))
    assert any(notice.startswith(f"处罚单{RECORD}:升级所计入的一份不再成立,已退回警告。") for notice in notices)
    assert any(notice.startswith("处罚单PEN-20260801-0001:已撤销。") for notice in notices)
    assert told(await colleague.get("/")) == []


OF = {"compensation_no": "CMP-20260901-0001", "record_no": RECORD, "person": SELLER}
FOUND = CompensationFound(
    **OF,
    clause="C-1",
    fault=Fault.GROSS_NEGLIGENCE,
    what_happened="明知超载",
    evidence_documents=("INV-9",),
    share_percent=Decimal(100),
    amount=Decimal("4321.09"),
    computation="min(4321.09)",
    found_by="E-071",
    found_as="general_manager",
)
IN_WRITING = CompensationNotified(
    **OF, amount=Decimal("4321.09"), reason="重大过失", paper_reference="档案 31", notified_by="E-072"
)
OPEN = IN_WRITING.model_copy(update={"objection_until": MORNING + timedelta(days=7, minutes=1)})
OBJECTED = ObjectionDecided(
    **OF, outcome=AppealOutcome.UPHOLD, amount_after=Decimal("4321.09"), reason="称重单不符", decided_by="E-071"
)
PLANNED = CompensationPlanned(**OF, first_month="2026-10")
LEFT = PLANNED.model_copy(update={"objection_outcome": AppealOutcome.UPHOLD})
TAKEN_BACK = CompensationWithdrawn(**OF, reason="证据有误", withdrawn_by="E-071")


async def test_who_answers_with_money_is_told_of_every_step_beside_the_record_and_no_amount_is_kept(
    sales: Department, open_as: Opener
):
    seller, colleague = await open_as(SELLER), await open_as("E-003")
    await sales.hear(NOTIFIED)
    steps = (
        (FOUND, "已认定由您赔偿"),
        (IN_WRITING, "已书面通知您。金额的计算见单据。"),
        (OPEN, "已书面通知您,金额的计算见单据。您可以提出异议,到09-08周二09:01。"),
        (OBJECTED, "您的异议已有决定。"),
        (PLANNED, "分期计划已定,见其处罚单;只有您和人事看得到。"),
        (LEFT, "您的异议已有决定,分期计划已定,"),
        (TAKEN_BACK, "已撤回。"),
    )
    for hour, (fact, words) in enumerate(steps, start=1):
        await sales.wait_until(MORNING + timedelta(hours=hour))
        await sales.hear(fact)
        page = await seller.get("/orders")
        record, money = told(page)
        assert record.startswith(f"处罚单{RECORD}:已通知您")
        assert money.startswith(f"赔偿CMP-20260901-0001:{words}")
        assert "4321" not in page.html.replace(",", "")
        assert told(await colleague.get("/orders")) == []


async def test_that_a_record_fell_is_told_however_long_ago_its_person_heard_of_it(sales: Department, open_as: Opener):
    await sales.hear(NOTIFIED)
    await sales.wait_until(MORNING + timedelta(days=300))
    await forget_notifications(sales.engine)
    await sales.hear(WITHDRAWN)

    (notice,) = told(await (await open_as(SELLER)).get("/"))
    assert "已撤销" in notice


async def test_of_what_lapses_only_that_is_news_which_came_when_its_term_was_over(sales: Department, open_as: Opener):
    await sales.hear(RecordLapsed(record_no=RECORD, person=SELLER))
    seller = await open_as(SELLER)
    assert told(await seller.get("/")) == []

    await sales.hear(RecordLapsed(record_no="PEN-20261201-0001", person=SELLER, term_from=RECORD))

    (notice,) = told(await seller.get("/"))
    assert "PEN-20261201-0001" in notice
    assert "本单同样已失效,不再计入。您无须答复" in notice
