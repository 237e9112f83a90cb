"""Filling in an entry step by step: saved as typed, by itself or by the button, then submitted for a receipt."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition import fields, queries
from competition.enums import EntryState
from competition.fields import Kind, Step
from competition.forms.wizard import attachment_kinds, step_form, typed_values
from competition.models import Entry
from competition.operations import entries as operations
from competition.views import bp
from competition.views.enterprise import own_entry
from competition.views.presenting import choices_of, closed_fields, files_by_kind, group_of, text_of, words_of
from competition.views.uploads import BY_PERSON, kind_named
from core import files, web
from core.access import allow
from core.clock import beijing
from core.db import db
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotVisible

FILLABLE = (EntryState.DRAFT, EntryState.RETURNED)
STEPS = list(Step)


def _step(name: str) -> Step:
    if name not in set(Step):
        raise NotVisible()
    return Step(name)


def _base_version() -> int | None:
    text = request.form.get("base_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _marks(entry: Entry, step: Step, gaps: list[queries.Gap]) -> list[dict[str, Any]]:
    open_steps = {gap.step for gap in gaps}
    return [
        {
            "label": other.label,
            "state": "current" if other is step else "todo" if other in open_steps else "done",
            "note": "有待补充" if other in open_steps else "已完整",
            "url": url_for("competition.fill", number=entry.number, step=other),
        }
        for other in STEPS
    ]


def _page(entry: Entry, step: Step, status: int = 200, *, typed: dict | None = None, **more: Any):
    """A step; `typed` shows unsaved text over what is stored, `check` shows what is still wrong in it."""
    content = {**entry.content, **(typed or {})}
    read = queries.checked(entry)
    gaps = queries.submission_gaps(entry, read)
    choices = choices_of(entry.edition) if step in (Step.BASICS, Step.PROJECT) else {}
    form = step_form(step, content, choices, entry.edition.text_limits)
    if more.get("check"):
        for gap in gaps:
            if gap.name in form:
                form[gap.name].errors = [gap.sentence]
    page = render_template(
        "competition/fill.html",
        entry=entry,
        step=step,
        form=form,
        content=content,
        rows=[field for field in fields.of_step(step) if field.kind is Kind.ROWS],
        gaps=gaps,
        marks=_marks(entry, step, gaps),
        group=group_of(entry, read.values),
        closed=closed_fields(entry),
        words=words_of(content, step, choices) if entry.state == EntryState.RETURNED else {},
        decision=next(iter(queries.decisions_of(entry)), None),
        attachments=files_by_kind(entry),
        kinds=attachment_kinds(),
        following=STEPS[STEPS.index(step) + 1] if step is not Step.PLEDGE else None,
        previous=STEPS[STEPS.index(step) - 1] if step is not Step.BASICS else None,
        label_of=fields.label_of,
        **more,
    )
    return page, status


@bp.get("/enterprise/entries/<number>/fill/<step>")
@allow(Role.ENTERPRISE)
def fill(number: str, step: str):
    entry = own_entry(number)
    if entry.state not in FILLABLE:
        return redirect(url_for("competition.own_entry_page", number=number))
    return _page(entry, _step(step), check="check" in request.args)


@bp.post("/enterprise/entries/<number>/fill/<step>")
@allow(Role.ENTERPRISE)
def fill_save(number: str, step: str):
    entry, here = own_entry(number), _step(step)
    typed = typed_values(here, request.form, closed_fields(entry))
    try:
        operations.save_entry(
            entry, values=typed, actor=current_user, now=web.now(), base_version=_base_version()
        )
    except Conflict as refusal:
        return _conflict_page(entry, here, typed, refusal)
    except InvalidInput as refusal:
        return _page(entry, here, 422, typed=typed, refusal=refusal.sentence)
    if request.form.get("action") != "next":
        flash("草稿已保存。", "success")
        return redirect(url_for("competition.fill", number=number, step=here), 303)
    if any(gap.step is here for gap in queries.submission_gaps(entry, queries.checked(entry))):
        web.keep_transaction()
        return _page(entry, here, 422, check=True)
    following = STEPS[min(STEPS.index(here) + 1, len(STEPS) - 1)]
    return redirect(url_for("competition.fill", number=number, step=following), 303)


def _conflict_page(entry: Entry, step: Step, typed: dict[str, Any], refusal: Conflict):
    """Both texts side by side: what is stored now, and what this page holds."""
    db.session.refresh(entry)
    return _page(
        entry, step, 409, typed=typed, refusal=refusal.sentence, newer=_differences(entry, typed, refusal)
    )


def _differences(entry: Entry, typed: dict[str, Any], refusal: Conflict) -> list[dict[str, Any]]:
    if refusal.code != "newer":
        return []
    choices = choices_of(entry.edition)
    return [
        {
            "name": name,
            "label": fields.label_of(name),
            "theirs": text_of(name, entry.content.get(name), choices),
            "mine": text_of(name, typed[name], choices),
        }
        for name in operations.newer_fields(entry, typed, _base_version())
    ]


@bp.post("/enterprise/entries/<number>/autosave/<step>")
@allow(Role.ENTERPRISE)
def autosave(number: str, step: str):
    entry, here = own_entry(number), _step(step)
    typed = typed_values(here, request.form, closed_fields(entry))
    try:
        operations.save_entry(
            entry, values=typed, actor=current_user, now=web.now(), base_version=_base_version()
        )
    except Conflict as refusal:
        db.session.refresh(entry)
        newer = _differences(entry, typed, refusal)
        return {
            "error": refusal.code,
            "message": refusal.sentence,
            "version": entry.version,
            "newer": newer,
        }, 409
    except InvalidInput as refusal:
        return {"error": refusal.code, "message": refusal.sentence}, 422
    group = group_of(entry, queries.checked(entry).values)
    return {
        "version": entry.version,
        "saved_at": f"{beijing(entry.saved_at):%H:%M:%S}",
        "group": render_template("competition/_group.html", group=group) if here is Step.BASICS else "",
    }


@bp.post("/enterprise/entries/<number>/files/<kind>")
@allow(Role.ENTERPRISE)
@BY_PERSON
def upload(number: str, kind: str):
    entry, wanted = own_entry(number), kind_named(kind)
    try:
        given = request.files.get("file")
        if given is None or not given.filename:
            raise InvalidInput("请先选择文件。", code="file_missing")
        stored = files.store_upload(given, actor=current_user, now=web.now())
        operations.attach_file(entry, kind=wanted, stored_file=stored, actor=current_user, now=web.now())
    except (Conflict, InvalidInput) as refusal:
        return _page(entry, Step.FILES, refusal.status, file_errors={wanted: refusal.sentence})
    flash(f"{wanted.label}已上传。", "success")
    return redirect(url_for("competition.fill", number=number, step=Step.FILES), 303)


@bp.post("/enterprise/entries/<number>/submit")
@allow(Role.ENTERPRISE)
def submit(number: str):
    """A refusal keeps the pledge that was ticked; a late one keeps the draft as it was saved in time."""
    entry = own_entry(number)
    typed = typed_values(Step.PLEDGE, request.form, closed_fields(entry))
    try:
        operations.save_entry(entry, values=typed, actor=current_user, now=web.now())
        version = operations.submit_entry(entry, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        web.keep_transaction()
        return _page(entry, Step.PLEDGE, 422, typed=typed, refusal=refusal.sentence, check=True)
    except Conflict as refusal:
        return _page(entry, Step.PLEDGE, 409, typed=typed, refusal=refusal.sentence)
    flash(f"已提交，回执号 {version.receipt}。", "success")
    return redirect(url_for("competition.own_entry_page", number=number), 303)
