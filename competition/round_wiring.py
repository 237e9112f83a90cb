"""Names, doors and figures of rounds, visits, events and recommendations."""

from collections.abc import Callable

from sqlalchemy import func, select

from competition.enums import EVER_ACCEPTED, EventState
from competition.models import Edition, Entry, Training
from core import nav, trail
from core.db import db, explain_constraint
from core.enums import Role
from fund import indicators

ACTIONS = {
    "stage.open": "开始本轮",
    "stage.field": "确定本轮名单",
    "stage.results": "写入成绩",
    "stage.decide": "确定晋级",
    "candidacy.advance": "晋级",
    "candidacy.reserve": "列为递补",
    "candidacy.drop": "未晋级",
    "candidacy.move_up": "递补晋级",
    "candidacy.withdraw": "弃赛",
    "candidacy.disqualify": "取消资格",
    "visit.plan": "安排尽职调查",
    "visit.record": "填写调查情况",
    "visit.sign": "签字确认",
    "training.plan": "安排培训",
    "training.check_in": "培训签到",
    "training.hold": "举办培训",
    "training.cancel": "取消培训",
    "match_event.plan": "安排对接会",
    "match_event.hold": "举办对接会",
    "match_guest.add": "登记参会单位",
    "intention.note": "登记意向",
    "intention.realise": "登记落实",
    "recommendation_list.draft": "生成推荐名单",
    "recommendation_list.send": "上报推荐名单",
    "recommendation.opinion": "填写推荐意见",
}
CONSTRAINTS = {
    "uq_training_attendance": "该人员已签到。",
    "uq_match_guest": "该单位已登记。",
    "uq_visit_entry_id": "该项目已安排尽职调查。",
    "uq_candidacy_stage_id_entry_id": "该项目已在本轮。",
}


def of_year(fiscal_year: int):
    """The editions whose figures a budget year reports: those held in that year."""
    return select(Edition.id).where(Edition.year == fiscal_year)


def entries_registered(fiscal_year: int) -> int:
    """Enterprises that submitted at least once."""
    stmt = select(func.count(Entry.id)).where(
        Entry.edition_id.in_(of_year(fiscal_year)), Entry.submitted_at.is_not(None)
    )
    return db.session.scalar(stmt) or 0


def entries_accepted(fiscal_year: int) -> int:
    stmt = select(func.count(Entry.id)).where(
        Entry.edition_id.in_(of_year(fiscal_year)), Entry.state.in_(EVER_ACCEPTED)
    )
    return db.session.scalar(stmt) or 0


def trainings_held(fiscal_year: int) -> int:
    return (
        db.session.scalar(
            select(func.count(Training.id)).where(
                Training.edition_id.in_(of_year(fiscal_year)), Training.state == EventState.HELD
            )
        )
        or 0
    )


def training_attendances(fiscal_year: int) -> int:
    return (
        db.session.scalar(
            select(func.sum(Training.attendance_count)).where(
                Training.edition_id.in_(of_year(fiscal_year)), Training.state == EventState.HELD
            )
        )
        or 0
    )


def _rows_of_year(state: dict[str, str]) -> Callable[[int], dict[str, object]]:
    """The filter of a list that leaves exactly the rows counted; a year has one edition."""

    def arguments(fiscal_year: int) -> dict[str, object]:
        newest = (
            select(Edition.code)
            .where(Edition.year == fiscal_year, Edition.revises_id.is_(None))
            .order_by(Edition.id.desc())
            .limit(1)
        )
        return {"edition": db.session.scalar(newest) or "", **state}

    return arguments


def provide() -> None:
    for name, sentence in CONSTRAINTS.items():
        explain_constraint(name, sentence)
    trail.name_actions(ACTIONS)
    for name, query, label, endpoint, state in (
        ("entries_registered", entries_registered, "报名企业数", "competition.entries", {}),
        (
            "entries_accepted",
            entries_accepted,
            "审核通过企业数",
            "competition.entries",
            {"state": "admitted"},
        ),
        ("trainings_held", trainings_held, "培训场次", "competition.trainings", {"state": "held"}),
        (
            "training_attendances",
            training_attendances,
            "培训人次",
            "competition.trainings",
            {"state": "held"},
        ),
    ):
        indicators.provide(name, query, label=label, endpoint=endpoint, arguments=_rows_of_year(state))
    staff = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.REGIONAL)
    nav.provide(
        "尽职调查",
        "competition.visits",
        "clipboard-check",
        *staff,
        Role.DUE_DILIGENCE,
        order=140,
        section="赛事",
    )
    nav.provide("培训", "competition.trainings", "mortarboard", *staff, Role.HOST, order=150, section="赛事")
    nav.provide(
        "投融资对接会", "competition.match_events", "cash-stack", *staff, Role.HOST, order=160, section="赛事"
    )
