"""Does an open worklist change by itself, and can it be worked through without a mouse?"""

from playwright.sync_api import expect

from tests.browser.conftest import Factory, Opener, contract_submitted


def test_a_handover_from_another_department_appears_on_the_open_page(factory: Factory, open_as: Opener) -> None:
    engineer = open_as("engineer")
    engineer.page.evaluate("window.opened = 'once'")
    before = int(engineer.owed().inner_text())

    order = factory.do(contract_submitted)

    row = engineer.duty("评审意见", order)
    expect(row).to_contain_text("来自 业务部")
    expect(row).to_contain_text("还剩 1 天")
    expect(engineer.owed()).to_have_text(str(before + 1))
    assert engineer.page.evaluate("window.opened") == "once", "the page was loaded again"


def test_a_handover_fulfilled_elsewhere_leaves_the_open_page(factory: Factory, open_as: Opener) -> None:
    order = factory.do(contract_submitted)
    watching, acting = open_as("engineer"), open_as("engineer")
    expect(watching.duty("评审意见", order)).to_be_visible()

    acting.signs_for("评审意见", order)
    expect(watching.duty("评审意见", order)).to_contain_text("小3 已签收")
    acting.does("填写评审意见", {"评审意见": "同意"})

    expect(watching.duty("评审意见", order)).to_have_count(0)


def test_keys_walk_sign_and_open(factory: Factory, open_as: Opener) -> None:
    for _ in range(2):
        factory.do(contract_submitted)
    inspector = open_as("inspector")
    links = inspector.page.get_by_role("link", name="评审意见", exact=True)
    expect(links.nth(1)).to_be_visible()
    keyboard = inspector.page.keyboard

    keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    row = inspector.main.get_by_role("listitem").filter(has=links).nth(0)
    keyboard.press("s")
    expect(row).to_contain_text("小11 已签收")
    expect(links.nth(0)).to_be_focused()
    number = row.get_by_role("heading", level=3).inner_text().split()[-1]
    keyboard.press("Enter")
    expect(inspector.heading(f"{number} 待办")).to_be_visible()


def test_a_slash_leads_to_the_filter_and_the_filter_narrows_the_list(factory: Factory, open_as: Opener) -> None:
    wanted, other = factory.do(contract_submitted), factory.do(contract_submitted)
    engineer = open_as("engineer")
    expect(engineer.duty("评审意见", other)).to_be_visible()

    engineer.page.keyboard.press("/")
    engineer.page.keyboard.type(wanted)

    expect(engineer.duty("评审意见", other)).to_have_count(0)
    expect(engineer.duty("评审意见", wanted)).to_be_visible()
