"""Who signs what an export holds? The service, which alone has the judge's key, once the exporter has written the digests down."""

import asyncio
import time
from collections.abc import Mapping

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from chassis.signing import Signer
from services.accountability.proof.statements import Contents, SignedContents
from services.accountability.proof.tables import EvidenceExport, ExportContents, ExportSignature

log = structlog.get_logger()

LOOK_S = 0.5
PATIENCE_S = 15.0
UNSIGNED = (
    select(EvidenceExport, ExportContents.files)
    .join(ExportContents)
    .outerjoin(ExportSignature, ExportSignature.export_no == ExportContents.export_no)
    .where(ExportSignature.export_no.is_(None))
)


class Signatures:
    """Signs who asked, for what and when, as it was written down before, together with the digests of what they get."""

    def __init__(self, engine: AsyncEngine, signer: Signer) -> None:
        self.engine, self.signer = engine, signer
        self._looked_at = float("-inf")

    async def sign(self) -> None:
        """Sign whatever waits for it."""
        if time.monotonic() - self._looked_at < LOOK_S:
            return
        self._looked_at = time.monotonic()
        async with transaction(self.engine) as session:
            for asked, files in (await session.execute(UNSIGNED)).all():
                await self._sign(session, asked, files)

    async def _sign(self, session: AsyncSession, asked: EvidenceExport, files: Mapping[str, str]) -> None:
        made = Contents(
            export=asked.no,
            asked_by=asked.asked_by,
            asked=asked.asked,
            asked_at=asked.asked_at,
            files=dict(files),
            signed_at=await factory_now(session),
        )
        signed = self.signer.seal(made.canonical(), SignedContents)
        row = insert(ExportSignature).values(export_no=asked.no, **signed.model_dump())
        await session.execute(row.on_conflict_do_nothing())
        log.info("the contents of an export are signed", export=asked.no)


async def signed(engine: AsyncEngine, export_no: int, files: Mapping[str, str]) -> SignedContents | None:
    """Write down what an export holds and wait until the service has signed it; None where it does not."""
    async with transaction(engine) as session:
        await session.execute(insert(ExportContents).values(export_no=export_no, files=dict(files)))
    columns = (ExportSignature.statement, ExportSignature.key, ExportSignature.signature)
    query = select(*columns).where(ExportSignature.export_no == export_no)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        async with transaction(engine) as session:
            row = (await session.execute(query)).one_or_none()
        if row is not None:
            return SignedContents.model_validate(row._mapping)
        await asyncio.sleep(LOOK_S / 5)
    return None
