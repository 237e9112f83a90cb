"""Checks of residence and operation of a winner, whose part of an award waits for one."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries
from awards.forms import OperatingCheckForm
from awards.models import Award
from awards.operations.operating_checks import record_check
from awards.states import AWARD
from awards.views import bp
from awards.views.answers import MAX_ID
from core import files, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible


def _page(award: Award, form: OperatingCheckForm, status: int = 200):
    may_record = current_user.role == Role.OFFICE and award.state == "confirmed"
    badge = AWARD.badge(award)
    page = render_template(
        "awards/operating_checks.html", award=award, form=form, badge=badge, may_record=may_record
    )
    return page, status


@bp.get("/awards/items/<number>/checks")
@allow(*queries.READERS)
def operating_checks(number: str):
    return _page(queries.award_by_number(number, current_user), OperatingCheckForm(formdata=None))


@bp.post("/awards/items/<number>/checks")
@allow(Role.OFFICE)
def operating_check_record(number: str):
    award, form = queries.award_by_number(number, current_user), OperatingCheckForm()
    if not form.validate_on_submit():
        return _page(award, form, 422)
    upload, shared = request.files.get(form.evidence.name), {"actor": current_user, "now": web.now()}
    try:
        made = record_check(
            award,
            checked_on=form.checked_on.data,
            resident=form.resident.data,
            operating=form.operating.data,
            findings=form.findings.data.strip(),
            file=files.store_upload(upload, **shared) if upload and upload.filename else None,
            **shared,
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(award, form, 422)
    web.flash("核查已登记：通过。" if made.passed else "核查已登记：未通过，该期暂不能支付。", "success")
    return redirect(url_for("awards.operating_checks", number=award.number), 303)


@bp.get(f"/awards/items/<number>/checks/<int(max={MAX_ID}):check_id>/file")
@allow(*queries.READERS)
def operating_check_file(number: str, check_id: int):
    award = queries.award_by_number(number, current_user)
    found = next((check for check in award.operating_checks if check.id == check_id), None)
    if found is None or found.file is None:
        raise NotVisible()
    return files.send(found.file)
