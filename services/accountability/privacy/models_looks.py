"""Who looked at whose record, when, how and what for?"""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.rights import KEY, Rights
from services.accountability.ledger.models_ledger import Base, moment


class RecordLook(Base):
    """Somebody looked at what concerns somebody else (查看). `at` is the factory's time, `who` looked in the post `post`.

    `no` is the document's number, or the key of a suspicion.

    Only ever added to; what is older than the retention period is forgotten, and a trigger keeps what is younger than
    three months from everybody.
    """

    __tablename__ = "record_looks"
    __table_args__ = (
        Index("record_looks_of_person", "whose", "id"),
        Index("record_looks_again", "no", "who", "at"),
        Index("record_looks_at", "at"),
        {"info": {KEY: Rights(update=None, delete=True)}},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(moment)
    who: Mapped[str] = mapped_column(String(16))
    post: Mapped[str | None] = mapped_column(String(40))
    acting: Mapped[bool]
    whose: Mapped[str] = mapped_column(String(16))
    no: Mapped[str] = mapped_column(Text)
    how: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(Text)
