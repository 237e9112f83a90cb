"""A paper as Word: the fonts and measures of GB/T 9704, to be edited before it is stamped."""

import io
import re
import zipfile

from core.papers.paper import Figure, Paper, Table

TITLE_FONT, HEAD_FONT, TEXT_FONT, LATIN_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312", "Times New Roman"
TITLE_SIZE, TEXT_SIZE, FOOT_SIZE, NOTE_SIZE = 22, 16, 14, 10.5
LINE_SPACING = 29
TOP, BOTTOM, LEFT, RIGHT, WIDTH, HEIGHT = 3.7, 3.5, 2.8, 2.6, 21.0, 29.7
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SETTLED = (1980, 1, 1, 0, 0, 0)


def to_docx(paper: Paper) -> bytes:
    from docx import Document

    document = Document()
    _page(document, paper.checked())
    if paper.number:
        _line(document, paper.number, align="center")
    _line(document, paper.title, TITLE_FONT, TITLE_SIZE, align="center")
    if paper.demo:
        _line(document, "（演示数据）", align="center")
    _line(document, "")
    if paper.addressee:
        _line(document, f"{paper.addressee}：")
    _parts(document, paper.parts, paper.landscape)
    _signature(document, paper)
    for index, annex in enumerate(paper.annexes, 1):
        mark = f"附件{index}" if len(paper.annexes) > 1 else "附件"
        _line(document, mark, HEAD_FONT).paragraph_format.page_break_before = True
        _line(document, annex.title, TITLE_FONT, TITLE_SIZE, align="center")
        _parts(document, annex.parts, paper.landscape)
    document.core_properties.title = paper.title
    document.core_properties.author = paper.signed_by
    buffer = io.BytesIO()
    document.save(buffer)
    return _settled(buffer.getvalue())


def _settled(content: bytes) -> bytes:
    """The same parts with one fixed time, so that the same data give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(buffer, "w") as kept:
        for name in made.namelist():
            kept.writestr(zipfile.ZipInfo(name, _SETTLED), made.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _page(document, paper: Paper) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    section = document.sections[0]
    width, height = (HEIGHT, WIDTH) if paper.landscape else (WIDTH, HEIGHT)
    section.orientation = WD_ORIENT.LANDSCAPE if paper.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(width), Cm(height)
    section.top_margin, section.bottom_margin = Cm(TOP), Cm(BOTTOM)
    section.left_margin, section.right_margin = Cm(LEFT), Cm(RIGHT)
    section.footer_distance = Cm(2.5)
    style = document.styles["Normal"]
    style.font.size = Pt(TEXT_SIZE)
    _name(style, TEXT_FONT)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "— ", "宋体", FOOT_SIZE)
    for kind in ("begin", None, "end"):
        run = _run(foot, "", "宋体", FOOT_SIZE)
        if kind:
            run._element.append(_element("w:fldChar", fldCharType=kind))
        else:
            code = _element("w:instrText")
            code.text = "PAGE"
            run._element.append(code)
    _run(foot, " —", "宋体", FOOT_SIZE)


def _parts(document, parts: tuple[str | Table | Figure, ...], landscape: bool) -> None:
    for part in parts:
        if isinstance(part, str):
            _line(document, part, indent=True)
        elif isinstance(part, Table):
            _table(document, part, landscape)
        else:
            _figure(document, part)


def _signature(document, paper: Paper) -> None:
    from docx.shared import Pt

    if not (paper.signed_by or paper.dated):
        return
    _line(document, "")
    _line(document, paper.signed_by, align="right").paragraph_format.keep_with_next = True
    _line(document, paper.date_words(), align="right").paragraph_format.right_indent = Pt(TEXT_SIZE * 4)


def _figure(document, part: Figure) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run().add_picture(io.BytesIO(part.png), width=Cm(2.8))
    _line(document, part.caption, size=NOTE_SIZE, align="right")


def _table(document, part: Table, landscape: bool) -> None:
    from docx.shared import Cm

    if part.title:
        _line(document, part.title, HEAD_FONT, 12, align="center").paragraph_format.keep_with_next = True
    grouped, lines = any(column.group for column in part.columns), part.lines()
    heads = 2 if grouped else 1
    table = document.add_table(rows=heads + len(lines), cols=len(part.columns), style="Table Grid")
    table.autofit = False
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="57", type="dxa"))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    space = (HEIGHT if landscape else WIDTH) - LEFT - RIGHT
    shares = sum(column.width for column in part.columns)
    places = [list(row.cells) for row in table.rows]
    for place, column in enumerate(part.columns):
        wide = Cm(round(space * column.width / shares, 2))
        table.columns[place].width = wide
        for row in places:
            row[place].width = wide
    _heads(places, part, grouped)
    for row, line in zip(places[heads:], lines, strict=True):
        for cell, column, word in zip(row, part.columns, line, strict=True):
            _cell(cell, word, TEXT_FONT, column.align, part.size)
    for index, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(_element("w:cantSplit", val="true"))
        if index < heads:
            properties.append(_element("w:tblHeader", val="true"))


def _heads(places: list[list], part: Table, grouped: bool) -> None:
    place = 0
    for label, span in part.groups():
        if label:
            _cell(places[0][place].merge(places[0][place + span - 1]), label, HEAD_FONT, "center", part.size)
            for offset in range(place, place + span):
                _cell(places[1][offset], part.columns[offset].label, HEAD_FONT, "center", part.size)
        else:
            top = places[0][place].merge(places[1][place]) if grouped else places[0][place]
            _cell(top, part.columns[place].label, HEAD_FONT, "center", part.size)
        place += span


def _cell(cell, text: str, font: str, align: str, size: float) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.shared import Pt

    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    _run(paragraph, text, font, size)
    # The row grows with the space around a paragraph, so wrapped text stays clear of the borders.
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(size / 4)
    paragraph.alignment = _alignment(align)


def _line(document, text: str, font: str = TEXT_FONT, size: float = TEXT_SIZE, *, align="", indent=False):
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_SPACING)
    shape.space_before = shape.space_after = Pt(0)
    if indent:
        shape.first_line_indent = Pt(TEXT_SIZE * 2)
    paragraph.alignment = _alignment(align)
    _run(paragraph, text, font, size)
    return paragraph


def _alignment(word: str):
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    return {"center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}.get(word)


def _run(paragraph, text: str, font: str, size: float):
    from docx.shared import Pt

    run = paragraph.add_run(_CONTROL.sub("", text))
    run.font.size = Pt(size)
    _name(run, font)
    return run


def _name(style, font: str) -> None:
    from docx.oxml.ns import qn

    style.font.name = LATIN_FONT
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _element(tag: str, **attributes: str):
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element
