"""With which facts does a record explain itself? A verdict as plain JSON, the same when it is judged again."""

from dataclasses import asdict
from typing import Any

import orjson

from services.accountability.judge.verdicts import FirstCause, Infeasible, RecordProposal


def plain(value: Any) -> Any:
    """A verdict's values as JSON keeps them: times in ISO 8601, durations in seconds, money as text."""
    return orjson.loads(orjson.dumps(value, default=as_text))


def as_text(value: Any) -> Any:
    return value.total_seconds() if hasattr(value, "total_seconds") else str(value)


def facts_of(proposal: RecordProposal) -> dict[str, Any]:
    """Everything that the printed record explains itself with."""
    facts: dict[str, Any] = plain(
        {
            "breaches": [asdict(breach) for breach in proposal.breaches],
            "evidence": [asdict(proof) for proof in proposal.evidence],
            "absorbed": proposal.absorbed,
            "self_dealing": proposal.self_dealing,
            "roster_entry": proposal.person.assignment_no,
            "ground": {"zh": proposal.ground_zh, "en": proposal.ground_en},
            "because": {"zh": proposal.because_zh, "en": proposal.because_en},
            "compensation": asdict(proposal.compensation) if proposal.compensation else None,
            "complaint_no": proposal.complaint_no,
        }
    )
    return facts


def missed_date(verdict: FirstCause | Infeasible) -> dict[str, Any]:
    """Why a date was missed, with every contribution."""
    said: dict[str, Any] = plain({**asdict(verdict), "infeasible": isinstance(verdict, Infeasible)})
    return said
