"""Which versions of the rulebook are there, and what did each change?"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.event import Fact
from services.accountability.ledger.models_ledger import Base, moment
from services.accountability.rules.rulebook_yaml import written


class RulebookStatus(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    DROPPED = "dropped"


class RuleChange(Fact):
    """One place of the rulebook that is written otherwise: `links.receipt.standard`.

    `written_by` is whose words they are, whoever saved them again since; empty where the draft is older: its maker's.
    """

    place: str
    before: str
    after: str
    written_by: str = ""


class Rulebook(Document, Base):
    """A rulebook version (责任条款); `no` is the version, `body` its validated text, `changes` against `based_on`.

    `text_digest` is the body's; `rewritten_at` is when the text was last changed after it had been drafted. Whoever did so
    last is its maker.
    """

    __tablename__ = "rulebooks"
    code: ClassVar[str] = "RUL"
    title: ClassVar[Label] = Label("责任条款", "Rulebook")
    moves: ClassVar[Moves] = {
        RulebookStatus.DRAFT: frozenset({RulebookStatus.DRAFT, RulebookStatus.ISSUED, RulebookStatus.DROPPED}),
        RulebookStatus.ISSUED: frozenset(),
        RulebookStatus.DROPPED: frozenset(),
    }

    effective_from: Mapped[datetime | None] = mapped_column(moment)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    based_on: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    changes: Mapped[tuple[RuleChange, ...]] = mapped_column(Typed(tuple[RuleChange, ...]))
    text_digest: Mapped[str] = mapped_column(String(64))
    rewritten_at: Mapped[datetime | None] = mapped_column(moment)

    @property
    def text(self) -> str:
        """The version as YAML that may be changed and drafted again; its number comes first, where it is seen."""
        return written({**self.body, "version": self.no})

    @property
    def authors(self) -> set[str]:
        """Whose words stand in it."""
        return {change.written_by or self.made_by for change in self.changes}
