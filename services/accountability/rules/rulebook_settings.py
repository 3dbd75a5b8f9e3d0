"""Are all open questions answered, which answers decide anything, and which only say how the product works?

What nothing reads has the one answer that is true of the product; another one would be shown and change nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chassis.language import Label
from services.accountability.rules.mistakes import TWICE, Mistake
from services.accountability.rules.rulebook import Answer, Bilingual, Rulebook, RulebookText, Setting
from services.accountability.rules.rulebook_escalation import ESCALATION
from services.accountability.rules.rulebook_periods import PERIODS
from services.accountability.rules.rulebook_wages import MINIMUM, SHARE

READ_BY_CODE = frozenset({*PERIODS, ESCALATION, MINIMUM, SHARE})
"""The settings that the program asks for by name; all others are asked for by the rulebook's own expressions and ranges."""

FIXED = Label(
    "{key} 说明产品如何运作,答案只能是“{answer}”;写“{value}”不会改变任何判定。{change}",
    "{key} says how the product works and is {answer}; {value!r} would change no verdict. {change}",
)
UNREAD = Label(
    "没有任何内容读取 {key};请在算式中写 settings.{key},或去掉这一项",
    "nothing reads {key}; write settings.{key} in an expression, or leave the setting out",
)
UNANSWERED = Label(
    "缺少 {key}:原文没有回答的每个问题都须写明本公司的回答和理由,这里是:{question} 请加上(出厂的回答是 {answer})",
    "{key} is missing: each question that the source leaves open is answered, with the reason, and this is one: {question} Add "
    "it (as shipped: {answer})",
)
NO_WORDS = Label(
    "{key} 的问题和理由须有中文和英文;请补上",
    "{key} says its question and its reason in Chinese and in English; write both",
)
UNCHECKED = Label(
    "缺少 [{one}, {other}]:同一人兼任这两个互相检查的岗位时,须在处罚单上显示;请加上",
    "[{one}, {other}] is missing: one person in both posts, which check each other, is self-dealing that a record shows; add it",
)
NO_EFFECT = Label("这一版中没有任何内容读取这个答案。", "Nothing in this version reads this answer.")
NO_SUCH_RANGE = Label(
    "{key} 须是设置之一,其答案须在可选处分之中:{sanctions}",
    "{key} must be a setting whose answer is in this range of sanctions: {sanctions}",
)


@dataclass(frozen=True, slots=True)
class Idle:
    """What to tell of an answer that nothing reads: what to change for another one, and what is true `instead` of it."""

    change: Label
    instead: Answer | None


def read_by(rulebook: Rulebook) -> frozenset[str]:
    """The settings on whose answers anything depends under this rulebook."""
    expressions = [each for ground in rulebook.grounds() for each in ground.expressions()]
    expressions += [each for pair in rulebook.amounts.values() for each in pair]
    asked = {name.removeprefix("settings.") for each in expressions for name in each.fields_of("settings")}
    ranges = {clause.finding.up_to for clause in rulebook.clauses.values() if clause.finding}
    return frozenset(asked | READ_BY_CODE | {key for key in ranges if key})


def idle_mistakes(rulebook: Rulebook, shipped: Mapping[str, Setting]) -> Iterator[Mistake]:
    """Answers that a draft gives in vain; what was approved before is read as it stands."""
    read, keys = read_by(rulebook), [setting.key for setting in rulebook.text.settings]
    for index, setting in enumerate(rulebook.text.settings):
        if setting.key in keys[:index]:
            yield ("settings", index, "key"), TWICE.filled(code=setting.key)
        if setting.key not in read:
            known = shipped.get(setting.key)
            if known is None or (setting.value != known.value and not known.fixed):
                yield ("settings", index, "value"), UNREAD.filled(key=setting.key)
            elif setting.value != known.value and known.fixed:
                change = Label(known.fixed.zh, known.fixed.en)
                said = FIXED.filled(key=setting.key, answer=known.value, value=setting.value, change=change)
                yield ("settings", index, "value"), said


def unanswered(text: RulebookText, shipped: RulebookText) -> Iterator[Mistake]:
    """What a draft leaves out though the source leaves it open, or gives no reason for; and posts that it no longer checks."""
    given = {setting.key for setting in text.settings}
    for setting in shipped.settings:
        if setting.key not in given:
            question = Label(setting.question.zh, setting.question.en)
            yield ("settings",), UNANSWERED.filled(key=setting.key, question=question, answer=setting.value)
    for index, setting in enumerate(text.settings):
        for part in ("question", "reason"):
            said: Bilingual = getattr(setting, part)
            for language, words in (("zh", said.zh), ("en", said.en)):
                if not words.strip():
                    yield ("settings", index, part, language), NO_WORDS.filled(key=setting.key)
    checked = {frozenset(pair) for pair in text.checks}
    for one, other in shipped.checks:
        if frozenset((one, other)) not in checked:
            yield ("checks",), UNCHECKED.filled(one=one, other=other)


def idle(rulebook: Rulebook, shipped: Mapping[str, Setting]) -> dict[str, Idle]:
    """What to tell beside each answer that decides nothing, so that nobody believes it does."""
    read, told = read_by(rulebook), dict[str, Idle]()
    for setting in rulebook.text.settings:
        if setting.key not in read:
            known = shipped.get(setting.key)
            fixed = setting.fixed or (known.fixed if known else None)
            true = known.value if known and known.value != setting.value else None
            told[setting.key] = Idle(Label(fixed.zh, fixed.en) if fixed else NO_EFFECT, true)
    return told


def range_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """A range of sanctions that ends at a setting which is not there, or whose answer is outside of it."""
    for index, clause in enumerate(text.clauses):
        for number, ground in enumerate(clause.grounds):
            rule = ground.finding
            if rule and rule.up_to and text.setting(rule.up_to) not in rule.sanctions:
                place = ("clauses", index, "grounds", number, "finding", "up_to")
                yield place, NO_SUCH_RANGE.filled(key=rule.up_to, sanctions=", ".join(rule.sanctions) or "—")
