"""An enterprise that an import brought has nobody acting for it: the office hands out the first invitation."""

from flask import render_template, url_for
from flask_login import current_user

from competition.forms.imports import ClaimForm
from competition.models import Entry
from competition.operations import enterprises
from competition.rules import may_invite_contact
from competition.views import bp
from competition.views.entries import seen_entry
from core import web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput


@bp.get("/office/entries/<number>/contact")
@allow(Role.OFFICE)
def claim(number: str):
    return _page(seen_entry(number), ClaimForm(formdata=None), 200)


@bp.post("/office/entries/<number>/contact")
@allow(Role.OFFICE)
def claim_invite(number: str):
    """The link is shown this once: only its digest is kept."""
    entry, form = seen_entry(number), ClaimForm()
    if not form.validate_on_submit():
        return _page(entry, form, 422)
    by = {"actor": current_user, "now": web.now()}
    try:
        _, token = enterprises.invite_contact(entry.enterprise, name=form.name.data, hand_over=False, **by)
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(entry, form, 422)
    link = url_for("competition.join", token=token, _external=True)
    return _page(entry, ClaimForm(formdata=None), 200, link)


def _page(entry: Entry, form: ClaimForm, status: int, link: str = ""):
    allowed = may_invite_contact(current_user, entry.enterprise)
    page = render_template("competition/claim.html", entry=entry, form=form, link=link, allowed=allowed)
    return page, status
