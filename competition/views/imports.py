"""Imports: a file is handed in, its columns matched, checked in the background, written, and undone when need be."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from competition import queries
from competition.enums import EditionState, ImportOutcome, ImportState, UndoOutcome
from competition.forms.imports import MappingForm, UploadForm
from competition.import_states import IMPORT
from competition.importing.matching import label_of
from competition.importing.targets import BY_NAME, SUMMARY
from competition.models import Edition, ImportBatch, ImportRow
from competition.operations import imports as operations
from competition.queries import imports as import_queries
from competition.queries.imports import READERS
from competition.views import bp
from core import files, listing, trail, web
from core.access import allow
from core.enums import JobState, Role
from core.errors import InvalidInput, NotVisible
from core.files import XLSX, send_bytes, send_table
from core.spreadsheets import Column, to_xlsx

MAX_ID = 2**31 - 1
LIMIT_MB = 32
AT_WORK = (ImportState.CHECKING, ImportState.IMPORTING, ImportState.UNDOING)
SORTS = {"id": ImportBatch.id}
COLUMNS = [
    Column("file", "文件", lambda row: row.file.name, width=36),
    Column("source", "来源", lambda row: row.source),
    Column("edition", "届次", lambda row: row.edition.name, width=36),
    Column("rows", "行数", lambda row: row.rows_read, kind="number"),
    Column("state", "状态", lambda row: IMPORT.badge(row).label),
    Column("created_at", "上传", lambda row: row.created_at, kind="time", width=18),
]
ROW_SORTS = {"line": ImportRow.line}
ROW_SEARCH = (ImportRow.credit_code, ImportRow.name)
ROW_HEADS = (("line", "行"), ("name", "企业"), ("outcome", "结果"), ("what", "说明"), ("entry", "项目编号"))
TONES = {
    ImportOutcome.NEW: ("新增", "success", "plus-lg"),
    ImportOutcome.CHANGED: ("变更", "info", "pencil"),
    ImportOutcome.UNCHANGED: ("无变化", "muted", "check-lg"),
    ImportOutcome.REFUSED: ("不能导入", "danger", "x-circle"),
}


@bp.get("/office/imports")
@allow(*READERS)
def imports():
    state = {
        "args": request.args,
        "sorts": SORTS,
        "default_sort": "-id",
        "filters": [
            listing.Filter(
                "state",
                "状态",
                [(state.value, badge.label) for state, badge in IMPORT.badges.items()],
                lambda value: ImportBatch.state == ImportState(value),
            )
        ],
        "search": (ImportBatch.source,),
    }
    stmt = import_queries.batches_visible_to(current_user)
    if "export" in request.args:
        return send_table("导入批次", COLUMNS, listing.everything(stmt, **state))
    page = listing.run(stmt, path=request.path, **state)
    columns = [{"key": c.key, "label": c.label, "align": "end" if c.key == "rows" else None} for c in COLUMNS]
    return render_template("competition/imports.html", page=page, columns=columns, machine=IMPORT)


@bp.route("/office/imports/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def import_new():
    editions = [row for row in queries.editions_for_choice(current_user) if row.state == EditionState.OPEN]
    form = UploadForm()
    form.edition.choices = [(row.code, row.name) for row in editions]
    if not form.validate_on_submit():
        return _upload_page(form, 422 if form.is_submitted() else 200)
    try:
        batch = _take(form, next(row for row in editions if row.code == form.edition.data))
    except InvalidInput as refusal:
        form.take(refusal)
        return _upload_page(form, 422)
    return redirect(url_for("competition.import_page", batch_id=batch.id), 303)


def _upload_page(form: UploadForm, status: int):
    page = render_template(
        "competition/import_new.html", form=form, sources=import_queries.sources(), summary=SUMMARY
    )
    return page, status


def _take(form: UploadForm, edition: Edition) -> ImportBatch:
    """What is wrong with the file stands beside the file."""
    upload, by = form.file.data, {"actor": current_user, "now": web.now()}
    if not upload or not upload.filename:
        raise InvalidInput("请选择名单文件。", field="file")
    try:
        stored = files.store_table(upload, limit_mb=LIMIT_MB, **by)
        return operations.make_batch(edition, stored, source=form.source.data, **by)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.sentence, code=refusal.code, field=refusal.field or "file") from refusal


@bp.get("/office/imports/template.xlsx")
@allow(Role.OFFICE)
def import_template():
    """The heads of the registration summary with one row to look at."""
    example = ("示例科技有限公司", "91650100MA0000000X", "2025-03-01", "乌鲁木齐市/天山区", "先进制造")
    values = dict(
        zip(("name", "credit_code", "registered_on", "division_code", "track"), example, strict=True)
    )
    columns = [
        Column(target.name, target.label, lambda row, key=target.name: row.get(key, ""), width=22)
        for target in SUMMARY
    ]
    return send_bytes(to_xlsx("报名汇总表", columns, [values]), "报名汇总表-模板.xlsx", XLSX)


def seen_batch(batch_id: int) -> ImportBatch:
    return import_queries.batch_by_id(batch_id, current_user)


@bp.get(f"/office/imports/<int(max={MAX_ID}):batch_id>")
@allow(*READERS)
def import_page(batch_id: int):
    batch = seen_batch(batch_id)
    if "export" in request.args:
        return _export(batch)
    return _page(batch, 200)


def _page(batch: ImportBatch, status: int, form: MappingForm | None = None, refusal: str = ""):
    mapping = batch.state == ImportState.MAPPING and current_user.role == Role.OFFICE
    acts = {transition.name for transition in IMPORT.available(batch, current_user)}
    undo = import_queries.undo_counts(batch)
    page = render_template(
        "competition/import.html",
        batch=batch,
        badge=IMPORT.badge(batch),
        form=form or (MappingForm.of(batch.heads, batch.mapping) if mapping else None),
        at_work=batch.state in AT_WORK,
        acts=acts - ({"import"} if undo[UndoOutcome.UNDONE] else set()),
        refusal=refusal,
        page=_rows(batch),
        columns=[{"key": key, "label": label} for key, label in ROW_HEADS],
        tones=TONES,
        label_of=label_of,
        targets=BY_NAME,
        written=sum(undo.values()),
        undo={outcome.name.lower(): count for outcome, count in undo.items()},
        noted=import_queries.noted_count(batch),
        events=trail.events_for(batch),
        **_progress(batch),
    )
    return page, status


def _progress(batch: ImportBatch) -> dict:
    job = batch.job
    failed = job is not None and job.state == JobState.FAILED
    return {"job": job, "failure": job.message if failed else ""}


def _row_state(batch: ImportBatch) -> dict:
    kinds = [(outcome.value, outcome.label) for outcome in ImportOutcome]
    return {
        "args": request.args,
        "sorts": ROW_SORTS,
        "default_sort": "line",
        "filters": [
            listing.Filter(
                "outcome",
                "结果",
                [*kinds, ("noted", "有提示"), ("kept", "未能撤销")],
                _row_condition,
            )
        ],
        "search": ROW_SEARCH,
        "scalars": False,
    }


def _row_condition(value: str):
    if value == "noted":
        return ImportRow.noted
    if value == "kept":
        return ImportRow.undo == UndoOutcome.KEPT
    return ImportRow.outcome == ImportOutcome(value)


def _rows(batch: ImportBatch) -> listing.Page:
    return listing.run(import_queries.rows_of(batch), path=request.path, **_row_state(batch))


def _export(batch: ImportBatch) -> Response:
    """The difference report exactly as filtered, in one sheet."""
    columns = [
        Column("line", "行", lambda row: row[0].line, kind="number", width=8),
        Column("credit_code", "统一社会信用代码", lambda row: row[0].credit_code, width=22),
        Column("name", "企业名称", lambda row: row[0].name, width=36),
        Column("outcome", "结果", lambda row: row[0].outcome.label, width=10),
        Column("what", "说明", lambda row: said_of(row[0]), width=80),
        Column("entry", "项目编号", lambda row: row[1], width=18),
    ]
    rows = listing.everything(import_queries.rows_of(batch), **_row_state(batch))
    return send_bytes(to_xlsx("差异报告", columns, rows), f"差异报告-{batch.id}.xlsx", XLSX)


def said_of(row: ImportRow) -> str:
    """Everything the report says of a row, in one line."""
    said = [f"{p['column']}“{p['value']}”：{p['sentence']}" for p in (*row.problems, *row.notes)]
    said += [f"{label_of(c['name'])}：{c['before'] or '空'} → {c['after']}" for c in row.changes]
    return "；".join(said)


@bp.get(f"/office/imports/<int(max={MAX_ID}):batch_id>/progress")
@allow(*READERS)
def import_progress(batch_id: int):
    """The bar alone, asked for every second; when the work is over the page is loaded anew."""
    batch = seen_batch(batch_id)
    answer = make_response(
        render_template("competition/_import_progress.html", batch=batch, **_progress(batch))
    )
    if batch.state not in AT_WORK:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.get(f"/office/imports/<int(max={MAX_ID}):batch_id>/errors.xlsx")
@allow(*READERS)
def import_errors(batch_id: int):
    """The refused rows as they stand in the file, with the reasons in a column of their own, to be put right there."""
    batch = seen_batch(batch_id)
    stmt = import_queries.rows_of(batch).where(ImportRow.outcome == ImportOutcome.REFUSED)
    rows = listing.everything(stmt, args={}, sorts=ROW_SORTS, default_sort="line", scalars=False)
    if not rows:
        raise NotVisible("本批没有不能导入的行。")
    columns = [
        Column(
            str(index), head or f"第 {index + 1} 列", lambda row, at=index: _cell(batch, row[0], at), width=20
        )
        for index, head in enumerate(batch.heads)
    ]
    reasons = [
        Column("line", "原文件行号", lambda row: row[0].line, kind="number", width=10),
        Column("reason", "错误原因", lambda row: "；".join(p["sentence"] for p in row[0].problems), width=80),
    ]
    return send_bytes(
        to_xlsx("不能导入的行", [*columns, *reasons], rows), f"不能导入的行-{batch.id}.xlsx", XLSX
    )


def _cell(batch: ImportBatch, row: ImportRow, at: int) -> str:
    """A row that was refused only while it was written is put together from what was read of it."""
    cells = row.record.get("cells")
    if cells is not None:
        return cells[at] if at < len(cells) else ""
    head = batch.heads[at]
    target = next((name for name, text in batch.mapping.items() if text == head), "")
    return str(row.record.get(target) or row.record.get("content", {}).get(target) or "")


@bp.post(f"/office/imports/<int(max={MAX_ID}):batch_id>/check")
@allow(Role.OFFICE)
def import_check(batch_id: int):
    batch = seen_batch(batch_id)
    form = MappingForm.of(batch.heads, batch.mapping)
    if not form.validate_on_submit():
        return _page(batch, 422, form)
    try:
        operations.check_batch(batch, mapping=form.mapping, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(batch, 422, form)
    return redirect(url_for("competition.import_page", batch_id=batch_id), 303)


@bp.post(f"/office/imports/<int(max={MAX_ID}):batch_id>/<any(import,stop,discard,map):act>")
@allow(Role.OFFICE)
def import_act(batch_id: int, act: str):
    batch, by = seen_batch(batch_id), {"actor": current_user, "now": web.now()}
    if act == "import":
        operations.import_batch(batch, **by)
    elif act == "stop":
        operations.stop_batch(batch, **by)
        web.flash("已停止。", "info")
    elif act == "discard":
        operations.discard_batch(batch, **by)
        web.flash("本批不导入，没有写入任何项目。", "info")
    else:
        operations.map_again(batch, **by)
    return redirect(url_for("competition.import_page", batch_id=batch_id), 303)


@bp.post(f"/office/imports/<int(max={MAX_ID}):batch_id>/undo")
@allow(Role.OFFICE)
def import_undo(batch_id: int):
    batch = seen_batch(batch_id)
    try:
        reason = request.form.get("reason", "").replace("\x00", "")[:500]
        operations.undo_batch(batch, reason=reason, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        return _page(batch, 422, refusal=refusal.sentence)
    return redirect(url_for("competition.import_page", batch_id=batch_id), 303)
