"""Background work of the competition: reviews in bulk, one job a batch, all of it or nothing; uploads swept."""

from competition.models import ReviewBatch
from competition.operations import review_batches
from competition.operations.entries import sweep_uploads
from core import jobs
from core.clock import utcnow
from core.db import db
from core.models import Job, User


def carry_on_batch(job: Job) -> None:
    """In the name of who asked; a second delivery finds the batch finished and does nothing."""
    batch = db.session.get(ReviewBatch, job.payload["batch_id"], with_for_update=True)
    actor = db.session.get(User, job.created_by_id)
    done = review_batches.go_on(batch, reason=job.payload["reason"], actor=actor, now=utcnow())
    job.done = done


def init_app() -> None:
    jobs.provide(review_batches.JOB, carry_on_batch)
    jobs.every_minute("sweep-uploads", sweep_uploads)
