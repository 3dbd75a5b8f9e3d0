"""What does the standard library say about a product?"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import find
from chassis.errors import Refusal
from chassis.language import Label
from chassis.opinions import Known
from contracts.event import Code
from contracts.parts import OrderLine
from services.engineering.models import Product, ProductStatus
from services.engineering.queries import products_of
from services.engineering.structures import Part, Step, checked_bom, checked_route


class ProductKnown(Refusal):
    code, field = "product_known", "no"
    message = Label(
        "产品 {no} 已经登记。请换一个编码,或在工程资料中修改。",
        "Product {no} is registered already. Please choose another code, or change the order's package.",
    )


class UnknownProduct(Refusal):
    status, code, field = 422, "unknown_product", "product_code"
    message = Label(
        "产品 {product_code} 不在产品库中。请先登记产品。",
        "Product {product_code} is not in the library. Please register the product first.",
    )


class Registration(Form):
    """A new standard product; `required` lists the documents without which its package is never released."""

    no: Code
    name: str = Field(min_length=1, max_length=400)
    bom: tuple[Part, ...] = Field(min_length=1, max_length=500)
    route: tuple[Step, ...] = Field(min_length=1, max_length=100)
    required: tuple[Code, ...] = Field(min_length=1, max_length=50)
    inspection_standard: str = Field(min_length=1, max_length=400)
    unit_weight_kg: Decimal = Field(gt=0, max_digits=12, decimal_places=3)


async def register(session: AsyncSession, form: Registration, *, maker: str, now: datetime) -> Product:
    if await find(session, Product, form.no) is not None:
        raise ProductKnown(no=form.no)
    product = Product(
        no=form.no,
        name=form.name,
        bom=checked_bom(form.bom),
        route=checked_route(form.route),
        required=list(dict.fromkeys(form.required)),
        inspection_standard=form.inspection_standard,
        unit_weight_kg=form.unit_weight_kg,
        status=ProductStatus.ACTIVE,
        made_by=maker,
        made_at=now,
    )
    session.add(product)
    return product


async def known(session: AsyncSession, code: str) -> Product:
    """The product; raises UnknownProduct."""
    product = await find(session, Product, code)
    if product is None:
        raise UnknownProduct(product_code=code)
    return product


async def known_of(session: AsyncSession, lines: Collection[OrderLine]) -> tuple[Known, ...]:
    """What the library says about each order line: its standard and its slowest part, or that it is not in there."""
    library = await products_of(session, [line.product_code for line in lines])
    return tuple(known for line in lines for known in about(line, library.get(line.product_code)))


def about(line: OrderLine, product: Product | None) -> tuple[Known, ...]:
    if product is None:
        return (Known(line_no=line.line_no, term="not_in_library", value=line.product_code),)
    slowest = max((part.lead_time_days for part in product.bom if part.purchased), default=0)
    return (
        Known(line_no=line.line_no, term="inspection_standard", value=product.inspection_standard),
        Known(line_no=line.line_no, term="lead_time_days", value=str(slowest)),
    )
