"""Reads what a ranking rests on: sessions, sheets, conflicts, corrections, signatures, its part of the trail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from competition.models import EditionRules, Entry
from core import audit
from core.db import db
from core.models import AuditEvent
from judging import queries
from judging.diagnosis.models import AnomalyFlag, Diagnosis, RoomDeclaration, SecondLook
from judging.models import (
    Correction,
    Judge,
    JudgeConflict,
    Ranking,
    RankingRow,
    Run,
    Seat,
    Session,
    Sheet,
    Signature,
    TieDecision,
)
from judging.queries import diagnoses

EXPORT = "ranking.evidence"  # handing out a pack is audited, and is not part of what it shows


@dataclass(frozen=True)
class Facts:
    ranking: Ranking
    rules: EditionRules | None
    rows: Sequence[RankingRow]
    sessions: Sequence[Session]
    runs: Sequence[Run]
    conflicts: Sequence[JudgeConflict]
    corrections: Sequence[Correction]
    signatures: Sequence[Signature]
    decisions: Sequence[TieDecision]
    looks: Sequence[SecondLook]
    diagnoses: Sequence[Diagnosis]
    flags: Sequence[AnomalyFlag]
    declarations: Sequence[RoomDeclaration]

    @property
    def names(self) -> dict[int, str]:
        seats = [seat for session in self.sessions for seat in session.seats]
        looks = {look.judge_id: look.judge.name for look in self.looks}
        return looks | {seat.judge_id: seat.judge.name for seat in seats}

    @property
    def rooms(self) -> dict[int, int]:
        return {run.entry_id: run.session_id for run in self.runs}


def gather(ranking: Ranking) -> Facts:
    rows = queries.ranking_rows(ranking)
    entry_ids = [row.entry_id for row in rows]
    runs = _runs(ranking, entry_ids)
    sessions = _sessions({run.session_id for run in runs})
    session_ids = [session.id for session in sessions]
    looks = diagnoses.looks_of(ranking)
    judges = {seat.judge_id for session in sessions for seat in session.seats}
    judges |= {look.judge_id for look in looks}
    return Facts(
        ranking=ranking,
        rules=_rules(ranking),
        rows=rows,
        sessions=sessions,
        runs=runs,
        conflicts=_conflicts(judges, entry_ids),
        corrections=_corrections([run.id for run in runs]),
        signatures=_signatures(session_ids),
        decisions=_decisions(ranking, {row.entry.number for row in rows}),
        looks=looks,
        diagnoses=_diagnoses(ranking, looks),
        flags=_flags(ranking),
        declarations=_declarations(ranking),
    )


def _rules(ranking: Ranking) -> EditionRules | None:
    return db.session.scalar(
        select(EditionRules).where(
            EditionRules.edition_id == ranking.stage.edition_id, EditionRules.number == ranking.rules_version
        )
    )


def _runs(ranking: Ranking, entry_ids: Iterable[int]) -> Sequence[Run]:
    stmt = (
        select(Run)
        .join(Run.session)
        .where(
            Session.stage_id == ranking.stage_id,
            Run.entry_id.in_(list(entry_ids)),
            Run.calibration.is_(False),
        )
        .options(
            joinedload(Run.entry).joinedload(Entry.enterprise),
            selectinload(Run.sheets).selectinload(Sheet.scores),
        )
    )
    return db.session.scalars(stmt.order_by(Run.session_id, Run.draw_number)).unique().all()


def _sessions(ids: Iterable[int]) -> Sequence[Session]:
    stmt = (
        select(Session)
        .where(Session.id.in_(list(ids)))
        .options(
            selectinload(Session.seats).joinedload(Seat.judge).selectinload(Judge.pledges),
            selectinload(Session.runs).joinedload(Run.entry),
            joinedload(Session.witness),
        )
    )
    return db.session.scalars(stmt.order_by(Session.id)).all()


def _conflicts(judges: Iterable[int], entry_ids: Iterable[int]) -> Sequence[JudgeConflict]:
    stmt = (
        select(JudgeConflict)
        .where(JudgeConflict.judge_id.in_(list(judges)), JudgeConflict.entry_id.in_(list(entry_ids)))
        .options(joinedload(JudgeConflict.judge), joinedload(JudgeConflict.entry))
    )
    return db.session.scalars(stmt.order_by(JudgeConflict.id)).all()


def _corrections(run_ids: Sequence[int]) -> Sequence[Correction]:
    stmt = (
        select(Correction)
        .join(Correction.sheet)
        .where(Sheet.run_id.in_(run_ids))
        .options(
            contains_eager(Correction.sheet),
            joinedload(Correction.requested_by),
            joinedload(Correction.decided_by),
        )
    )
    return db.session.scalars(stmt.order_by(Correction.id)).all()


def _signatures(session_ids: Sequence[int]) -> Sequence[Signature]:
    stmt = select(Signature).where(Signature.session_id.in_(session_ids)).options(joinedload(Signature.user))
    return db.session.scalars(stmt.order_by(Signature.session_id, Signature.id)).all()


def _decisions(ranking: Ranking, numbers: set[str]) -> Sequence[TieDecision]:
    return [
        decision
        for decision in queries.tie_decisions_of(ranking.stage_id)
        if decision.decided_at <= ranking.frozen_at and numbers & set(decision.entry_numbers)
    ]


def _diagnoses(ranking: Ranking, looks: Sequence[SecondLook]) -> Sequence[Diagnosis]:
    """Those of the ranking, and those its second looks came from where it was frozen anew since."""
    asked = Diagnosis.id.in_({look.diagnosis_id for look in looks})
    stmt = select(Diagnosis).where(or_(Diagnosis.ranking_id == ranking.id, asked))
    return db.session.scalars(stmt.options(joinedload(Diagnosis.asked_by)).order_by(Diagnosis.id)).all()


def _flags(ranking: Ranking) -> Sequence[AnomalyFlag]:
    stmt = select(AnomalyFlag).where(AnomalyFlag.ranking_id == ranking.id)
    return db.session.scalars(stmt.options(joinedload(AnomalyFlag.decided_by)).order_by(AnomalyFlag.id)).all()


def _declarations(ranking: Ranking) -> Sequence[RoomDeclaration]:
    stmt = select(RoomDeclaration).where(RoomDeclaration.stage_id == ranking.stage_id)
    stmt = stmt.options(joinedload(RoomDeclaration.declared_by))
    return db.session.scalars(stmt.order_by(RoomDeclaration.id)).all()


def signed_content(session: Session) -> dict:
    """What `session_digest` covers."""
    return {"session": session.id, "seed": session.draw_seed, "sheets": queries.digest_lines(session)}


def trail_of(facts: Facts) -> Sequence[AuditEvent]:
    """Every event about these rows, in order."""
    subjects = _subjects(facts)
    condition = or_(
        *(
            and_(AuditEvent.subject_type == table, AuditEvent.subject_id.in_(ids))
            for table, ids in subjects.items()
            if ids
        )
    )
    stmt = select(AuditEvent).where(condition, AuditEvent.action != EXPORT)
    return db.session.scalars(stmt.order_by(AuditEvent.seq)).all()


def _subjects(facts: Facts) -> dict[str, list[str]]:
    ranking = facts.ranking
    pledges = [
        pledge
        for session in facts.sessions
        for seat in session.seats
        for pledge in seat.judge.pledges
        if pledge.edition_id == ranking.stage.edition_id
    ]
    rows = [
        *(ranking, ranking.stage, *facts.sessions, *facts.runs, *facts.conflicts, *facts.corrections),
        *(*facts.signatures, *facts.decisions, *pledges, *facts.flags, *facts.looks),
        *{made.ranking for made in facts.diagnoses if made.ranking_id != ranking.id},
        *(sheet for run in facts.runs for sheet in run.sheets),
    ]
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.__tablename__, []).append(audit.identity_of(row))
    return {table: sorted(ids) for table, ids in found.items()}


def chain_between(first: int, last: int) -> list[tuple[int, str]]:
    """(number, seal) of every event from the one before `first` to `last`; of unrelated ones nothing else."""
    stmt = select(AuditEvent.seq, AuditEvent.seal).where(AuditEvent.seq.between(first - 1, last))
    rows = [tuple(row) for row in db.session.execute(stmt.order_by(AuditEvent.seq))]
    return rows if first > 1 else [(0, audit.GENESIS), *rows]


def anchor_within(last: int) -> str:
    """The newest line of the anchor file (outside the database) up to this event; empty without one."""
    path = audit.anchor_path()
    if not path.is_file():
        return ""
    found = ""
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        count = line.split(" ", 1)[0]
        if count.isdigit() and int(count) <= last:
            found = line
    return found
