"""What the public may read: editions that are out, notices that run or ran, results and winners once published."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, defer, joinedload

from awards.enums import AwardKind, AwardState, NoticeKind, NoticeState
from awards.models import Award, Certificate, Notice, Tier
from awards.operations.certificates import digest_of
from awards.queries import PUBLISHED, in_group_order, light_entry, one
from competition.enums import CandidacyState, EditionState, StageKind, StageState
from competition.models import Candidacy, Edition, EditionRules, Enterprise, Entry, Stage
from competition.queries import open_editions
from core.clock import is_past
from core.db import db

OVER = (NoticeState.CLOSED, NoticeState.FINAL)
LEFT = (CandidacyState.WITHDRAWN, CandidacyState.DISQUALIFIED)


def published_editions() -> list[Edition]:
    stmt = select(Edition).where(Edition.state != EditionState.DRAFT)
    return list(db.session.scalars(stmt.order_by(Edition.year.desc(), Edition.id.desc())))


def current_edition(now: datetime) -> Edition | None:
    """The one that takes entries; else the newest that is running; else the newest at all."""
    taking = open_editions(now)
    if taking:
        return taking[0]
    editions = published_editions()
    running = [edition for edition in editions if edition.state != EditionState.CLOSED]
    return next(iter([*running, *editions]), None)


def takes_entries(edition: Edition, now: datetime) -> bool:
    return edition.state == EditionState.OPEN and not is_past(edition.entry_deadline, now)


def progress(edition: Edition, now: datetime) -> list[dict]:
    """Registration and the rounds as marks of a timeline."""
    taking = takes_entries(edition, now)
    until = edition.entry_deadline
    marks = [{"label": "报名", "state": "current" if taking else "done", "until": until if taking else None}]
    words = {StageState.PLANNED: "todo", StageState.RUNNING: "current", StageState.DECIDED: "done"}
    marks += [{"label": stage.name, "state": words[stage.state]} for stage in edition.stages]
    notice = db.session.scalar(
        select(Notice.state)
        .where(Notice.edition_id == edition.id, Notice.kind == NoticeKind.AWARDS, Notice.state.in_(PUBLISHED))
        .order_by(Notice.id.desc())
    )
    last = "todo" if notice is None else "current" if notice == NoticeState.RUNNING else "done"
    return [*marks, {"label": "公示与颁奖", "state": last}]


def notices() -> Select[tuple[Notice]]:
    """Running and later. A draft does not exist for the public."""
    return select(Notice).where(Notice.state.in_(PUBLISHED)).options(joinedload(Notice.edition))


def notice_by_id(notice_id: int) -> Notice:
    return one(notices().where(Notice.id == notice_id))


def latest_notices(limit: int) -> list[Notice]:
    return list(
        db.session.scalars(notices().order_by(Notice.starts_at.desc(), Notice.id.desc()).limit(limit))
    )


def neighbours(notice: Notice) -> tuple[Notice | None, Notice | None]:
    """The notice published before this one and the one after."""
    base = select(Notice).where(Notice.state.in_(PUBLISHED))
    earlier = base.where(Notice.starts_at < notice.starts_at).order_by(Notice.starts_at.desc())
    later = base.where(Notice.starts_at > notice.starts_at).order_by(Notice.starts_at)
    return db.session.scalar(earlier.limit(1)), db.session.scalar(later.limit(1))


def corrections_of(notice: Notice) -> list[Notice]:
    stmt = select(Notice).where(Notice.corrects_id == notice.id, Notice.state.in_(PUBLISHED))
    return list(db.session.scalars(stmt.order_by(Notice.starts_at)))


def takes_objections(notice: Notice, now: datetime) -> bool:
    return notice.state == NoticeState.RUNNING and not is_past(notice.ends_at, now)


def published_stages(edition: Edition) -> list[Stage]:
    """Decided rounds; where the round needs a notice, only once that notice is out; the finals with the awards."""
    return stages_out([edition])[edition.id]


def stages_out(editions: Sequence[Edition]) -> dict[int, list[Stage]]:
    """The published stages of each edition, in two statements whatever their number."""
    ids = [edition.id for edition in editions]
    notices_out: dict[int, list] = {number: [] for number in ids}
    kinds = (NoticeKind.ADVANCEMENT, NoticeKind.AWARDS, NoticeKind.RESULT)
    stmt = select(Notice.edition_id, Notice.kind, Notice.content)
    stmt = stmt.where(Notice.edition_id.in_(ids), Notice.state.in_(PUBLISHED), Notice.kind.in_(kinds))
    for number, kind, content in db.session.execute(stmt):
        notices_out[number].append((kind, content))
    found: dict[int, list[Stage]] = {number: [] for number in ids}
    stages = select(Stage).where(Stage.edition_id.in_(ids)).order_by(Stage.position)
    for stage in db.session.scalars(stages):
        out = notices_out[stage.edition_id]
        named = {row.get("stage") for _, content in out for row in content}
        if _is_out(stage, named, any(kind == NoticeKind.AWARDS for kind, _ in out)):
            found[stage.edition_id].append(stage)
    return found


def _is_out(stage: Stage, named: set[str | None], awarded: bool) -> bool:
    if stage.state != StageState.DECIDED:
        return False
    if stage.kind == StageKind.FINAL:
        return awarded or stage.name in named
    return not stage.has_notice or stage.name in named


def results_of(stage: Stage) -> Select[tuple[Candidacy]]:
    """Who advanced; everybody who competed in the finals, or where the edition publishes scores."""
    stmt = (
        select(Candidacy)
        .join(Entry, Entry.id == Candidacy.entry_id)
        .join(Enterprise, Enterprise.id == Entry.enterprise_id)
        .where(Candidacy.stage_id == stage.id)
        .options(
            contains_eager(Candidacy.entry).options(
                contains_eager(Entry.enterprise), defer(Entry.content), defer(Entry.field_versions)
            )
        )
    )
    if stage.kind == StageKind.FINAL or stage.edition.notice_shows == "score":
        return stmt.where(Candidacy.state.not_in(LEFT))
    return stmt.where(Candidacy.state == CandidacyState.ADVANCED)


def winners() -> Select[tuple[Award]]:
    """Prizes and honours whose notice is over; work funds and event costs are payments, not honours."""
    return (
        select(Award)
        .join(Notice, Notice.id == Award.notice_id)
        .join(Tier, Tier.id == Award.tier_id)
        .where(
            Award.kind.in_((AwardKind.PRIZE, AwardKind.ORGANISER)),
            Award.state.in_((AwardState.CONFIRMED, AwardState.SETTLED)),
            Award.item_carried.is_(False),
            Notice.state.in_(OVER),
        )
        .options(*light_entry())
    )


def winners_of(edition: Edition) -> list[Award]:
    order = (in_group_order(Award.group), Tier.position, Award.rank, Award.number)
    return list(db.session.scalars(winners().where(Award.edition_id == edition.id).order_by(*order)))


def winner_by_number(number: str) -> Award:
    return one(
        winners().where(Award.number == number).options(joinedload(Award.edition), joinedload(Award.notice))
    )


def editions_with_winners() -> list[Edition]:
    ids = winners().with_only_columns(Award.edition_id).distinct()
    stmt = select(Edition).where(Edition.id.in_(ids), Edition.state != EditionState.DRAFT)
    return list(db.session.scalars(stmt.order_by(Edition.year.desc(), Edition.id.desc())))


def certificate(number: str) -> Certificate | None:
    return db.session.scalar(
        select(Certificate).where(Certificate.number == number).options(joinedload(Certificate.award))
    )


def certificate_stands(found: Certificate) -> bool:
    """Neither revoked nor taken back, and its words are still those that were sealed."""
    alive = found.revoked_at is None and found.award.state != AwardState.CANCELLED
    return alive and digest_of(found.content) == found.content_hash


def rules_of(edition: Edition) -> EditionRules | None:
    stmt = select(EditionRules).where(EditionRules.edition_id == edition.id)
    return db.session.scalar(stmt.order_by(EditionRules.number.desc()).limit(1))
