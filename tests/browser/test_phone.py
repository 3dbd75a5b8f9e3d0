"""Can the work be done at the bench, with a thumb on a phone?"""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Factory, Opener, contract_submitted

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True}
THUMB = 44
# What a thumb has to hit: buttons, fields, lines of menus and lists. A link inside a sentence is read, not aimed at. Where
# the box itself is small, a tap that misses its middle by half a thumb still has to hit it.
TOO_SMALL = """thumb => [...document.querySelectorAll('button, input, select, textarea, summary, label, nav a, h3 a')]
    .filter(target => target.checkVisibility({visibilityProperty: true}) && !target.closest('.visually-hidden'))
    .filter(target => target.matches('label') ? target.querySelector('input') : !target.matches('label input'))
    .filter(target => {
        target.scrollIntoView({block: 'center'})
        const {x, y, width, height} = target.getBoundingClientRect()
        const hits = (right, down) => target.contains(
            document.elementFromPoint(x + width / 2 + right * (thumb / 2 - 1), y + height / 2 + down * (thumb / 2 - 1)))
        const large = Math.min(width, height) >= thumb
        return width > 0 && !large && ![[1, 0], [-1, 0], [0, 1], [0, -1]].every(side => hits(...side))
    })
    .map(target => target.outerHTML.slice(0, 120))"""


def assert_usable_with_a_thumb(page: Page) -> None:
    wide: Any = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"
    too_small: list[str] = page.evaluate(TOO_SMALL, THUMB)
    assert not too_small, f"{page.url}: " + "\n".join(too_small)


def test_a_handover_is_signed_for_and_fulfilled_on_a_phone(factory: Factory, open_as: Opener) -> None:
    order = factory.do(contract_submitted)
    engineer = open_as("engineer", **PHONE)
    engineer.owes("评审意见", order)
    assert_usable_with_a_thumb(engineer.page)

    engineer.signs_for("评审意见", order)
    assert_usable_with_a_thumb(engineer.page)
    engineer.offered("填写评审意见").click()
    expect(engineer.heading("填写评审意见")).to_be_visible()
    assert_usable_with_a_thumb(engineer.page)
    engineer.submits("填写评审意见", {"评审意见": "同意"})
    engineer.sees_done("填写评审意见")


def test_a_form_with_rows_fits_a_phone(open_as: Opener) -> None:
    seller = open_as("salesperson", **PHONE)
    seller.page.goto(f"{seller.url}/commands/submit-contract")
    expect(seller.heading("提交合同评审")).to_be_visible()
    seller.main.get_by_role("button", name="加一行").click()
    expect(seller.main.get_by_role("textbox", name="数量", exact=True)).to_have_count(2)
    assert_usable_with_a_thumb(seller.page)
