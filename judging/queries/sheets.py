"""Reads of criteria, score sheets and corrections."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from competition.enums import Group
from competition.models import Attachment, Criterion, Edition, Enterprise, Entry, Region, Stage
from core.db import db
from core.enums import Role
from core.models import User
from judging.enums import RunState, SeatPanel, SessionState, SheetState
from judging.models import (
    Correction,
    Judge,
    Pledge,
    Run,
    Score,
    Seat,
    Session,
    Sheet,
)
from judging.queries.sessions import found_or_refused, session_condition


def criteria_of(stage: Stage, group: Group) -> list[Criterion]:
    """The score sheet of one group in a round, in order: the round's own criteria, else the edition's."""
    return criteria_by_group(stage)[group]


def criteria_by_group(stage: Stage) -> dict[Group, list[Criterion]]:
    stmt = select(Criterion).where(
        Criterion.edition_id == stage.edition_id,
        or_(Criterion.stage_id.is_(None), Criterion.stage_id == stage.id),
    )
    general: dict[Group, list[Criterion]] = {group: [] for group in Group}
    own: dict[Group, list[Criterion]] = {group: [] for group in Group}
    for criterion in db.session.scalars(stmt.order_by(Criterion.position)):
        (own if criterion.stage_id else general)[criterion.group].append(criterion)
    return {group: own[group] or general[group] for group in Group}


def own_sheet(user: User, sheet_id: int) -> Sheet:
    """A judge's own sheet with everything scoring needs, in one statement; another's sheet does not exist."""
    stmt = (
        select(Sheet)
        .join(Sheet.seat)
        .join(Seat.judge)
        .where(Sheet.id == sheet_id, Judge.user_id == user.id)
        .options(
            contains_eager(Sheet.seat).contains_eager(Seat.judge).joinedload(Judge.pledges),
            joinedload(Sheet.run).joinedload(Run.entry).joinedload(Entry.region).lazyload(Region.prefectures),
            joinedload(Sheet.run).joinedload(Run.session).joinedload(Session.stage).joinedload(Stage.edition),
            joinedload(Sheet.scores),
        )
    )
    return found_or_refused(db.session.scalars(stmt).unique().one_or_none())


def sheet_of_panel(user: User, sheet_id: int) -> Sheet:
    """A sheet of a session the person may see, for the chair's request; values are shown by `may_see_values`."""
    stmt = (
        select(Sheet)
        .join(Sheet.run)
        .join(Run.session)
        .where(Sheet.id == sheet_id, session_condition(user))
        .options(joinedload(Sheet.scores), contains_eager(Sheet.run).contains_eager(Run.session))
    )
    return found_or_refused(db.session.scalars(stmt).unique().one_or_none())


def sheets_of(session: Session, *, with_scores: bool = False) -> list[Sheet]:
    """Every sheet of a session in running order, then seat; runs and seats come from the loaded session."""
    stmt = select(Sheet).join(Sheet.run).where(Run.session_id == session.id)
    if with_scores:
        stmt = stmt.options(selectinload(Sheet.scores))
    found = db.session.scalars(stmt.order_by(Run.draw_number, Sheet.seat_id)).all()
    return list(found)


def totals_of(run: Run) -> list[tuple[int, SheetState, int | None, SeatPanel]]:
    """(judge id, state, total, panel) of a run's sheets: what its score is made of."""
    stmt = (
        select(Seat.judge_id, Sheet.state, Sheet.total_hundredths, Seat.panel)
        .join(Sheet.seat)
        .where(Sheet.run_id == run.id)
    )
    return [tuple(row) for row in db.session.execute(stmt)]


def short_panel(run: Run) -> SeatPanel | None:
    """The panel that lacks judges for this entry, the main one first; None where both are full."""
    stage = run.session.stage
    sizes = {SeatPanel.MAIN: stage.panel_size, SeatPanel.SECOND: stage.second_panel.get("size", 0)}
    scoring = Counter(panel for _, state, _, panel in totals_of(run) if state != SheetState.RECUSED)
    return next((panel for panel, size in sizes.items() if scoring[panel] < size), None)


def score_values(sheet_ids) -> dict[int, dict[str, int]]:
    """{sheet id: {criterion code: hundredths}} of the sheets a subquery names."""
    stmt = (
        select(Score.sheet_id, Criterion.code, Score.hundredths)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .where(Score.sheet_id.in_(sheet_ids))
    )
    found: dict[int, dict[str, int]] = {}
    for sheet, code, value in db.session.execute(stmt):
        found.setdefault(sheet, {})[code] = value
    return found


def corrections_visible_to(user: User) -> Select:
    """Requests of the sessions a person sees; a judge sees those of the panels he chairs."""
    condition = session_condition(user)
    if user.role == Role.JUDGE:
        condition = Correction.requested_by_id == user.id
    return (
        select(Correction)
        .join(Correction.sheet)
        .join(Sheet.run)
        .join(Run.session)
        .where(condition)
        .options(
            contains_eager(Correction.sheet).contains_eager(Sheet.run).contains_eager(Run.session),
            contains_eager(Correction.sheet, Sheet.run).joinedload(Run.entry),
            joinedload(Correction.requested_by),
            joinedload(Correction.decided_by),
        )
    )


def correction_for(user: User, correction_id: int) -> Correction:
    return found_or_refused(
        db.session.scalar(corrections_visible_to(user).where(Correction.id == correction_id))
    )


def corrections_of(session: Session) -> Sequence[Correction]:
    stmt = (
        select(Correction)
        .join(Correction.sheet)
        .join(Sheet.run)
        .where(Run.session_id == session.id)
        .options(
            contains_eager(Correction.sheet).contains_eager(Sheet.run), joinedload(Correction.requested_by)
        )
    )
    return db.session.scalars(stmt.order_by(Correction.id)).all()


def open_correction_of(sheet: Sheet) -> bool:
    stmt = select(Correction.id).where(Correction.sheet_id == sheet.id, Correction.state == "requested")
    return db.session.scalar(stmt.limit(1)) is not None


class Work(NamedTuple):
    """One line of a judge's list: plain columns, so that a long list costs one statement and no objects."""

    session_id: int
    session: str
    session_state: SessionState
    room: str
    starts_at: datetime
    only_on_stage: bool
    is_chair: bool
    stage: str
    edition_id: int
    edition: str
    pledge_id: int | None
    sheet_id: int | None
    state: SheetState | None
    total: int | None
    draw_number: int | None
    run_state: RunState | None
    number: str | None
    title: str | None
    enterprise: str | None


def work_of(user: User) -> list[Work]:
    """Everything a judge has to do: seats with their sheets, sessions newest first, entries in running order."""
    stmt = (
        select(
            Session.id,
            Session.name,
            Session.state,
            Session.room,
            Session.starts_at,
            Session.only_on_stage,
            Seat.is_chair,
            Stage.name,
            Edition.id,
            Edition.name,
            Pledge.id,
            Sheet.id,
            Sheet.state,
            Sheet.total_hundredths,
            Run.draw_number,
            Run.state,
            Entry.number,
            Entry.title,
            Enterprise.name,
        )
        .select_from(Judge)
        .join(Seat, Seat.judge_id == Judge.id)
        .join(Session, Session.id == Seat.session_id)
        .join(Stage, Stage.id == Session.stage_id)
        .join(Edition, Edition.id == Stage.edition_id)
        .outerjoin(Pledge, (Pledge.judge_id == Judge.id) & (Pledge.edition_id == Edition.id))
        .outerjoin(Sheet, Sheet.seat_id == Seat.id)
        .outerjoin(Run, Run.id == Sheet.run_id)
        .outerjoin(Entry, Entry.id == Run.entry_id)
        .outerjoin(Enterprise, Enterprise.id == Entry.enterprise_id)
        .where(Judge.user_id == user.id)
        .order_by(Session.starts_at.desc(), Session.id, Run.draw_number, Sheet.id)
    )
    return [Work(*row) for row in db.session.execute(stmt)]


def neighbours_of(sheet: Sheet) -> tuple[int | None, int | None]:
    """The judge's sheets before and after this one in the running order, recused ones passed over."""
    stmt = (
        select(Sheet.id)
        .join(Run, Run.id == Sheet.run_id)
        .where(Sheet.seat_id == sheet.seat_id, Sheet.state != SheetState.RECUSED)
        .order_by(Run.draw_number)
    )
    order = list(db.session.scalars(stmt))
    if sheet.id not in order:
        return None, order[0] if order else None
    place = order.index(sheet.id)
    return (order[place - 1] if place else None), (order[place + 1] if place + 1 < len(order) else None)


def attachments_of(entry: Entry) -> Sequence[Attachment]:
    """The papers of an entry that are in force."""
    stmt = select(Attachment).where(Attachment.entry_id == entry.id, Attachment.replaced_at.is_(None))
    return db.session.scalars(stmt.order_by(Attachment.kind, Attachment.id)).all()


def edition_judged_by(judge: Judge, edition_id: int) -> Edition:
    """An edition this judge has a seat in."""
    seated = select(Stage.edition_id).join(Session).join(Seat).where(Seat.judge_id == judge.id)
    return found_or_refused(
        db.session.scalar(select(Edition).where(Edition.id == edition_id, Edition.id.in_(seated)))
    )
