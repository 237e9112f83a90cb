"""Reads of editions: who sees which, what the rules say, what is still missing before they can be published."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select

from competition import eligibility
from competition.enums import EditionState, Group
from competition.models import Criterion, DeadlineChange, Edition, EditionRules
from core import divisions
from core.clock import is_past
from core.db import db
from core.enums import DivisionLevel, Role
from core.errors import NotVisible
from core.models import Division
from core.rules import Actor

PLACES = (DivisionLevel.COUNTY, DivisionLevel.DIRECT_CITY, DivisionLevel.XPCC_DIVISION)


def editions_visible_to(actor: Actor) -> Select[tuple[Edition]]:
    """Drafts are the organising office's own; supervision reads them too."""
    stmt = select(Edition)
    if actor.role in (Role.OFFICE, Role.SUPERVISION):
        return stmt
    return stmt.where(Edition.state != EditionState.DRAFT)


def edition_by_code(code: str, actor: Actor) -> Edition:
    edition = db.session.scalar(editions_visible_to(actor).where(Edition.code == code))
    if edition is None:
        raise NotVisible()
    return edition


def published_edition(code: str) -> Edition:
    """For the public pages."""
    edition = db.session.scalar(
        select(Edition).where(Edition.code == code, Edition.state != EditionState.DRAFT)
    )
    if edition is None:
        raise NotVisible()
    return edition


def editions_for_choice(actor: Actor) -> list[Edition]:
    """Newest first, for the edition switch of the lists."""
    return list(
        db.session.scalars(editions_visible_to(actor).order_by(Edition.year.desc(), Edition.id.desc()))
    )


def open_editions(now: datetime) -> list[Edition]:
    """Editions whose registration has begun and was not ended, newest first."""
    stmt = select(Edition).where(Edition.state == EditionState.OPEN, Edition.opens_at <= now)
    return list(db.session.scalars(stmt.order_by(Edition.year.desc(), Edition.id.desc())))


def accounts_open(now: datetime) -> bool:
    """Registration of accounts ends with the last open edition's deadline; without an open edition it is free."""
    editions = open_editions(now)
    return not editions or any(not is_past(edition.account_deadline, now) for edition in editions)


def criteria_of(edition: Edition, group: Group) -> list[Criterion]:
    stmt = select(Criterion).where(Criterion.edition_id == edition.id, Criterion.group == group)
    return list(db.session.scalars(stmt.order_by(Criterion.position)))


def publication_gaps(edition: Edition) -> list[str]:
    """What is still missing before the rules can be frozen."""
    gaps = []
    if not edition.opens_at or not edition.account_deadline or not edition.entry_deadline:
        gaps.append("未设定报名开始、注册截止和报名截止时间")
    if not edition.tracks:
        gaps.append("没有行业")
    if not edition.regions:
        gaps.append("没有赛区")
    gaps += [f"{group.label}没有评分项" for group in Group if not criteria_of(edition, group)]
    if not edition.stages:
        gaps.append("没有轮次")
    return gaps + [gap for group in Group for gap in _scoring_gaps(edition, group)]


def _scoring_gaps(edition: Edition, group: Group) -> Iterator[str]:
    """Ties by a criterion the group does not have; marks out of ten so fine that a total would not be whole cents."""
    criteria = criteria_of(edition, group)
    codes = {f"criterion:{criterion.code}" for criterion in criteria}
    for stage in edition.stages:
        named = {step for step in stage.tie_chain if step.startswith("criterion:")}
        for step in sorted(named - codes) if criteria else ():
            yield f"{stage.name}按评分项“{step.removeprefix('criterion:')}”处理同分，{group.label}没有该评分项"
        if any(stage.score_step * row.max_hundredths % row.top_mark for row in criteria):
            yield f"{stage.name}的打分最小单位太小，{group.label}的十分制评分项折算后会超过两位小数"


def eligibility_parameters(edition: Edition) -> eligibility.Parameters:
    """The entry conditions: the edition's own columns over its switches over the defaults of the rule engine."""
    covered = {part.division_code for region in edition.regions for part in region.prefectures}
    return eligibility.parameters_from(
        {
            **edition.eligibility,
            "edition_year": edition.year,
            "startup_from": edition.startup_from.isoformat(),
            "founded_from": edition.founded_from.isoformat() if edition.founded_from else None,
            "revenue_year": edition.revenue_year,
            "entry_revenue_max_fen": edition.revenue_max_fen,
            "region_divisions": sorted(covered),
        }
    )


def rules_content(edition: Edition) -> dict[str, Any]:
    """Everything the rules say, as plain data: what a published version freezes."""
    return {
        "code": edition.code,
        "name": edition.name,
        "ordinal": edition.ordinal,
        "year": edition.year,
        "opens_at": _iso(edition.opens_at),
        "account_deadline": _iso(edition.account_deadline),
        "entry_deadline": _iso(edition.entry_deadline),
        "eligibility": eligibility.describe(eligibility_parameters(edition)),
        "required_attachments": list(edition.required_attachments),
        "notice": {
            "days": edition.notice_days,
            "counts_first": edition.notice_counts_first,
            "shows": edition.notice_shows,
        },
        "recommendation_quota": edition.recommendation_quota,
        "budget_line_code": edition.budget_line_code,
        "tracks": [{"code": track.code, "name": track.name} for track in edition.tracks],
        "regions": [
            {
                "name": region.name,
                "host": region.host,
                "prefectures": sorted(part.division_code for part in region.prefectures),
            }
            for region in edition.regions
        ],
        "criteria": {
            group.value: [_plain(row, CRITERION) for row in criteria_of(edition, group)] for group in Group
        },
        "stages": [_plain(stage, STAGE) for stage in edition.stages],
    }


CRITERION = ("code", "name", "mode", "max_hundredths", "hint")
STAGE = (
    "kind",
    "name",
    "position",
    "panel_size",
    "aggregation",
    "drop_high",
    "drop_low",
    "round_first",
    "tie_chain",
    "score_step",
    "pitch_minutes",
    "answer_minutes",
    "second_panel",
    "second_look",
    "quota",
    "backfill",
    "has_notice",
)


def _plain(row: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def rule_versions(edition: Edition) -> list[EditionRules]:
    stmt = (
        select(EditionRules).where(EditionRules.edition_id == edition.id).order_by(EditionRules.number.desc())
    )
    return list(db.session.scalars(stmt))


def rules_by_number(edition: Edition, number: int) -> EditionRules:
    found = next((version for version in rule_versions(edition) if version.number == number), None)
    if found is None:
        raise NotVisible()
    return found


def deadline_changes(edition: Edition) -> list[DeadlineChange]:
    stmt = (
        select(DeadlineChange)
        .where(DeadlineChange.edition_id == edition.id)
        .order_by(DeadlineChange.id.desc())
    )
    return list(db.session.scalars(stmt))


def place_codes(edition: Edition, among: Collection[str | None]) -> Select[tuple[str]]:
    """Which of these codes are places of the edition's year (a draft names one or two, the table has hundreds)."""
    return select(Division.code).where(
        Division.code.in_([code for code in among if code and len(code) <= 6]),
        Division.level.in_(PLACES),
        or_(Division.valid_from.is_(None), Division.valid_from <= edition.year),
        or_(Division.valid_to.is_(None), Division.valid_to > edition.year),
    )


def places_of(edition: Edition) -> list[tuple[str, str]]:
    """(code, 'prefecture county') of every place an enterprise of this edition may be registered at, by code."""
    return places_on(date(edition.year, 1, 1))


def places_on(on: date) -> list[tuple[str, str]]:
    upper = {division.code: division.name for division in divisions.in_force(on, DivisionLevel.PREFECTURE)}
    places = divisions.in_force(on, *PLACES)
    return [
        (place.code, f"{upper.get(place.parent_code or '', '')} {place.name}".strip()) for place in places
    ]
