"""Reads of rankings and of what they are computed from."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, false, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, lazyload, load_only

from competition.enums import CandidacyState
from competition.models import Candidacy, Enterprise, Entry, Stage
from core.db import db
from core.models import User
from judging.enums import RankingState
from judging.models import (
    Judge,
    Ranking,
    RankingRow,
    Run,
    Score,
    Seat,
    Session,
    Sheet,
    TieDecision,
)
from judging.queries.sessions import READERS, found_or_refused
from judging.queries.sheets import score_values


def rankings_visible_to(user: User) -> Select:
    return select(Ranking).where(true() if user.role in READERS else false())


def ranking_for(user: User, ranking_id: int) -> Ranking:
    stmt = (
        rankings_visible_to(user)
        .where(Ranking.id == ranking_id)
        .options(joinedload(Ranking.region), joinedload(Ranking.track), joinedload(Ranking.frozen_by))
    )
    return found_or_refused(db.session.scalar(stmt))


def frozen_ranking_of(stage_id: int, entry: Entry) -> Ranking | None:
    """The frozen ranking of this stage that places this entry."""
    stmt = (
        select(Ranking)
        .where(
            Ranking.stage_id == stage_id, Ranking.state == RankingState.FROZEN, Ranking.group == entry.group
        )
        .where(or_(Ranking.region_id.is_(None), Ranking.region_id == entry.region_id))
        .where(
            or_(
                Ranking.track_id.is_(None), Ranking.track_id == (entry.track.room.id if entry.track else None)
            )
        )
    )
    return db.session.scalar(stmt.limit(1))


def frozen_ranking_in(unit) -> Ranking | None:
    """The frozen ranking of exactly this unit (a `judging.standings.Unit`)."""
    stmt = select(Ranking).where(
        Ranking.stage_id == unit.stage.id,
        Ranking.state == RankingState.FROZEN,
        Ranking.group == unit.group,
        Ranking.region_id == unit.region.id if unit.region else Ranking.region_id.is_(None),
        Ranking.track_id == unit.track.id if unit.track else Ranking.track_id.is_(None),
    )
    return db.session.scalar(stmt.limit(1))


def field_of(unit) -> Sequence[tuple[Candidacy, Run | None, Session | None]]:
    """Who competes in the unit, with his run and session in this stage."""
    here = (
        select(Run.id, Run.entry_id)
        .join(Session)
        .where(Session.stage_id == unit.stage.id, Run.calibration.is_(False))
        .subquery()
    )
    stmt = (
        select(Candidacy, Run, Session)
        .join(Entry, Entry.id == Candidacy.entry_id)
        .outerjoin(here, here.c.entry_id == Entry.id)
        .outerjoin(Run, Run.id == here.c.id)
        .outerjoin(Session, Session.id == Run.session_id)
        .where(Candidacy.stage_id == unit.stage.id, Candidacy.state == CandidacyState.COMPETING)
        .where(Entry.group == unit.group)
        .options(contains_eager(Candidacy.entry))
    )
    if unit.region is not None:
        stmt = stmt.where(Entry.region_id == unit.region.id)
    if unit.track is not None:
        stmt = stmt.where(Entry.track_id.in_([track.id for track in unit.track.sharing]))
    return db.session.execute(stmt.order_by(Entry.number)).unique().all()


def earlier_scores(stage: Stage, entry_ids: Iterable[int]) -> dict[int, int]:
    """Each entry's score in the nearest earlier round that scored it."""
    stmt = (
        select(Candidacy.entry_id, Candidacy.score_hundredths)
        .join(Stage)
        .where(
            Stage.edition_id == stage.edition_id,
            Stage.position < stage.position,
            Candidacy.entry_id.in_(list(entry_ids)),
            Candidacy.score_hundredths.is_not(None),
        )
        .order_by(Stage.position)
    )
    return dict(db.session.execute(stmt).all())


def ranked_sheets(stage: Stage, entry_ids: Iterable[int]) -> list[tuple[str, int, int, dict]]:
    """(entry number, entry id, judge id, {state, total, values}) of every sheet of these entries in the stage.

    With a second panel each sheet also names its own.
    """
    stmt = (
        select(
            *(Entry.number, Entry.id, Seat.judge_id, Seat.panel),
            *(Sheet.id, Sheet.state, Sheet.total_hundredths),
        )
        .select_from(Sheet)
        .join(Sheet.run)
        .join(Run.session)
        .join(Run.entry)
        .join(Sheet.seat)
        .where(Session.stage_id == stage.id, Run.entry_id.in_(list(entry_ids)), Run.calibration.is_(False))
    )
    values = score_values(
        select(Score.sheet_id).join(Sheet).join(Run).where(Run.entry_id.in_(list(entry_ids)))
    )
    return [
        (
            number,
            entry,
            judge,
            {"state": state.value, "total": total, "values": values.get(sheet, {})}
            | ({"panel": panel.value} if stage.second_panel else {}),
        )
        for number, entry, judge, panel, sheet, state, total in db.session.execute(stmt)
    ]


def ranking_rows(ranking: Ranking) -> Sequence[RankingRow]:
    entry = joinedload(RankingRow.entry).options(
        load_only(Entry.number, Entry.title),
        joinedload(Entry.enterprise).load_only(Enterprise.name),
        lazyload(Entry.track),
    )
    stmt = select(RankingRow).where(RankingRow.ranking_id == ranking.id).options(entry)
    return db.session.scalars(stmt.order_by(RankingRow.position)).all()


def tie_decisions_of(stage_id: int) -> Sequence[TieDecision]:
    stmt = select(TieDecision).where(TieDecision.stage_id == stage_id)
    return db.session.scalars(stmt.order_by(TieDecision.id)).all()


def frozen_rankings(stage: Stage) -> Sequence[Ranking]:
    stmt = select(Ranking).where(Ranking.stage_id == stage.id, Ranking.state == RankingState.FROZEN)
    return db.session.scalars(stmt.options(joinedload(Ranking.region), joinedload(Ranking.track))).all()


def judge_names(rows: Iterable[RankingRow]) -> dict[int, str]:
    """{judge id: name} of everybody whose score stands in these rows."""
    ids = set()
    for row in rows:
        for part in ("used", "dropped_high", "dropped_low"):
            ids.update(judge for judge, _ in row.detail[part])
        ids.update(row.detail["recused"])
        ids.update(judge for judge, _ in row.detail.get("second_look", {}).get("scores", ()))
    return dict(db.session.execute(select(Judge.id, Judge.name).where(Judge.id.in_(ids))).all())
