"""Reviews in bulk: what was selected, what would happen, carried out by whoever selected, taken back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition.enums import BatchAct, BatchState, ReviewLevel
from competition.forms.review import BatchForm, ReasonForm
from competition.models import Enterprise, Entry, ReviewBatch, ReviewBatchItem
from competition.operations import review_batches as operations
from competition.queries import reviews
from competition.reviewing import checklist
from competition.rules import REVIEWERS
from competition.states import BATCH, ENTRY
from competition.views import bp, queue
from core import listing, trail, web
from core.access import allow
from core.enums import JobState, Role
from core.errors import InvalidInput
from core.files import send_table
from core.spreadsheets import Column

READERS = (*REVIEWERS, Role.SUPERVISION)
MAX_ID = 2**31 - 1
COLUMNS = [
    Column("created_at", "选取时间", lambda row: row.created_at, kind="time", width=18),
    Column("act", "办理", lambda row: row.act.label, width=10),
    Column("total", "件数", lambda row: row.total, kind="number", width=8),
    Column("selection", "筛选条件", lambda row: row.selection or "逐件勾选", width=40),
    Column("by", "办理人", lambda row: row.created_by.display_name, width=24),
    Column("state", "状态", lambda row: BATCH.badge(row).label, width=12),
]
ITEM_COLUMNS = [
    Column("number", "项目编号", lambda row: row.entry.number),
    Column("enterprise", "企业名称", lambda row: row.entry.enterprise.name, width=36),
    Column("title", "参赛项目", lambda row: row.entry.title, width=36),
    Column("result", "结果", lambda row: result_of(row)[0], width=14),
    Column("reason", "说明", lambda row: row.back_refusal or row.refusal, width=50),
]
RESULTS = [
    ("fit", "可办理、已办理"),
    ("refused", "不能办理"),
    ("back", "已撤销"),
    ("back_refused", "不能撤销"),
]


def result_of(item: ReviewBatchItem) -> tuple[str, str]:
    """Word and tone of what became of one entry."""
    if item.back_decision_id is not None:
        return "已撤销", "muted"
    if item.back_refusal:
        return "不能撤销", "warning"
    if item.decision_id is not None:
        return "已办理", "success"
    return ("不能办理", "danger") if item.refusal else ("将办理", "info")


@bp.get("/office/review-batches")
@allow(*READERS)
def review_batches():
    state: dict[str, Any] = {
        "args": request.args,
        "sorts": {"created_at": ReviewBatch.created_at, "total": ReviewBatch.total, "id": ReviewBatch.id},
        "default_sort": "-created_at",
        "filters": [
            listing.Filter(
                "act",
                "办理",
                [(a.value, a.label) for a in BatchAct],
                lambda v: ReviewBatch.act == BatchAct(v),
            ),
            listing.Filter(
                "state",
                "状态",
                [(s.value, BATCH.badges[s].label) for s in BatchState],
                lambda v: ReviewBatch.state == BatchState(v),
            ),
        ],
    }
    stmt = reviews.batches_of(current_user)
    if "export" in request.args:
        return send_table("批量办理记录", COLUMNS, listing.everything(stmt, **state))
    return render_template(
        "competition/review_batches.html",
        page=listing.run(stmt, path=request.path, **state),
        columns=[{"key": column.key, "label": column.label} for column in COLUMNS],
        machine=BATCH,
    )


@bp.post("/office/review-batches")
@allow(*REVIEWERS)
def review_batch_new():
    """Keep what was ticked, or all the filter of the address shows; the next page says what would happen."""
    act = request.form.get("action", "")
    if act not in set(BatchAct):
        raise InvalidInput("请选择要办理的事项。")
    everything = request.form.get("all") == "1"
    entries, words = queue.selected(request.form.getlist("ids"), everything=everything)
    batch = operations.prepare(
        entries,
        act=BatchAct(act),
        selection=(words or "全部待审核") if everything else "",
        actor=current_user,
        now=web.now(),
    )
    return redirect(url_for("competition.review_batch", batch_id=batch.id), 303)


@bp.get(f"/office/review-batches/<int(max={MAX_ID}):batch_id>")
@allow(*READERS)
def review_batch(batch_id: int):
    batch = reviews.batch_by_id(batch_id, current_user)
    if "export" in request.args:
        rows = listing.everything(reviews.items_of(batch), **_items_state())
        return send_table("批量办理结果", ITEM_COLUMNS, rows, note=batch.label)
    return _page(batch)


def _items_state() -> dict[str, Any]:
    item = ReviewBatchItem
    conditions = {
        "fit": item.refusal == "",
        "refused": item.refusal != "",
        "back": item.back_decision_id.is_not(None),
        "back_refused": item.back_refusal != "",
    }
    return {
        "args": request.args,
        "sorts": {"number": Entry.number, "enterprise": Enterprise.name, "id": item.id},
        "default_sort": "id",
        "filters": [listing.Filter("result", "结果", RESULTS, lambda v: conditions[v])],
        "search": (Entry.number, Entry.title, Enterprise.name),
    }


def _page(batch: ReviewBatch, form: BatchForm | None = None, status: int = 200, ticked: Any = ()):
    page = render_template(
        "competition/review_batch.html",
        batch=batch,
        badge=BATCH.badge(batch),
        tally=reviews.tally_of(batch),
        page=listing.run(reviews.items_of(batch), path=request.path, **_items_state()),
        columns=[{"key": column.key, "label": column.label} for column in ITEM_COLUMNS],
        form=form or BatchForm(formdata=None),
        points=_points(batch),
        ticked=ticked,
        job=operations.last_job_of(batch),
        failed=JobState.FAILED,
        result_of=result_of,
        machine=ENTRY,
        may=lambda act: BATCH.can(batch, act, current_user),
        events=trail.events_for(batch),
    )
    return page, status


def _points(batch: ReviewBatch) -> tuple[checklist.Point, ...]:
    """What whoever passes many at once says he has looked at; attachments differ by edition and are looked at singly."""
    if batch.act != BatchAct.PASS:
        return ()
    level = ReviewLevel.OFFICE if current_user.role == Role.OFFICE else ReviewLevel.REGIONAL
    return checklist.points_of(level, ())


@bp.post(f"/office/review-batches/<int(max={MAX_ID}):batch_id>/start")
@allow(*REVIEWERS)
def review_batch_start(batch_id: int):
    batch, form = reviews.batch_by_id(batch_id, current_user), BatchForm()
    ticked = request.form.getlist("checklist")
    if not form.validate_on_submit():
        return _page(batch, form, 422, ticked)
    try:
        operations.start(
            batch,
            reason=form.reason.data or "",
            reason_code=form.reason_code.data or "",
            flagged_fields=form.flagged_fields.data or (),
            checklist=ticked,
            actor=current_user,
            now=web.now(),
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(batch, form, 422, ticked)
    return redirect(url_for("competition.review_batch", batch_id=batch.id), 303)


@bp.post(f"/office/review-batches/<int(max={MAX_ID}):batch_id>/drop")
@allow(*REVIEWERS)
def review_batch_drop(batch_id: int):
    operations.drop(reviews.batch_by_id(batch_id, current_user), actor=current_user, now=web.now())
    flash("已放弃，没有办理任何项目。", "success")
    return redirect(url_for("competition.review_queue"), 303)


@bp.post(f"/office/review-batches/<int(max={MAX_ID}):batch_id>/take-back")
@allow(*REVIEWERS)
def review_batch_take_back(batch_id: int):
    batch, form = reviews.batch_by_id(batch_id, current_user), ReasonForm()
    if not form.validate_on_submit():
        raise InvalidInput("请填写撤销的理由。", field="reason")
    operations.start_back(batch, reason=form.reason.data, actor=current_user, now=web.now())
    return redirect(url_for("competition.review_batch", batch_id=batch.id), 303)


@bp.post(f"/office/review-batches/<int(max={MAX_ID}):batch_id>/again")
@allow(*REVIEWERS)
def review_batch_again(batch_id: int):
    operations.again(reviews.batch_by_id(batch_id, current_user), actor=current_user, now=web.now())
    return redirect(url_for("competition.review_batch", batch_id=batch_id), 303)
