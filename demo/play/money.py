"""Payees, tails of earlier editions, payments through four people, batches, one bank return re-paid."""

from datetime import date, timedelta

from sqlalchemy import select

from awards.banking.layout import amount_text
from awards.enums import AmountUnit, AwardGroup, AwardState, ExclusionReason, PayeeKind, SheetKind
from awards.models import Award, BankFormat, Payment, PaymentBatch
from awards.operations import (
    acceptance,
    approvals,
    awards,
    banks,
    batches,
    exclusions,
    payees,
    payments,
    results,
)
from competition.enums import EditionState
from competition.models import Edition
from core.db import db, flush
from core.files import store_bytes
from core.money import FEN_PER_WAN
from core.rules import SYSTEM
from demo import edition_2018 as data
from demo.codes import credit_code
from demo.play.stage import Play
from fund.models import BudgetLine
from judging.enums import JudgeRole
from judging.models import Judge
from judging.operations import judges

BANKS = (
    ("中国工商银行乌鲁木齐某支行（演示）", "102881000019"),
    ("乌鲁木齐银行某支行（演示）", "313881000002"),
    ("昆仑银行克拉玛依某支行（演示）", "313882000012"),
)
PANEL = ("验收专家一（演示）", "验收专家二（演示）", "验收专家三（演示）")
TARGETS = [{"name": "营业收入", "unit": "万元", "sense": "at_least", "target": "200", "main": True}]


def carry(stage: Play, line: BudgetLine, editions: list[Edition]) -> list[Award]:
    """Fifty-seven awards of earlier editions whose acceptance passed and whose tail is due."""
    now = data.at(3, 20)
    carried, serial, experts = [], 0, _experts(stage, now)
    for count, amount, paid in data.TAILS:
        for _ in range(count):
            serial += 1
            carried.append(_carry_one(stage, line, editions[serial % 2], serial, amount, paid, experts))
    stage.step()
    return carried


def _experts(stage: Play, now) -> list[Judge]:
    return [
        judges.add_judge(
            name=name,
            role=JudgeRole.TECHNICAL,
            employer="验收专家单位（演示）",
            title="研究员",
            actor=stage.office,
            now=now,
        )
        for name in PANEL
    ]


def _carry_one(
    stage: Play, line, edition: Edition, serial: int, amount: int, paid: int, experts: list[Judge]
) -> Award:
    now = data.at(3, 20)
    payee = payees.make_payee(
        kind=PayeeKind.ENTERPRISE,
        name=f"往届获奖企业{serial:02d}有限公司（演示）",
        credit_code=credit_code("650104", 7000 + serial),
        actor=SYSTEM,
        now=now,
    )
    award = awards.carry_award(
        edition=edition,
        line=line,
        payee=payee,
        number=f"{edition.code.upper()}-J{serial:03d}",
        group=AwardGroup.GROWTH if serial % 3 else AwardGroup.STARTUP,
        tier_name="优秀奖",
        amount_fen=amount * FEN_PER_WAN,
        paid_before_fen=paid * FEN_PER_WAN,
        note="演示数据：往届奖励的尾款",
        actor=stage.office,
        now=now,
    )
    review = acceptance.apply_acceptance(
        award, targets=TARGETS, results=[str(200 + serial)], actor=stage.office, now=now
    )
    acceptance.seat_panel(review, judges=experts, chair=experts[0], actor=stage.office, now=now)
    acceptance.decide_acceptance(
        review,
        passed=True,
        opinion="任务指标完成，经费使用合规，同意通过验收。",
        actor=stage.office,
        now=now + timedelta(days=20),
    )
    return award


def play(stage: Play) -> None:
    """Every confirmed award of the line is paid in two batches; one payment comes back and is paid again."""
    live = db.session.scalars(
        select(Award)
        .where(Award.fiscal_year == data.YEAR, Award.state == AwardState.CONFIRMED)
        .order_by(Award.number)
    ).all()
    _exclude(stage)
    _enter_accounts(stage, live)
    _set_rules(stage)
    carried = [
        _approve(stage, award, data.at(6, 4), "演示新财教〔2018〕12号")
        for award in live
        if award.item_carried
    ]
    stage.step()
    first, second = _formats(stage)
    _pay(stage, carried, first, data.at(6, 20))
    new = [
        _approve(stage, award, data.at(11, 16), "演示新财教〔2018〕31号")
        for award in live
        if not award.item_carried
    ]
    stage.step()
    batch = _pay(stage, new, second, data.at(11, 26))
    _answer(batch, [new[3]], "退票", "账号与户名不符", stage, data.at(11, 29))
    _pay_again(stage, new[3], first)


def _exclude(stage: Play) -> None:
    """Two units on the list of those who may not be paid, one of them off it again; neither is a winner."""
    finance, now = stage.people["finance"], data.at(5, 28)
    off, _on = (
        exclusions.enter_exclusion(
            credit_code=credit_code("650105", 7900 + number),
            name=f"不予支付企业{number:02d}有限公司（演示）",
            reason=reason,
            source="演示数据",
            first_day=date(data.YEAR, 3, 1),
            actor=finance,
            now=now,
        )
        for number, reason in enumerate((ExclusionReason.ABNORMAL, ExclusionReason.DISHONEST), 1)
    )
    exclusions.end_exclusion(
        off,
        last_day=date(data.YEAR, 9, 30),
        reason="已移出经营异常名录（演示）",
        actor=finance,
        now=data.at(10, 8),
    )
    stage.step()


def _enter_accounts(stage: Play, live: list[Award]) -> None:
    for serial, payee in enumerate({award.payee_id: award.payee for award in live}.values()):
        bank, bank_code = BANKS[serial % len(BANKS)]
        account = payees.enter_account(
            payee,
            account_name=payee.name,
            number=f"65050000{serial:08d}",
            bank=bank,
            bank_code=bank_code,
            actor=stage.office,
            now=data.at(5, 21),
        )
        payees.verify_account(account, actor=stage.second, now=data.at(5, 22))
    stage.step()


def _approve(stage: Play, award: Award, day, document_no: str) -> Payment:
    """Four people, four hours: prepared and submitted, reviewed, checked by finance, approved."""
    instalment = award.instalments[-1]
    label = "尾款" if award.item_carried else award.kind.label
    payment = payments.prepare_payment(
        instalment,
        purpose=f"{award.edition.name}{award.tier_name}{label}",
        document_no=document_no,
        actor=stage.office,
        now=day,
    )
    payments.submit_payment(payment, actor=stage.office, now=day + timedelta(minutes=10))
    if any(chain.minutes for chain in payment.chains):
        _attach_minutes(stage, payment, day + timedelta(hours=1))
    _sign(stage, payment, day)
    return payment


def _set_rules(stage: Play) -> None:
    """Large amounts need the meeting's minutes; the leader was away for a week, nothing was signed for her then."""
    approvals.set_rule(
        from_fen=60 * FEN_PER_WAN,
        division=None,
        minutes=True,
        actor=stage.people["finance"],
        now=data.at(5, 27),
    )
    approvals.delegate(
        to=stage.second,
        first_day=date(data.YEAR, 10, 8),
        last_day=date(data.YEAR, 10, 12),
        reason="赴内地学习（演示）",
        actor=stage.people["leader"],
        now=data.at(9, 28),
    )
    stage.step()


def _attach_minutes(stage: Play, payment: Payment, now) -> None:
    content = f"%PDF-1.4\n% 演示数据：厅务会纪要，同意支付 {payment.number}\n%%EOF\n".encode()
    file = store_bytes(content, "厅务会纪要（演示）.pdf", "application/pdf", actor=stage.office, now=now)
    number = "演示厅务会纪要〔2018〕21号"
    approvals.attach_minutes(payment, file=file, number=number, actor=stage.office, now=now)


def _sign(stage: Play, payment: Payment, day) -> None:
    payments.review_payment(payment, actor=stage.second, now=day + timedelta(hours=2))
    payments.approve_finance(payment, actor=stage.people["finance"], now=day + timedelta(hours=5))
    payments.approve_leader(payment, actor=stage.people["leader"], now=day + timedelta(days=1))


SENT = (
    ("序号", "seq"),
    ("付款账号", "payer_account"),
    ("收款账号", "account"),
    ("收款户名", "account_name"),
    ("收款行", "bank"),
    ("收款行号", "bank_code"),
    ("金额", "amount"),
    ("用途", "purpose"),
    ("客户流水号", "key"),
)
ANSWERED = (
    ("客户流水号", "key"),
    ("收款账号", "account"),
    ("金额", "amount"),
    ("处理结果", "status"),
    ("失败原因", "reason"),
    ("银行流水号", "reference"),
)


def _columns(pairs) -> list[dict[str, str]]:
    return [{"label": label, "field": field, "text": ""} for label, field in pairs]


def _formats(stage: Play) -> tuple[BankFormat, BankFormat]:
    """Two banks with two tastes; both invented."""
    shared = {
        "columns": _columns(SENT),
        "answer_columns": _columns(ANSWERED),
        "answer_header": True,
        "paid_words": "成功",
        "failed_words": "失败、退票",
        "payer_name": "演示科技厅零余额账户",
        "payer_account": "6501000000000018",
        "payer_bank": BANKS[0][0],
        "note": "演示数据",
    }
    sheet = {
        "name": "演示甲银行批量付款（Excel，元）",
        "sheet": SheetKind.XLSX,
        "encoding": "utf-8",
        "header": True,
        "amount_unit": AmountUnit.YUAN,
        "date_format": "%Y-%m-%d",
    }
    plain = {
        "name": "演示乙银行批量付款（文本，分）",
        "sheet": SheetKind.CSV,
        "encoding": "gb18030",
        "header": False,
        "amount_unit": AmountUnit.FEN,
        "date_format": "%Y%m%d",
    }
    keep = {"actor": stage.people["finance"], "now": data.at(6, 19)}
    first = banks.keep_format(None, values=shared | sheet, **keep)
    return first, banks.keep_format(None, values=shared | plain, **keep)


def _pay(stage: Play, approved: list[Payment], bank_format: BankFormat, day) -> PaymentBatch:
    finance = stage.people["finance"]
    batch = batches.make_batch(approved, actor=finance, now=day)
    batches.export_batch(batch, bank_format=bank_format, actor=finance, now=day + timedelta(hours=1))
    _answer(batch, approved, "成功", "", stage, day + timedelta(days=1))
    results.settle_batch(batch, actor=finance, now=day + timedelta(days=1, hours=1))
    stage.step()
    return batch


def _answer(batch: PaymentBatch, named: list[Payment], status: str, reason: str, stage: Play, day) -> None:
    """The bank's file of these payments, read, reconciled and confirmed."""
    export, finance = batches.export_of(batch), stage.people["finance"]
    lines = [",".join(label for label, _ in ANSWERED)]
    for payment in named:
        amount = amount_text(payment.fen, export.layout["amount_unit"])
        account, key = payment.account_snapshot["number"], f"{payment.number}-{payment.attempt}"
        lines.append(f"{key},{account},{amount},{status},{reason},HD{payment.number[2:]}")
    result, _ = results.read_result(
        batch,
        content="\n".join(lines).encode("gb18030"),
        name=f"{batch.number}银行结果（演示{len(named)}）.csv",
        bank_format=export.bank_format,
        actor=finance,
        now=day,
    )
    seen = results.digest_of(results.matches_of(result))
    results.confirm_result(result, seen=seen, actor=finance, now=day)


def _pay_again(stage: Play, payment: Payment, bank_format: BankFormat) -> None:
    """The bank returned it: the account was wrong; a corrected one is verified and the payment made again."""
    account = payees.enter_account(
        payment.payee,
        account_name=payment.payee.name,
        number="6505000099990001",
        bank=BANKS[1][0],
        bank_code=BANKS[1][1],
        actor=stage.office,
        now=data.at(11, 29, 16),
    )
    payees.verify_account(account, actor=stage.second, now=data.at(11, 29, 17))
    payments.repay(payment, actor=stage.office, now=data.at(11, 30))
    payments.submit_payment(payment, actor=stage.office, now=data.at(11, 30, 11))
    _sign(stage, payment, data.at(12, 3))
    stage.step()
    _pay(stage, [payment], bank_format, data.at(12, 5))


def earlier_editions(stage: Play) -> list[Edition]:
    """Closed editions the carried awards were won in. Only their frame is known, so only a frame is kept."""
    found = db.session.scalars(
        select(Edition).where(Edition.state == EditionState.CLOSED).order_by(Edition.code)
    )
    flush()
    return list(found)
