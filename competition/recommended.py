"""The rows of 推荐全国赛表 (DOMAIN.md 5.4): each entry with its results, its visit's conclusion and the opinion on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select

from competition import outcomes
from competition.enums import StageKind, VisitConclusion, VisitState
from competition.models import Candidacy, Edition, Recommendation, RecommendationList, Stage, Visit
from core.db import db

CONCLUSIONS = {
    VisitConclusion.PASS: "合格",
    VisitConclusion.RECTIFY: "需整改",
    VisitConclusion.FAIL: "不合格",
}


@dataclass(frozen=True)
class Row:
    """`results`: by stage, of the local rounds; `prize`: so far, empty before it is given."""

    item: Recommendation
    rounds: list[Stage]
    results: dict[int, Candidacy]
    prize: str
    conclusion: str

    @property
    def in_short(self) -> str:
        """'地区赛 88.50 第2；行业赛 91.00 第1；一等奖', for one cell of a paper."""
        parts = []
        for stage in self.rounds:
            found = self.results.get(stage.id)
            if found is not None and found.score_hundredths is not None and found.rank is not None:
                score = found.score_hundredths
                parts.append(f"{stage.name} {score // 100}.{score % 100:02d} 第{found.rank}")
        return "；".join([*parts, *([self.prize] if self.prize else [])]) or "—"


def local_rounds(found: RecommendationList) -> list[Stage]:
    """The regional round and the round the list rests on, in their order."""
    stmt = select(Stage).where(
        Stage.edition_id == found.edition_id,
        or_(Stage.kind == StageKind.REGIONAL, Stage.id == found.stage_id),
    )
    return list(db.session.scalars(stmt.order_by(Stage.position)))


def rows_of(found: RecommendationList, items: Iterable[Recommendation]) -> list[Row]:
    """The same number of statements, whatever the number of items."""
    items, rounds = list(items), local_rounds(found)
    ids = [item.entry_id for item in items]
    results: dict[int, dict[int, Candidacy]] = {}
    places = select(Candidacy).where(
        Candidacy.entry_id.in_(ids), Candidacy.stage_id.in_([stage.id for stage in rounds])
    )
    for place in db.session.scalars(places):
        results.setdefault(place.entry_id, {})[place.stage_id] = place
    visited = select(Visit).where(Visit.entry_id.in_(ids))
    visits = {visit.entry_id: visit for visit in db.session.scalars(visited)}
    edition = db.session.get_one(Edition, found.edition_id)
    prizes = {prize.entry_id: prize.tier for prize in outcomes.prizes_of(edition)}
    return [
        Row(
            item,
            rounds,
            results.get(item.entry_id, {}),
            prizes.get(item.entry_id, ""),
            _conclusion(visits.get(item.entry_id)),
        )
        for item in items
    ]


def _conclusion(visit: Visit | None) -> str:
    if visit is None or visit.conclusion is None:
        return "未调查"
    words = CONCLUSIONS[visit.conclusion]
    return words if visit.state == VisitState.SIGNED else f"{words}（未签字）"
