"""Reads of the judge library and its conflicts."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, false, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from core.db import db
from core.enums import Role
from core.models import User
from judging.models import (
    Judge,
    JudgeConflict,
    Seat,
    Session,
    Sheet,
)
from judging.queries.sessions import READERS, found_or_refused


def judge_of(user: User) -> Judge:
    """The library card of a signed-in judge."""
    stmt = select(Judge).where(Judge.user_id == user.id).options(selectinload(Judge.pledges))
    return found_or_refused(db.session.scalar(stmt), "您的账号还没有对应的评委档案，请联系组委会办公室。")


def judges_visible_to(user: User) -> Select:
    return select(Judge).where(true() if user.role in (*READERS, Role.HOST) else false())


def judge_for(user: User, judge_id: int) -> Judge:
    stmt = judges_visible_to(user).where(Judge.id == judge_id).options(selectinload(Judge.pledges))
    return found_or_refused(db.session.scalar(stmt))


def active_judges() -> Sequence[Judge]:
    stmt = select(Judge).where(Judge.active, Judge.user_id.is_not(None))
    return db.session.scalars(stmt.order_by(Judge.name, Judge.id)).all()


def unlinked_judge_accounts(keep: int | None = None) -> Sequence[User]:
    """Accounts of the role judge that no card of the library uses yet."""
    used = select(Judge.user_id).where(Judge.user_id.is_not(None))
    free = or_(User.id.not_in(used), User.id == keep) if keep else User.id.not_in(used)
    stmt = select(User).where(User.role == Role.JUDGE, User.disabled_at.is_(None), free)
    return db.session.scalars(stmt.order_by(User.username)).all()


def recorders() -> Sequence[User]:
    stmt = select(User).where(User.role == Role.RECORDER, User.disabled_at.is_(None))
    return db.session.scalars(stmt.order_by(User.display_name)).all()


def witnesses() -> Sequence[User]:
    stmt = select(User).where(User.role == Role.SUPERVISION, User.disabled_at.is_(None))
    return db.session.scalars(stmt.order_by(User.display_name)).all()


def history_of(judge: Judge) -> list[tuple[Session, int, int]]:
    """(session, his sheets, submitted of them) of every panel the judge sat on, newest first."""
    counted = (
        select(
            Seat.session_id,
            func.count(Sheet.id).label("sheets"),
            func.count(Sheet.submitted_at).label("submitted"),
        )
        .outerjoin(Sheet, Sheet.seat_id == Seat.id)
        .where(Seat.judge_id == judge.id)
        .group_by(Seat.session_id)
        .subquery()
    )
    stmt = select(Session, counted.c.sheets, counted.c.submitted).join(
        counted, counted.c.session_id == Session.id
    )
    return [tuple(row) for row in db.session.execute(stmt.order_by(Session.starts_at.desc(), Session.id))]


def conflicts_of(judge: Judge) -> Sequence[JudgeConflict]:
    stmt = select(JudgeConflict).where(JudgeConflict.judge_id == judge.id)
    return db.session.scalars(stmt.options(joinedload(JudgeConflict.entry)).order_by(JudgeConflict.id)).all()


def conflict_pairs(judge_ids: Iterable[int], entry_ids: Iterable[int]) -> set[tuple[int, int]]:
    stmt = select(JudgeConflict.judge_id, JudgeConflict.entry_id).where(
        JudgeConflict.judge_id.in_(list(judge_ids)), JudgeConflict.entry_id.in_(list(entry_ids))
    )
    return {(judge, entry) for judge, entry in db.session.execute(stmt)}
