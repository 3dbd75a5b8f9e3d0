"""Which handovers exist, and which document makes each one unique? One function per link; everybody names a handover by it.

The rulebook's link table (standards, dues, clauses) uses the same codes; architecture tests compare the two.
"""

from collections.abc import Callable

from contracts.event import DutyRef


def opinion(order_no: str, department: str) -> DutyRef:
    """A department owes its opinion on a contract."""
    return DutyRef(link="opinion", key=f"{order_no}/{department}")


def review(order_no: str) -> DutyRef:
    """The planner owes the decision once every opinion is there."""
    return DutyRef(link="review", key=order_no)


def release(order_no: str) -> DutyRef:
    """The merchandiser owes the release of a confirmed order (MER-01)."""
    return DutyRef(link="release", key=order_no)


def package(order_no: str, line_no: int) -> DutyRef:
    """Engineering owes the package of one order line (ENG-02)."""
    return DutyRef(link="package", key=f"{order_no}/{line_no}")


def requirement(order_no: str, line_no: int) -> DutyRef:
    """The planner owes the material list of one order line (PMC-03)."""
    return DutyRef(link="requirement", key=f"{order_no}/{line_no}")


def production_order(order_no: str, line_no: int) -> DutyRef:
    """The planner owes the production order of one order line (PMC-01)."""
    return DutyRef(link="production_order", key=f"{order_no}/{line_no}")


def purchase_order(requirement_no: str) -> DutyRef:
    """The buyer owes the purchase orders of one material list."""
    return DutyRef(link="purchase_order", key=requirement_no)


def request_approval(request_no: str) -> DutyRef:
    """The purchasing manager owes a decision on a purchase request; meanwhile the buyer's clock rests."""
    return DutyRef(link="request_approval", key=request_no)


def quote_exemption(request_no: str) -> DutyRef:
    """The purchasing manager owes a decision on whether fewer quotes are enough; meanwhile the buyer's clock rests."""
    return DutyRef(link="quote_exemption", key=request_no)


def supplier_change(document_no: str) -> DutyRef:
    """The purchasing manager owes a decision on another supplier for a request or an order; the buyer's clock rests."""
    return DutyRef(link="supplier_change", key=document_no)


def concession(disposition_no: str) -> DutyRef:
    """The quality manager owes a decision on using nonconforming goods as they are; whoever would make or buy them anew waits."""
    return DutyRef(link="concession", key=disposition_no)


def arrival(requirement_no: str, line_no: int) -> DutyRef:
    """The buyer owes the goods of one line of a material list at the gate (PUR-01)."""
    return DutyRef(link="arrival", key=f"{requirement_no}/{line_no}")


def follow_up(purchase_order_no: str, line_no: int) -> DutyRef:
    """The planner owes a look after a line of a purchase order whose promised date passed (PMC-02)."""
    return DutyRef(link="follow_up", key=f"{purchase_order_no}/{line_no}")


def iqc(lot: str) -> DutyRef:
    """The inspector owes the inspection of an arrived lot."""
    return DutyRef(link="iqc", key=lot)


def receipt(lot: str) -> DutyRef:
    """The storekeeper owes the booking of a passed lot (WHS-03)."""
    return DutyRef(link="receipt", key=lot)


def dispatch(production_order_no: str, op_no: int) -> DutyRef:
    """The workshop director owes the dispatch of an operation (PRD-01)."""
    return DutyRef(link="dispatch", key=f"{production_order_no}/{op_no}")


def requisition_approval(requisition_no: str) -> DutyRef:
    """The workshop director owes a decision on a requisition (PRD-01)."""
    return DutyRef(link="requisition_approval", key=requisition_no)


def issue(requisition_no: str) -> DutyRef:
    """The storekeeper owes the material of an approved requisition."""
    return DutyRef(link="issue", key=requisition_no)


def operation(production_order_no: str, op_no: int) -> DutyRef:
    """The team leader owes a finished operation (TML-01)."""
    return DutyRef(link="operation", key=f"{production_order_no}/{op_no}")


def delay_response(production_order_no: str, op_no: int) -> DutyRef:
    """The workshop director owes a re-dispatch or an exception on a team's delay report (PRD-01)."""
    return DutyRef(link="delay_response", key=f"{production_order_no}/{op_no}")


def final_inspection(production_order_no: str) -> DutyRef:
    """The inspector owes the final inspection of a production order's goods."""
    return DutyRef(link="final_inspection", key=production_order_no)


def finished_receipt(production_order_no: str) -> DutyRef:
    """The storekeeper owes the booking of inspected finished goods (WHS-03)."""
    return DutyRef(link="finished_receipt", key=production_order_no)


def notice(order_no: str, line_no: int) -> DutyRef:
    """The salesperson owes the shipping notice of what is in store of an order line (SHP-01)."""
    return DutyRef(link="notice", key=f"{order_no}/{line_no}")


def shipment_check(order_no: str, line_no: int) -> DutyRef:
    """The merchandiser owes a look whether what is in store of an order line leaves in time (MER-03 weighs it)."""
    return DutyRef(link="shipment_check", key=f"{order_no}/{line_no}")


def planner_review(notice_no: str) -> DutyRef:
    """The planner owes a review of the shipment."""
    return DutyRef(link="planner_review", key=notice_no)


def director_review(notice_no: str) -> DutyRef:
    """The workshop director owes a review of the shipment."""
    return DutyRef(link="director_review", key=notice_no)


def instruction(notice_no: str) -> DutyRef:
    """The planner owes the warehouse its shipping instruction (SHP-02)."""
    return DutyRef(link="instruction", key=notice_no)


def outgoing_qa(notice_no: str) -> DutyRef:
    """The inspector owes the outgoing inspection."""
    return DutyRef(link="outgoing_qa", key=notice_no)


def ship(notice_no: str) -> DutyRef:
    """The storekeeper owes the shipment (SHP-03)."""
    return DutyRef(link="ship", key=notice_no)


def shipment_report(notice_no: str) -> DutyRef:
    """The planner owes Sales the report that the goods left."""
    return DutyRef(link="shipment_report", key=notice_no)


def progress(inquiry_no: str) -> DutyRef:
    """The merchandiser owes Sales an answer about production (MER-04)."""
    return DutyRef(link="progress", key=inquiry_no)


def exception_relay(exception_no: str, order_no: str) -> DutyRef:
    """The merchandiser owes Sales word of an exception or a delay report, for each affected order (MER-05)."""
    return DutyRef(link="exception_relay", key=f"{exception_no}/{order_no}")


def stocktake(month: str) -> DutyRef:
    """The storekeeper owes finance the stocktake of one month, `2026-10` (WHS-04)."""
    return DutyRef(link="stocktake", key=month)


def complaint_to_pmc(complaint_no: str) -> DutyRef:
    """The salesperson owes PMC the complaint in writing (SHP-04)."""
    return DutyRef(link="complaint_to_pmc", key=complaint_no)


def minutes(meeting_no: str) -> DutyRef:
    """The minute taker owes the minutes of a meeting, from when it is held."""
    return DutyRef(link="minutes", key=meeting_no)


LINKS: tuple[Callable[..., DutyRef], ...] = (
    opinion,
    review,
    release,
    package,
    requirement,
    production_order,
    purchase_order,
    request_approval,
    quote_exemption,
    supplier_change,
    concession,
    arrival,
    follow_up,
    iqc,
    receipt,
    dispatch,
    requisition_approval,
    issue,
    operation,
    delay_response,
    final_inspection,
    finished_receipt,
    notice,
    shipment_check,
    planner_review,
    director_review,
    instruction,
    outgoing_qa,
    ship,
    shipment_report,
    progress,
    exception_relay,
    complaint_to_pmc,
    stocktake,
    minutes,
)
