"""Which documents does Engineering keep, and how may each move?"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Numeric, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.hindrances import HindranceDocument
from chassis.language import Label
from chassis.opinions import OpinionDocument
from contracts import event
from contracts.engineering import BomItem, RouteOperation
from contracts.event import Code, Fact
from contracts.parts import OrderLine

weight = Numeric(12, 3)


class Base(DeclarativeBase):
    """Engineering's own tables."""


class Hindrance(HindranceDocument, Base):
    """What hinders Engineering in what it owes."""

    code: ClassVar[str] = "HDE"


class Opinion(OpinionDocument, Base):
    """Engineering's opinion on a contract: can it be built, and how fast is its paper there?"""


class OrderCopy(Base):
    """What Engineering remembers of an order: its newest lines, and whether the factory works on it."""

    __tablename__ = "orders"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    lines: Mapped[tuple[OrderLine, ...]] = mapped_column(Typed(tuple[OrderLine, ...]))
    special_requirements: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    released: Mapped[bool] = mapped_column(default=False)
    cancelled: Mapped[bool] = mapped_column(default=False)


class ProductStatus(StrEnum):
    ACTIVE = "active"


class Product(Document, Base):
    """A product of the standard library, from which every order's package starts; `no` is the product code."""

    __tablename__ = "products"
    code: ClassVar[str] = "PRD"
    title: ClassVar[Label] = Label("产品", "Product")
    moves: ClassVar[Moves] = {ProductStatus.ACTIVE: frozenset()}

    name: Mapped[str] = mapped_column(Text)
    bom: Mapped[tuple[BomItem, ...]] = mapped_column(Typed(tuple[BomItem, ...]))
    route: Mapped[tuple[RouteOperation, ...]] = mapped_column(Typed(tuple[RouteOperation, ...]))
    required: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    inspection_standard: Mapped[str] = mapped_column(Text)
    unit_weight_kg: Mapped[Decimal] = mapped_column(weight)


class PackageDocument(Fact):
    """One document of a package: its kind, and where its drawing or file is found."""

    document: Code
    reference: event.Text = ""


class PackageStatus(StrEnum):
    OPEN = "open"
    DRAFT = "draft"
    RELEASED = "released"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


class Package(Document, Base):
    """One revision of what an order line is made from (工程资料); a released one never changes again."""

    __tablename__ = "packages"
    __table_args__ = (UniqueConstraint("package_no", "revision", name="packages_one_of_each_revision"),)
    code: ClassVar[str] = "PKG"
    title: ClassVar[Label] = Label("工程资料", "Engineering package")
    moves: ClassVar[Moves] = {
        PackageStatus.OPEN: frozenset({PackageStatus.DRAFT, PackageStatus.CANCELLED}),
        PackageStatus.DRAFT: frozenset(
            {PackageStatus.OPEN, PackageStatus.DRAFT, PackageStatus.RELEASED, PackageStatus.CANCELLED}
        ),
        PackageStatus.RELEASED: frozenset({PackageStatus.SUPERSEDED}),
        PackageStatus.SUPERSEDED: frozenset(),
        PackageStatus.CANCELLED: frozenset(),
    }

    package_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(Text)
    spec: Mapped[str] = mapped_column(Text)
    special_requirements: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    change: Mapped[str] = mapped_column(Text, default="")
    assignee: Mapped[str | None] = mapped_column(String(16))
    bom: Mapped[tuple[BomItem, ...]] = mapped_column(Typed(tuple[BomItem, ...]), default=())
    route: Mapped[tuple[RouteOperation, ...]] = mapped_column(Typed(tuple[RouteOperation, ...]), default=())
    required: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)
    documents: Mapped[tuple[PackageDocument, ...]] = mapped_column(Typed(tuple[PackageDocument, ...]), default=())
    inspection_standard: Mapped[str] = mapped_column(Text, default="")
    unit_weight_kg: Mapped[Decimal] = mapped_column(weight, default=Decimal(0))
    drafted_by: Mapped[str | None] = mapped_column(String(16))
    released_by: Mapped[str | None] = mapped_column(String(16))
    released_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class CaseStatus(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class MissingDocumentCase(Document, Base):
    """A department misses a document of a released package; `no` is the number of its report."""

    __tablename__ = "missing_document_cases"
    __table_args__ = (CheckConstraint("approved_by <> released_by", name="missing_document_cases_decided_by_another"),)
    code: ClassVar[str] = "MDR"
    second_person: ClassVar[bool] = True
    title: ClassVar[Label] = Label("缺资料", "Missing document")
    moves: ClassVar[Moves] = {
        CaseStatus.OPEN: frozenset({CaseStatus.CONFIRMED, CaseStatus.DISMISSED}),
        CaseStatus.CONFIRMED: frozenset({CaseStatus.DISMISSED}),
        CaseStatus.DISMISSED: frozenset(),
    }

    line_no: Mapped[int]
    package_no: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    document: Mapped[str] = mapped_column(String(64))
    listed: Mapped[bool]
    released_by: Mapped[str] = mapped_column(String(16))
    description: Mapped[str] = mapped_column(Text)
    remark: Mapped[str] = mapped_column(Text, default="")


class StopStatus(StrEnum):
    STOPPED = "stopped"
    RESUMED = "resumed"
    CANCELLED = "cancelled"


class WorkStop(Document, Base):
    """Engineering stopped work that departs from its data (停工令)."""

    __tablename__ = "work_stops"
    code: ClassVar[str] = "WST"
    title: ClassVar[Label] = Label("停工令", "Work stop")
    moves: ClassVar[Moves] = {
        StopStatus.STOPPED: frozenset({StopStatus.RESUMED, StopStatus.CANCELLED}),
        StopStatus.RESUMED: frozenset(),
        StopStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    resumed_by: Mapped[str | None] = mapped_column(String(16))
    resumed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    resumed_because: Mapped[str] = mapped_column(Text, default="")
