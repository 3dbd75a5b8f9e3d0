"""With which facts does a record explain itself? A verdict as plain JSON, the same when it is judged again."""

from collections.abc import Mapping
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
            "complaint_no": proposal.complaints[0] if proposal.complaints else None,
        }
    )
    return facts | {"complaints": [*proposal.complaints]} if len(proposal.complaints) > 1 else facts


def complaints_of(facts: Mapping[str, Any]) -> list[str]:
    """From which complaints a record stems, as it says itself: of one alone by its number, as records always did."""
    return facts.get("complaints") or [no for no in [facts.get("complaint_no")] if no]


def missed_date(verdict: FirstCause | Infeasible) -> dict[str, Any]:
    """Why a date was missed, with every contribution."""
    said: dict[str, Any] = plain({**asdict(verdict), "infeasible": isinstance(verdict, Infeasible)})
    return said
