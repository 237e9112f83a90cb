"""Trainings and matchmaking events: planned, signed in, held; counts kept at write time."""

from datetime import date, datetime

from sqlalchemy import select

from competition.enums import EventState, GuestKind, IntentionKind
from competition.models import (
    Edition,
    Entry,
    Intention,
    MatchEvent,
    MatchGuest,
    Region,
    Training,
    TrainingAttendance,
)
from competition.round_rules import may_run_events
from competition.round_states import EVENT
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor


def plan_training(
    edition: Edition,
    *,
    title: str,
    kind: str,
    held_on: date,
    place: str,
    trainer: str,
    capacity: int,
    region: Region | None = None,
    actor: Actor,
    now: datetime,
) -> Training:
    may_run_events(actor).or_raise()
    if not title.strip():
        raise InvalidInput("请填写培训名称。", field="title")
    training = Training(
        edition_id=edition.id,
        region_id=region.id if region else None,
        title=title.strip(),
        kind=kind,
        held_on=held_on,
        place=place,
        trainer=trainer,
        capacity=capacity,
    )
    db.session.add(training)
    flush()
    audit.record("training.plan", training, actor=actor, now=now, after={"title": title, "held_on": held_on})
    return training


def check_in(
    training: Training,
    *,
    person: str,
    organisation: str,
    entry: Entry | None = None,
    actor: Actor,
    now: datetime,
) -> TrainingAttendance:
    """One person once per session; the count is kept on the training in the same transaction."""
    may_run_events(actor).or_raise()
    if training.state == EventState.CANCELLED:
        raise Conflict("培训已取消。", code="training_cancelled")
    if not person.strip():
        raise InvalidInput("请填写参训人姓名。", field="person")
    attendance = TrainingAttendance(
        training_id=training.id,
        person=person.strip(),
        organisation=organisation.strip(),
        entry_id=entry.id if entry else None,
        checked_in_at=now,
    )
    db.session.add(attendance)
    training.attendance_count += 1
    flush()
    audit.record("training.check_in", attendance, actor=actor, now=now, after={"training": training.id})
    return attendance


def hold_training(training: Training, *, actor: Actor, now: datetime) -> Training:
    EVENT.fire(training, "hold", actor=actor, now=now)
    return training


def plan_match_event(
    edition: Edition, *, title: str, held_on: date, place: str, actor: Actor, now: datetime
) -> MatchEvent:
    may_run_events(actor).or_raise()
    if not title.strip():
        raise InvalidInput("请填写对接会名称。", field="title")
    event = MatchEvent(edition_id=edition.id, title=title.strip(), held_on=held_on, place=place)
    db.session.add(event)
    flush()
    audit.record("match_event.plan", event, actor=actor, now=now, after={"title": title, "held_on": held_on})
    return event


def add_guest(
    event: MatchEvent, *, kind: GuestKind, name: str, entry: Entry | None = None, actor: Actor, now: datetime
) -> MatchGuest:
    may_run_events(actor).or_raise()
    if not name.strip():
        raise InvalidInput("请填写单位名称。", field="name")
    guest = MatchGuest(event=event, kind=kind, name=name.strip(), entry_id=entry.id if entry else None)
    db.session.add(guest)
    flush()
    audit.record("match_guest.add", guest, actor=actor, now=now, after={"name": guest.name, "kind": kind})
    return guest


def note_intention(
    event: MatchEvent,
    *,
    funder: MatchGuest,
    entry: Entry,
    kind: IntentionKind,
    amount_fen: int,
    actor: Actor,
    now: datetime,
) -> Intention:
    may_run_events(actor).or_raise()
    if funder.event_id != event.id or funder.kind == GuestKind.ENTERPRISE:
        raise InvalidInput("意向方须是本次对接会的投资机构或银行。", field="funder")
    if amount_fen <= 0:
        raise InvalidInput("意向金额应大于零。", field="amount")
    intention = Intention(
        event_id=event.id,
        funder_id=funder.id,
        entry_id=entry.id,
        kind=kind,
        amount_fen=amount_fen,
        noted_at=now,
    )
    db.session.add(intention)
    flush()
    audit.record(
        "intention.note", intention, actor=actor, now=now, after={"amount_fen": amount_fen, "kind": kind}
    )
    return intention


def realise_intention(intention: Intention, *, realised_fen: int, actor: Actor, now: datetime) -> Intention:
    """What came of it, noted later; the amount intended stays."""
    may_run_events(actor).or_raise()
    if realised_fen < 0:
        raise InvalidInput("落实金额不能为负。", field="realised")
    before = {"realised_fen": intention.realised_fen}
    intention.realised_fen = realised_fen
    flush()
    after = {"realised_fen": realised_fen}
    audit.record("intention.realise", intention, actor=actor, now=now, before=before, after=after)
    return intention


def hold_match_event(event: MatchEvent, *, actor: Actor, now: datetime) -> MatchEvent:
    EVENT.fire(event, "hold", actor=actor, now=now)
    return event


def guests_of(event: MatchEvent, kind: GuestKind) -> list[MatchGuest]:
    stmt = select(MatchGuest).where(MatchGuest.event_id == event.id, MatchGuest.kind == kind)
    return list(db.session.scalars(stmt.order_by(MatchGuest.id)))
