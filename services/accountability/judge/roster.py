"""Who held a post at a moment, and who answers for a duty?

Entries count from max(effective, recorded), so nobody can be moved into blame afterwards; an end that was recorded late
clears whoever had really given up the post, and moves nobody else into their place.
"""

from __future__ import annotations

from dataclasses import dataclass

from chassis.instants import Instant, parse
from chassis.language import Label, word
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.state import Attempt, Duty, Mark, State, Tenure
from services.accountability.judge.verdicts import Person
from services.accountability.rules.rulebook import WHOEVER, Rulebook

FORGOTTEN = Label(
    "数据恢复后,该交接的部分记录已被来源遗忘,须先由人处理",
    "a restored service has forgotten facts of this handover; somebody has to see to it first",
)
CERTAIN = Label("", "")


@dataclass(frozen=True, slots=True)
class Answerable:
    """The person, or why nobody can be named, and the roster facts that say so.

    `among`: the post whose holder a manager may name, where only that is in doubt.
    """

    person: Person | None
    doubt: Label = CERTAIN
    marks: tuple[Mark, ...] = ()
    among: str = ""


def assign(state: State, told: Evidence) -> str:
    """A person holds a post from now on; returns the post."""
    data = told.data
    tenure = state.tenures.setdefault(data["assignment_no"], Tenure(data["assignment_no"]))
    since = max(parse(data["effective_from"]), told.mark.at)
    tenure.employee, tenure.post = data["employee"], data["post"]
    tenure.acting = bool(data.get("acting"))
    tenure.since, tenure.mark = since, told.mark
    index_post(state, tenure)
    return tenure.post


def end(state: State, told: Evidence) -> str:
    """A person gives up a post; returns the post."""
    data = told.data
    tenure = state.tenures.setdefault(data["assignment_no"], Tenure(data["assignment_no"]))
    effective = parse(data["effective_until"])
    tenure.post = tenure.post or data["post"]
    tenure.ended_effective, tenure.ended_recorded = effective, max(effective, told.mark.at)
    return tenure.post


def index_post(state: State, tenure: Tenure) -> None:
    """Keep at hand who has held a post, the latest last, and when somebody last took it over."""
    if tenure.since is not None:
        last = state.index.last_start
        last[tenure.post] = max(last.get(tenure.post, tenure.since), tenure.since)
        known = state.index.entries.setdefault(tenure.post, [])
        if all(one is not tenure for one in known):
            known.append(tenure)
        known.sort(key=lambda each: (each.since or 0, each.assignment_no))


def holders(state: State, post: str, at: Instant) -> list[Tenure]:
    """The entries by which somebody held a post at an instant, as it was then recorded; one for each person."""
    held = {tenure.employee: tenure for tenure in _entries(state, post) if _recorded(tenure, at)}
    return [held[employee] for employee in sorted(held)]


def posts_of(state: State, employee: str, at: Instant) -> tuple[str, ...]:
    """Every post that a person held at an instant."""
    return tuple(sorted({t.post for t in state.tenures.values() if t.employee == employee and _recorded(t, at)}))


def answers_for(state: State, duty: Duty, attempt: Attempt, at: Instant) -> Answerable:
    """Who answers for a handover; nobody while the service that kept it has forgotten facts about it."""
    answerable = responsible(state, attempt.post, assignee_of(duty, attempt, at), at)
    return Answerable(None, FORGOTTEN, answerable.marks) if duty.forgotten else answerable


def assignee_of(duty: Duty, attempt: Attempt, at: Instant) -> str | None:
    """Whom the document names: the handover, else the purchase orders of its line by then, if they are one buyer's."""
    if attempt.assignee:
        return attempt.assignee
    buyers = {buyer for ordered, buyer in duty.ordered if ordered.at <= at}
    return buyers.pop() if len(buyers) == 1 else None


def responsible(state: State, post: str, assignee: str | None, at: Instant) -> Answerable:
    """Who answers: the assignee on the document while they hold the post, else its sole holder at that time."""
    if assignee and assignee != "system":
        theirs = [tenure for tenure in _entries(state, post) if tenure.employee == assignee]
        holding = [tenure for tenure in theirs if _recorded(tenure, at) and not _had_left(tenure, at)]
        if holding:
            return _named(holding[-1])
        if not any(_had_left(tenure, at) for tenure in theirs):
            return Answerable(Person(assignee, post, acting=False, assignment_no=None))
    return sole_holder(state, post, at)


def sole_holder(state: State, post: str, at: Instant) -> Answerable:
    """The one person who held a post at an instant; with none or several nobody is named."""
    found = holders(state, post, at)
    if not found:
        return Answerable(None, Label(f"当时无人任{word(post).zh}", f"nobody held the post {post}"), among=post)
    if len(found) > 1:
        names = ", ".join(tenure.employee for tenure in found)
        doubt = Label(f"当时有多人任{word(post).zh}:{names}", f"several held the post {post}: {names}")
        return Answerable(None, doubt, _marks(found), among=post)
    if _had_left(found[0], at):
        who = found[0].employee
        doubt = Label(
            f"{who} 当时已卸任{word(post).zh},登记在后", f"{who} had given up the post {post}, which was recorded later"
        )
        return Answerable(None, doubt, _marks(found), among=post)
    return _named(found[0])


def named(state: State, post: str, employee: str, at: Instant, among: tuple[str, ...] = ()) -> Answerable:
    """A person whom a fact names. Where the clause is about a post, or one `among` several, they must have held it then."""
    if post == WHOEVER:
        held = [
            tenure
            for tenure in state.tenures.values()
            if tenure.employee == employee and _recorded(tenure, at) and not _had_left(tenure, at)
            if not among or tenure.post in among
        ]
        held.sort(key=lambda tenure: (tenure.acting, tenure.post))
        return _named(held[0]) if held else Answerable(None, _held_nothing(employee, among))
    held = [tenure for tenure in _entries(state, post) if tenure.employee == employee and _recorded(tenure, at)]
    if held and not _had_left(held[-1], at):
        return _named(held[-1])
    doubt = Label(f"{employee} 当时不任{word(post).zh}", f"{employee} did not hold the post {post} at that time")
    return Answerable(None, doubt, _marks(held))


def _held_nothing(employee: str, among: tuple[str, ...]) -> Label:
    posts = "、".join(word(post).zh for post in among) or "任何岗位"
    none_of = f"none of the posts {', '.join(among)}" if among else "no post"
    return Label(f"{employee} 当时不任{posts}", f"{employee} held {none_of} at that time")


def took_over(state: State, post: str, employee: str, at: Instant) -> Tenure | None:
    """The entry by which a person took the post that they held at an instant; holding on by a further one takes over nothing."""
    theirs = [tenure for tenure in _entries(state, post) if tenure.employee == employee and tenure.since is not None]
    found = next((tenure for tenure in reversed(theirs) if _recorded(tenure, at)), None)
    for before in reversed(theirs):
        if found and found.since and _reaches(before, found.since):
            found = before
    return found


def self_dealing(state: State, rulebook: Rulebook, employee: str, at: Instant) -> tuple[tuple[str, str], ...]:
    """The pairs of posts that should check each other and were both held by this person."""
    held = set(posts_of(state, employee, at))
    return tuple(pair for pair in rulebook.text.checks if held.issuperset(pair))


def _entries(state: State, post: str) -> list[Tenure]:
    """The known entries of a post, the latest last."""
    return [tenure for tenure in state.index.entries.get(post, ()) if tenure.post == post]


def _recorded(tenure: Tenure, at: Instant) -> bool:
    """Whether the roster as recorded then says that they held the post: from the start, to before the end."""
    return (
        tenure.since is not None
        and tenure.since <= at
        and (tenure.ended_recorded is None or at < tenure.ended_recorded)
    )


def _reaches(tenure: Tenure, at: Instant) -> bool:
    """Whether an entry began before an instant and lasted until then."""
    began = tenure.since is not None and tenure.since < at
    return began and (tenure.ended_recorded is None or at <= tenure.ended_recorded)


def _had_left(tenure: Tenure, at: Instant) -> bool:
    return tenure.ended_effective is not None and tenure.ended_effective <= at


def _named(tenure: Tenure) -> Answerable:
    return Answerable(Person(tenure.employee, tenure.post, tenure.acting, tenure.assignment_no), marks=_marks([tenure]))


def _marks(tenures: list[Tenure]) -> tuple[Mark, ...]:
    return tuple(tenure.mark for tenure in tenures if tenure.mark is not None)
