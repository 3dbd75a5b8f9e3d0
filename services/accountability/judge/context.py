"""What can the rulebook's expressions see when they ask about one fact? Looked up only when an expression names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from chassis.instants import Instant, parse
from contracts.catalogue import ALL_EVENTS
from services.accountability.judge import deliveries, shared
from services.accountability.judge.exhibits import BY_NOUN
from services.accountability.judge.state import COMPANY, Case, Exhibit, State
from services.accountability.rules.rulebook import Rulebook

BY_WAY_OF = (
    (("rework_orders",), "rework_no"),
    (("returns",), "return_no"),
    (("penalties", "attributions"), "penalty_no"),
)
"""Which documents say of which complaint something comes, by which of their numbers a fact names them."""
ON_THE_ORDER = ("merchandiser", "salesperson")
"""The posts for which an order names somebody."""
MATTERS = {
    "complaint": ("complaints", "complaint_no"),
    "return": ("returns", "return_no"),
    "rework": ("rework_orders", "rework_no"),
}
"""Which documents, by which of their numbers, first say what an attribution is about."""
SPENT = ("processing_fee", "rework_cost", "overtime_cost")
COSTS = ("direct_loss", *SPENT)


class Context(dict[str, Any]):
    """The names of one question: the fact itself, the kept documents by noun, and a few figures about them."""

    def __init__(self, state: State, case: Case, exhibit: Exhibit, rulebook: Rulebook, asked: set[str]) -> None:
        """`asked` gathers everything that was looked at."""
        super().__init__()
        self._state, self._case, self._exhibit, self.rulebook = state, case, exhibit, rulebook
        self.asked = asked

    def __missing__(self, name: str) -> Any:
        self.asked.add(name)
        figure = FIGURES.get(name)
        self[name] = found = figure(self) if figure else self.documents(name)
        return found

    def documents(self, noun: str) -> list[dict[str, Any]]:
        """The kept documents of a noun in this case, in the order in which they were recorded."""
        self.asked.add(noun)
        kept = [exhibit for case in self._cases() for exhibit in case.exhibits.get(noun, ())]
        fields = BY_NOUN[noun].fields
        return [_document(exhibit, fields) for exhibit in sorted(kept, key=lambda exhibit: exhibit.mark.order)]

    def complaint(self) -> str | None:
        """The complaint from which the fact stems, also by way of a return, a rework or a customer's penalty."""
        data = self._exhibit.data
        if data.get("complaint_no"):
            return str(data["complaint_no"])
        for nouns, number in BY_WAY_OF:
            named = {data.get(number), data.get("loss_document")} - {None, ""}
            for document in (each for noun in nouns if named for each in self.documents(noun)):
                if document[number] in named and (found := self._complaint_of(document)):
                    return found
        return None

    def is_on_the_order(self, post: str, employee: str) -> bool:
        """Whether the order itself names this person for a post; another fact that does is somebody's word about them."""
        return post in ON_THE_ORDER and self["order"][post] == employee

    def parts_of(self, loss_of: str) -> frozenset[str]:
        """The returns of a complaint, and the reworks of a complaint or a return: their costs are part of its loss."""
        known = [*self.documents("rework_orders"), *self.documents("attributions")]
        returns = {each["return_no"] for each in self.documents("returns") if each["complaint_no"] == loss_of}
        reworks = {
            each["rework_no"]
            for each in known
            if loss_of in (each["complaint_no"], each["return_no"]) or each["return_no"] in returns
        }
        return frozenset({*returns, *reworks} - {None, loss_of})

    def _cases(self) -> Iterator[Case]:
        """The fact's own case and the company's; a fact of no order also looks where its documents are."""
        yield self._case
        if self._case.order_no != COMPANY:
            if COMPANY in self._state.cases:
                yield self._state.cases[COMPANY]
            return
        yield from shared.orders_of(self._state, self._exhibit)

    def _fact(self) -> dict[str, Any]:
        """The fact with its figures as Decimals and its times as moments."""
        typed = ALL_EVENTS[self._exhibit.type].model_validate(self._exhibit.data).model_dump()
        return {**typed, **_stated(self._exhibit)}

    def _settings(self) -> Mapping[str, Any]:
        return self.rulebook.settings

    def _lines(self) -> list[dict[str, Any]]:
        return list(deliveries.lines_for_expressions(self._state, self._case, self._exhibit.data.get("line_no")))

    def _order(self) -> dict[str, Any]:
        """Who looks after the order, and what was agreed for it, in CNY: of a cancelled one when it was cancelled."""
        case = self._case
        money = {name: _amount(getattr(case, name)) for name in ("commission", "agency_fee")}
        people = {post: getattr(case, post) for post in ON_THE_ORDER}
        return {**people, **money, "amount": _amount(deliveries.agreed_amount(case))}

    def _operation(self) -> dict[str, Any]:
        """The operation that the fact is about, where it names none those of its line: whose they were, when they were done.

        Only what was done before what the fact attributes came up. `assignees` are all who had it to do by then, finished or
        not; `assignee` is there only where one person did it all.
        """
        ref, line_no, by = self._exhibit.data.get("operation"), self._exhibit.data.get("line_no"), self._known_since()
        name = f"{ref['link']}:{ref['key']}" if ref else None
        attempts = [
            attempt
            for duty in (self._state.duties[known] for known in self._case.duties)
            if duty.link == "operation" and (duty.id == name or (name is None and line_no in (None, duty.line_no)))
            for attempt in duty.attempts
        ]
        done = {
            attempt.closed.at: attempt.assignee for attempt in attempts if attempt.closed and attempt.closed.at <= by
        }
        given = [attempt.assignee for attempt in attempts if attempt.assignee and attempt.opened.at <= by]
        whose = set(done.values())
        return {
            "assignee": whose.pop() if len(whose) == 1 else None,
            "assignees": given,
            "at": max(done, default=None),
        }

    def _inspection(self) -> dict[str, Any]:
        """Who let the goods pass before it was known what was wrong with them, and when the named inspector last did."""
        known_since = self._known_since()
        passed = [
            (known["inspected_by"], known["at"])
            for known in self.documents("inspections")
            if known["passed"] and known["at"] <= known_since and self._of_these_goods(known)
        ]
        by_them = [at for inspector, at in passed if inspector == self._exhibit.data.get("inspector")]
        return {"passed_by": [inspector for inspector, _ in passed], "at": max(by_them, default=None)}

    def _of_these_goods(self, inspection: Mapping[str, Any]) -> bool:
        """Whether it was an inspection of the goods of the fact's line, or of the lot of material that the fact names."""
        if inspection["line_no"] is None:
            return bool(inspection["lot"] == self._exhibit.data.get("lot"))
        return self._exhibit.data.get("line_no") in (None, inspection["line_no"])

    def _known_since(self) -> Instant:
        """When the complaint, the return or the rework was recorded that the fact attributes."""
        noun, number = MATTERS.get(self._exhibit.data.get("matter", ""), ("", ""))
        no = self._exhibit.data.get(number)
        recorded: list[Instant] = [known["at"] for known in self.documents(noun) if known[number] == no] if noun else []
        return min([self._exhibit.mark.at, *recorded])

    def _costs(self) -> dict[str, Decimal | None]:
        """What was recorded: by the attribution, or by the reworks of what it is about where they came to more since.

        What a rework cost is a direct loss.
        """
        reworks = self._reworks()
        spent = {name: sum((each[name] for each in reworks), Decimal()) for name in SPENT} if reworks else {}
        recorded = {**spent, "direct_loss": sum(spent.values())} if spent else {}
        costs = {name: _most(self["fact"].get(name), recorded.get(name)) for name in COSTS}
        if costs["direct_loss"] is None and self["fact"].get("matter") == "rework":
            costs["direct_loss"] = costs["rework_cost"]
        return costs

    def _reworks(self) -> list[dict[str, Decimal]]:
        """What each finished rework of the fact's matter cost, also one that ended after the fact."""
        fact = self["fact"]
        number = "rework_no" if not fact.get("matter") else MATTERS.get(fact["matter"], ("", ""))[1]
        no = fact.get(number)
        if no is None:
            return []
        ordered = self.documents("rework_orders") if number != "rework_no" else ()
        of_it = {each["rework_no"] for each in ordered if each[number] == no} or {no}
        latest = {each["rework_no"]: each for each in self.documents("reworks") if each["rework_no"] in of_it}
        return [{name: Decimal(str(each[name] or 0)) for name in SPENT} for each in latest.values()]

    def _penalty(self) -> dict[str, Any]:
        """The customer's penalty that the fact names as its loss: in CNY, and to whom its cause is attributed.

        There is none where it was not recorded for this order or was withdrawn; a later attribution corrects an earlier one.
        """
        no = self["fact"].get("loss_document")
        withdrawn = any(known["penalty_no"] == no for known in self.documents("withdrawn_penalties"))
        recorded = [known["amount"] for known in self.documents("penalties") if known["penalty_no"] == no]
        attributed = self.documents("attributions")
        corrected = {known["corrects"] for known in attributed}
        named = [
            known[whom]
            for known in attributed
            if known["penalty_no"] == no and known["attribution_no"] not in corrected
            for whom in ("person", "inspector")
            if known[whom]
        ]
        return {"amount": None if withdrawn else _amount(*recorded), "attributed_to": named}

    def _injury(self) -> dict[str, Any]:
        """When the injury happened that the fact names, as it was reported; nothing where it was not, or was withdrawn."""
        no = self["fact"].get("injury_report_no")
        withdrawn = any(known["injury_report_no"] == no for known in self.documents("withdrawn_injuries"))
        reported = [known["occurred_at"] for known in self.documents("injuries") if known["injury_report_no"] == no]
        return {"occurred_at": None if withdrawn or not reported else parse(reported[0])}

    def _complaint_of(self, document: Mapping[str, Any]) -> str | None:
        if document["complaint_no"]:
            return str(document["complaint_no"])
        return_no = document.get("return_no")
        returns = self.documents("returns") if return_no else ()
        return next((known["complaint_no"] for known in returns if known["return_no"] == return_no), None)


FIGURES: Mapping[str, Callable[[Context], Any]] = {
    "fact": Context._fact,
    "settings": Context._settings,
    "lines": Context._lines,
    "order": Context._order,
    "operation": Context._operation,
    "inspection": Context._inspection,
    "costs": Context._costs,
    "penalty": Context._penalty,
    "injury": Context._injury,
}
"""What a name yields that is no noun. Not kept in each context: it would hold itself, and with it everything it was asked of."""


def _document(exhibit: Exhibit, fields: tuple[str, ...]) -> dict[str, Any]:
    return {**{field: exhibit.data.get(field) for field in fields}, **_stated(exhibit)}


def _stated(exhibit: Exhibit) -> dict[str, Any]:
    return {"at": exhibit.mark.at, "actor": exhibit.actor, "actor_post": exhibit.actor_post}


def _most(*figures: Any) -> Decimal | None:
    """The largest of the figures that are there."""
    return max((Decimal(str(figure)) for figure in figures if figure is not None), default=None)


def _amount(*figures: Any) -> Decimal | None:
    """The first figure that is there."""
    return next((Decimal(str(figure)) for figure in figures if figure is not None), None)
