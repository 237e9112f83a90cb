"""The figures of the played edition, each from a query on the database; money in 分."""

from sqlalchemy import func, select

from awards.enums import AwardKind, AwardState
from awards.models import Award, Instalment
from competition.enums import CandidacyState, EventState, Group, StageKind, VisitState
from competition.models import (
    Candidacy,
    Edition,
    Entry,
    Recommendation,
    RecommendationList,
    Training,
    Visit,
)
from competition.round_wiring import entries_accepted, entries_registered, training_attendances
from core.db import db
from demo import edition_2018 as data
from fund import queries as fund_queries
from judging.models import Session

LIVE = (AwardState.CONFIRMED, AwardState.SETTLED)
LINE, FUND = "F18-C", "F18"


def count(*conditions, of) -> int:
    return db.session.scalar(select(func.count(of)).where(*conditions)) or 0


def summary() -> dict:
    edition = db.session.scalar(select(Edition).where(Edition.code == data.CODE))
    registered = (Entry.edition_id == edition.id, Entry.submitted_at.is_not(None))
    stage = {row.kind: row.id for row in edition.stages}
    totals = fund_queries.line_totals(fund_queries.line_by_code(LINE))
    return {
        "entries_registered": entries_registered(data.YEAR),
        "entries_accepted": entries_accepted(data.YEAR),
        "entries_startup": count(*registered, Entry.group == Group.STARTUP, of=Entry.id),
        "entries_growth": count(*registered, Entry.group == Group.GROWTH, of=Entry.id),
        "regional_contests": _regional_contests(stage[StageKind.REGIONAL]),
        "trainings": count(
            Training.edition_id == edition.id, Training.state == EventState.HELD, of=Training.id
        ),
        "training_attendances": training_attendances(data.YEAR),
        "due_diligence_reports": count(
            Visit.stage_id == stage[StageKind.REGIONAL], Visit.state == VisitState.SIGNED, of=Visit.id
        ),
        "recommended": db.session.scalar(
            select(func.count(Recommendation.id))
            .join(RecommendationList)
            .where(RecommendationList.edition_id == edition.id)
        ),
        "finalists": _finalists(stage[StageKind.FINAL]),
        "awards": _awards(edition),
        "prizes": _prizes(edition),
        "event_costs_fen": _items(False, Award.kind == AwardKind.EVENT_COST)["amount_fen"],
        "new_items": _items(False),
        "carried_items": _items(True),
        "budget_line": {
            "code": LINE,
            "issued_fen": totals.issued_fen,
            "held_fen": totals.held_fen,
            "paid_fen": totals.paid_fen,
            "available_fen": totals.available_fen,
        },
        "fund_total_fen": fund_queries.line_totals(fund_queries.line_by_code(FUND)).issued_fen,
    }


def _regional_contests(stage_id: int) -> int:
    """Regions that held their contest: with a session that was locked."""
    stmt = select(func.count(func.distinct(Session.region_id)))
    return db.session.scalar(stmt.where(Session.stage_id == stage_id, Session.locked_at.is_not(None)))


def _finalists(stage_id: int) -> int:
    gone = (CandidacyState.WITHDRAWN, CandidacyState.DISQUALIFIED)
    return count(Candidacy.stage_id == stage_id, Candidacy.state.not_in(gone), of=Candidacy.id)


def _awards(edition: Edition) -> list[dict]:
    rows = db.session.execute(
        select(Award.group, Award.tier_name, func.count(Award.id), func.sum(Award.amount_fen))
        .where(Award.edition_id == edition.id, Award.state.in_(LIVE))
        .group_by(Award.group, Award.tier_name)
        .order_by(Award.group, func.max(Award.amount_fen).desc(), Award.tier_name)
    )
    return [{"group": g.value, "tier": tier, "count": n, "amount_fen": int(fen)} for g, tier, n, fen in rows]


def _prizes(edition: Edition) -> dict:
    row = db.session.execute(
        select(func.count(func.distinct(Award.payee_id)), func.sum(Award.amount_fen)).where(
            Award.edition_id == edition.id, Award.kind == AwardKind.PRIZE, Award.state.in_(LIVE)
        )
    ).one()
    return {"enterprises": row[0], "amount_fen": int(row[1] or 0)}


def _items(carried: bool, *more) -> dict:
    """Items on the 2018 line and the money this year pays of them (a carried one: its tail)."""
    row = db.session.execute(
        select(func.count(func.distinct(Award.id)), func.sum(Instalment.fen))
        .join(Instalment)
        .where(Award.fiscal_year == data.YEAR, Award.item_carried.is_(carried), Award.state.in_(LIVE), *more)
    ).one()
    return {"count": row[0], "amount_fen": int(row[1] or 0)}
