"""Certificates: numbered, with a digest over what they certify that anybody can check."""

import hashlib
from datetime import datetime

from sqlalchemy import select

from awards.enums import AwardKind, AwardState
from awards.models import Award, Certificate
from awards.rules import may_run_awards
from competition.models import Edition
from core import audit, seals
from core.clock import beijing_day
from core.db import db, flush
from core.numbering import next_number
from core.rules import Actor

CERTIFIED = (AwardKind.PRIZE, AwardKind.ORGANISER)


def issue_certificates(edition: Edition, *, actor: Actor, now: datetime) -> list[Certificate]:
    """For every confirmed prize and organiser award that has none yet; a second run adds only what is missing."""
    may_run_awards(actor).or_raise()
    missing = (
        select(Award)
        .outerjoin(Certificate, Certificate.award_id == Award.id)
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


def digest_of(content: dict) -> str:
    return hashlib.sha256(seals.canonical(content)).hexdigest()
