"""The rows of a public list: what each kind of notice offers to publish, and how stored rows are shown.

The edition's `notice_shows` decides whether ranks and scores leave the house with the names.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from awards.enums import AwardGroup, NoticeKind
from awards.models import Award
from awards.queries import proposed_awards
from awards.wording import ROW_COLUMNS
from competition.enums import CandidacyState, StageState
from competition.models import Candidacy, Edition, Entry, Recommendation, RecommendationList, Stage
from core import divisions
from core.db import db


@dataclass(frozen=True)
class Offer:
    """Either awards to choose from, or rows that go out as they stand; `stages` are the rounds one may pick."""

    awards: list[Award] | None = None
    rows: list[dict] | None = None
    stages: tuple[Stage, ...] = ()
    stage: Stage | None = None


def offer(edition: Edition, kind: NoticeKind, stage_id: int | None = None) -> Offer:
    if kind in (NoticeKind.AWARDS, NoticeKind.ORGANISERS):
        awards = proposed_awards(edition)
        if kind == NoticeKind.ORGANISERS:
            awards = [award for award in awards if award.group == AwardGroup.UNIT]
        return Offer(awards=awards)
    if kind == NoticeKind.ADVANCEMENT:
        stages = tuple(stage for stage in edition.stages if stage.state == StageState.DECIDED)
        stage = next((s for s in stages if s.id == stage_id), stages[-1] if stages else None)
        return Offer(rows=advancement_rows(edition, stage) if stage else [], stages=stages, stage=stage)
    if kind == NoticeKind.RECOMMENDATION:
        return Offer(rows=recommendation_rows(edition))
    return Offer(rows=[])


def advancement_rows(edition: Edition, stage: Stage) -> list[dict]:
    """By group and number: a list of names says nothing of rank unless the edition publishes ranks."""
    order = (Entry.group.desc(), Entry.number)
    if edition.notice_shows != "name":
        order = (Entry.group.desc(), Candidacy.unit, Candidacy.rank, Entry.number)
    stmt = (
        select(Candidacy)
        .join(Entry, Entry.id == Candidacy.entry_id)
        .where(Candidacy.stage_id == stage.id, Candidacy.state == CandidacyState.ADVANCED)
        .options(joinedload(Candidacy.entry))
        .order_by(*order)
    )
    return [_row(edition, stage, candidacy) for candidacy in db.session.scalars(stmt)]


def _row(edition: Edition, stage: Stage, candidacy: Candidacy) -> dict:
    row = {"stage": stage.name, **entry_row(candidacy.entry)}
    if edition.notice_shows in ("rank", "score"):
        row["rank"] = candidacy.rank
    if edition.notice_shows == "score" and candidacy.score_hundredths is not None:
        row["score"] = f"{candidacy.score_hundredths // 100}.{candidacy.score_hundredths % 100:02d}"
    return row


def recommendation_rows(edition: Edition) -> list[dict]:
    stmt = (
        select(Recommendation)
        .join(RecommendationList, RecommendationList.id == Recommendation.list_id)
        .where(RecommendationList.edition_id == edition.id)
        .options(joinedload(Recommendation.entry))
        .order_by(Recommendation.position)
    )
    return [entry_row(item.entry) for item in db.session.scalars(stmt)]


def entry_row(entry: Entry) -> dict:
    """Firm-level data only."""
    return {
        "number": entry.number,
        "group": entry.group.label,
        "name": entry.enterprise.name,
        "project": entry.title,
        "track": entry.track.name if entry.track else "",
        "prefecture": entry.prefecture_code,
    }


@dataclass(frozen=True)
class Table:
    heads: list[str]
    rows: list[list[str]]


def table(content: list[dict]) -> Table:
    """The stored rows as a table of the columns they have; codes of places become names."""
    keys = [key for key in ROW_COLUMNS if any(row.get(key) not in (None, "") for row in content)]
    places = divisions.names() if "prefecture" in keys else {}
    rows = [
        [places.get(row.get(key), row.get(key)) if key == "prefecture" else row.get(key, "") for key in keys]
        for row in content
    ]
    return Table([ROW_COLUMNS[key] for key in keys], rows)


def entries_of(content: list[dict]) -> list[tuple[int, str]]:
    """(entry id, words) of the rows that speak of an entry: what an objection may name."""
    numbers = [row["number"] for row in content if row.get("number")]
    awards = [row["award"] for row in content if row.get("award")]
    stmt = select(Entry.id, Entry.number, Entry.title).outerjoin(Award, Award.entry_id == Entry.id)
    stmt = stmt.where(Entry.number.in_(numbers) | Award.number.in_(awards)).distinct().order_by(Entry.number)
    return [(row.id, f"{row.number} {row.title}") for row in db.session.execute(stmt)]
