"""The judge library: cards, pledges, conflicts of interest and what follows from them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from competition.models import Edition, Entry
from core import audit
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput
from core.models import User
from core.rules import Actor
from judging import rules, wording
from judging.enums import ConflictSource, JudgeRole, RecusalReason, SessionState, SheetState
from judging.models import Judge, JudgeConflict, Pledge, Run, Seat, Session, Sheet
from judging.operations.tallies import hold_run, hold_session, recount
from judging.states import SHEET

FIELDS = ("name", "role", "employer", "employer_code", "title", "expertise", "region", "phone", "active")


def add_judge(
    *,
    name: str,
    role: JudgeRole,
    employer: str,
    title: str = "",
    expertise: Sequence[str] = (),
    region: str = "",
    phone: str = "",
    employer_code: str = "",
    user: User | None = None,
    actor: Actor,
    now: datetime,
) -> Judge:
    rules.may_keep_judges(actor).or_raise()
    _check_account(user)
    judge = Judge(
        name=name,
        role=role,
        employer=employer,
        employer_code=employer_code,
        title=title,
        expertise=list(expertise),
        region=region,
        phone=phone,
        user=user,
        active=True,
        created_at=now,
    )
    db.session.add(judge)
    flush()
    audit.record(
        "judge.add", judge, actor=actor, now=now, after={"name": name, "role": role, "employer": employer}
    )
    return judge


def change_judge(judge: Judge, *, values: dict, user: User | None, actor: Actor, now: datetime) -> Judge:
    """Change a card; `values` holds the fields to set, `user` the account it belongs to."""
    rules.may_keep_judges(actor).or_raise()
    _check_account(user)
    if judge.user_id and (user is None or user.id != judge.user_id) and _has_open_sheets(judge):
        raise Conflict("该评委还有未完成的评分表，不能更换账号。", code="judge_busy")
    before = {name: getattr(judge, name) for name in FIELDS if name in values}
    for name in before:
        setattr(judge, name, values[name])
    judge.user = user
    flush()
    audit.record("judge.change", judge, actor=actor, now=now, before=before, after=values)
    return judge


def _check_account(user: User | None) -> None:
    if user is not None and user.role != Role.JUDGE:
        raise InvalidInput("关联的账号不是评委账号。", field="user_id")


def _has_open_sheets(judge: Judge) -> bool:
    stmt = (
        select(Sheet.id)
        .join(Sheet.seat)
        .where(Seat.judge_id == judge.id, Sheet.state.in_((SheetState.OPEN, SheetState.DRAFT)))
    )
    return db.session.scalar(stmt.limit(1)) is not None


def sign_pledge(judge: Judge, *, edition: Edition, actor: Actor, now: datetime) -> Pledge:
    """Once per edition; without it no entry material opens."""
    rules.may_sign_pledge(actor, judge).or_raise()
    if judge.has_pledged(edition.id):
        raise Conflict("本届承诺书您已签署。", code="pledge_signed")
    digest = hashlib.sha256(wording.pledge_text().encode()).hexdigest()
    pledge = Pledge(judge=judge, edition_id=edition.id, text_sha256=digest, signed_at=now)
    db.session.add(pledge)
    flush()
    audit.record(
        "pledge.sign", pledge, actor=actor, now=now, after={"text_sha256": digest}, summary=judge.name
    )
    return pledge


def note_conflict(
    judge: Judge,
    entry: Entry,
    *,
    source: ConflictSource,
    reason_code: RecusalReason,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> JudgeConflict:
    """Record a conflict of interest; sheets of this pair that are not locked yet are taken out with it."""
    rules.may_note_conflict(actor, judge).or_raise()
    if _known(judge, entry):
        raise Conflict("该评委与该项目的回避关系已登记。", code="conflict_known")
    sheets = _sheets_of_pair(judge, entry)
    if any(sheet.run.session.state in (SessionState.LOCKED, SessionState.SIGNED) for sheet in sheets):
        raise Conflict("该评委已对该项目评分且场次已锁定，请通过异议程序处理。", code="session_locked")
    conflict = _conflict(judge, entry, source, reason_code, reason, actor=actor, now=now)
    for sheet in sheets:
        if sheet.state != SheetState.RECUSED:
            exclude(sheet, reason=reason or reason_code.label, actor=actor, now=now)
    return conflict


def recuse(
    sheet: Sheet, *, reason_code: RecusalReason, reason: str = "", actor: Actor, now: datetime
) -> JudgeConflict:
    """A judge steps aside from one entry: out of the mean by name, never a zero."""
    rules.may_exclude(actor, sheet).or_raise()
    why = reason.strip() or reason_code.label
    if reason_code == RecusalReason.OTHER and not reason.strip():
        raise InvalidInput("选择“其他”时请写明情况。", field="reason")
    exclude(sheet, reason=why, actor=actor, now=now)
    judge, entry = sheet.seat.judge, sheet.run.entry
    known = _known(judge, entry)
    return known or _conflict(
        judge, entry, ConflictSource.DECLARED, reason_code, reason, actor=actor, now=now
    )


def exclude(sheet: Sheet, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a sheet out of its run and bring the run's aggregates along."""
    run = sheet.run
    hold_session(run.session)
    hold_run(run)
    before = {score.criterion.code: score.hundredths for score in sheet.scores}
    emptied = {"total_hundredths": None, "digest": "", "receipt": "", "submitted_at": None}
    SHEET.fire(sheet, "recuse", actor=actor, now=now, reason=reason, set=emptied)
    for score in sheet.scores:
        db.session.delete(score)
    set_committed_value(sheet, "scores", [])
    run.session.board_version += 1
    recount(run)
    flush()
    if before:
        audit.record("sheet.clear", sheet, actor=actor, now=now, before=before, reason=reason)


def _conflict(judge, entry, source, reason_code, reason, *, actor: Actor, now: datetime) -> JudgeConflict:
    conflict = JudgeConflict(
        judge=judge,
        entry=entry,
        source=source,
        reason_code=reason_code,
        reason=reason,
        noted_by_id=actor.id,
        noted_at=now,
    )
    db.session.add(conflict)
    flush()
    audit.record(
        "judge_conflict.note",
        conflict,
        actor=actor,
        now=now,
        after={"judge": judge.name, "entry": entry.number, "source": source, "reason_code": reason_code},
        reason=reason,
    )
    return conflict


def detect_conflicts(session: Session, *, actor: Actor, now: datetime) -> list[JudgeConflict]:
    """What the rows themselves tell of every judge and entry of the session (see `relation_of`)."""
    found = []
    for seat in session.seats:
        for run in session.runs:
            relation = relation_of(seat.judge, run.entry)
            if relation and not _known(seat.judge, run.entry):
                code, reason = relation
                found.append(
                    _conflict(
                        seat.judge, run.entry, ConflictSource.DETECTED, code, reason, actor=actor, now=now
                    )
                )
    return found


def relation_of(judge: Judge, entry: Entry) -> tuple[RecusalReason, str] | None:
    """The judge works for the enterprise, by credit code or by name, or shares the entry's contact number."""
    enterprise = entry.enterprise
    by_code = bool(judge.employer_code) and judge.employer_code == enterprise.credit_code
    if by_code or judge.employer == enterprise.name:
        return RecusalReason.SAME_UNIT, f"评委单位与参赛企业同为“{enterprise.name}”"
    if judge.phone and judge.phone == entry.content.get("contact_phone"):
        return RecusalReason.OTHER, "评委的手机号与项目联系人手机号相同"
    return None


def _known(judge: Judge, entry: Entry) -> JudgeConflict | None:
    stmt = select(JudgeConflict).where(JudgeConflict.judge_id == judge.id, JudgeConflict.entry_id == entry.id)
    return db.session.scalar(stmt)


def _sheets_of_pair(judge: Judge, entry: Entry) -> Sequence[Sheet]:
    stmt = select(Sheet).join(Sheet.run).join(Sheet.seat)
    return db.session.scalars(stmt.where(Run.entry_id == entry.id, Seat.judge_id == judge.id)).all()
