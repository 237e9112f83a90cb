"""Pages of the administrators: people (system), rights (security), the trail (audit), the calendar (office)."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from core import accounts, calendar, divisions, listing, trail, web
from core.access import allow
from core.account_forms import CalendarDayForm, InviteForm, ReasonForm
from core.db import db
from core.enums import ROLE_LABELS, DivisionLevel, JobState, Role
from core.errors import InvalidInput, NotVisible, Refusal
from core.files import send_table
from core.models import AuditEvent, CalendarDay, Job, User
from core.spreadsheets import Column
from core.views import bp

USER_SORTS = {
    "username": User.username,
    "role": User.role,
    "last_login_at": User.last_login_at,
    "id": User.id,
}
USER_COLUMNS = [
    Column("username", "用户名", lambda user: user.username),
    Column("display_name", "姓名或单位", lambda user: user.display_name, width=30),
    Column("role", "角色", lambda user: user.role_label),
    Column("last_login_at", "最近登录", lambda user: user.last_login_at, kind="time"),
    Column("state", "状态", lambda user: "停用" if user.disabled_at else "启用"),
]


def _user_filters() -> list[listing.Filter]:
    roles = [(role.value, ROLE_LABELS[role]) for role in Role]
    return [
        listing.Filter("role", "角色", roles, lambda value: User.role == Role(value)),
        listing.Filter(
            "state",
            "状态",
            [("on", "启用"), ("off", "停用")],
            lambda value: User.disabled_at.is_(None) if value == "on" else User.disabled_at.is_not(None),
        ),
    ]


@bp.get("/admin/users")
@allow(Role.SYSADMIN, Role.SECADMIN)
def users():
    state = {
        "args": request.args,
        "sorts": USER_SORTS,
        "default_sort": "username",
        "filters": _user_filters(),
    }
    search = (User.username, User.display_name)
    if "export" in request.args:
        rows = listing.everything(select(User), search=search, **state)
        return send_table("账号", USER_COLUMNS, rows)
    page = listing.run(select(User), path=request.path, search=search, **state)
    columns = [{"key": column.key, "label": column.label} for column in USER_COLUMNS]
    return render_template("core/users.html", page=page, columns=columns)


def _user(user_id: int) -> User:
    found = db.session.get(User, user_id)
    if found is None:
        raise NotVisible()
    return found


@bp.get("/admin/users/<int:user_id>")
@allow(Role.SYSADMIN, Role.SECADMIN)
def user(user_id: int):
    found = _user(user_id)
    return render_template(
        "core/user.html",
        user=found,
        divisions=divisions.names(),
        form=ReasonForm(),
        events=trail.events_for(found),
    )


@bp.post("/admin/users/<int:user_id>/<any(disable,enable,end_sessions,reset_totp):act>")
@allow(Role.SYSADMIN, Role.SECADMIN)
def user_act(user_id: int, act: str):
    found = _user(user_id)
    if act == "disable":
        accounts.disable_user(found, actor=current_user, now=web.now(), reason=request.form.get("reason", ""))
    elif act == "enable":
        accounts.enable_user(found, actor=current_user, now=web.now())
    elif act == "end_sessions":
        accounts.end_sessions_of(found, actor=current_user, now=web.now())
    else:
        accounts.reset_totp(found, actor=current_user, now=web.now())
    web.flash("已办理。", "success")
    return redirect(url_for("core.user", user_id=found.id), 303)


@bp.route("/admin/invitations/new", methods=["GET", "POST"])
@allow(Role.SYSADMIN, Role.SECADMIN, Role.OFFICE)
def invite():
    form = InviteForm()
    places = divisions.in_force(
        web.now(), DivisionLevel.PREFECTURE, DivisionLevel.COUNTY, DivisionLevel.DIRECT_CITY
    )
    form.offer(current_user.role, [(place.code, f"{place.code} {place.name}") for place in places])
    link = None
    if form.validate_on_submit():
        try:
            _, token = accounts.invite(
                role=Role(form.role.data),
                display_name=form.display_name.data.strip(),
                email=(form.email.data or "").strip(),
                division_codes=form.division_codes.data,
                actor=current_user,
                now=web.now(),
            )
            link = url_for("core.invitation", token=token, _external=True)
        except (InvalidInput, Refusal) as refusal:
            form.take(refusal)
    status = 200 if link or not form.is_submitted() else 422
    return render_template("core/invite.html", form=form, link=link), status


AUDIT_SORTS = {
    "at": AuditEvent.seq,
    "action": AuditEvent.action,
    "actor": AuditEvent.actor_name,
    "seq": AuditEvent.seq,
}
AUDIT_COLUMNS = [
    Column("seq", "序号", lambda event: event.seq, kind="number"),
    Column("at", "时间", lambda event: event.at, kind="time", width=20),
    Column("actor", "操作人", lambda event: event.actor_name),
    Column("role", "角色", lambda event: ROLE_LABELS.get(event.actor_role, event.actor_role)),
    Column("action", "事项", lambda event: trail.label_of(event.action), width=24),
    Column("subject", "对象", lambda event: f"{event.subject_type} {event.subject_id}", width=24),
    Column("reason", "理由", lambda event: event.reason, width=40),
    Column("via", "途径", lambda event: event.via.value),
    Column("hash", "链上摘要", lambda event: event.seal, width=20),
]


def _audit_filters() -> list[listing.Filter]:
    actions = sorted(trail.known_actions().items(), key=lambda item: item[1])
    return [
        listing.Filter("action", "事项", actions, lambda value: AuditEvent.action == value),
        listing.Filter(
            "role",
            "角色",
            [(role.value, ROLE_LABELS[role]) for role in Role],
            lambda value: AuditEvent.actor_role == value,
        ),
    ]


@bp.get("/admin/audit")
@allow(Role.AUDITADMIN, Role.SUPERVISION)
def audit_log():
    state = {"args": request.args, "sorts": AUDIT_SORTS, "default_sort": "-at", "filters": _audit_filters()}
    search = (AuditEvent.actor_name, AuditEvent.summary, AuditEvent.subject_id, AuditEvent.reason)
    if "export" in request.args:
        rows = listing.everything(select(AuditEvent), search=search, **state)
        return send_table("审计记录", AUDIT_COLUMNS, rows)
    page = listing.run(select(AuditEvent), path=request.path, search=search, **state)
    columns = [{"key": column.key, "label": column.label} for column in AUDIT_COLUMNS[:7]]
    return render_template("core/audit_log.html", page=page, columns=columns, label_of=trail.label_of)


@bp.get("/admin/audit/<int:seq>")
@allow(Role.AUDITADMIN, Role.SUPERVISION)
def audit_event(seq: int):
    event = db.session.get(AuditEvent, seq)
    if event is None:
        raise NotVisible()
    return render_template("core/audit_event.html", event=event, label=trail.label_of(event.action))


@bp.route("/admin/calendar", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.SYSADMIN)
def calendar_days():
    form = CalendarDayForm()
    if form.validate_on_submit():
        calendar.set_day(
            form.day.data,
            working=form.working.data == "1",
            name=form.name.data.strip(),
            actor=current_user,
            now=web.now(),
        )
        web.flash("工作日历已更新。", "success")
        return redirect(url_for("core.calendar_days", year=form.day.data.year), 303)
    year = request.args.get("year", web.now().year, type=int)
    days = db.session.scalars(select(CalendarDay).order_by(CalendarDay.day)).all()
    years = sorted({day.day.year for day in days} | {web.now().year})
    return render_template(
        "core/calendar_days.html",
        form=form,
        year=year,
        tabs=[(str(y), url_for("core.calendar_days", year=y), y == year, None) for y in years],
        days=[day for day in days if day.day.year == year],
    ), 422 if form.is_submitted() else 200


JOB_LABELS = {
    JobState.QUEUED: ("排队", "neutral"),
    JobState.RUNNING: ("进行中", "info"),
    JobState.DONE: ("完成", "success"),
    JobState.FAILED: ("失败", "danger"),
    JobState.CANCELLED: ("已取消", "muted"),
}

JOB_COLUMNS = [
    Column("kind", "任务", lambda row: row.kind, width=30),
    Column("state", "状态", lambda row: JOB_LABELS[row.state][0]),
    Column("done", "进度", lambda row: f"{row.done} / {row.total}"),
    Column("created_at", "提交时间", lambda row: row.created_at, kind="time", width=18),
    Column("message", "说明", lambda row: row.message, width=50),
]


@bp.get("/admin/jobs")
@allow(Role.SYSADMIN)
def jobs_list():
    state = {
        "args": request.args,
        "sorts": {"created_at": Job.created_at, "kind": Job.kind, "state": Job.state, "id": Job.id},
        "default_sort": "-created_at",
    }
    if "export" in request.args:
        return send_table("后台任务", JOB_COLUMNS, listing.everything(select(Job), **state))
    page = listing.run(select(Job), path=request.path, **state)
    columns = [
        {"key": c.key, "label": c.label, "align": "end" if c.key == "done" else None} for c in JOB_COLUMNS
    ]
    return render_template("core/jobs.html", page=page, columns=columns, labels=JOB_LABELS)


trail.name_actions(
    {
        "user.create": "建立账号",
        "user.sign_in": "登录",
        "user.sign_in_failed": "登录失败",
        "user.sign_out": "退出登录",
        "user.end_sessions": "结束全部会话",
        "user.change_password": "修改密码",
        "user.enable_totp": "启用双因素验证",
        "user.reset_totp": "重置双因素验证",
        "user.disable": "停用账号",
        "user.enable": "启用账号",
        "user.set_scope": "调整管辖区划",
        "invitation.create": "发出邀请",
        "calendar_day.set": "调整工作日历",
        "published_head.publish": "公布链头",
    }
)
