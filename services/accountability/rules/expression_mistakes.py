"""What can be wrong with an expression of the rulebook? In both languages, each with what to write instead."""

import re
from collections.abc import Mapping

from celpy.celparser import CELParseError
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from chassis.language import InvalidValue, Label


class InvalidExpression(InvalidValue):
    """An expression cannot be compiled, names something that does not exist, or mixes what cannot be mixed."""


NOT_CEL = Label("“{text}”不是 CEL 算式:{why}", "{text!r} is not CEL: {why}")
UNFINISHED = Label(
    "末尾还缺内容;请补上或去掉多余的部分", "something is missing at its end; add it, or leave out what is too much"
)
MISPLACED = Label("从“{rest}”起读不懂", "it makes no sense from {rest!r} on")
INSTEAD = Label("从“{rest}”起读不懂;请改写为 {sign}", "it makes no sense from {rest!r} on; write {sign}")
ORIGINAL = Label("读不懂(原文说明:{said})", "{said}")
TOO_LONG = Label(
    "{length} 个字符超过上限 {most};请分成几条依据来写",
    "{length} characters are more than {most}; say it in several grounds",
)
TOO_DEEP = Label(
    "括号和符号嵌套太深;请分成几条依据来写",
    "too many brackets and signs lie in each other; say it in several grounds",
)

MUST_BE = Label("这里须是{wanted},现在是{found}", "this must be {wanted}, and is {found}")
NO_MAPS = Label("这里不能用映射和对象:“{written}”", "{written}: maps and objects have no place here")
WANTS = Label("{why} 需要{wanted};“{written}”是{found}", "{why} wants {wanted}; {written} is {found}")
NOT_ALIKE = Label("{why}:“{one}”是{left},“{other}”是{right}", "{why}: {one} is {left}, {other} is {right}")
NOT_IN_LIST = Label("in:“{written}”是{found},列表里是{item}", "in: {written} is {found}, the list holds {item}")
NO_ORDER = Label("“{written}”是{found},分不出大小", "{written} is {found}, which has no order")
NO_SUM = Label("“{written}”是{found},不能相加", "{written} is {found} and cannot be added")
NO_NAME = Label("没有名称“{name}”;是不是 {near}?", "unknown name {name!r}; did you mean {near}?")
NO_FIELD = Label("{written} 没有字段“{name}”;是不是 {near}?", "{written} has no field {name!r}; did you mean {near}?")
NO_FIELDS = Label("{written} 没有字段“{name}”:它是{found}", "{written} has no field {name!r}: it is {found}")
NO_QUESTION = Label("没有问法“{name}”;是不是 {near}?", "unknown question {name!r}; did you mean {near}?")
LOOP_WANTS = Label(
    ".{name} 须先给每一项起名,再写问什么:.{name}(x, …)",
    ".{name} wants a name for each and what is asked of it: .{name}(x, …)",
)
LOOPS_TOO_DEEP = Label(
    "循环套循环超过 {most} 层;请分开来写", "more than {most} loops lie in each other; take them apart"
)
NO_FUNCTION = Label("没有函数“{name}”;是不是 {near}?", "unknown function {name!r}; did you mean {near}?")
WRONG_COUNT = Label("{name} 需要 {wanted} 个值,现在是 {given} 个", "{name} wants {wanted} values, not {given}")
NO_DECIMALS = Label(
    "这里不能用 {token};金额请用整数写(x * 15 / 100)",
    "{token} has no place here; amounts are whole numbers (x * 15 / 100)",
)

NEVER = Label("{written} 不会是“{word}”;是不是 {near}?", "{written} is never {word!r}; did you mean {near}?")

SIDES = Label("冒号两边须是同一类", "both sides of the colon must be alike")
COMPARED = Label("比较的两边须是同一类", "what is compared must be alike")
ADDED = Label("相加的两边须是同一类", "what is added must be alike")
ARITHMETIC = Label("算术", "arithmetic")
LIST_PLACE = Label("列表中的位置", "a place in a list")

SIGNS: Mapping[str, str] = {
    "=": "==",
    "&": "&&",
    "|": "||",
    "and": "&&",
    "or": "||",
    "not": "!",
    "<>": "!=",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "(": "(",
    ")": ")",
    ",": ",",
    "。": ".",
}
"""What people write who know another language, or forget to leave the Chinese keyboard, and what CEL has instead."""

SHOWN = 20


def not_cel(text: str, error: CELParseError) -> InvalidExpression:
    """The library tells only where it stopped reading; what stands there says what is meant."""
    return InvalidExpression(NOT_CEL, text=text, why=_reason(text, error))


def _reason(text: str, error: CELParseError) -> Label:
    match error.__context__:
        case UnexpectedToken(token=token) if token.type == "$END":
            return UNFINISHED
        case UnexpectedToken(token=token):
            return _from(text[token.start_pos :] if token.start_pos is not None else str(token))
        case UnexpectedCharacters(pos_in_stream=int(place)):
            return _from(text[place:])
        case _:
            return ORIGINAL.filled(said=" ".join(str(error.args[0]).split()))


def _from(rest: str) -> Label:
    first = re.match(r"[^\W\d]+|[&|=<>!]+|[^\w\s]", rest)
    sign = SIGNS.get(first[0]) if first else None
    return INSTEAD.filled(rest=rest[:SHOWN], sign=sign) if sign else MISPLACED.filled(rest=rest[:SHOWN])
