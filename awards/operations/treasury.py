"""Money that goes back to the treasury: approved, sent and confirmed as every payment, returned and not spent."""

from datetime import datetime

from awards.enums import AwardGroup, AwardKind, InstalmentCondition, PayeeKind
from awards.models import Award, Instalment, Payee
from awards.rules import may_run_awards
from awards.states import AWARD
from awards.wording import TREASURY_TIER
from competition.models import Edition
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.numbering import next_number
from core.rules import SYSTEM, Actor
from fund.models import BudgetLine
from fund.queries import line_totals


def return_money(
    *, edition: Edition, line: BudgetLine, payee: Payee, fen: int, reason: str, actor: Actor, now: datetime
) -> Award:
    """What a line has free: surplus, or what was taken back from a winner."""
    may_run_awards(actor).or_raise()
    if payee.kind != PayeeKind.TREASURY:
        raise InvalidInput("请选择国库账户。", field="payee")
    if fen <= 0:
        raise InvalidInput("金额应大于零。", code="bad_amount", field="amount")
    if line_totals(line).available_fen < fen:
        raise Conflict("预算科目可用余额不足。", code="insufficient_balance")
    award = Award(
        number=next_number(f"treasury:{line.fiscal_year}", f"JK{line.fiscal_year}-", 3),
        edition=edition,
        line=line,
        fiscal_year=line.fiscal_year,
        kind=AwardKind.TREASURY,
        group=AwardGroup.UNIT,
        tier_name=TREASURY_TIER,
        payee=payee,
        amount_fen=fen,
        granted_at=now,
        note=reason,
    )
    db.session.add(award)
    flush()
    db.session.add(Instalment(award=award, seq=1, fen=fen, condition=InstalmentCondition.NOTICE_OVER))
    flush()
    after = {"number": award.number, "fen": fen, "line": line.code}
    audit.record("award.return", award, actor=actor, now=now, after=after, reason=reason)
    AWARD.fire(award, "confirm", actor=SYSTEM, now=now)
    return award
