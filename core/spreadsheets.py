"""Spreadsheets in and out. Out: text stays text, whatever it starts with. In: everything is text, then validated.

The libraries are imported where they are used: no web worker carries them until somebody exports.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from core.clock import beijing
from core.errors import InvalidInput

UNPACKED_LIMIT = 16 << 20
ROW_LIMIT = 100_000
COLUMN_LIMIT = 200
EXACT_BELOW = 10**15
# What the reader lets through of files that are no workbook, or only half of one; ParseError is a SyntaxError.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, SyntaxError, OSError, EOFError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError),
)
MERGED = re.compile(rb"<(?:[A-Za-z0-9]+:)?mergeCell\s[^>]*?ref=[\"']([^\"']+)")
MANY_COLUMNS = f"超过 {COLUMN_LIMIT} 列的上限，请只保留名单所在的列。"
OTHER_KINDS = {
    "xls": "旧格式 xls 请先另存为 xlsx 再上传。",
    "xlsm": "不接受带宏的工作簿，请另存为 xlsx。",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Column:
    """One column of a list or an export. `value` reads the row; `kind` is text, number, fen, score or time."""

    key: str
    label: str
    value: Callable[[Any], Any]
    kind: str = "text"
    width: int = 16


def to_xlsx(title: str, columns: Sequence[Column], rows: Iterable[Any], note: str = "") -> bytes:
    """One sheet: head row frozen, codes as text, money in 元 with two decimals, in constant memory."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, {**options, "in_memory": False}) as book:
        sheet = book.add_worksheet(title[:31])
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True}),
            "fen": book.add_format({"num_format": "#,##0.00"}),
            "score": book.add_format({"num_format": "0.00"}),
            "text": book.add_format({"num_format": "@"}),
            "number": None,
            "time": None,
        }
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
        top = 0
        if note:
            sheet.write_string(0, 0, note)
            top = 1
        for index, column in enumerate(columns):
            sheet.write_string(top, index, column.label, formats["head"])
        sheet.freeze_panes(top + 1, 0)
        for number, row in enumerate(rows, top + 1):
            for index, column in enumerate(columns):
                _write_cell(sheet, number, index, column, column.value(row), formats)
    return buffer.getvalue()


def _write_cell(sheet, row: int, index: int, column: Column, value: Any, formats: dict) -> None:
    if value is None or value == "":
        return
    if column.kind in ("fen", "score"):
        sheet.write_number(row, index, value / 100, formats[column.kind])
    elif column.kind == "number":
        sheet.write_number(row, index, value)
    elif isinstance(value, datetime):
        sheet.write_string(row, index, beijing(value).strftime("%Y-%m-%d %H:%M"))
    else:
        sheet.write_string(row, index, str(value), formats["text"])


def neutral(text: str) -> str:
    """A cell of a CSV that a spreadsheet program will not take for a formula."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def to_csv(columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([column.label for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(column, column.value(row)) for column in columns])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _csv_cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind in ("fen", "score"):
        sign, value = ("-", -value) if value < 0 else ("", value)
        return f"{sign}{value // 100}.{value % 100:02d}"
    if column.kind == "number":
        return str(value)
    if isinstance(value, datetime):
        return beijing(value).strftime("%Y-%m-%d %H:%M")
    return neutral(str(value))


def read_table(content: bytes, name: str) -> list[list[str]]:
    """Rows of the first sheet (or of a UTF-8 / GB18030 CSV) as stripped text. Refuses what is not a plain table."""
    if name.lower().endswith(".csv"):
        return _read_csv(content)
    if name.lower().endswith(".xlsx"):
        return _read_xlsx(content)
    raise InvalidInput("请上传 xlsx 或 csv 文件。", code="file_type")


def numbered_rows(content: bytes, name: str, limit: int = ROW_LIMIT) -> Iterator[tuple[int, list[str]]]:
    """(row number as a spreadsheet program shows it, stripped texts) of every filled row, one at a time.

    Refuses as `read_table` does, and merged cells too, whose values stand in one row and mean several.
    """
    kind = name.lower().rpartition(".")[2]
    if kind == "csv":
        rows = _csv_rows(content)
    elif kind == "xlsx":
        rows = _xlsx_rows(content, limit, merged=False)
    else:
        sentence = OTHER_KINDS.get(kind, "请上传 xlsx 或 csv 文件。")
        raise InvalidInput(sentence, code="file_macro" if kind == "xlsm" else "file_type")
    for number, texts in enumerate(rows, 1):
        if number > limit:
            raise InvalidInput(f"超过 {limit} 行的上限，请分批。", code="file_rows")
        if any(texts):
            yield number, texts


def _read_csv(content: bytes) -> list[list[str]]:
    return _limited(list(_csv_rows(content)))


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    if b"\x00" in content:
        raise InvalidInput("文件不是文本，内容与扩展名 csv 不符。", code="file_bytes")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            for row in csv.reader(io.StringIO(text, newline="")):
                if len(row) > COLUMN_LIMIT:
                    raise InvalidInput(MANY_COLUMNS, code="file_columns")
                yield [cell.strip() for cell in row]
        except csv.Error:
            raise InvalidInput("文件不是正确的 CSV。", code="file_broken") from None
        return
    raise InvalidInput("无法识别文件编码，请另存为 UTF-8 或 GB18030 编码的 CSV。", code="file_encoding")


def _read_xlsx(content: bytes) -> list[list[str]]:
    return _used(_limited(list(_xlsx_rows(content, ROW_LIMIT))))


def _xlsx_rows(content: bytes, limit: int, *, merged: bool = True) -> Iterator[list[str]]:
    """Row by row, because a reader that lays out the whole sheet first is felled by one cell in the farthest corner."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive)
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            if not merged:
                _refuse_merged(archive, sheet)
        sheet.reset_dimensions()  # what the file says of its own size is not believed
        for row in sheet.iter_rows(max_row=limit + 1, values_only=True):
            yield _texts(row)
    except BROKEN:
        raise InvalidInput("文件不是有效的 Excel 工作簿。", code="file_broken") from None


def _check_archive(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    if any(info.filename.endswith("vbaProject.bin") for info in infos):
        raise InvalidInput("不接受带宏的工作簿。", code="file_macro")
    if sum(info.file_size for info in infos) > UNPACKED_LIMIT * 8 or len(infos) > 500:
        raise InvalidInput("工作簿解压后过大，已拒绝。", code="file_bomb")


def _refuse_merged(archive: zipfile.ZipFile, sheet) -> None:
    """The row-by-row reader does not tell of merged cells, so the sheet's own text is looked through."""
    kept = b""
    with archive.open(sheet._worksheet_path) as part:
        while chunk := part.read(1 << 20):
            found = MERGED.search(kept + chunk)
            if found:
                place = found[1].decode(errors="replace")[:30]
                raise InvalidInput(f"工作表有合并单元格（{place}），请取消合并后再导入。", code="file_merged")
            kept = chunk[-200:]


def _texts(row: Sequence[Any]) -> list[str]:
    """A row's cells up to its last filled one."""
    if len(row) > COLUMN_LIMIT:
        raise InvalidInput(MANY_COLUMNS, code="file_columns")
    texts = [_cell_text(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _used(rows: list[list[str]]) -> list[list[str]]:
    """From the first filled row and column on, every row as wide as the widest."""
    first = next((index for index, row in enumerate(rows) if row), len(rows))
    filled = rows[first:]
    left = min((next(at for at, text in enumerate(row) if text) for row in filled if row), default=0)
    width = max(map(len, filled), default=0)
    return [[*row[left:], *[""] * (width - max(len(row), left))] for row in filled]


def _cell_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and abs(cell) >= EXACT_BELOW:
        # A code of 18 digits that Excel took for a number has already lost digits: the validators must see that.
        return f"{cell:e}"
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return "" if cell is None else str(cell).strip()


def _limited(rows: list[list[str]]) -> list[list[str]]:
    if len(rows) > ROW_LIMIT:
        raise InvalidInput(f"超过 {ROW_LIMIT} 行的上限，请分批。", code="file_rows")
    return rows
