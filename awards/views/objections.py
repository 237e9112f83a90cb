"""Objections on the staff side: list, detail, take, refuse, decide, recheck of the arithmetic."""

from flask import redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from awards import notice_rows, queries
from awards.enums import ObjectionState, ObjectorKind
from awards.forms import ConclusionForm, LateObjectionForm
from awards.models import Notice, Objection
from awards.operations import objections as operations
from awards.states import OBJECTION
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer
from awards.wording import OBJECTOR_KINDS, choices
from competition.models import Entry
from core import files, listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.models import StoredFile
from core.spreadsheets import Column
from judging.models import Ranking, RankingRow
from judging.operations.rankings import recompute


def _filters() -> list[listing.Filter]:
    states = [(state.value, OBJECTION.badges[state].label) for state in ObjectionState]
    return [
        listing.Filter("state", "状态", states, lambda value: Objection.state == ObjectionState(value)),
        listing.Filter(
            "kind",
            "异议人",
            choices(OBJECTOR_KINDS),
            lambda value: Objection.objector_kind == ObjectorKind(value),
        ),
    ]


OBJECTIONS = Listed(
    title="异议",
    columns=[
        Column("ticket", "编号", lambda objection: objection.ticket),
        Column("notice", "公示", lambda objection: objection.notice.title, width=50),
        Column(
            "entry", "所指项目", lambda objection: objection.entry.label if objection.entry else "", width=40
        ),
        Column("kind", "异议人", lambda objection: OBJECTOR_KINDS[objection.objector_kind]),
        Column("received_at", "收到时间", lambda objection: objection.received_at, kind="time"),
        Column("state", "状态", lambda objection: OBJECTION.badge(objection).label),
        Column("conclusion", "结论", lambda objection: objection.conclusion, width=50),
    ],
    sorts={
        "ticket": Objection.ticket,
        "received_at": Objection.received_at,
        "state": Objection.state,
        "id": Objection.id,
    },
    default_sort="-received_at",
    search=(Objection.ticket, Objection.content, Notice.title),
    filters=_filters,
    shown=6,
)


@bp.get("/awards/objections")
@allow(*queries.OBJECTION_READERS)
def objections_list():
    stmt = queries.objections_visible_to(current_user).join(Notice, Notice.id == Objection.notice_id)
    return list_answer(
        OBJECTIONS, stmt, "awards/objections.html", badge=OBJECTION.badge, kinds=OBJECTOR_KINDS
    )


def _page(objection: Objection, form: ConclusionForm, status: int = 200):
    acts = {transition.name for transition in OBJECTION.available(objection, current_user)}
    page = render_template(
        "awards/objection.html",
        objection=objection,
        form=form,
        badge=OBJECTION.badge(objection),
        kinds=OBJECTOR_KINDS,
        acts=acts,
        evidence=db.session.get(StoredFile, objection.evidence_id) if objection.evidence_id else None,
        rankings=_rankings(objection),
        events=trail.events_for(objection),
    )
    return page, status


def _rankings(objection: Objection) -> list[tuple[RankingRow, list[str]]]:
    """Where the entry stands in frozen rankings, and what computing each again from its sheets finds different."""
    if objection.entry_id is None:
        return []
    stmt = (
        select(RankingRow)
        .join(Ranking, Ranking.id == RankingRow.ranking_id)
        .where(RankingRow.entry_id == objection.entry_id)
        .options(joinedload(RankingRow.ranking))
        .order_by(Ranking.id)
    )
    return [(row, recompute(row.ranking)) for row in db.session.scalars(stmt)]


@bp.get("/awards/objections/<ticket>")
@allow(*queries.OBJECTION_READERS)
def objection(ticket: str):
    return _page(queries.objection_by_ticket(ticket, current_user), ConclusionForm())


@bp.route(f"/awards/notices/<int(max={MAX_ID}):notice_id>/objections/new", methods=["GET", "POST"])
@allow(Role.SUPERVISION)
def objection_late(notice_id: int):
    """After the period: not from the public any more, but by supervision with its reason."""
    notice = queries.notice_by_id(notice_id, current_user)
    form = LateObjectionForm()
    form.about.choices = [("", "整份名单")] + [(str(i), w) for i, w in notice_rows.entries_of(notice.content)]
    if form.validate_on_submit():
        try:
            made = operations.file_objection(
                notice,
                objector_kind=ObjectorKind(form.kind.data),
                objector=form.objector.data or "",
                contact=form.contact.data or "",
                content=form.content.data,
                entry=db.session.get(Entry, int(form.about.data)) if form.about.data else None,
                late_reason=form.late_reason.data,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"已登记 {made.ticket}，办结前相关资金不能动用。", "success")
            return redirect(url_for("awards.objection", ticket=made.ticket), 303)
    page = render_template("awards/objection_late.html", notice=notice, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.post("/awards/objections/<ticket>/take")
@allow(Role.OFFICE, Role.SUPERVISION)
def objection_take(ticket: str):
    found = queries.objection_by_ticket(ticket, current_user)
    operations.take_objection(found, handler=current_user, actor=current_user, now=web.now())
    web.flash("已受理，由您负责办理。", "success")
    return redirect(url_for("awards.objection", ticket=ticket), 303)


@bp.post("/awards/objections/<ticket>/<any(refuse,uphold,dismiss):act>")
@allow(Role.OFFICE, Role.SUPERVISION)
def objection_decide(ticket: str, act: str):
    found = queries.objection_by_ticket(ticket, current_user)
    form = ConclusionForm()
    if not form.validate():
        return _page(found, form, 422)
    words = form.conclusion.data.strip()
    try:
        newcomer = _decide(found, act, words)
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(found, form, 422)
    web.flash(f"已办结，由 {newcomer.payee.name} 递补。" if newcomer else "已办结。", "success")
    return redirect(url_for("awards.objection", ticket=ticket), 303)


def _decide(found: Objection, act: str, words: str):
    if act == "refuse":
        operations.refuse_objection(found, reason=words, actor=current_user, now=web.now())
        return None
    return operations.decide_objection(
        found, upheld=act == "uphold", conclusion=words, actor=current_user, now=web.now()
    )


@bp.get("/awards/objections/<ticket>/reply")
@allow(*queries.OBJECTION_READERS)
def objection_reply(ticket: str):
    """The letter to the objector, once there is something to answer and somebody to answer to."""
    found = queries.objection_by_ticket(ticket, current_user)
    if not found.conclusion or found.objector_kind == ObjectorKind.ANONYMOUS:
        raise NotVisible("异议尚未办结，或未留姓名，没有答复可打印。")
    return render_template("awards/objection_reply.html", objection=found, state=OBJECTION.badge(found).label)


@bp.get("/awards/objections/<ticket>/evidence")
@allow(*queries.OBJECTION_READERS)
def objection_evidence(ticket: str):
    found = queries.objection_by_ticket(ticket, current_user)
    stored = db.session.get(StoredFile, found.evidence_id) if found.evidence_id else None
    if stored is None:
        raise NotVisible()
    return files.send(stored)
