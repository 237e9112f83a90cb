"""Signing in and out, invitations, the demo's role switch, large type, health."""

from flask import current_app, g, redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy import select, text

from core import accounts, nav, web
from core import styleguide as styleguide_data
from core.access import allow, public
from core.account_forms import AcceptInvitationForm, SignInForm
from core.db import db
from core.errors import InvalidInput, NotAllowed, NotVisible, Refusal, TooMany
from core.models import User
from core.views import bp


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@web.limiter.limit("30/minute", methods=["POST"], deduct_when=web.refused)
def sign_in():
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("core/sign_in.html", form=form), 422 if form.is_submitted() else 200
    try:
        token = accounts.sign_in(
            form.username.data.strip(),
            form.password.data,
            code=(form.code.data or "").strip(),
            now=web.now(),
            address=request.remote_addr or "",
            device=request.user_agent.string,
        )
    except (NotAllowed, TooMany) as refusal:
        web.keep_transaction()
        form.form_errors.append(refusal.sentence)
        return render_template("core/sign_in.html", form=form), 422
    user = accounts.session_of(token, web.now()).user
    web.open_cookie(user, token)
    return redirect(inside(request.args.get("next")) or home_of(user), 303)


def inside(address: str | None) -> str:
    """Only an address of this site: a path, not '//host', no control characters or backslash."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return ""
    return "" if any(c == "\\" or ord(c) < 32 for c in address) else address


def home_of(user: User) -> str:
    """Where a person starts: the first door of the role."""
    doors = nav.items_for(user)
    return doors[0].url if doors else url_for("core.account")


@bp.post("/sign-out")
@allow()
def sign_out():
    accounts.end_session(g.login_session, actor=current_user, now=web.now())
    session.clear()
    return redirect(url_for("site.home"), 303)


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@public
@web.limiter.limit("30/minute")
def invitation(token: str):
    found = accounts.open_invitation(token, web.now())
    form = AcceptInvitationForm()
    if form.validate_on_submit():
        try:
            user = accounts.accept_invitation(
                token, username=form.username.data.strip(), password=form.password.data, now=web.now()
            )
            new = accounts.open_session(
                user, now=web.now(), address=request.remote_addr or "", device=request.user_agent.string
            )
        except (InvalidInput, Refusal) as refusal:
            form.take(refusal)
        else:
            web.open_cookie(user, new)
            return redirect(home_of(user), 303)
    return render_template(
        "core/invitation.html", form=form, invitation=found
    ), 422 if form.is_submitted() else 200


@bp.post("/switch-role")
@public
@web.tokenless
def switch_role():
    """One click to any demo account. Exists only in demo mode, which refuses any other database."""
    if not current_app.config["SETTINGS"].demo:
        raise NotVisible()
    user = db.session.scalar(
        select(User).where(User.username == request.form.get("username", ""), User.demo_label.is_not(None))
    )
    if user is None:
        raise NotVisible()
    token = accounts.open_session(
        user, now=web.now(), address=request.remote_addr or "", device=request.user_agent.string
    )
    web.open_cookie(user, token)
    return redirect(home_of(user), 303)


@bp.post("/large-type")
@public
@web.tokenless
def large_type():
    response = redirect(inside(request.form.get("next")) or url_for("site.home"), 303)
    if request.cookies.get("large") == "1":
        response.delete_cookie("large")
    else:
        secure = current_app.config["SETTINGS"].secure_cookies
        response.set_cookie("large", "1", max_age=31_536_000, samesite="Lax", httponly=True, secure=secure)
    return response


@bp.get("/healthz")
@public
def healthz():
    return {"ok": True}


@bp.get("/readyz")
@public
def readyz():
    db.session.execute(text("SELECT 1 FROM installation"))
    return {"ok": True}


@bp.get("/styleguide")
@public
def styleguide():
    if not current_app.config["SETTINGS"].demo:
        raise NotVisible()
    return render_template("core/styleguide.html", **styleguide_data.context())
