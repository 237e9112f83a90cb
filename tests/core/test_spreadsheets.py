"""Spreadsheets: text stays text in both directions; hostile files are refused with a sentence."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from core.errors import InvalidInput
from core.spreadsheets import Column, neutral, read_table, to_csv, to_xlsx

COLUMNS = [
    Column("code", "代码", lambda row: row[0]),
    Column("fen", "金额", lambda row: row[1], kind="fen"),
]


def test_written_codes_come_back_as_text():
    content = to_xlsx("表", COLUMNS, [("007", 128_501), ("=1+1", 5), ("91650102MA70090015", 0)])
    rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2, values_only=True)
    assert list(rows) == [("007", 1285.01), ("=1+1", 0.05), ("91650102MA70090015", 0)]


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


def book(**cells) -> bytes:
    """A workbook with these cells, by their place: book(A1="名称", XFD1=1)."""
    made, content = openpyxl.Workbook(), io.BytesIO()
    for place, value in cells.items():
        made.active[place] = value
    made.save(content)
    return content.getvalue()


def test_workbook_is_read_as_text_from_its_first_filled_cell():
    content = book(
        **{
            "B2": "名称",
            "C2": "日期",
            "D2": "数",
            "B4": " 喆 ",
            "C4": date(2026, 1, 31),
            "D4": 7.0,
            "E4": 0.5,
        },
        **{"C5": datetime.fromisoformat("2026-01-31T08:30"), "D5": 916501020000000000, "E5": True},
    )
    assert read_table(content, "a.xlsx") == [
        ["名称", "日期", "数", ""],
        ["", "", "", ""],
        ["喆", "2026-01-31", "7", "0.5"],
        ["", "2026-01-31 08:30:00", "9.165010e+17", "True"],
    ]


def test_empty_sheet_is_an_empty_table():
    assert read_table(book(), "a.xlsx") == []


@pytest.mark.parametrize("part", range(10))
def test_a_workbook_cut_or_altered_in_any_part_is_refused_or_read(part):
    content = book(A1="名称", B1=1)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    name = names[part % len(names)]
    for spoil in (
        lambda text: b"",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b'"1"', b'"x"'),
    ):
        parts = {each: zipfile.ZipFile(io.BytesIO(content)).read(each) for each in names}
        parts[name] = spoil(parts[name])
        try:
            assert read_table(zipped(parts), "a.xlsx") in ([], [["名称", "1"]], [["0", "1"]])
        except InvalidInput as refusal:
            assert refusal.code == "file_broken"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90\x00", "a.xlsx", "file_broken"),
        (b"", "a.xlsx", "file_broken"),
        (zipped({"xl/vbaProject.bin": b"x"}), "a.xlsx", "file_macro"),
        (zipped({"xl/sheet.xml": b"0" * (200 << 20)}), "a.xlsx", "file_bomb"),
        (b"x", "a.exe", "file_type"),
        (b"a\n" * 100_001, "a.csv", "file_rows"),
        (book(A1="名称", XFD1048576=1), "a.xlsx", "file_rows"),
        (book(A1="名称", XFD9=1), "a.xlsx", "file_columns"),
    ],
    ids=["renamed exe", "empty", "macro", "bomb", "type", "rows", "far corner", "far column"],
)
def test_hostile_files_are_refused(content, name, code):
    with pytest.raises(InvalidInput) as refusal:
        read_table(content, name)
    assert refusal.value.code == code
