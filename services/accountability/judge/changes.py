"""What is different from what the judge said last of a record: who reads that it fell or was replaced reads what changed first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from contracts.breach_words import called
from services.accountability.judge.first_cause import Missed
from services.accountability.judge.paths import Step
from services.accountability.judge.said import Standing
from services.accountability.rules.rulebook import Bilingual

if TYPE_CHECKING:  # conclusions ask this module
    from services.accountability.judge.conclusions import Conclusion


def why_fallen(standing: Standing, wanted: Iterable[Conclusion], missed: Iterable[Missed]) -> list[Bilingual]:
    """A heavier clause took it in, or another handover is the first cause now; empty where what came says it all."""
    takers = takers_of(standing, wanted)
    if takers:
        return [
            Bilingual(
                zh=f"同一事项已并入 {'、'.join(takers)}", en=f"{', '.join(takers)} takes it in for the same failure"
            )
        ]
    return [another_cause(date.cause) for date in missed if date.cause and is_moved(standing, date, date.cause)][:1]


def why_replaced(standing: Standing, conclusion: Conclusion, wanted: Iterable[Conclusion]) -> list[Bilingual]:
    """What is listed anew or no longer, what it takes in, and otherwise which of its figures changed."""
    if not standing.breaches:
        return []  # said before that was kept
    found = [*of_breaches(standing, conclusion, takers_of(standing, wanted)), *of_absorbed(standing, conclusion)]
    return found or list(of_figures(standing, conclusion))


def takers_of(standing: Standing, wanted: Iterable[Conclusion]) -> list[str]:
    """The clauses of the same person that take in this one."""
    return [
        one.latest.clause.code
        for one in wanted
        if one.person and one.person.employee == standing.person and standing.clause in one.absorbed
    ]


def is_moved(standing: Standing, date: Missed, cause: Step) -> bool:
    """Whether it stood for the first cause of a missed date of which now another handover is."""
    path = {about(step) for step in date.path}
    return standing.first_cause and about(cause) not in standing.breaches and not path.isdisjoint(standing.breaches)


def another_cause(cause: Step) -> Bilingual:
    zh, en = called(about(cause))
    return Bilingual(zh=f"首因现为“{zh}”", en=f"the first cause is now {en}")


def about(step: Step) -> str:
    """The handover as a record names it."""
    return step.duty.id if step.attempt.number == 1 else f"{step.duty.id}#{step.attempt.number}"


def of_breaches(standing: Standing, conclusion: Conclusion, takers: list[str]) -> Iterator[Bilingual]:
    now = [charge.about for charge in conclusion.charges]
    if added := [name for name in now if name not in standing.breaches]:
        yield listed("又有违反事项", "also breached", added)
    if gone := [name for name in standing.breaches if name not in now]:
        codes = ", ".join(takers)
        yield (
            listed(f"已并入 {codes}", f"taken in by {codes}", gone)
            if takers
            else listed("不再成立", "no longer breached", gone)
        )


def of_absorbed(standing: Standing, conclusion: Conclusion) -> Iterator[Bilingual]:
    if codes := [code for code in conclusion.absorbed if code not in standing.absorbed]:
        yield Bilingual(zh=f"并入 {'、'.join(codes)}", en=f"it takes in {', '.join(codes)} for the same failure")


def of_figures(standing: Standing, conclusion: Conclusion) -> Iterator[Bilingual]:
    if standing.dues != conclusion.dues:
        yield Bilingual(zh="应完成时间有变", en="a due time changed")
    if standing.shares != conclusion.shares:
        yield Bilingual(zh="责任比例有变", en="the share in a loss changed")
    elif standing.amount != conclusion.amount:
        yield Bilingual(zh="赔偿金额有变", en="the amount of the compensation changed")
    elif standing.bounds != conclusion.bounds:
        yield Bilingual(zh="赔偿上限或已记录的损失有变", en="a ceiling or a recorded loss of the compensation changed")


def listed(zh: str, en: str, names: Iterable[str]) -> Bilingual:
    pairs = [called(name) for name in names]
    return Bilingual(
        zh=f"{zh} {'、'.join(pair[0] for pair in pairs)}", en=f"{en} {', '.join(pair[1] for pair in pairs)}"
    )
