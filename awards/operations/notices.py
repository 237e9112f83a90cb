"""Public notices (公示): drafted by one person, started by another, closed by the calendar, corrected by a new one."""

import hashlib
from datetime import date, datetime, time

from sqlalchemy import select

from awards.enums import AwardGroup, AwardState, NoticeKind, NoticeState, ObjectionState, ObjectorKind
from awards.models import Award, Notice, NoticePosting
from awards.operations.awards import confirm_award
from awards.rules import may_run_awards
from awards.states import AWARD, NOTICE
from competition.models import Edition
from core import audit, seals
from core.calendar import load as load_calendar
from core.clock import beijing_day
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import StoredFile
from core.rules import SYSTEM, Actor

END_OF_DAY = time(23, 59, 59)


def draft_notice(
    edition: Edition,
    *,
    kind: NoticeKind,
    title: str,
    body: str,
    document_no: str = "",
    content: list[dict] | None = None,
    awards: list[Award] | None = None,
    days: int | None = None,
    corrects: Notice | None = None,
    actor: Actor,
    now: datetime,
) -> Notice:
    """`awards` are put on the list, 初创, 成长, 单位, and tied to the notice; `content` are the rows of any other list."""
    may_run_awards(actor).or_raise()
    if not title.strip():
        raise InvalidInput("请填写公示标题。", field="title")
    if awards is not None:
        order = list(AwardGroup)
        awards = sorted(awards, key=lambda award: order.index(award.group))
    shown = {award.notice_id for award in awards or ()} - {None, corrects.id if corrects else None}
    if shown:
        raise Conflict("递补上调的奖励须以原公示的更正公示公布。", code="needs_correction")
    notice = Notice(
        edition=edition,
        kind=kind,
        title=title.strip(),
        body=body,
        document_no=document_no,
        content=content if awards is None else [row_of(award) for award in awards],
        days=days or edition.notice_days,
        counts_first=edition.notice_counts_first,
        prepared_by_id=actor.id,
        corrects_id=corrects.id if corrects else None,
        created_at=now,
    )
    db.session.add(notice)
    flush()
    audit.record(
        "notice.draft", notice, actor=actor, now=now, after={"title": title, "rows": len(notice.content)}
    )
    for award in awards or ():
        award.notice = notice
        AWARD.fire(award, "notice", actor=actor, now=now, set={"notice_id": notice.id})
    return notice


def row_of(award: Award) -> dict:
    """What the public list says of an award: firm-level data only."""
    entry = award.entry
    return {
        "award": award.number,
        "group": award.group.label,
        "tier": award.tier_name,
        "name": award.payee.name,
        "project": entry.title if entry else "",
        "track": entry.track.name if entry and entry.track else "",
        "prefecture": entry.prefecture_code if entry else award.payee.division_code or "",
    }


def digest_of(notice: Notice) -> str:
    """SHA-256 over everything the public reads; anyone can recompute it from the page's data."""
    content = {
        "title": notice.title,
        "body": notice.body,
        "document_no": notice.document_no,
        "rows": notice.content,
    }
    return hashlib.sha256(seals.canonical(content)).hexdigest()


def approve_notice(notice: Notice, *, actor: Actor, now: datetime) -> Notice:
    """The second person starts it: the period runs from today by the working-day calendar."""
    calendar, today = load_calendar(), beijing_day(now)
    NOTICE.fire(
        notice,
        "approve",
        actor=actor,
        now=now,
        set={
            "approved_by_id": actor.id,
            "starts_at": now,
            "ends_at": calendar.end_moment(
                today, notice.days, count_first=notice.counts_first, at=END_OF_DAY
            ),
            "calendar_known": calendar.known(today),
            "content_hash": digest_of(notice),
        },
    )
    return notice


def record_posting(
    notice: Notice, *, place: str, posted_on: date, evidence: StoredFile, actor: Actor, now: datetime
) -> NoticePosting:
    """Where and when the started notice was seen in public. Postings are added, never changed."""
    may_run_awards(actor).or_raise()
    if notice.state == NoticeState.DRAFT:
        raise Conflict("公示尚未发布，不能登记张贴情况。", code="notice_draft")
    if not beijing_day(notice.starts_at) <= posted_on <= beijing_day(now):
        raise InvalidInput("张贴日期应在公示开始之后、今天之前。", field="posted_on")
    posting = NoticePosting(
        notice_id=notice.id,
        place=place,
        posted_on=posted_on,
        file=evidence,
        recorded_by_id=actor.id,
        recorded_at=now,
    )
    db.session.add(posting)
    flush()
    after = {"place": place, "posted_on": posted_on.isoformat(), "sha256": evidence.sha256}
    audit.record("notice.post", notice, actor=actor, now=now, after=after)
    return posting


def open_objections(notice: Notice) -> list:
    """Real-name objections that are not yet decided."""
    open_states = (ObjectionState.RECEIVED, ObjectionState.INVESTIGATING)
    return [
        objection
        for objection in notice.objections
        if objection.state in open_states and objection.objector_kind != ObjectorKind.ANONYMOUS
    ]


def close_notice(notice: Notice, *, actor: Actor, now: datetime) -> Notice:
    """After its end and with every real-name objection decided; the noticed awards are then confirmed."""
    if notice.ends_at is not None and now <= notice.ends_at:
        raise Conflict("公示期未满，不能结束。", code="notice_running")
    if open_objections(notice):
        raise Conflict("尚有未办结的实名异议，不能结束公示。", code="objection_open")
    NOTICE.fire(notice, "close", actor=actor, now=now, set={"closed_at": now})
    noticed = select(Award).where(Award.notice_id == notice.id, Award.state == AwardState.NOTICED)
    for award in db.session.scalars(noticed).all():
        confirm_award(award, actor=actor, now=now)
    return notice


def close_due(now: datetime) -> None:
    """Each minute: close what has ended and has nothing open. Those with objections wait for a person."""
    due = select(Notice).where(Notice.state == NoticeState.RUNNING, Notice.ends_at < now)
    for notice in db.session.scalars(due).all():
        if not open_objections(notice):
            close_notice(notice, actor=SYSTEM, now=now)


def finalise_notice(notice: Notice, *, actor: Actor, now: datetime) -> Notice:
    NOTICE.fire(notice, "finalise", actor=actor, now=now)
    return notice


def correct_notice(
    notice: Notice, *, title: str, body: str, awards: list[Award] | None = None, actor: Actor, now: datetime
) -> Notice:
    """A correction is a notice of its own beside the first, which stays as it was published."""
    if notice.state == NoticeState.DRAFT:
        raise Conflict("公示尚未发布，可直接修改草稿。", code="notice_draft")
    return draft_notice(
        notice.edition,
        kind=NoticeKind.CORRECTION,
        title=title,
        body=body,
        content=notice.content,
        awards=awards,
        corrects=notice,
        actor=actor,
        now=now,
    )
