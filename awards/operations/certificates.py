"""Certificates: numbered, with a digest over what they certify that anybody can check."""

import hashlib
from datetime import datetime

from sqlalchemy import and_, select

from awards.enums import AwardKind, AwardState
from awards.models import Award, Certificate
from awards.rules import may_run_awards
from competition.models import Edition
from core import audit, jobs, seals
from core.clock import beijing_day
from core.db import db, flush
from core.enums import JobState
from core.errors import Conflict
from core.models import Job
from core.numbering import next_number
from core.rules import SYSTEM, Actor

CERTIFIED = (AwardKind.PRIZE, AwardKind.ORGANISER)
JOB = "awards.issue_certificates"


def ask_certificates(edition: Edition, *, actor: Actor, now: datetime) -> Job:
    """Queue the issue of every certificate that is missing; one such job of an edition at a time."""
    may_run_awards(actor).or_raise()
    waiting = last_job_of(edition)
    if waiting is not None and waiting.state in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict("该届证书正在颁发，请稍候。", code="certificates_running")
    audit.record("edition.ask_certificates", edition, actor=actor, now=now)
    return jobs.enqueue(JOB, {"edition_id": edition.id}, actor=actor, now=now)


def last_job_of(edition: Edition) -> Job | None:
    recent = select(Job).where(Job.kind == JOB).order_by(Job.id.desc()).limit(50)
    return next((job for job in db.session.scalars(recent) if job.payload["edition_id"] == edition.id), None)


def issue_certificates(edition: Edition, *, actor: Actor, now: datetime) -> list[Certificate]:
    """For every confirmed prize and organiser award that has none yet; a second run adds only what is missing."""
    may_run_awards(actor).or_raise()
    missing = (
        select(Award)
        .outerjoin(Certificate, and_(Certificate.award_id == Award.id, Certificate.revoked_at.is_(None)))
        .where(
            Award.edition_id == edition.id,
            Award.kind.in_(CERTIFIED),
            Award.item_carried.is_(False),
            Award.state.in_((AwardState.CONFIRMED, AwardState.SETTLED)),
            Certificate.id.is_(None),
        )
        .order_by(Award.number)
    )
    return [_issue(edition, award, actor=actor, now=now) for award in db.session.scalars(missing).all()]


def _issue(edition: Edition, award: Award, *, actor: Actor, now: datetime) -> Certificate:
    number = next_number(f"certificate:{edition.code}", f"{edition.code.upper()}-Z", 4)
    content = {
        "number": number,
        "edition": edition.name,
        "name": award.payee.name,
        "project": award.entry.title if award.entry else "",
        "group": award.group.label,
        "tier": award.tier_name,
        "issued_on": str(beijing_day(now)),
        "demo": edition.demo,
    }
    certificate = Certificate(
        number=number, award=award, content=content, content_hash=digest_of(content), issued_at=now
    )
    db.session.add(certificate)
    flush()
    audit.record("certificate.issue", certificate, actor=actor, now=now, after={"number": number})
    return certificate


def revoke_certificate(award: Award, *, reason: str, now: datetime) -> None:
    """The award was taken back or changed: its certificate stands no longer; a changed one is issued a new one."""
    stmt = select(Certificate).where(Certificate.award_id == award.id, Certificate.revoked_at.is_(None))
    certificate = db.session.scalar(stmt)
    if certificate is None:
        return
    certificate.revoked_at = now
    flush()
    audit.record("certificate.revoke", certificate, actor=SYSTEM, now=now, reason=reason)


def digest_of(content: dict) -> str:
    return hashlib.sha256(seals.canonical(content)).hexdigest()
