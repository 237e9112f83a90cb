"""Registration figures: one statement counts, the pages and the public site read the same rows."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from competition.enums import EntryState, Group
from competition.models import Edition, Entry
from core import divisions
from core.db import db

# Past the whole review; a firm that left afterwards was accepted all the same.
ACCEPTED = frozenset({EntryState.ACCEPTED, EntryState.DISQUALIFIED})


@dataclass(frozen=True)
class FigureRow:
    code: str
    name: str
    submitted: int
    accepted: int


@dataclass(frozen=True)
class RegistrationFigures:
    """Entries ever submitted and entries accepted, in all and by prefecture, track and group."""

    submitted: int
    accepted: int
    by_prefecture: list[FigureRow]
    by_track: list[FigureRow]
    by_group: list[FigureRow]


@dataclass(frozen=True)
class _Cell:
    prefecture: str
    track_id: int | None
    group: Group
    state: EntryState
    count: int


def registration_figures(edition: Edition) -> RegistrationFigures:
    """Prefectures without an entry are listed with 0; the three breakdowns have the same sum."""
    cells = _cells(edition)
    names = divisions.names()
    covered = sorted({part.division_code for region in edition.regions for part in region.prefectures})
    others = sorted({cell.prefecture for cell in cells} - set(covered))
    places = [(code, names.get(code, code)) for code in [*covered, *others]]
    tracks = [(str(track.id), track.name) for track in edition.tracks]
    groups = [(group.value, group.label) for group in Group]
    return RegistrationFigures(
        submitted=sum(cell.count for cell in cells),
        accepted=sum(cell.count for cell in cells if cell.state in ACCEPTED),
        by_prefecture=_rows(cells, places, lambda cell: cell.prefecture),
        by_track=_rows(cells, tracks, lambda cell: str(cell.track_id)),
        by_group=_rows(cells, groups, lambda cell: cell.group.value),
    )


def _cells(edition: Edition) -> list[_Cell]:
    columns = (Entry.prefecture_code, Entry.track_id, Entry.group, Entry.state)
    stmt = select(*columns, func.count(Entry.id)).where(
        Entry.edition_id == edition.id, Entry.submitted_at.is_not(None)
    )
    return [_Cell(*row) for row in db.session.execute(stmt.group_by(*columns))]


def _rows(
    cells: Iterable[_Cell], names: list[tuple[str, str]], key: Callable[[_Cell], str]
) -> list[FigureRow]:
    submitted: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for cell in cells:
        submitted[key(cell)] += cell.count
        if cell.state in ACCEPTED:
            accepted[key(cell)] += cell.count
    return [FigureRow(code, name, submitted[code], accepted[code]) for code, name in names]


def count_by_state(edition: Edition) -> dict[EntryState, int]:
    """Entries in every state, drafts included (their number, never their content)."""
    stmt = (
        select(Entry.state, func.count(Entry.id)).where(Entry.edition_id == edition.id).group_by(Entry.state)
    )
    found = {state: count for state, count in db.session.execute(stmt)}
    return {state: found.get(state, 0) for state in EntryState}
