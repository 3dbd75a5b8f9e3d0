"""Which fields of links and clauses decide nothing by themselves, what is true of them, and what to change instead?

A handover arrives on the worklist of the post to which its service delivers it, and is closed by the facts that say so: another
word here would be shown and change no verdict. What follows from a clause's grounds is held to them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from chassis.language import Label
from services.accountability.rules.mistakes import Mistake, Place
from services.accountability.rules.rulebook import WHOEVER, ClauseRule, LinkRule, RulebookText

ROSTER = Label(
    "“{code}”送到{said}的待办,由程序决定,改写不影响任何判定;请写 {known},要换责任人请改任职登记",
    "{code} arrives on the worklist of {known} by the program, and {said} would change no verdict; write {known}, and for "
    "another person change the roster",
)
PROGRAM = Label(
    "{code} 的这一项由程序决定,写“{said}”不影响任何判定;请写 {known},否则须改程序",
    "this of {code} is decided by the program, and {said} would change no verdict; write {known}, anything else takes a "
    "change of the program",
)
FOLLOWS_GROUNDS = Label(
    "{code} 的这一项由条款依据中的环节决定,写“{said}”不影响任何判定;请写 {known},或改条款依据中的环节",
    "this of {code} follows from the links in the clauses' grounds, and {said} would change no verdict; write {known}, or "
    "change the links of a ground",
)
FOLLOWS_SHAPES = Label(
    "{code} 的方式由其依据的种类决定;请写 mode: {known},或改依据的种类",
    "the mode of {code} follows from the shapes of its grounds; write mode: {known}, or change a ground",
)
NO_DATE = Label(
    "种类为时限的依据不看日期;请去掉 of,或改为首因(first_cause)",
    "a deadline looks at no date; leave out of, or write shape: first_cause",
)
SHOWN = {
    "post": Label(
        "由程序决定:交接送到这个岗位的待办。要换责任人,请改任职登记。",
        "Decided by the program: the handover arrives on this post's worklist. For another person change the roster.",
    ),
    "department": Label(
        "由程序决定:交接在这个部门的系统中。",
        "Decided by the program: the handover lies in this department's system.",
    ),
    "closes_with": Label(
        "由程序决定:各系统的事实自己写明完成哪项交接。",
        "Decided by the program: the facts of the services say which handover they close.",
    ),
    "clause": Label(
        "由条款依据中的环节得出;要改请改条款的依据。",
        "Follows from the links in the clauses' grounds; change a clause's ground instead.",
    ),
    "found_by": Label(
        "由程序决定:相应系统按权限由此岗位确认。",
        "Decided by the program: in its service this post confirms it.",
    ),
}
"""What to tell beside a field that is shown as it is."""

LINK = ("post", "department", "closes_with")
NOTHING = "—"


def fixed_mistakes(text: RulebookText, shipped: RulebookText) -> Iterator[Mistake]:
    """What a draft says otherwise in vain; what was approved before is read as it stands."""
    links, clauses = {one.code: one for one in shipped.links}, {one.code: one for one in shipped.clauses}
    for index, link in enumerate(text.links):
        yield from _of_link(("links", index), link, links.get(link.code), clause_of(text, link.code))
    for index, clause in enumerate(text.clauses):
        yield from _of_clause(("clauses", index), clause, clauses.get(clause.code), text)


def _of_link(place: Place, link: LinkRule, known: LinkRule | None, clause: str | None) -> Iterator[Mistake]:
    for name in LINK if known else ():
        true, said = getattr(known, name), getattr(link, name)
        if (set(said) != set(true)) if name == "closes_with" else (said != true):
            label = ROSTER if name == "post" else PROGRAM
            yield (*place, name), label.filled(code=link.code, known=_written(true), said=_written(said))
    if link.clause != clause:
        told = FOLLOWS_GROUNDS.filled(code=link.code, known=_written(clause), said=_written(link.clause))
        yield (*place, "clause"), told


def _of_clause(place: Place, clause: ClauseRule, known: ClauseRule | None, text: RulebookText) -> Iterator[Mistake]:
    true = known.found_by if known else None
    if clause.found_by != true:
        told = PROGRAM.filled(code=clause.code, known=_written(true), said=_written(clause.found_by))
        yield (*place, "found_by"), told
    post = post_of(clause, text)
    if post and clause.post != post:
        yield (*place, "post"), FOLLOWS_GROUNDS.filled(code=clause.code, known=post, said=clause.post)
    if clause.mode != (mode := mode_of(ground.shape for ground in clause.grounds)):
        yield (*place, "mode"), FOLLOWS_SHAPES.filled(code=clause.code, known=mode)
    for number, ground in enumerate(clause.grounds):
        if ground.shape == "deadline" and "of" in ground.model_fields_set:
            yield (*place, "grounds", number, "of"), NO_DATE


def clause_of(text: RulebookText, link: str) -> str | None:
    """The first clause that rests on a link."""
    return next((one.code for one in text.clauses if any(link in ground.links for ground in one.grounds)), None)


def post_of(clause: ClauseRule, text: RulebookText) -> str | None:
    """Who answers for a clause that rests on handovers: the one post on whose worklist they arrive, else whoever owes them."""
    named = {link for ground in clause.grounds for link in ground.links}
    return post_among({link.post for link in text.links if link.code in named})


def post_among(posts: Collection[str | None]) -> str | None:
    """Of the posts on whose worklists some handovers arrive; None where there are no handovers."""
    if not posts:
        return None
    (post,) = posts if len(posts) == 1 else {None}
    return post or WHOEVER


def mode_of(shapes: Iterable[str]) -> str:
    """How a clause with grounds of these shapes is established."""
    found = [shape == "finding" for shape in shapes]
    return "auto" if not any(found) else "finding" if all(found) else "both"


def put_right(body: dict[str, Any], shipped: Mapping[str, Any]) -> None:
    """Write into a rulebook's data what is true of it, so that a form changes nothing in vain and leaves nothing behind."""
    true = {each["code"]: each for each in shipped["links"]}
    for link in body["links"]:
        for name in LINK if link["code"] in true else ():
            _put(link, name, true[link["code"]].get(name))
        rests = (
            one["code"]
            for one in body["clauses"]
            for ground in one.get("grounds", ())
            if link["code"] in _links(ground)
        )
        _put(link, "clause", next(rests, None))
    confirmed = {each["code"]: each.get("found_by") for each in shipped["clauses"]}
    for clause in body["clauses"]:
        _put(clause, "found_by", confirmed.get(clause["code"]))


def _links(ground: Mapping[str, Any]) -> Any:
    return ground.get("links") or ()


def _put(entry: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        entry.pop(name, None)
    elif entry.get(name) != value:
        entry[name] = value


def _written(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or NOTHING
