"""Files for the bank and answers from it, as pure functions: bytes by column, every line of an answer judged."""

import csv
import io
from datetime import UTC, datetime

import pytest

from awards.banking import answers
from awards.banking.answers import Sent
from awards.banking.layout import Layout, Line, check_columns, write
from awards.enums import Outcome as O
from core.errors import InvalidInput
from core.spreadsheets import read_table

AT = datetime(2018, 11, 26, 2, tzinfo=UTC)
ANSWER = ["key", "account", "amount", "status", "reason", "reference"]


def layout(order=("key", "account_name", "account", "amount", "date"), **changes) -> Layout:
    values = {
        "sheet": "csv",
        "encoding": "gb18030",
        "header": True,
        "amount_unit": "yuan",
        "date_format": "%Y%m%d",
        "columns": [{"label": field.upper(), "field": field, "text": "CNY"} for field in order],
        "answer_header": False,
        "answer_columns": [{"label": field.upper(), "field": field, "text": ""} for field in ANSWER],
        "paid_words": "成功、已入账",
        "failed_words": "失败",
        "payer_name": "演示厅",
        "payer_account": "65010018",
        "payer_bank": "",
    }
    return Layout(**(values | changes))


def line(number: int = 1, fen: int = 123_456_789, name: str = "演示公司") -> Line:
    account = f"650500000000000000{number}"
    return Line(f"ZF-{number}", 1, name, account, "演示银行", "313881000002", fen, "奖励", "文号")


def test_columns_stand_in_the_banks_order_and_wording():
    content = write(layout(), [line()], AT).decode("gb18030")
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0] == ["KEY", "ACCOUNT_NAME", "ACCOUNT", "AMOUNT", "DATE"]
    assert rows[1] == ["ZF-1-1", "演示公司", "6505000000000000001", "1234567.89", "20181126"]


def test_fen_without_header_and_a_fixed_word():
    content = write(
        layout(("account", "amount", "text", "payer_account", "seq"), header=False, amount_unit="fen"),
        [line(fen=5)],
        AT,
    )
    assert content.decode().strip() == "6505000000000000001,5,CNY,65010018,1"


def test_xlsx_is_the_same_bytes_and_keeps_nineteen_digits():
    sheet = layout(sheet="xlsx")
    content = write(sheet, [line(1), line(2, fen=101)], AT)
    assert content == write(sheet, [line(1), line(2, fen=101)], AT)
    table = read_table(content, "x.xlsx")
    assert [row[2] for row in table] == ["ACCOUNT", "6505000000000000001", "6505000000000000002"]
    assert [row[3] for row in table[1:]] == ["1234567.89", "1.01"]


def test_a_name_is_never_a_formula():
    assert "'=1+1" in write(layout(), [line(name="=1+1")], AT).decode("gb18030")


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": [{"label": "A", "field": "account", "text": ""}]},
        {"answer_columns": [{"label": "A", "field": "amount", "text": ""}]},
        {
            "answer_columns": [
                {"label": "A", "field": "amount", "text": ""},
                {"label": "B", "field": "status", "text": ""},
            ]
        },
    ],
)
def test_a_format_that_could_not_pay_or_read_is_refused(changes):
    with pytest.raises(InvalidInput):
        check_columns(layout(**changes))


SENT = [Sent(f"ZF-{n}-1", f"65050000{n}", n * 100, payment_id=n, attempt=1) for n in (1, 2, 3, 4)]


def judged(sent, *rows: str) -> list[tuple[int, str]]:
    found = answers.match(sent, answers.read(layout(), [row.split(",") for row in rows]))
    return [(match.payment_id, match.outcome) for match in found]


def test_paid_failed_missing_and_doubled_in_one_answer():
    found = judged(
        SENT,
        "ZF-1-1,650500001,1.00,成功,,R1",
        "ZF-2-1,650500002,2.00,失败,户名不符,",
        "ZF-3-1,650500003,3.00,成功,,R3",
        "ZF-3-1,650500003,3.00,成功,,R4",
    )
    assert found == [(1, O.PAID), (2, O.FAILED), (3, O.DOUBLED), (3, O.DOUBLED), (4, O.MISSING)]


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ("ZF-1-1,650500001,1.01,成功,,R", O.DIFFERS),
        ("ZF-1-1,650500009,1.00,成功,,R", O.DIFFERS),
        ("ZF-1-1,6505****1,1.00,成功,,R", O.PAID),
        ("ZF-1-1,,1.00,已入账,,R", O.PAID),
        ("ZF-1-1,,1.00,处理中,,R", O.PENDING),
        ("ZF-1-1,,1.00,不成功,,R", O.PENDING),
        ("ZF-1-2,,1.00,成功,,R", O.UNKNOWN),
        (",650500001,1.00,成功,,R", O.PAID),
        (",650500001,1.01,成功,,R", O.UNKNOWN),
        (",*********,1.00,成功,,R", O.UNKNOWN),
    ],
)
def test_one_line(row, outcome):
    assert judged(SENT[:1], row)[0][1] == outcome


def test_two_alike_without_a_number_are_not_guessed():
    twins = [Sent("A", "65", 100, 1, 1), Sent("B", "65", 100, 2, 1)]
    assert judged(twins, ",65,1.00,成功,,R")[0] == (None, O.UNKNOWN)


@pytest.mark.parametrize(
    ("known", "row", "outcome"),
    [
        (O.PAID, "成功,,R1", O.REPEATED),
        (O.PAID, "成功,,R2", O.DOUBLED),
        (O.PAID, "失败,退票,", O.FAILED),
        (O.PAID, "处理中,,", O.REPEATED),
        (O.FAILED, "失败,退票,", O.REPEATED),
        (O.FAILED, "成功,,R2", O.DOUBLED),
    ],
)
def test_what_is_booked_already(known, row, outcome):
    sent = [Sent("K", "65", 100, 1, 1, known=known, reference="R1")]
    assert judged(sent, f"K,65,1.00,{row}") == [(1, outcome)]


def test_blocked_money_is_not_paid():
    assert judged([Sent("K", "65", 100, 1, 1, blocked=True)], "K,65,1.00,成功,,R") == [(1, O.BLOCKED)]


@pytest.mark.parametrize("amount", ["", "1e3", "-1.00", "１.00", "1.001"])
def test_an_amount_that_cannot_be_read_refuses_the_file(amount):
    with pytest.raises(InvalidInput, match="第 1 行"):
        judged(SENT, f"ZF-1-1,,{amount},成功,,R")


def test_labels_are_found_under_a_title():
    table = [["批量付款结果"], ["序号", *(field.upper() for field in ANSWER)], ["1", "K", "", "1.00", "成功"]]
    (found,) = answers.read(layout(answer_header=True), table)
    assert (found.position, found.key, found.fen, found.says) == (1, "K", 100, O.PAID)


def test_a_file_with_other_columns_is_refused():
    with pytest.raises(InvalidInput, match="没有这些列"):
        answers.read(layout(answer_header=True), [["a", "b"], ["1", "2"]])
