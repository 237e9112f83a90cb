"""The order in which an edition's prizes are given: the last round first, then those it did not reach.

Inside the last round its own ranking stands. Entries of the round before follow by their rank in their own room,
then by score, then by the score of the round before that: rooms are never compared by raw score alone.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from awards.allocation import RankedEntry
from awards.models import Award
from competition.enums import CandidacyState, EntryState, VisitConclusion
from competition.models import Candidacy, Edition, Entry, Stage, Visit
from core.db import db

DROPPED = (CandidacyState.WITHDRAWN, CandidacyState.DISQUALIFIED)


def standing(edition: Edition, *, without: frozenset[int] = frozenset()) -> list[RankedEntry]:
    """Every entry that was ranked in the last two rounds, with its place in its group. `without`: entry ids."""
    stages = [stage for stage in edition.stages if stage.kind != "web"][::-1]
    rows = _candidacies(edition)
    by_entry: dict[int, dict[int, Candidacy]] = defaultdict(dict)
    for row in rows:
        by_entry[row.entry_id][row.stage_id] = row
    passed = set(
        db.session.scalars(
            select(Visit.entry_id)
            .join(Entry)
            .where(Entry.edition_id == edition.id, Visit.conclusion == VisitConclusion.PASS)
        )
    )
    contenders = [
        (_order(found, stages), found)
        for found in by_entry.values()
        if any(s.id in found for s in stages[:2])
    ]
    return [
        _ranked(found, rank, passed, without)
        for group in ("startup", "growth")
        for rank, found in _ranks([c for c in contenders if _entry(c[1]).group == group])
    ]


def _candidacies(edition: Edition) -> Sequence[Candidacy]:
    return db.session.scalars(
        select(Candidacy).join(Stage).where(Stage.edition_id == edition.id, Candidacy.rank.is_not(None))
    ).all()


def _entry(found: dict[int, Candidacy]) -> Entry:
    return next(iter(found.values())).entry


def _order(found: dict[int, Candidacy], stages: list[Stage]) -> tuple:
    last = found.get(stages[0].id)
    if last is not None:
        return (0, last.rank)
    places = [found.get(stage.id) for stage in stages[1:]]
    scores = [-(place.score_hundredths or 0) if place else 0 for place in places]
    return (1, places[0].rank if places and places[0] else 10_000, *scores)


def _ranks(contenders: list[tuple]) -> list[tuple[int, dict[int, Candidacy]]]:
    """Competition ranks 1, 2, 2, 4; equal orders share one."""
    contenders.sort(key=lambda item: (item[0], _entry(item[1]).number))
    ranked: list[tuple[int, dict[int, Candidacy]]] = []
    for place, (order, found) in enumerate(contenders, 1):
        same = place > 1 and order == contenders[place - 2][0]
        ranked.append((ranked[-1][0] if same else place, found))
    return ranked


def _ranked(found: dict[int, Candidacy], rank: int, passed: set[int], without: frozenset[int]) -> RankedEntry:
    entry = _entry(found)
    dropped = entry.state != EntryState.ACCEPTED or any(row.state in DROPPED for row in found.values())
    eligible = entry.id in passed and not dropped
    reason = None if eligible else ("dropped" if dropped else "due_diligence")
    return RankedEntry(
        key=entry.id,
        rank=rank,
        group=entry.group.value,
        credit_code=entry.enterprise.credit_code,
        eligible=eligible,
        ineligible_reason=reason,
        excluded=entry.id in without,
        exclusion_reason="objection" if entry.id in without else None,
    )


def cancelled_entries(edition: Edition) -> frozenset[int]:
    """Entries whose award was taken back: they never come up again."""
    stmt = select(Award.entry_id).where(Award.edition_id == edition.id, Award.state == "cancelled")
    return frozenset(entry_id for entry_id in db.session.scalars(stmt) if entry_id)
