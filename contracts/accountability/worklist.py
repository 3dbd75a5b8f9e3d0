"""What does Accountability's own worklist state, and when could its service record nothing?"""

from typing import ClassVar

from contracts import parts


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached Accountability's worklist."""

    name: ClassVar[str] = "accountability.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in Accountability signed for a handover."""

    name: ClassVar[str] = "accountability.handover_signed.v1"


class WordCameLate(parts.WordCameLate):
    """Accountability heard only later that what handovers waited for was over."""

    name: ClassVar[str] = "accountability.word_came_late.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """Accountability's service could not record acts for a while."""

    name: ClassVar[str] = "accountability.service_unavailable.v1"
