"""The enterprise's own pages: home, entry, people."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from competition import fields, queries
from competition.enums import EntryState
from competition.fields import Step
from competition.forms.register import InviteContactForm
from competition.forms.review import ReasonForm
from competition.models import Enterprise, Entry
from competition.operations import enterprises
from competition.operations import entries as operations
from competition.states import ENTRY
from competition.views import bp
from competition.views.presenting import progress_of, timeline_of, wording
from core import web
from core.access import allow
from core.clock import is_past
from core.enums import Role
from core.errors import InvalidInput, NotVisible


def own_enterprise() -> Enterprise:
    enterprise = queries.enterprise_of(current_user)
    if enterprise is None:
        raise NotVisible("您的账号现在不代表任何企业。")
    return enterprise


def own_entry(number: str) -> Entry:
    return queries.entry_by_number(number, current_user)


@bp.get("/enterprise")
@allow(Role.ENTERPRISE)
def enterprise():
    found = queries.enterprise_of(current_user)
    entries = queries.entries_of(found) if found else []
    taken = {entry.edition_id for entry in entries if entry.state != EntryState.WITHDRAWN}
    return render_template(
        "competition/enterprise.html",
        enterprise=found,
        entries=entries,
        offers=[edition for edition in queries.open_editions(web.now()) if edition.id not in taken],
        messages=queries.messages_of(current_user),
        machine=ENTRY,
        progress=progress_of,
        is_past=is_past,
    )


@bp.post("/enterprise/start/<code>")
@allow(Role.ENTERPRISE)
def start(code: str):
    edition = queries.published_edition(code)
    entry = operations.start_entry(own_enterprise(), edition, actor=current_user, now=web.now())
    return redirect(url_for("competition.fill", number=entry.number, step=Step.BASICS), 303)


@bp.get("/enterprise/entries/<number>")
@allow(Role.ENTERPRISE)
def own_entry_page(number: str):
    return _entry_page(own_entry(number), ReasonForm(), 200)


def _entry_page(entry: Entry, form: ReasonForm, status: int):
    page = render_template(
        "competition/own_entry.html",
        entry=entry,
        badge=ENTRY.badge(entry),
        versions=queries.versions_of(entry),
        decisions=queries.decisions_of(entry),
        attachments=queries.attachments_of(entry),
        steps=progress_of(entry),
        events=timeline_of(entry),
        label_of=fields.label_of,
        wording=wording,
        form=form,
        may_withdraw=ENTRY.can(entry, "withdraw", current_user),
        may_restart=ENTRY.can(entry, "restart", current_user) and _still_open(entry),
        fillable=entry.state in (EntryState.DRAFT, EntryState.RETURNED),
    )
    return page, status


def _still_open(entry: Entry) -> bool:
    return any(
        edition.id == entry.edition_id for edition in queries.open_editions(web.now())
    ) and not is_past(entry.edition.entry_deadline, web.now())


@bp.post("/enterprise/entries/<number>/withdraw")
@allow(Role.ENTERPRISE)
def withdraw(number: str):
    entry, form = own_entry(number), ReasonForm()
    if not form.validate_on_submit():
        return _entry_page(entry, form, 422)
    operations.withdraw_entry(entry, reason=form.reason.data, actor=current_user, now=web.now())
    flash("已撤回。", "success")
    return redirect(url_for("competition.own_entry_page", number=number), 303)


@bp.get("/enterprise/entries/<number>/receipts/<int:version>")
@allow(Role.ENTERPRISE)
def receipt(number: str, version: int):
    entry = own_entry(number)
    found = queries.version_by_number(entry, version)
    return render_template("competition/receipt.html", entry=entry, version=found, label_of=fields.label_of)


@bp.get("/enterprise/contacts")
@allow(Role.ENTERPRISE)
def contacts():
    return _contacts_page(InviteContactForm(), 200)


def _contacts_page(form: InviteContactForm, status: int, link: str = ""):
    found = own_enterprise()
    page = render_template(
        "competition/contacts.html",
        enterprise=found,
        form=form,
        link=link,
        invitations=queries.invitations_of(found),
    )
    return page, status


@bp.post("/enterprise/contacts/invite")
@allow(Role.ENTERPRISE)
def invite_contact():
    """The link is shown this once: only its digest is kept."""
    found, form = own_enterprise(), InviteContactForm()
    if not form.validate_on_submit():
        return _contacts_page(form, 422)
    hand_over = form.hand_over.data == "yes"
    try:
        _, token = enterprises.invite_contact(
            found, name=form.name.data, hand_over=hand_over, actor=current_user, now=web.now()
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _contacts_page(form, 422)
    link = url_for("competition.join", token=token, _external=True)
    return _contacts_page(InviteContactForm(formdata=None), 200, link)


@bp.post("/enterprise/contacts/<int:contact_id>/end")
@allow(Role.ENTERPRISE)
def end_contact(contact_id: int):
    contact = next((row for row in own_enterprise().contacts if row.id == contact_id), None)
    if contact is None:
        raise NotVisible()
    own = contact.user_id == current_user.id
    enterprises.end_contact(contact, actor=current_user, now=web.now())
    flash("该经办人已退出。", "success")
    return redirect(url_for("competition.enterprise" if own else "competition.contacts"), 303)
