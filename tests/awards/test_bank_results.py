"""Exported once, answered line by line, confirmed in one transaction; what stays open keeps the batch open."""

import io
import re

import pytest

from awards import money_queries
from awards.enums import BatchState, ObjectorKind, Outcome, PaymentState
from awards.models import BankFormat, BankResult, BankResultLine, Payment
from awards.operations import banks, batches, objections, payments, results
from core.checks import run_all
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, IllegalTransition, InvalidInput
from core.files import read as read_file
from core.models import AuditEvent
from core.rules import SYSTEM
from fund.queries import line_totals
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.awards import answer_file
from tests.factories.competition import staff


def finance(now):
    return {"actor": staff(Role.FINANCE, now), "now": now}


def read(batch, content, now, name="结果.csv"):
    bank_format = db.session.scalar(db.select(BankFormat))
    return results.read_result(batch, content=content, name=name, bank_format=bank_format, **finance(now))[0]


def confirm(result, now):
    seen = results.digest_of(results.matches_of(result))
    return results.confirm_result(result, seen=seen, **finance(now))


def states(batch) -> list[str]:
    return [payment.state.value for payment in batch.payments]


def money(batch) -> tuple[int, int]:
    totals = line_totals(batch.payments[0].line)
    return totals.held_fen, totals.paid_fen


@pytest.fixture
def batch(ctx, now):
    return make.make_batch(now, count=4)


def test_export_keeps_what_was_sent(batch, now):
    export = batches.export_of(batch)
    assert (export.count, export.total_fen) == (4, 40_000_000)
    assert read_file(export.file) == batches.content_of(export)
    db.session.scalar(db.select(BankFormat)).columns = []
    assert read_file(export.file) == batches.content_of(export)


def test_second_export_is_refused_and_the_file_handed_out_on_record(batch, now):
    with pytest.raises(IllegalTransition):
        batches.export_batch(batch, bank_format=db.session.scalar(db.select(BankFormat)), **finance(now))
    before = read_file(batches.export_of(batch).file)
    assert read_file(batches.hand_out(batches.export_of(batch), **finance(now))) == before
    commit()
    event = db.session.scalar(db.select(AuditEvent).where(AuditEvent.action == "payment_batch.download"))
    assert event.after["sha256"] == batches.export_of(batch).sha256


def test_answer_with_a_missing_a_doubled_and_a_failed_line(batch, now):
    """Nothing is booked by reading; confirming books what is certain, the rest keeps the batch open."""
    content = answer_file(
        batch, (0, "成功", "R1"), (1, "失败", "户名不符"), (2, "成功", "R3"), (2, "成功", "R4")
    )
    result = read(batch, content, now)
    balance = results.balance_of(result.batch, results.matches_of(result))
    assert (balance.fits, balance.paid, balance.failed, balance.left) == (
        True,
        10_000_000,
        10_000_000,
        20_000_000,
    )
    assert money(batch) == (40_000_000, 0)
    confirm(result, now)
    assert states(batch) == ["paid", "bounced", "exported", "exported"]
    assert money(batch) == (30_000_000, 10_000_000)
    assert batch.payments[0].bank_reference == "R1"
    open_lines = money_queries.open_result_lines(batch)
    assert sorted(line.outcome for line in open_lines) == [Outcome.DOUBLED, Outcome.DOUBLED, Outcome.MISSING]
    with pytest.raises(Conflict):
        results.settle_batch(batch, **finance(now))
    commit()
    assert run_all() == []


def test_open_lines_are_settled_by_people(batch, now):
    test_answer_with_a_missing_a_doubled_and_a_failed_line(batch, now)
    doubled = [line for line in money_queries.open_result_lines(batch) if line.outcome == Outcome.DOUBLED]
    with pytest.raises(Conflict, match="还没有结果"):
        results.resolve_line(doubled[0], note="银行重复打印", **finance(now))
    later = read(batch, answer_file(batch, (3, "成功", "R5")), now, "第二天.csv")
    confirm(later, now)
    payments.confirm_paid(batch.payments[2], bank_reference="R3", **finance(now))
    with pytest.raises(Conflict, match="未核实"):
        results.settle_batch(batch, **finance(now))
    with pytest.raises(InvalidInput):
        results.resolve_line(doubled[0], note=" ", **finance(now))
    for line in doubled:
        results.resolve_line(line, note="银行重复打印，只付了一次", **finance(now))
    results.settle_batch(batch, **finance(now))
    assert batch.state == BatchState.SETTLED
    commit()
    assert run_all() == []


def test_failed_payment_is_paid_again_as_a_new_attempt(batch, now):
    confirm(read(batch, answer_file(batch, (0, "失败", "账号错")), now), now)
    payment = batch.payments[0]
    key = f"{payment.number}-1"
    payments.repay(payment, actor=make.office(now), now=now)
    db.session.refresh(batch)
    late = answer_file(batch, extra=f"{key},,100000.00,成功,,R9\n")
    confirm(read(batch, late, now), now)
    assert (payment.attempt, payment.state) == (2, PaymentState.DRAFT)
    (line,) = [found for found in money_queries.open_result_lines(batch) if found.outcome == Outcome.DOUBLED]
    assert line.payment_id == payment.id


def test_late_return_restores_the_hold(batch, now):
    confirm(read(batch, answer_file(batch, *((n, "成功", f"R{n}") for n in range(4))), now), now)
    results.settle_batch(batch, **finance(now))
    assert money(batch) == (0, 40_000_000)
    confirm(read(batch, answer_file(batch, (3, "失败", "退票")), now), now)
    assert money(batch) == (10_000_000, 30_000_000)
    assert batch.payments[3].state == PaymentState.BOUNCED


def test_same_file_twice_changes_nothing(batch, now):
    content = answer_file(batch, (0, "成功", "R1"))
    first = confirm(read(batch, content, now), now)
    assert read(batch, content, now).id == first.id
    with pytest.raises(IllegalTransition):
        confirm(first, now)
    saved_again = confirm(read(batch, content + b"\n", now), now)
    assert [line.outcome for line in saved_again.lines] == [Outcome.REPEATED]
    assert money(batch) == (30_000_000, 10_000_000)


def test_confirming_something_else_than_was_seen_is_refused(batch, now):
    result = read(batch, answer_file(batch, (0, "成功", "R1")), now)
    seen = results.digest_of(results.matches_of(result))
    payments.confirm_paid(batch.payments[0], bank_reference="手工", **finance(now))
    with pytest.raises(Conflict, match="重新核对"):
        results.confirm_result(result, seen=seen, **finance(now))


def test_stopped_in_the_middle_books_nothing(batch, now, monkeypatch):
    result = read(batch, answer_file(batch, *((n, "成功", f"R{n}") for n in range(4))), now)
    commit()
    booked = []

    def third_fails(payment, **facts):
        if len(booked) == 2:
            raise KeyboardInterrupt
        booked.append(payments.confirm_paid(payment, **facts))

    monkeypatch.setattr(results, "confirm_paid", third_fails)
    with pytest.raises(KeyboardInterrupt):
        confirm(result, now)
    db.session.rollback()
    db.session.expire_all()
    assert money(batch) == (40_000_000, 0)
    assert states(batch) == ["exported"] * 4
    assert run_all() == []


def test_money_under_an_objection_is_not_booked(batch, now):
    notice = batch.payments[0].instalment.award.notice
    notice.__dict__["state"] = "running"
    objections.file_objection(
        notice,
        objector_kind=ObjectorKind.UNIT,
        objector="某公司",
        contact="0991-1",
        content="名单有误。",
        actor=SYSTEM,
        now=notice.starts_at,
    )
    db.session.expire(notice)
    result = read(batch, answer_file(batch, (0, "成功", "R1")), now)
    assert results.matches_of(result)[0].outcome == Outcome.BLOCKED


def test_payment_taken_back_dissolves_its_batch(ctx, now):
    batch = make.make_batch(now, count=2, export=False)
    first, second = list(batch.payments)
    payments.reject_payment(first, reason="文号有误", actor=staff(Role.LEADER, now), now=now)
    assert (batch.state, first.state, second.state) == (
        BatchState.VOID,
        PaymentState.DRAFT,
        PaymentState.APPROVED,
    )
    assert batches.make_batch([second], **finance(now)).count == 1


def test_voiding_an_exported_batch_asks_for_new_approvals(batch, now):
    payments_of = list(batch.payments)
    batches.void_batch(batch, reason="银行退回文件，格式不对", **finance(now))
    assert {payment.state for payment in payments_of} == {PaymentState.DRAFT}
    assert {payment.attempt for payment in payments_of} == {2}
    assert line_totals(payments_of[0].line).held_fen == 0
    commit()
    assert run_all() == []


def test_answered_batch_is_not_voided(batch, now):
    confirm(read(batch, answer_file(batch, (0, "失败", "账号错")), now), now)
    with pytest.raises(Conflict):
        batches.void_batch(batch, reason="试", **finance(now))


def test_refused_format_stays_as_it_was_and_a_change_is_on_record(ctx, now):
    found = make.make_format(now)
    values = {"columns": [{"label": "x", "field": "account", "text": ""}]}
    with pytest.raises(InvalidInput):
        banks.keep_format(found, values=values, **finance(now))
    assert len(found.columns) == 5
    banks.keep_format(found, values={"paid_words": "交易成功"}, **finance(now))
    commit()
    event = db.session.scalar(db.select(AuditEvent).where(AuditEvent.action == "bank_format.change"))
    assert (event.before, event.after) == ({"paid_words": "成功、已入账"}, {"paid_words": "交易成功"})


# Through the pages.


def sent_batch(now):
    cast(now)
    return make.make_batch(now, count=3).number


def test_a_person_reads_reconciles_and_confirms(prepared, as_user, app):
    number = prepared(sent_batch)
    page, clerk = f"/money/batches/{number}", as_user("finance-staff")
    with app.app_context():
        batch = db.session.scalar(db.select(Payment)).batch
        bank = db.session.scalar(db.select(BankFormat.id))
        content = answer_file(batch, (0, "成功", "R1"), (1, "失败", "户名不符"), (1, "失败", "户名不符"))
    assert "SHA-256" in clerk.text(f"{page}/control")
    assert clerk.post(f"{page}/file").headers["Content-Disposition"].startswith("attachment")

    def hand_in(data: bytes):
        return clerk.post(f"{page}/answer", {"result_format": bank, "answer": (io.BytesIO(data), "r.csv")})

    assert "请选择银行格式和结果文件" in clerk.post(f"{page}/answer", {"result_format": bank}).text
    assert "无法识别" in hand_in(content.replace(b"100000.00", b"1e5")).text
    for broken in (b"", b"\xff\xfe\x00", b"a" * 200_000, content.replace(b",", b"\x00")):
        assert hand_in(broken).status_code == 422
    answer = hand_in(content)
    assert answer.status_code == 303
    text = clerk.text(answer.location)
    assert "分毫相符" in text and "还没有入账" in text
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', text).group(1)
    leader = as_user("leader-staff")
    assert leader.post(f"{answer.location}/confirm", {"seen": seen}).status_code == 403
    assert clerk.post(f"{answer.location}/confirm", {"seen": "x"}).status_code == 409
    assert clerk.post(f"{answer.location}/confirm", {"seen": seen}).status_code == 303
    assert hand_in(content).location == answer.location
    assert clerk.post(f"{page}/settle").status_code == 409
    worklist = clerk.text("/money/results")
    assert worklist.count("重复") >= 2 and "文件中缺少" in worklist
    with app.app_context():
        lines = db.session.scalars(
            db.select(BankResultLine.id).where(BankResultLine.outcome == "doubled")
        ).all()
        payment = db.session.scalars(db.select(Payment).order_by(Payment.number)).all()[1].id
    refused = clerk.post(f"/money/results/lines/{lines[0]}")
    assert refused.status_code == 422
    assert clerk.post(f"{page}/results", {f"bounce.{payment}": "户名不符"}).status_code == 303
    for line in lines:
        assert clerk.post(f"/money/results/lines/{line}", {"note": "已电话核实"}).status_code == 303
    assert "已电话核实" in clerk.text(answer.location)


def test_wrong_file_is_discarded_and_books_nothing(prepared, as_user, app):
    number = prepared(sent_batch)
    clerk = as_user("finance-staff")
    with app.app_context():
        batch = db.session.scalar(db.select(Payment)).batch
        bank = db.session.scalar(db.select(BankFormat.id))
        content = answer_file(batch, (0, "成功", "R1"))
    data = {"result_format": bank, "answer": (io.BytesIO(content), "r.csv")}
    made = clerk.post(f"/money/batches/{number}/answer", data).location
    assert clerk.post(f"{made}/discard").status_code == 303
    with app.app_context():
        assert db.session.scalar(db.select(BankResult.state)) == "discarded"
        assert set(db.session.scalars(db.select(Payment.state))) == {"exported"}


def test_format_is_kept_by_finance_only(prepared, as_user):
    prepared(cast)
    clerk, office = as_user("finance-staff"), as_user("office-staff")
    form = {
        "name": "演示银行",
        "sheet": "csv",
        "encoding": "gb18030",
        "amount_unit": "fen",
        "date_format": "%Y%m%d",
        "columns": "户名 | 收款户名\n账号 | 收款账号\n金额 | 金额\n币种 | 固定文字 | CNY",
        "answer_columns": "账号 | 收款账号\n金额 | 金额\n结果 | 处理结果",
        "paid_words": "成功",
        "failed_words": "失败",
    }
    assert office.post("/money/formats/new", form).status_code == 403
    wrong = clerk.post("/money/formats/new", form | {"columns": "户名 | 别的"})
    assert wrong.status_code == 422
    assert "第 1 行应为" in wrong.text and "户名 | 别的" in wrong.text
    short = clerk.post("/money/formats/new", form | {"columns": "户名 | 收款户名"})
    assert short.status_code == 422 and "须有收款户名" in short.text
    made = clerk.post("/money/formats/new", form)
    assert made.status_code == 303
    page = clerk.text(made.location)
    assert "币种 | 固定文字 | CNY" in page and "12345678" in page
    assert clerk.post(made.location, form | {"name": "演示银行二"}).status_code == 303
    assert "演示银行二" in office.text("/money/formats")
    assert "<textarea" not in office.text(made.location)
