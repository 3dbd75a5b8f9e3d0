"""Is the sample factory whole? Reads its files and checks each against the others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from deploy.local.sample.files import Location, Model, Written, read
from deploy.local.sample.models import Customers, Items, People, Product, Products, Sample, Stock, Suppliers
from deploy.local.sample.worktime import FactoryCalendar

SAMPLE = Path(__file__).parent
M = TypeVar("M", bound=Model)


@cache
def load_sample(folder: Path = SAMPLE) -> Sample:
    """The sample factory in a folder; raises MistakeInFile naming file, line, key and remedy."""
    people = read(folder / "people.yaml", People)
    items = read(folder / "items.yaml", Items)
    products = read(folder / "products.yaml", Products)
    suppliers = read(folder / "suppliers.yaml", Suppliers)
    customers = read(folder / "customers.yaml", Customers)
    stock = read(folder / "stock.yaml", Stock)
    check_people(people)
    sample = Sample(
        people=people.content,
        calendar=read(folder / "calendar.yaml", FactoryCalendar).content,
        items=by(items, "items", "code"),
        products=by(products, "products", "code"),
        document_sets=products.content.document_sets,
        suppliers=by(suppliers, "suppliers", "code"),
        customers=by(customers, "customers", "code"),
        stock=by(stock, "stock", "item"),
    )
    check_products(products, sample)
    check_suppliers(suppliers, sample)
    check_stock(stock, sample)
    return sample


def by(written: Written[Any], name: str, key: str) -> Mapping[str, Any]:
    """A list's entries by their key; raises MistakeInFile when a key comes twice."""
    entries: Sequence[Any] = getattr(written.content, name)
    check_unique(written, name, key, [getattr(entry, key) for entry in entries])
    return {getattr(entry, key): entry for entry in entries}


def check_unique(written: Written[Any], name: str, key: str, values: Sequence[str]) -> None:
    counted = Counter(values)
    for index, value in reversed(list(enumerate(values))):
        if counted[value] > 1:
            raise written.mistake((name, index, key), f"{value} is listed {counted[value]} times; keep one of them")


def check_known(written: Written[Any], location: Location, value: str, known: Iterable[str], what: str) -> None:
    known = tuple(known)
    if value not in known:
        raise written.mistake(location, f"there is no {what} {value}; known are {', '.join(sorted(known))}")


def check_people(written: Written[People]) -> None:
    people = written.content
    departments = [department.code for department in people.departments]
    posts = [post.code for post in people.posts]
    nicknames = [person.nickname for person in people.employees]
    check_unique(written, "employees", "id", [person.id for person in people.employees])
    check_unique(written, "employees", "nickname", nicknames)
    check_unique(written, "posts", "code", posts)
    for index, post in enumerate(people.posts):
        check_known(written, ("posts", index, "department"), post.department, departments, "department")
    for index, person in enumerate(people.employees):
        check_known(written, ("employees", index, "department"), person.department, departments, "department")
    for index, holding in enumerate(people.holdings):
        check_known(written, ("holdings", index, "post"), holding.post, posts, "post")
        check_known(written, ("holdings", index, "who"), holding.who, nicknames, "employee nicknamed")
    check_sole_posts(written)


def check_sole_posts(written: Written[People]) -> None:
    """A post of which a duty may fall on "the holder" has one holder at a time."""
    people = written.content
    sole = {post.code for post in people.posts if post.sole}
    for index, holding in enumerate(people.holdings):
        holders = people.holders(holding.post, holding.since)
        if holding.post in sole and len(holders) > 1:
            names = " and ".join(person.nickname for person in holders)
            remedy = "end one of the two with `until`"
            what = f"{names} both hold {holding.post} on {holding.since:%Y-%m-%d %H:%M}; {remedy}"
            raise written.mistake(("holdings", index), what)


def check_products(written: Written[Products], sample: Sample) -> None:
    for index, product in enumerate(written.content.products):
        place = ("products", index)
        for number, name in enumerate(product.documents):
            check_known(written, (*place, "documents", number), name, sample.document_sets, "document set")
        check_bom(written, place, product, sample)
        check_route(written, place, product)


def check_bom(written: Written[Products], place: tuple[str | int, ...], product: Product, sample: Sample) -> None:
    assemblies: set[str] = set()
    for number, line in enumerate(product.bom):
        here = (*place, "bom", number)
        check_known(written, (*here, "item"), line.item, sample.items, "item")
        if line.parent is not None:
            check_known(written, (*here, "parent"), line.parent, assemblies, "assembly above this line called")
        if sample.items[line.item].made_here:
            assemblies.add(line.item)


def check_route(written: Written[Products], place: tuple[str | int, ...], product: Product) -> None:
    earlier: set[str] = set()
    for number, line in enumerate(product.route):
        here = (*place, "route", number)
        if line.predecessor is not None:
            check_known(written, (*here, "predecessor"), str(line.predecessor), earlier, "earlier operation")
        if str(line.op_no) in earlier:
            raise written.mistake((*here, "op_no"), f"operation {line.op_no} is already there; give it another number")
        earlier.add(str(line.op_no))


def check_suppliers(written: Written[Suppliers], sample: Sample) -> None:
    categories = {item.category for item in sample.items.values() if item.category}
    for index, supplier in enumerate(written.content.suppliers):
        for number, category in enumerate(supplier.approved_for):
            place = ("suppliers", index, "approved_for", number)
            check_known(written, place, category, categories, "category in items.yaml called")


def check_stock(written: Written[Stock], sample: Sample) -> None:
    for index, line in enumerate(written.content.stock):
        check_known(written, ("stock", index, "item"), line.item, sample.items, "item in items.yaml called")
        if sample.items[line.item].made_here:
            raise written.mistake(("stock", index, "item"), f"{line.item} is made for each order and not kept in stock")
