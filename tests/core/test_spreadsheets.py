"""Spreadsheets: text stays text in both directions; hostile files are refused with a sentence."""

import io
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from core.errors import InvalidInput
from core.spreadsheets import Column, neutral, read_table, to_csv, to_xlsx

COLUMNS = [
    Column("code", "代码", lambda row: row[0]),
    Column("fen", "金额", lambda row: row[1], kind="fen"),
]


def test_written_codes_come_back_as_text():
    content = to_xlsx("表", COLUMNS, [("007", 128_501), ("=1+1", 5), ("91650102MA70090015", 0)])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1:] == [["007", 1285.01], ["=1+1", 0.05], ["91650102MA70090015", 0.0]]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "＝1"])
def test_csv_cells_are_never_formulas(text):
    assert neutral(text) == "'" + text
    assert ("'" + text).encode() in to_csv(COLUMNS, [(text, 1)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_chinese_encodings(encoding):
    assert read_table("名称,代码\n喆堃犇,007\n".encode(encoding), "a.csv") == [
        ["名称", "代码"],
        ["喆堃犇", "007"],
    ]


def zipped(names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90\x00", "a.xlsx", "file_broken"),
        (b"", "a.xlsx", "file_broken"),
        (zipped({"xl/vbaProject.bin": b"x"}), "a.xlsx", "file_macro"),
        (zipped({"xl/sheet.xml": b"0" * (200 << 20)}), "a.xlsx", "file_bomb"),
        (b"x", "a.exe", "file_type"),
        (b"a\n" * 100_001, "a.csv", "file_rows"),
    ],
    ids=["renamed exe", "empty", "macro", "bomb", "type", "rows"],
)
def test_hostile_files_are_refused(content, name, code):
    with pytest.raises(InvalidInput) as refusal:
        read_table(content, name)
    assert refusal.value.code == code
