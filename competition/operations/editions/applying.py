"""Carrying a working copy over into the edition in force, part by part; what was begun or used stays as it is."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from competition import queries
from competition.enums import Group, StageState
from competition.models import Candidacy, Criterion, Edition, Entry, Region, RegionPrefecture, Stage, Track
from competition.operations.editions.parameters import DEADLINES, PARAMETERS
from competition.operations.editions.parts import CRITERION_COLUMNS, STAGE_COLUMNS, remapped
from core.db import db, flush
from core.errors import Conflict
from core.rules import Actor

# Moments are moved by an extension, which has its own reason, history and notice.
CARRIED = tuple(name for name in PARAMETERS if name not in (*DEADLINES, "opens_at"))
FAR = 1000


def refuse_impossible(edition: Edition, draft: Edition) -> None:
    """What cannot be carried over any more: parts in use taken out, rounds that have begun changed."""
    kept = {part.origin_id for part in draft.tracks}
    for track in edition.tracks:
        if track.id not in kept and _used(Entry.track_id, track.id):
            raise Conflict(f"行业“{track.name}”已有报名项目，不能删除。", code="track_used")
    kept = {part.origin_id for part in draft.regions}
    for region in edition.regions:
        if region.id not in kept and _used(Entry.region_id, region.id):
            raise Conflict(f"赛区“{region.name}”已有报名项目，不能删除。", code="region_used")
    begun = [stage for stage in edition.stages if stage.state != StageState.PLANNED]
    copies = {stage.origin_id: stage for stage in draft.stages}
    for place, stage in enumerate(begun):
        copy = copies.get(stage.id)
        if copy is None or draft.stages[place] is not copy or stage_data(copy) != stage_data(stage):
            raise Conflict(f"“{stage.name}”已经开始，规则不能再改。", code="stage_begun")
    if begun and (_areas(edition) != _areas(draft, origin=True) or _points(edition) != _points(draft)):
        raise Conflict("比赛已经开始，赛区划分和评分标准不能再改。", code="contest_begun")


def _used(column: Any, value: int) -> bool:
    return bool(db.session.scalar(select(func.count()).where(column == value)))


def stage_data(stage: Stage) -> dict[str, Any]:
    """What a round's rules say, regions of its quota told by name, so that copies can be compared."""
    data = {name: getattr(stage, name) for name in STAGE_COLUMNS}
    names = {str(region.id): region.name for region in stage.edition.regions}
    data["quota"] = remapped(stage.quota, names)
    data["criteria"] = {group: _rows(stage.edition, group, stage) for group in Group}
    return data


def _rows(edition: Edition, group: Group, stage: Stage | None = None) -> list[tuple]:
    return [
        tuple(getattr(row, name) for name in CRITERION_COLUMNS)
        for row in queries.own_criteria(edition, group, stage)
    ]


def _points(edition: Edition) -> list:
    return [_rows(edition, group) for group in Group]


def _areas(edition: Edition, *, origin: bool = False) -> dict:
    return {
        part.division_code: region.origin_id if origin else region.id
        for region in edition.regions
        for part in region.prefectures
    }


def apply_draft(edition: Edition, draft: Edition, *, actor: Actor, now: datetime) -> None:
    """Everything the copy says, onto the edition's own rows; ids that entries and rounds point to stay."""
    for name in CARRIED:
        setattr(edition, name, getattr(draft, name))
    _carry_tracks(edition, draft)
    regions = _carry_regions(edition, draft)
    stages = _carry_stages(edition, draft, regions)
    flush()
    _carry_criteria(edition, draft, None, None)
    for copy, stage in stages:
        if stage.state == StageState.PLANNED:
            _carry_criteria(edition, draft, copy, stage)
    flush()


def _carry_tracks(edition: Edition, draft: Edition) -> None:
    own = {track.id: track for track in edition.tracks}
    made: dict[int, Track] = {}
    for copy in draft.tracks:
        track = own.pop(copy.origin_id, None)
        if track is None:
            track = Track(code=copy.code, edition_id=edition.id)
            db.session.add(track)
        track.name, track.position = copy.name, copy.position
        made[copy.id] = track
    _delete(own.values())
    flush()
    for copy in draft.tracks:
        target = made.get(copy.room_of_id) if copy.room_of_id else None
        made[copy.id].room_of_id = target.id if target else None


def _carry_regions(edition: Edition, draft: Edition) -> dict[str, str]:
    """The edition's id of each region by the copy's, as quotas name them."""
    if _areas(edition) != _areas(draft, origin=True):
        for region in edition.regions:
            region.prefectures = []
        flush()
    own = {region.id: region for region in edition.regions}
    ids: dict[str, Region] = {}
    for copy in draft.regions:
        region = own.pop(copy.origin_id, None)
        if region is None:
            region = Region(edition_id=edition.id)
            db.session.add(region)
        region.name, region.host, region.position = copy.name, copy.host, copy.position
        if not region.prefectures:
            region.prefectures = [
                RegionPrefecture(edition_id=edition.id, division_code=part.division_code)
                for part in copy.prefectures
            ]
        ids[str(copy.id)] = region
    _delete(own.values())
    flush()
    _place_entries(edition, ids.values())
    return {copy: str(region.id) for copy, region in ids.items()}


def _place_entries(edition: Edition, regions: Iterable[Region]) -> None:
    """Entries follow their prefecture into its region as long as no round has taken them in."""
    covered = {part.division_code: region.id for region in regions for part in region.prefectures}
    in_rounds = select(Candidacy.entry_id)
    stmt = select(Entry).where(Entry.edition_id == edition.id, Entry.id.not_in(in_rounds))
    for entry in db.session.scalars(stmt):
        wanted = covered.get(entry.prefecture_code)
        if entry.region_id != wanted:
            entry.region_id = wanted


def _carry_stages(edition: Edition, draft: Edition, regions: Mapping[str, str]) -> list[tuple[Stage, Stage]]:
    own = {stage.id: stage for stage in edition.stages}
    for stage in edition.stages:
        stage.position += FAR
    flush()
    pairs = []
    for place, copy in enumerate(draft.stages, 1):
        stage = own.pop(copy.origin_id, None) or Stage(edition_id=edition.id)
        if stage.state in (None, StageState.PLANNED):
            for name in STAGE_COLUMNS:
                setattr(stage, name, getattr(copy, name))
            stage.quota = remapped(copy.quota, regions)
        stage.position = place
        db.session.add(stage)
        pairs.append((copy, stage))
    for stage in own.values():
        for row in db.session.scalars(select(Criterion).where(Criterion.stage_id == stage.id)):
            db.session.delete(row)
    flush()
    _delete(own.values())
    return pairs


def _carry_criteria(edition: Edition, draft: Edition, copy: Stage | None, stage: Stage | None) -> None:
    for group in Group:
        wanted = queries.own_criteria(draft, group, copy)
        present = queries.own_criteria(edition, group, stage)
        if _rows(draft, group, copy) == _rows(edition, group, stage):
            continue
        for row in present:
            db.session.delete(row)
        flush()
        for row in wanted:
            db.session.add(
                Criterion(
                    edition_id=edition.id,
                    stage_id=stage.id if stage else None,
                    group=group,
                    position=row.position,
                    **{name: getattr(row, name) for name in CRITERION_COLUMNS},
                )
            )


def _delete(parts: Iterable[Any]) -> None:
    for part in parts:
        db.session.delete(part)
