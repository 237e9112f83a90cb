"""Background work of the judging floor."""

from core import jobs
from core.clock import utcnow
from core.db import db
from core.models import Job, User
from core.rules import SYSTEM
from judging.models import Ranking
from judging.operations import diagnoses
from judging.queries.diagnoses import JOB


def compute_diagnosis(job: Job) -> None:
    """In the name of who asked; away from the web workers, which never load the numerical library."""
    order = dict(job.payload)
    ranking = db.session.get(Ranking, order.pop("ranking_id"))
    actor = db.session.get(User, job.created_by_id) if job.created_by_id else SYSTEM
    diagnoses.diagnose(ranking, **order, actor=actor, now=utcnow())


def init_app() -> None:
    jobs.provide(JOB, compute_diagnosis)
