"""Reads of rules: what they say as data and as text, their versions, and a change under way."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from competition import eligibility, fields, rule_text
from competition.enums import Group, RuleChangeState
from competition.models import Criterion, DeadlineChange, Edition, EditionRules, RuleChange, Stage
from competition.queries.editions import MOMENTS, eligibility_parameters
from core import divisions
from core.clock import beijing
from core.db import db
from core.errors import NotVisible
from core.models import User

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
    "visits_after",
    "recommends",
)


def own_criteria(edition: Edition, group: Group, stage: Stage | None = None) -> list[Criterion]:
    """The criteria declared for this stage itself, or (without one) those of the edition."""
    stmt = select(Criterion).where(
        Criterion.edition_id == edition.id,
        Criterion.group == group,
        Criterion.stage_id == stage.id if stage else Criterion.stage_id.is_(None),
    )
    return list(db.session.scalars(stmt.order_by(Criterion.position)))


def criteria_of(edition: Edition, group: Group, stage: Stage | None = None) -> list[Criterion]:
    """The criteria that count: a stage's own where it has some, else the edition's."""
    return (own_criteria(edition, group, stage) if stage else []) or own_criteria(edition, group)


def publication_gaps(edition: Edition) -> list[str]:
    """What is still missing before the rules can be frozen."""
    gaps = []
    if not all(getattr(edition, name) for name in MOMENTS):
        gaps.append("未设定报名开始、注册截止和报名截止时间")
    if not edition.tracks:
        gaps.append("没有行业")
    if not edition.regions:
        gaps.append("没有赛区")
    gaps += [f"{group.label}没有评分项" for group in Group if not own_criteria(edition, group)]
    if not edition.stages:
        gaps.append("没有轮次")
    return gaps + [gap for group in Group for gap in _scoring_gaps(edition, group)]


def _scoring_gaps(edition: Edition, group: Group) -> Iterator[str]:
    """Ties by a criterion the group does not have; marks out of ten so fine that a total would not be whole cents."""
    for stage in edition.stages:
        criteria = criteria_of(edition, group, stage)
        codes = {f"criterion:{criterion.code}" for criterion in criteria}
        named = {step for step in stage.tie_chain if step.startswith("criterion:")}
        for step in sorted(named - codes) if criteria else ():
            yield f"{stage.name}按评分项“{step.removeprefix('criterion:')}”处理同分，{group.label}没有该评分项"
        if any(stage.score_step * row.max_hundredths % row.top_mark for row in criteria):
            yield f"{stage.name}的打分最小单位太小，{group.label}的十分制评分项折算后会超过两位小数"


def rules_content(edition: Edition) -> dict[str, Any]:
    """Everything the rules say, as plain data and as the text made of it: what a published version freezes."""
    content = _data(edition)
    return content | {"text": rule_text.sections(content, divisions.names())}


def _data(edition: Edition) -> dict[str, Any]:
    codes = {track.id: track.code for track in edition.tracks}
    return {
        "code": edition.code,
        "name": edition.name,
        "ordinal": edition.ordinal,
        "year": edition.year,
        **{name: _iso(getattr(edition, name)) for name in MOMENTS},
        "moments": _moments(edition),
        "eligibility": eligibility.describe(eligibility_parameters(edition)),
        "required_attachments": list(edition.required_attachments),
        "text_limits": {
            name: {"label": fields.label_of(name), "most": most} for name, most in edition.text_limits.items()
        },
        "notice": {
            "days": edition.notice_days,
            "counts_first": edition.notice_counts_first,
            "shows": edition.notice_shows,
        },
        "recommendation_quota": edition.recommendation_quota,
        "budget_line_code": edition.budget_line_code,
        "tracks": [
            {"code": track.code, "name": track.name, "room_of": codes.get(track.room_of_id)}
            for track in edition.tracks
        ],
        "regions": [
            {
                "name": region.name,
                "host": region.host,
                "prefectures": sorted(part.division_code for part in region.prefectures),
            }
            for region in edition.regions
        ],
        "unit_names": {
            **{str(region.id): region.name for region in edition.regions},
            **{track.code: track.name for track in edition.tracks},
            **{group.value: group.label for group in Group},
        },
        "criteria": _criteria(edition),
        "stages": [
            _plain(stage, STAGE) | {"criteria": _criteria(edition, stage)} for stage in edition.stages
        ],
    }


def _criteria(edition: Edition, stage: Stage | None = None) -> dict[str, list[dict[str, Any]]]:
    return {
        group.value: [_plain(row, CRITERION) for row in own_criteria(edition, group, stage)]
        for group in Group
    }


def _moments(edition: Edition) -> dict[str, str]:
    """The times as they are read, in Beijing time."""
    return {
        name: f"{beijing(getattr(edition, name)):%Y-%m-%d %H:%M:%S}"
        for name in MOMENTS
        if getattr(edition, name)
    }


def _plain(row: Criterion | Stage, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: getattr(value, "value", value) for name, value in values.items()}


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def text_of_version(version: EditionRules) -> list[dict[str, Any]]:
    """The frozen text; a version from before texts were frozen is worded from its frozen data."""
    return version.content.get("text") or _worded(version.content)


def _worded(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return rule_text.sections(content, divisions.names())


def rule_versions(edition: Edition) -> list[EditionRules]:
    """Newest first."""
    stmt = (
        select(EditionRules).where(EditionRules.edition_id == edition.id).order_by(EditionRules.number.desc())
    )
    return list(db.session.scalars(stmt))


def rules_by_number(edition: Edition, number: int) -> EditionRules:
    found = next((version for version in rule_versions(edition) if version.number == number), None)
    if found is None:
        raise NotVisible()
    return found


def changes_between(edition: Edition, number: int) -> list[dict[str, Any]]:
    """What version `number` changed of the one before; empty for the first."""
    if number <= 1:
        return []
    before, after = (rules_by_number(edition, each) for each in (number - 1, number))
    return rule_text.changes(text_of_version(before), text_of_version(after))


def deadline_changes(edition: Edition) -> list[DeadlineChange]:
    stmt = (
        select(DeadlineChange)
        .where(DeadlineChange.edition_id == edition.id)
        .order_by(DeadlineChange.id.desc())
    )
    return list(db.session.scalars(stmt))


def rule_change(change_id: int) -> RuleChange:
    found = db.session.get(RuleChange, change_id)
    if found is None:
        raise NotVisible()
    return found


def rule_changes_of(edition: Edition) -> list[RuleChange]:
    """Newest first."""
    stmt = select(RuleChange).where(RuleChange.edition_id == edition.id).order_by(RuleChange.id.desc())
    return list(db.session.scalars(stmt))


def open_change_of(edition: Edition) -> RuleChange | None:
    under_way = (RuleChangeState.DRAFTING, RuleChangeState.PROPOSED)
    return next((change for change in rule_changes_of(edition) if change.state in under_way), None)


def proposed_text(change: RuleChange) -> list[dict[str, Any]]:
    """The whole text as it would be (or was) published."""
    if change.version_number:
        return text_of_version(rules_by_number(change.edition, change.version_number))
    return _worded(_as_of_edition(change))


def _as_of_edition(change: RuleChange) -> dict[str, Any]:
    """The copy's rules with the moments in force: those are moved by extensions only."""
    return _data(change.draft) | {"moments": _moments(change.edition)}


def changed_rules(change: RuleChange) -> list[dict[str, Any]]:
    """What the change makes different, section by section."""
    if change.version_number:
        return changes_between(change.edition, change.version_number)
    return rule_text.changes(_worded(_data(change.edition)), proposed_text(change))


def names_of(*user_ids: int | None) -> dict[int, str]:
    wanted = {user_id for user_id in user_ids if user_id}
    rows = db.session.execute(select(User.id, User.display_name).where(User.id.in_(wanted)))
    return {identity: name for identity, name in rows}
