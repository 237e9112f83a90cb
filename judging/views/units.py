"""The units a stage is ranked in, with how far each of them is."""

from dataclasses import dataclass, field

from competition.models import Stage
from judging import queries
from judging.enums import SessionState
from judging.models import Ranking, Session
from judging.standings import Unit


@dataclass
class UnitStatus:
    """One unit: its candidates, those with a session, its sessions, its frozen ranking."""

    unit: Unit
    candidates: int = 0
    placed: int = 0
    sessions: list[Session] = field(default_factory=list)
    ranking: Ranking | None = None

    @property
    def ready(self) -> bool:
        closed = (SessionState.LOCKED, SessionState.SIGNED)
        locked = all(session.state in closed for session in self.sessions)
        return self.ranking is None and self.candidates > 0 and self.placed == self.candidates and locked


def units_of(stage: Stage) -> list[UnitStatus]:
    """By the dimensions of the stage's quota; without one by group alone. Two statements and the sessions."""
    by = set(stage.quota.get("by", ()))
    regions = {region.id: region for region in stage.edition.regions}
    tracks = {track.id: track for track in stage.edition.tracks}
    found: dict[tuple, UnitStatus] = {}
    for group, region_id, track_id, session in queries.field_with_sessions(stage):
        region = regions.get(region_id) if "region" in by else None
        track = tracks[track_id].room if "track" in by and track_id in tracks else None
        unit = Unit(stage, group, region, track)
        status = found.setdefault(_key(unit), UnitStatus(unit))
        status.candidates += 1
        if session is not None:
            status.placed += 1
            if session not in status.sessions:
                status.sessions.append(session)
    for ranking in queries.frozen_rankings(stage):
        unit = Unit(stage, ranking.group, ranking.region, ranking.track)
        found.setdefault(_key(unit), UnitStatus(unit)).ranking = ranking
    return sorted(found.values(), key=lambda status: _order(status.unit))


def _key(unit: Unit) -> tuple:
    return unit.group, unit.region.id if unit.region else None, unit.track.id if unit.track else None


def _order(unit: Unit) -> tuple:
    """Regions and tracks in the edition's order, the start-up group before the growth group."""
    place = (unit.region.position if unit.region else 0, unit.track.position if unit.track else 0)
    return *place, unit.group.value == "growth"
