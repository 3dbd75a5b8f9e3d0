"""Is the sample factory believable and whole?"""

import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.words import DEPARTMENTS, POSTS
from deploy.local.player.timeline import load_stories
from deploy.local.sample.files import MistakeInFile
from deploy.local.sample.load import SAMPLE, load_sample
from deploy.local.sample.models import Product
from deploy.local.sample.worktime import FACTORY

FACTORY_SAMPLE = load_sample()
FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)
PRODUCTS = list(FACTORY_SAMPLE.products.values())
POWER_WORKS = {"cabinet_fabrication_drawing", "schematic", "wiring_diagram", "terminal_layout", "material_list"}
MANAGERS = {
    "sales_manager",
    "engineering_manager",
    "pmc_manager",
    "purchasing_manager",
    "quality_manager",
    "warehouse_manager",
}


def working_moments() -> list[datetime]:
    """Noon and afternoon of every working day of the two months."""
    days = [FIRST + timedelta(days=step) for step in range((LAST - FIRST).days + 1)]
    calendar = FACTORY_SAMPLE.calendar
    return [datetime(d.year, d.month, d.day, 9, tzinfo=FACTORY) for d in days if calendar.works_on(d)]


def test_there_are_three_cabinets_and_a_dust_collector_four_customers_and_six_suppliers():
    assert sorted(FACTORY_SAMPLE.products) == ["P-DMC96", "P-GGD", "P-MNS", "P-XL21"]
    assert len(FACTORY_SAMPLE.customers) == 4
    assert len(FACTORY_SAMPLE.suppliers) == 6


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_a_bill_of_material_has_20_to_30_lines_in_two_levels(product: Product):
    bom = FACTORY_SAMPLE.bom(product)
    assemblies = {item.item_code for item in bom if not item.purchased}

    assert 20 <= len(bom) <= 30
    assert len(assemblies) >= 3
    assert all(item.parent is None for item in bom if not item.purchased)
    assert all(item.parent in assemblies for item in bom if item.purchased)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_a_route_has_5_to_8_operations_each_after_an_earlier_one(product: Product):
    route = FACTORY_SAMPLE.route(product)

    assert 5 <= len(route) <= 8
    assert [operation.op_no for operation in route if operation.predecessor is None] == [route[0].op_no]
    numbers = [operation.op_no for operation in route]
    assert all(numbers.index(each.predecessor) < numbers.index(each.op_no) for each in route if each.predecessor)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_the_power_works_want_five_documents_more(product: Product):
    documents = set(FACTORY_SAMPLE.documents(product))

    assert {"bom", "drawing", "process_route", "inspection_standard"} <= documents
    assert documents >= POWER_WORKS or not (documents & POWER_WORKS or product.code != "P-DMC96")


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_an_order_buys_one_to_four_items_and_three_approved_suppliers_can_quote_each(product: Product):
    bought = FACTORY_SAMPLE.short(product)

    assert 1 <= len(bought) <= 4
    assert all(len(FACTORY_SAMPLE.approved(item.code, LAST)) >= 3 for item in bought)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_a_product_costs_less_than_its_price(product: Product):
    material = sum(line.quantity * FACTORY_SAMPLE.items[line.item].unit_cost for line in product.bom)

    assert product.unit_price * Decimal("0.3") < material < product.unit_price * Decimal("0.85")


def test_every_material_has_an_approved_supplier_a_cost_and_a_lead_time():
    for item in FACTORY_SAMPLE.items.values():
        if not item.made_here:
            assert FACTORY_SAMPLE.approved(item.code, LAST), f"nobody may deliver {item.code}"
            assert item.unit_cost > 0
            assert item.lead_time_days > 0


def test_the_stock_covers_what_is_not_bought_for_all_the_stories_orders():
    needed: dict[str, Decimal] = {}
    for story in load_stories():
        product = FACTORY_SAMPLE.products.get(story.product or "")
        for line in product.bom if product else ():
            item = FACTORY_SAMPLE.items[line.item]
            wanted = line.quantity * (story.quantity or 0) * (1 + item.waste_allowance_percent / 100)
            needed[item.code] = needed.get(item.code, Decimal(0)) + wanted

    assert needed
    assert all(FACTORY_SAMPLE.stock[code].quantity >= wanted for code, wanted in needed.items() if stocked(code))


def stocked(code: str) -> bool:
    return code in FACTORY_SAMPLE.stock


def test_departments_and_posts_are_those_of_the_vocabulary():
    people = FACTORY_SAMPLE.people

    assert {department.code for department in people.departments} == set(DEPARTMENTS)
    assert {post.code for post in people.posts} == set(POSTS) - {"system"}


def test_every_post_is_held_at_every_working_hour_and_a_sole_one_by_one_person():
    for moment in working_moments():
        for post in FACTORY_SAMPLE.people.posts:
            holders = FACTORY_SAMPLE.people.holders(post.code, moment)
            assert holders, f"nobody holds {post.code} on {moment}"
            assert len(holders) == 1 or not post.sole


def test_the_merchandiser_acts_as_planner_and_the_workshop_director_as_inspector():
    departments = {person.nickname: person.department for person in FACTORY_SAMPLE.people.employees}
    acting = {(each.post, departments[each.who]) for each in FACTORY_SAMPLE.people.holdings if each.acting}

    assert acting == {("planner", "sales"), ("inspector", "pmc")}


def test_a_post_changes_hands_for_good_inside_the_two_months():
    storekeepers = {FACTORY_SAMPLE.people.holders("storekeeper", moment)[0].id for moment in working_moments()}

    assert len(storekeepers) == 2


def test_there_are_three_team_leaders_and_eight_workers():
    moment = working_moments()[0]

    assert len(FACTORY_SAMPLE.people.holders("team_leader", moment)) == 3
    assert len(FACTORY_SAMPLE.people.holders("worker", moment)) == 8


def test_people_are_known_by_id_and_a_two_character_nickname_only():
    for person in FACTORY_SAMPLE.people.employees:
        assert len(person.nickname) == 2
        assert person.nickname[0] in "小老阿大"


def test_people_sign_in_where_they_hold_a_post_and_workers_nowhere():
    logins = {each.code: set(FACTORY_SAMPLE.people.logins(each.code)) for each in FACTORY_SAMPLE.people.departments}
    nicknames = {code: {person.nickname for person in people} for code, people in logins.items()}

    assert all(nicknames.values())
    assert "阿珍" in nicknames["sales"]
    assert "阿珍" in nicknames["pmc"]
    assert "老胡" in nicknames["quality"]
    assert not any("大勇" in names for names in nicknames.values())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sample's files that a test may spoil."""
    for file in SAMPLE.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "before", "after", "says"),
    [
        ("people.yaml", "who: 小吴, since", "who: 小伍, since", "there is no employee nicknamed 小伍"),
        ("people.yaml", ", until: 2026-09-14 08:00}", "}", "both hold planner on 2026-09-14 08:00"),
        ("people.yaml", "id: E-002", "id: E-001", "E-001 is listed 2 times"),
        ("products.yaml", "{item: CT-1500, ", "{item: CT-1550, ", "there is no item CT-1550"),
        ("products.yaml", "parent: GGD-BUS}", "parent: MNS-BUS}", "no assembly above this line called MNS-BUS"),
        ("products.yaml", "predecessor: 10}", "predecessor: 15}", "there is no earlier operation 15"),
        ("suppliers.yaml", "[breaker, drawer, instrument", "[breakers, drawer, instrument", "called breakers"),
        ("suppliers.yaml", "score: 93", "score: 193", "less than or equal to 100"),
        ("stock.yaml", "quantity: 3400,", "quantity: -3400,", "greater than or equal to 0"),
        ("stock.yaml", "item: ST-1.5,", "item: GGD-CAB,", "is made for each order"),
        ("calendar.yaml", "weekend: [saturday", "weekend: [satuday", "satuday"),
    ],
)
def test_a_mistake_is_shown_with_file_line_and_remedy(copy: Path, file: str, before: str, after: str, says: str):
    text = (copy / file).read_text()
    line = text[: text.index(before)].count("\n") + 1
    (copy / file).write_text(text.replace(before, after, 1))

    with pytest.raises(MistakeInFile, match=says) as mistake:
        load_sample(copy)

    assert mistake.value.path.name == file
    assert abs(mistake.value.line - line) <= 1
