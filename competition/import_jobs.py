"""Background work of imports: a batch is checked, written or undone step by step."""

from collections.abc import Callable, Iterator

from competition.enums import ImportState
from competition.import_states import IMPORT
from competition.operations import imports
from competition.queries import imports as queries
from core import accounts, jobs
from core.clock import utcnow
from core.db import commit, db, rollback
from core.errors import Refusal
from core.models import Job, User
from core.rules import SYSTEM

Work = Callable[..., Iterator[tuple[int, int]]]
RUNNING = (ImportState.IMPORTING, ImportState.UNDOING)
SAID = {
    imports.CHECK_JOB: "导入检查已完成",
    imports.WRITE_JOB: "导入已完成",
    imports.UNDO_JOB: "撤销导入已完成",
}


def _run(work: Work) -> Callable[[Job], None]:
    def handle(job: Job) -> None:
        """In the name of who asked. What a step committed stays, whether the job is cancelled, refused or killed."""
        actor = db.session.get(User, job.created_by_id) if job.created_by_id else SYSTEM
        batch_id, now = job.payload["batch_id"], utcnow()
        try:
            for done, total in work(batch_id, job_id=job.id, actor=actor, now=now):
                if not jobs.step(job, done, total):
                    return
        except Refusal:
            rollback()
            batch = queries.locked_batch(batch_id)
            if batch.state in RUNNING and batch.job_id == job.id:
                IMPORT.fire(batch, "stop", actor=actor, now=utcnow())
            commit()
            raise
        if actor.id is not None:
            accounts.tell(actor.id, SAID[job.kind], now=utcnow(), link=f"/office/imports/{batch_id}")

    return handle


def init_app() -> None:
    jobs.provide(imports.CHECK_JOB, _run(imports.check))
    jobs.provide(imports.WRITE_JOB, _run(imports.write))
    jobs.provide(imports.UNDO_JOB, _run(imports.undo))
