"""The form as a Word document: the same grid as one bordered table."""

import io
import re

from fund.printed.grid import Cell, FilledForm, Grid, grid_of

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FONT = "宋体"
_A4 = (21.0, 29.7)
_MARGIN = 1.5


def to_docx(filled: FilledForm) -> bytes:
    """The filled form on A4; title and year stand above the table."""
    from docx import Document
    from docx.shared import Pt

    grid = grid_of(filled)
    document = Document()
    _set_font(document.styles["Normal"], Pt(9))
    _page(document.sections[0], grid)
    for cell in (cell for cell in grid.cells if cell.kind in ("title", "subtitle")):
        _line(document.add_paragraph(), cell, Pt(16 if cell.kind == "title" else 10))
    _table(document, grid)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_font(style, size) -> None:
    from docx.oxml.ns import qn

    style.font.name, style.font.size = _FONT, size
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)


def _page(section, grid: Grid) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    width, height = reversed(_A4) if grid.landscape else _A4
    section.orientation = WD_ORIENT.LANDSCAPE if grid.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(width), Cm(height)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(_MARGIN))


def _table(document, grid: Grid) -> None:
    """Rows above the first bordered one are paragraphs, so the table starts at row 2 of the grid."""
    from docx.shared import Cm

    cells = [cell for cell in grid.cells if cell.kind not in ("title", "subtitle")]
    top = min(cell.row for cell in cells)
    table = document.add_table(rows=grid.height - top, cols=len(grid.widths), style="Table Grid")
    table.autofit = False
    space = (_A4[1] if grid.landscape else _A4[0]) - 2 * _MARGIN
    widths = [Cm(round(space * width / sum(grid.widths), 2)) for width in grid.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    places = [list(row.cells) for row in table.rows]
    for row in places:
        for place, width in zip(row, widths, strict=True):
            place.width = width
    for cell in cells:
        row, col = cell.row - top, cell.col
        place = places[row][col]
        if cell.rows > 1 or cell.cols > 1:
            place = place.merge(places[row + cell.rows - 1][col + cell.cols - 1])
        _fill(place, cell)


def _fill(place, cell: Cell) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT

    place.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    _line(place.paragraphs[0], cell)


def _line(paragraph, cell: Cell, size=None) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    run = paragraph.add_run(_CONTROL.sub("", cell.text))
    run.bold = cell.kind in ("title", "head")
    if size is not None:
        run.font.size = size
    paragraph.paragraph_format.space_after = Pt(0)
    if cell.kind != "text":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
