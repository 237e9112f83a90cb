"""The own account: password, second factor, devices, messages."""

import pyotp
import segno
from flask import g, redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy import select

from core import accounts, web
from core.access import allow
from core.account_forms import ChangePasswordForm, TotpForm
from core.db import db
from core.errors import InvalidInput, NotVisible
from core.models import LoginSession, Message
from core.views import bp


@bp.get("/account")
@allow()
def account():
    sessions = db.session.scalars(
        select(LoginSession)
        .where(LoginSession.user_id == current_user.id, LoginSession.ended_at.is_(None))
        .where(LoginSession.expires_at > web.now())
        .order_by(LoginSession.created_at.desc())
    ).all()
    return render_template(
        "core/account.html",
        sessions=sessions,
        here=g.login_session.id,
    )


@bp.route("/account/password", methods=["GET", "POST"])
@allow()
def change_password():
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            accounts.change_password(
                current_user, old=form.old.data, new=form.password.data, actor=current_user, now=web.now()
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("密码已修改。", "success")
            return redirect(url_for("core.account"), 303)
    return render_template("core/change_password.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/account/totp", methods=["GET", "POST"])
@allow()
def enable_totp():
    form = TotpForm()
    secret = session.get("totp_offer") or pyotp.random_base32()
    session["totp_offer"] = secret
    if form.validate_on_submit():
        try:
            accounts.enable_totp(
                current_user, secret=secret, code=form.code.data.strip(), actor=current_user, now=web.now()
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            session.pop("totp_offer")
            web.flash("双因素验证已启用。", "success")
            return redirect(url_for("core.account"), 303)
    page = render_template(
        "core/enable_totp.html",
        form=form,
        secret=secret,
        qr=_qr(secret),
        totp_needed=accounts.needs_totp(current_user),
    )
    return page, 422 if form.is_submitted() else 200


def _qr(secret: str) -> str:
    """The enrolment code as an SVG data address (the policy allows images from data:)."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=current_user.username, issuer_name="Leitai")
    return segno.make(uri).svg_data_uri(scale=5, border=2)


@bp.post("/account/sessions/<int:session_id>/end")
@allow()
def end_session(session_id: int):
    found = db.session.get(LoginSession, session_id)
    if found is None or found.user_id != current_user.id:
        raise NotVisible()
    accounts.end_session(found, actor=current_user, now=web.now())
    web.flash("该设备已退出登录。", "success")
    return redirect(url_for("core.account"), 303)


@bp.get("/messages")
@allow()
def messages():
    rows = db.session.scalars(
        select(Message).where(Message.user_id == current_user.id).order_by(Message.id.desc()).limit(200)
    ).all()
    return render_template("core/messages.html", messages=rows)


@bp.post("/messages/read")
@allow()
def read_messages():
    accounts.read_all(current_user, now=web.now())
    return redirect(url_for("core.messages"), 303)
