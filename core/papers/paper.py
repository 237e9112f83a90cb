"""What a paper says, whatever it is printed on: title, number, addressee, paragraphs, tables, signature, annexes."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import segno

from core.errors import Conflict


@dataclass(frozen=True)
class Column:
    """`width` is a share of the line; columns side by side with the same `group` get one merged head above; `show` words a number."""

    label: str
    width: int = 10
    group: str = ""
    align: str = "left"
    show: Callable[[int], str] = str


@dataclass(frozen=True)
class Table:
    """`size` is in points. `totals` maps a column's place to the sum as the records state it; it must be what the rows add up to."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    title: str = ""
    totals: dict[int, int] = field(default_factory=dict)
    stated_rows: int | None = None
    size: float = 10.5

    def checked(self) -> "Table":
        """Refuse to print a sum or a number of rows that the records contradict, naming both figures."""
        if self.stated_rows is not None and self.stated_rows != len(self.rows):
            raise Conflict(
                f"{self.title or '表格'}：应有 {self.stated_rows} 行，实有 {len(self.rows)} 行，不能出文。",
                code="paper_rows",
            )
        for place, stated in self.totals.items():
            found = sum(row[place] or 0 for row in self.rows)
            if found != stated:
                label, show = self.columns[place].label, self.columns[place].show
                raise Conflict(
                    f"{self.title or '表格'}的“{label}”：合计应为 {show(stated)}，各行之和为 {show(found)}，不能出文。",
                    code="paper_sum",
                )
        return self

    def lines(self) -> list[tuple[str, ...]]:
        """The rows as words, the sums last."""
        made = [self._words(row) for row in self.rows]
        if self.totals:
            places = range(1, len(self.columns))
            made.append(self._words(("合计", *(self.totals.get(place, "") for place in places))))
        return made

    def _words(self, row: tuple[str | int | None, ...]) -> tuple[str, ...]:
        pairs = zip(self.columns, row, strict=True)
        return tuple(
            "—" if cell is None else cell if isinstance(cell, str) else column.show(cell)
            for column, cell in pairs
        )

    def groups(self) -> list[tuple[str, int]]:
        """(head, columns it spans) in order; columns without a group stand alone with an empty head."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if column.group and spans and spans[-1][0] == column.group:
                spans[-1] = (column.group, spans[-1][1] + 1)
            else:
                spans.append((column.group, 1))
        return spans


@dataclass(frozen=True)
class Figure:
    """A square code to scan, as SVG and as PNG, with the words under it."""

    svg: str
    png: bytes
    caption: str


def code_to_scan(content: str, caption: str) -> Figure:
    code, svg, png = segno.make(content, error="m"), io.BytesIO(), io.BytesIO()
    code.save(svg, kind="svg", scale=4, border=1)
    code.save(png, kind="png", scale=6, border=1)
    return Figure(svg.getvalue().decode(), png.getvalue(), caption)


@dataclass(frozen=True)
class Annex:
    title: str
    parts: tuple[str | Table | Figure, ...]


@dataclass(frozen=True)
class Paper:
    title: str
    parts: tuple[str | Table | Figure, ...]
    number: str = ""
    addressee: str = ""
    signed_by: str = ""
    dated: date | None = None
    annexes: tuple[Annex, ...] = ()
    landscape: bool = False
    demo: bool = False

    def date_words(self) -> str:
        return f"{self.dated.year}年{self.dated.month}月{self.dated.day}日" if self.dated else ""

    def checked(self) -> "Paper":
        for part in (*self.parts, *(part for annex in self.annexes for part in annex.parts)):
            if isinstance(part, Table):
                part.checked()
        return self

    def texts(self) -> Iterator[str]:
        """Every piece of text that will be printed."""
        yield from (self.title, self.number, self.addressee, self.signed_by)
        yield from _texts(self.parts)
        for annex in self.annexes:
            yield annex.title
            yield from _texts(annex.parts)


def _texts(parts: tuple[str | Table | Figure, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Table):
            yield part.title
            yield from (word for column in part.columns for word in (column.group, column.label))
            yield from (cell for line in part.lines() for cell in line)
        else:
            yield part.caption if isinstance(part, Figure) else part
