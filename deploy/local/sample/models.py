"""What is written in the sample factory's files: people, materials, products, suppliers, customers and stock?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from contracts.engineering import BomItem, RouteOperation
from contracts.event import Amount, Code, EmployeeId, Quantity, Text
from deploy.local.sample.files import Model
from deploy.local.sample.worktime import FactoryCalendar, WallTime

Positive = Annotated[Quantity, Field(gt=0)]
Money = Annotated[Amount, Field(ge=0)]


def as_text(value: object) -> object:
    """`spec: 630` and `spec: 6.30` are texts although YAML reads numbers."""
    return str(value) if isinstance(value, int | Decimal) else value


Spec = Annotated[Text, BeforeValidator(as_text)]


class Department(Model):
    code: Code
    zh: Text
    en: Text


class Post(Model):
    """`sole`: one person holds it at a time, so a duty without an assignee falls on the holder."""

    code: Code
    department: Code
    sole: bool = False
    signs_in: bool = True


class Employee(Model):
    """Known by id and workplace nickname; the id is also the login."""

    id: EmployeeId
    nickname: Text
    department: Code


class Holding(Model):
    """A post held from `since` up to, not including, `until`; `acting` (代) is a post lent."""

    post: Code
    who: Text
    since: WallTime
    until: WallTime | None = None
    acting: bool = False

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class People(Model):
    """Everybody who works here."""

    demo_password: Text
    departments: tuple[Department, ...]
    posts: tuple[Post, ...]
    employees: tuple[Employee, ...]
    holdings: tuple[Holding, ...]

    def employee(self, name: str) -> Employee | None:
        """Somebody by nickname or employee id."""
        return next((person for person in self.employees if name in (person.nickname, person.id)), None)

    def post(self, code: str) -> Post | None:
        return next((post for post in self.posts if post.code == code), None)

    def holders(self, post: str, at: datetime) -> tuple[Employee, ...]:
        """Who holds a post at a moment, acting holders included."""
        names = [holding.who for holding in self.holdings if holding.post == post and holding.covers(at)]
        return tuple(person for person in self.employees if person.nickname in names)

    def posts_of(self, employee: str, at: datetime) -> tuple[Holding, ...]:
        """What somebody holds at a moment."""
        person = self.employee(employee)
        return tuple(each for each in self.holdings if person and each.who == person.nickname and each.covers(at))

    def logins(self, department: str) -> tuple[Employee, ...]:
        """Who signs in at a department's service: everybody who ever holds, or acts in, a post there."""
        posts = {post.code for post in self.posts if post.department == department and post.signs_in}
        names = {holding.who for holding in self.holdings if holding.post in posts}
        return tuple(person for person in self.employees if person.nickname in names)


class Item(Model):
    """A material, or with `made_here` an assembly; money in CNY, lead time in calendar days from order to gate."""

    code: Code
    description: Text
    spec: Spec = ""
    unit: Code
    category: Code | None = None
    unit_cost: Money = Decimal(0)
    lead_time_days: int = Field(0, ge=0)
    waste_allowance_percent: Decimal = Field(Decimal(0), ge=0, le=100)
    made_here: bool = False


class Items(Model):
    items: tuple[Item, ...]


class BomLine(Model):
    """`quantity` goes into one finished product, into the assembly `parent` if one is named."""

    item: Code
    quantity: Positive
    parent: Code | None = None


class RouteLine(Model):
    """`standard_hours` are working hours for one product."""

    op_no: int
    title: Text
    standard_hours: Annotated[Decimal, Field(gt=0)]
    predecessor: int | None = None


class Product(Model):
    """`documents` names the sets that a released package must hold; price in CNY."""

    code: Code
    model: Text
    description: Text
    spec: Spec
    unit: Code
    unit_price: Money
    unit_weight_kg: Positive
    documents: tuple[Code, ...]
    inspection_standard: Text
    bom: tuple[BomLine, ...]
    route: tuple[RouteLine, ...]


class Products(Model):
    document_sets: Mapping[Code, tuple[Code, ...]]
    products: tuple[Product, ...]


class Supplier(Model):
    """One row of the approved-supplier list; `approved_for` names categories of materials."""

    code: Code
    name: Text
    supplier_class: Literal["A", "B", "C"] = Field(alias="class")
    score: int = Field(ge=0, le=100)
    valid_until: date
    last_audit: date
    approved_for: tuple[Code, ...]


class Suppliers(Model):
    suppliers: tuple[Supplier, ...]


class Customer(Model):
    """`transit_days` are calendar days on the road; the contact is a nickname."""

    code: Code
    name: Text
    address: Text
    contact: Text
    transit_days: int = Field(ge=0)
    payment_terms: Text


class Customers(Model):
    customers: tuple[Customer, ...]


class StockLine(Model):
    item: Code
    quantity: Annotated[Quantity, Field(ge=0)]
    location: Text


class Stock(Model):
    stock: tuple[StockLine, ...]


@dataclass(frozen=True)
class Sample:
    """The whole sample factory, each file checked against the others."""

    people: People
    calendar: FactoryCalendar
    items: Mapping[str, Item]
    products: Mapping[str, Product]
    document_sets: Mapping[str, tuple[str, ...]]
    suppliers: Mapping[str, Supplier]
    customers: Mapping[str, Customer]
    stock: Mapping[str, StockLine]

    def bom(self, product: Product) -> tuple[BomItem, ...]:
        """The bill of material as Engineering enters it."""
        return tuple(self.bom_item(line) for line in product.bom)

    def bom_item(self, line: BomLine) -> BomItem:
        item = self.items[line.item]
        shared = item.model_dump(include={"description", "spec", "unit", "lead_time_days", "waste_allowance_percent"})
        return BomItem(
            item_code=item.code, quantity=line.quantity, parent=line.parent, purchased=not item.made_here, **shared
        )

    def route(self, product: Product) -> tuple[RouteOperation, ...]:
        return tuple(RouteOperation(**line.model_dump()) for line in product.route)

    def documents(self, product: Product) -> tuple[str, ...]:
        """The documents that a package of this product must hold."""
        return tuple(code for name in product.documents for code in self.document_sets[name])

    def approved(self, item: str, on: date) -> tuple[Supplier, ...]:
        """Who may deliver an item on a day."""
        category = self.items[item].category
        valid = [each for each in self.suppliers.values() if on <= each.valid_until]
        return tuple(each for each in valid if category in each.approved_for)

    def short(self, product: Product) -> tuple[Item, ...]:
        """What has to be bought for every order of this product, because none of it is kept in stock."""
        bought = [self.items[line.item] for line in product.bom if not self.items[line.item].made_here]
        return tuple(item for item in bought if item.code not in self.stock)

    @cached_property
    def spoken(self) -> Mapping[str, Any]:
        """What stories may name of customers, products, suppliers and stock, as JSON values."""
        return {
            "customers": [customer.model_dump(mode="json") for customer in self.customers.values()],
            "products": [self.spoken_product(product) for product in self.products.values()],
            "suppliers": [self.spoken_supplier(supplier) for supplier in self.suppliers.values()],
            "stock": [
                {**line.model_dump(mode="json"), "unit": self.items[line.item].unit} for line in self.stock.values()
            ],
            "people": {person.nickname: person.id for person in self.people.employees},
        }

    def spoken_product(self, product: Product) -> dict[str, Any]:
        return {
            **product.model_dump(mode="json", exclude={"bom", "route", "documents"}),
            "bom": [line.model_dump(mode="json") for line in self.bom(product)],
            "route": [line.model_dump(mode="json") for line in self.route(product)],
            "documents": list(self.documents(product)),
        }

    def spoken_supplier(self, supplier: Supplier) -> dict[str, Any]:
        items = [item.code for item in self.items.values() if item.category in supplier.approved_for]
        return {**supplier.model_dump(mode="json"), "approved_for": items}
