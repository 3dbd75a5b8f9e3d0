"""How many of a lot should be looked at, and how many defects are too many? ISO 2859-1, level II, single, normal.

Table 2-A of the standard is one staircase: from the letter at which an AQL accepts on no defect, the next two letters
point to their neighbours (up, then down), and the eight after those accept on 1, 2, 3, 5, 7, 10, 14 and 21 defects.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

STANDARD = "GB/T 2828.1 (ISO 2859-1) II"
AQL = Decimal("1.0")

LETTERS = "ABCDEFGHJKLMNPQR"
SAMPLES = dict(zip(LETTERS, (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000), strict=True))
# The largest lot that has a letter at level II; larger ones have Q.
LARGEST_LOTS = (
    (8, "A"),
    (15, "B"),
    (25, "C"),
    (50, "D"),
    (90, "E"),
    (150, "F"),
    (280, "G"),
    (500, "H"),
    (1_200, "J"),
    (3_200, "K"),
    (10_000, "L"),
    (35_000, "M"),
    (150_000, "N"),
    (500_000, "P"),
)
NO_DEFECT = {
    Decimal("0.65"): "F",
    Decimal("1.0"): "E",
    Decimal("1.5"): "D",
    Decimal("2.5"): "C",
    Decimal("4.0"): "B",
    Decimal("6.5"): "A",
}
FIRST_STEP, ACCEPTED = 3, (1, 2, 3, 5, 7, 10, 14, 21)


@dataclass(frozen=True, slots=True)
class Plan:
    """Look at `sample` pieces and accept the lot on at most `accept` defects."""

    sample: int
    accept: int


def pieces(quantity: Decimal) -> int:
    """How many pieces can be looked at: a begun kilogram or metre counts as one."""
    return int(quantity.to_integral_value(ROUND_CEILING))


def plan_for(quantity: Decimal, aql: Decimal = AQL) -> Plan:
    """The suggested plan of a lot; a sample as large as the lot is the whole lot. Raises KeyError on another AQL."""
    lot = pieces(quantity)
    letter = next((letter for largest, letter in LARGEST_LOTS if lot <= largest), "Q")
    zero = LETTERS.index(NO_DEFECT[aql])
    step = LETTERS.index(letter) - zero
    if step < FIRST_STEP - 1:
        step, accept = 0, 0
    else:
        step = min(max(step, FIRST_STEP), FIRST_STEP + len(ACCEPTED) - 1)
        accept = ACCEPTED[step - FIRST_STEP]
    return Plan(min(SAMPLES[LETTERS[zero + step]], lot), accept)
