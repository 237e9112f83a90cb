"""The form as an Excel workbook. Every cell is text, whatever it begins with: nothing in it can be a formula."""

import io

from fund.printed.grid import Cell, FilledForm, Grid, grid_of

_LOOKS = {
    "title": {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"},
    "subtitle": {"align": "center", "valign": "vcenter"},
    "head": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1},
    "text": {"valign": "vcenter", "text_wrap": True, "border": 1},
    "number": {"align": "center", "valign": "vcenter", "text_wrap": True, "border": 1},
}
_LINE, _WIDE = 15, 2


def to_form_xlsx(filled: FilledForm) -> bytes:
    """The filled form on A4, one page wide."""
    import xlsxwriter

    grid = grid_of(filled)
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(f"自评表{filled.found.form.code}")
        looks = {kind: book.add_format({"font_name": "宋体", **look}) for kind, look in _LOOKS.items()}
        _page(sheet, grid)
        for row in range(grid.height):
            sheet.set_row(row, _row_height(grid, row))
        for cell in grid.cells:
            _write(sheet, cell, looks[cell.kind])
    return buffer.getvalue()


def _page(sheet, grid: Grid) -> None:
    sheet.set_paper(9)
    sheet.set_landscape() if grid.landscape else sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.repeat_rows(grid.head)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    for column, width in enumerate(grid.widths):
        sheet.set_column(column, column, width)


def _write(sheet, cell: Cell, look) -> None:
    if cell.rows > 1 or cell.cols > 1:
        last = cell.row + cell.rows - 1, cell.col + cell.cols - 1
        sheet.merge_range(cell.row, cell.col, *last, "", look)
    sheet.write_string(cell.row, cell.col, cell.text, look)


def _row_height(grid: Grid, row: int) -> int:
    """Merged and wrapped cells do not size their row by themselves: count the lines the longest text needs."""
    if row == 0:
        return 30
    lines = 1
    for cell in grid.cells:
        if cell.row == row and cell.rows == 1:
            width = sum(grid.widths[cell.col : cell.col + cell.cols])
            wanted = sum(-(-len(part) * _WIDE // width) or 1 for part in cell.text.split("\n"))
            lines = max(lines, wanted)
    return min(_LINE * lines + 6, 400)
