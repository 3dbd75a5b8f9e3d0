"""How does a team's workplace stand in the 5S audit (TML-05)?"""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import FiveSAudited
from services.pmc.models import AuditStatus, FiveSAudit
from services.pmc.operations import LEADER, check_leader


class AuditsOwnTeam(Refusal):
    status, code, field = 403, "audits_own_team", "team_leader"
    message = Label(
        "{employee} 是该班组的组长,不能检查自己的班组。请由另一人检查。",
        "{employee} leads this team and may not audit it. Please let somebody else audit.",
    )


class AnotherTeams(Refusal):
    status, code, field = 422, "another_teams_audit", "corrects"
    message = Label(
        "{no} 检查的是 {team_leader} 的班组,不能由此更正。请核对单号。",
        "{no} is about {team_leader}'s team and cannot be corrected by this. Please check the number.",
    )


class Audit(Form):
    """What the auditor found at a team's workplace, as a score of 0 to 100; a correction names the audit it replaces."""

    team: str = Field(min_length=1, max_length=200)
    team_leader: str = Field(default="", pattern=LEADER)
    score: Decimal = Field(ge=0, le=100, max_digits=5, decimal_places=2)
    remark: str = Field(min_length=1, max_length=4000)
    corrects: str | None = Field(default=None, max_length=64)


async def audit(session: AsyncSession, form: Audit, *, maker: Actor, now: datetime) -> FiveSAudit:
    """Write down an audit; what was written before is never changed, only corrected by a later one."""
    await check_leader(session, form.team, form.team_leader)
    if form.team_leader == maker.employee:
        raise AuditsOwnTeam(employee=maker.employee)
    if form.corrects:
        await correct(session, form.corrects, form.team_leader)
    document = FiveSAudit(
        **form.model_dump(),
        no=await next_number(session, FiveSAudit.code, now),
        status=AuditStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document))
    return document


async def correct(session: AsyncSession, no: str, team_leader: str) -> None:
    """The earlier audit no longer counts; raises NotFound, AnotherTeams, WrongStatus."""
    earlier = await lock(session, FiveSAudit, no)
    if earlier.team_leader != team_leader:
        raise AnotherTeams(no=no, team_leader=earlier.team_leader)
    move(earlier, AuditStatus.CORRECTED)


def stated(document: FiveSAudit) -> FiveSAudited:
    return FiveSAudited(
        assignee=document.team_leader,
        audit_no=document.no,
        team=document.team,
        team_leader=document.team_leader,
        score=document.score,
        remark=document.remark,
        corrects=document.corrects,
        audited_by=document.made_by,
    )
