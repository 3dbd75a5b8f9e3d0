"""What does one person do at their department's pages? They read words and press buttons, as a reader of the screen would."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, Page, expect

Answer = str | bool | Sequence[str | Mapping[str, str]]
PASSWORD = "correct horse battery staple"
RELOADS = 50
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "employee": ("工号", "Employee"),
    "password": ("密码", "Password"),
    "sign in": ("登录", "Sign in"),
    "menu": ("栏目", "Sections"),
    "worklist": ("待办", "Worklist"),
    "sign": ("签收", "Sign"),
    "signed": ("已签收", "Signed by"),
    "start": ("由此新建", "Start from here"),
    "add a row": ("加一行", "Add a row"),
    "confirmed": ("我已核对", "I have checked"),
    "done": ("已完成:", "Done: "),
}


@dataclass(frozen=True)
class Person:
    """Somebody in front of a browser, at the pages of one department."""

    employee: str
    page: Page
    url: str
    language: str = "zh"

    def word(self, term: str) -> str:
        return WORDS[term][self.language == "en"]

    def types_credentials(self, password: str) -> None:
        self.page.get_by_label(self.word("employee"), exact=True).fill(self.employee)
        self.page.get_by_label(self.word("password"), exact=True).fill(password)
        self.page.get_by_role("button", name=self.word("sign in"), exact=True).click()

    def signs_in(self) -> None:
        """By the login page, where whoever reads English says so first."""
        self.page.goto(f"{self.url}/login")
        if self.language == "en":
            self.page.get_by_role("button", name="English").click()
        self.types_credentials(PASSWORD)
        expect(self.heading(self.word("worklist"))).to_be_visible()
        self.page.wait_for_load_state("domcontentloaded")  # from then on the page listens to keys

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def heading(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", level=1, name=text, exact=True)

    def in_menu(self, entry: str) -> Locator:
        """A line of the menu: its words are followed by a number or a code."""
        menu = self.page.get_by_role("navigation", name=self.word("menu"))
        return menu.get_by_role("link", name=re.compile(rf"^{entry} [A-Z0-9+]+$"))

    def opens_shelf(self, title: str) -> None:
        """The list of one kind of document, by the menu."""
        self.in_menu(title).click()
        expect(self.heading(re.compile(f"^{title} "))).to_be_visible()

    def goes_to_worklist(self) -> None:
        """By the menu, unless it is on the screen already: then whatever comes appears by itself."""
        title = self.word("worklist")
        if not self.heading(title).is_visible():
            self.in_menu(title).click()

    def owed(self) -> Locator:
        """The number beside the worklist in the menu."""
        return self.in_menu(self.word("worklist")).locator("span")

    def duty(self, link: str, about: str) -> Locator:
        """A row of the worklist: what is owed, and a number it is about."""
        rows = self.page.get_by_role("listitem").filter(has=self.page.get_by_role("link", name=link, exact=True))
        return rows.filter(has_text=about).first

    def owes(self, link: str, about: str) -> Locator:
        """The handover on the worklist, awaited there."""
        self.goes_to_worklist()
        row = self.duty(link, about)
        expect(row).to_be_visible()
        return row

    def signs_for(self, link: str, about: str) -> None:
        """Sign for a handover and open what it is about."""
        row = self.owes(link, about)
        row.get_by_role("button", name=self.word("sign")).click()
        expect(self.duty(link, about)).to_contain_text(self.word("signed"))
        self.duty(link, about).get_by_role("link", name=link, exact=True).click()
        expect(self.heading(self.word("worklist"))).to_be_hidden()

    def offered(self, title: str) -> Locator:
        """An action that the page offers: a button that does it, or a link to its form.

        The way back to the list stands before the actions and may bear the same name: the last is only known on a whole page.
        """
        self.page.wait_for_load_state("domcontentloaded")
        button, link = (self.main.get_by_role(role, name=title, exact=True) for role in ("button", "link"))
        return button.or_(link).last

    def fills_in(self, answers: Mapping[str, Answer], within: Locator | None = None) -> None:
        for label, answer in answers.items():
            self.answers(label, answer, within or self.main)

    def answers(self, label: str, answer: Answer, within: Locator) -> None:
        """Use what stands beside a label: rows to fill in, choices to tick, a list to pick from, or a line to type in."""
        group = within.get_by_role("radiogroup", name=label).or_(within.get_by_role("group", name=label))
        if isinstance(answer, bool):
            within.get_by_role("checkbox", name=label, exact=True).set_checked(answer)
        elif isinstance(answer, str) and not group.count():
            self.types(self.field(label, within), answer)
        else:
            for place, given in enumerate([answer] if isinstance(answer, str) else answer):
                self.adds(group, place, given)

    def adds(self, group: Locator, place: int, given: str | Mapping[str, str]) -> None:
        """One choice of several, or one row of a table."""
        if isinstance(given, str):
            group.get_by_label(given, exact=True).check()
            return
        rows = group.get_by_role("row")
        if place:
            group.get_by_role("button", name=self.word("add a row")).click()
        self.fills_in(given, rows.nth(place + 1))

    def types(self, field: Locator, text: str) -> None:
        if field.evaluate("field => field.localName") == "select":
            field.select_option(label=text)
        else:
            field.fill(text)

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """The first one of this name; tables inside a form may ask for the same again."""
        place = within or self.main
        textbox = place.get_by_role("textbox", name=label, exact=True)
        return textbox.or_(place.get_by_role("combobox", name=label, exact=True)).first

    def does(self, title: str, answers: Mapping[str, Answer] | None = None) -> str:
        """Carry out an action that the page offers, by its form where it has one; the number of the document it led to."""
        offered = self.offered(title)
        asks = offered.evaluate("element => element.localName") == "a"
        offered.click()
        if asks:
            self.submits(title, answers)
        return self.sees_done(title)

    def starts(self, title: str, answers: Mapping[str, Answer] | None = None) -> str:
        """Make a new document that begins from the one on the screen."""
        self.main.get_by_text(self.word("start"), exact=True).click()
        self.main.get_by_role("link", name=title, exact=True).click()
        self.submits(title, answers)
        return self.sees_done(title)

    def opens_form(self, title: str) -> None:
        """Ask for the form of an action that the page offers."""
        self.offered(title).click()
        self.sees_form(title)

    def sees_form(self, title: str) -> Locator:
        """Wait for the whole form, before anything in it is looked for; its button is the last of it."""
        expect(self.heading(title)).to_be_visible()
        button = self.main.get_by_role("button", name=title, exact=True)
        expect(button).to_be_visible()
        return button

    def submits(self, title: str, answers: Mapping[str, Answer] | None = None) -> None:
        """Fill in the form that has just been opened; what cannot be undone asks for a tick."""
        button = self.sees_form(title)
        self.fills_in(answers or {})
        confirmation = self.main.get_by_role("checkbox", name=self.word("confirmed"))
        if confirmation.count():
            confirmation.check()
        button.click()

    def sees_done(self, title: str) -> str:
        expect(self.main.get_by_role("status").filter(has_text=f"{self.word('done')}{title}")).to_be_visible()
        return self.number()

    def number(self) -> str:
        """The number of the document on the screen."""
        return self.page.get_by_role("heading", level=1).inner_text().split()[0]

    def goes_to(self, number: str) -> None:
        """Open a document by typing its number."""
        search = self.page.get_by_role("banner").get_by_role("searchbox")
        search.fill(number)
        search.press("Enter")
        expect(self.heading(re.compile(f"^{number} "))).to_be_visible()

    def sees_status(self, number: str, status: str) -> None:
        """Open a document, and open it again until another department's word has come."""
        self.goes_to(number)
        for _ in range(RELOADS):
            if status in self.page.get_by_role("heading", level=1).inner_text():
                return
            self.page.wait_for_timeout(200)
            self.page.reload()
        expect(self.heading(f"{number} {status}")).to_be_visible()

    def table_row(self, text: str) -> Locator:
        return self.main.get_by_role("row").filter(has_text=text)
