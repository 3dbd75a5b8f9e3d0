"""A change to a released package is a new revision, and everybody who used the old one hears of it."""

from contracts.engineering import PackageReleased
from tests.engineering.conftest import ENGINEER, ROUTE, cancellation, released, shelf
from tests.support.departments import Department


async def test_a_revision_leaves_the_one_in_force_alone_until_it_is_released(engineering: Department) -> None:
    no = await released(engineering)
    draft = await engineering.do(ENGINEER, "revise_package", no, change="改用 1.5 mm 板", route=ROUTE[:1])

    assert (draft["no"], draft["package_no"], draft["revision"], draft["status"]) == (f"{no}-R2", no, 2, "draft")
    old = (await shelf(engineering, "packages", status="released"))[0]
    assert (old["no"], len(old["route"])) == (no, 2)


async def test_releasing_a_revision_tells_what_changed_and_supersedes_the_old_one(engineering: Department) -> None:
    no = await released(engineering)
    await engineering.do(ENGINEER, "revise_package", no, change="改用 1.5 mm 板", route=ROUTE[:1])
    await engineering.do(ENGINEER, "release_package", f"{no}-R2")

    first, second = await engineering.facts(PackageReleased.name)
    assert isinstance(first, PackageReleased)
    assert isinstance(second, PackageReleased)
    assert (second.package_no, second.revision, second.change) == (no, 2, "改用 1.5 mm 板")
    assert (len(first.route), len(second.route), second.bom) == (2, 1, first.bom)
    assert second.closes == ()
    assert {p["no"]: p["status"] for p in await shelf(engineering, "packages")} == {
        no: "superseded",
        f"{no}-R2": "released",
    }


async def test_only_the_revision_in_force_is_revised(engineering: Department) -> None:
    no = await released(engineering)
    await engineering.do(ENGINEER, "revise_package", no, change="甲")

    assert await engineering.refused(ENGINEER, "revise_package", no, change="乙") == "revision_underway"
    await engineering.do(ENGINEER, "release_package", f"{no}-R2")
    assert await engineering.refused(ENGINEER, "revise_package", no, change="乙") == "package_not_released"


async def test_a_revision_says_what_changes(engineering: Department) -> None:
    no = await released(engineering)

    assert await engineering.refused(ENGINEER, "revise_package", no, change="  ") == "invalid_input"


async def test_nothing_is_revised_for_a_cancelled_order(engineering: Department) -> None:
    no = await released(engineering)
    await engineering.hear(cancellation())

    assert await engineering.refused(ENGINEER, "revise_package", no, change="甲") == "order_cancelled"
