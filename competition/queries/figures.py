"""Registration figures: one statement counts, the pages and the public site read the same rows."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select

from competition.enums import EntryState, Group, ReviewDecisionKind, ReviewLevel
from competition.models import Edition, Entry, EntryVersion, ReviewDecision
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
    submitted: bool
    count: int


def registration_figures(edition: Edition) -> RegistrationFigures:
    """Prefectures without an entry are listed with 0; the three breakdowns have the same sum."""
    cells = [cell for cell in _cells(edition) if cell.submitted]
    places = _places(edition, cells)
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
    """The one count behind the public figures and the staff's: by place, track, group, state, ever submitted or not."""
    submitted = case((Entry.submitted_at.is_(None), 0), else_=1)
    columns = (Entry.prefecture_code, Entry.track_id, Entry.group, Entry.state, submitted)
    stmt = select(*columns, func.count(Entry.id)).where(Entry.edition_id == edition.id)
    rows = db.session.execute(stmt.group_by(*columns))
    return [_Cell(place, track, group, state, bool(sent), n) for place, track, group, state, sent, n in rows]


def _places(edition: Edition, cells: Iterable[_Cell]) -> list[tuple[str, str]]:
    names = divisions.names()
    covered = sorted({part.division_code for region in edition.regions for part in region.prefectures})
    others = sorted({cell.prefecture for cell in cells} - set(covered))
    return [(code, names.get(code, code)) for code in [*covered, *others]]


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


@dataclass(frozen=True)
class Funnel:
    """One prefecture's registration, from the first word to the place in the contest, and where entries were lost.

    started >= submitted >= passed >= accepted. What was submitted and has not passed is waiting, returned, rejected
    or withdrawn; of what passed, the rest waits for the office or was withdrawn after its pass.
    """

    code: str
    name: str
    started: int = 0
    submitted: int = 0
    waiting: int = 0
    returned: int = 0
    rejected: int = 0
    withdrawn: int = 0
    passed: int = 0
    accepted: int = 0


# Which of a funnel's figures an entry in this state is counted in, apart from started and submitted.
COUNTED_IN = {
    EntryState.DRAFT: (),
    EntryState.SUBMITTED: ("waiting",),
    EntryState.RETURNED: ("returned",),
    EntryState.REJECTED: ("rejected",),
    EntryState.WITHDRAWN: ("withdrawn",),
    EntryState.REGIONAL_PASSED: ("passed",),
    EntryState.ACCEPTED: ("passed", "accepted"),
    EntryState.DISQUALIFIED: ("passed", "accepted"),
}


def funnels(edition: Edition, prefectures: Collection[str] | None = None) -> tuple[Funnel, list[Funnel]]:
    """In all and by prefecture, of the given prefectures or of all; the same count as the public figures."""
    cells = _cells(edition)
    if prefectures is not None:
        cells = [cell for cell in cells if cell.prefecture in prefectures]
    places = [place for place in _places(edition, cells) if prefectures is None or place[0] in prefectures]
    by_place = [_funnel(code, name, [c for c in cells if c.prefecture == code]) for code, name in places]
    return _funnel("", "合计", cells), by_place


def _funnel(code: str, name: str, cells: Iterable[_Cell]) -> Funnel:
    counts: Counter[str] = Counter()
    for cell in cells:
        counts["started"] += cell.count
        if cell.submitted:
            counts["submitted"] += cell.count
            for figure in COUNTED_IN[cell.state]:
                counts[figure] += cell.count
    return Funnel(code, name, **counts)


def first_submissions(edition: Edition, prefectures: Collection[str] | None = None) -> list[datetime]:
    """When each entry was submitted for the first time, in order."""
    stmt = select(EntryVersion.submitted_at).join(Entry, Entry.id == EntryVersion.entry_id)
    stmt = stmt.where(Entry.edition_id == edition.id, EntryVersion.number == 1)
    if prefectures is not None:
        stmt = stmt.where(Entry.prefecture_code.in_(prefectures))
    return sorted(db.session.scalars(stmt))


def edition_before(edition: Edition) -> Edition | None:
    """The published edition held before this one."""
    stmt = select(Edition).where(
        Edition.rules_version > 0, Edition.id != edition.id, Edition.ordinal < edition.ordinal
    )
    return db.session.scalar(stmt.order_by(Edition.ordinal.desc(), Edition.id.desc()).limit(1))


@dataclass(frozen=True)
class Reviewed:
    """A finished review of one level: where, since when it waited there, when it was decided."""

    prefecture: str
    level: ReviewLevel
    since: datetime
    decided_at: datetime


def finished_reviews(edition: Edition) -> list[Reviewed]:
    """Each version's first decision at each level; the office's waits since the regional pass before it."""
    stmt = (
        select(Entry.id, Entry.prefecture_code, ReviewDecision, EntryVersion.submitted_at)
        .join(Entry, Entry.id == ReviewDecision.entry_id)
        .join(
            EntryVersion,
            and_(EntryVersion.entry_id == Entry.id, EntryVersion.number == ReviewDecision.version_number),
        )
        .where(Entry.edition_id == edition.id, ReviewDecision.decision != ReviewDecisionKind.TAKE_BACK)
        .order_by(ReviewDecision.id)
    )
    found, passed, seen = [], {}, set()
    for entry_id, place, decision, submitted_at in db.session.execute(stmt):
        here = (entry_id, decision.version_number, decision.level)
        since = passed.get(entry_id) if decision.level == ReviewLevel.OFFICE else submitted_at
        if here not in seen and since is not None:
            found.append(Reviewed(place, decision.level, since, decision.decided_at))
        seen.add(here)
        if decision.decision == ReviewDecisionKind.PASS:
            passed[entry_id] = decision.decided_at
    return found
