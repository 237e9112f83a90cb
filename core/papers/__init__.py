"""Official papers: one description of a paper, made as Word or as PDF with the same bytes for the same data."""

from core.papers.paper import Annex, Column, Figure, Paper, Table, code_to_scan
from core.papers.pdf import UnknownCharacter, to_one_pdf, to_pdf
from core.papers.word import to_docx

__all__ = [
    "Annex",
    "Column",
    "Figure",
    "Paper",
    "Table",
    "UnknownCharacter",
    "code_to_scan",
    "to_docx",
    "to_one_pdf",
    "to_pdf",
]
