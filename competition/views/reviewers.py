"""Around the review: interests of reviewers (利害关系) and canned reasons (常用理由)."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition import fields
from competition.enums import ReviewDecisionKind
from competition.forms.review import CannedForm, InterestForm, ReasonForm
from competition.models import Enterprise, ReviewerInterest
from competition.operations import reviewers as operations
from competition.queries import reviews
from competition.reviewing import checklist
from competition.rules import REVIEWERS, may_end_interest
from competition.views import bp
from core import listing, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.files import send_table
from core.models import User
from core.spreadsheets import Column

MAX_ID = 2**31 - 1
COLUMNS = [
    Column("user", "审核人", lambda row: row.user.display_name, width=24),
    Column("enterprise", "企业名称", lambda row: row.enterprise.name, width=36),
    Column("credit_code", "统一社会信用代码", lambda row: row.enterprise.credit_code, width=22),
    Column("reason", "利害关系", lambda row: row.reason, width=40),
    Column("declared_at", "登记时间", lambda row: row.declared_at, kind="time", width=18),
    Column("ended_at", "解除时间", lambda row: row.ended_at, kind="time", width=18),
]


@bp.get("/office/review-interests")
@allow(Role.OFFICE, Role.SUPERVISION)
def interests():
    state: dict[str, Any] = {
        "args": request.args,
        "sorts": {
            "user": User.display_name,
            "enterprise": Enterprise.name,
            "declared_at": ReviewerInterest.declared_at,
            "id": ReviewerInterest.id,
        },
        "default_sort": "-declared_at",
        "search": (User.display_name, Enterprise.name, Enterprise.credit_code),
        "filters": [
            listing.Filter(
                "standing",
                "是否有效",
                [("on", "回避中"), ("off", "已解除")],
                lambda v: (
                    ReviewerInterest.ended_at.is_(None)
                    if v == "on"
                    else ReviewerInterest.ended_at.is_not(None)
                ),
            )
        ],
    }
    if "export" in request.args:
        return send_table("审核回避", COLUMNS, listing.everything(reviews.interests(), **state))
    return render_template(
        "competition/interests.html",
        page=listing.run(reviews.interests(), path=request.path, **state),
        columns=[*({"key": c.key, "label": c.label} for c in COLUMNS), {"key": "acts", "label": ""}],
        may_end=lambda row: row.ended_at is None and bool(may_end_interest(current_user, row)),
    )


@bp.route("/office/review-interests/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def interest_new():
    form, people = InterestForm(), {str(user.id): user for user in reviews.reviewers()}
    form.user.choices = [
        ("", "请选择"),
        *((key, f"{user.display_name}（{user.role_label}）") for key, user in people.items()),
    ]
    if form.validate_on_submit():
        enterprise = reviews.enterprise_by_code(form.credit_code.data.strip().upper())
        try:
            if enterprise is None:
                raise InvalidInput("没有使用该信用代码注册的企业。", field="credit_code")
            operations.declare_interest(
                enterprise,
                user=people[form.user.data],
                reason=form.reason.data,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            flash("已登记，该审核人不再审核这家企业的项目。", "success")
            return redirect(url_for("competition.interests"), 303)
    return render_template("competition/interest_new.html", form=form), 422 if form.is_submitted() else 200


@bp.post(f"/office/review-interests/<int(max={MAX_ID}):interest_id>/end")
@allow(Role.OFFICE)
def interest_end(interest_id: int):
    found, form = reviews.interest(interest_id), ReasonForm()
    if not form.validate_on_submit():
        raise InvalidInput("请填写解除的理由。", field="reason")
    operations.end_interest(found, reason=form.reason.data, actor=current_user, now=web.now())
    flash("回避已解除。", "success")
    return redirect(url_for("competition.interests"), 303)


@bp.route("/office/review-reasons", methods=["GET", "POST"])
@allow(*REVIEWERS)
def canned_reasons():
    form = CannedForm()
    if form.validate_on_submit():
        try:
            operations.add_canned(
                kind=ReviewDecisionKind(form.kind.data),
                text=form.text.data,
                flagged_fields=form.flagged_fields.data or (),
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            flash("已增加。", "success")
            return redirect(url_for("competition.canned_reasons"), 303)
    page = render_template(
        "competition/canned_reasons.html",
        form=form,
        built_in=checklist.CANNED,
        own=reviews.canned_reasons(),
        label_of=fields.label_of,
        may_keep=current_user.role == Role.OFFICE,
    )
    return page, 422 if form.is_submitted() else 200


@bp.post(f"/office/review-reasons/<int(max={MAX_ID}):reason_id>/retire")
@allow(Role.OFFICE)
def canned_retire(reason_id: int):
    found = reviews.canned_reason(reason_id)
    if found.retired_at is not None:
        raise NotVisible()
    operations.retire_canned(found, actor=current_user, now=web.now())
    flash("已停用。", "success")
    return redirect(url_for("competition.canned_reasons"), 303)
