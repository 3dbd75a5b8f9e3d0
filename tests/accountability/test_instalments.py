"""Instalments come to the amount, take no more of a month's wage than is allowed, and leave the minimum wage."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accountability.compensation.instalments import (
    Debt,
    Limits,
    Month,
    Plan,
    Standstill,
    allowed,
    following,
    months_from,
    plan,
    wage_in,
)
from services.accountability.compensation.models_compensation import StatedInstalment
from services.accountability.compensation.plans import Account, unborne
from services.accountability.models import Compensation, PenaltyRecord
from services.accountability.rules.rulebook import RulebookText
from services.accountability.rules.rulebook_loading import SHIPPED, InvalidRulebook, read_yaml
from services.accountability.rules.rulebook_wages import limits_of
from tests.support.facts import local

LAW = Limits(share_percent=Decimal(20), minimum_wage=Decimal(2740))
TEXT = SHIPPED.read_text(encoding="utf-8")
SHIPPED_RULES = read_yaml(TEXT).text


def cny(amount: str) -> Decimal:
    return Decimal(amount)


def one(amount: str, *, since: Month = "2026-10", stated: int = 0) -> Debt:
    return Debt("CMP-1", cny(amount), since, stated)


def told(made: Plan, no: str = "CMP-1") -> list[tuple[Month, int, str, str]]:
    return [(each.month, each.number, str(each.amount), str(each.remaining)) for each in made.of(no)]


def test_a_fifth_of_each_wage_is_taken_and_the_last_instalment_is_the_remainder() -> None:
    made = plan([one("2500")], {"2026-01": cny("5000")}, LAW)

    assert told(made) == [
        ("2026-10", 1, "1000.00", "1500.00"),
        ("2026-11", 2, "1000.00", "500.00"),
        ("2026-12", 3, "500.00", "0.00"),
    ]
    assert (made.pauses, dict(made.untaken)) == ((), {})


def test_no_more_is_taken_than_leaves_the_minimum_wage() -> None:
    made = plan([one("300")], {"2026-01": cny("2900.50")}, LAW)

    assert told(made) == [("2026-10", 1, "160.50", "139.50"), ("2026-11", 2, "139.50", "0.00")]


def test_a_fifth_is_rounded_down_to_whole_fen() -> None:
    assert allowed({"2026-01": cny("5000.03")}, "2026-10", LAW) == cny("1000.00")


def test_who_earns_the_minimum_pays_nothing_and_the_plan_says_so() -> None:
    made = plan([one("300")], {"2026-01": cny("2740")}, LAW)

    (pause,) = made.pauses
    assert (pause.month, pause.why, pause.until_wage_changes) == ("2026-10", Standstill.BELOW_MINIMUM, True)
    assert (made.instalments, dict(made.untaken)) == ((), {"CMP-1": cny("300")})


def test_a_higher_wage_that_is_known_already_ends_the_pause() -> None:
    made = plan([one("300")], {"2026-01": cny("2000"), "2026-12": cny("9000")}, LAW)

    assert [(each.month, each.until_wage_changes) for each in made.pauses] == [("2026-10", False), ("2026-11", False)]
    assert told(made) == [("2026-12", 1, "300", "0")]


def test_a_lower_wage_stops_what_is_left() -> None:
    made = plan([one("2500")], {"2026-01": cny("5000"), "2026-11": cny("2000")}, LAW)

    assert told(made) == [("2026-10", 1, "1000.00", "1500.00")]
    assert dict(made.untaken) == {"CMP-1": cny("1500")}


@pytest.mark.parametrize(
    ("wages", "limits", "why"),
    [
        ({}, LAW, Standstill.NO_WAGE),
        ({"2026-12": Decimal(9000)}, LAW, Standstill.NO_WAGE),
        ({"2026-01": Decimal(9000)}, None, Standstill.NO_MINIMUM),
    ],
)
def test_without_a_wage_or_a_minimum_wage_nothing_is_taken(
    wages: dict[Month, Decimal], limits: Limits | None, why: Standstill
) -> None:
    made = plan([one("300")], wages, limits)

    assert made.pauses[0].why is why
    assert all(each.month >= "2026-12" for each in made.instalments)


def test_two_compensations_share_a_month_and_the_older_comes_first() -> None:
    older, newer = Debt("CMP-1", cny("1200"), "2026-10"), Debt("CMP-2", cny("900"), "2026-11")

    made = plan([older, newer], {"2026-01": cny("5000")}, LAW)

    assert told(made) == [("2026-10", 1, "1000.00", "200.00"), ("2026-11", 2, "200.00", "0.00")]
    assert told(made, "CMP-2") == [("2026-11", 1, "800.00", "100.00"), ("2026-12", 2, "100.00", "0.00")]


def test_numbers_go_on_from_what_was_stated() -> None:
    assert told(plan([one("300", stated=2)], {"2026-01": cny("5000")}, LAW)) == [("2026-10", 3, "300", "0")]


def test_what_would_take_half_a_century_is_not_planned_to_its_end() -> None:
    made = plan([one("9000")], {"2026-01": cny("2740.01")}, LAW)

    assert len(made.instalments) == 600
    assert made.pauses[-1].why is Standstill.TOO_LONG
    assert sum(each.amount for each in made.instalments) + made.untaken["CMP-1"] == 9000


def test_a_month_is_followed_by_the_next() -> None:
    assert [following("2026-11"), following("2026-12")] == ["2026-12", "2027-01"]


@pytest.mark.parametrize(
    ("record", "compensation", "since"),
    [
        ("in_effect", "notified", "2026-10"),
        ("lapsed", "notified", "2026-10"),
        ("issued", "notified", None),
        ("withdrawn", "withdrawn", None),
        ("in_effect", "found", None),
    ],
)
def test_it_is_payable_from_the_month_after_both_the_notification_and_the_records_effect(
    record: str, compensation: str, since: Month | None
) -> None:
    """A lapsed sanction counts no longer; the loss is still there."""
    told, effect = local("2026-08-31 23:59"), local("2026-09-01 00:00")
    one = Compensation(status=compensation, notified_at=told, amount=cny("100"))
    account = Account(one, PenaltyRecord(status=record, in_effect_at=effect), (), cny("0"))

    assert account.since == since


def test_more_stated_than_is_owed_leaves_nothing() -> None:
    one = Compensation(status="notified", amount=cny("100"))

    assert Account(one, PenaltyRecord(compensation_reduced_to=cny("60")), (), cny("80")).remaining == 0


def test_of_what_a_month_does_not_bear_the_latest_is_given_back_first() -> None:
    def line(no: str, amount: str) -> StatedInstalment:
        said = {"person": "E-060", "record_no": "PEN-1", "clause": "GEN-03", "reason": "…"}
        return StatedInstalment(**said, compensation_no=no, instalment_no=1, instalment=cny(amount))

    month = [line("CMP-1", "700"), line("CMP-2", "300")]

    assert list(unborne(month, cny("1000"))) == []
    assert list(unborne(month, cny("800"))) == [("CMP-2", cny("200"))]
    assert list(unborne(month, cny("600"))) == [("CMP-2", cny("300")), ("CMP-1", cny("100"))]
    assert list(unborne(month, cny("0"))) == [("CMP-2", cny("300")), ("CMP-1", cny("700"))]


MONEY = st.decimals("0.01", "200000", places=2)
MONTHS = st.sampled_from([month for month, _ in zip(months_from("2026-01"), range(30), strict=False)])
DEBTS = st.lists(st.tuples(MONEY, MONTHS), max_size=4)
WAGES = st.dictionaries(MONTHS, st.decimals("0.01", "60000", places=2), max_size=5)
LIMITS = st.builds(
    Limits, share_percent=st.decimals("0.5", "20", places=1), minimum_wage=st.decimals("1", "5000", places=2)
)


def debts_of(drawn: list[tuple[Decimal, Month]]) -> list[Debt]:
    return [Debt(f"CMP-{number}", amount, since) for number, (amount, since) in enumerate(drawn, 1)]


@given(DEBTS, WAGES, LIMITS)
def test_what_is_taken_and_what_cannot_be_come_to_the_amount_of_each(
    drawn: list[tuple[Decimal, Month]], wages: dict[Month, Decimal], limits: Limits
) -> None:
    debts = debts_of(drawn)
    made = plan(debts, wages, limits)

    for debt in debts:
        mine = made.of(debt.no)
        assert sum(each.amount for each in mine) + made.untaken.get(debt.no, Decimal(0)) == debt.remaining
        assert [each.number for each in mine] == list(range(1, len(mine) + 1))
        assert all(each.amount > 0 and each.month >= debt.since for each in mine)
        assert (mine[-1].remaining if mine else debt.remaining) == made.untaken.get(debt.no, Decimal(0))
    assert bool(made.untaken) == any(each.until_wage_changes for each in made.pauses)


@given(DEBTS, WAGES, LIMITS)
def test_no_month_takes_more_than_its_share_of_the_wage_nor_leaves_less_than_the_minimum(
    drawn: list[tuple[Decimal, Month]], wages: dict[Month, Decimal], limits: Limits
) -> None:
    made = plan(debts_of(drawn), wages, limits)

    for month in {each.month for each in made.instalments}:
        taken = sum((each.amount for each in made.instalments if each.month == month), Decimal(0))
        wage = wage_in(wages, month)
        assert wage is not None
        assert taken <= wage * limits.share_percent / 100
        assert wage - taken >= limits.minimum_wage
        assert taken == taken.quantize(Decimal("0.01"))


@given(DEBTS, st.decimals("7000", "60000", places=2))  # half a century is enough for the most that is drawn
def test_whoever_earns_enough_pays_all_of_it(drawn: list[tuple[Decimal, Month]], wage: Decimal) -> None:
    debts = debts_of(drawn)
    made = plan(debts, {"2026-01": wage}, LAW)

    assert sum(each.amount for each in made.instalments) == sum(debt.remaining for debt in debts)


def test_the_shipped_rulebook_takes_a_fifth_and_leaves_the_local_minimum() -> None:
    assert limits_of(SHIPPED_RULES) == LAW


def test_a_rulebook_from_before_these_settings_takes_nothing() -> None:
    def kept(*keys: str) -> RulebookText:
        settings = tuple(setting for setting in SHIPPED_RULES.settings if setting.key in keys)
        return SHIPPED_RULES.model_copy(update={"settings": settings})

    assert limits_of(kept("quotes_required", "wage_share_percent")) is None
    assert limits_of(kept("monthly_minimum_wage")) == Limits(Decimal(20), LAW.minimum_wage)


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("    value: 2740", "    value: plenty", "is CNY a month, such as 2740; 'plenty' is not above 0"),
        ("    value: 2740", "    value: 0", "is not above 0"),
        ("    value: 2740", "    value: true", "is not above 0"),
        ("    value: 2740", "    value: NaN", "is not above 0"),
        ("    value: 20\n", "    value: 21\n", "is above 0 and at most 20, as the law says; not 21"),
        ("    value: 20\n", "    value: 0\n", "at most 20"),
    ],
)
def test_a_setting_against_the_law_is_named_with_its_line(old: str, new: str, wrong: str) -> None:
    line = TEXT[: TEXT.index(old)].count("\n") + 1

    with pytest.raises(InvalidRulebook) as refused:
        read_yaml(TEXT.replace(old, new, 1))

    (told,) = refused.value.mistakes
    assert wrong in told.text.en
    assert told.line == line
