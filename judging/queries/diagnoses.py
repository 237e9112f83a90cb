"""Reads of diagnoses and of what they look at."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import contains_eager, joinedload, load_only, selectinload

from competition.enums import CandidacyState, Group
from competition.models import Candidacy, Entry, Stage
from core.db import db
from core.enums import JobState, Role
from core.models import Job, User
from core.rules import Actor
from judging.diagnosis.enums import LookState
from judging.diagnosis.models import AnomalyFlag, Diagnosis, RoomDeclaration, SecondLook
from judging.enums import SessionState, SheetState
from judging.models import Judge, JudgeConflict, Pledge, Ranking, RankingRow, Run, Seat, Session, Sheet
from judging.queries.sessions import READERS, found_or_refused

JOB = "diagnosis"
CLOSED = (SessionState.LOCKED, SessionState.SIGNED)


def chaired_by(user: Actor):
    """The rankings with an entry that was heard by a panel this person led, as ids."""
    return (
        select(RankingRow.ranking_id)
        .join(Ranking, Ranking.id == RankingRow.ranking_id)
        .join(Run, Run.entry_id == RankingRow.entry_id)
        .join(Session, (Session.id == Run.session_id) & (Session.stage_id == Ranking.stage_id))
        .join(Seat, (Seat.session_id == Session.id) & Seat.is_chair)
        .join(Judge, Judge.id == Seat.judge_id)
        .where(Judge.user_id == user.id, Run.calibration.is_(False))
    )


def chairs(actor: Actor, ranking_id: int) -> bool:
    if actor.role != Role.JUDGE:
        return False
    stmt = select(Ranking.id).where(Ranking.id == ranking_id, Ranking.id.in_(chaired_by(actor)))
    return db.session.scalar(stmt) is not None


def diagnosable_ranking(user: User, ranking_id: int) -> Ranking:
    """A ranking whose diagnosis this person may read: those who answer for the result, and the chairs of its panels."""
    allowed = true() if user.role in READERS else false()
    if user.role == Role.JUDGE:
        allowed = Ranking.id.in_(chaired_by(user))
    stmt = select(Ranking).where(Ranking.id == ranking_id, allowed)
    options = joinedload(Ranking.region), joinedload(Ranking.track), joinedload(Ranking.stage)
    return found_or_refused(db.session.scalar(stmt.options(*options)))


def diagnoses_of(ranking: Ranking) -> Sequence[Diagnosis]:
    """Newest first; the results themselves are read one at a time."""
    columns = load_only(
        Diagnosis.ranking_id, Diagnosis.places, Diagnosis.draws, Diagnosis.seed, Diagnosis.computed_at
    )
    stmt = select(Diagnosis).where(Diagnosis.ranking_id == ranking.id)
    return db.session.scalars(stmt.options(columns).order_by(Diagnosis.id.desc())).all()


def diagnosis_of(ranking: Ranking, diagnosis_id: int | None = None) -> Diagnosis | None:
    """The diagnosis asked for, else the newest."""
    stmt = select(Diagnosis).where(Diagnosis.ranking_id == ranking.id).options(joinedload(Diagnosis.asked_by))
    if diagnosis_id is not None:
        return found_or_refused(db.session.scalar(stmt.where(Diagnosis.id == diagnosis_id)))
    return db.session.scalar(stmt.order_by(Diagnosis.id.desc()).limit(1))


def last_job_of(ranking: Ranking) -> Job | None:
    """The newest order for a diagnosis of this ranking that is not done."""
    stmt = select(Job).where(Job.kind == JOB, Job.state != JobState.DONE).order_by(Job.id.desc()).limit(200)
    jobs = (job for job in db.session.scalars(stmt) if job.payload.get("ranking_id") == ranking.id)
    return next(jobs, None)


def declaration_of(stage_id: int) -> RoomDeclaration | None:
    """The declaration that holds: the last made before the first score."""
    stmt = select(RoomDeclaration).where(RoomDeclaration.stage_id == stage_id)
    stmt = stmt.options(joinedload(RoomDeclaration.declared_by)).order_by(RoomDeclaration.id.desc())
    return db.session.scalar(stmt.limit(1))


def is_scored(stage_id: int) -> bool:
    """Whether a judge has begun to score in this round."""
    begun = Sheet.state.in_((SheetState.DRAFT, SheetState.SUBMITTED))
    stmt = select(Sheet.id).join(Sheet.run).join(Run.session).where(Session.stage_id == stage_id, begun)
    return db.session.scalar(stmt.limit(1)) is not None


def places_of(stage: Stage, entry_ids: Iterable[int]) -> list[tuple[str, int, int | None]]:
    """(entry number, session id, place in the running order) of these entries in the stage."""
    stmt = (
        select(Entry.number, Session.id, Run.draw_number)
        .select_from(Run)
        .join(Run.session)
        .join(Run.entry)
        .where(Session.stage_id == stage.id, Run.entry_id.in_(list(entry_ids)), Run.calibration.is_(False))
    )
    return [tuple(row) for row in db.session.execute(stmt.order_by(Entry.number))]


def room_scores(stage_id: int, group: Group) -> dict[int, dict[str, int]]:
    """{session id: {entry number: official hundredths}} of the closed rooms of this stage and group."""
    stmt = (
        select(Session.id, Entry.number, Run.score_hundredths)
        .select_from(Run)
        .join(Run.session)
        .join(Run.entry)
        .where(Session.stage_id == stage_id, Entry.group == group, Session.state.in_(CLOSED))
        .where(Run.score_hundredths.is_not(None), Run.calibration.is_(False))
    )
    found: dict[int, dict[str, int]] = {}
    for room, number, score in db.session.execute(stmt.order_by(Session.id, Entry.number)):
        found.setdefault(room, {})[number] = score
    return found


def advanced_count(ranking: Ranking) -> int:
    """How many entries of the ranking went on to the next round; 0 while that is not decided."""
    stmt = (
        select(func.count(Candidacy.id))
        .join(RankingRow, RankingRow.entry_id == Candidacy.entry_id)
        .where(RankingRow.ranking_id == ranking.id, Candidacy.stage_id == ranking.stage_id)
        .where(Candidacy.state == CandidacyState.ADVANCED)
    )
    return db.session.scalar(stmt) or 0


def names_of_judges(ids: Iterable[int]) -> dict[int, str]:
    return dict(db.session.execute(select(Judge.id, Judge.name).where(Judge.id.in_(list(ids)))).all())


def names_of_rooms(stage_id: int) -> dict[int, str]:
    return dict(
        db.session.execute(select(Session.id, Session.name).where(Session.stage_id == stage_id)).all()
    )


def rankings_chaired_by(user: User) -> Select:
    return select(Ranking).where(Ranking.id.in_(chaired_by(user)))


def flags_visible_to(user: User) -> Select:
    """Flags, for those who watch over the contest; a chair sees those of his panels he was asked about."""
    stmt = select(AnomalyFlag).join(AnomalyFlag.ranking).options(contains_eager(AnomalyFlag.ranking))
    if user.role == Role.JUDGE:
        return stmt.where(AnomalyFlag.asked_at.is_not(None), AnomalyFlag.ranking_id.in_(chaired_by(user)))
    return stmt.where(true() if user.role in READERS else false())


def flag_for(user: User, flag_id: int) -> AnomalyFlag:
    stmt = flags_visible_to(user).where(AnomalyFlag.id == flag_id)
    return found_or_refused(db.session.scalar(stmt.options(joinedload(AnomalyFlag.decided_by))))


def flags_of(ranking: Ranking) -> Sequence[AnomalyFlag]:
    stmt = select(AnomalyFlag).where(AnomalyFlag.ranking_id == ranking.id).order_by(AnomalyFlag.id)
    return db.session.scalars(stmt).all()


def chair_accounts_of(ranking_id: int) -> list[int]:
    """User ids of those who led a panel that heard an entry of the ranking."""
    stmt = (
        select(Judge.user_id)
        .distinct()
        .join(Seat, Seat.judge_id == Judge.id)
        .join(Run, Run.session_id == Seat.session_id)
        .join(Session, Session.id == Seat.session_id)
        .join(RankingRow, RankingRow.entry_id == Run.entry_id)
        .join(Ranking, (Ranking.id == RankingRow.ranking_id) & (Ranking.stage_id == Session.stage_id))
        .where(
            Ranking.id == ranking_id, Seat.is_chair, Judge.user_id.is_not(None), Run.calibration.is_(False)
        )
    )
    return list(db.session.scalars(stmt.order_by(Judge.user_id)))


def _looked_at(ranking: Ranking):
    """Second looks at entries of the ranking in its round, those asked for before it was frozen anew included."""
    here = select(Ranking.id).where(Ranking.stage_id == ranking.stage_id)
    own = select(RankingRow.entry_id).where(RankingRow.ranking_id == ranking.id)
    return SecondLook.ranking_id.in_(here) & SecondLook.entry_id.in_(own)


def looks_of(ranking: Ranking) -> Sequence[SecondLook]:
    """By entry and judge."""
    stmt = (
        select(SecondLook)
        .where(_looked_at(ranking))
        .options(
            joinedload(SecondLook.judge),
            joinedload(SecondLook.entry).lazyload(Entry.track),
            selectinload(SecondLook.diagnosis),
        )
    )
    return db.session.scalars(stmt.order_by(SecondLook.entry_id, SecondLook.id)).all()


def second_totals(ranking: Ranking) -> dict[tuple[str, int], int]:
    """{(entry number, judge id): hundredths} of the second looks that were given."""
    stmt = (
        select(Entry.number, SecondLook.judge_id, SecondLook.total_hundredths)
        .join(Entry, Entry.id == SecondLook.entry_id)
        .where(_looked_at(ranking), SecondLook.state == LookState.GIVEN)
    )
    return {(number, judge): total for number, judge, total in db.session.execute(stmt)}


def judges_of(ranking: Ranking) -> Sequence[Judge]:
    """Everybody on a panel that heard an entry of the ranking, and whoever gave it a second look."""
    seated = (
        select(Seat.judge_id)
        .join(Run, Run.session_id == Seat.session_id)
        .join(Session, Session.id == Seat.session_id)
        .join(RankingRow, RankingRow.entry_id == Run.entry_id)
        .where(RankingRow.ranking_id == ranking.id, Session.stage_id == ranking.stage_id)
        .where(Run.calibration.is_(False))
    )
    looked = select(SecondLook.judge_id).where(_looked_at(ranking), SecondLook.state == LookState.GIVEN)
    stmt = select(Judge).where(Judge.id.in_(seated.union(looked)))
    return db.session.scalars(stmt.order_by(Judge.id)).all()


def by_doubt(diagnosis: Diagnosis) -> list[str]:
    """The grey entries by number, the least certain first."""
    grey = [line for line in diagnosis.result["entries"] if line["band"] == "grey"]
    return [
        line["entry"]
        for line in sorted(grey, key=lambda line: (abs(line["chance"] - 0.5), line["rank"], line["entry"]))
    ]


def given_looks(
    stage_id: int, entry_ids: Iterable[int], *, before: int | None
) -> list[tuple[str, int, int, dict[str, int]]]:
    """(entry number, judge id, hundredths, marks) of the round's second looks that were given, by entry and judge.

    before: only those asked for from rankings before this one (its id), all without it; a ranking's own looks come
    after it.
    """
    stmt = (
        select(Entry.number, SecondLook.judge_id, SecondLook.total_hundredths, SecondLook.scores)
        .join(Entry, Entry.id == SecondLook.entry_id)
        .join(Ranking, Ranking.id == SecondLook.ranking_id)
        .where(Ranking.stage_id == stage_id, SecondLook.entry_id.in_(list(entry_ids)))
        .where(SecondLook.state == LookState.GIVEN)
    )
    if before is not None:
        stmt = stmt.where(SecondLook.ranking_id < before)
    return [tuple(row) for row in db.session.execute(stmt.order_by(Entry.number, SecondLook.judge_id))]


def awaited_look(stage_id: int, entry_ids: Iterable[int]) -> SecondLook | None:
    """A second look at one of these entries that a judge was asked for and has not answered."""
    stmt = (
        select(SecondLook)
        .join(Ranking, Ranking.id == SecondLook.ranking_id)
        .where(Ranking.stage_id == stage_id, SecondLook.entry_id.in_(list(entry_ids)))
        .where(SecondLook.state == LookState.ASKED)
        .options(joinedload(SecondLook.judge), joinedload(SecondLook.entry).lazyload(Entry.track))
    )
    return db.session.scalar(stmt.order_by(SecondLook.id).limit(1))


def fresh_judges(ranking: Ranking) -> Sequence[Judge]:
    """Judges of the library with an account and a pledge, who sat on no panel that heard an entry of the ranking."""
    heard = (
        select(Seat.judge_id)
        .join(Session, Session.id == Seat.session_id)
        .join(Run, Run.session_id == Session.id)
        .join(RankingRow, RankingRow.entry_id == Run.entry_id)
        .where(RankingRow.ranking_id == ranking.id, Session.stage_id == ranking.stage_id)
        .where(Run.calibration.is_(False))
    )
    pledged = select(Pledge.judge_id).where(Pledge.edition_id == ranking.stage.edition_id)
    stmt = select(Judge).where(Judge.active, Judge.user_id.is_not(None), Judge.id.in_(pledged))
    return db.session.scalars(stmt.where(Judge.id.not_in(heard)).order_by(Judge.name, Judge.id)).all()


def conflicting(judges: Iterable[Judge], entries: Iterable[Entry]) -> set[tuple[int, int]]:
    """(judge id, entry id) with a recorded conflict or the same employer."""
    judges, entries = list(judges), list(entries)
    stmt = select(JudgeConflict.judge_id, JudgeConflict.entry_id).where(
        JudgeConflict.judge_id.in_([judge.id for judge in judges]),
        JudgeConflict.entry_id.in_([entry.id for entry in entries]),
    )
    recorded = {tuple(pair) for pair in db.session.execute(stmt)}
    employed = {
        (judge.id, entry.id)
        for judge in judges
        for entry in entries
        if judge.employer == entry.enterprise.name
        or (judge.employer_code and judge.employer_code == entry.enterprise.credit_code)
    }
    return recorded | employed


def looks_asked_of(user: User) -> Select:
    stmt = select(SecondLook).join(SecondLook.judge).join(SecondLook.ranking).join(SecondLook.entry)
    options = (
        contains_eager(SecondLook.ranking),
        contains_eager(SecondLook.entry).joinedload(Entry.enterprise),
    )
    return stmt.where(Judge.user_id == user.id).options(*options)


def look_for(user: User, look_id: int) -> SecondLook:
    """Any second look, for those who watch over the contest."""
    stmt = select(SecondLook).where(SecondLook.id == look_id, true() if user.role in READERS else false())
    return found_or_refused(db.session.scalar(stmt))


def own_look(user: User, look_id: int) -> SecondLook:
    stmt = looks_asked_of(user).where(SecondLook.id == look_id)
    return found_or_refused(db.session.scalar(stmt))
