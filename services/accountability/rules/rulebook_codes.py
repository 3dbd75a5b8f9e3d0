"""How is what a draft adds called, and does it rest on anything? What was approved before is read as it stands.

A clause is found, cited and counted by its code; a handover is delivered by the product, which knows no others than it was made
with.
"""

import re
from collections.abc import Iterator

from chassis.language import Label
from services.accountability.rules.mistakes import Mistake, nearest
from services.accountability.rules.rulebook import RulebookText

CLAUSE_CODE = r"^[A-Z]{2,4}-\d{2}$"
"""The finding's form asks for such a code, and records are numbered by it."""

NO_CODE = Label(
    "条款编号“{code}”须为两到四个大写字母、连字符和两位数字,例如 WHS-05",
    "a clause's code is two to four capitals, a dash and two digits, such as WHS-05; not {code!r}",
)
NO_HANDOVER = Label(
    "产品没有交接“{code}”,永远不会开始计时;是不是 {near}?",
    "the product delivers no handover {code!r}, its clock would never start; did you mean {near}?",
)
NO_GROUND = Label(
    "{code} 没有任何依据,永远不会被违反;请加一条依据,或去掉这个条款",
    "{code} rests on no ground and could never be breached; add one, or leave the clause out",
)


def code_mistakes(text: RulebookText, shipped: RulebookText) -> Iterator[Mistake]:
    """Names of a draft that would lead nowhere, and clauses that would never be breached."""
    known = {link.code for link in shipped.links}
    for index, link in enumerate(text.links):
        if link.code not in known:
            yield ("links", index, "code"), NO_HANDOVER.filled(code=link.code, near=nearest(link.code, known))
    for index, clause in enumerate(text.clauses):
        if not re.fullmatch(CLAUSE_CODE, clause.code):
            yield ("clauses", index, "code"), NO_CODE.filled(code=clause.code)
        if not clause.grounds:
            yield ("clauses", index, "grounds"), NO_GROUND.filled(code=clause.code)
