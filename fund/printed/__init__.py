"""The self-evaluation form on paper: one grid of merged cells, written as a workbook or a Word document."""

from fund.printed.grid import FilledForm, Grid, grid_of
from fund.printed.word import to_docx
from fund.printed.workbook import to_form_xlsx

__all__ = ["FilledForm", "Grid", "grid_of", "to_docx", "to_form_xlsx"]
