"""How much may be proposed? Formulas are ceilings: min(formula, recorded direct loss × found share); money is CNY.

Shares of several persons in one loss never exceed 100 %: they are scaled down in proportion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from services.accountability.judge.verdicts import CompensationPart, CompensationProposal

FEN = Decimal("0.01")
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one clause makes of one recorded loss, for one person.

    `loss_of` names the loss, `covers` what is part of it and has a name of its own: the reworks of a return.
    """

    loss_of: str
    formula: Decimal
    loss: Decimal
    share_percent: Decimal
    negligence_found: bool
    words: str
    covers: frozenset[str] = frozenset()

    @property
    def losses(self) -> frozenset[str]:
        """Every name under which the same money may be shared out."""
        return self.covers | {self.loss_of}


def scales(claims: Iterable[Claim]) -> dict[str, Decimal]:
    """By loss, the factor that brings the shares in it down to 100 % together, those in a larger loss included."""
    totals: dict[str, Decimal] = {}
    for claim in claims:
        for loss in claim.losses:
            totals[loss] = totals.get(loss, Decimal(0)) + claim.share_percent
    return {loss: min(Decimal(1), WHOLE / total) for loss, total in totals.items() if total > 0}


def propose(claims: list[Claim], factors: dict[str, Decimal]) -> CompensationProposal | None:
    """One proposal for all claims of one record; None without a recorded loss.

    Several breaches that bring the same loss about add their shares up; its ceiling and the loss itself count once.
    """
    if not claims:
        return None
    by_loss: dict[str, list[Claim]] = {}
    for claim in claims:
        by_loss.setdefault(claim.loss_of, []).append(claim)
    parts = tuple(_part(same, factors) for same in by_loss.values())
    return CompensationProposal(
        amount=total(parts),
        ceiling=sum((part.ceiling for part in parts), Decimal(0)),
        recorded_loss=sum((part.recorded_loss for part in parts), Decimal(0)),
        share_percent=fen(parts[0].share_percent),
        negligence_found=all(claim.negligence_found for claim in claims),
        computation=in_words(parts),
        parts=parts,
    )


def _part(same: list[Claim], factors: dict[str, Decimal]) -> CompensationPart:
    share = sum((claim.share_percent * _factor(claim, factors) for claim in same), Decimal(0))
    formula, loss = max(claim.formula for claim in same), max(claim.loss for claim in same)
    return CompensationPart(
        loss_of=same[0].loss_of,
        formula=same[0].words,
        ceiling=fen(formula),
        recorded_loss=fen(loss),
        share_percent=share,
        amount=fen(min(formula, loss * share / WHOLE)),
    )


def _factor(claim: Claim, factors: dict[str, Decimal]) -> Decimal:
    return min(factors.get(loss, Decimal(1)) for loss in claim.losses)


def at_share(part: CompensationPart, share_percent: Decimal) -> CompensationPart:
    """The same loss for somebody of whom only this share was found; the proposal is never exceeded."""
    share = min(share_percent, part.share_percent)
    allowed = part.recorded_loss * share / WHOLE
    return replace(part, share_percent=share, amount=fen(min(part.ceiling, part.amount, allowed)))


def total(parts: Iterable[CompensationPart]) -> Decimal:
    """What the parts come to together."""
    return sum((part.amount for part in parts), Decimal(0))


def in_words(parts: Iterable[CompensationPart]) -> str:
    """The computation as a record states it."""
    return "; ".join(
        f"{part.loss_of}: min({part.formula} = {part.ceiling}, "
        f"{part.recorded_loss} × {fen(part.share_percent)} % = {fen(part.recorded_loss * part.share_percent / WHOLE)}) "
        f"= {part.amount} CNY"
        for part in parts
    )


def fen(amount: Decimal) -> Decimal:
    """Whole fen, rounded down: a ceiling is never exceeded."""
    return amount.quantize(FEN, rounding=ROUND_DOWN)
