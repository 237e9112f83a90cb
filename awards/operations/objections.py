"""Objections (异议): a ticket for everybody, a handler without part in the notice, a conclusion with its effect."""

from datetime import datetime

from sqlalchemy import select

from awards.enums import AwardState, NoticeState, ObjectionState, ObjectorKind
from awards.models import Award, Notice, Objection
from awards.operations.awards import revoke_award
from awards.rules import may_register_late
from awards.states import OBJECTION
from competition.models import Entry
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import StoredFile, User
from core.numbering import next_number
from core.rules import Actor


def file_objection(
    notice: Notice,
    *,
    objector_kind: ObjectorKind,
    objector: str,
    contact: str,
    content: str,
    entry: Entry | None = None,
    evidence: StoredFile | None = None,
    late_reason: str = "",
    actor: Actor,
    now: datetime,
) -> Objection:
    """Taken while the notice runs; later only by supervision, with its reason. While a named one is open, no money
    of the entries concerned moves. Without name and contact it is kept as a clue and blocks nothing."""
    running = notice.state == NoticeState.RUNNING and not (notice.ends_at and now > notice.ends_at)
    if not running:
        _check_late(notice, late_reason, actor)
    if not content.strip():
        raise InvalidInput("请写明异议的事实与理由。", field="content")
    anonymous = objector_kind == ObjectorKind.ANONYMOUS
    if not anonymous and not (objector.strip() and contact.strip()):
        raise InvalidInput("实名异议须填写姓名（单位）和联系方式；不留名的只作为线索。", field="objector")
    objection = Objection(
        ticket=next_number(f"objection:{notice.edition.code}", f"YY-{notice.edition.code.upper()}-", 3),
        notice=notice,
        entry=entry,
        objector_kind=objector_kind,
        objector="" if anonymous else objector.strip(),
        contact="" if anonymous else contact.strip(),
        content=content.strip(),
        late_reason="" if running else late_reason.strip(),
        evidence_id=evidence.id if evidence else None,
        state=ObjectionState.CLUE if anonymous else ObjectionState.RECEIVED,
        received_at=now,
    )
    db.session.add(objection)
    flush()
    after = {"ticket": objection.ticket}
    audit.record("objection.file", objection, actor=actor, now=now, after=after, reason=objection.late_reason)
    return objection


def _check_late(notice: Notice, late_reason: str, actor: Actor) -> None:
    if notice.state == NoticeState.DRAFT or not may_register_late(actor, notice):
        raise Conflict("不在公示期内，逾期不予受理。", code="notice_over")
    if not late_reason.strip():
        raise InvalidInput("公示期已过，请写明依职权受理的理由。", field="late_reason")


def take_objection(objection: Objection, *, handler: User, actor: Actor, now: datetime) -> Objection:
    OBJECTION.fire(objection, "take", actor=actor, now=now, set={"handler_id": handler.id})
    return objection


def refuse_objection(objection: Objection, *, reason: str, actor: Actor, now: datetime) -> Objection:
    OBJECTION.fire(
        objection,
        "refuse",
        actor=actor,
        now=now,
        reason=reason,
        set={"conclusion": reason, "decided_at": now},
    )
    return objection


def decide_objection(
    objection: Objection, *, upheld: bool, conclusion: str, actor: Actor, now: datetime
) -> Award | None:
    """Upheld: holds of the award are released, it is cancelled, the next in the standing moves up; the newcomer is
    returned. What was paid already stays to be demanded back."""
    OBJECTION.fire(
        objection,
        "uphold" if upheld else "dismiss",
        actor=actor,
        now=now,
        reason=conclusion,
        set={"conclusion": conclusion, "decided_at": now},
    )
    if not upheld or objection.entry_id is None:
        return None
    award = db.session.scalar(
        select(Award).where(Award.entry_id == objection.entry_id, Award.state != AwardState.CANCELLED)
    )
    if award is None:
        return None
    return revoke_award(award, reason=f"异议 {objection.ticket} 成立：{conclusion}", actor=actor, now=now)
