"""Does our database remember all that we ever said? The others are asked before anything is numbered: it may be a backup."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

from chassis.resuming import is_behind, last_number, skip
from chassis.signing import NotSigned, verify
from contracts.control import HeadRequest, SignedWatermark, Watermark
from contracts.event import SERVICES

if TYPE_CHECKING:
    from chassis.relay import Lead

# Held by the leader once it has compared its database, so that those who stand by know.
COMPARED = "SELECT pg_advisory_lock(hashtextextended('handover.compared', 0))"
IS_COMPARED = "SELECT NOT pg_try_advisory_xact_lock_shared(hashtextextended('handover.compared', 0))"

log = structlog.get_logger()


async def recollect(lead: Lead) -> None:
    """Ask how far the others have heard us, and let commands in after that.

    Nobody need remember a database that has said nothing yet; whoever does is heard a little later.
    """
    lead.relay.heads.clear()
    request = HeadRequest(source=lead.chain.source).model_dump_json().encode()
    await lead.publisher.say(f"{lead.chain.source}.head_requested", request)
    if lead.chain.sequence or lead.chain.former:
        await hear_everybody(lead)
    await lead.connection.execute(COMPARED)
    lead.relay.gate.open()


async def hear_everybody(lead: Lead) -> None:
    """Until all have answered, or for a limited time: a colleague that is down must not keep us from working."""
    others, answers = len({*SERVICES} - {lead.chain.source}), 0
    until = time.monotonic() + lead.relay.settings.head_wait_seconds
    while answers < others and (left := until - time.monotonic()) > 0:
        await lead.relay.rest(left)
        await lead.run_errands()
        answers += await compare_heads(lead)


async def compare_heads(lead: Lead) -> int:
    """Read the answers that have come; how many there were."""
    answers = 0
    while lead.relay.heads:
        head = lead.relay.heads.popleft()
        answers += 1
        if head.watermark and (heard := own(lead, head.watermark)):
            await compare(lead, heard)
    return answers


def own(lead: Lead, signed: SignedWatermark) -> Watermark | None:
    """Our own word, or nothing: nobody else can make us doubt our database."""
    try:
        return verify(signed, {lead.chain.source: lead.relay.signer.public})
    except NotSigned as error:
        log.warning("somebody remembers a watermark that we did not sign", error=str(error))
        return None


async def compare(lead: Lead, heard: Watermark) -> None:
    """Where somebody remembers what our database does not, go on in a new epoch and above the numbers they know."""
    if await contradicts(lead, heard):
        log.error("restored database: a new epoch begins", source=heard.source, heard=heard.sequence)
        lead.chain = await lead.chain.reopen(above=heard.epoch, documents=heard.documents)
    elif is_behind(await last_number(lead.connection), heard.documents):
        log.error("restored database: document numbers are skipped", source=heard.source, told=str(heard.documents))
        await skip(lead.connection, heard.documents)


async def contradicts(lead: Lead, heard: Watermark) -> bool:
    """Whether others heard more of this epoch than we remember, or something else at the same place."""
    if heard.epoch != lead.chain.epoch:
        return heard.epoch > lead.chain.epoch
    if heard.sequence > lead.chain.sequence:
        return True
    known = await lead.chain.hash_at(heard.sequence)
    return known is not None and bytes.fromhex(heard.hash) != known
