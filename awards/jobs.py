"""Background work of awards: hundreds of certificates are one job, which may run twice without harm."""

from awards.operations import bundles, certificates
from competition.models import Edition
from core import jobs
from core.clock import utcnow
from core.db import db
from core.models import Job, User
from core.rules import SYSTEM


def issue_certificates(job: Job) -> None:
    """In the name of who asked; those that were issued in the meantime are not issued again."""
    actor = db.session.get(User, job.created_by_id) if job.created_by_id else SYSTEM
    edition = db.session.get(Edition, job.payload["edition_id"])
    made = certificates.issue_certificates(edition, actor=actor, now=utcnow())
    job.done = job.total = len(made)


def print_bundle(job: Job) -> None:
    """Made anew on a second delivery; the file of the last run is the job's."""
    actor = db.session.get(User, job.created_by_id) if job.created_by_id else SYSTEM
    job.file_id = bundles.make_bundle(job, actor=actor, now=utcnow()).id


def init_app() -> None:
    jobs.provide(bundles.JOB, print_bundle)
    jobs.provide(certificates.JOB, issue_certificates)
