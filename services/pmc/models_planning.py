"""Which documents does planning keep, and how may each move?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from chassis.opinions import OpinionDocument
from contracts.engineering import BomItem, RouteOperation
from contracts.event import Fact
from contracts.parts import OrderLine
from contracts.pmc import RequirementLine
from services.pmc.models_base import Base, amount, moment, remark


class Opinion(OpinionDocument, Base):
    """PMC's own opinion on a contract: is there capacity?"""


class Postponed(Fact):
    """The customer's later date for one line, and when Sales recorded it."""

    line_no: int
    delivery_date: date
    recorded_at: datetime


class OrderCopy(Base):
    """What PMC remembers of an order, whatever the order in which Sales' facts arrive.

    `revision` and `lines_at` are those of the newest lines; `removed` are the lines that an amendment took away.
    """

    __tablename__ = "orders"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    lines: Mapped[tuple[OrderLine, ...]] = mapped_column(Typed(tuple[OrderLine, ...]))
    lines_at: Mapped[datetime] = mapped_column(moment)
    revision: Mapped[int] = mapped_column(default=1)
    postponed: Mapped[tuple[Postponed, ...]] = mapped_column(Typed(tuple[Postponed, ...]), default=())
    removed: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)
    cancelled: Mapped[bool] = mapped_column(default=False)

    def gave_up(self, line_no: int) -> bool:
        return self.cancelled or line_no in self.removed

    def line(self, line_no: int) -> OrderLine | None:
        """The line as it counts now: a postponement that is newer than the lines gives its date."""
        line = next((line for line in self.lines if line.line_no == line_no), None)
        newer = [each for each in self.postponed if each.line_no == line_no and each.recorded_at >= self.lines_at]
        if line is None or not newer:
            return line
        latest = max(newer, key=lambda each: each.recorded_at)
        return line.model_copy(update={"delivery_date": latest.delivery_date})


class ReviewStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    CONDITIONAL = "conditional"
    DECLINED = "declined"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class GivenOpinion(Fact):
    """One department's answer in a contract review."""

    department: str
    opinion: str
    remark: str = ""
    lead_time_days: int | None = None
    given_by: str


class Review(Document, Base):
    """Every department's opinion on a contract, and what PMC decided on them (合同评审表)."""

    __tablename__ = "reviews"
    code: ClassVar[str] = "CRV"
    title: ClassVar[Label] = Label("合同评审", "Contract review")
    moves: ClassVar[Moves] = {
        ReviewStatus.OPEN: frozenset(ReviewStatus) - {ReviewStatus.OPEN},
        ReviewStatus.ACCEPTED: frozenset(),
        ReviewStatus.CONDITIONAL: frozenset(),
        ReviewStatus.DECLINED: frozenset(),
        ReviewStatus.WAIVED: frozenset(),
        ReviewStatus.CANCELLED: frozenset(),
    }

    customer_code: Mapped[str] = mapped_column(String(64))
    lines: Mapped[tuple[OrderLine, ...]] = mapped_column(Typed(tuple[OrderLine, ...]))
    opinions: Mapped[tuple[GivenOpinion, ...]] = mapped_column(Typed(tuple[GivenOpinion, ...]), default=())
    conditions: Mapped[str] = remark()


class Package(Base):
    """The newest released engineering package of an order line."""

    __tablename__ = "packages"
    __table_args__ = (Index("packages_of_a_product", "product_code", "order_no"),)

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    package_no: Mapped[str] = mapped_column(String(64), index=True)
    revision: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    documents: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    bom: Mapped[tuple[BomItem, ...]] = mapped_column(Typed(tuple[BomItem, ...]))
    route: Mapped[tuple[RouteOperation, ...]] = mapped_column(Typed(tuple[RouteOperation, ...]))
    unit_weight_kg: Mapped[Decimal] = mapped_column(amount)


class RequirementStatus(StrEnum):
    OPEN = "open"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class Requirement(Document, Base):
    """What an order line needs and what of it must be bought (物料明细表).

    `makes_up_for` is the production order after which the line was short, where the list is for the rest.
    """

    __tablename__ = "requirements"
    code: ClassVar[str] = "MRL"
    title: ClassVar[Label] = Label("物料明细表", "Material list")
    moves: ClassVar[Moves] = {
        RequirementStatus.OPEN: frozenset({RequirementStatus.ISSUED, RequirementStatus.CANCELLED}),
        RequirementStatus.ISSUED: frozenset({RequirementStatus.CANCELLED}),
        RequirementStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    package_no: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    quantity: Mapped[Decimal] = mapped_column(amount)
    required_on: Mapped[date | None]
    lines: Mapped[tuple[RequirementLine, ...]] = mapped_column(Typed(tuple[RequirementLine, ...]), default=())
    makes_up_for: Mapped[str | None] = mapped_column(String(64))
    outdated: Mapped[str] = remark()


class ChangeStatus(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"


class Change(Document, Base):
    """What changed under documents that were issued already, for the planner to act on (变更通知)."""

    __tablename__ = "changes"
    code: ClassVar[str] = "CHG"
    title: ClassVar[Label] = Label("变更通知", "Notice of change")
    moves: ClassVar[Moves] = {
        ChangeStatus.OPEN: frozenset({ChangeStatus.ACKNOWLEDGED, ChangeStatus.CANCELLED}),
        ChangeStatus.ACKNOWLEDGED: frozenset(),
        ChangeStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    affected: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    change: Mapped[str] = mapped_column(Text)
    remark: Mapped[str] = remark()


class MissingDocumentStatus(StrEnum):
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class MissingDocument(Document, Base):
    """A document of a released package that planning or the workshop misses (缺资料)."""

    __tablename__ = "missing_documents"
    code: ClassVar[str] = "MDR"
    title: ClassVar[Label] = Label("缺资料", "Missing document")
    moves: ClassVar[Moves] = {
        MissingDocumentStatus.REPORTED: frozenset({MissingDocumentStatus.CONFIRMED, MissingDocumentStatus.DISMISSED}),
        MissingDocumentStatus.CONFIRMED: frozenset({MissingDocumentStatus.DISMISSED}),
        MissingDocumentStatus.DISMISSED: frozenset(),
    }

    line_no: Mapped[int]
    package_no: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(String(64))
    remark: Mapped[str] = remark()
