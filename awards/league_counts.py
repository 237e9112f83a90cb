"""League table of prefectures: what each did in an edition, counted from rows, weighed by points anyone may change."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import distinct, func, select

from awards.allocation import LeagueRow, league
from awards.enums import AwardKind, AwardState
from awards.models import Award
from competition.enums import StageKind
from competition.models import Candidacy, Edition, Entry, Stage
from competition.queries.figures import registration_figures
from core.db import db

# A proposal to start from, not an official rule: none was found.
POINTS = {"submitted": 0, "accepted": 1, "industry": 3, "final": 5, "prizes": 10}
LABELS = {
    "submitted": "提交报名",
    "accepted": "参赛有效",
    "industry": "进入行业赛",
    "final": "进入总决赛",
    "prizes": "获奖企业",
}
TIE_ORDER = ("prizes", "final", "industry", "accepted")


def counts_of(edition: Edition) -> dict[str, dict[str, int]]:
    """Prefecture name -> indicator -> how many; prefectures without an entry are there with 0."""
    figures = registration_figures(edition)
    names = {row.code: row.name for row in figures.by_prefecture}
    counts = {
        row.name: {"submitted": row.submitted, "accepted": row.accepted} for row in figures.by_prefecture
    }
    for indicator, found in _further(edition).items():
        for code, count in found.items():
            counts[names[code]][indicator] = count
    return counts


def _further(edition: Edition) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    reached = (
        select(Stage.kind, Entry.prefecture_code, func.count(distinct(Entry.id)))
        .join(Candidacy, Candidacy.stage_id == Stage.id)
        .join(Entry, Entry.id == Candidacy.entry_id)
        .where(Stage.edition_id == edition.id, Stage.kind.in_((StageKind.INDUSTRY, StageKind.FINAL)))
        .group_by(Stage.kind, Entry.prefecture_code)
    )
    for kind, code, count in db.session.execute(reached):
        found[kind.value][code] = count
    won = (
        select(Entry.prefecture_code, func.count(Award.id))
        .join(Award, Award.entry_id == Entry.id)
        .where(
            Award.edition_id == edition.id, Award.kind == AwardKind.PRIZE, Award.state != AwardState.CANCELLED
        )
        .group_by(Entry.prefecture_code)
    )
    for code, count in db.session.execute(won):
        found["prizes"][code] = count
    return found


def league_of(edition: Edition, points: Mapping[str, int]) -> list[LeagueRow]:
    return league(points, counts_of(edition), TIE_ORDER)
