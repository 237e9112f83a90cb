"""The draft as an official Chinese document (公文): A4, 方正小标宋 title, 黑体 and 楷体 headings, 仿宋 text in 3号.

Each figure carries the number of its source in brackets, linked to a bookmark in the appendix 数据来源: figure,
value, how it is counted, page and digest.
"""

import io
import re
from collections.abc import Callable

from fund.summary.pieces import Draft, Figure, Gap, Paragraph, Piece, Table

TITLE_FONT, HEAD_FONT, SUBHEAD_FONT, TEXT_FONT = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"
LATIN_FONT = "Times New Roman"
# Points of the Chinese sizes: 2号 22, 3号 16, 4号 14, 小四 12, 五号 10.5.
TITLE_SIZE, TEXT_SIZE, FOOT_SIZE, TABLE_SIZE, NOTE_SIZE = 22, 16, 14, 10.5, 9
LINE_SPACING = 28
# Centimetres: 天头 3.7, 地脚 3.5, 订口 2.8, 切口 2.6.
TOP, BOTTOM, LEFT, RIGHT, WIDTH, HEIGHT = 3.7, 3.5, 2.8, 2.6, 21.0, 29.7
TEXT_WIDTH = WIDTH - LEFT - RIGHT
SOURCES_HEAD = ("序号", "数字", "含义", "取数口径", "页面", "摘要")
SOURCES_WIDTHS = (7, 13, 24, 18, 24, 14)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Address = Callable[[Figure], str | None]


def to_docx(draft: Draft, address: Address, *, drafted_on: str, demo: bool = False) -> bytes:
    """`address` gives the page of a figure's rows; `drafted_on` is printed under the signature."""
    return _Writer(draft, address).write(drafted_on, demo=demo)


class _Writer:
    def __init__(self, draft: Draft, address: Address):
        from docx import Document

        self.draft, self.address = draft, address
        self.document = Document()
        self.numbers = {figure.key: number for number, figure in enumerate(draft.figures(), 1)}

    def write(self, drafted_on: str, *, demo: bool) -> bytes:
        self._page()
        self._line(self.draft.title, TITLE_FONT, TITLE_SIZE, center=True)
        if demo:
            self._line("（演示数据）", TEXT_FONT, TEXT_SIZE, center=True)
        self._line("")
        for section in self.draft.sections:
            font = HEAD_FONT if section.level == 1 else SUBHEAD_FONT
            self._line(section.title, font, indent=True, keep=True)
            for part in section.parts:
                if isinstance(part, Paragraph):
                    self._paragraph(part)
                else:
                    self._table(part)
        self._signature(drafted_on)
        self._sources()
        buffer = io.BytesIO()
        self.document.core_properties.title = self.draft.title
        self.document.core_properties.author = self.draft.unit
        self.document.save(buffer)
        return buffer.getvalue()

    def _page(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Cm, Pt

        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(WIDTH), Cm(HEIGHT)
        section.top_margin, section.bottom_margin = Cm(TOP), Cm(BOTTOM)
        section.left_margin, section.right_margin = Cm(LEFT), Cm(RIGHT)
        section.footer_distance = Cm(2.5)
        style = self.document.styles["Normal"]
        style.font.size = Pt(TEXT_SIZE)
        _name(style, TEXT_FONT)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(foot, "— ", "宋体", FOOT_SIZE)
        _page_number(foot)
        _run(foot, " —", "宋体", FOOT_SIZE)

    def _line(
        self,
        text: str,
        font: str = TEXT_FONT,
        size: float = TEXT_SIZE,
        *,
        center: bool = False,
        indent: bool = False,
        keep: bool = False,
    ):
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self.document.add_paragraph()
        _spaced(paragraph, indent=indent)
        paragraph.paragraph_format.keep_with_next = keep
        if center:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(paragraph, text, font, size)
        return paragraph

    def _paragraph(self, part: Paragraph) -> None:
        paragraph = self.document.add_paragraph()
        _spaced(paragraph, indent=True)
        for piece in part.pieces:
            self._piece(paragraph, piece, TEXT_SIZE, bold=part.numbered)

    def _piece(self, paragraph, piece: Piece, size: float, *, bold: bool = False) -> None:
        if isinstance(piece, str):
            _run(paragraph, piece, TEXT_FONT, size).bold = bold
        elif isinstance(piece, Gap):
            _marked(_run(paragraph, piece.text, TEXT_FONT, size))
        else:
            number = self.numbers[piece.key]
            _run(paragraph, piece.text, TEXT_FONT, size).bold = bold
            _reference(paragraph, number)

    def _table(self, part: Table) -> None:
        self._line(part.title, HEAD_FONT, 12, center=True, keep=True)
        table = self._grid(part.head, part.widths, len(part.rows))
        for row, cells in zip(table.rows[1:], part.rows, strict=True):
            for cell, piece in zip(row.cells, cells, strict=True):
                self._piece(cell.paragraphs[0], piece, TABLE_SIZE)
                _tight(cell.paragraphs[0])
        self._line("")

    def _grid(self, head: tuple[str, ...], widths: tuple[int, ...], rows: int):
        from docx.shared import Cm

        table = self.document.add_table(rows=rows + 1, cols=len(head), style="Table Grid")
        table.autofit = False
        for place, width in enumerate(widths):
            wide = Cm(round(TEXT_WIDTH * width / sum(widths), 2))
            table.columns[place].width = wide
            for cell in table.columns[place].cells:
                cell.width = wide
        for cell, word in zip(table.rows[0].cells, head, strict=True):
            _run(cell.paragraphs[0], word, HEAD_FONT, TABLE_SIZE)
            _tight(cell.paragraphs[0], center=True)
        _repeated(table.rows[0])
        for row in table.rows:
            _unbroken(row)
        return table

    def _signature(self, drafted_on: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        self._line("")
        for text in (self.draft.unit, drafted_on):
            self._line(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _sources(self) -> None:
        self._line("附录", HEAD_FONT).paragraph_format.page_break_before = True
        self._line("数据来源", TITLE_FONT, TITLE_SIZE, center=True)
        self._line("摘要为数字及其构成的 SHA-256 前 16 位；同样的数据再次起草，摘要不变。", TEXT_FONT, 12)
        figures = self.draft.figures()
        table = self._grid(SOURCES_HEAD, SOURCES_WIDTHS, len(figures))
        for number, (row, figure) in enumerate(zip(table.rows[1:], figures, strict=True), 1):
            page = self.address(figure) or "—"
            texts = (str(number), figure.text, figure.label, figure.counted, page, figure.digest[:16])
            for cell, text in zip(row.cells, texts, strict=True):
                _run(cell.paragraphs[0], text, TEXT_FONT, NOTE_SIZE)
                _tight(cell.paragraphs[0])
            _bookmark(row.cells[0].paragraphs[0], number)


def _name(style, font: str) -> None:
    from docx.oxml.ns import qn

    style.font.name = LATIN_FONT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)


def _run(paragraph, text: str, font: str, size: float):
    from docx.shared import Pt

    run = paragraph.add_run(_CONTROL.sub("", text))
    run.font.size = Pt(size)
    _name(run, font)
    return run


def _marked(run) -> None:
    from docx.enum.text import WD_COLOR_INDEX

    run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _spaced(paragraph, *, indent: bool) -> None:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_SPACING)
    shape.space_before = shape.space_after = Pt(0)
    if indent:
        shape.first_line_indent = Pt(TEXT_SIZE * 2)


def _tight(paragraph, *, center: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(0)
    if center:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _element(tag: str, **attributes: str):
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _reference(paragraph, number: int) -> None:
    """A raised [n] that leads to the figure's row in the appendix."""
    link = _element("w:hyperlink", anchor=f"source_{number}", history="1")
    run = _run(paragraph, f"[{number}]", TEXT_FONT, FOOT_SIZE)
    run.font.superscript = True
    link.append(run._element)
    paragraph._element.append(link)


def _bookmark(paragraph, number: int) -> None:
    paragraph._element.append(_element("w:bookmarkStart", id=str(number), name=f"source_{number}"))
    paragraph._element.append(_element("w:bookmarkEnd", id=str(number)))


def _page_number(paragraph) -> None:
    for kind in ("begin", None, "end"):
        run = _run(paragraph, "", "宋体", FOOT_SIZE)
        if kind:
            run._element.append(_element("w:fldChar", fldCharType=kind))
        else:
            code = _element("w:instrText")
            code.text = "PAGE"
            run._element.append(code)


def _repeated(row) -> None:
    row._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))


def _unbroken(row) -> None:
    row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))
