"""赛事情况统计表 for the torch centre (火炬中心): the edition in figures, each with how it is counted.

That the centre asks each region for such a table is known (DOMAIN.md 5.4), its form is not: the rows are this product's
own proposal and the page says so. Every figure is counted from the rows its page shows.
"""

from dataclasses import dataclass

from sqlalchemy import distinct, func, select

from competition import outcomes
from competition.enums import (
    EventState,
    GuestKind,
    IntentionKind,
    StageKind,
    VisitConclusion,
    VisitState,
)
from competition.models import (
    Candidacy,
    Edition,
    Enterprise,
    Entry,
    Intention,
    MatchEvent,
    MatchGuest,
    Recommendation,
    RecommendationList,
    Stage,
    Training,
    Visit,
)
from competition.queries.figures import ACCEPTED, registration_figures
from core.db import db
from core.money import wan


@dataclass(frozen=True)
class Figure:
    section: str
    label: str
    value: str
    unit: str
    counted: str


def figures_of(edition: Edition) -> list[Figure]:
    return [
        *_registration(edition),
        *_rounds(edition),
        *_diligence(edition),
        *_trainings(edition),
        *_matchmaking(edition),
        *_results(edition),
    ]


def _registration(edition: Edition) -> list[Figure]:
    found = registration_figures(edition)
    section = "报名与审核"
    rows = [
        Figure(section, "报名企业数", str(found.submitted), "家", "至少提交过一次报名"),
        Figure(section, "参赛有效企业数", str(found.accepted), "家", "通过两级审核，含后来取消资格的"),
    ]
    for words, breakdown in (
        ("组别", found.by_group),
        ("行业", found.by_track),
        ("地州市", found.by_prefecture),
    ):
        for row in breakdown:
            rows.append(
                Figure(f"按{words}", f"{row.name}报名", str(row.submitted), "家", "至少提交过一次报名")
            )
            rows.append(Figure(f"按{words}", f"{row.name}参赛有效", str(row.accepted), "家", "通过两级审核"))
    return rows + _kinds(edition)


def _kinds(edition: Edition) -> list[Figure]:
    """Of the accepted ones: technology SMEs and high-tech enterprises, by the numbers they registered with."""
    stmt = select(
        func.count(Entry.id).filter(Enterprise.sme_number != ""),
        func.count(Entry.id).filter(Enterprise.hightech_number != ""),
    ).join(Entry.enterprise)
    sme, hightech = db.session.execute(
        stmt.where(Entry.edition_id == edition.id, Entry.state.in_(ACCEPTED))
    ).one()
    return [
        Figure("企业类型", "科技型中小企业", str(sme), "家", "参赛有效且有入库登记编号"),
        Figure("企业类型", "高新技术企业", str(hightech), "家", "参赛有效且有高企证书编号"),
    ]


def _rounds(edition: Edition) -> list[Figure]:
    stmt = (
        select(Stage.kind, func.count(distinct(Candidacy.entry_id)))
        .join(Candidacy, Candidacy.stage_id == Stage.id)
        .where(Stage.edition_id == edition.id)
        .group_by(Stage.kind)
    )
    entered = dict(db.session.execute(stmt).all())
    kinds = [kind for kind in StageKind if any(stage.kind == kind for stage in edition.stages)]
    regions = Figure("比赛", "赛区", str(len(edition.regions)), "个", "本届设置的赛区")
    return [
        regions,
        *(
            Figure("比赛", f"{kind.label}参赛项目", str(entered.get(kind, 0)), "个", "列入该轮名单的项目")
            for kind in kinds
        ),
    ]


def _diligence(edition: Edition) -> list[Figure]:
    stmt = (
        select(Visit.conclusion, func.count(Visit.id))
        .join(Visit.entry)
        .where(Entry.edition_id == edition.id, Visit.state == VisitState.SIGNED)
        .group_by(Visit.conclusion)
    )
    by_conclusion = dict(db.session.execute(stmt).all())
    passed = by_conclusion.get(VisitConclusion.PASS, 0)
    return [
        Figure("尽职调查", "调查企业", str(sum(by_conclusion.values())), "家", "已签字的尽职调查"),
        Figure("尽职调查", "结论合格", str(passed), "家", "已签字且结论为合格"),
    ]


def _trainings(edition: Edition) -> list[Figure]:
    held, people = db.session.execute(
        select(func.count(Training.id), func.coalesce(func.sum(Training.attendance_count), 0)).where(
            Training.edition_id == edition.id, Training.state == EventState.HELD
        )
    ).one()
    return [
        Figure("培训", "培训场次", str(held), "场", "已举办的培训"),
        Figure("培训", "培训人次", str(int(people)), "人次", "已举办培训的签到人次"),
    ]


def _matchmaking(edition: Edition) -> list[Figure]:
    section, held = "投融资对接", (MatchEvent.edition_id == edition.id, MatchEvent.state == EventState.HELD)
    events = db.session.scalar(select(func.count(MatchEvent.id)).where(*held))
    guests = dict(
        db.session.execute(
            select(MatchGuest.kind, func.count(MatchGuest.id))
            .join(MatchEvent)
            .where(*held)
            .group_by(MatchGuest.kind)
        ).all()
    )
    words = {GuestKind.INSTITUTION: "投资机构", GuestKind.BANK: "银行", GuestKind.ENTERPRISE: "企业"}
    return [
        Figure(section, "对接会", str(events), "场", "已举办的对接会"),
        *(
            Figure(section, f"参会{word}", str(guests.get(kind, 0)), "家", "已举办对接会的参会单位")
            for kind, word in words.items()
        ),
        *_intentions(section, held),
    ]


def _intentions(section: str, held) -> list[Figure]:
    stmt = (
        select(
            Intention.kind,
            func.count(Intention.id),
            func.sum(Intention.amount_fen),
            func.sum(func.coalesce(Intention.realised_fen, 0)),
        )
        .join(MatchEvent, MatchEvent.id == Intention.event_id)
        .where(*held)
        .group_by(Intention.kind)
    )
    found = {kind: (count, int(meant), int(real)) for kind, count, meant, real in db.session.execute(stmt)}
    rows = []
    for kind, word in ((IntentionKind.EQUITY, "股权"), (IntentionKind.LOAN, "债权")):
        count, meant, real = found.get(kind, (0, 0, 0))
        rows += [
            Figure(section, f"{word}融资意向", str(count), "项", "对接会登记的意向"),
            Figure(section, f"{word}融资意向金额", wan(meant), "万元", "对接会登记的意向"),
            Figure(section, f"{word}融资落实金额", wan(real), "万元", "登记落实的金额"),
        ]
    return rows


def _results(edition: Edition) -> list[Figure]:
    recommended = db.session.scalar(
        select(func.count(Recommendation.id))
        .join(RecommendationList, RecommendationList.id == Recommendation.list_id)
        .where(RecommendationList.edition_id == edition.id)
    )
    prizes = outcomes.prizes_of(edition)
    return [
        Figure("结果", "推荐全国赛项目", str(recommended), "个", "推荐名单所列项目"),
        Figure("结果", "获奖项目", str(len(prizes)), "个", "奖励未取消的获奖项目"),
        Figure("结果", "奖励金额", wan(sum(prize.fen for prize in prizes)), "万元", "奖励未取消的核定金额"),
    ]
