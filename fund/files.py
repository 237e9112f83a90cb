"""Trees, indicator tables and report texts read from files, strictly: nothing is guessed, no database is touched.

Columns are those of demo/data. A file that cannot be read is refused with one Chinese sentence that names the
file, the row and the column (InvalidInput).
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from core.errors import InvalidInput
from core.money import MAX_FEN
from fund.evaluation.scoring import BAND_LABELS
from fund.records import DIRECTIONS, IndicatorRow, TreeLine

TREE_COLUMNS = ("code", "parent_code", "name", "amount_fen", "kind", "item_count")
INDICATOR_COLUMNS = (
    "programme",
    "level1",
    "level2",
    "name",
    "target_text",
    "actual_text",
    "target_value",
    "actual_value",
    "unit",
    "direction",
)
MAX_BYTES = 5_000_000
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?", re.ASCII)


def read_tree(path: str | Path) -> list[TreeLine]:
    """The fund tree. Whether the codes form a tree is checked by reconcile()."""
    lines = []
    for place, record in _records(path, TREE_COLUMNS):
        amount = _whole(record["amount_fen"], place, "amount_fen")
        items = _whole(record["item_count"], place, "item_count")
        code, name = (_filled(record[column], place, column) for column in ("code", "name"))
        if items is not None and items < 0:
            raise InvalidInput(f"{place}的 item_count 不能为负数。", code="bad_file")
        parent, kind, note = record["parent_code"], record["kind"], record.get("note", "")
        lines.append(TreeLine(code, parent, name, amount, kind, items, note))
    return lines


def read_indicators(path: str | Path) -> list[IndicatorRow]:
    """The indicator table; weight, band, assessed, reason, numerator and denominator are optional columns."""
    return [_indicator(place, record) for place, record in _records(path, INDICATOR_COLUMNS)]


def _indicator(place: str, record: dict[str, str]) -> IndicatorRow:
    direction = record["direction"]
    if direction not in DIRECTIONS:
        message = f"{place}的 direction “{direction}”应为 {'、'.join(DIRECTIONS)} 之一。"
        raise InvalidInput(message, code="bad_file")
    band = record.get("band", "")
    if band and band not in BAND_LABELS:
        raise InvalidInput(f"{place}的 band “{band}”应为 {'、'.join(BAND_LABELS)} 之一。", code="bad_file")
    weight = _decimal(record.get("weight", ""), place, "weight")
    if weight is not None and weight < 0:
        raise InvalidInput(f"{place}的 weight 不能为负数。", code="bad_file")
    texts = ("programme", "level1", "level2", "target_text", "actual_text", "unit")
    numbers = ("target_value", "actual_value", "assessed", "numerator", "denominator")
    return IndicatorRow(
        name=_filled(record["name"], place, "name"),
        direction=direction,
        band=band,
        weight=weight,
        reason=record.get("reason", ""),
        **{column: record[column] for column in texts},
        **{column: _decimal(record.get(column, ""), place, column) for column in numbers},
    )


def read_text(path: str | Path) -> str:
    text = _decoded(path)
    if not text.strip():
        raise InvalidInput(f"文件“{Path(path).name}”是空的。", code="bad_file")
    return text


def _records(path: str | Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """(place for messages, stripped cells by column); blank rows are passed over."""
    name = Path(path).name
    reader = csv.DictReader(io.StringIO(_decoded(path), newline=""), restkey="", strict=True)
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise InvalidInput(f"文件“{name}”缺少列：{'、'.join(missing)}。", code="bad_file")
        empty = True
        for record in reader:
            place = f"文件“{name}”第 {reader.line_num} 行"
            if "" in record or None in record.values():
                raise InvalidInput(f"{place}的单元格数与表头不符。", code="bad_file")
            if not any(cell.strip() for cell in record.values()):
                continue
            empty = False
            yield place, {column: cell.strip() for column, cell in record.items()}
    except csv.Error as error:
        raise InvalidInput(f"文件“{name}”第 {reader.line_num} 行不是正确的 CSV。", code="bad_file") from error
    if empty:
        raise InvalidInput(f"文件“{name}”没有数据行。", code="bad_file")


def _decoded(path: str | Path) -> str:
    file = Path(path)
    try:
        data = file.read_bytes() if file.stat().st_size <= MAX_BYTES else None
    except (OSError, ValueError) as error:
        raise InvalidInput(f"文件“{file.name}”不存在或无法读取。", code="bad_file") from error
    if data is None:
        raise InvalidInput(f"文件“{file.name}”超过 {MAX_BYTES // 1_000_000} MB。", code="bad_file")
    return decoded(file.name, data)


def decoded(name: str, data: bytes) -> str:
    """UTF-8 with or without BOM, else GB 18030 as Chinese spreadsheets save it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InvalidInput(f"文件“{name}”不是文本文件，请另存为 UTF-8 编码。", code="bad_file")


def _filled(cell: str, place: str, column: str) -> str:
    if not cell:
        raise InvalidInput(f"{place}的 {column} 不能为空。", code="bad_file")
    return cell


def _whole(cell: str, place: str, column: str) -> int | None:
    if not cell:
        return None
    if not _WHOLE.fullmatch(cell) or abs(int(cell)) > MAX_FEN:
        raise InvalidInput(f"{place}的 {column} “{cell}”应为整数。", code="bad_file")
    return int(cell)


def _decimal(cell: str, place: str, column: str) -> Decimal | None:
    if not cell:
        return None
    if not _DECIMAL.fullmatch(cell):
        raise InvalidInput(f"{place}的 {column} “{cell}”应为数字，不带单位和千分位。", code="bad_file")
    return Decimal(cell)
