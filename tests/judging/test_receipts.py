"""Receipts: what the text holds, what the code reveals, what the check answers."""

import hashlib

from sqlalchemy import func, select, update

from core import audit
from core.db import db
from judging import receipts
from judging.invariants import digests_hold
from judging.models import Correction, Score, Sheet
from judging.operations import judges as judge_operations
from judging.operations import sheets
from judging.operations.receipts import Answer, check, stored_text
from tests.factories import judging as make


def submitted(now) -> Sheet:
    session = make.make_running(now)
    run = next(run for run in session.runs if run.called_at)
    return make.submit(run.sheets[1], now, comment="好\n项目")


def code_of(sheet: Sheet) -> str:
    return receipts.code_of(sheet.id, sheet.receipt)


def chair_corrects(sheet: Sheet, now) -> Correction:
    chair = sheet.run.session.seats[0].judge.user
    request = sheets.request_correction(
        sheet, new_values=make.values(-100), reason="看错一行", actor=chair, now=now
    )
    return sheets.approve_correction(request, actor=make.supervision(now), now=now)


def test_receipt_is_the_digest_of_a_text_with_every_score(ctx, now):
    sheet = submitted(now)
    text = stored_text(sheet)
    assert hashlib.sha256(text.encode()).hexdigest() == sheet.receipt
    assert "technology=20.00\n" in text and "合计=80.00\n" in text and '评语="好\\n项目"\n' in text
    assert sheet.run.entry.number in text and sheet.digest in text


def test_check_says_same_whatever_the_hand_that_typed_it(ctx, now):
    code = code_of(submitted(now))
    assert check(code) is Answer.SAME
    assert check(f"  {code.lower().replace('-', ' ')} ") is Answer.SAME
    assert check(code.replace("0", "O").replace("1", "I")) is Answer.SAME


def test_check_does_not_know_what_was_never_given_out(ctx, now):
    sheet = submitted(now)
    draft = sheet.run.sheets[2]
    never = receipts.code_of(sheet.id, "0" * 64)
    for code in (never, receipts.code_of(draft.id, sheet.receipt), "", "17", "你好", "9" * 60, "-" * 60):
        assert check(code) is Answer.UNKNOWN, code


def test_a_score_changed_behind_the_application_is_named(ctx, now):
    sheet = submitted(now)
    code, total = code_of(sheet), sheet.total_hundredths
    db.session.flush()
    audit.write_pending()
    first = db.session.scalar(select(func.min(Score.criterion_id)).where(Score.sheet_id == sheet.id))
    db.session.execute(
        update(Score)
        .where(Score.sheet_id == sheet.id, Score.criterion_id == first)
        .values(hundredths=Score.hundredths - 50)
    )
    db.session.execute(update(Sheet).where(Sheet.id == sheet.id).values(total_hundredths=total - 50))
    db.session.expire_all()
    assert check(code) is Answer.CHANGED
    assert [where for where, _ in digests_hold()] == [f"sheet {sheet.id}"]


def test_a_receipt_altered_alone_is_named(ctx, now):
    sheet = submitted(now)
    db.session.execute(update(Sheet).where(Sheet.id == sheet.id).values(receipt="0" * 64))
    db.session.expire_all()
    assert (f"sheet {sheet.id}", "内容与评委回执不符") in list(digests_hold())


def test_a_correction_makes_a_new_receipt_and_the_old_one_no_longer_fits(ctx, now):
    sheet = submitted(now)
    old = code_of(sheet)
    chair_corrects(sheet, now)
    audit.write_pending()
    db.session.expire_all()
    assert check(old) is Answer.CHANGED
    assert code_of(sheet) != old and check(code_of(sheet)) is Answer.SAME
    assert list(digests_hold()) == []


def test_after_a_recusal_the_receipt_no_longer_fits(ctx, now):
    sheet = submitted(now)
    code = code_of(sheet)
    judge_operations.exclude(sheet, reason="同一单位", actor=make.recorder(now), now=now)
    audit.write_pending()
    assert sheet.receipt == "" and check(code) is Answer.CHANGED


def one_submitted(now):
    sheet = submitted(now)
    return sheet.id, code_of(sheet), sheet.seat.judge.user.username, sheet.run.sheets[0].id


def test_judge_keeps_his_receipt_and_anybody_checks_it(prepared, as_user, visitor):
    sheet_id, code, username, other = prepared(one_submitted)
    judge = as_user(username)
    assert code in judge.get(f"/judge/sheets/{sheet_id}").text
    assert code in judge.get(f"/judge/sheets/{sheet_id}/receipt").text
    kept = judge.get(f"/judge/sheets/{sheet_id}/receipt?text=1").data
    assert receipts.code_of(sheet_id, hashlib.sha256(kept).hexdigest()) == code
    assert judge.get(f"/judge/sheets/{other}/receipt").status_code == 404
    page = visitor.get(f"/receipts?code={code}").text
    assert "保存的评分表与这张回执一致" in page and "80.00" not in page
    assert "无此回执" in visitor.get(f"/receipts?code={code[:-1]}~").text
