"""What is wrong with a field, and what to put instead, in the reader's language?"""

from typing import Any

from chassis.language import InvalidValue, Label

# By pydantic's own names of errors; what it knows about the bound fills the braces.
REMEDIES = {
    "missing": Label("必填,请填写。", "This is required."),
    "greater_than": Label("须大于 {gt}。", "It must be more than {gt}."),
    "greater_than_equal": Label("不能小于 {ge}。", "It must be at least {ge}."),
    "less_than": Label("须小于 {lt}。", "It must be less than {lt}."),
    "less_than_equal": Label("不能大于 {le}。", "It must be at most {le}."),
    "string_too_short": Label("必填,至少 {min_length} 个字。", "This is required: at least {min_length} characters."),
    "string_too_long": Label("最多 {max_length} 个字。", "At most {max_length} characters."),
    "string_pattern_mismatch": Label("格式不对,须符合 {pattern}。", "The format must match {pattern}."),
    "too_short": Label("至少要有 {min_length} 项。", "Entries needed: at least {min_length}."),
    "too_long": Label("最多 {max_length} 项。", "Entries allowed: at most {max_length}."),
    "decimal_max_places": Label("最多 {decimal_places} 位小数。", "At most {decimal_places} decimal places."),
    "decimal_max_digits": Label("最多 {max_digits} 位数字。", "At most {max_digits} digits."),
    "decimal_whole_digits": Label(
        "整数部分最多 {whole_digits} 位。", "At most {whole_digits} digits before the point."
    ),
    "enum": Label("请从这些选项中选择:{expected}。", "Please choose one of these: {expected}."),
    "literal_error": Label("请从这些选项中选择:{expected}。", "Please choose one of these: {expected}."),
    "invalid_key": Label("名称须是文字,请加引号。", "Names must be texts; put them in quotes."),
    "extra_forbidden": Label("没有这个字段,请去掉。", "There is no such field; please leave it out."),
    "timezone_aware": Label("时间须带时区。", "The time needs a time zone."),
    "json_invalid": Label("JSON 格式不对。", "This is not valid JSON."),
}
# Several names that mean the same to whoever has to correct the value.
LIKE = {
    "decimal": Label("请填写数字。", "Please give a number."),
    "int": Label("请填写整数。", "Please give a whole number."),
    "float": Label("请填写数字。", "Please give a number."),
    "datetime": Label("请填写日期和时间。", "Please give a date and time."),
    "date": Label("请填写日期,例如 2026-09-25。", "Please give a date such as 2026-09-25."),
    "bool": Label("请选择是或否。", "Please answer yes or no."),
    "uuid": Label("编号格式不对。", "This is no valid identifier."),
    "string": Label("请填写文字。", "Please give a text."),
    "tuple": Label("请写成列表。", "Please give a list."),
    "list": Label("请写成列表。", "Please give a list."),
    "model": Label("请写成一组“名称: 值”。", "Please give names with values."),
    "dict": Label("请写成一组“名称: 值”。", "Please give names with values."),
}
ORIGINAL = Label("不符合要求(原文说明:{said})。", "{said}")


def remedy(error: dict[str, Any]) -> dict[str, str]:
    """One of pydantic's validation errors as field, value and remedy."""
    place = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    return {"field": ".".join(place) or "body", "value": repr(error.get("input"))[:200], "remedy": in_words(error)}


def in_words(error: dict[str, Any]) -> str:
    """The remedy in the reader's language."""
    return str(remedy_of(error))


def remedy_of(error: dict[str, Any]) -> Label:
    """The remedy in both languages; what has none of ours keeps pydantic's, with a lead-in for a Chinese reader."""
    kind, bounds = str(error["type"]), error.get("ctx", {})
    if isinstance(said := bounds.get("error"), InvalidValue):
        return said.what
    label = REMEDIES.get(kind) or LIKE.get(kind.partition("_")[0])
    if label is None:
        return ORIGINAL.filled(said=error["msg"])
    return label.filled(**{name: either(str(value)) for name, value in bounds.items()})


def either(value: str) -> Label:
    """What pydantic knows about the bound; its lists of choices (`'a', 'b' or 'c'`) as a Chinese reader writes them."""
    return Label(value.replace("', '", "'、'").replace("' or '", "' 或 '"), value)
