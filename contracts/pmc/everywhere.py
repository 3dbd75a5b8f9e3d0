"""What planning states as every department does."""

from typing import ClassVar

from contracts import parts


class ShipmentBlocked(parts.ShipmentBlocked):
    """The workshop director blocked nonconforming goods."""

    name: ClassVar[str] = "pmc.shipment_blocked.v1"


class ShipmentUnblocked(parts.ShipmentUnblocked):
    """The workshop director lifted a block."""

    name: ClassVar[str] = "pmc.shipment_unblocked.v1"


class AuthorityRefused(parts.AuthorityRefused):
    """The workshop director refused a requisition."""

    name: ClassVar[str] = "pmc.authority_refused.v1"


class OpinionGiven(parts.OpinionGiven):
    """PMC's opinion on a contract (capacity)."""

    name: ClassVar[str] = "pmc.opinion_given.v1"


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached PMC's worklist."""

    name: ClassVar[str] = "pmc.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in PMC signed for a handover."""

    name: ClassVar[str] = "pmc.handover_signed.v1"


class WordCameLate(parts.WordCameLate):
    """PMC heard only later that what handovers waited for was over."""

    name: ClassVar[str] = "pmc.word_came_late.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """PMC's service could not record acts for a while."""

    name: ClassVar[str] = "pmc.service_unavailable.v1"
