"""What a person said, and what was decided, holds for what comes after it in the same matter, under whatever number or clause."""

from dataclasses import replace
from typing import Any

import pytest

from services.accountability.judge.verdicts import Breach, RecordProposal, Withdrawal
from services.accountability.models import PenaltyRecord
from services.accountability.privacy.keeping import Sweep
from services.accountability.process import matters
from tests.accountability.court import AFTER, HR, PERSON, TUESDAY, Court, court, proposed
from tests.accountability.test_record_pages import opened, words
from tests.support.facts import local

LATER = "2026-09-14 09:00"
HEAVIER = proposed(key="PMC-03/E-060/SO-1", clause="PMC-03", absorbed=("WHS-03",))


def fallen(record: RecordProposal) -> Withdrawal:
    """What the judge says when later evidence takes its ground away."""
    because: dict[str, Any] = {"because_zh": "异常已裁定", "because_en": "an exception was decided", "evidence": ()}
    shared = ("key", "revision", "clause", "order_no", "ground_zh", "ground_en")
    said: dict[str, Any] = {name: getattr(record, name) for name in shared}
    return Withdrawal(**said, person=record.person.employee, **because)


async def heard(it: Court, how: str) -> None:
    if how in ("stated", "dropped"):
        await it.do(PERSON, "state_case", statement="送检单没有送到")
    if how == "dropped":
        await it.at(AFTER)
        await it.do(HR, "drop_record", reason="属实")


@pytest.mark.parametrize("after", [replace(proposed(), revision=2), HEAVIER], ids=["comes_back", "takes_it_in"])
@pytest.mark.parametrize(("how", "comes"), [("stated", "await_hr"), ("dropped", "await_hr"), ("", "issued")])
async def test_what_comes_after_a_record_that_was_heard_is_decided_by_hr(
    after: RecordProposal, how: str, comes: str
) -> None:
    async with court() as it:
        first = it.no
        await heard(it, how)

        await it.hear([fallen(proposed()), after])
        await it.at(LATER)

        record = await it.record()
        assert comes in (record["next_step"], record["status"])
        assert it.no != first
        if how:
            shown = await words(it, language="en")
            assert "On an earlier record of the same matter the person had spoken or somebody had decided" in shown
            assert f"Before it, in the same matter: {first}." in shown


async def test_another_matter_in_the_same_order_issues_by_itself() -> None:
    async with court() as it:
        await heard(it, "dropped")

        await it.hear([proposed(key="PUR-01/E-060/SO-1", clause="PUR-01", breaches=breaches("arrival:MRL-1/1"))])
        await it.at(LATER)

        assert (await it.record())["status"] == "issued"


def breaches(about: str, **facts: Any) -> tuple[Breach, ...]:
    return (Breach(about, None, local(TUESDAY), facts),)


def a_record(key: str, about: str, **said: Any) -> PenaltyRecord:
    facts = {"breaches": [{"about": about, "facts": said.pop("of", {})}], "absorbed": [], **said.pop("facts", {})}
    clause, _, order_no, *_ = key.split("/")
    known = {"order_no": order_no or None, "status": "withdrawn", "breaches": [about], "facts": facts, **said}
    return PenaltyRecord(key=key, clause=clause, **known)


FOUND = a_record("GEN-04/E//findings:FND-1", "findings:FND-1")
OF_ITEMS = a_record("GEN-04/E//findings:FND-1#1", "findings:FND-1#1")
OF_TWO = {"complaint_no": "C-9", "complaints": ["C-9", "C-1"]}
TWICE = {"facts": {"complaint_no": "C-1"}}


@pytest.mark.parametrize(
    ("earlier", "later", "same"),
    [
        (a_record("QUA-01/E/SO-1", "attributions:ATT-1"), a_record("QUA-01/E/SO-1", "attributions:ATT-2"), True),
        (a_record("PMC-03/E/SO-1", "a", facts={"absorbed": ["PMC-01"]}), a_record("PMC-01/E/SO-1", "b"), True),
        (a_record("PMC-01/E/SO-1", "a"), a_record("PMC-03/E/SO-1", "b", facts={"absorbed": ["PMC-01"]}), True),
        (a_record("PMC-01/E/SO-2", "a"), a_record("PMC-03/E/SO-1", "b", facts={"absorbed": ["PMC-01"]}), False),
        (a_record("PRD-03/E/SO-1", "a", **TWICE), a_record("PRD-02/E/SO-1", "b", **TWICE), True),
        (a_record("PRD-03/E/SO-1", "a", facts=OF_TWO), a_record("PRD-02/E/SO-1", "b", **TWICE), True),
        (a_record("PRD-03/E/SO-1", "a", **TWICE, status="issued"), a_record("GEN-04/E/SO-1", "b", **TWICE), False),
        (FOUND, a_record("GEN-04/E//findings:FND-2", "findings:FND-2"), False),
        (FOUND, a_record("GEN-04/E//findings:FND-2", "findings:FND-2", of={"corrects": "FND-1"}), True),
        (FOUND, a_record("GEN-04/E/SO-1", "findings:FND-2", of={"corrects": "FND-1"}), True),
        (OF_ITEMS, a_record("GEN-04/E//findings:FND-2#1", "findings:FND-2#1", of={"corrects": "FND-1"}), True),
    ],
)
def test_records_of_one_matter(earlier: PenaltyRecord, later: PenaltyRecord, same: bool) -> None:
    assert matters.of_one_matter(later, earlier) is same


async def test_what_was_said_on_an_earlier_record_stands_before_whoever_decides_on_the_later_one() -> None:
    async with court() as it:
        first = it.no
        await it.do(PERSON, "state_case", statement="送检单没有送到。", references=["ARV-7"])
        await it.hear([replace(proposed(), revision=2, replaces=1)])
        later = it.no
        assert (await it.record())["statements"] == []
        await it.do(PERSON, "state_case", statement="时限也算错了。")
        await it.at(LATER)

        browser = await opened(it, HR, "en")
        for path in (f"/records/{later}", f"/records/{later}/print"):
            shown = (await browser.get(path)).words
            assert f"made on {first}" in shown
            assert shown.index("送检单没有送到。") < shown.index("时限也算错了。")
            assert "ARV-7" in shown
        for command in ("issue-record", "drop-record"):
            form = (await browser.get(f"/commands/{command}/{later}")).words
            assert f"Statement on {first} (2026-09-01 09:00)" in form
            assert {"送检单没有送到。", "ARV-7", "时限也算错了。"} <= {word for word in SAID if word in form}
        assert "对 " + first + " 作出" in await words(it, PERSON, "zh")


SAID = ("送检单没有送到。", "ARV-7", "时限也算错了。")


async def test_who_said_nothing_more_is_not_said_to_have_said_nothing() -> None:
    async with court() as it:
        await heard(it, "stated")
        await it.hear([replace(proposed(), revision=2, replaces=1)])

        shown = await words(it, HR, "en")
        assert "No further statement was made on this record." in shown
        assert "No statement was made." not in shown


async def test_what_was_said_on_a_sealed_record_is_its_persons_alone() -> None:
    async with court() as it:
        await heard(it, "stated")
        await it.hear([fallen(proposed())])
        await it.office.wait_until(local("2028-01-10 09:00"))
        await Sweep(it.office.engine).once()
        await it.hear([replace(proposed(), revision=2)])

        form = (await (await opened(it, HR, "en")).get(f"/commands/drop-record/{it.no}")).words
        assert "送检单没有送到" not in form
        assert "送检单没有送到" not in await words(it, HR)
