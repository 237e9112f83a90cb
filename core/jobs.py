"""Background work: a row first, delivered after the commit that wrote it, safe to run twice.

Packages register handlers by kind. A handler gets the `Job` and its app context; it reports progress through
`job.done`/`job.total`, and one commit ends it. The queue (huey on SQLite, or on Redis by setting) only carries ids.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask, current_app
from huey import RedisHuey, SqliteHuey
from sqlalchemy import select

from core import audit
from core.clock import utcnow
from core.db import after_commit, after_rollback, commit, db, end, flush, rollback
from core.enums import JobState, Via
from core.models import Job
from core.rules import Actor

log = logging.getLogger("leitai.jobs")
handlers: dict[str, Callable[[Job], None]] = {}
periodic: list[tuple[str, Callable[[datetime], None]]] = []
BREATH = 0.06
STALE = timedelta(minutes=10)


def provide(kind: str, handler: Callable[[Job], None]) -> None:
    handlers[kind] = handler


def every_minute(name: str, handler: Callable[[datetime], None]) -> None:
    """Work the consumer does each minute in one transaction (closing notices, re-queueing, publishing heads)."""
    if (name, handler) not in periodic:
        periodic.append((name, handler))


def enqueue(kind: str, payload: dict, *, actor: Actor, now: datetime, total: int = 0) -> Job:
    job = Job(kind=kind, payload=payload, created_by_id=actor.id, created_at=now, total=total)
    db.session.add(job)
    flush()
    db.session.info.setdefault("jobs_to_send", []).append(job.id)
    return job


def _send() -> None:
    for job_id in db.session.info.pop("jobs_to_send", []):
        current_app.extensions["huey_run"](job_id)


def _forget() -> None:
    db.session.info.pop("jobs_to_send", None)


after_commit.append(_send)
after_rollback.append(_forget)


def run(job_id: int) -> None:
    """Run one job; a second delivery of a finished or cancelled one does nothing."""
    audit.current_via.set(Via.JOB)
    job = db.session.get(Job, job_id, with_for_update=True)
    if job is None or job.state not in (JobState.QUEUED, JobState.RUNNING):
        end()
        return
    job.state, job.started_at = JobState.RUNNING, utcnow()
    commit()
    try:
        handlers[job.kind](job)
        db.session.refresh(job, ("state",))
        if job.state == JobState.RUNNING:
            job.state, job.finished_at = JobState.DONE, utcnow()
        commit()
    except Exception as error:
        rollback()
        log.exception("job %s (%s) failed", job_id, job.kind)
        failed = db.session.get(Job, job_id)
        failed.state, failed.finished_at = JobState.FAILED, utcnow()
        failed.message = str(getattr(error, "sentence", "后台任务失败，请联系管理员。"))[:300]
        commit()
    finally:
        end()


def step(job: Job, done: int, total: int | None = None) -> bool:
    """Commit what was done so far with the bar's new length; False when somebody has cancelled in the meantime.

    SQLite knows no queue of writers: without a pause those who wait for the lock would hardly ever find it free.
    """
    job.done, job.total = done, job.total if total is None else total
    state = db.session.scalar(select(Job.state).where(Job.id == job.id))
    commit()
    if current_app.config["SETTINGS"].sqlite:
        time.sleep(BREATH)
    return state == JobState.RUNNING


def cancel(job: Job, *, now: datetime) -> None:
    """A waiting job never starts; a running one stops at its next step, and what it committed stays."""
    if job.state in (JobState.QUEUED, JobState.RUNNING):
        job.state, job.finished_at, job.message = JobState.CANCELLED, now, "已取消。"
        flush()


def run_periodic(now: datetime) -> None:
    for name, handler in periodic:
        try:
            handler(now)
            commit()
        except Exception:
            rollback()
            log.exception("periodic work %s failed", name)
        finally:
            end()


def requeue_stale(now: datetime) -> None:
    """Rows whose delivery was lost (a crash between commit and queue) are sent again."""
    stale = select(Job.id).where(Job.state == JobState.QUEUED, Job.created_at < now - STALE)
    db.session.info.setdefault("jobs_to_send", []).extend(db.session.scalars(stale))


every_minute("requeue", requeue_stale)


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    if settings.redis_url:
        huey = RedisHuey("leitai", url=settings.redis_url, immediate=settings.testing)
    else:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        huey = SqliteHuey(
            "leitai", filename=str(settings.data_dir / "queue.sqlite3"), immediate=settings.testing
        )

    def run_in_context(job_id: int) -> None:
        with app.app_context():
            run(job_id)

    app.extensions["huey"] = huey
    app.extensions["huey_run"] = huey.task(name="run_job")(run_in_context)
