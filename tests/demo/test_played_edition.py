"""The 2018 edition as played: the seed's figures, and that what happened in 2018 happened here."""

import csv
import json

import pytest
from sqlalchemy import func, select

from awards.enums import NoticeState, ObjectionState
from awards.models import Notice, Objection, Payment, PaymentStep
from competition.enums import EntryState, StageKind
from competition.models import (
    Entry,
    MatchGuest,
    RecommendationList,
    Region,
    RegionPrefecture,
    ReviewDecision,
    Stage,
)
from core.app import create_app
from core.db import db
from core.models import AuditEvent
from core.settings import from_environment
from demo import edition_2018 as data
from demo.play import fund
from fund.models import BudgetLine, Indicator, ReconciliationFinding
from judging.models import Seat, Session, Sheet

WAN = 1_000_000


@pytest.fixture(scope="module")
def summary(played_origin) -> dict:
    return json.loads(played_origin.flask("demo", "summary", "--json").stdout)


@pytest.fixture(scope="module")
def rows(played_copy):
    """The played rows, to be read only."""
    with create_app(from_environment(played_copy().environment)).app_context():
        yield db.session
        db.session.rollback()
        db.engine.dispose()


def count(rows, model, *conditions) -> int:
    return rows.scalar(select(func.count()).select_from(model).where(*conditions))


def test_figures_are_those_of_the_report(summary):
    expected = {
        "entries_registered": 712,
        "regional_contests": 11,
        "trainings": 12,
        "training_attendances": 1200,
        "prizes": {"enterprises": 55, "amount_fen": 1290 * WAN},
        "event_costs_fen": 120 * WAN,
        "new_items": {"count": 68, "amount_fen": 1485 * WAN},
        "carried_items": {"count": 57, "amount_fen": 515 * WAN},
        "fund_total_fen": 7000 * WAN,
    }
    assert {key: summary[key] for key in expected} == expected
    assert summary["budget_line"] == {
        "code": "F18-C",
        "issued_fen": 2000 * WAN,
        "held_fen": 0,
        "paid_fen": 2000 * WAN,
        "available_fen": 0,
    }


def test_figures_tie_out(summary):
    units = sum(a["amount_fen"] for a in summary["awards"] if a["group"] == "unit")
    prizes = sum(a["amount_fen"] for a in summary["awards"] if a["group"] != "unit")
    assert prizes == summary["prizes"]["amount_fen"]
    assert prizes + units == summary["new_items"]["amount_fen"]
    assert sum(a["count"] for a in summary["awards"]) == summary["new_items"]["count"]
    assert units == summary["event_costs_fen"] + 75 * WAN
    both = summary["new_items"]["amount_fen"] + summary["carried_items"]["amount_fen"]
    assert both == summary["budget_line"]["paid_fen"]
    assert summary["entries_startup"] + summary["entries_growth"] == summary["entries_registered"]


def test_entries_met_every_fate(rows):
    edition = [Entry.number.like("XJ2018-%")]
    states = dict(rows.execute(select(Entry.state, func.count()).where(*edition).group_by(Entry.state)).all())
    assert states[EntryState.REJECTED] > 10 and states[EntryState.WITHDRAWN] > 2
    assert (sum(states.values()) - states[EntryState.REJECTED] - states[EntryState.WITHDRAWN]) / 712 > 0.88
    ours = {str(identity) for identity in rows.scalars(select(Entry.id).where(*edition))}
    returned = rows.scalars(select(AuditEvent.subject_id).where(AuditEvent.action == "entry.return")).all()
    again = rows.scalars(
        select(AuditEvent.subject_id)
        .where(AuditEvent.action == "entry.submit")
        .group_by(AuditEvent.subject_id)
        .having(func.count() > 1)
    ).all()
    assert ours & set(returned) == ours & set(again) and len(returned) > 10
    assert len(set(rows.scalars(select(ReviewDecision.reason_code))) - {""}) > 2


def test_rounds_were_held_as_in_2018(rows):
    edition_id = rows.scalar(select(Entry.edition_id).where(Entry.number == "XJ2018-0001"))
    regions = rows.execute(
        select(Region.id, func.count())
        .join(RegionPrefecture, RegionPrefecture.region_id == Region.id)
        .where(Region.edition_id == edition_id)
        .group_by(Region.id)
    ).all()
    prefectures = sorted(held for _, held in regions)
    assert sum(prefectures) == 14 and 2 in prefectures
    seats = {}
    for kind, seated in rows.execute(
        select(Stage.kind, func.count(Seat.id))
        .join(Session, Session.stage_id == Stage.id)
        .join(Seat, Seat.session_id == Session.id)
        .group_by(Stage.kind, Session.id)
    ):
        seats.setdefault(kind, set()).add(seated)
    assert seats == {StageKind.REGIONAL: {5}, StageKind.INDUSTRY: {5}, StageKind.FINAL: {7}}
    assert count(rows, Sheet) > 4000


def test_guests_of_the_matchmaking_event(rows):
    guests = dict(rows.execute(select(MatchGuest.kind, func.count()).group_by(MatchGuest.kind)).all())
    assert sorted(guests.values()) == [5, 12, 15]


def test_recommendation_was_sent_before_the_finals(rows):
    sent = rows.scalar(select(RecommendationList.sent_at))
    finals = rows.scalar(
        select(func.min(AuditEvent.at))
        .where(AuditEvent.action == "judging_session.start")
        .where(
            AuditEvent.subject_id.in_(
                str(i)
                for i in rows.scalars(select(Session.id).join(Stage).where(Stage.kind == StageKind.FINAL))
            )
        )
    )
    assert sent < finals


def test_notices_and_objections_ended(rows):
    assert set(rows.scalars(select(Notice.state))) <= {NoticeState.CLOSED, NoticeState.FINAL}
    assert set(rows.scalars(select(Objection.state))) == {ObjectionState.UPHELD, ObjectionState.DISMISSED}


def test_one_bank_return_was_paid_again(rows):
    assert sorted(rows.scalars(select(Payment.attempt)))[-2:] == [1, 2]


def test_every_payment_was_signed_by_four_people(rows):
    stmt = select(func.count(), func.count(PaymentStep.actor_id.distinct()))
    stmt = stmt.where(~PaymentStep.voided).group_by(PaymentStep.payment_id)
    signatures = rows.execute(stmt).all()
    assert set(signatures) == {(4, 4)}
    assert len(signatures) == count(rows, Payment)


def test_fund_tree_and_indicators_are_those_of_the_data(rows):
    assert count(rows, Indicator, Indicator.fiscal_year == data.YEAR) == 49
    root = rows.scalar(select(BudgetLine).where(BudgetLine.code == "F18"))
    programmes = rows.scalars(select(BudgetLine.code).where(BudgetLine.parent_id == root.id)).all()
    assert len(programmes) == 3


def test_play_refuses_a_database_that_holds_anything(played_copy):
    played = played_copy()
    done = played.flask("demo", "play")
    assert done.returncode == 1 and "不能再演入" in done.stderr
    assert played.flask("demo", "play", "--if-empty").returncode == 0


def test_report_as_handed_in_is_reconciled(rows):
    """Lines of the played edition hold no claims copied from the table: what only those show is not met (R06, where R19 is filed)."""
    found = rows.execute(select(ReconciliationFinding.rule, ReconciliationFinding.ref_code))
    met = {tuple(row) for row in found}
    with (fund.DATA / "reconciliation_findings_2018.csv").open(encoding="utf-8") as file:
        golden = {(row["rule"], row["ref_code"]) for row in csv.DictReader(file)}
    assert golden - met == {("count_mismatch", "F18-C-1"), ("misplaced_indicator", "F18-C-1")}
    assert {rule for rule, _ in met - golden} <= {"misplaced_indicator"}
