"""Expert fees: a list is computed once, kept, and granted as one event cost that goes through the payment chain."""

from dataclasses import asdict
from datetime import datetime

from awards.enums import AwardGroup, AwardKind, InstalmentCondition
from awards.fees import Bracket, Fee, TaxTable
from awards.models import Award, FeeList, Instalment, Payee
from awards.rules import may_run_awards
from awards.states import AWARD
from awards.wording import FEE_TIER
from competition.models import Edition
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.numbering import next_number
from core.rules import SYSTEM, Actor
from fund.models import BudgetLine
from fund.queries import line_totals


def make_fee_list(
    *,
    edition: Edition,
    line: BudgetLine,
    payee: Payee,
    title: str,
    fees: list[Fee],
    table: TaxTable,
    actor: Actor,
    now: datetime,
) -> FeeList:
    """Its gross is granted to the unit that pays the experts and withholds their tax."""
    may_run_awards(actor).or_raise()
    if not fees:
        raise InvalidInput("请至少填写一位专家。", field="lines")
    names = [fee.name for fee in fees]
    if len(set(names)) != len(names):
        raise InvalidInput("同一位专家出现了两次，请合并人天。", field="lines")
    net, tax = sum(fee.net_fen for fee in fees), sum(fee.tax_fen for fee in fees)
    if net <= 0:
        raise InvalidInput("费用合计应大于零。", field="lines")
    if line_totals(line).available_fen < net + tax:
        raise Conflict("预算科目可用余额不足。", code="insufficient_balance")
    number = next_number(f"fees:{line.fiscal_year}", f"ZJF{line.fiscal_year}-", 3)
    award = _grant(edition, line, payee, number, net + tax, title, now)
    made = FeeList(
        number=number,
        title=title,
        award=award,
        tax_table=asdict(table),
        lines=[asdict(fee) for fee in fees],
        net_fen=net,
        tax_fen=tax,
        made_by_id=actor.id,
        made_at=now,
    )
    db.session.add(made)
    flush()
    after = {"net_fen": net, "tax_fen": tax, "experts": len(fees)}
    audit.record("fee_list.create", made, actor=actor, now=now, after=after)
    AWARD.fire(award, "confirm", actor=SYSTEM, now=now)
    return made


def _grant(edition, line, payee, number: str, fen: int, title: str, now: datetime) -> Award:
    award = Award(
        number=number,
        edition=edition,
        line=line,
        fiscal_year=line.fiscal_year,
        kind=AwardKind.EVENT_COST,
        group=AwardGroup.UNIT,
        tier_name=FEE_TIER,
        payee=payee,
        amount_fen=fen,
        granted_at=now,
        note=title,
    )
    db.session.add(award)
    flush()
    db.session.add(Instalment(award=award, seq=1, fen=fen, condition=InstalmentCondition.NOTICE_OVER))
    flush()
    return award


def table_of(found: FeeList) -> TaxTable:
    kept = found.tax_table
    return TaxTable(**{**kept, "brackets": tuple(Bracket(**bracket) for bracket in kept["brackets"])})


def fees_of(found: FeeList) -> list[Fee]:
    return [Fee(**line) for line in found.lines]
