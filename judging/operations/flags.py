"""Anomaly flags: raised by a diagnosis, decided by people. No decision here changes a score or a ranking."""

import hashlib
from datetime import datetime

from sqlalchemy import select

from core import accounts, audit, seals
from core.db import db, flush
from core.enums import Role
from core.errors import InvalidInput
from core.rules import Actor, verdict
from judging.anomalies.flags import Kind
from judging.diagnosis.enums import FlagState
from judging.diagnosis.models import AnomalyFlag, Diagnosis
from judging.queries import diagnoses as queries
from judging.states import FLAG

OPINION_LIMIT = 1000


def raise_flags(diagnosis: Diagnosis, *, actor: Actor, now: datetime) -> list[AnomalyFlag]:
    """A row for every finding the ranking does not have yet; what was decided before stays decided."""
    stmt = select(AnomalyFlag.finding).where(AnomalyFlag.ranking_id == diagnosis.ranking_id)
    known = set(db.session.scalars(stmt))
    fresh = [
        flag
        for flag in (_flag_of(diagnosis, line, now) for line in diagnosis.result["flags"])
        if flag.finding not in known
    ]
    db.session.add_all(fresh)
    flush()
    for flag in fresh:
        after = {"state": flag.state, "judges": flag.judges, "entries": len(flag.entries)}
        audit.record("anomaly_flag.raise", flag, actor=actor, now=now, after=after, summary=flag.label)
    return fresh


def _flag_of(diagnosis: Diagnosis, line: dict, now: datetime) -> AnomalyFlag:
    what = {name: line[name] for name in ("kind", "judges", "entries")}
    return AnomalyFlag(
        ranking=diagnosis.ranking,
        diagnosis_id=diagnosis.id,
        kind=Kind(line["kind"]),
        finding=hashlib.sha256(seals.canonical(what)).hexdigest(),
        judges=line["judges"],
        entries=line["entries"],
        at_cut=line["at_cut"],
        measure={name: line[name] for name in ("statistic", "value", "deviate", "expected_false_alarms")},
        state=FlagState.OPEN,
        raised_at=now,
    )


def decide_flag(flag: AnomalyFlag, act: str, *, opinion: str, actor: Actor, now: datetime) -> AnomalyFlag:
    """Dismiss, refer, ask the chair, or close what was referred; the opinion is kept and shown."""
    set_ = {"opinion": _checked(opinion), "decided_by_id": actor.id, "decided_at": now}
    if act == "ask":
        set_["asked_at"] = now
    FLAG.fire(flag, act, actor=actor, now=now, reason=opinion, set=set_)
    if act == "ask":
        for user_id in queries.chair_accounts_of(flag.ranking_id):
            accounts.tell(
                user_id,
                "请对一项打分异常提示作出说明",
                now=now,
                body=f"{flag.label}。{opinion.strip()}",
                link=f"/judging/flags/{flag.id}",
            )
    return flag


def answer_flag(flag: AnomalyFlag, *, answer: str, actor: Actor, now: datetime) -> AnomalyFlag:
    """The chair of a panel of the ranking explains; deciding stays with office and supervision."""
    led = actor.role == Role.JUDGE and queries.chairs(actor, flag.ranking_id)
    guard = verdict(led, "只有有关场次的评委组长可以说明。")
    set_ = {"answer": _checked(answer)}
    FLAG.fire(flag, "answer", actor=actor, now=now, reason=answer, set=set_, guards=(guard,))
    return flag


def _checked(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) > OPINION_LIMIT:
        raise InvalidInput(f"请控制在 {OPINION_LIMIT} 字以内。", field="reason")
    return text
