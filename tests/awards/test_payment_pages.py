"""Money through its pages: four people, one chain; what blocks it, what comes back, what stays hidden."""

import re

import pytest

from awards.enums import ObjectorKind
from awards.models import Acceptance, Award, Payment, PaymentBatch, PaymentStep
from awards.operations import objections
from core.db import db
from core.enums import Role
from core.models import AuditEvent
from core.rules import SYSTEM
from fund.models import BudgetLine
from fund.queries import line_totals
from judging.models import Judge
from tests.factories import awards as make
from tests.factories.competition import staff
from tests.factories.judging import make_judge


def cast(now):
    make.office(now)
    make.second_office(now)
    for role in (Role.FINANCE, Role.LEADER, Role.SUPERVISION, Role.REGIONAL, Role.JUDGE):
        staff(role, now)


def confirmed(now, *, count=1, account=True):
    cast(now)
    _, made = make.make_winners(now, count=count)
    make.confirm(made, now)
    if account:
        for award in made:
            make.give_account(award.payee, now)
    return [award.instalments[0].id for award in made]


def submitted(now):
    cast(now)
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    return make.make_payment(made[0], now).number


def approved(now, count=1):
    cast(now)
    _, made = make.make_winners(now, count=count)
    make.confirm(made, now)
    return [make.make_payment(award, now, approve=True).number for award in made]


def state_of(app, number) -> str:
    with app.app_context():
        return db.session.scalar(db.select(Payment.state).where(Payment.number == number)).value


def balances(app):
    with app.app_context():
        totals = line_totals(db.session.scalar(db.select(BudgetLine)))
        return totals.available_fen, totals.held_fen, totals.paid_fen


def test_four_people_carry_a_payment_from_the_award_to_the_bank(prepared, as_user, app):
    part = prepared(confirmed)[0]
    bank = prepared(lambda now: make.make_format(now).id)
    office, second = as_user("office-staff"), as_user("office-second")
    finance, leader = as_user("finance-staff"), as_user("leader-staff")
    data = {"ids": part, "document_no": "演示财教〔2026〕9号", "channel": "authorised", "then": "submit"}
    assert office.post("/money/payments/prepare", data).status_code == 303
    number = re.search(r"ZF2026-\d{4}", office.text("/money/payments")).group()
    page = f"/money/payments/{number}"
    assert balances(app) == (1_990_000_000, 10_000_000, 0)
    for person, act in ((second, "review"), (finance, "approve_finance"), (leader, "approve_leader")):
        assert person.post(f"{page}/{act}").status_code == 303
    with app.app_context():
        payment_id = db.session.scalar(db.select(Payment.id))
    made = finance.post("/money/batches/new", {"ids": payment_id})
    batch = made.location
    assert finance.post(f"{batch}/export").status_code == 422
    assert finance.post(f"{batch}/export", {"bank_format": bank}).status_code == 303
    assert finance.post(f"{batch}/file").headers["Content-Disposition"].startswith("attachment")
    assert finance.post(f"{batch}/results", {f"receipt.{payment_id}": "HD0001"}).status_code == 303
    assert finance.post(f"{batch}/settle").status_code == 303
    assert state_of(app, number) == "paid"
    assert balances(app) == (1_990_000_000, 0, 10_000_000)
    with app.app_context():
        assert db.session.scalars(db.select(PaymentBatch.state)).all() == ["settled"]
        assert db.session.scalars(db.select(Award.state)).all() == ["settled"]
        signers = db.session.scalars(db.select(PaymentStep.actor_id)).all()
    assert len(signers) == len(set(signers)) == 4
    assert "人民币壹拾万元整" in leader.text(page)


@pytest.mark.parametrize(
    ("username", "act", "status"),
    [
        ("office-staff", "review", 403),
        ("office-second", "approve_finance", 403),
        ("finance-staff", "approve_leader", 403),
        ("leader-staff", "review", 403),
        ("supervision-staff", "review", 403),
        ("finance-staff", "approve_finance", 403),
        ("office-second", "review", 303),
    ],
)
def test_each_step_belongs_to_its_person(prepared, as_user, username, act, status):
    number = prepared(submitted)
    assert as_user(username).post(f"/money/payments/{number}/{act}").status_code == status


def test_buttons_are_those_the_server_would_take(prepared, as_user):
    number = prepared(submitted)
    page = f"/money/payments/{number}"
    assert f'action="{page}/review"' in as_user("office-second").text(page)
    assert f'action="{page}/review"' not in as_user("office-staff").text(page)
    assert f'action="{page}/' not in as_user("supervision-staff").text(page)


@pytest.mark.parametrize("username", ["regional-staff", "judge-staff"])
def test_money_pages_are_closed_to_others(prepared, as_user, username):
    number = prepared(submitted)
    stranger = as_user(username)
    for url in ("/money/payments", f"/money/payments/{number}", "/money/payees", "/money/batches", "/awards"):
        assert stranger.get(url).status_code == 403


def test_open_objection_keeps_the_notice_and_the_money(prepared, as_user):
    def objected(now):
        cast(now)
        _, made = make.make_winners(now, count=1)
        notice = make.make_notice(made, now)
        objections.file_objection(
            notice,
            entry=made[0].entry,
            objector_kind=ObjectorKind.UNIT,
            objector="某公司",
            contact="0991-1",
            content="专利不属于该企业。",
            actor=SYSTEM,
            now=now,
        )
        return made[0].number, notice.id

    number, notice_id = prepared(objected)
    office = as_user("office-staff")
    assert "1 件实名异议未办结" in office.text(f"/awards/notices/{notice_id}")
    assert number not in office.text("/money/payments/prepare")


def test_payment_is_refused_while_an_objection_is_open(prepared, as_user, app):
    """The objection came in time; the award was confirmed all the same behind the page's back."""

    def objected(now):
        part = confirmed(now)[0]
        notice = db.session.scalar(db.select(Award)).notice
        objections.file_objection(
            reopened(notice),
            entry=None,
            objector_kind=ObjectorKind.PERSON,
            objector="张三",
            contact="139",
            content="名单有误。",
            actor=SYSTEM,
            now=notice.starts_at,
        )
        return part

    def reopened(notice):
        notice.__dict__["state"] = "running"
        return notice

    part = prepared(objected)
    office = as_user("office-staff")
    assert "不具备" in office.text("/money/payments/prepare")
    data = {"ids": part, "document_no": "演示文号", "channel": "authorised", "then": "submit"}
    answer = office.post("/money/payments/prepare", data)
    assert answer.status_code == 403
    assert "尚未办结" in answer.get_data(as_text=True)
    assert balances(app) == (2_000_000_000, 0, 0)


def test_holding_more_than_the_line_has_is_refused(prepared, as_user, app):
    """The plan fitted when it was published; the line was emptied since."""

    def emptied(now):
        part = confirmed(now)[0]
        line, other = db.session.scalar(db.select(BudgetLine)), make.make_line(now, wan=0, code="T26-9")
        finance = staff(Role.FINANCE, now)
        make.ledger.adjust(
            line, other, fen=1_995_000_000, document_no="调剂文", idem="test:adjust", actor=finance, now=now
        )
        return part

    part = prepared(emptied)
    data = {"ids": part, "document_no": "演示文号", "channel": "authorised", "then": "submit"}
    answer = as_user("office-staff").post("/money/payments/prepare", data)
    assert answer.status_code == 409
    with app.app_context():
        assert db.session.scalars(db.select(Payment.id)).all() == []


def test_missing_document_number_keeps_the_choice(prepared, as_user):
    part = prepared(confirmed)[0]
    answer = as_user("office-staff").post("/money/payments/prepare", {"ids": part, "channel": "direct"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "请填写拨款文件文号" in text
    assert re.search(rf'value="{part}"[^>]*checked', text)


def test_unverified_account_is_refused(prepared, as_user):
    part = prepared(lambda now: confirmed(now, account=False))[0]
    data = {"ids": part, "document_no": "演示文号", "channel": "authorised", "then": "submit"}
    answer = as_user("office-staff").post("/money/payments/prepare", data)
    assert answer.status_code == 409
    assert "收款账户尚未核验" in answer.get_data(as_text=True)


def test_rejection_needs_its_reason_and_frees_the_money(prepared, as_user, app):
    number = prepared(submitted)
    second, page = as_user("office-second"), f"/money/payments/{number}"
    refused = second.post(f"{page}/reject")
    assert refused.status_code == 422
    assert "请填写理由" in refused.get_data(as_text=True)
    assert second.post(f"{page}/reject", {"reason": "文号有误"}).status_code == 303
    assert state_of(app, number) == "draft"
    assert balances(app) == (2_000_000_000, 0, 0)
    assert "已作废" in second.text(page)


def test_returned_payment_is_made_again(prepared, as_user, app):
    number = prepared(approved)[0]
    bank = prepared(lambda now: make.make_format(now).id)
    finance, office = as_user("finance-staff"), as_user("office-staff")
    with app.app_context():
        payment_id = db.session.scalar(db.select(Payment.id))
    batch = finance.post("/money/batches/new", {"ids": payment_id}).location
    finance.post(f"{batch}/export", {"bank_format": bank})
    both = {f"receipt.{payment_id}": "1", f"bounce.{payment_id}": "户名不符"}
    refused = finance.post(f"{batch}/results", both)
    assert refused.status_code == 422
    assert 'value="户名不符"' in refused.get_data(as_text=True)
    assert finance.post(f"{batch}/results", {f"bounce.{payment_id}": "户名不符"}).status_code == 303
    assert state_of(app, number) == "bounced"
    assert balances(app)[1] == 10_000_000
    assert office.post(f"/money/payments/{number}/repay").status_code == 303
    assert office.post(f"/money/payments/{number}/submit").status_code == 303
    assert "第 2 次" in office.text("/money/payments")


def test_empty_batch_is_refused(prepared, as_user):
    prepared(approved)
    answer = as_user("finance-staff").post("/money/batches/new")
    assert answer.status_code == 422
    assert "请选择要支付的款项" in answer.get_data(as_text=True)


def unit(now):
    cast(now)
    return make.make_unit(now).id


def test_account_is_entered_by_one_and_verified_by_another(prepared, as_user):
    page = f"/money/payees/{prepared(unit)}"
    office, second = as_user("office-staff"), as_user("office-second")
    data = {"account_name": "演示科技局1", "number": "6505123412341234", "bank": "演示银行", "bank_code": ""}
    assert office.post(f"{page}/accounts", data).status_code == 303
    assert "核验通过</span>" not in office.text(page)
    verify = re.search(r"/money/accounts/\d+/verify", second.text(page)).group()
    assert office.post(verify).status_code == 403
    assert second.post(verify).status_code == 303
    assert "已核验" in office.text(page)


def test_account_in_another_name_is_refused_and_kept(prepared, as_user):
    page = f"/money/payees/{prepared(unit)}"
    data = {"account_name": "别的单位", "number": "6505123412341234", "bank": "演示银行", "bank_code": ""}
    answer = as_user("office-staff").post(f"{page}/accounts", data)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "户名须与收款单位名称一致" in text
    assert 'value="6505123412341234"' in text


def test_full_number_is_shown_to_finance_only_and_recorded(prepared, as_user, app):
    def known(now):
        cast(now)
        payee = make.make_unit(now)
        make.give_account(payee, now)
        return payee.id, payee.accounts[0].id, payee.accounts[0].number

    payee_id, account_id, number = prepared(known)
    page, reveal = f"/money/payees/{payee_id}", f"/money/accounts/{account_id}/reveal"
    finance, office = as_user("finance-staff"), as_user("office-staff")
    assert number not in finance.text(page)
    assert office.post(reveal).status_code == 403
    assert finance.post(reveal).status_code == 303
    assert number in finance.text(page)
    assert number not in office.text(page)
    with app.app_context():
        event = db.session.scalar(db.select(AuditEvent).where(AuditEvent.action == "payee_account.reveal"))
        assert event.actor_name == "财务（finance-staff）"
        assert number not in str(event.after)


@pytest.mark.parametrize("code", ["123", "91650100MA0000001X"])
def test_payee_needs_a_valid_credit_code(prepared, as_user, code):
    prepared(cast)
    data = {"kind": "host", "name": "演示承办单位", "credit_code": code}
    answer = as_user("finance-staff").post("/money/payees/new", data)
    assert answer.status_code == 422
    assert 'value="演示承办单位"' in answer.get_data(as_text=True)


def test_acceptance_frees_the_tail(prepared, as_user, app):
    def split(now):
        cast(now)
        _, made = make.make_winners(now, count=1, first_bp=6000)
        make.confirm(made, now)
        for _ in range(3):
            make_judge(now)
        return made[0].number

    number = prepared(split)
    office = as_user("office-staff")
    assert "尾款须在验收通过后支付" in office.text("/money/payments/prepare")
    row = {
        "target.name": "营业收入",
        "target.unit": "万元",
        "target.sense": "at_least",
        "target.target": "200",
    }
    wrong = office.post(f"/awards/items/{number}/acceptance", {**row, "target.achieved": "很多"})
    assert wrong.status_code == 422
    assert "应为数字" in wrong.get_data(as_text=True)
    applied = office.post(f"/awards/items/{number}/acceptance", {**row, "target.achieved": "236"})
    assert applied.status_code == 303
    with app.app_context():
        experts = [str(judge) for judge in db.session.scalars(db.select(Judge.id))]
        url = f"/awards/acceptance/{db.session.scalar(db.select(Acceptance.id))}"
    nobody = office.post(f"{url}/decide", {"decision": "pass", "opinion": "同意"})
    assert nobody.status_code == 422
    assert "验收专家组" in nobody.get_data(as_text=True)
    assert office.post(f"{url}/panel", {"chair": experts[0], "judges": experts}).status_code == 303
    done = office.post(f"{url}/decide", {"decision": "pass", "opinion": "同意"})
    assert done.status_code == 303
    assert "尾款须在验收通过后支付" not in office.text("/money/payments/prepare")
