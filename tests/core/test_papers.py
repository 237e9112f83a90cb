"""Papers as Word and PDF: what they say, what they refuse to say, and that the same data give the same bytes."""

import io
import re
import zlib
from datetime import date

import pytest
from docx import Document

from core.errors import Conflict
from core.papers import Annex, Column, Paper, Table, UnknownCharacter, code_to_scan, to_docx, to_pdf
from core.papers.pdf import refuse_unknown_characters

COLUMNS = (
    Column("序号", 6),
    Column("企业名称", 30),
    Column("初创组", 8, group="件数"),
    Column("成长组", 8, group="件数"),
)


def table(**changes) -> Table:
    rows = ((1, "㛃堃喆科技·艾力", 2, 1), (2, "演示公司", 3, None))
    return Table(COLUMNS, rows, **{"title": "统计", "totals": {2: 5}, "stated_rows": 2, **changes})


def paper(*parts, **changes) -> Paper:
    return Paper("关于公布名单的通知", parts or ("正文。", table()), dated=date(2026, 7, 1), **changes)


def words(pdf: bytes) -> str:
    """The text of the pages, read back through the ToUnicode maps of the embedded font."""
    streams = [
        zlib.decompress(found)
        for found in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
        if found[:1] == b"\x78"
    ]
    known: dict[bytes, str] = {}
    for stream in streams:
        if b"beginbfchar" in stream:
            for glyph, code in re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", stream):
                known[glyph.lower()] = bytes.fromhex(code.decode()).decode("utf-16-be")
    return "".join(known.values())


def test_word_holds_every_part_in_order():
    made = paper(
        "正文。",
        table(),
        code_to_scan("R1", "扫码核验"),
        number="新科赛〔2026〕1号",
        addressee="各地州市科技局",
        signed_by="组委会",
        demo=True,
        annexes=(Annex("名单", ("附件正文。",)),),
    )
    document = Document(io.BytesIO(to_docx(made)))
    lines = [line.text for line in document.paragraphs if line.text]
    assert lines == [
        "新科赛〔2026〕1号",
        "关于公布名单的通知",
        "（演示数据）",
        "各地州市科技局：",
        "正文。",
        "统计",
        "扫码核验",
        "组委会",
        "2026年7月1日",
        "附件",
        "名单",
        "附件正文。",
    ]
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows == [
        ["序号", "企业名称", "件数", "件数"],
        ["序号", "企业名称", "初创组", "成长组"],
        ["1", "㛃堃喆科技·艾力", "2", "1"],
        ["2", "演示公司", "3", "—"],
        ["合计", "", "5", ""],
    ]
    section = document.sections[0]
    measures = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(measure.mm) for measure in measures] == [37, 35, 28, 26]


def test_pdf_holds_every_character_and_its_own_font():
    made = paper("正文。", table(), number="新科赛〔2026〕1号", signed_by="组委会")
    content = to_pdf(made)
    assert content.startswith(b"%PDF")
    assert b"NotoSerifSC-Regular" in content
    assert b"/FontFile" in content
    printed = set(words(content))
    wanted = {character for text in made.texts() for character in text if not character.isspace()}
    assert wanted - printed == set()


@pytest.mark.parametrize("make", [to_docx, to_pdf])
def test_same_data_give_the_same_bytes(make):
    assert make(paper()) == make(paper())
    assert make(paper()) != make(paper("另文。"))


@pytest.mark.parametrize("make", [to_docx, to_pdf])
def test_a_sum_the_rows_do_not_give_is_not_printed(make):
    with pytest.raises(Conflict, match="合计应为 6，各行之和为 5"):
        make(paper(table(totals={2: 6})))


def test_a_sum_in_an_annex_is_checked_too():
    with pytest.raises(Conflict, match="合计应为 6"):
        to_docx(paper("正文。", annexes=(Annex("表", (table(totals={2: 6}),)),)))


def test_a_missing_row_is_named():
    with pytest.raises(Conflict, match="应有 3 行，实有 2 行"):
        to_docx(paper(table(stated_rows=3)))


@pytest.mark.parametrize(("text", "named"), [("𰻝面公司", "U\\+30EDD"), ("坏\x07字", "不可见字符")])
def test_a_character_the_font_has_not_is_named_and_nothing_printed(text, named):
    with pytest.raises(UnknownCharacter, match=named):
        to_pdf(paper(text))


def test_rare_characters_of_names_are_in_the_font():
    refuse_unknown_characters(paper("㛃堃喆䶮昇犇淼·—〔〕％℃①Ⅱ"))
