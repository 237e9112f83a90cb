"""Task books: drafted for an award, issued and printed, their signed scans matched by code, signatures recorded."""

import segno
from flask import current_app, redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries, targets
from awards.enums import TaskBookState
from awards.forms import ScanForm, SignatureForm, TaskBookForm
from awards.models import Award, Payee, TaskBook
from awards.operations import task_books as operations
from awards.states import TASK_BOOK
from awards.views import bp, target_rows
from awards.views.answers import Listed, list_answer
from awards.wording import CONDITIONS
from core import files, listing, trail, web
from core.access import allow
from core.clock import beijing_day
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.spreadsheets import Column


def _filters() -> list[listing.Filter]:
    late = queries.task_book_late(beijing_day(web.now()))
    editions = [(str(edition.id), edition.name) for edition in queries.editions()]
    return [
        listing.Filter(
            "state",
            "状态",
            [(state.value, TASK_BOOK.badges[state].label) for state in TaskBookState],
            lambda value: TaskBook.state == TaskBookState(value),
        ),
        listing.Filter("late", "逾期", [("1", "完成日期已过未申请验收")], lambda _: late),
        listing.Filter("edition", "届次", editions, lambda value: Award.edition_id == int(value)),
    ]


TASK_BOOKS = Listed(
    title="任务书",
    columns=[
        Column("number", "编号", lambda book: book.number),
        Column("payee", "承担单位", lambda book: book.award.payee.name, width=36),
        Column("award", "奖励", lambda book: book.award.number),
        Column("amount", "金额（元）", lambda book: book.award.amount_fen, kind="fen"),
        Column("ends_on", "完成日期", lambda book: book.ends_on),
        Column("code", "编码", lambda book: book.code),
        Column("state", "状态", lambda book: TASK_BOOK.badge(book).label),
        Column("starts_on", "起始日期", lambda book: book.starts_on),
        Column("unit_signed_on", "承担单位签署", lambda book: book.unit_signed_on),
        Column("office_signed_on", "主管部门签署", lambda book: book.office_signed_on),
        Column("hash", "摘要", lambda book: book.content_hash, width=66),
    ],
    sorts={
        "number": TaskBook.number,
        "payee": Payee.name,
        "award": Award.number,
        "amount": Award.amount_fen,
        "ends_on": TaskBook.ends_on,
        "state": TaskBook.state,
        "id": TaskBook.id,
    },
    default_sort="-number",
    search=(TaskBook.number, TaskBook.code, Payee.name, Award.number),
    filters=_filters,
    shown=7,
)


@bp.get("/awards/task-books")
@allow(*queries.READERS)
def task_books_list():
    stmt = queries.task_book_rows(current_user)
    return list_answer(TASK_BOOKS, stmt, "awards/task_books.html", badge=TASK_BOOK.badge)


def _edit_page(award: Award, form: TaskBookForm, rows, book: TaskBook | None = None):
    page = render_template(
        "awards/task_book_edit.html",
        award=award,
        book=book,
        form=form,
        rows=target_rows.shown(rows),
        senses=targets.SENSES,
    )
    return page, 422 if form.is_submitted() else 200


def _given(form: TaskBookForm) -> dict:
    return {
        "goal": form.goal.data.strip(),
        "targets": target_rows.typed(),
        "starts_on": form.starts_on.data,
        "ends_on": form.ends_on.data,
        "actor": current_user,
        "now": web.now(),
    }


@bp.route("/awards/items/<number>/task-book", methods=["GET", "POST"])
@allow(Role.OFFICE)
def task_book_new(number: str):
    award = queries.award_by_number(number, current_user)
    form = TaskBookForm(goal=award.entry.title if award.entry else "")
    if form.validate_on_submit():
        try:
            book = operations.draft_task_book(award, **_given(form))
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("任务书已存为拟稿。", "success")
            return redirect(url_for("awards.task_book", number=book.number), 303)
    return _edit_page(award, form, target_rows.typed())


@bp.route("/awards/task-books/<number>/edit", methods=["GET", "POST"])
@allow(Role.OFFICE)
def task_book_edit(number: str):
    book = queries.task_book_by_number(number, current_user)
    form = TaskBookForm(obj=book)
    if form.validate_on_submit():
        try:
            operations.change_task_book(book, **_given(form))
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("任务书已修改。", "success")
            return redirect(url_for("awards.task_book", number=book.number), 303)
    return _edit_page(book.award, form, target_rows.typed() if form.is_submitted() else book.targets, book)


def _page(book: TaskBook, *, form: SignatureForm | None = None, refusal=None, status: int = 200):
    page = render_template(
        "awards/task_book.html",
        book=book,
        award=book.award,
        form=form or SignatureForm(formdata=None),
        refusal=refusal,
        badge=TASK_BOOK.badge(book),
        acts=[act for act in TASK_BOOK.available(book, current_user) if act.name != "sign"],
        may_sign=TASK_BOOK.can(book, "sign", current_user),
        may_edit=book.state == TaskBookState.DRAFT and current_user.role == Role.OFFICE,
        senses=targets.SENSES,
        conditions=CONDITIONS,
        events=trail.events_for(book),
    )
    return page, status


@bp.get("/awards/task-books/<number>")
@allow(*queries.READERS)
def task_book(number: str):
    return _page(queries.task_book_by_number(number, current_user))


@bp.post("/awards/task-books/<number>/<any(issue,void):act>")
@allow(Role.OFFICE)
def task_book_act(number: str, act: str):
    book = queries.task_book_by_number(number, current_user)
    shared = {"actor": current_user, "now": web.now()}
    try:
        if act == "issue":
            operations.issue_task_book(book, **shared)
        else:
            operations.void_task_book(book, reason=request.form.get("reason", "")[:500], **shared)
    except InvalidInput as refusal:
        return _page(book, refusal=refusal, status=422)
    web.flash("任务书已签发，请打印后由双方签署。" if act == "issue" else "任务书已作废。", "success")
    return redirect(url_for("awards.task_book", number=book.number), 303)


@bp.post("/awards/task-books/<number>/sign")
@allow(Role.OFFICE)
def task_book_sign(number: str):
    book = queries.task_book_by_number(number, current_user)
    form = SignatureForm()
    if form.validate():
        try:
            operations.sign_task_book(
                book,
                unit_signatory=form.unit_signatory.data.strip(),
                unit_signed_on=form.unit_signed_on.data,
                office_signatory=form.office_signatory.data.strip(),
                office_signed_on=form.office_signed_on.data,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("双方签署已登记。", "success")
            return redirect(url_for("awards.task_book", number=book.number), 303)
    return _page(book, form=form, status=422)


@bp.route("/awards/task-books/scans", methods=["GET", "POST"])
@allow(Role.OFFICE)
def task_book_scans():
    """Several at once: each is matched by the code in its name, or a single one by the code typed."""
    form = ScanForm()
    if form.validate_on_submit():
        try:
            matched, unknown = operations.match_scans(_scans(form), actor=current_user, now=web.now())
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            if matched:
                web.flash(f"已对应 {len(matched)} 份：{'、'.join(b.number for b in matched)}。", "success")
            if unknown:
                web.flash(f"未能对应：{'、'.join(unknown)}。请核对编码。", "warning")
            return redirect(url_for("awards.task_books_list", state="issued"), 303)
    return render_template("awards/task_book_scans.html", form=form), 422 if form.is_submitted() else 200


def _scans(form: ScanForm) -> list[tuple[str, object]]:
    uploads = [upload for upload in form.files.data or () if upload and upload.filename]
    if not uploads:
        raise InvalidInput("请选择扫描件。", field="files")
    typed = (form.code.data or "").strip()
    if typed and len(uploads) > 1:
        raise InvalidInput("填写编码时只能上传一个文件。", field="code")
    stored = [
        files.store_upload(upload, actor=current_user, now=web.now(), limit_mb=20) for upload in uploads
    ]
    return [(typed or file.name, file) for file in stored]


@bp.get("/awards/task-books/<number>/print")
@allow(*queries.READERS, Role.ENTERPRISE)
def task_book_print(number: str):
    """The paper both sides sign; its code and the square beside it bring the scan back to this row."""
    book = queries.task_book_by_number(number, current_user)
    return render_template(
        "awards/task_book_print.html",
        book=book,
        award=book.award,
        senses=targets.SENSES,
        conditions=CONDITIONS,
        issuer=current_app.config["SETTINGS"].organiser,
        square=segno.make(book.code, error="m").svg_data_uri(scale=3, border=1) if book.code else None,
    )


@bp.get("/awards/task-books/<number>/scan")
@allow(*queries.READERS)
def task_book_scan(number: str):
    book = queries.task_book_by_number(number, current_user)
    if book.scan is None:
        raise NotVisible()
    return files.send(book.scan)
