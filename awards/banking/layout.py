"""A bank's file as data: which of our fields stands in which column, how amounts and dates are written.

The same layout and lines give the same bytes, so that a file can be made again and compared by its hash.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from awards.enums import AmountUnit, BankField, SheetKind
from core.clock import beijing
from core.errors import InvalidInput
from core.spreadsheets import neutral

NEEDED = (BankField.ACCOUNT_NAME, BankField.ACCOUNT, BankField.AMOUNT)


@dataclass(frozen=True)
class Layout:
    """`columns` and `answer_columns` hold {"label", "field", "text"} in the bank's order."""

    sheet: str
    encoding: str
    header: bool
    amount_unit: str
    date_format: str
    columns: list[dict[str, str]]
    answer_header: bool
    answer_columns: list[dict[str, str]]
    paid_words: str
    failed_words: str
    payer_name: str
    payer_account: str
    payer_bank: str


@dataclass(frozen=True)
class Line:
    """One payment as the bank is told of it; `key` names payment and attempt and comes back in the answer."""

    payment_no: str
    attempt: int
    account_name: str
    account: str
    bank: str
    bank_code: str
    fen: int
    purpose: str
    document_no: str

    @property
    def key(self) -> str:
        return f"{self.payment_no}-{self.attempt}"


def check_columns(layout: Layout) -> None:
    """Nothing can be paid without name, account and amount; nothing read back without amount and status."""
    fields = [column["field"] for column in layout.columns]
    if not set(NEEDED) <= set(fields):
        raise InvalidInput("银行文件须有收款户名、收款账号和金额三列。", field="columns")
    answers = [column["field"] for column in layout.answer_columns]
    if BankField.AMOUNT not in answers or BankField.STATUS not in answers:
        raise InvalidInput("结果文件须有金额和处理结果两列。", field="answer_columns")
    if BankField.KEY not in answers and BankField.ACCOUNT not in answers:
        raise InvalidInput("结果文件须有支付编号或收款账号，才能逐笔对上。", field="answer_columns")
    for name, found in (("columns", layout.columns), ("answer_columns", layout.answer_columns)):
        labels = [column["label"] for column in found]
        if len(set(labels)) != len(labels):
            raise InvalidInput("列名重复，请逐列核对。", field=name)


def amount_text(fen: int, unit: str) -> str:
    return str(fen) if unit == AmountUnit.FEN else f"{fen // 100}.{fen % 100:02d}"


def rows_of(layout: Layout, lines: Sequence[Line], at: datetime) -> list[list[str]]:
    day = beijing(at).strftime(layout.date_format)
    rows = [[column["label"] for column in layout.columns]] if layout.header else []
    for seq, line in enumerate(lines, 1):
        values = {
            BankField.SEQ: str(seq),
            BankField.DATE: day,
            BankField.AMOUNT: amount_text(line.fen, layout.amount_unit),
        }
        rows.append([_cell(column, line, layout, values) for column in layout.columns])
    return rows


def _cell(column: dict[str, str], line: Line, layout: Layout, values: dict[str, str]) -> str:
    field = column["field"]
    if field == BankField.TEXT:
        return column["text"]
    if field in values:
        return values[field]
    return str(getattr(layout if field.startswith("payer_") else line, field))


def write(layout: Layout, lines: Sequence[Line], at: datetime) -> bytes:
    rows = rows_of(layout, lines, at)
    return _csv(rows, layout.encoding) if layout.sheet == SheetKind.CSV else _xlsx(rows, at)


def _csv(rows: list[list[str]], encoding: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([neutral(cell) for cell in row] for row in rows)
    try:
        return buffer.getvalue().encode(encoding)
    except UnicodeEncodeError as error:
        raise InvalidInput("有文字不能写成该编码，请改用 UTF-8 或 GB 18030。", code="encoding") from error


def _xlsx(rows: list[list[str]], at: datetime) -> bytes:
    """Every cell is text: account numbers keep their digits and amounts exactly two decimals."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": beijing(at).replace(tzinfo=None)})
        sheet, text = book.add_worksheet("付款"), book.add_format({"num_format": "@"})
        for number, row in enumerate(rows):
            for index, cell in enumerate(row):
                sheet.write_string(number, index, cell, text)
        sheet.set_column(0, max(len(row) for row in rows) - 1, 24)
    return buffer.getvalue()
