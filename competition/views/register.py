"""Public pages: registering an enterprise, joining one by invitation, reading an edition's rules."""

from flask import flash, redirect, render_template, request, url_for

from competition import queries, validators
from competition.forms.register import JoinForm, RegisterForm
from competition.models import Edition, EditionRules
from competition.operations import enterprises
from competition.views import bp
from core import accounts, web
from core.access import public
from core.clock import beijing_day
from core.errors import Conflict, InvalidInput
from core.models import User
from core.rules import SYSTEM

WORDS = (
    "credit_code",
    "name",
    "division_code",
    "registered_on",
    "contact_name",
    "contact_phone",
    "contact_email",
    "username",
    "password",
)


@bp.route("/register", methods=["GET", "POST"])
@public
@web.limiter.limit("300/hour", methods=["POST"], deduct_when=web.refused)
def register():
    form = RegisterForm()
    form.offer_places(queries.places_on(beijing_day(web.now())))
    if not form.validate_on_submit():
        return _register_page(form, 422 if form.is_submitted() else 200)
    try:
        values = {name: form[name].data for name in WORDS}
        _, user = enterprises.register_enterprise(**values, actor=SYSTEM, now=web.now())
    except InvalidInput as refusal:
        form.take(refusal)
        return _register_page(form, 422)
    except Conflict as late:
        form.form_errors.append(late.sentence)
        return _register_page(form, 409)
    _enter(user)
    flash("注册成功，已为您登录。", "success")
    return redirect(url_for("competition.enterprise"), 303)


def _register_page(form: RegisterForm, status: int):
    editions = queries.open_editions(web.now())
    page = render_template(
        "competition/register.html", form=form, editions=editions, open=queries.accounts_open(web.now())
    )
    return page, status


def _enter(user: User) -> None:
    token = accounts.open_session(
        user, now=web.now(), address=request.remote_addr or "", device=request.user_agent.string
    )
    web.open_cookie(user, token)


@bp.get("/register/credit-code")
@public
@web.limiter.limit("12000/hour")
def credit_code():
    """The digits alone are judged, as they are typed; whether the code is registered is nobody's business."""
    try:
        so_far = validators.credit_code_so_far(request.args.get("code", "")[:40])
    except InvalidInput as problem:
        return {"valid": False, "sentence": problem.sentence}
    return {
        "valid": so_far is None,
        "open": so_far is not None,
        "sentence": "校验通过。" if so_far is None else so_far,
    }


@bp.route("/join/<token>", methods=["GET", "POST"])
@public
@web.limiter.limit("60/hour", methods=["POST"])
def join(token: str):
    invitation = enterprises.open_contact_invitation(token, web.now())
    form = JoinForm()
    if not form.validate_on_submit():
        page = render_template("competition/join.html", form=form, invitation=invitation)
        return page, 422 if form.is_submitted() else 200
    try:
        user = enterprises.accept_contact_invitation(
            token,
            username=form.username.data,
            password=form.password.data,
            phone=form.phone.data,
            now=web.now(),
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return render_template("competition/join.html", form=form, invitation=invitation), 422
    _enter(user)
    flash("已加入，欢迎。", "success")
    return redirect(url_for("competition.enterprise"), 303)


@bp.get("/rules/<code>")
@public
def rules(code: str):
    edition = queries.published_edition(code)
    return _rules_page(edition, queries.rule_versions(edition)[0])


@bp.get("/rules/<code>/<int:number>")
@public
def rules_version(code: str, number: int):
    """An earlier version: what was decided under it points here."""
    edition = queries.published_edition(code)
    return _rules_page(edition, queries.rules_by_number(edition, number))


def _rules_page(edition: Edition, version: EditionRules):
    return render_template(
        "competition/rules.html",
        edition=edition,
        version=version,
        versions=queries.rule_versions(edition),
        sections=queries.text_of_version(version),
        differences=queries.changes_between(edition, version.number),
        changes=queries.deadline_changes(edition),
    )
