"""Who sees whom a document names? That person, the manager of their department, HR and the general manager.

Posts count as they are held at the moment of looking, acting ones included.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import Person
from chassis.schema_people import employees
from chassis.sight import Sight, retold
from contracts.posts import MANAGERS, SEE_ALL


class NotForTheirEyes(Refusal):
    status, code = 403, "not_for_their_eyes"
    message = Label(
        "{no} 涉及另一位员工。只有当事人本人、其部门经理、人事和总经理可以查看。您可以在订单时间线上看到交接、工时与部门。",
        "{no} concerns another employee. Only that person, the manager of their department, HR and the general manager "
        "may look at it. You see handovers, hours and departments on the order's timeline.",
    )


def sees_all(person: Person) -> bool:
    return person.holds(SEE_ALL)


def managed_by(person: Person) -> list[str]:
    """The departments whose manager this person is now."""
    return [department for department, post in MANAGERS.items() if person.holds({post})]


def people_of(person: Person) -> Select[Any]:
    """The employee ids of the departments that this person manages."""
    return select(employees.c.employee).where(employees.c.department.in_(managed_by(person)))


def theirs(column: Any, person: Person) -> ColumnElement[bool]:
    """Whether a column names this person or somebody whom they may see; the one place that says so."""
    own: ColumnElement[bool] = column == person.employee
    if sees_all(person):
        return true()
    return own | column.in_(people_of(person)) if managed_by(person) else own


@dataclass(frozen=True, slots=True)
class OfTheNamed(Sight):
    """What `own`, or one of the columns `beside`, names somebody for; `deciding` are the posts that say or decide it.

    Colleagues see none of them; what comes of it everybody reads at accountability, as figures.
    """

    deciding: frozenset[str] = frozenset()
    beside: tuple[str, ...] = ()

    def which(self, person: Person) -> ColumnElement[bool] | None:
        if person.holds(self.deciding | SEE_ALL):
            return None
        return or_(*(theirs(getattr(self.kind, name), person) for name in (self.own, *self.beside)))

    def refusal(self, person: Person, document: Any) -> Exception:
        return NotForTheirEyes(no=document.no)


@dataclass(frozen=True, slots=True)
class NamesFew(Sight):
    """Its readers see every document; whom one holds to answer is named to whom `OfTheNamed` would show it, others read the post.

    `posts`: by column that names somebody so, their post. Whoever said it, the column `by`, reads the name as well, and so do the
    posts `deciding` that have to say who answers.
    """

    posts: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    deciding: frozenset[str] = frozenset()

    def reads_names(self, person: Person) -> bool:
        """Whether a post lets this person read every one of them."""
        return person.holds(self.deciding | SEE_ALL)

    def named_to(self, name: str, person: Person) -> ColumnElement[bool]:
        kind: Any = self.kind
        may = theirs(getattr(kind, name), person)
        return may | (getattr(kind, self.by) == person.employee) if self.by else may

    def among(self, person: Person, filters: Collection[str]) -> ColumnElement[bool] | None:
        """Whoever asks for somebody's finds those alone in which they may read the name."""
        seen, asked = self.which(person), self.posts.keys() & set(filters)
        if not asked or self.reads_names(person):
            return seen
        return and_(true() if seen is None else seen, *(self.named_to(name, person) for name in sorted(asked)))

    async def veiled(self, session: AsyncSession, person: Person, documents: Sequence[Any]) -> Sequence[Any]:
        naming = [each.no for each in documents if any(getattr(each, name) for name in self.posts)]
        if not naming or self.reads_names(person):
            return documents
        kind: Any = self.kind
        may = (self.named_to(name, person).label(name) for name in self.posts)
        rows = await session.execute(select(kind.no.label("no"), *may).where(kind.no.in_(naming)))
        readable = {row["no"]: row for row in rows.mappings()}
        hidden = {no: [name for name in self.posts if row[name] is False] for no, row in readable.items()}
        return [self.unnamed(session, each, hidden.get(each.no, [])) for each in documents]

    def unnamed(self, session: AsyncSession, document: Any, hidden: Sequence[str]) -> Any:
        posts = {name: self.posts[name] for name in hidden}
        return retold(session, document, **posts) if posts else document

    def kept_back(self, person: Person, act: Any) -> frozenset[str]:
        """What others wrote into these fields, unless it was this person's name."""
        if self.reads_names(person) or act.employee == person.employee:
            return frozenset()
        return frozenset(name for name in self.posts if act.request.get(name) != person.employee)
