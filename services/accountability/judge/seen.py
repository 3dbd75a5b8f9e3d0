"""Which facts has the judge heard? By their sequences, so that none counts twice."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Seen:
    """Sequences of one source and epoch that were judged: all up to `mark`, and `ahead` beyond it."""

    mark: int = 0
    ahead: dict[int, bool] = field(default_factory=dict)
