"""Parts of an edition while it is a draft: tracks, regions, criteria, stages.

They are audited as changes of the edition: they come and go, and the trail must not speak of rows that are gone.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from competition import queries, quotas
from competition.enums import (
    Aggregation,
    CriterionMode,
    EditionState,
    Group,
    RuleChangeState,
    StageKind,
)
from competition.models import Criterion, Edition, Region, RegionPrefecture, Stage, Track
from competition.queries.rules import STAGE
from competition.rules import may_run_editions
from core import audit
from core.db import db, flush
from core.errors import IllegalTransition, InvalidInput
from core.rules import Actor

# A round's place is given by its order and changed on its own.
STAGE_COLUMNS = tuple(column for column in STAGE if column != "position")
# A round of five who score in halves, eight minutes and seven, everybody's mean (DOMAIN.md 8.1).
USUAL = {
    "panel_size": 5,
    "aggregation": Aggregation.MEAN,
    "drop_high": 0,
    "drop_low": 0,
    "round_first": True,
    "tie_chain": (),
    "score_step": 50,
    "pitch_minutes": 8,
    "answer_minutes": 7,
    "second_panel": {},
    "second_look": {},
    "quota": {},
    "backfill": True,
    "has_notice": False,
    "visits_after": False,
    "recommends": False,
}
CRITERION_COLUMNS = ("code", "name", "mode", "max_hundredths", "hint")
ALL_POINTS = 10_000
REMAIN = 3  # scores a panel must keep
LARGEST_PANEL = 99
CRITERION_STEP = "criterion:"
TIE_STEPS = ("earlier_round", "panel_decision", "both_advance")


def is_editable(edition: Edition) -> bool:
    """A draft, or the working copy of a change that is still being written."""
    change = edition.change
    return edition.state == EditionState.DRAFT and (
        change is None or change.state == RuleChangeState.DRAFTING
    )


def must_be_draft(edition: Edition, actor: Actor) -> None:
    may_run_editions(actor).or_raise()
    if not is_editable(edition):
        raise IllegalTransition("规则已发布或已提交复核，不能直接修改。")


def add_track(edition: Edition, *, code: str, name: str, actor: Actor, now: datetime) -> Track:
    must_be_draft(edition, actor)
    if any(code == track.code for track in edition.tracks):
        raise InvalidInput("本届已有相同代码的行业。", code="code_taken", field="code")
    track = Track(code=code, name=name, position=_next_position(edition.tracks))
    edition.tracks.append(track)
    flush()
    audit.record("edition.add_track", edition, actor=actor, now=now, after={"code": code, "name": name})
    return track


def change_track(track: Track, *, name: str, room_of: Track | None, actor: Actor, now: datetime) -> Track:
    """Its name, and whose room it shares (合并评审室): a track that is host to others has a room of its own."""
    edition = track.edition
    must_be_draft(edition, actor)
    if not name.strip():
        raise InvalidInput("请填写名称。", code="empty", field="name")
    if room_of is not None:
        guests = [other for other in edition.tracks if other.room_of_id == track.id]
        if room_of.id == track.id or room_of.room_of_id is not None or guests:
            raise InvalidInput(
                "只能并入单独设评审室的行业，且自身没有并入的行业。", code="room", field="room_of"
            )
    before = {"name": track.name, "room_of": track.room_of_id}
    track.name, track.room_of_id = name.strip(), room_of.id if room_of else None
    flush()
    after = {"code": track.code, "name": track.name, "room_of": room_of.code if room_of else None}
    audit.record("edition.change_track", edition, actor=actor, now=now, before=before, after=after)
    return track


def remove_track(track: Track, *, actor: Actor, now: datetime) -> None:
    for other in track.edition.tracks:
        if other.room_of_id == track.id:
            raise InvalidInput(f"“{other.name}”并入了该行业的评审室，请先改为单独设室。", code="room")
    _remove(track, track.edition.tracks, "edition.remove_track", actor=actor, now=now)


def add_region(
    edition: Edition, *, name: str, host: str, prefectures: Iterable[str], actor: Actor, now: datetime
) -> Region:
    must_be_draft(edition, actor)
    codes = _checked_region(edition, None, name, prefectures)
    parts = [RegionPrefecture(edition_id=edition.id, division_code=code) for code in codes]
    region = Region(name=name, host=host, position=_next_position(edition.regions), prefectures=parts)
    edition.regions.append(region)
    flush()
    after = {"name": name, "host": host, "prefectures": codes}
    audit.record("edition.add_region", edition, actor=actor, now=now, after=after)
    return region


def change_region(
    region: Region, *, name: str, host: str, prefectures: Iterable[str], actor: Actor, now: datetime
) -> Region:
    edition = region.edition
    must_be_draft(edition, actor)
    codes = _checked_region(edition, region, name, prefectures)
    kept = {part.division_code: part for part in region.prefectures}
    before = {"name": region.name, "host": region.host, "prefectures": sorted(kept)}
    region.name, region.host = name, host
    region.prefectures = [
        kept.get(code) or RegionPrefecture(edition_id=edition.id, division_code=code) for code in codes
    ]
    flush()
    after = {"name": name, "host": host, "prefectures": codes}
    audit.record("edition.change_region", edition, actor=actor, now=now, before=before, after=after)
    return region


def _checked_region(edition: Edition, own: Region | None, name: str, prefectures: Iterable[str]) -> list[str]:
    codes = sorted(set(prefectures))
    others = [region for region in edition.regions if region is not own]
    if not codes:
        raise InvalidInput("请至少选择一个地州市。", code="empty", field="prefectures")
    if any(name == region.name for region in others):
        raise InvalidInput("本届已有同名赛区。", code="name_taken", field="region_name")
    taken = {part.division_code for region in others for part in region.prefectures}
    if taken & set(codes):
        raise InvalidInput("所选地州市中有的已归入另一赛区。", code="prefecture_taken", field="prefectures")
    return codes


def remove_region(region: Region, *, actor: Actor, now: datetime) -> None:
    _remove(region, region.edition.regions, "edition.remove_region", actor=actor, now=now)


def move_part(part: Track | Region | Stage, *, up: bool, actor: Actor, now: datetime) -> None:
    """Change places with the neighbour before or after; at an end nothing happens."""
    edition = part.edition
    must_be_draft(edition, actor)
    siblings = {Track: edition.tracks, Region: edition.regions, Stage: edition.stages}[type(part)]
    place = siblings.index(part)
    other_place = place - 1 if up else place + 1
    if not 0 <= other_place < len(siblings):
        return
    other = siblings[other_place]
    here, there = part.position, other.position
    part.position = -1  # two rows may not stand at one place, not even between two statements
    flush()
    other.position = here
    flush()
    part.position = there
    flush()
    siblings.sort(key=lambda row: row.position)
    after = {"order": [row.name for row in siblings]}
    audit.record("edition.reorder", edition, actor=actor, now=now, after=after)


def _next_position(parts: list) -> int:
    return max((part.position for part in parts), default=0) + 1


def _remove(part: Any, siblings: list, action: str, *, actor: Actor, now: datetime) -> None:
    edition = part.edition
    must_be_draft(edition, actor)
    siblings.remove(part)
    db.session.delete(part)
    flush()
    audit.record(action, edition, actor=actor, now=now, before={"name": part.name})


def set_criteria(
    edition: Edition,
    *,
    group: Group,
    criteria: Iterable[Mapping[str, Any]],
    stage: Stage | None = None,
    actor: Actor,
    now: datetime,
) -> list[Criterion]:
    """Replace one group's criteria (code, name, max_hundredths, optional mode and hint); points sum to 100.00.

    Those of a `stage` count in it instead of the edition's; without any the edition's count there too.
    """
    must_be_draft(edition, actor)
    wanted = [dict(item) for item in criteria]
    total = sum(item["max_hundredths"] for item in wanted)
    if total != ALL_POINTS and not (stage and not wanted):
        raise InvalidInput(
            f"各评分项满分之和须为 100，现为 {total / 100:g}。", code="weights", field="criteria"
        )
    if len({item["code"] for item in wanted}) != len(wanted):
        raise InvalidInput("评分项代码重复。", code="code_taken", field="criteria")
    old = queries.own_criteria(edition, group, stage)
    for criterion in old:
        db.session.delete(criterion)
    flush()
    rows = [
        Criterion(
            edition_id=edition.id,
            stage_id=stage.id if stage else None,
            group=group,
            position=position,
            hint=item.pop("hint", "") or "",
            mode=item.pop("mode", CriterionMode.POINTS),
            **item,
        )
        for position, item in enumerate(wanted, 1)
    ]
    db.session.add_all(rows)
    flush()
    after = {
        "group": group,
        "stage": stage.name if stage else None,
        "criteria": {row.name: row.max_hundredths for row in rows},
    }
    before = {"criteria": {row.name: row.max_hundredths for row in old}}
    audit.record("edition.set_criteria", edition, actor=actor, now=now, before=before, after=after)
    return rows


def add_stage(
    edition: Edition, *, kind: StageKind, name: str, actor: Actor, now: datetime, **values: Any
) -> Stage:
    """A further round at the end. `values` are any of STAGE_COLUMNS; what is left out keeps its usual value."""
    must_be_draft(edition, actor)
    _known_columns(values)
    given = {column: _own(value) for column, value in (USUAL | values).items()}
    stage = Stage(kind=kind, name=name, position=_next_position(edition.stages), **given)
    _check_stage({column: getattr(stage, column) for column in STAGE_COLUMNS})
    edition.stages.append(stage)
    flush()
    after = {"kind": kind, "name": name, "panel_size": stage.panel_size}
    audit.record("edition.add_stage", edition, actor=actor, now=now, after=after)
    return stage


def _known_columns(values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(STAGE_COLUMNS)
    if unknown:
        raise InvalidInput(f"不能修改：{'、'.join(sorted(unknown))}。", code="unknown_parameter")


def _own(value: Any) -> Any:
    """A column's value of its own, never shared with the round it was copied from."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, list | tuple) else value if value is not None else {}


def change_stage(stage: Stage, *, values: Mapping[str, Any], actor: Actor, now: datetime) -> Stage:
    must_be_draft(stage.edition, actor)
    _known_columns(values)
    _check_stage({name: getattr(stage, name) for name in STAGE_COLUMNS} | values)
    before = {name: getattr(stage, name) for name, value in values.items() if getattr(stage, name) != value}
    for name in before:
        setattr(stage, name, values[name])
    flush()
    after = {"stage": stage.name, **{name: values[name] for name in before}}
    audit.record("edition.change_stage", stage.edition, actor=actor, now=now, before=before, after=after)
    return stage


def remove_stage(stage: Stage, *, actor: Actor, now: datetime) -> None:
    must_be_draft(stage.edition, actor)
    for row in db.session.scalars(select(Criterion).where(Criterion.stage_id == stage.id)):
        db.session.delete(row)
    _remove(stage, stage.edition.stages, "edition.remove_stage", actor=actor, now=now)


def _check_stage(values: Mapping[str, Any]) -> None:
    """The quota is readable, every panel keeps enough scores, the tie chain ends, second panel and look make sense."""
    if values["quota"]:
        quotas.rule_from(values["quota"])
    dropped = values["drop_high"] + values["drop_low"]
    if values["aggregation"] == Aggregation.MEAN and dropped:
        raise InvalidInput("取平均分时不去最高最低分。", code="trimming", field="drop_high")
    sizes = [values["panel_size"]]
    if values["second_panel"]:
        _check_second_panel(values["second_panel"])
        sizes += [values["second_panel"]["size"]] * bool(values["second_panel"]["weight"])
    if values["aggregation"] == Aggregation.TRIMMED and (not dropped or min(sizes) - dropped < REMAIN):
        raise InvalidInput("去掉最高最低分后至少要保留三个分数。", code="trimming", field="drop_high")
    _check_tie_chain(list(values["tie_chain"]))
    look = values["second_look"]
    if look and not (look == {"how": "pooled"} or (look.get("how") == "weighted" and _share(look))):
        raise InvalidInput("复评占比应为 1 至 99 的整数。", code="second_look", field="look_weight")


def _check_second_panel(panel: Mapping[str, Any]) -> None:
    if not panel.get("name", "").strip():
        raise InvalidInput("请填写第二评审团的名称。", code="second_panel", field="second_name")
    if not (type(panel.get("size")) is int and REMAIN <= panel["size"] <= LARGEST_PANEL):
        raise InvalidInput("第二评审团应为 3 至 99 人。", code="second_panel", field="second_size")
    if panel.get("weight") != 0 and not _share(panel):
        raise InvalidInput("占比应为 1 至 99 的整数。", code="second_panel", field="second_weight")


def _share(part: Mapping[str, Any]) -> bool:
    weight = part.get("weight")
    return type(weight) is int and 1 <= weight <= 99


def _check_tie_chain(chain: list[str]) -> None:
    """Each step once; that all advance together only as the last, since it leaves nothing to part."""
    named = [step for step in chain if step.startswith(CRITERION_STEP) and step != CRITERION_STEP]
    if [step for step in chain if step not in TIE_STEPS and step not in named]:
        raise InvalidInput("同分处理的步骤无法识别。", code="tie_chain", field="tie_1")
    if len(set(chain)) != len(chain):
        raise InvalidInput("同分处理的步骤不能重复。", code="tie_chain", field="tie_1")
    if "both_advance" in chain[:-1]:
        raise InvalidInput("并列同时晋级只能是最后一步。", code="tie_chain", field="tie_shared")


def remapped(quota: Mapping[str, Any], regions: Mapping[str, str]) -> dict[str, Any]:
    """A quota whose table names regions by other values: ids of the copy, or names."""
    quota = dict(quota)
    by = list(quota.get("by", ()))
    places = dict(quota.get("places", {}))
    if "region" in by and places.get("table"):
        at = by.index("region")
        places["table"] = [
            [[regions.get(v, v) if i == at else v for i, v in enumerate(unit)], number]
            for unit, number in places["table"]
        ]
        quota["places"] = places
    return quota
