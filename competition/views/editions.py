"""The office's pages of editions: list, detail, parameters, publication, extension, preview of the rules."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select

from competition import queries
from competition.enums import EditionState, Group
from competition.forms.editions import ExtendForm, NewEditionForm, ParametersForm
from competition.models import Edition, Entry
from competition.operations import editions as operations
from competition.states import EDITION, RULE_CHANGE
from competition.views import bp
from competition.views.presenting import timeline_of
from core import divisions, listing, web
from core.access import allow
from core.enums import DivisionLevel, Role
from core.errors import InvalidInput, NotAllowed
from core.files import send_table
from core.spreadsheets import Column

READERS = (Role.OFFICE, Role.SUPERVISION)
SORTS = {"year": Edition.year, "name": Edition.name, "id": Edition.id}
COLUMNS = [
    Column("name", "届次", lambda row: row[0].name, width=36),
    Column("year", "年度", lambda row: row[0].year, kind="number"),
    Column("entries", "提交项目", lambda row: row[1], kind="number"),
    Column("deadline", "报名截止", lambda row: row[0].entry_deadline, kind="time", width=18),
    Column("state", "状态", lambda row: EDITION.badge(row[0]).label),
]
DEFAULT_REVENUE_FEN = 20_000_000_000
YEARS_OF_AGE = 10


def seen_edition(code: str) -> Edition:
    return queries.edition_by_code(code, current_user)


@bp.get("/office/editions")
@allow(*READERS)
def editions():
    submitted = select(func.count(Entry.id)).where(
        Entry.edition_id == Edition.id, Entry.submitted_at.is_not(None)
    )
    stmt = queries.editions_visible_to(current_user).add_columns(
        submitted.correlate(Edition).scalar_subquery()
    )
    states = [(state.value, EDITION.badges[state].label) for state in EditionState]
    state = {
        "args": request.args,
        "sorts": SORTS,
        "default_sort": "-year",
        "filters": [listing.Filter("state", "状态", states, lambda v: Edition.state == EditionState(v))],
        "search": (Edition.name, Edition.code),
        "scalars": False,
    }
    if "export" in request.args:
        return send_table("届次", COLUMNS, listing.everything(stmt, **state))
    page = listing.run(stmt, path=request.path, **state)
    columns = [
        {"key": c.key, "label": c.label, "align": "end" if c.key == "entries" else None} for c in COLUMNS
    ]
    return render_template("competition/editions.html", page=page, columns=columns, machine=EDITION)


@bp.route("/office/editions/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def edition_new():
    form = NewEditionForm()
    form.offer(queries.editions_for_choice(current_user))
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("competition/edition_new.html", form=form), status
    try:
        edition = _create(form)
    except InvalidInput as refusal:
        form.take(refusal)
        return render_template("competition/edition_new.html", form=form), 422
    flash("届次已建立，请核对参数。", "success")
    return redirect(url_for("competition.edition", code=edition.code), 303)


def _create(form: NewEditionForm) -> Edition:
    year = form.year.data
    basics = {"code": form.code.data, "name": form.name.data, "ordinal": form.ordinal.data, "year": year}
    by = {"actor": current_user, "now": web.now()}
    if form.source.data:
        return operations.copy_edition(seen_edition(form.source.data), **basics, **by)
    return operations.create_edition(
        **basics,
        opens_at=None,
        account_deadline=None,
        entry_deadline=None,
        revenue_year=year - 1,
        revenue_max_fen=DEFAULT_REVENUE_FEN,
        founded_from=date(year - YEARS_OF_AGE, 1, 1),
        startup_from=date(year - 1, 1, 1),
        **by,
    )


@bp.get("/office/editions/<code>")
@allow(*READERS)
def edition(code: str):
    return edition_page(seen_edition(code))


def edition_page(found: Edition, status: int = 200, *, form: ExtendForm | None = None, refusal: str = ""):
    draft = operations.is_editable(found)
    page = render_template(
        "competition/edition.html",
        edition=found,
        badge=EDITION.badge(found),
        transitions=EDITION.available(found, current_user),
        gaps=queries.publication_gaps(found) if draft else [],
        editable=draft and current_user.role == Role.OFFICE,
        content=queries.rules_content(found),
        versions=queries.rule_versions(found),
        rule_changes=queries.rule_changes_of(found.change.edition if found.change else found),
        changes=queries.deadline_changes(found),
        counts=queries.count_by_state(found),
        names=divisions.names(),
        groups=list(Group),
        change=found.change,
        change_machine=RULE_CHANGE,
        may_change=found.state in operations.CHANGEABLE and current_user.role == Role.OFFICE,
        extend_form=form or ExtendForm(formdata=None),
        may_extend=found.state == EditionState.OPEN and current_user.role == Role.OFFICE,
        events=timeline_of(found),
        refusal=refusal,
    )
    return page, status


@bp.get("/office/editions/<code>/preview")
@allow(*READERS)
def edition_preview(code: str):
    found = seen_edition(code)
    sections = queries.rules_content(found)["text"]
    return render_template("competition/edition_preview.html", edition=found, sections=sections)


@bp.get("/office/editions/<code>/rules/<int:number>")
@allow(*READERS)
def edition_rules(code: str, number: int):
    found = seen_edition(code)
    version = queries.rules_by_number(found, number)
    return render_template(
        "competition/edition_preview.html",
        edition=found,
        version=version,
        sections=queries.text_of_version(version),
        differences=queries.changes_between(found, number),
    )


def draft_edition(code: str) -> Edition:
    """An edition whose parts this person may still change."""
    found = seen_edition(code)
    if not operations.is_editable(found):
        raise NotAllowed("规则已发布并冻结，或已提交复核，不能直接修改。")
    return found


@bp.route("/office/editions/<code>/edit", methods=["GET", "POST"])
@allow(Role.OFFICE)
def edition_edit(code: str):
    found = draft_edition(code)
    form = ParametersForm(obj=found)
    if found.change:
        form.leave_moments()
    guests = divisions.in_force(
        date(found.year, 1, 1), DivisionLevel.XPCC_DIVISION, DivisionLevel.DIRECT_CITY
    )
    form.guest_divisions.choices = [(place.code, place.name) for place in guests]
    if not form.is_submitted():
        form.show(found)
    if not form.validate_on_submit():
        return _edit_page(found, form, 422 if form.is_submitted() else 200)
    try:
        operations.update_edition(found, values=form.values(), actor=current_user, now=web.now())
    except InvalidInput as refusal:
        form.take(refusal)
        return _edit_page(found, form, 422)
    flash("参数已保存。", "success")
    return redirect(url_for("competition.edition", code=code), 303)


def _edit_page(found: Edition, form: ParametersForm, status: int):
    return render_template("competition/edition_edit.html", edition=found, form=form), status


def _word_typed(word: str) -> None:
    if request.form.get("confirm_word", "").strip() != word:
        raise InvalidInput(f"请输入“{word}”以确认。", code="confirm_word")


def _act(code: str, word: str, act: Callable[..., Any], said: str):
    found = seen_edition(code)
    try:
        _word_typed(word)
        act(found, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        return edition_page(found, 422, refusal=refusal.sentence)
    flash(said, "success")
    return redirect(url_for("competition.edition", code=code), 303)


@bp.post("/office/editions/<code>/publish")
@allow(Role.OFFICE)
def edition_publish(code: str):
    return _act(code, "发布", operations.publish_edition, "规则已发布并冻结，报名按设定时间开放。")


@bp.post("/office/editions/<code>/close-registration")
@allow(Role.OFFICE)
def edition_close_registration(code: str):
    return _act(code, "结束报名", operations.close_registration, "报名已结束。")


@bp.post("/office/editions/<code>/close")
@allow(Role.OFFICE)
def edition_close(code: str):
    return _act(code, "结束届次", operations.close_edition, "本届已结束。")


@bp.post("/office/editions/<code>/extend")
@allow(Role.OFFICE)
def edition_extend(code: str):
    found, form = seen_edition(code), ExtendForm()
    if not form.validate_on_submit():
        return edition_page(found, 422, form=form)
    try:
        operations.extend_deadline(
            found,
            field=form.field.data,
            new_at=form.new_at.moment,
            reason=form.reason.data,
            actor=current_user,
            now=web.now(),
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return edition_page(found, 422, form=form)
    flash("已延期，并通知了还没有提交的企业。", "success")
    return redirect(url_for("competition.edition", code=code), 303)
