"""The suggested plan is the one that ISO 2859-1 gives for level II, single sampling, normal inspection."""

from decimal import Decimal

import pytest

from services.quality.sampling import NO_DEFECT, Plan, plan_for


@pytest.mark.parametrize(
    ("lot", "aql", "sample", "accept"),
    [
        # Read off tables 1 and 2-A: the letter's own plan,
        (500, "1.0", 50, 1),
        (1_200, "1.0", 80, 2),
        (3_200, "1.0", 125, 3),
        (10_000, "1.0", 200, 5),
        (35_000, "0.65", 315, 5),
        (1_000, "2.5", 80, 5),
        (280, "4.0", 32, 3),
        (100, "6.5", 20, 3),
        # the arrow that points up to the plan accepting on none,
        (150, "1.0", 13, 0),
        (280, "0.65", 20, 0),
        # the arrow that points down to the plan accepting on one,
        (280, "1.0", 50, 1),
        (50, "1.0", 13, 0),
        (500, "0.65", 80, 1),
        # and the end of the staircase.
        (1_000_000, "1.0", 1250, 21),
        (1_000_000, "6.5", 200, 21),
    ],
)
def test_the_plan_is_read_off_the_standards_tables(lot: int, aql: str, sample: int, accept: int) -> None:
    assert plan_for(Decimal(lot), Decimal(aql)) == Plan(sample, accept)


@pytest.mark.parametrize("aql", NO_DEFECT)
def test_a_larger_lot_never_has_a_smaller_sample(aql: Decimal) -> None:
    samples = [plan_for(Decimal(lot), aql).sample for lot in (1, 8, 25, 90, 280, 1_200, 10_000, 150_000, 600_000)]

    assert samples == sorted(samples)


def test_a_sample_larger_than_the_lot_is_the_lot() -> None:
    assert plan_for(Decimal(2)) == Plan(2, 0)
    assert plan_for(Decimal("4.5")) == Plan(5, 0)
