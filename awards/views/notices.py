"""Public notices on the staff side: drafted, approved by another person, closed, finalised, corrected, printed."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import notice_rows, queries
from awards.enums import NoticeKind, NoticeState
from awards.forms import NoticeForm, NoticeKindForm, PostingForm
from awards.models import Notice
from awards.operations import notices as operations
from awards.states import AWARD, NOTICE, OBJECTION
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer, ticked
from awards.wording import NOTICE_KINDS, choices
from competition.models import Edition
from core import files, listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.spreadsheets import Column


def _filters() -> list[listing.Filter]:
    return [
        listing.Filter(
            "state",
            "状态",
            [(state.value, NOTICE.badges[state].label) for state in NoticeState],
            lambda value: Notice.state == NoticeState(value),
        ),
        listing.Filter("kind", "类别", choices(NOTICE_KINDS), lambda value: Notice.kind == NoticeKind(value)),
        listing.Filter(
            "edition",
            "届次",
            [(str(edition.id), edition.name) for edition in queries.editions()],
            lambda value: Notice.edition_id == int(value),
        ),
    ]


NOTICES = Listed(
    title="公示",
    columns=[
        Column("title", "标题", lambda notice: notice.title, width=50),
        Column("kind", "类别", lambda notice: NOTICE_KINDS[notice.kind]),
        Column("starts_at", "公示开始", lambda notice: notice.starts_at, kind="time"),
        Column("ends_at", "公示截止", lambda notice: notice.ends_at, kind="time"),
        Column("rows", "名单", lambda notice: len(notice.content), kind="number"),
        Column("state", "状态", lambda notice: NOTICE.badge(notice).label),
        Column("edition", "届次", lambda notice: notice.edition.name, width=30),
        Column("document_no", "文号", lambda notice: notice.document_no),
        Column("hash", "摘要", lambda notice: notice.content_hash, width=66),
    ],
    sorts={
        "title": Notice.title,
        "kind": Notice.kind,
        "starts_at": Notice.starts_at,
        "ends_at": Notice.ends_at,
        "state": Notice.state,
        "created_at": Notice.created_at,
        "id": Notice.id,
    },
    default_sort="-created_at",
    search=(Notice.title, Notice.document_no),
    filters=_filters,
    shown=6,
)


@bp.get("/awards/notices")
@allow(*queries.READERS)
def notices_list():
    stmt = queries.notices_visible_to(current_user)
    return list_answer(NOTICES, stmt, "awards/notices.html", badge=NOTICE.badge, kinds=NOTICE_KINDS)


@bp.route("/awards/notices/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def notice_new():
    editions = queries.editions()
    chooser = NoticeKindForm(request.args, meta={"csrf": False})
    chooser.edition.choices = [(edition.id, edition.name) for edition in editions]
    edition = next(
        (e for e in editions if str(e.id) == request.args.get("edition")), next(iter(editions), None)
    )
    kind = request.args.get("kind", NoticeKind.AWARDS.value)
    kind = NoticeKind(kind) if kind in set(NoticeKind) else NoticeKind.AWARDS
    form = NoticeForm(days=edition.notice_days if edition else 5)
    listed = notice_rows.offer(edition, kind, request.args.get("stage", type=int)) if edition else None
    if edition and form.validate_on_submit():
        try:
            notice = _draft(edition, kind, form, listed)
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("已存为拟稿，须由另一人批准后发布。", "success")
            return redirect(url_for("awards.notice", notice_id=notice.id), 303)
    page = render_template(
        "awards/notice_new.html",
        form=form,
        chooser=chooser,
        edition=edition,
        kind=kind,
        kinds=NOTICE_KINDS,
        listed=listed,
        picked=set(ticked()) if form.is_submitted() else None,
    )
    return page, 422 if form.is_submitted() else 200


def _draft(edition: Edition, kind: NoticeKind, form: NoticeForm, listed: notice_rows.Offer) -> Notice:
    chosen = None
    if listed.awards is not None:
        wanted = set(ticked())
        chosen = [award for award in listed.awards if award.id in wanted]
        if not chosen:
            raise InvalidInput("请至少选择一项列入公示的奖励。")
    return operations.draft_notice(
        edition,
        kind=kind,
        title=form.title.data,
        body=form.body.data,
        document_no=form.document_no.data or "",
        content=listed.rows,
        awards=chosen,
        days=form.days.data,
        actor=current_user,
        now=web.now(),
    )


def _notice_page(notice: Notice, *, posting: PostingForm | None = None, status: int = 200):
    awards = {row["award"] for row in notice.content if "award" in row}
    page = render_template(
        "awards/notice.html",
        notice=notice,
        posting=posting or PostingForm(formdata=None),
        postings=queries.postings_of(notice),
        badge=NOTICE.badge(notice),
        kinds=NOTICE_KINDS,
        acts=NOTICE.available(notice, current_user),
        table=notice_rows.table(notice.content),
        has_awards=bool(awards),
        intact=notice.state == NoticeState.DRAFT or operations.digest_of(notice) == notice.content_hash,
        open_objections=len(operations.open_objections(notice)),
        objections=notice.objections if current_user.role in queries.OBJECTION_READERS else [],
        objection_badge=OBJECTION.badge,
        people=queries.user_names(notice.prepared_by_id, notice.approved_by_id),
        corrections=queries.corrections_of(notice),
        award_badge=AWARD.badge,
        events=trail.events_for(notice),
    )
    return page, status


@bp.get(f"/awards/notices/<int(max={MAX_ID}):notice_id>")
@allow(*queries.READERS)
def notice(notice_id: int):
    return _notice_page(queries.notice_by_id(notice_id, current_user))


ACTS = {
    "approve": operations.approve_notice,
    "close": operations.close_notice,
    "finalise": operations.finalise_notice,
}


@bp.post(f"/awards/notices/<int(max={MAX_ID}):notice_id>/<any(approve,close,finalise):act>")
@allow(Role.OFFICE, Role.LEADER)
def notice_act(notice_id: int, act: str):
    notice = queries.notice_by_id(notice_id, current_user)
    ACTS[act](notice, actor=current_user, now=web.now())
    web.flash(
        {"approve": "公示已发布。", "close": "公示已结束。", "finalise": "已正式公布。"}[act], "success"
    )
    return redirect(url_for("awards.notice", notice_id=notice.id), 303)


@bp.post(f"/awards/notices/<int(max={MAX_ID}):notice_id>/postings")
@allow(Role.OFFICE)
def notice_post(notice_id: int):
    notice = queries.notice_by_id(notice_id, current_user)
    form = PostingForm()
    if form.validate():
        try:
            if not form.evidence.data or not form.evidence.data.filename:
                raise InvalidInput("请选择照片或网页截图。", field="evidence")
            operations.record_posting(
                notice,
                place=form.place.data.strip(),
                posted_on=form.posted_on.data,
                evidence=files.store_upload(
                    form.evidence.data, actor=current_user, now=web.now(), limit_mb=20
                ),
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("已登记张贴情况。", "success")
            return redirect(url_for("awards.notice", notice_id=notice.id), 303)
    return _notice_page(notice, posting=form, status=422)


@bp.get(f"/awards/postings/<int(max={MAX_ID}):posting_id>/file")
@allow(*queries.READERS)
def posting_file(posting_id: int):
    return files.send(queries.posting_by_id(posting_id, current_user).file)


@bp.route(f"/awards/notices/<int(max={MAX_ID}):notice_id>/correct", methods=["GET", "POST"])
@allow(Role.OFFICE)
def notice_correct(notice_id: int):
    notice = queries.notice_by_id(notice_id, current_user)
    if notice.state == NoticeState.DRAFT:
        raise NotVisible("公示尚未发布，不需要更正。")
    form = NoticeForm(title=f"关于“{notice.title}”的更正公示")
    newcomers = queries.proposed_awards(notice.edition, notice)
    if form.validate_on_submit():
        wanted = set(ticked())
        try:
            made = operations.correct_notice(
                notice,
                title=form.title.data,
                body=form.body.data,
                awards=[award for award in newcomers if award.id in wanted] or None,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("更正公示已存为拟稿，须由另一人批准。", "success")
            return redirect(url_for("awards.notice", notice_id=made.id), 303)
    page = render_template("awards/notice_correct.html", notice=notice, form=form, newcomers=newcomers)
    return page, 422 if form.is_submitted() else 200


@bp.get(f"/awards/notices/<int(max={MAX_ID}):notice_id>/print")
@allow(*queries.READERS)
def notice_print(notice_id: int):
    notice = queries.notice_by_id(notice_id, current_user)
    return render_template("awards/notice_print.html", notice=notice, table=notice_rows.table(notice.content))
