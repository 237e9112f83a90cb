"""Looks at whether a winner still has its seat here and operates, before the part that waits for it is paid."""

from datetime import date, datetime

from awards.enums import AwardState
from awards.models import Award, OperatingCheck
from awards.rules import may_run_awards
from core import audit
from core.clock import beijing_day
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import StoredFile
from core.rules import Actor


def record_check(
    award: Award,
    *,
    checked_on: date,
    resident: bool,
    operating: bool,
    findings: str,
    file: StoredFile | None,
    actor: Actor,
    now: datetime,
) -> OperatingCheck:
    """Added, never changed; passed when both hold. A later one that failed blocks the part again."""
    may_run_awards(actor).or_raise()
    if award.state != AwardState.CONFIRMED:
        raise Conflict("奖励审定后、结清前才能登记核查。", code="award_not_confirmed")
    if not beijing_day(award.granted_at) <= checked_on <= beijing_day(now):
        raise InvalidInput("核查日期应在授奖之后、今天之前。", field="checked_on")
    made = OperatingCheck(
        award=award,
        checked_on=checked_on,
        resident=resident,
        operating=operating,
        passed=resident and operating,
        findings=findings,
        file=file,
        recorded_by_id=actor.id,
        recorded_at=now,
    )
    db.session.add(made)
    flush()
    after = {"passed": made.passed, "checked_on": checked_on, "sha256": file.sha256 if file else ""}
    audit.record("award.check", award, actor=actor, now=now, after=after)
    return made
