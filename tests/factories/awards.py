"""Awards, notices and payments for tests, made through the operations the pages call. All names are invented."""

from datetime import datetime, timedelta

from awards.enums import (
    AmountUnit,
    AwardGroup,
    AwardKind,
    InstalmentCondition,
    NoticeKind,
    PayeeKind,
    SheetKind,
)
from awards.models import Award, BankFormat, Notice, Payee, Payment, PaymentBatch, TierPlan
from awards.operations import awards, banks, batches, notices, payees, payments, plans
from competition.enums import VisitConclusion
from competition.models import Edition, Entry, Visit
from competition.operations import rounds
from core.db import db, flush
from core.enums import Role
from core.models import User
from core.money import FEN_PER_WAN
from core.rules import SYSTEM
from fund import operations as ledger
from fund.enums import LineKind
from fund.models import BudgetLine
from tests.factories.competition import credit_code, make_edition, make_entry, office, staff
from tests.factories.judging import make_judge

DOCUMENT = "演示财教〔2026〕1号"


def second_office(now: datetime) -> User:
    return staff(Role.OFFICE, now, username="office-second")


def make_line(now: datetime, *, wan: int = 2000, code: str = "T26-1") -> BudgetLine:
    finance = staff(Role.FINANCE, now)
    line = ledger.create_line(
        code=code,
        fiscal_year=2026,
        name="创新创业大赛（演示）",
        kind=LineKind.NEW_PROJECTS,
        actor=finance,
        now=now,
    )
    if wan:
        fen = wan * FEN_PER_WAN
        ledger.issue(line, fen=fen, document_no=DOCUMENT, idem=f"test:{code}", actor=finance, now=now)
    return line


def make_plan(
    edition: Edition,
    line: BudgetLine,
    now: datetime,
    *,
    places: int = 3,
    first_bp: int = 10_000,
    needs_contract: bool = False,
    tail: tuple[InstalmentCondition, int] = (InstalmentCondition.ACCEPTANCE_PASSED, 0),
    tiers: tuple[tuple[int, int], ...] = (),
    publish: bool = True,
) -> TierPlan:
    """Startup tiers of (places, 万元), one of 10万元 unless told otherwise, and one unit tier of 5万元."""
    by = {"actor": office(now), "now": now}
    plan = plans.create_plan(edition, line=line, name="演示奖项设置", **by)
    names = (("first", "一等奖"), ("second", "二等奖"), ("third", "三等奖"))
    for (code, name), (number, wan) in zip(names, tiers or ((places, 10),), strict=False):
        plans.add_tier(
            plan,
            group=AwardGroup.STARTUP,
            kind=AwardKind.PRIZE,
            code=code,
            name=name,
            places=number,
            amount_fen=wan * FEN_PER_WAN,
            first_bp=first_bp,
            needs_contract=needs_contract,
            tail_condition=tail[0],
            tail_months=tail[1],
            **by,
        )
    plans.add_tier(
        plan,
        group=AwardGroup.UNIT,
        kind=AwardKind.ORGANISER,
        code="organiser",
        name="优秀组织奖",
        places=places,
        amount_fen=5 * FEN_PER_WAN,
        **by,
    )
    if publish:
        plans.publish_plan(plan, **by)
    return plan


def rank_in_final(edition: Edition, entries: list[Entry], now: datetime) -> None:
    """The last round held and decided, best first, each with a due-diligence visit that passed."""
    final, lead = edition.stages[-1], staff(Role.DUE_DILIGENCE, now)
    rounds.open_stage(final, entries=entries, actor=office(now), now=now)
    results = [(entry.id, place, 9000 - place, "final:startup") for place, entry in enumerate(entries, 1)]
    rounds.record_results(final, results=results, actor=SYSTEM, now=now)
    rounds.decide_advancement(final, actor=office(now), now=now)
    for entry in entries:
        visit = Visit(
            entry=entry, stage_id=final.id, lead_id=lead.id, members=["演示组员"], planned_on=now.date()
        )
        visit.conclusion = VisitConclusion.PASS
        db.session.add(visit)
    flush()


def make_winners(
    now: datetime,
    *,
    count: int = 2,
    reserves: int = 0,
    edition: Edition | None = None,
    first_bp: int = 10_000,
    needs_contract: bool = False,
    tail: tuple[InstalmentCondition, int] = (InstalmentCondition.ACCEPTANCE_PASSED, 0),
    tiers: tuple[tuple[int, int], ...] = (),
) -> tuple[TierPlan, list[Award]]:
    """`count` proposed prizes of 10万元, allocated from a decided final in which `reserves` more were placed."""
    edition = edition or make_edition(now)
    entries = [make_entry(edition, now) for _ in range(count + reserves)]
    rank_in_final(edition, entries, now)
    terms = {"places": count, "first_bp": first_bp, "needs_contract": needs_contract, "tail": tail}
    plan = make_plan(edition, make_line(now), now, tiers=tiers, **terms)
    return plan, awards.allocate_prizes(plan, actor=office(now), now=now)


def make_unit(now: datetime, number: int = 1) -> Payee:
    return payees.make_payee(
        kind=PayeeKind.BUREAU,
        name=f"演示科技局{number}",
        credit_code=credit_code(800_000 + number),
        division_code="650100",
        actor=SYSTEM,
        now=now,
    )


def make_notice(made: list[Award], now: datetime, *, run: bool = True) -> Notice:
    """Drafted by the office; with `run`, started by its second person."""
    notice = notices.draft_notice(
        made[0].edition,
        kind=NoticeKind.AWARDS,
        title="演示拟奖励名单公示",
        body="现将拟奖励名单予以公示。",
        document_no="演示公示〔2026〕1号",
        awards=made,
        actor=office(now),
        now=now,
    )
    return notices.approve_notice(notice, actor=second_office(now), now=now) if run else notice


def confirm(made: list[Award], now: datetime) -> Notice:
    """The notice ran its days twenty days before `now` and was closed: the awards are confirmed."""
    notice = make_notice(made, now - timedelta(days=20))
    return notices.close_notice(notice, actor=office(now), now=now)


def make_treasury(now: datetime) -> Payee:
    payee = payees.make_payee(
        kind=PayeeKind.TREASURY,
        name="演示国库",
        credit_code=credit_code(890_000),
        actor=SYSTEM,
        now=now,
    )
    give_account(payee, now)
    return payee


def make_expert(name: str, now: datetime, *, card: str = "6222021001112224") -> Payee:
    """A judge of this name with a card of his own, verified by a second person with a word where it looks wrong."""
    payee = payees.make_expert(make_judge(now, name=name), actor=office(now), now=now)
    account = payees.enter_account(
        payee, account_name=name, number=card, bank="演示银行", actor=office(now), now=now
    )
    payees.verify_account(account, doubts_note="已电话核实", actor=second_office(now), now=now)
    return payee


def give_account(payee: Payee, now: datetime, *, verified: bool = True) -> None:
    account = payees.enter_account(
        payee,
        account_name=payee.name,
        number=f"6505{payee.id:012d}",
        bank="演示银行乌鲁木齐支行",
        bank_code="313881000002",
        actor=office(now),
        now=now,
    )
    if verified:
        payees.verify_account(account, doubts_note="已核实", actor=second_office(now), now=now)


def make_payment(award: Award, now: datetime, *, submit: bool = True, approve: bool = False) -> Payment:
    by = {"actor": office(now), "now": now}
    payment = payments.prepare_payment(award.instalments[0], purpose="演示奖励", document_no=DOCUMENT, **by)
    if submit or approve:
        give_account(award.payee, now)
        payments.submit_payment(payment, **by)
    if approve:
        payments.review_payment(payment, actor=second_office(now), now=now)
        payments.approve_finance(payment, actor=staff(Role.FINANCE, now), now=now)
        payments.approve_leader(payment, actor=staff(Role.LEADER, now), now=now)
    return payment


def make_format(now: datetime, **changes) -> BankFormat:
    """One with our number in it, in 元 and xlsx unless told otherwise."""
    values = {
        "name": "演示银行批量付款",
        "sheet": SheetKind.XLSX,
        "encoding": "utf-8",
        "header": True,
        "amount_unit": AmountUnit.YUAN,
        "date_format": "%Y%m%d",
        "columns": [
            {"label": "客户流水号", "field": "key", "text": ""},
            {"label": "收款户名", "field": "account_name", "text": ""},
            {"label": "收款账号", "field": "account", "text": ""},
            {"label": "金额", "field": "amount", "text": ""},
            {"label": "币种", "field": "text", "text": "CNY"},
        ],
        "answer_header": True,
        "answer_columns": [
            {"label": "客户流水号", "field": "key", "text": ""},
            {"label": "收款账号", "field": "account", "text": ""},
            {"label": "金额", "field": "amount", "text": ""},
            {"label": "处理结果", "field": "status", "text": ""},
            {"label": "失败原因", "field": "reason", "text": ""},
            {"label": "银行流水号", "field": "reference", "text": ""},
        ],
        "paid_words": "成功、已入账",
        "failed_words": "失败",
        **changes,
    }
    return banks.keep_format(None, values=values, actor=staff(Role.FINANCE, now), now=now)


def make_batch(now: datetime, *, count: int = 3, export: bool = True) -> PaymentBatch:
    """Approved payments in one batch, sent to the bank."""
    _, made = make_winners(now, count=count)
    confirm(made, now)
    by = {"actor": staff(Role.FINANCE, now), "now": now}
    batch = batches.make_batch([make_payment(award, now, approve=True) for award in made], **by)
    if export:
        batches.export_batch(batch, bank_format=make_format(now), **by)
    return batch


def answer_file(batch: PaymentBatch, *rows: tuple[int, str, str], extra: str = "") -> bytes:
    """A bank's answer as csv: (which payment of the batch, status, reference or reason) for each line."""
    lines = ["客户流水号,收款账号,金额,处理结果,失败原因,银行流水号"]
    for index, status, word in rows:
        payment = batch.payments[index]
        told = f"{word}," if status == "失败" else f",{word}"
        account, fen = payment.account_snapshot["number"], payment.fen
        amount = f"{fen // 100}.{fen % 100:02d}"
        lines.append(f"{payment.number}-{payment.attempt},{account},{amount},{status},{told}")
    return ("\n".join(lines) + "\n" + extra).encode("gb18030")
