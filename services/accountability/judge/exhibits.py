"""Which facts does the judge keep because they may prove or disprove a breach later, and under which noun?

The rulebook's expressions name them so: `arrivals.exists(a, a.arrival_no == fact.arrival_no)`. Only these events may be
the `fact` of a clause. To let a new clause look at another fact, add its line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts import accountability, engineering, pmc, purchasing, quality, sales, warehouse
from contracts.event import Event


@dataclass(frozen=True, slots=True)
class Kind:
    """Facts kept under one noun: of these events, these fields; only where one of the fields `unless_empty` is filled."""

    noun: str
    events: tuple[type[Event], ...]
    fields: tuple[str, ...]
    unless_empty: tuple[str, ...] = ()


def _all_fields(event: type[Event]) -> tuple[str, ...]:
    return tuple(field for field in event.model_fields if field not in {"closes", "pauses", "resumes", "assignee"})


def _whole(noun: str, event: type[Event], unless_empty: tuple[str, ...] = ()) -> Kind:
    return Kind(noun, (event,), _all_fields(event), unless_empty)


KINDS = (
    _whole("attributions", pmc.ComplaintAttributed),
    _whole("complaints", sales.ComplaintReceived),
    _whole("purchase_breaches", purchasing.PurchaseBreachConfirmed),
    Kind("withdrawn_purchase_breaches", (purchasing.PurchaseBreachDismissed,), ("breach_no",)),
    _whole("missing_documents", engineering.MissingDocumentDecided),
    _whole("uninspected_uses", quality.UninspectedUseConfirmed),
    Kind("withdrawn_uninspected_uses", (quality.UninspectedUseWithdrawn,), ("case_no",)),
    _whole("finished_operations", pmc.OperationFinished, unless_empty=("waste", "untrained")),
    _whole("trainings", pmc.TrainingRecorded),
    Kind("withdrawn_trainings", (pmc.TrainingWithdrawn,), ("training_no",)),
    _whole("five_s_audits", pmc.FiveSAudited),
    _whole("stock_counts", warehouse.StockCounted),
    _whole("findings", accountability.BreachFound),
    Kind("proposed_findings", (accountability.FindingProposed,), ("finding_no", "proposed_by")),
    Kind("withdrawn_findings", (accountability.FindingWithdrawn,), ("finding_no",)),
    Kind("cancellations", (sales.OrderCancelled,), ("during_follow_up",)),
    Kind("missing_reports", (pmc.MissingDocumentReported,), ("report_no", "package_no", "line_no", "document")),
    Kind("packages", (engineering.PackageReleased,), ("package_no", "line_no", "revision", "documents", "released_by")),
    Kind("returns", (sales.ReturnAuthorised,), ("return_no", "complaint_no")),
    Kind("penalties", (sales.ContractPenaltyRecorded,), ("penalty_no", "amount", "complaint_no")),
    Kind("withdrawn_penalties", (sales.ContractPenaltyWithdrawn,), ("penalty_no",)),
    Kind("injuries", (pmc.InjuryReported,), ("injury_report_no", "occurred_at")),
    Kind("withdrawn_injuries", (pmc.InjuryReportWithdrawn,), ("injury_report_no",)),
    Kind(
        "investigations",
        (pmc.InjuryInvestigated,),
        ("investigation_no", "injury_report_no", "insured", "duty_breached", "breached_by", "corrects"),
    ),
    Kind("rework_orders", (pmc.ReworkOrdered,), ("rework_no", "complaint_no", "return_no", "team_leader")),
    Kind("reworks", (pmc.ReworkFinished,), ("rework_no", "rework_cost", "overtime_cost", "processing_fee")),
    Kind("arrivals", (warehouse.GoodsArrived,), ("arrival_no", "supplier_code", "purchase_order_no", "quarantine")),
    Kind(
        "purchase_orders",
        (purchasing.PurchaseOrderIssued,),
        ("purchase_order_no", "request_no", "supplier_code", "quotes", "exemption", "issued_by", "approved_by"),
    ),
    Kind("exemptions", (purchasing.QuoteExempted,), ("request_no",)),
    Kind(
        "supplier_changes", (purchasing.SupplierChangeApproved,), ("purchase_order_no", "from_supplier", "to_supplier")
    ),
    Kind("receipts", (warehouse.GoodsReceived,), ("lot", "inspection_no", "override_by")),
    Kind(
        "inspections",
        (quality.IncomingInspected, quality.FinalInspected, quality.OutgoingInspected),
        ("inspection_no", "lot", "line_no", "passed", "inspected_by"),
    ),
    Kind("dispositions", (quality.DispositionDecided,), ("lot", "disposition")),
    Kind("shipment_checks", (sales.ShipmentChecked,), ("line_no",)),
    Kind(
        "finished_receipts",
        (warehouse.FinishedGoodsReceived,),
        ("line_no", "quantity", "lot", "production_order_no"),
    ),
)

BY_EVENT: Mapping[str, Kind] = MappingProxyType({event.name: kind for kind in KINDS for event in kind.events})
BY_NOUN: Mapping[str, Kind] = MappingProxyType({kind.noun: kind for kind in KINDS})
