"""The review queue: one entry after the other, with the rules' findings beside what was submitted."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import contains_eager, defer

from competition import queries
from competition.enums import EntryState, Outcome
from competition.forms.review import ReasonForm, RejectForm, ReturnForm
from competition.models import Enterprise, Entry
from competition.operations import review as operations
from competition.states import ENTRY
from competition.views import bp
from competition.views.entries import seen_entry, version_shown
from competition.views.presenting import timeline_of, wording
from core import divisions, listing, web
from core.access import allow
from core.enums import Role
from core.errors import Conflict, InvalidInput

REVIEWERS = (Role.REGIONAL, Role.OFFICE)
SORTS = {"submitted_at": Entry.submitted_at, "enterprise": Enterprise.name, "number": Entry.number}
COLUMNS = [
    {"key": "number", "label": "项目编号"},
    {"key": "enterprise", "label": "企业名称"},
    {"key": "title", "label": "参赛项目"},
    {"key": "group", "label": "组别"},
    {"key": "prefecture", "label": "地州市"},
    {"key": "submitted_at", "label": "提交时间"},
    {"key": "state", "label": "状态"},
]


@bp.get("/office/review")
@allow(*REVIEWERS)
def review_queue():
    stmt = queries.review_queue(current_user).join(Entry.enterprise)
    stmt = stmt.options(contains_eager(Entry.enterprise), defer(Entry.content), defer(Entry.abstract))
    page = listing.run(
        stmt,
        args=request.args,
        path=request.path,
        sorts=SORTS,
        default_sort="submitted_at",
        search=(Entry.number, Entry.title, Enterprise.name),
    )
    return render_template(
        "competition/review_queue.html", page=page, columns=COLUMNS, machine=ENTRY, places=divisions.names()
    )


@bp.get("/office/review/<number>")
@allow(*REVIEWERS)
def review(number: str):
    entry = seen_entry(number)
    if not ENTRY.can(entry, "return", current_user):
        return redirect(url_for("competition.entry", number=number))
    return _page(entry)


def _page(entry: Entry, status: int = 200, **forms: Any):
    versions = queries.versions_of(entry)
    findings = queries.findings_of(entry)
    before = versions[1] if len(versions) > 1 else None
    shown = {
        "return_form": ReturnForm(formdata=None),
        "reject_form": RejectForm(formdata=None),
        "override_form": ReasonForm(formdata=None),
        "refusal": "",
        **forms,
    }
    page = render_template(
        "competition/review.html",
        entry=entry,
        badge=ENTRY.badge(entry),
        findings=findings,
        failed=[f for f in findings if f.outcome == Outcome.FAIL and f.overridden_by_id is None],
        manual=[f for f in findings if f.outcome == Outcome.MANUAL and f.overridden_by_id is None],
        around=queries.neighbours_in_queue(entry, current_user),
        changed=queries.changed_fields(before, versions[0]) if before else (),
        before=before,
        decisions=queries.decisions_of(entry),
        events=timeline_of(entry),
        places=divisions.names(),
        wording=wording,
        second_level=entry.state == EntryState.REGIONAL_PASSED,
        **shown,
        **version_shown(entry, versions[0]),
    )
    return page, status


def _onward(number: str | None, said: str):
    """To the next entry that waits, so that an afternoon of them needs no list in between."""
    flash(said, "success")
    if number:
        return redirect(url_for("competition.review", number=number), 303)
    return redirect(url_for("competition.review_queue"), 303)


def _next_of(entry: Entry) -> str | None:
    around = queries.neighbours_in_queue(entry, current_user)
    return around.following or around.previous


@bp.post("/office/review/<number>/pass")
@allow(*REVIEWERS)
def review_pass(number: str):
    """The regional pass, or the office's confirmation, whichever the entry waits for."""
    entry = seen_entry(number)
    following = _next_of(entry)
    act = operations.confirm_entry if entry.state == EntryState.REGIONAL_PASSED else operations.pass_regional
    try:
        act(entry, actor=current_user, now=web.now())
    except Conflict as refusal:
        return _page(entry, 409, refusal=refusal.sentence)
    return _onward(following, f"{entry.number} 已通过。")


@bp.post("/office/review/<number>/return")
@allow(*REVIEWERS)
def review_return(number: str):
    entry, form = seen_entry(number), ReturnForm()
    if not form.validate_on_submit():
        return _page(entry, 422, return_form=form)
    following = _next_of(entry)
    operations.return_entry(
        entry,
        reason=form.reason.data,
        flagged_fields=form.flagged_fields.data or (),
        actor=current_user,
        now=web.now(),
    )
    return _onward(following, f"{entry.number} 已退回修改。")


@bp.post("/office/review/<number>/reject")
@allow(*REVIEWERS)
def review_reject(number: str):
    entry, form = seen_entry(number), RejectForm()
    if not form.validate_on_submit():
        return _page(entry, 422, reject_form=form)
    following = _next_of(entry)
    operations.reject_entry(
        entry,
        reason_code=form.reason_code.data,
        reason=form.reason.data,
        actor=current_user,
        now=web.now(),
    )
    return _onward(following, f"{entry.number} 审核不通过。")


@bp.post("/office/review/<number>/findings/<rule>")
@allow(*REVIEWERS)
def override(number: str, rule: str):
    entry, form = seen_entry(number), ReasonForm()
    finding = queries.finding_of(entry, rule)
    if not form.validate_on_submit():
        return _page(entry, 422, override_form=form)
    try:
        operations.override_finding(finding, reason=form.reason.data, actor=current_user, now=web.now())
    except (Conflict, InvalidInput) as refusal:
        return _page(entry, refusal.status, refusal=refusal.sentence)
    flash("已人工认定。", "success")
    return redirect(url_for("competition.review", number=number), 303)
