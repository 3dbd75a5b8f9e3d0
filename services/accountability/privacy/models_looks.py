"""Who looked at whose record, when, how and what for?"""

from sqlalchemy import Index

from chassis.looks import LookedAt
from chassis.rights import KEY, Rights
from services.accountability.ledger.models_ledger import Base


class RecordLook(LookedAt, Base):
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
