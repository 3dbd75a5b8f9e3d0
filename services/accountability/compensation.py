"""How much may be proposed? Formulas are ceilings: min(formula, recorded direct loss × found share); money is CNY.

Shares of several persons in one loss never exceed 100 %: they are scaled down in proportion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from services.accountability.verdicts import CompensationProposal

FEN = Decimal("0.01")
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one clause makes of one recorded loss, for one person. `loss_of` names the loss."""

    loss_of: str
    formula: Decimal
    loss: Decimal
    share_percent: Decimal
    negligence_found: bool
    words: str


def scales(claims: Iterable[Claim]) -> dict[str, Decimal]:
    """By loss, the factor that brings the shares in it down to 100 % together."""
    totals: dict[str, Decimal] = {}
    for claim in claims:
        totals[claim.loss_of] = totals.get(claim.loss_of, Decimal(0)) + claim.share_percent
    return {loss: min(Decimal(1), WHOLE / total) for loss, total in totals.items() if total > 0}


def propose(claims: list[Claim], factors: dict[str, Decimal]) -> CompensationProposal | None:
    """One proposal for all claims of one record; None without a recorded loss."""
    if not claims:
        return None
    parts = [_part(claim, factors.get(claim.loss_of, Decimal(1))) for claim in claims]
    return CompensationProposal(
        amount=sum((amount for amount, _ in parts), Decimal(0)),
        ceiling=sum((_fen(claim.formula) for claim in claims), Decimal(0)),
        recorded_loss=sum((_fen(claim.loss) for claim in claims), Decimal(0)),
        share_percent=_fen(claims[0].share_percent * factors.get(claims[0].loss_of, Decimal(1))),
        negligence_found=all(claim.negligence_found for claim in claims),
        computation="; ".join(words for _, words in parts),
    )


def _part(claim: Claim, factor: Decimal) -> tuple[Decimal, str]:
    share = claim.share_percent * factor
    allowed = claim.loss * share / WHOLE
    amount = _fen(min(claim.formula, allowed))
    words = (
        f"{claim.loss_of}: min({claim.words} = {_fen(claim.formula)}, "
        f"{_fen(claim.loss)} × {_fen(share)} % = {_fen(allowed)}) = {amount} CNY"
    )
    return amount, words


def _fen(amount: Decimal) -> Decimal:
    """Whole fen, rounded down: a ceiling is never exceeded."""
    return amount.quantize(FEN, rounding=ROUND_DOWN)
