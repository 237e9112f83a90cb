"""Reads of sessions and runs. Whose sessions a person may know of is decided here."""

from collections.abc import Sequence

from sqlalchemy import Select, false, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from competition.enums import CandidacyState, Group
from competition.models import Candidacy, Edition, Entry, RegionPrefecture, Stage
from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.models import User
from judging.enums import SessionState
from judging.models import (
    Correction,
    Judge,
    Run,
    Seat,
    Session,
    Sheet,
    Signature,
)

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER)
# Who is no longer in the round is not ranked.
LEFT = (CandidacyState.WITHDRAWN, CandidacyState.DISQUALIFIED)


def visible_to(user: User) -> Select:
    """The sessions this person may know of: staff all, recorder his own, region its own, judge his seats.

    A host also runs the rounds that belong to no region: industry rounds and finals.
    """
    return select(Session).where(session_condition(user))


def session_condition(user: User):
    if user.role in READERS:
        return true()
    if user.role == Role.RECORDER:
        return Session.recorder_id == user.id
    if user.role in (Role.HOST, Role.REGIONAL):
        regions = select(RegionPrefecture.region_id).where(
            RegionPrefecture.division_code.in_(user.prefectures)
        )
        own = Session.region_id.in_(regions)
        return own | Session.region_id.is_(None) if user.role == Role.HOST else own
    if user.role == Role.JUDGE:
        mine = select(Seat.session_id).join(Judge).where(Judge.user_id == user.id)
        return Session.id.in_(mine)
    return false()


def visible_among(user: User, session_ids: list[int]) -> set[int]:
    stmt = select(Session.id).where(session_condition(user), Session.id.in_(session_ids))
    return set(db.session.scalars(stmt))


def session_for(user: User, session_id: int) -> Session:
    """One session with its panel, its running order and the entries, or nothing at all."""
    stmt = (
        visible_to(user)
        .where(Session.id == session_id)
        .options(
            joinedload(Session.stage).joinedload(Stage.edition),
            selectinload(Session.seats).joinedload(Seat.judge),
            selectinload(Session.runs).joinedload(Run.entry),
            joinedload(Session.region),
            joinedload(Session.track),
            joinedload(Session.recorder),
            joinedload(Session.witness),
        )
    )
    return found_or_refused(db.session.scalars(stmt).unique().one_or_none())


def run_for(user: User, run_id: int) -> Run:
    stmt = select(Run).join(Session).where(Run.id == run_id, session_condition(user))
    return found_or_refused(
        db.session.scalar(stmt.options(joinedload(Run.entry), contains_eager(Run.session)))
    )


def missing_sheets(session: Session) -> int:
    """Sheets that must still come in before the lock; absent entries and recused judges are not waited for."""
    stmt = select(func.count(Run.id), func.coalesce(func.sum(Run.expected_sheets - Run.submitted_sheets), 0))
    _, missing = db.session.execute(stmt.where(Run.session_id == session.id, Run.state != "absent")).one()
    return missing


def open_correction_exists(session: Session) -> bool:
    stmt = (
        select(Correction.id)
        .join(Correction.sheet)
        .join(Sheet.run)
        .where(Run.session_id == session.id, Correction.state == "requested")
    )
    return db.session.scalar(stmt.limit(1)) is not None


def signatures_of(session: Session) -> Sequence[Signature]:
    stmt = select(Signature).where(Signature.session_id == session.id).options(joinedload(Signature.user))
    return db.session.scalars(stmt.order_by(Signature.id)).all()


def has_signature(session: Session) -> bool:
    return (
        db.session.scalar(select(Signature.id).where(Signature.session_id == session.id).limit(1)) is not None
    )


def digest_lines(session: Session) -> list[list]:
    """Draw number, entry, state and score of each run with the state, total and digest of each of its sheets."""
    stmt = (
        select(
            Run.draw_number,
            Run.entry_id,
            Run.state,
            Run.score_hundredths,
            Seat.judge_id,
            Sheet.state,
            Sheet.total_hundredths,
            Sheet.digest,
        )
        .select_from(Sheet)
        .join(Sheet.run)
        .join(Sheet.seat)
        .where(Run.session_id == session.id)
        .order_by(Run.draw_number, Seat.judge_id)
    )
    return [list(row) for row in db.session.execute(stmt)]


def free_entries_for(session: Session) -> Sequence[Entry]:
    """Entries competing in the stage that fit the session and that no session of the stage holds yet."""
    held = select(Run.entry_id).join(Session).where(Session.stage_id == session.stage_id)
    stmt = (
        select(Entry)
        .join(Candidacy, Candidacy.entry_id == Entry.id)
        .where(
            Candidacy.stage_id == session.stage_id,
            Candidacy.state == CandidacyState.COMPETING,
            Entry.id.not_in(held),
        )
    )
    for column, wanted in (
        (Entry.region_id, session.region_id),
        (Entry.group, session.group),
    ):
        if wanted is not None:
            stmt = stmt.where(column == wanted)
    if session.track is not None:
        stmt = stmt.where(Entry.track_id.in_([track.id for track in session.track.sharing]))
    return db.session.scalars(stmt.order_by(Entry.number)).all()


def entry_by_number(number: str) -> Entry | None:
    return db.session.scalar(select(Entry).where(Entry.number == number))


def stages() -> Sequence[Stage]:
    """Every stage of every edition, newest edition first, for the toolbars."""
    stmt = select(Stage).join(Edition).options(contains_eager(Stage.edition))
    return db.session.scalars(stmt.order_by(Edition.year.desc(), Stage.position)).all()


def stage_by_id(stage_id: int) -> Stage:
    return found_or_refused(db.session.get(Stage, stage_id, options=[joinedload(Stage.edition)]))


def found_or_refused(row, sentence: str | None = None):
    if row is None:
        raise NotVisible(sentence)
    return row


def board_session(user: User, session_id: int) -> Session:
    """A session for the big screen: its own people, and everybody once its board is public."""
    stmt = (
        select(Session)
        .where(Session.id == session_id, _board_condition(user))
        .options(
            joinedload(Session.stage).joinedload(Stage.edition),
            selectinload(Session.runs).joinedload(Run.entry),
            joinedload(Session.region),
            joinedload(Session.track),
        )
    )
    return found_or_refused(db.session.scalars(stmt).unique().one_or_none())


def board_version(user: User, session_id: int) -> str:
    """Changes with every call, reveal, recusal and lock, and with every submitted sheet; one statement."""
    lights = select(func.coalesce(func.sum(Run.submitted_sheets), 0)).where(Run.session_id == Session.id)
    stmt = select(Session.board_version, lights.scalar_subquery())
    row = db.session.execute(stmt.where(Session.id == session_id, _board_condition(user))).one_or_none()
    return "{}.{}".format(*found_or_refused(row))


def _board_condition(user: User):
    public = Session.public_board & (Session.state != SessionState.PLANNED)
    if not user.is_authenticated:
        return public
    return or_(public, session_condition(user))


def field_with_sessions(stage: Stage) -> list[tuple[Group, int | None, int | None, Session | None]]:
    """(group, region, track, session or none) of everyone competing in the stage."""
    here = (
        select(Run.session_id, Run.entry_id)
        .join(Session, Session.id == Run.session_id)
        .where(Session.stage_id == stage.id, Run.calibration.is_(False))
        .subquery()
    )
    stmt = (
        select(Entry.group, Entry.region_id, Entry.track_id, Session)
        .join(Candidacy, Candidacy.entry_id == Entry.id)
        .outerjoin(here, here.c.entry_id == Entry.id)
        .outerjoin(Session, Session.id == here.c.session_id)
        .where(Candidacy.stage_id == stage.id, Candidacy.state.not_in(LEFT))
    )
    return [tuple(row) for row in db.session.execute(stmt.order_by(Entry.number)).unique()]
