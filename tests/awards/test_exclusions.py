"""Units that may not be paid: entered, imported, ended; refused on the day of paying, by the application and the database."""

import io
from datetime import date, timedelta

import pytest

from awards.enums import ExclusionReason
from awards.models import Exclusion, Payment
from awards.operations import batches, exclusions, payments
from core.checks import run_all
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.seals import broken
from core.spreadsheets import Column, to_xlsx
from fund import operations as ledger
from tests.factories import awards as make
from tests.factories.competition import credit_code, office, staff

DAY = timedelta(days=1)


def listed(payee, now, *, first=None, last=None, reason=ExclusionReason.DISHONEST):
    return exclusions.enter_exclusion(
        credit_code=payee.credit_code,
        name=payee.name,
        reason=reason,
        source="执行信息公开网（演示）",
        first_day=first or now.date() - DAY,
        last_day=last,
        actor=staff(Role.FINANCE, now),
        now=now,
    )


@pytest.fixture
def payment(ctx, now):
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    make.give_account(made[0].payee, now)
    return make.make_payment(made[0], now, submit=False)


def submit(payment, now):
    return payments.submit_payment(payment, actor=office(now), now=now)


def test_listed_payee_is_refused_with_the_entry_named(payment, now):
    listed(payment.payee, now)
    with pytest.raises(InvalidInput) as refused:
        submit(payment, now)
    words = refused.value.sentence
    assert payment.number in words and payment.payee.name in words
    assert "失信被执行人" in words and "执行信息公开网" in words and str(now.date() - DAY) in words
    assert payment.state == "draft"


@pytest.mark.parametrize(
    ("first", "last", "allowed"),
    [(0, None, False), (0, 0, False), (-9, -1, True), (-9, 0, False), (1, None, True)],
    ids=["from today", "today only", "until yesterday", "until today", "from tomorrow"],
)
def test_only_the_days_of_the_entry_count(payment, now, first, last, allowed):
    day = now.date()
    listed(payment.payee, now, first=day + first * DAY, last=None if last is None else day + last * DAY)
    if allowed:
        assert submit(payment, now).state == "submitted"
    else:
        with pytest.raises(InvalidInput):
            submit(payment, now)


def test_export_refuses_who_was_listed_since_the_approval(ctx, now):
    _, made = make.make_winners(now, count=2)
    make.confirm(made, now)
    approved = [make.make_payment(award, now, approve=True) for award in made]
    batch = batches.make_batch(approved, actor=staff(Role.FINANCE, now), now=now)
    listed(approved[1].payee, now)
    with pytest.raises(InvalidInput) as refused:
        batches.export_batch(
            batch, bank_format=make.make_format(now), actor=staff(Role.FINANCE, now), now=now
        )
    assert approved[1].number in refused.value.sentence
    assert approved[0].number not in refused.value.sentence
    assert batch.state == "draft"


def test_database_refuses_the_hold_too(payment, now):
    listed(payment.payee, now)
    with pytest.raises(Conflict, match="数据库拒绝"):
        ledger.hold(
            payment.line,
            fen=payment.fen,
            payment_no=payment.number,
            attempt=1,
            idem="x",
            actor=office(now),
            now=now,
        )


def test_check_names_a_payment_held_in_spite_of_the_list(payment, now):
    submit(payment, now)
    entry = listed(payment.payee, now)
    assert run_all("payees-clear") == []
    entry.entered_at = now - DAY
    flush()
    assert [finding.where for finding in run_all("payees-clear")] == [f"payment {payment.id}"]


def test_ended_entry_frees_and_is_never_prolonged(payment, now):
    entry = listed(payment.payee, now, first=now.date() - 9 * DAY)
    finance = staff(Role.FINANCE, now)
    exclusions.end_exclusion(entry, last_day=now.date() - DAY, reason="已履行", actor=finance, now=now)
    assert submit(payment, now).state == "submitted"
    with pytest.raises(InvalidInput, match="提前"):
        exclusions.end_exclusion(entry, last_day=now.date(), reason="再列", actor=finance, now=now)
    assert list(broken(Exclusion)) == []


def test_withdrawn_entry_never_held(payment, now):
    entry = listed(payment.payee, now)
    with pytest.raises(InvalidInput, match="理由"):
        exclusions.withdraw_exclusion(entry, reason=" ", actor=staff(Role.FINANCE, now), now=now)
    exclusions.withdraw_exclusion(entry, reason="同名误录", actor=staff(Role.FINANCE, now), now=now)
    assert entry.withdrawn and submit(payment, now).state == "submitted"


def test_office_may_not_keep_the_list(payment, now):
    with pytest.raises(NotAllowed):
        exclusions.import_exclusions([list(exclusions.HEADS)], actor=office(now), now=now)


def table(*rows):
    return [list(exclusions.HEADS), *[list(row) for row in rows]]


def row_for(serial, **changes):
    cells = dict(
        zip(
            exclusions.HEADS,
            (credit_code(serial), f"某企业{serial}", "经营异常", "公示系统", "2026-01-02", "", ""),
            strict=True,
        )
    )
    return tuple({**cells, **changes}.values())


def test_import_enters_each_once(ctx, now):
    by = {"actor": staff(Role.SUPERVISION, now), "now": now}
    rows = table(row_for(7001), row_for(7002, 移出日期="2026/3/1"))
    assert exclusions.import_exclusions(rows, **by) == (2, 0)
    assert exclusions.import_exclusions([*rows, list(row_for(7003, 列入日期="2026年5月1日"))], **by) == (1, 2)
    days = {row.name: (row.first_day, row.last_day) for row in db.session.scalars(db.select(Exclusion))}
    assert days["某企业7002"] == (date(2026, 1, 2), date(2026, 3, 1))
    assert days["某企业7003"] == (date(2026, 5, 1), None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"统一社会信用代码": "911000000000000000"}, "第 3 行"),
        ({"原因": "不喜欢"}, "原因应为"),
        ({"单位名称": ""}, "单位名称"),
        ({"列入日期": "2026-02-30"}, "日期"),
        ({"列入日期": "昨天"}, "日期"),
        ({"移出日期": "2025-12-31"}, "不能早于"),
    ],
)
def test_import_is_whole_or_not_at_all(ctx, now, changes, words):
    with pytest.raises(InvalidInput, match=words):
        exclusions.import_exclusions(
            table(row_for(7001), row_for(7002, **changes)), actor=staff(Role.FINANCE, now), now=now
        )
    assert db.session.scalars(db.select(Exclusion)).all() == []


def cast(now):
    for role in (Role.FINANCE, Role.SUPERVISION):
        staff(role, now)
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    make.give_account(made[0].payee, now)
    payment = make.make_payment(made[0], now, submit=False)
    return payment.number, made[0].payee.credit_code, made[0].payee.name


def test_entered_on_the_page_and_named_where_payments_are_prepared(prepared, as_user, app, frozen):
    number, code, name = prepared(cast)
    supervision, office = as_user("supervision-staff"), as_user("office-staff")
    day = frozen.date().isoformat()
    data = {"credit_code": code, "name": name, "reason": "abnormal", "source": "公示系统", "first_day": day}
    answer = supervision.post("/money/exclusions/new", data)
    assert answer.status_code == 303
    assert "在列" in office.text("/money/exclusions?standing=on") and name in office.text("/money/exclusions")
    refused = office.post(f"/money/payments/{number}/submit")
    assert refused.status_code == 422 and "经营异常" in refused.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(db.select(Payment.state)) == "draft"
    assert office.get("/money/exclusions/new").status_code == 403
    page = answer.headers["Location"]
    assert supervision.post(page + "/end", {"last_day": "", "reason": "x"}).status_code == 422
    assert supervision.post(page + "/withdraw", {"reason": ""}).status_code == 422
    assert supervision.post(page + "/withdraw", {"reason": "误录"}).status_code == 303
    assert office.post(f"/money/payments/{number}/submit").status_code == 303


def test_exported_list_is_imported_again(prepared, as_user):
    prepared(cast)
    finance = as_user("finance-staff")
    book = to_xlsx("名单", list(columns_of_a_list()), [row_for(7001), row_for(7002, 移出日期="2026-08-01")])
    answer = finance.post("/money/exclusions/import", {"file": (io.BytesIO(book), "名单.xlsx")})
    assert answer.status_code == 303
    exported = finance.get("/money/exclusions?export=1").data
    again = finance.post("/money/exclusions/import", {"file": (io.BytesIO(exported), "名单.xlsx")})
    assert again.status_code == 303
    assert "已在名单上的 2 条" in finance.text("/money/exclusions")


def columns_of_a_list():
    for place, head in enumerate(exclusions.HEADS):
        yield Column(head, head, lambda row, place=place: row[place])


@pytest.mark.parametrize("name", ["list.pdf", "list.xlsx", ""])
def test_bad_file_is_answered_beside_its_field(prepared, as_user, name):
    prepared(cast)
    answer = as_user("finance-staff").post(
        "/money/exclusions/import", {"file": (io.BytesIO(b"%PDF-1.4 none"), name)}
    )
    assert answer.status_code == 422


def test_list_costs_the_same_at_any_length(prepared, as_user, count_statements):
    prepared(cast)
    finance = as_user("finance-staff")

    def cost():
        finance.get("/money/exclusions")
        with count_statements() as seen:
            assert finance.get("/money/exclusions").status_code == 200
        return len(seen)

    finance.post("/money/exclusions/import", {"file": (csv(1), "a.csv")})
    one = cost()
    finance.post("/money/exclusions/import", {"file": (csv(20), "a.csv")})
    assert cost() == one


def csv(count):
    rows = [exclusions.HEADS, *[row_for(7100 + number) for number in range(count)]]
    return io.BytesIO("\n".join(",".join(row) for row in rows).encode())


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_that_no_calendar_has_are_refused_beside_their_field(prepared, as_user, day):
    _, code, name = prepared(cast)
    finance = as_user("finance-staff")
    given = {"credit_code": code, "name": name, "reason": "other", "source": "x", "first_day": "2026-01-01"}
    assert finance.post("/money/exclusions/new", {**given, "first_day": day}).status_code == 422
    assert finance.post("/money/exclusions/new", {**given, "last_day": day}).status_code == 422
    made = finance.post("/money/exclusions/new", given)
    assert finance.post(made.location + "/end", {"last_day": day, "reason": "x"}).status_code == 422
