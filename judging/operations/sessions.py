"""A session from plan to signature: filled, drawn with witness and seed, called entry by entry, locked, signed."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from competition.enums import CandidacyState, Group, StageKind, StageState
from competition.models import Candidacy, Entry, Region, Stage, Track
from core import audit, seals
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput
from core.models import User
from core.rules import Actor
from judging import queries, rules
from judging.assignment.draw import draw_hash
from judging.assignment.draw import draw_order as drawn_order
from judging.enums import RunState, SessionState, SheetState, SignerKind
from judging.models import Judge, Run, Seat, Session, Sheet, Signature
from judging.operations.anchors import take_anchors
from judging.operations.judges import detect_conflicts
from judging.operations.panels import check_panel, seats_for
from judging.operations.tallies import hold_session
from judging.states import RUN, SESSION


def plan_session(
    stage: Stage,
    *,
    name: str,
    room: str,
    starts_at: datetime,
    judges: Sequence[Judge],
    second: Sequence[Judge] = (),
    recorder: User | None,
    region: Region | None = None,
    track: Track | None = None,
    group: Group | None = None,
    only_on_stage: bool | None = None,
    public_board: bool = False,
    actor: Actor,
    now: datetime,
) -> Session:
    """One panel in one room, and a second where the round has one; the first judge is the chair.

    In a web round sheets are open from the start.
    """
    rules.may_plan(actor).or_raise()
    if stage.state == StageState.DECIDED:
        raise Conflict("本轮晋级已确定，不能再安排场次。", code="stage_decided")
    check_panel(stage, judges, second)
    session = Session(
        stage=stage,
        region=region,
        track=track,
        group=group,
        name=name,
        room=room,
        starts_at=starts_at,
        state=SessionState.PLANNED,
        only_on_stage=stage.kind != StageKind.WEB if only_on_stage is None else only_on_stage,
        public_board=public_board,
        recorder_id=_recorder_id(recorder),
        board_version=0,
        seats=seats_for(judges, second),
    )
    db.session.add(session)
    flush()
    take_anchors(session)
    after = {"name": name, "room": room, "judges": [judge.name for judge in (*judges, *second)]}
    audit.record("judging_session.plan", session, actor=actor, now=now, after=after)
    return session


def _recorder_id(recorder: User | None) -> int | None:
    if recorder is not None and recorder.role != Role.RECORDER:
        raise InvalidInput("记分员须使用记分员账号。", field="recorder")
    return recorder.id if recorder else None


def add_runs(session: Session, *, entries: Sequence[Entry], actor: Actor, now: datetime) -> list[Run]:
    """Put entries that compete in the stage, and fit the session, on its list; each once per stage."""
    rules.may_change_planned(actor, session).or_raise()
    _check_field(session, entries)
    runs = [
        Run(
            session_id=session.id,
            entry_id=entry.id,
            state=RunState.WAITING,
            expected_sheets=0,
            submitted_sheets=0,
        )
        for entry in entries
    ]
    db.session.add_all(runs)
    flush()
    db.session.expire(session, ["runs"])
    numbers = [entry.number for entry in entries]
    audit.record("judging_session.add_runs", session, actor=actor, now=now, after={"entries": numbers})
    return runs


def _check_field(session: Session, entries: Sequence[Entry]) -> None:
    if not entries:
        raise InvalidInput("请至少选择一个项目。", field="entries")
    ids = [entry.id for entry in entries]
    competing = set(
        db.session.scalars(
            select(Candidacy.entry_id).where(
                Candidacy.stage_id == session.stage_id,
                Candidacy.entry_id.in_(ids),
                Candidacy.state == CandidacyState.COMPETING,
            )
        )
    )
    held = set(
        db.session.scalars(
            select(Run.entry_id)
            .join(Session)
            .where(Session.stage_id == session.stage_id, Run.entry_id.in_(ids))
        )
    )
    for entry in entries:
        if entry.id not in competing:
            raise InvalidInput(f"{entry.number} 不在本轮参赛名单中。", field="entries")
        if entry.id in held:
            raise InvalidInput(f"{entry.number} 已安排在本轮的场次中。", field="entries")
        if not _fits(session, entry):
            raise InvalidInput(f"{entry.number} 不属于本场的赛区、行业或组别。", field="entries")


def _fits(session: Session, entry: Entry) -> bool:
    return (
        session.region_id in (None, entry.region_id)
        and session.track_id in (None, entry.track.room.id if entry.track else None)
        and session.group in (None, entry.group)
    )


def draw_order(session: Session, *, witness: User, actor: Actor, now: datetime, seed: str = "") -> Session:
    """Fix the running order by seed before a witness, find conflicts, and lay out the sheets.

    Anybody recomputes the order from seed and entry numbers (`judging.assignment.draw`). Without a typed seed the system
    takes a random one.
    """
    rules.may_conduct(actor, session).or_raise()
    if not session.runs:
        raise Conflict("本场还没有参赛项目，不能抽签。", code="no_runs")
    if witness.role != Role.SUPERVISION or witness.id == actor.id:
        raise InvalidInput("抽签须由监督人员见证，见证人不能是操作人本人。", field="witness")
    seed = seed.strip() or secrets.token_hex(16)
    if len(seed) > 64:
        raise InvalidInput("抽签种子最多 64 个字符。", field="seed")
    numbers = [run.entry.number for run in session.runs]
    facts = {
        "draw_seed": seed,
        "draw_pool_hash": draw_hash(*sorted(numbers)),
        "drawn_at": now,
        "witness_id": witness.id,
    }
    SESSION.fire(
        session, "draw", actor=actor, now=now, set=facts | {"board_version": session.board_version + 1}
    )
    places = {number: place for place, number in enumerate(drawn_order(numbers, seed), 1)}
    for run in session.runs:
        run.draw_number = places[run.entry.number]
    detect_conflicts(session, actor=actor, now=now)
    _lay_out_sheets(session)
    flush()
    set_committed_value(session, "runs", sorted(session.runs, key=lambda run: run.draw_number))
    return session


def _lay_out_sheets(session: Session) -> None:
    conflicts = queries.conflict_pairs(
        [seat.judge_id for seat in session.seats], [run.entry_id for run in session.runs]
    )
    for run in sorted(session.runs, key=lambda run: run.draw_number):
        sheets = [
            new_sheet(run, seat, recused=(seat.judge_id, run.entry_id) in conflicts) for seat in session.seats
        ]
        set_committed_value(run, "sheets", sheets)
        run.expected_sheets = sum(sheet.state != SheetState.RECUSED for sheet in sheets)
        db.session.add_all(sheets)


def new_sheet(run: Run, seat: Seat, *, recused: bool) -> Sheet:
    state = SheetState.RECUSED if recused else SheetState.OPEN
    return Sheet(run_id=run.id, seat_id=seat.id, run=run, seat=seat, state=state, scores=[])


def start_session(session: Session, *, actor: Actor, now: datetime) -> Session:
    hold_session(session)
    SESSION.fire(session, "start", actor=actor, now=now, set={"board_version": session.board_version + 1})
    return session


def call_next(session: Session, *, actor: Actor, now: datetime) -> Run | None:
    """Finish the entry on stage and call the next by draw number; None when nobody waits any more."""
    hold_session(session)
    following = next((run for run in session.runs if run.state == RunState.WAITING), None)
    return _change_stage(session, following, actor=actor, now=now)


def call_run(run: Run, *, actor: Actor, now: datetime) -> Run:
    """Call one entry out of turn: somebody late who was marked absent, or a changed order on the day."""
    hold_session(run.session)
    return _change_stage(run.session, run, actor=actor, now=now)


def _change_stage(session: Session, following: Run | None, *, actor: Actor, now: datetime) -> Run | None:
    rules.may_conduct(actor, session).or_raise()
    session.board_version += 1
    for run in session.runs:
        if run.state == RunState.ON_STAGE and run is not following:
            RUN.fire(run, "finish", actor=actor, now=now)
    if following is not None:
        RUN.fire(following, "call", actor=actor, now=now, set={"called_at": now})
    flush()
    return following


def finish_run(run: Run, *, actor: Actor, now: datetime) -> Run:
    hold_session(run.session)
    rules.may_conduct(actor, run.session).or_raise()
    run.session.board_version += 1
    RUN.fire(run, "finish", actor=actor, now=now)
    return run


def lock_session(session: Session, *, actor: Actor, now: datetime) -> Session:
    """Close the scoring: every sheet in, every score made, nothing waiting for approval."""
    hold_session(session)
    rules.may_conduct(actor, session).or_raise()
    missing = queries.missing_sheets(session)
    if missing:
        raise Conflict(f"还有 {missing} 张评分表未提交，不能锁分。", code="sheets_missing")
    if queries.open_correction_exists(session):
        raise Conflict("还有更正申请等待审批，不能锁分。", code="correction_open")
    for run in session.runs:
        if run.state != RunState.ABSENT and run.score_hundredths is None:
            raise Conflict(f"{run.entry.number} 有效评分不足，请先增补评委。", code="too_few_scores")
    for run in session.runs:
        if run.state == RunState.ON_STAGE:
            RUN.fire(run, "finish", actor=actor, now=now)
    SESSION.fire(
        session,
        "lock",
        actor=actor,
        now=now,
        set={"locked_at": now, "board_version": session.board_version + 1},
    )
    return session


def sign_session(session: Session, *, kind: SignerKind, actor: Actor, now: datetime) -> Signature:
    """Sign the locked result over its digest; the last of panel, recorder and supervision closes the session."""
    rules.may_sign(actor, session, kind).or_raise()
    if session.state != SessionState.LOCKED:
        raise Conflict("锁分之后才能签字，签字齐全后不能再签。", code="not_locked")
    signature = Signature(
        session_id=session.id, kind=kind, user_id=actor.id, digest=session_digest(session), signed_at=now
    )
    db.session.add(signature)
    flush()
    audit.record(
        "signature.sign",
        signature,
        actor=actor,
        now=now,
        after={"kind": kind, "digest": signature.digest},
        summary=session.name,
    )
    if not missing_signers(session):
        SESSION.fire(session, "sign", actor=actor, now=now, set={"board_version": session.board_version + 1})
    return signature


def missing_signers(session: Session) -> list[str]:
    """Who still has to sign: each judge, the recorder, supervision."""
    signed = {(signature.kind, signature.user_id) for signature in queries.signatures_of(session)}
    kinds = {kind for kind, _ in signed}
    waiting = [
        seat.judge.name
        for seat in session.seats
        if (SignerKind.CHAIR if seat.is_chair else SignerKind.JUDGE, seat.judge.user_id) not in signed
    ]
    office = (
        (SignerKind.RECORDER, SignerKind.SUPERVISION) if session.recorder_id else (SignerKind.SUPERVISION,)
    )
    return waiting + [kind.label for kind in office if kind not in kinds]


def session_digest(session: Session) -> str:
    """SHA-256 over draw, scores and the digests of all sheets: what is signed."""
    content = {"session": session.id, "seed": session.draw_seed, "sheets": queries.digest_lines(session)}
    return hashlib.sha256(seals.canonical(content)).hexdigest()
