"""Expert fees: a list is computed once, kept, and granted as event costs that go through the payment chain."""

from dataclasses import asdict
from datetime import datetime
from functools import partial

from sqlalchemy import select

from awards.enums import AwardGroup, AwardKind, InstalmentCondition, PayeeKind
from awards.fees import Bracket, Fee, TaxTable
from awards.models import Award, FeeList, FeePart, Instalment, Payee
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
    direct: bool = False,
    actor: Actor,
    now: datetime,
) -> FeeList:
    """`direct`: each expert's net to his own account and the tax to the unit that files it; else the gross to the unit."""
    may_run_awards(actor).or_raise()
    net, tax = _sums(fees, line)
    experts = [_expert(fee.name) for fee in fees] if direct else []
    number = next_number(f"fees:{line.fiscal_year}", f"ZJF{line.fiscal_year}-", 3)
    grant = partial(_grant, edition, line, title=title, now=now)
    of_unit = tax if direct else net + tax
    made = FeeList(
        number=number,
        title=title,
        direct=direct,
        award=grant(payee, number, of_unit) if of_unit else None,
        tax_table=asdict(table),
        lines=[asdict(fee) for fee in fees],
        net_fen=net,
        tax_fen=tax,
        made_by_id=actor.id,
        made_at=now,
    )
    db.session.add(made)
    flush()
    for seq, (expert, fee) in enumerate(zip(experts, fees, strict=False), 1):
        award = grant(expert, f"{number}-{seq:02d}", fee.net_fen)
        db.session.add(FeePart(fee_list=made, seq=seq, award=award))
    flush()
    after = {"net_fen": net, "tax_fen": tax, "experts": len(fees), "direct": direct}
    audit.record("fee_list.create", made, actor=actor, now=now, after=after)
    return made


def _sums(fees: list[Fee], line: BudgetLine) -> tuple[int, int]:
    """(net, tax) of a list that can be paid."""
    if not fees:
        raise InvalidInput("请至少填写一位专家。", field="lines")
    names = [fee.name for fee in fees]
    if len(set(names)) != len(names):
        raise InvalidInput("同一位专家出现了两次，请合并人天。", field="lines")
    net, tax = sum(fee.net_fen for fee in fees), sum(fee.tax_fen for fee in fees)
    if net <= 0 or not all(fee.net_fen for fee in fees):
        raise InvalidInput("费用应大于零。", field="lines")
    if line_totals(line).available_fen < net + tax:
        raise Conflict("预算科目可用余额不足。", code="insufficient_balance")
    return net, tax


def _expert(name: str) -> Payee:
    """The expert of this name whose account is verified; two of one name are told apart by nobody here."""
    stmt = select(Payee).where(Payee.kind == PayeeKind.EXPERT, Payee.name == name)
    known = [payee for payee in db.session.scalars(stmt) if payee.account]
    if len(known) == 1:
        return known[0]
    sentence = f"有 {len(known)} 位专家叫{name}，请分别代发。" if known else f"{name}没有已核验的本人账户。"
    raise InvalidInput(sentence, code="expert_account", field="lines")


def _grant(edition, line, payee, number: str, fen: int, *, title: str, now: datetime) -> Award:
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
    AWARD.fire(award, "confirm", actor=SYSTEM, now=now)
    return award


def table_of(found: FeeList) -> TaxTable:
    kept = found.tax_table
    return TaxTable(**{**kept, "brackets": tuple(Bracket(**bracket) for bracket in kept["brackets"])})


def fees_of(found: FeeList) -> list[Fee]:
    return [Fee(**line) for line in found.lines]
