"""What does a rulebook's YAML hold, on which line does each value stand, and why can a text not be read?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import yaml

from chassis.language import InvalidValue, Label, brief
from services.accountability.rules.mistakes import Place
from services.accountability.rules.rulebook import (
    Bilingual,
    ClauseRule,
    CompensationRule,
    FindingRule,
    Ground,
    LinkRule,
    Note,
    RulebookText,
    Setting,
)

NOT_YAML = Label("不是 YAML:{why}", "is not YAML: {why}")
LOOSE_COLON = Label(
    "这里不能再写“名称: 值”;请检查缩进,或给含冒号的文字加引号",
    "a name with a value has no place here; check the indentation, or put a text with a colon in quotes",
)
NO_COLON = Label("这里应是“名称: 值”,缺少冒号", "a name with a value is wanted here, and the colon is missing")
TAB = Label("不能用制表符(Tab)缩进;请改用空格", "tabs do not indent; use spaces")
STRANGE_START = Label("文字不能以 {found} 开头;请加引号", "a text cannot begin with {found}; put it in quotes")
LIST_OPEN = Label("列表没有用 ] 结束,或缺少逗号", "a list is not closed with ], or a comma is missing")
UNFINISHED = Label("末尾还缺内容;请补上", "something is missing at its end; add it")
BRACES_OPEN = Label("花括号没有用 }} 结束,或缺少逗号", "a brace is not closed with }}, or a comma is missing")
QUOTE_OPEN = Label("引号没有结束;请补上", "a quotation mark is not closed; close it")
INDENTATION = Label(
    "缩进与上文不一致;同一层的内容请对齐", "the indentation does not fit what is above; align what is on one level"
)
NO_SUCH_ANCHOR = Label("没有先用 & 定义“{found}”", "nothing before it is named {found!r} with &")
ESCAPE = Label(
    "双引号中不能写 \\{found};请改用单引号", "\\{found} means nothing inside double quotes; use single quotes"
)
TAG = Label("不能用标签 {found};请去掉", "the tag {found} means nothing here; leave it out")
NAME_TOO_MUCH = Label("名称须是一段文字", "a name must be a plain text")
SEVERAL = Label("一次只能有一份责任条款;请去掉多余的“---”", "one rulebook at a time; leave out the further '---'")
CONTROL = Label("含有不可见的控制字符;请去掉", "it holds a control character, which nobody sees; take it out")
NO_VALUE = Label(
    "有一个日期或数字不成立;若是文字,请加引号(原文说明:{found})",
    "a date or number makes no sense; put it in quotes if it is a text ({found})",
)
WRITTEN_TWICE = Label(
    "“{name}”已在第 {first} 行写过;请只留一处", "{name!r} is on line {first} already; leave it in one place"
)
ORDERS: tuple[Mapping[str, Any], ...] = tuple(
    rule.model_fields
    for rule in (Bilingual, CompensationRule, LinkRule, ClauseRule, Ground, FindingRule, Note, Setting, RulebookText)
)
MOST_VALUES = 20_000
"""The shipped rulebook has some 2,000; a few lines that name each other with & and * can stand for billions."""
TOO_MUCH = Label(
    "超过 {most} 个值;请去掉多余的内容或用 & 和 * 的重复", "more than {most} values; leave out what & and * repeat"
)
TOO_DEEP = Label("层次太深,或引用了自身;请写得平一些", "it lies too deep, or in itself; write it flatter")
ORIGINAL = Label("读不懂(原文说明:{found})", "{found}")
REASONS = (
    (r"mapping values are not allowed here", LOOSE_COLON),
    (r"could not find expected ':'", NO_COLON),
    (r"found character '\\t' that cannot start any token", TAB),
    (r"found character '(.+)' that cannot start any token", STRANGE_START),
    (r"expected ',' or '\]', but got .*", LIST_OPEN),
    (r"expected ',' or '\}', but got .*", BRACES_OPEN),
    (r"expected the node content, but found '<stream end>'", UNFINISHED),
    (r"found unexpected end of stream", QUOTE_OPEN),
    (r"expected <block end>, but found .*", INDENTATION),
    (r"found undefined alias '(.+)'", NO_SUCH_ANCHOR),
    (r"found unknown escape character '(.+)'", ESCAPE),
    (r"could not determine a constructor for the tag '(.+)'", TAG),
    (r"found unhashable key", NAME_TOO_MUCH),
    (r"but found another document", SEVERAL),
    (r"(.*)", ORIGINAL),
)
"""PyYAML's own words for what a person mistypes; what stands in brackets is `found`. The last takes whatever is left."""


class NotYaml(InvalidValue):
    """A text that is no YAML; `line` is where reading ended, if that is known."""

    def __init__(self, line: int | None, why: Label) -> None:
        super().__init__(NOT_YAML, why=why)
        self.line = line


def read(text: str) -> tuple[Any, dict[Place, int]]:
    """What the YAML holds, and the line of every value by its place; raises NotYaml."""
    try:
        loader = yaml.SafeLoader(text)  # libyaml reads faster, and dies of what lies too deep
        tree = loader.get_single_node()
        lines = list(islice(_lines(tree, ()), MOST_VALUES + 1)) if tree else []
        held = loader.construct_document(tree) if tree and len(lines) <= MOST_VALUES else None
    except NotYaml:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise NotYaml(line, _reason(error.problem or "")) from error
    except yaml.YAMLError as error:
        raise NotYaml(None, CONTROL) from error
    except RecursionError as error:
        raise NotYaml(None, TOO_DEEP) from error
    except ValueError as error:
        raise NotYaml(None, NO_VALUE.filled(found=error)) from error
    if len(lines) > MOST_VALUES:
        raise NotYaml(None, TOO_MUCH.filled(most=MOST_VALUES))
    return held, dict(lines)


def written(body: Mapping[str, Any]) -> str:
    """A rulebook's data as YAML, each entry in the order in which the shipped one says things; a database keeps none."""
    return yaml.safe_dump(_in_order(body), allow_unicode=True, sort_keys=False, width=110)


def _in_order(value: Any) -> Any:
    if isinstance(value, Mapping):
        fields = next((known for known in ORDERS if value.keys() <= known.keys()), value)
        return {name: _in_order(value[name]) for name in fields if name in value}
    return [_in_order(each) for each in value] if isinstance(value, list) else value


def _reason(problem: str) -> Label:
    found, label = next(
        (match, label) for said, label in REASONS if (match := re.fullmatch(said, problem, re.DOTALL)) is not None
    )
    return label.filled(found=found[1] if found.re.groups else "")


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    """The line of every value of a YAML document, by its path; raises NotYaml where one would silently replace another."""
    yield place, node.start_mark.line + 1
    match node:
        case yaml.MappingNode():
            _check_names([key for key, _ in node.value])
            for key, value in node.value:
                yield from _lines(value, (*place, key.value))
        case yaml.SequenceNode():
            for index, item in enumerate(node.value):
                yield from _lines(item, (*place, index))


def _check_names(names: Sequence[yaml.Node]) -> None:
    """PyYAML would take the last of two values of one name; whoever reads the text may have read the first."""
    first = dict[str, int]()
    for key in names:
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode):
            if key.value in first:
                raise NotYaml(line, WRITTEN_TWICE.filled(name=brief(key.value), first=first[key.value]))
            first[key.value] = line
