"""The judge library: list, card, conflicts."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from core import listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput
from core.files import send_table
from core.models import User
from core.spreadsheets import Column
from judging import queries
from judging.enums import ConflictSource, JudgeRole, RecusalReason
from judging.forms import ConflictForm, JudgeForm
from judging.models import Judge
from judging.operations import judges
from judging.views import bp

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.HOST)
SORTS = {"name": Judge.name, "role": Judge.role, "employer": Judge.employer, "id": Judge.id}
SEARCH = (Judge.name, Judge.employer, Judge.title)
COLUMNS = [
    Column("name", "姓名", lambda judge: judge.name),
    Column("role", "类别", lambda judge: judge.role.label),
    Column("employer", "工作单位", lambda judge: judge.employer, width=32),
    Column("title", "职务职称", lambda judge: judge.title),
    Column("expertise", "专业领域", lambda judge: "、".join(judge.expertise), width=28),
    Column("region", "所在地区", lambda judge: judge.region),
    Column("account", "登录账号", lambda judge: "已开通" if judge.user_id else "未开通"),
    Column("active", "状态", lambda judge: "在库" if judge.active else "停用"),
]


def _filters() -> list[listing.Filter]:
    return [
        listing.Filter(
            "role",
            "类别",
            [(r.value, r.label) for r in JudgeRole],
            lambda value: Judge.role == JudgeRole(value),
        ),
        listing.Filter(
            "active",
            "状态",
            [("yes", "在库"), ("no", "停用")],
            lambda value: Judge.active.is_(value == "yes"),
        ),
    ]


@bp.get("/judging/judges")
@allow(*READERS)
def judge_list():
    stmt = queries.judges_visible_to(current_user)
    state = {"args": request.args, "sorts": SORTS, "default_sort": "name", "filters": _filters()}
    if "export" in request.args:
        rows = listing.everything(stmt, search=SEARCH, **state)
        return send_table("评委名单", COLUMNS, rows)
    page = listing.run(stmt, path=request.path, search=SEARCH, **state)
    columns = [{"key": column.key, "label": column.label} for column in COLUMNS]
    return render_template("judging/judges.html", page=page, columns=columns)


@bp.get("/judging/judges/<int:judge_id>")
@allow(*READERS)
def judge(judge_id: int):
    found = queries.judge_for(current_user, judge_id)
    return _card(found, ConflictForm())


def _card(found: Judge, form: ConflictForm):
    history = queries.history_of(found)
    return render_template(
        "judging/judge.html",
        judge=found,
        form=form,
        history=history,
        visible=queries.visible_among(current_user, [row[0].id for row in history]),
        conflicts=queries.conflicts_of(found),
        reasons={reason.value: reason.label for reason in RecusalReason},
        events=trail.events_for(found, *found.pledges),
    )


@bp.route("/judging/judges/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def judge_new():
    form = JudgeForm(role=JudgeRole.TECHNICAL.value)
    form.offer(queries.unlinked_judge_accounts())
    if form.validate_on_submit():
        try:
            values = form.values()
            values.pop("active")
            made = judges.add_judge(**values, user=_account(form), actor=current_user, now=web.now())
            flash(f"评委{made.name}已入库。", "success")
            return redirect(url_for("judging.judge", judge_id=made.id), 303)
        except InvalidInput as error:
            form.take(error)
    return render_template(
        "judging/judge_edit.html", form=form, judge=None
    ), 422 if form.is_submitted() else 200


@bp.route("/judging/judges/<int:judge_id>/edit", methods=["GET", "POST"])
@allow(Role.OFFICE)
def judge_edit(judge_id: int):
    found = queries.judge_for(current_user, judge_id)
    form = JudgeForm(obj=found)
    form.offer(queries.unlinked_judge_accounts(keep=found.user_id))
    if not form.is_submitted():
        form.expertise.data = "、".join(found.expertise)
        form.user_id.data = str(found.user_id or "")
    if form.validate_on_submit():
        try:
            account = _account(form)
            judges.change_judge(found, values=form.values(), user=account, actor=current_user, now=web.now())
            flash("评委信息已保存。", "success")
            return redirect(url_for("judging.judge", judge_id=found.id), 303)
        except InvalidInput as error:
            form.take(error)
    return render_template(
        "judging/judge_edit.html", form=form, judge=found
    ), 422 if form.is_submitted() else 200


def _account(form: JudgeForm) -> User | None:
    return db.session.get(User, int(form.user_id.data)) if form.user_id.data else None


@bp.post("/judging/judges/<int:judge_id>/conflicts")
@allow(Role.OFFICE)
def judge_conflict(judge_id: int):
    found = queries.judge_for(current_user, judge_id)
    form = ConflictForm()
    if form.validate_on_submit():
        entry = queries.entry_by_number(form.entry_number.data.strip())
        if entry is None:
            form.take(InvalidInput("没有这个编号的项目。", field="entry_number"))
        else:
            judges.note_conflict(
                found,
                entry,
                source=ConflictSource.PINNED,
                reason_code=RecusalReason(form.reason_code.data),
                reason=form.reason.data or "",
                actor=current_user,
                now=web.now(),
            )
            flash(f"已登记：{found.name}回避{entry.number}。", "success")
            return redirect(url_for("judging.judge", judge_id=found.id), 303)
    return _card(found, form), 422
