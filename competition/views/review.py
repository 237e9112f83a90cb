"""The review: the queue, then one entry after the other with the rules' findings beside what was submitted."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition import queries
from competition.enums import EntryState, Outcome, ReviewDecisionKind, ReviewLevel
from competition.forms.review import ReasonForm, RejectForm, ReturnForm
from competition.models import Entry, ReviewDecision
from competition.operations import review as operations
from competition.operations import reviewers
from competition.queries import reviews
from competition.reviewing import checklist, nearness, service
from competition.rules import REVIEWERS
from competition.states import ENTRY
from competition.views import bp, queue
from competition.views.comparing import compared
from competition.views.entries import seen_entry, version_shown
from competition.views.presenting import choices_of, timeline_of, wording
from core import calendar, divisions, web
from core.access import allow
from core.errors import Conflict, InvalidInput, NotVisible
from core.files import send_table

AT_ONCE = "刚作出的结论有误，立即撤销。"
DONE = {
    ReviewDecisionKind.PASS: "已通过",
    ReviewDecisionKind.CONFIRM: "已确认参赛",
    ReviewDecisionKind.RETURN: "已退回修改",
    ReviewDecisionKind.REJECT: "审核不通过",
}


@bp.get("/office/review")
@allow(*REVIEWERS)
def review_queue():
    places = divisions.names()
    columns = queue.columns(places)
    if "export" in request.args:
        return send_table("待审核项目", columns, queue.everything())
    return render_template(
        "competition/review_queue.html",
        page=queue.page(),
        columns=[{"key": column.key, "label": column.label} for column in columns[:-1]],
        machine=ENTRY,
        places=places,
        kept=queue.kept_filter(),
        done=_just_done(),
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
    second_level = entry.state == EntryState.REGIONAL_PASSED
    shown = {
        "return_form": ReturnForm(formdata=None),
        "reject_form": RejectForm(formdata=None),
        "override_form": ReasonForm(formdata=None),
        "interest_form": ReasonForm(formdata=None),
        "refusal": "",
        "ticked": (),
        **forms,
    }
    page = render_template(
        "competition/review.html",
        entry=entry,
        badge=ENTRY.badge(entry),
        around=queue.around(entry),
        kept=queue.kept_filter(),
        done=_just_done(),
        events=timeline_of(entry),
        places=divisions.names(),
        wording=wording,
        second_level=second_level,
        points=_points(entry, second_level),
        signs=_signs(versions[0].content["fields"]),
        **_findings(entry),
        **_decisions(entry, versions),
        **_waiting(entry),
        **_canned(),
        **shown,
        **version_shown(entry, versions[0]),
    )
    return page, status


def _points(entry: Entry, second_level: bool) -> tuple[checklist.Point, ...]:
    level = ReviewLevel.OFFICE if second_level else ReviewLevel.REGIONAL
    return checklist.points_of(level, entry.edition.required_attachments)


def _findings(entry: Entry) -> dict[str, Any]:
    findings = queries.findings_of(entry)
    still_open = [finding for finding in findings if finding.overridden_by_id is None]
    return {
        "findings": findings,
        "failed": [finding for finding in still_open if finding.outcome == Outcome.FAIL],
        "manual": [finding for finding in still_open if finding.outcome == Outcome.MANUAL],
    }


def _decisions(entry: Entry, versions: list) -> dict[str, Any]:
    """Earlier decisions, and the two versions side by side when this is a corrected one."""
    decisions = queries.decisions_of(entry)
    before = versions[1] if len(versions) > 1 else None
    rows = []
    if before is not None:
        flagged = _asked_for(decisions, before.number)
        rows = compared(before, versions[0], choices_of(entry.edition), flagged)
    names = reviews.names_of({decision.reviewer_id for decision in decisions})
    return {
        "decisions": decisions,
        "decided_by": names,
        "before": before,
        "compared": rows,
        "changed": [row.name for row in rows if row.changed],
    }


def _asked_for(decisions: list[ReviewDecision], version: int) -> list[str]:
    """The fields the return of that version asked to be corrected."""
    returns = (
        decision.flagged_fields
        for decision in decisions
        if decision.decision == ReviewDecisionKind.RETURN and decision.version_number == version
    )
    return next(returns, [])


def _waiting(entry: Entry) -> dict[str, Any]:
    days, since = calendar.load(), reviews.since_of(entry)
    left = service.days_left(since, web.now(), days)
    return {
        "since": since,
        "due": service.due_day(since, days),
        "left": left,
        "time_words": queue.time_words(left),
    }


def _canned() -> dict[str, Any]:
    """The built-in sentences and the office's own, by kind."""
    ready = [*checklist.CANNED, *reviews.canned_reasons()]
    by_kind = {
        kind: [
            (one.text, getattr(one, "fields", None) or getattr(one, "flagged_fields", ()))
            for one in ready
            if one.kind == kind
        ]
        for kind in reviewers.CANNED_KINDS
    }
    return {"canned": {kind.value: rows for kind, rows in by_kind.items()}}


def _signs(content: dict[str, Any]) -> list[str]:
    who = current_user
    return nearness.signs(content, name=who.display_name, phone=who.phone, email=who.email)


def _just_done() -> dict[str, str] | None:
    """What this person decided a moment ago, when it can still be taken back."""
    number = request.args.get("done", "")
    if not number:
        return None
    try:
        entry = seen_entry(number)
    except NotVisible:
        return None
    last = queries.last_decision(entry)
    if last is None or last.reviewer_id != current_user.id or operations.why_not_taken_back(entry, last):
        return None
    return {"number": entry.number, "words": DONE[last.decision], "reason": AT_ONCE}


def _onward(entry: Entry, number: str | None):
    """To the next entry that waits, so that an afternoon of them needs no list in between; `done` is said there."""
    kept = queue.kept_filter() | {"done": entry.number}
    if number:
        return redirect(url_for("competition.review", number=number, **kept), 303)
    return redirect(url_for("competition.review_queue", **kept), 303)


def _next_of(entry: Entry) -> str | None:
    around = queue.around(entry)
    return around.following or around.previous


@bp.post("/office/review/<number>/pass")
@allow(*REVIEWERS)
def review_pass(number: str):
    """The regional pass, or the office's confirmation, whichever the entry waits for."""
    entry, ticked = seen_entry(number), request.form.getlist("checklist")
    following = _next_of(entry)
    act = operations.confirm_entry if entry.state == EntryState.REGIONAL_PASSED else operations.pass_regional
    try:
        act(entry, checklist=ticked, actor=current_user, now=web.now())
    except Conflict as refusal:
        return _page(entry, 409, refusal=refusal.sentence, ticked=ticked)
    return _onward(entry, following)


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
    return _onward(entry, following)


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
    return _onward(entry, following)


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
    return redirect(url_for("competition.review", number=number, **queue.kept_filter()), 303)


@bp.post("/office/review/<number>/interest")
@allow(*REVIEWERS)
def stand_aside(number: str):
    """The reviewer's own word that he has an interest: the entry leaves his queue."""
    entry, form = seen_entry(number), ReasonForm()
    if not form.validate_on_submit():
        return _page(entry, 422, interest_form=form)
    following = _next_of(entry)
    reviewers.declare_interest(
        entry.enterprise, user=current_user, reason=form.reason.data, actor=current_user, now=web.now()
    )
    flash(f"已登记回避，{entry.number} 由其他人员审核。", "success")
    return _onward(entry, following)


@bp.post("/office/review/<number>/take-back")
@allow(*REVIEWERS)
def take_back(number: str):
    entry, form = seen_entry(number), ReasonForm()
    if not form.validate_on_submit():
        raise InvalidInput("请填写撤销的理由。", field="reason")
    operations.take_back(entry, reason=form.reason.data, actor=current_user, now=web.now())
    flash(f"{entry.number} 的审核结论已撤销，重新待审核。", "success")
    if ENTRY.can(entry, "return", current_user):
        return redirect(url_for("competition.review", number=number, **queue.kept_filter()), 303)
    return redirect(url_for("competition.entry", number=number), 303)
