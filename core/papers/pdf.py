"""A paper as PDF: set by Typst in the font that comes with the project, every character looked up in it first."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from core.errors import Conflict
from core.papers.paper import Figure, Paper, Table

HERE = Path(__file__).resolve().parent
FONTS = HERE.parents[1] / "static" / "vendor" / "noto-serif-sc"
FONT = FONTS / "NotoSerifSC-Regular.ttf"


class UnknownCharacter(Conflict):
    code = "paper_character"


def to_pdf(paper: Paper) -> bytes:
    return to_one_pdf([paper])


def to_one_pdf(papers: Sequence[Paper]) -> bytes:
    """All of them in one file, each on pages of its own numbered from one; the first says how the sheets lie."""
    import typst

    for paper in papers:
        refuse_unknown_characters(paper.checked())
    return typst.compile(
        (HERE / "paper.typ").read_bytes(),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"papers": json.dumps([_as_data(paper) for paper in papers], ensure_ascii=False)},
        timestamp=0,
    )


@lru_cache(maxsize=1)
def known_characters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def refuse_unknown_characters(paper: Paper) -> None:
    """An empty box on an official paper is worse than no paper."""
    known = known_characters()
    for text in paper.texts():
        for character in text:
            if ord(character) not in known and character not in "\n\r\t":
                name = character if character.isprintable() else "不可见字符"
                raise UnknownCharacter(
                    f"打印字体中没有“{name}”（U+{ord(character):04X}，见“{text[:40]}”），"
                    "不能生成 PDF。请核对该字，或下载 Word 版。"
                )


def _as_data(paper: Paper) -> dict:
    return {
        "title": paper.title,
        "number": paper.number,
        "addressee": paper.addressee,
        "signed_by": paper.signed_by,
        "dated": paper.date_words(),
        "landscape": paper.landscape,
        "demo": paper.demo,
        "parts": [_part(part) for part in paper.parts],
        "annexes": [
            {"title": annex.title, "parts": [_part(part) for part in annex.parts]} for annex in paper.annexes
        ],
    }


def _part(part: str | Table | Figure) -> dict:
    if isinstance(part, str):
        return {"kind": "text", "text": part}
    if isinstance(part, Figure):
        return {"kind": "figure", "svg": part.svg, "caption": part.caption}
    return {
        "kind": "table",
        "title": part.title,
        "size": part.size,
        "columns": [
            {"label": column.label, "width": column.width, "align": column.align} for column in part.columns
        ],
        "groups": [{"label": label, "span": span} for label, span in part.groups()],
        "rows": part.lines(),
    }
