"""How long may each handover take, whose is it, and what does it wait for, by the shipped rulebook?"""

from datetime import datetime, timedelta

from deploy.local.sample.worktime import FACTORY

HOUR = timedelta(hours=1)
DAY = 8 * HOUR  # the sample's one shift
NEVER = datetime(2027, 1, 1, tzinfo=FACTORY)
STANDARDS = {
    "opinion": DAY,
    "release": 4 * HOUR,
    "package": 2 * DAY,
    "requirement": DAY,
    "production_order": DAY,
    "purchase_order": 2 * DAY,
    "iqc": DAY,
    "receipt": 8 * HOUR,
    "dispatch": 4 * HOUR,
    "requisition_approval": 4 * HOUR,
    "issue": 4 * HOUR,
    "follow_up": DAY,
    "delay_response": 4 * HOUR,
    "final_inspection": DAY,
    "finished_receipt": 8 * HOUR,
    "notice": 4 * HOUR,
    "planner_review": 2 * HOUR,
    "director_review": 2 * HOUR,
    "instruction": 4 * HOUR,
    "outgoing_qa": 4 * HOUR,
    "ship": 4 * HOUR,
    "shipment_report": 4 * HOUR,
    "progress": 4 * HOUR,
    "exception_relay": 2 * HOUR,
    "complaint_to_pmc": 2 * HOUR,
    "minutes": 5 * DAY,
}
POSTS = {
    "requirement": "planner",
    "production_order": "planner",
    "follow_up": "planner",
    "planner_review": "planner",
    "instruction": "planner",
    "shipment_report": "planner",
    "package": "engineer",
    "purchase_order": "buyer",
    "arrival": "buyer",
    "iqc": "inspector",
    "final_inspection": "inspector",
    "outgoing_qa": "inspector",
    "receipt": "storekeeper",
    "issue": "storekeeper",
    "finished_receipt": "storekeeper",
    "ship": "storekeeper",
    "shipment_check": "merchandiser",
    "delay_response": "workshop_director",
}
PREPARATIONS = (
    "sign_handover",
    "draft_package",
    "add_document",
    "check_requirement",
    "submit_request",
    "raise_exception",
    "report_operation_delay",
)

# Each kind of handover: the commands that give it beside the handovers it waits for. Causes stand before effects.
MAIN_PATH: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("opinion", ("sales.submit_contract",), ()),
    ("review", (), ("opinion",)),
    ("release", ("sales.confirm_order",), ("review",)),
    ("package", (), ("release",)),
    ("requirement", (), ("package",)),
    ("production_order", (), ("package",)),
    ("purchase_order", (), ("requirement",)),
    ("request_approval", ("purchasing.submit_request",), ()),
    ("arrival", (), ("requirement",)),
    ("follow_up", (), ()),
    ("iqc", ("warehouse.log_arrival",), ("arrival",)),
    ("receipt", (), ("iqc",)),
    ("dispatch", (), ("production_order",)),
    ("requisition_approval", ("pmc.submit_requisition",), ()),
    ("issue", (), ("requisition_approval", "receipt")),
    ("operation", (), ("dispatch", "operation", "issue")),
    ("final_inspection", (), ("operation",)),
    ("finished_receipt", (), ("final_inspection",)),
    ("notice", (), ("release", "finished_receipt")),
    ("planner_review", (), ("notice",)),
    ("director_review", (), ("notice",)),
    ("instruction", (), ("notice", "planner_review", "director_review")),
    ("outgoing_qa", (), ("instruction",)),
    ("ship", (), ("instruction", "outgoing_qa")),
    ("shipment_report", (), ("ship",)),
    ("progress", ("sales.ask_progress",), ()),
    ("exception_relay", ("pmc.raise_exception", "purchasing.report_delay", "pmc.report_operation_delay"), ()),
    ("complaint_to_pmc", ("sales.receive_complaint",), ()),
    ("minutes", ("pmc.announce_meeting",), ()),
)
