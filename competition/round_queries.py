"""Who sees which rounds, visits, events and recommendations."""

from sqlalchemy import Select, false, select
from sqlalchemy.orm import contains_eager, joinedload

from competition.enums import StageKind
from competition.models import (
    Candidacy,
    Edition,
    Enterprise,
    EnterpriseContact,
    Entry,
    Intention,
    MatchEvent,
    RecommendationList,
    Region,
    RegionPrefecture,
    Stage,
    Training,
    Visit,
)
from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.models import User

ALL_SEEING = (Role.OFFICE, Role.SUPERVISION, Role.LEADER)


def editions() -> list[Edition]:
    return list(
        db.session.scalars(
            select(Edition)
            .where(Edition.revises_id.is_(None))
            .order_by(Edition.year.desc(), Edition.id.desc())
        )
    )


def edition_by_code(code: str) -> Edition:
    found = db.session.scalar(select(Edition).where(Edition.code == code))
    if found is None:
        raise NotVisible()
    return found


def recommending(edition: Edition) -> list[Stage]:
    """The round whose results the national recommendation rests on: as declared, else the industry round."""
    declared = [stage for stage in edition.stages if stage.recommends]
    return declared or [stage for stage in edition.stages if stage.kind == StageKind.INDUSTRY]


def stage(stage_id: int) -> Stage:
    found = db.session.get(Stage, stage_id)
    if found is None:
        raise NotVisible()
    return found


def candidacies(user: User, of: Stage) -> Select:
    """The field of a stage; a regional office sees the entries of its own prefectures."""
    stmt = (
        select(Candidacy)
        .join(Candidacy.entry)
        .join(Entry.enterprise)
        .where(Candidacy.stage_id == of.id)
        .options(contains_eager(Candidacy.entry).contains_eager(Entry.enterprise))
    )
    if user.role == Role.REGIONAL:
        stmt = stmt.where(Entry.prefecture_code.in_(user.prefectures))
    elif user.role not in ALL_SEEING:
        stmt = stmt.where(false())
    return stmt


def candidacy_visible_to(user: User, candidacy_id: int) -> Candidacy:
    stmt = select(Candidacy).where(Candidacy.id == candidacy_id)
    if user.role == Role.ENTERPRISE:
        own = select(EnterpriseContact.enterprise_id).where(
            EnterpriseContact.user_id == user.id, EnterpriseContact.until.is_(None)
        )
        stmt = stmt.join(Entry).where(Entry.enterprise_id.in_(own))
    elif user.role not in ALL_SEEING:
        stmt = stmt.where(false())
    found = db.session.scalar(stmt)
    if found is None:
        raise NotVisible()
    return found


def visits_visible_to(user: User) -> Select:
    """All for the office and supervision, a prefecture's for its bureau, one's own for a due-diligence lead."""
    stmt = (
        select(Visit)
        .join(Visit.entry)
        .join(Entry.enterprise)
        .options(contains_eager(Visit.entry).contains_eager(Entry.enterprise))
    )
    if user.role == Role.REGIONAL:
        return stmt.where(Entry.prefecture_code.in_(user.prefectures))
    if user.role == Role.DUE_DILIGENCE:
        return stmt.where(Visit.lead_id == user.id)
    return stmt if user.role in ALL_SEEING else stmt.where(false())


def visit_visible_to(user: User, visit_id: int) -> Visit:
    found = db.session.scalar(visits_visible_to(user).where(Visit.id == visit_id))
    if found is None:
        raise NotVisible()
    return found


def trainings_visible_to(user: User) -> Select:
    """A regional office sees those of its own regions and those for everybody."""
    stmt = select(Training)
    if user.role == Role.REGIONAL:
        own = select(RegionPrefecture.region_id).where(RegionPrefecture.division_code.in_(user.prefectures))
        return stmt.where(Training.region_id.is_(None) | Training.region_id.in_(own))
    return stmt if user.role in (*ALL_SEEING, Role.HOST, Role.FINANCE) else stmt.where(false())


def training_visible_to(user: User, training_id: int) -> Training:
    found = db.session.scalar(trainings_visible_to(user).where(Training.id == training_id))
    if found is None:
        raise NotVisible()
    return found


def match_event(event_id: int) -> MatchEvent:
    found = db.session.scalar(
        select(MatchEvent).where(MatchEvent.id == event_id).options(joinedload(MatchEvent.guests))
    )
    if found is None:
        raise NotVisible()
    return found


def intentions_of(event: MatchEvent) -> list[Intention]:
    return list(
        db.session.scalars(select(Intention).where(Intention.event_id == event.id).order_by(Intention.id))
    )


def recommendation_of(edition: Edition) -> RecommendationList | None:
    return db.session.scalar(select(RecommendationList).where(RecommendationList.edition_id == edition.id))


def region_choices(edition: Edition) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Region.id, Region.name).where(Region.edition_id == edition.id).order_by(Region.position)
    )
    return [(str(row.id), row.name) for row in rows]


def entry_names(entry_ids: list[int]) -> dict[int, tuple[str, str, str]]:
    """entry id -> (number, enterprise, title) for pages that keep only the id."""
    rows = db.session.execute(
        select(Entry.id, Entry.number, Enterprise.name, Entry.title)
        .join(Entry.enterprise)
        .where(Entry.id.in_(entry_ids))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
