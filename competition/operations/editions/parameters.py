"""Creating an edition, changing its parameters while it is a draft, copying an earlier one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from competition import queries
from competition.enums import AttachmentKind, Group
from competition.models import Edition, Stage
from competition.operations.editions.parts import (
    CRITERION_COLUMNS,
    STAGE_COLUMNS,
    add_region,
    add_stage,
    add_track,
    change_track,
    must_be_draft,
    remapped,
    set_criteria,
)
from competition.rules import may_run_editions
from core import audit
from core.db import db, flush
from core.errors import InvalidInput
from core.rules import Actor

# What the office may edit while the edition is a draft; published rules change by a new version only.

PARAMETERS = (
    "name",
    "opens_at",
    "account_deadline",
    "entry_deadline",
    "revenue_year",
    "revenue_max_fen",
    "founded_from",
    "startup_from",
    "eligibility",
    "required_attachments",
    "text_limits",
    "notice_days",
    "notice_counts_first",
    "notice_shows",
    "recommendation_quota",
    "budget_line_code",
)
DEADLINES = ("account_deadline", "entry_deadline")
DEFAULT_ATTACHMENTS = (AttachmentKind.LICENCE, AttachmentKind.PLAN)


def create_edition(
    *,
    code: str,
    name: str,
    ordinal: int,
    year: int,
    opens_at: datetime | None,
    account_deadline: datetime | None,
    entry_deadline: datetime | None,
    revenue_year: int,
    revenue_max_fen: int,
    founded_from: date | None,
    startup_from: date,
    recommendation_quota: int = 0,
    budget_line_code: str | None = None,
    demo: bool = False,
    eligibility: Mapping[str, Any] | None = None,
    required_attachments: Iterable[str] = DEFAULT_ATTACHMENTS,
    revises_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Edition:
    may_run_editions(actor).or_raise()
    if db.session.scalar(select(Edition.id).where(Edition.code == code)):
        raise InvalidInput("该届次代码已存在。", code="code_taken", field="code")
    edition = Edition(
        code=code,
        name=name,
        ordinal=ordinal,
        year=year,
        demo=demo,
        opens_at=opens_at,
        account_deadline=account_deadline,
        entry_deadline=entry_deadline,
        revenue_year=revenue_year,
        revenue_max_fen=revenue_max_fen,
        founded_from=founded_from,
        startup_from=startup_from,
        eligibility=dict(eligibility or {}),
        required_attachments=[str(kind) for kind in required_attachments],
        recommendation_quota=recommendation_quota,
        budget_line_code=budget_line_code,
        revises_id=revises_id,
        created_at=now,
    )
    check_moments(parameters_of(edition))
    db.session.add(edition)
    flush()
    audit.record("edition.create", edition, actor=actor, now=now, after={"code": code, "year": year})
    return edition


def update_edition(edition: Edition, *, values: Mapping[str, Any], actor: Actor, now: datetime) -> Edition:
    must_be_draft(edition, actor)
    unknown = set(values) - set(PARAMETERS)
    if unknown:
        raise InvalidInput(f"不能修改：{'、'.join(sorted(unknown))}。", code="unknown_parameter")
    check_moments(parameters_of(edition) | values)
    before = {
        name: getattr(edition, name) for name, value in values.items() if getattr(edition, name) != value
    }
    for name in before:
        setattr(edition, name, values[name])
    flush()
    after = {name: values[name] for name in before}
    if before:
        audit.record("edition.update", edition, actor=actor, now=now, before=before, after=after)
    return edition


def parameters_of(edition: Edition) -> dict[str, Any]:
    return {name: getattr(edition, name) for name in PARAMETERS}


def check_moments(values: Mapping[str, Any]) -> None:
    """Opening before the account deadline, that not after the entry deadline; founded before startup."""
    opens, accounts, entries = (values[name] for name in ("opens_at", *DEADLINES))
    if accounts and entries and accounts > entries:
        raise InvalidInput("注册截止时间不能晚于报名截止时间。", code="order", field="account_deadline")
    if opens and entries and opens >= entries:
        raise InvalidInput("报名开始时间须早于报名截止时间。", code="order", field="opens_at")
    if values["founded_from"] and values["founded_from"] > values["startup_from"]:
        raise InvalidInput("最早成立日期不能晚于初创组起始日期。", code="order", field="founded_from")


def copy_edition(
    source: Edition,
    *,
    code: str,
    name: str,
    ordinal: int,
    year: int,
    revises: Edition | None = None,
    actor: Actor,
    now: datetime,
) -> Edition:
    """A new draft with everything of `source`, its dates moved by whole years; `revises` makes it a working copy."""
    years = year - source.year
    edition = create_edition(
        code=code,
        name=name,
        ordinal=ordinal,
        year=year,
        opens_at=_later(source.opens_at, years),
        account_deadline=_later(source.account_deadline, years),
        entry_deadline=_later(source.entry_deadline, years),
        revenue_year=source.revenue_year + years,
        revenue_max_fen=source.revenue_max_fen,
        founded_from=_later(source.founded_from, years),
        startup_from=_later(source.startup_from, years),
        recommendation_quota=source.recommendation_quota,
        budget_line_code=source.budget_line_code,
        eligibility=_moved(source.eligibility, years),
        required_attachments=source.required_attachments,
        revises_id=revises.id if revises else None,
        actor=actor,
        now=now,
    )
    _copy_parts(source, edition, origin=revises is not None, actor=actor, now=now)
    return edition


def _moved(rules: Mapping[str, Any], years: int) -> dict[str, Any]:
    """The years in the conditions move with the edition."""
    moved = dict(rules)
    if moved.get("sme_number_years"):
        moved["sme_number_years"] = [number + years for number in moved["sme_number_years"]]
    return moved


def _copy_parts(source: Edition, edition: Edition, *, origin: bool, actor: Actor, now: datetime) -> None:
    by = {"actor": actor, "now": now}
    _copy_tracks(source, edition, **by)
    for region in source.regions:
        codes = [part.division_code for part in region.prefectures]
        add_region(edition, name=region.name, host=region.host, prefectures=codes, **by)
    _copy_criteria(source, edition, None, None, **by)
    copies = {str(old.id): str(new.id) for old, new in zip(source.regions, edition.regions, strict=True)}
    for stage in source.stages:
        values = {name: getattr(stage, name) for name in STAGE_COLUMNS}
        made = add_stage(edition, **values | {"quota": remapped(stage.quota, copies)}, **by)
        _copy_criteria(source, edition, stage, made, **by)
    names = ("notice_days", "notice_counts_first", "notice_shows", "text_limits")
    update_edition(edition, values={name: getattr(source, name) for name in names}, **by)
    if origin:
        for parts in ("tracks", "regions", "stages"):
            for old, new in zip(getattr(source, parts), getattr(edition, parts), strict=True):
                new.origin_id = old.id
        flush()


def _copy_tracks(source: Edition, edition: Edition, *, actor: Actor, now: datetime) -> None:
    made = {
        track.id: add_track(edition, code=track.code, name=track.name, actor=actor, now=now)
        for track in source.tracks
    }
    for track in source.tracks:
        if track.room_of_id:
            room = made[track.room_of_id]
            change_track(made[track.id], name=track.name, room_of=room, actor=actor, now=now)


def _copy_criteria(
    source: Edition, edition: Edition, old: Stage | None, new: Stage | None, *, actor: Actor, now: datetime
) -> None:
    for group in Group:
        rows = queries.own_criteria(source, group, old)
        if rows:
            wanted = [{name: getattr(row, name) for name in CRITERION_COLUMNS} for row in rows]
            set_criteria(edition, group=group, criteria=wanted, stage=new, actor=actor, now=now)


def _later(moment: Any, years: int) -> Any:
    """The same day of another year; 29 February becomes the 28th."""
    if moment is None:
        return None
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)
