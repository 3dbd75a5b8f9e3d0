"""What may be put into a field, said beside it before anything is wrong?"""

from chassis.language import Label
from chassis.ui.shapes import Member, Shape

BETWEEN = Label("{ge} 至 {le}", "{ge} to {le}")
BOUNDS = {
    "gt": Label("大于 {gt}", "more than {gt}"),
    "ge": Label("不小于 {ge}", "at least {ge}"),
    "lt": Label("小于 {lt}", "less than {lt}"),
    "le": Label("不大于 {le}", "at most {le}"),
}
NEXT = Label(";", "; ")
ONE_A_LINE = Label("每行一项", "one on each line")


def hint_of(member: Member) -> str:
    """What is said of the field, how many there may be, and the bounds of a number; that it is not negative goes without saying."""
    return str(NEXT).join(str(said) for said in (member.hint, form_of(member)) if said)


def form_of(member: Member) -> str:
    limits = dict(member.limits)
    if member.shape is Shape.LIST:
        return str(ONE_A_LINE)
    if member.numeric:
        if "ge" in limits and "le" in limits:
            return str(BETWEEN).format_map(limits)
        return "、".join(str(said).format_map(limits) for name, said in BOUNDS.items() if limits.get(name))
    return ""
