"""Reads of editions: who sees which, what the rules say, what is still missing before they can be published."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Select, or_, select

from competition import eligibility
from competition.enums import EditionState
from competition.models import Edition
from core import divisions
from core.clock import is_past
from core.db import db
from core.enums import DivisionLevel, Role
from core.errors import NotVisible
from core.models import Division
from core.rules import Actor

MOMENTS = ("opens_at", "account_deadline", "entry_deadline")
PLACES = (DivisionLevel.COUNTY, DivisionLevel.DIRECT_CITY, DivisionLevel.XPCC_DIVISION)


def editions_visible_to(actor: Actor) -> Select[tuple[Edition]]:
    """Drafts are the organising office's own; supervision reads them too. Working copies of rules are in no list."""
    return _visible_to(actor).where(Edition.revises_id.is_(None))


def _visible_to(actor: Actor) -> Select[tuple[Edition]]:
    stmt = select(Edition)
    if actor.role in (Role.OFFICE, Role.SUPERVISION):
        return stmt
    return stmt.where(Edition.state != EditionState.DRAFT)


def edition_by_code(code: str, actor: Actor) -> Edition:
    """Also the working copy of a change of rules, for those who see drafts."""
    edition = db.session.scalar(_visible_to(actor).where(Edition.code == code))
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
