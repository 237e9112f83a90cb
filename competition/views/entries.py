"""The staff's list of entries, with detail, versions and files; each person sees what `visible_to` gives."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import contains_eager, defer

from competition import fields, queries
from competition.enums import EVER_ACCEPTED, EntryState, Group
from competition.forms.review import ReasonForm
from competition.models import Edition, Enterprise, Entry, EntryVersion, Track
from competition.operations import entries as operations
from competition.operations import review
from competition.queries import reviews
from competition.rules import may_invite_contact
from competition.states import ENTRY
from competition.views import bp
from competition.views.presenting import choices_of, progress_of, shown_fields, timeline_of, wording
from core import divisions, files, listing, web
from core.access import allow
from core.enums import Role
from core.errors import NotVisible
from core.files import send_table
from core.models import StoredFile
from core.spreadsheets import Column

READERS = (Role.OFFICE, Role.REGIONAL, Role.COUNTY, Role.SUPERVISION, Role.LEADER, Role.FINANCE)
VISITORS = (*READERS, Role.DUE_DILIGENCE)
SORTS = {
    "submitted_at": Entry.submitted_at,
    "enterprise": Enterprise.name,
    "prefecture": Entry.prefecture_code,
    "group": Entry.group,
    "state": Entry.state,
    "number": Entry.number,
}
SEARCH = (Entry.number, Entry.title, Enterprise.name, Enterprise.credit_code)


def _columns(places: dict[str, str]) -> list[Column]:
    """The list's columns and, with a few more, the export's."""
    return [
        Column("number", "项目编号", lambda row: row.number),
        Column("enterprise", "企业名称", lambda row: row.enterprise.name, width=36),
        Column("title", "参赛项目", lambda row: row.title, width=36),
        Column("group", "组别", lambda row: row.group.label, width=10),
        Column("track", "行业", lambda row: row.track.name if row.track else "", width=20),
        Column("prefecture", "地州市", lambda row: places.get(row.prefecture_code, ""), width=20),
        Column("submitted_at", "提交时间", lambda row: row.submitted_at, kind="time", width=18),
        Column("state", "状态", lambda row: ENTRY.badge(row).label, width=14),
    ]


def _export_columns(places: dict[str, str]) -> list[Column]:
    return [
        *_columns(places),
        Column("credit_code", "统一社会信用代码", lambda row: row.enterprise.credit_code, width=22),
        Column("county", "县市区", lambda row: places.get(row.county_code, ""), width=20),
        Column("registered_on", "注册日期", lambda row: row.enterprise.registered_on, width=12),
        Column("revenue", "上年度营业收入（元）", lambda row: row.revenue_fen, kind="fen", width=20),
        Column("ip", "已授权知识产权（件）", lambda row: row.ip_granted, kind="number"),
    ]


def _chosen(editions: list[Edition]) -> tuple[dict[str, str], Edition | None]:
    """The arguments with the newest edition unless one (or none, for all) was chosen, and that edition."""
    args = dict(request.args)
    if "edition" not in args and editions:
        args["edition"] = editions[0].code
    return args, next((edition for edition in editions if edition.code == args.get("edition")), None)


def _filters(
    editions: list[Edition], edition: Edition | None, places: dict[str, str]
) -> list[listing.Filter]:
    ids = {row.code: row.id for row in editions}
    shown = [state for state in EntryState if state != EntryState.DRAFT]
    tracks = [(track.code, track.name) for track in edition.tracks] if edition else []
    codes = sorted(code for code in places if code.endswith("00") and code != "650000")
    if current_user.role == Role.REGIONAL:
        codes = sorted(current_user.prefectures)
    return [
        listing.Filter(
            "edition",
            "届次",
            [(row.code, row.name) for row in editions],
            lambda v: Entry.edition_id == ids[v],
        ),
        listing.Filter(
            "state",
            "状态",
            [("admitted", "审核通过（含取消资格）"), *((s.value, ENTRY.badges[s].label) for s in shown)],
            lambda v: Entry.state.in_(EVER_ACCEPTED) if v == "admitted" else Entry.state == EntryState(v),
        ),
        listing.Filter(
            "prefecture",
            "地州市",
            [(c, places.get(c, c)) for c in codes],
            lambda v: Entry.prefecture_code == v,
        ),
        listing.Filter(
            "group", "组别", [(g.value, g.label) for g in Group], lambda v: Entry.group == Group(v)
        ),
        listing.Filter("track", "行业", tracks, lambda v: Track.code == v),
    ]


def _statement():
    stmt = queries.visible_to(current_user).join(Entry.enterprise).outerjoin(Entry.track)
    eager = (
        contains_eager(Entry.enterprise),
        contains_eager(Entry.track),
        defer(Entry.content),
        defer(Entry.field_versions),
        defer(Entry.abstract),
    )
    return stmt.options(*eager)


@bp.get("/office/entries")
@allow(*READERS)
def entries():
    places = divisions.names()
    editions = queries.editions_for_choice(current_user)
    args, edition = _chosen(editions)
    state: dict[str, Any] = {
        "args": args,
        "sorts": SORTS,
        "default_sort": "-submitted_at",
        "filters": _filters(editions, edition, places),
        "search": SEARCH,
    }
    if "export" in request.args:
        rows = listing.everything(_statement(), **state)
        name = f"报名项目-{edition.code}" if edition else "报名项目"
        return send_table("报名项目", _export_columns(places), rows, name=name)
    page = listing.run(_statement(), path=request.path, **state)
    columns = [{"key": column.key, "label": column.label} for column in _columns(places)]
    return render_template(
        "competition/entries.html",
        page=page,
        columns=columns,
        machine=ENTRY,
        places=places,
        edition=edition,
    )


def seen_entry(number: str) -> Entry:
    return queries.entry_by_number(number, current_user)


@bp.get("/office/entries/<number>")
@allow(*VISITORS)
def entry(number: str):
    return _entry_page(seen_entry(number), ReasonForm(), 200)


def _entry_page(found: Entry, form: ReasonForm, status: int):
    versions = queries.versions_of(found)
    page = render_template(
        "competition/entry.html",
        entry=found,
        badge=ENTRY.badge(found),
        versions=versions,
        findings=queries.findings_of(found),
        **_decisions(found),
        events=timeline_of(found),
        steps=progress_of(found),
        places=divisions.names(),
        wording=wording,
        form=form,
        may_disqualify=ENTRY.can(found, "disqualify", current_user),
        may_invite=bool(may_invite_contact(current_user, found.enterprise)),
        may_review=ENTRY.can(found, "return", current_user),
        **version_shown(found, versions[0]),
    )
    return page, status


def _decisions(found: Entry) -> dict[str, Any]:
    """The decisions with who made them, and whether this person may take the last one back."""
    decisions = queries.decisions_of(found)
    last = decisions[0] if decisions else None
    may_take_back = (
        last is not None
        and not review.why_not_taken_back(found, last)
        and ENTRY.can(found, review.back_of(last), current_user)
    )
    names = reviews.names_of({decision.reviewer_id for decision in decisions})
    return {"decisions": decisions, "decided_by": names, "may_take_back": may_take_back}


def version_shown(found: Entry, version: EntryVersion) -> dict[str, Any]:
    """What a reader sees is what was submitted, never a draft in the making."""
    return {
        "version": version,
        "pages": shown_fields(version.content["fields"], choices_of(found.edition)),
        "label_of": fields.label_of,
    }


@bp.get("/office/entries/<number>/versions/<int:version>")
@allow(*VISITORS)
def entry_version(number: str, version: int):
    found = seen_entry(number)
    shown = queries.version_by_number(found, version)
    before = queries.version_by_number(found, version - 1) if version > 1 else None
    return render_template(
        "competition/entry_version.html",
        entry=found,
        changed=queries.changed_fields(before, shown) if before else (),
        before=before,
        **version_shown(found, shown),
    )


@bp.get("/office/entries/<number>/files/<int:attachment_id>")
@allow(*VISITORS)
def entry_file(number: str, attachment_id: int):
    return files.send(_submitted_file(number, attachment_id))


@bp.get("/office/entries/<number>/files/<int:attachment_id>/preview")
@allow(*VISITORS)
def entry_file_preview(number: str, attachment_id: int):
    return files.show(_submitted_file(number, attachment_id))


def _submitted_file(number: str, attachment_id: int) -> StoredFile:
    """Only files that were submitted: what lies in a draft is still the enterprise's own."""
    found = seen_entry(number)
    submitted = {
        file["id"] for version in queries.versions_of(found) for file in version.content["attachments"]
    }
    if attachment_id not in submitted:
        raise NotVisible()
    return queries.attachment_by_id(found, attachment_id).file


@bp.post("/office/entries/<number>/disqualify")
@allow(Role.OFFICE)
def disqualify(number: str):
    found, form = seen_entry(number), ReasonForm()
    if not form.validate_on_submit():
        return _entry_page(found, form, 422)
    operations.disqualify_entry(found, reason=form.reason.data, actor=current_user, now=web.now())
    flash("已取消资格。", "success")
    return redirect(url_for("competition.entry", number=number), 303)
