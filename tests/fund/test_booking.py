"""Finance books movements and lines through the forms: what is refused, with which sentence, and what is kept."""

import pytest
from sqlalchemy import func, select

from core.db import db
from core.enums import Role
from core.money import FEN_PER_WAN
from fund import queries
from fund.enums import TransferKind
from fund.models import Transfer
from tests.factories import fund as make
from tests.factories.competition import staff

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def finance(prepared, as_user):
    def fund(now):
        staff(Role.FINANCE, now)
        make.make_fund(now)

    prepared(fund)
    return as_user("finance-staff")


def booked(app) -> list[tuple[TransferKind, int]]:
    with app.app_context():
        rows = db.session.execute(select(Transfer.kind, Transfer.fen).order_by(Transfer.seq))
        return [(kind, fen // FEN_PER_WAN) for kind, fen in rows][1:]


def line_id(app, code: str) -> str:
    with app.app_context():
        return str(queries.line_by_code(code).id)


def form(**changes):
    return {"fen": "12.5", "document_no": "演示〔2026〕2号", "memo": "演示", "idem": KEY} | changes


@pytest.mark.parametrize(
    ("act", "kind"), [("issue", TransferKind.ISSUE), ("return", TransferKind.RETURN)], ids=["issue", "return"]
)
def test_finance_books_on_one_line(app, finance, act, kind):
    answer = finance.post(f"/fund/lines/F26/{act}", form(fen="20"))
    assert (answer.status_code, answer.location) == (303, "/fund/lines/F26")
    assert booked(app) == [(kind, 20)]


def test_finance_allocates_then_adjusts_between_siblings(app, finance):
    assert finance.post("/fund/lines/F26/allocate", form(target=line_id(app, "F26-1"))).status_code == 303
    key = KEY[::-1]
    move = form(fen="2", target=line_id(app, "F26-2"), idem=key)
    assert finance.post("/fund/lines/F26-1/adjust", move).status_code == 303
    assert booked(app) == [(TransferKind.ALLOCATE, 12), (TransferKind.ADJUST, 2)]


def test_carry_goes_to_next_year_only(app, finance, prepared):
    assert "没有可以转入的下一年度科目" in finance.text("/fund/lines/F26/carry")
    prepared(lambda now: make.make_line(now, "F27", fiscal_year=2027))
    answer = finance.post("/fund/lines/F26/carry", form(fen="30", target=line_id(app, "F27")))
    assert answer.status_code == 303
    assert booked(app) == [(TransferKind.CARRY, 30), (TransferKind.CARRY, 30)]
    with app.app_context():
        assert queries.carried_in_fen(2027) == 30 * FEN_PER_WAN


def test_same_page_sent_twice_books_once(app, finance):
    for _ in range(2):
        assert finance.post("/fund/lines/F26/issue", form(fen="20")).status_code == 303
    assert booked(app) == [(TransferKind.ISSUE, 20)]


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"fen": ""}, 422, "请填写金额。"),
        ({"fen": "-3"}, 422, "金额应为不带单位的数字"),
        ({"fen": "0"}, 422, "金额应大于零。"),
        ({"fen": "99999"}, 409, "余额不足，无法办理。"),
        ({"document_no": " "}, 422, "请填写文号。"),
        ({"memo": "长" * 301}, 422, "摘要不超过 300 字。"),
        ({"idem": ""}, 422, "页面已失效，请刷新后重新填写。"),
    ],
)
def test_refusal_names_the_reason_and_keeps_what_was_typed(app, finance, changes, status, sentence):
    answer = finance.post("/fund/lines/F26/return", form(**changes))
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert sentence in text
    assert 'value="演示"' in text or "memo" in changes
    assert booked(app) == []


def test_another_lines_child_is_no_target(app, finance):
    answer = finance.post("/fund/lines/F26-1/allocate", form(target=line_id(app, "F26-2")))
    assert answer.status_code == 422
    assert booked(app) == []


def test_an_entry_is_reversed_once(app, finance):
    facts = {"document_no": "演示〔2026〕3号", "memo": "重复下达", "idem": KEY}
    answer = finance.post("/fund/transfers/1/reverse", facts)
    assert (answer.status_code, answer.location) == (303, "/fund/transfers/2")
    assert "由第 2 号流水冲正" in finance.text("/fund/transfers/1")
    again = finance.post("/fund/transfers/1/reverse", facts | {"idem": KEY[::-1]})
    assert again.status_code == 409
    assert booked(app) == [(TransferKind.REVERSE, 1000)]


def test_a_payments_entry_is_not_reversed(app, finance, prepared):
    def pay(now):
        make.make_payment_moves(queries.line_by_code("F26"), now, number="ZF2026-0001", wan=1)

    prepared(pay)
    assert "/fund/transfers/3/reverse" not in finance.text("/fund/transfers/3")
    facts = {"document_no": "演示〔2026〕3号", "memo": "误付", "idem": KEY}
    answer = finance.post("/fund/transfers/3/reverse", facts)
    assert answer.status_code == 422
    assert "请通过退票或撤销支付办理" in answer.get_data(as_text=True)


def new_line(**changes):
    return {"parent": "0", "code": "F26-X", "name": "演示新科目", "kind": "training"} | changes


def test_finance_creates_a_line_under_its_parent(app, finance):
    facts = new_line(parent=line_id(app, "F26"), reported_fen="12.34", reported_items="3", note="演示")
    answer = finance.post("/fund/2026/lines/new", facts)
    assert (answer.status_code, answer.location) == (303, "/fund/lines/F26-X")
    with app.app_context():
        made = queries.line_by_code("F26-X")
        assert (made.parent.code, made.reported_fen, made.reported_items) == ("F26", 12_340_000, 3)


@pytest.mark.parametrize(
    ("changes", "year", "sentence"),
    [
        ({"code": "F26-1"}, 2026, "该科目编码已存在。"),
        ({"code": "../x"}, 2026, "编码只用字母、数字和连字符。"),
        ({"name": ""}, 2026, "请填写名称。"),
        ({"reported_fen": "1e3"}, 2026, "金额应为不带单位的数字"),
        ({"reported_items": "很多"}, 2026, ""),
        ({"parent": "999"}, 2026, ""),
        ({}, 1999, "年度应在 2000 到 2100 之间。"),
    ],
)
def test_bad_line_is_refused(app, finance, changes, year, sentence):
    answer = finance.post(f"/fund/{year}/lines/new", new_line(**changes))
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(queries.BudgetLine)) == 3


def test_closed_line_takes_no_issue(app, finance):
    assert finance.post("/fund/lines/F26/close").status_code == 303
    answer = finance.post("/fund/lines/F26/issue", form())
    assert answer.status_code == 409
    assert "该年度科目已关闭" in answer.get_data(as_text=True)
    assert booked(app) == []
