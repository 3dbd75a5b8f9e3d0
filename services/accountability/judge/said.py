"""What did the judge say last of a record or suspicion that still stands?"""

from dataclasses import dataclass


@dataclass(slots=True)
class Standing:
    """A record or suspicion that the judge has announced and not withdrawn.

    From `breaches` on it is what a later word compares itself with; `first_cause`: it stood for that of a missed date.
    """

    revision: int
    signature: str
    clause: str
    person: str | None
    ground_zh: str
    ground_en: str
    figures: str = ""
    breaches: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()
    dues: str = ""
    shares: str = ""
    amount: str = ""
    first_cause: bool = False
    bounds: str = ""
