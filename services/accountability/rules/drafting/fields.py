"""Which fields has one link, clause or setting of a rulebook, and what becomes of its text when they are filled in anew?

Pure: from a rulebook's data to fields, and from submitted fields to the data of another rulebook, which is validated whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, get_args

import yaml

from chassis.language import Label, word
from contracts.accountability import Sanction
from contracts.event import SERVICES
from contracts.words import POSTS
from services.accountability.rules.drafting import grounds
from services.accountability.rules.mistakes import SHAPES, TOGETHER, Place, Told
from services.accountability.rules.rulebook import WHOEVER, Shape
from services.accountability.rules.rulebook_fixed import SHOWN, put_right

Body = dict[str, Any]


class Section(StrEnum):
    """The parts of a rulebook that have fields; `general` are its periods."""

    GENERAL = "general"
    LINKS = "links"
    CLAUSES = "clauses"
    SETTINGS = "settings"


NAMES = {Section.LINKS: "code", Section.CLAUSES: "code", Section.SETTINGS: "key"}
GENERAL = ("tolerance_seconds", "first_cause_minimum", "statement_period", "appeal_period", "lapse_months")
LINK = (
    *("title.zh", "title.en", "department", "post", "standard", "due", "clause", "inputs", "closes_with", "ended_by"),
    *("stopped_by", "from_complaint"),
)
CLAUSE = (
    *("duty.zh", "duty.en", "post", "sanction", "mode", "found_by", "compensation.formula", "compensation.loss"),
    *("absorbs", "counts_items", "only_as_first_cause"),
)
SETTING = ("question.zh", "question.en", "value", "reason.zh", "reason.en")
BY_LINK = ("shape", "links", "of")
BY_FACT = ("when", "proved", "person", "moment")
BY_PEOPLE = (
    *("finders", "proposed_by", "proposers", "proposed_of", "sanctions", "up_to", "asks", "not_evidence", "posts"),
    "of_department",
)
GROUND = {
    "deadline": ("shape", "links"),
    "first_cause": BY_LINK,
    "prohibition": ("shape", "fact", *BY_FACT),
    "attribution": ("shape", *BY_FACT),
    "finding": ("shape", "when", "proved", *(f"finding.{name}" for name in BY_PEOPLE)),
}
LISTS = frozenset(
    {"due", "inputs", "closes_with", "ended_by", "stopped_by", "absorbs", "links", "of", "finders", "sanctions"}
    | {"asks", "not_evidence", "posts", "proposers", "proposed_of"}
)
FLAGS = frozenset({"from_complaint", "counts_items", "only_as_first_cause", "of_department"})
NUMBERS = frozenset({"tolerance_seconds", "lapse_months"})
CODES = frozenset({"when", "proved", "person", "moment", "formula", "loss"})
"""What is written in CEL."""
SENTENCES = frozenset({"duty", "question", "reason"})
FIXED = {
    Section.LINKS: frozenset({"post", "department", "closes_with", "clause"}),
    Section.CLAUSES: frozenset({"found_by"}),
}
"""What is shown and not asked for: it decides nothing by itself."""
CHOICES: dict[str, Sequence[str]] = {
    "department": SERVICES,
    "post": (*POSTS, WHOEVER),
    "found_by": tuple(POSTS),
    "proposed_by": tuple(POSTS),
    "sanction": tuple(Sanction),
    "mode": ("auto", "finding", "both"),
    "shape": get_args(Shape),
}
LABELS = {
    "code": Label("编号", "Code"),
    "title": Label("名称", "Name"), "duty": Label("义务或禁止", "Duty or prohibition"),
    "standard": Label("标准用时(如 4 h、2 d)", "Standard time (such as 4 h, 2 d)"),
    "due": Label("到期(每行一项,取最晚)", "Due (one a line; the latest counts)"),
    "clause": Label("条款", "Clause"), "inputs": Label("等待的环节(每行一个)", "Waits for these links (one a line)"),
    "closes_with": Label("以哪些事实完成(每行一个)", "Closed by these facts (one a line)"),
    "ended_by": Label("因哪些环节失去意义", "Made pointless by these links"),
    "stopped_by": Label("被什么停表", "Clock stopped by"), "from_complaint": Label("源于客诉", "Stems from a complaint"),
    "mode": Label("方式", "Mode"), "found_by": Label("由谁确认", "Confirmed by"),
    "formula": Label("赔偿上限(算式)", "Ceiling of the compensation (expression)"),
    "loss": Label("已记录的损失(算式)", "Recorded loss (expression)"), "absorbs": Label("并入的条款", "Absorbs these clauses"),
    "counts_items": Label("按件计", "Counts items"), "only_as_first_cause": Label("仅作为首因", "Only as first cause"),
    "shape": Label("依据的种类", "Kind of ground"), "links": Label("环节(每行一个)", "Links (one a line)"),
    "of": Label("哪个日期", "Of which date"), "fact": Label("事实", "Fact"),
    "when": Label("条件", "Condition"), "proved": Label("证据须表明", "What the evidence must show"),
    "person": Label("责任人(算式)", "Who answers (expression)"), "moment": Label("时刻(算式)", "Moment (expression)"),
    "finders": Label("认定人(每行一个岗位)", "Found by (a post a line)"), "proposed_by": Label("提请人", "Proposed by"),
    "proposers": Label("也可提请(每行一个岗位)", "May also propose it (a post a line)"),
    "proposed_of": Label("可提请哪些岗位的人(空为全部)", "Of holders of these posts (blank for all)"),
    "sanctions": Label("可选处分(由轻到重)", "Range of sanctions (the lightest first)"),
    "up_to": Label("最重由哪项设置决定", "Setting that says the heaviest"), "asks": Label("须写明", "To be stated"),
    "not_evidence": Label("不能作证据的", "Never evidence"), "posts": Label("涉及岗位", "Posts it is about"),
    "of_department": Label("可认定到部门", "May name a department"), "question": Label("问题", "Question"),
    "value": Label("答案", "Answer"), "reason": Label("理由", "Reason"),
    "tolerance_seconds": Label("容差(秒)", "Tolerance (seconds)"),
    "first_cause_minimum": Label("首因至少超时", "Least overrun of a first cause"),
    "statement_period": Label("申辩期", "Time to state the case"), "appeal_period": Label("申诉期", "Time to appeal"),
    "lapse_months": Label("失效(月)", "Lapses after (months)"),
}  # fmt: skip
CHOICE_LABELS = {
    **SHAPES, WHOEVER: Label("事实所指的人", "whoever the fact names"),
    "auto": Label("由记录自动认定", "established by the records"), "finding": Label("由人认定", "found by a person"),
    "both": Label("两者皆可", "both"),
}  # fmt: skip
LANGUAGES = {"zh": Label("(中文)", " (Chinese)"), "en": Label("(英文)", " (English)")}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its dotted name, how it is asked for (text, wide, code, choice, flag, list), and what stands there as text.

    A `fixed` one is shown only.
    """

    name: str
    kind: str
    text: str
    choices: tuple[str, ...] = ()

    @property
    def hint(self) -> Label:
        """Why it is shown only, and what to change instead."""
        return SHOWN[self.name]

    @property
    def ground(self) -> int | None:
        """Of which ground of a clause it is, from nought on."""
        before, _, rest = self.name.partition(".")
        return int(rest.partition(".")[0]) if before == "grounds" else None

    @property
    def label(self) -> Label:
        """`grounds.0.when` is the condition of the first ground, `title.zh` the Chinese name."""
        *before, last = self.name.split(".")
        before_it, after_it = Label("", ""), LANGUAGES.get(last, Label("", ""))
        if self.ground is not None:
            before_it = Label(f"依据 {self.ground + 1} · ", f"Ground {self.ground + 1} · ")
        named = LABELS.get(before[-1] if last in LANGUAGES else last) or word(last)
        return Label(before_it.zh + named.zh + after_it.zh, before_it.en + named.en + after_it.en)


def entry_of(body: Mapping[str, Any], section: Section, name: str) -> tuple[Place, Any] | None:
    """Where an entry stands, and the entry; None where there is none of this name."""
    if section is Section.GENERAL:
        return (), body
    entries = enumerate(body.get(section, ()))
    return next((((section, place), each) for place, each in entries if each[NAMES[section]] == name), None)


def fields_of(body: Mapping[str, Any], section: Section, entry: Mapping[str, Any]) -> list[Field]:
    """Everything that can be filled in of an entry."""
    clauses = tuple(each["code"] for each in body.get("clauses", ()))
    found = [field_of(entry, name, clauses) for name in names_of(section, entry)]
    fixed = FIXED.get(section, frozenset())
    shown = [replace(each, kind="fixed") if each.name in fixed else each for each in found]
    return [each for each in shown if each.text or each.name != "found_by"]


def names_of(section: Section, entry: Mapping[str, Any]) -> Iterator[str]:
    yield from {Section.GENERAL: GENERAL, Section.LINKS: LINK, Section.CLAUSES: CLAUSE, Section.SETTINGS: SETTING}[
        section
    ]
    for number, ground in enumerate(entry.get("grounds", ()) if section is Section.CLAUSES else ()):
        yield from (f"grounds.{number}.{name}" for name in GROUND.get(ground["shape"], ("shape",)))


def field_of(entry: Mapping[str, Any], name: str, clauses: tuple[str, ...]) -> Field:
    last, value = name.split(".")[-1], at(entry, name)
    value = "auto" if name == "mode" and value is None else value
    if last in LISTS or isinstance(value, list):
        return Field(name, "list", "\n".join(map(str, value or ())))
    if last in FLAGS:
        return Field(name, "flag", "true" if value else "")
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    choices = clauses if last == "clause" else tuple(map(str, CHOICES.get(last, ())))
    wide = "code" if last in CODES else "wide" if name.partition(".")[0] in SENTENCES else "text"
    return Field(name, "choice" if choices else wide, text, choices)


def at(entry: Any, name: str) -> Any:
    """What stands at a dotted name; None where nothing does."""
    for part in name.split("."):
        if isinstance(entry, list):
            entry = entry[int(part)]
        elif isinstance(entry, Mapping):
            entry = entry.get(part)
        else:
            return None
    return entry


def changed(
    body: Mapping[str, Any], section: Section, name: str, submitted: Mapping[str, str], shipped: Mapping[str, Any]
) -> Body:
    """The rulebook with the submitted fields of one entry; an empty field leaves its key out. What is fixed is put right."""
    new: Body = deepcopy(dict(body))
    found = entry_of(new, section, name)
    assert found is not None
    fill(new, section, found[1], submitted)
    put_right(new, shipped)
    return new


def fill(body: Body, section: Section, entry: Body, submitted: Mapping[str, str]) -> None:
    """Write the submitted fields into an entry of a rulebook, and what follows of a clause from its grounds."""
    before, anew = deepcopy(entry.get("grounds", [])), set[str]()
    if section is Section.CLAUSES:
        grounds.grow(entry, submitted)
        grounds.become(entry, submitted, GROUND)
    for each in (one for one in fields_of(body, section, entry) if one.kind != "fixed"):
        typed = submitted.get(each.name, "").replace("\r\n", "\n").strip()
        if typed != each.text.strip():
            put(entry, each.name.split("."), value_of(each, typed))
            anew.add(each.name)
    if section is Section.CLAUSES:
        grounds.leave_out(entry, submitted)
        grounds.follow(entry, before, {link["code"]: link.get("post") for link in body["links"]}, anew)


def value_of(asked: Field, text: str) -> Any:
    """What was typed, as the rulebook keeps it; None for nothing."""
    last = asked.name.split(".")[-1]
    if asked.kind == "list":
        return [line.strip() for line in text.splitlines() if line.strip()] or None
    if asked.kind == "flag":
        return True if text == "true" else None
    if last == "value":
        return scalar(text)
    return int(text) if last in NUMBERS and text.isdecimal() else text or None


def scalar(text: str) -> Any:
    """A setting's answer: a number, yes or no, else a text."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return found if isinstance(found, int | bool) else text


def put(entry: Any, path: list[str], value: Any) -> None:
    """Write a value, or leave its key out, where it differs; a part that is empty then goes too."""
    first, *rest = path
    if isinstance(entry, list):
        put(entry[int(first)], rest, value)
    elif not rest:
        if value is None:
            if entry.get(first) not in (False, None, []):
                entry.pop(first, None)
        else:
            entry[first] = value
    elif isinstance(entry.get(first), list | dict):
        put(entry[first], rest, value)
        if not entry[first]:
            del entry[first]
    elif value is not None:
        put(entry.setdefault(first, {}), rest, value)


def beside(
    mistakes: Sequence[Told], place: Place, fields: Sequence[Field], kept: Sequence[int] = ()
) -> tuple[dict[str, Label], list[Label]]:
    """Which mistake stands beside which field, and what concerns no field here; `kept` are the grounds not left out."""
    names, errors, others = {each.name for each in fields}, dict[str, Label](), list[Label]()
    for told in mistakes:
        inside = told.place[: len(place)] == place
        within = prefixes(grounds.numbered(told.place[len(place) :], kept))
        name = next((known for known in within if known in names), None) if inside else None
        if name is None:
            others.append(told.placed)
        else:
            errors[name] = TOGETHER.filled(one=errors[name], other=told.text) if name in errors else told.text
    return errors, others


def prefixes(place: Place) -> Iterator[str]:
    """The dotted name of a place, and of what is around it."""
    for end in range(len(place), 0, -1):
        yield ".".join(map(str, place[:end]))
