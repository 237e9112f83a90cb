"""All certificates, or all letters, of an edition as one PDF for the printer: one job, kept as a file."""

from datetime import datetime

from sqlalchemy import select

from awards import letters
from awards.certificate_paper import paper_of
from awards.enums import AwardState
from awards.models import Award, Certificate, Tier
from awards.operations.certificates import CERTIFIED
from awards.queries import in_group_order
from awards.rules import may_run_awards
from competition.models import Edition
from core import audit, files, jobs
from core.clock import beijing_day
from core.db import db
from core.enums import JobState
from core.errors import Conflict
from core.models import Job, StoredFile
from core.papers import Paper, to_one_pdf
from core.rules import Actor

JOB = "awards.print_bundle"
CERTIFICATES, LETTERS = "certificates", "letters"


def ask_bundle(edition: Edition, what: str, *, check: str, by: str, actor: Actor, now: datetime) -> Job:
    """Queue it; `check` is the address of the public check that codes lead to. One of a kind at a time."""
    may_run_awards(actor).or_raise()
    waiting = last_bundle(edition, what)
    if waiting is not None and waiting.state in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict("正在合并，请稍候。", code="bundle_running")
    audit.record("edition.ask_bundle", edition, actor=actor, now=now, after={"what": what})
    payload = {"edition_id": edition.id, "what": what, "check": check, "by": by}
    return jobs.enqueue(JOB, payload, actor=actor, now=now)


def last_bundle(edition: Edition, what: str) -> Job | None:
    wanted, recent = (edition.id, what), select(Job).where(Job.kind == JOB).order_by(Job.id.desc()).limit(50)
    found = db.session.scalars(recent)
    return next((job for job in found if (job.payload["edition_id"], job.payload["what"]) == wanted), None)


def make_bundle(job: Job, *, actor: Actor, now: datetime) -> StoredFile:
    edition, what = db.session.get(Edition, job.payload["edition_id"]), job.payload["what"]
    made = _certificates(edition, job) if what == CERTIFICATES else _letters(edition, job, now)
    if not made:
        raise Conflict("该届还没有可以合并的证书或奖励。", code="bundle_empty")
    job.done = job.total = len(made)
    name = f"{edition.name}{made[0].title.replace('　', '')}（{len(made)} 份）.pdf"
    return files.store_bytes(to_one_pdf(made), name, files.PDF, actor=actor, now=now)


def _certificates(edition: Edition, job: Job) -> list[Paper]:
    stmt = select(Certificate).join(Award, Award.id == Certificate.award_id)
    stmt = stmt.outerjoin(Tier, Tier.id == Award.tier_id)
    live = stmt.where(Award.edition_id == edition.id, Certificate.revoked_at.is_(None))
    found = db.session.scalars(live.order_by(in_group_order(Award.group), Tier.position, Certificate.number))
    check, by = job.payload["check"], job.payload["by"]
    return [paper_of(certificate, f"{check}?number={certificate.number}", by=by) for certificate in found]


def _letters(edition: Edition, job: Job, now: datetime) -> list[Paper]:
    stmt = select(Award).outerjoin(Tier, Tier.id == Award.tier_id).where(Award.edition_id == edition.id)
    won = stmt.where(
        Award.kind.in_(CERTIFIED),
        Award.item_carried.is_(False),
        Award.state.in_((AwardState.CONFIRMED, AwardState.SETTLED)),
    )
    found = db.session.scalars(won.order_by(in_group_order(Award.group), Tier.position, Award.number))
    on = beijing_day(now)
    return [letters.award_letter(award, by=job.payload["by"], on=on) for award in found]
