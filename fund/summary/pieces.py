"""What a drafted summary is made of: text, figures that know their rows, and gaps that say what is missing. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType


@dataclass(frozen=True)
class Figure:
    """One number of the draft. `endpoint` and `arguments` are the page of its rows, `rows` what it was made of.

    The digest covers value and rows: drafted again from the same data it is the same.
    """

    key: str
    text: str
    label: str
    counted: str
    endpoint: str = ""
    arguments: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    rows: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return sha256("\n".join((self.key, self.text, *self.rows)).encode()).hexdigest()


@dataclass(frozen=True)
class Gap:
    """What the system does not hold: the draft says so and invents nothing."""

    what: str

    @property
    def text(self) -> str:
        return f"【待补：{self.what}】"


Piece = str | Figure | Gap


@dataclass(frozen=True)
class Paragraph:
    pieces: tuple[Piece, ...]
    numbered: bool = False

    @property
    def text(self) -> str:
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Table:
    """Cells are pieces; the widths are parts of the text width."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Piece, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Section:
    """Level 1 is 一、, level 2 is （一）."""

    title: str
    level: int
    parts: tuple[Paragraph | Table, ...] = ()


@dataclass(frozen=True)
class Draft:
    year: int
    title: str
    unit: str
    sections: tuple[Section, ...]

    def pieces(self) -> Iterator[Piece]:
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Paragraph):
                    yield from part.pieces
                else:
                    for row in part.rows:
                        yield from row

    def figures(self) -> list[Figure]:
        """In order of first appearance, each once."""
        found = {piece.key: piece for piece in self.pieces() if isinstance(piece, Figure)}
        return list(found.values())

    def gaps(self) -> list[Gap]:
        return [piece for piece in self.pieces() if isinstance(piece, Gap)]

    @property
    def text(self) -> str:
        """As a reader of plain text sees it: what reconciliation is run on."""
        lines = [self.title]
        for section in self.sections:
            lines.append(section.title)
            for part in section.parts:
                lines += [part.text] if isinstance(part, Paragraph) else _table_lines(part)
        return "\n".join(lines)


def _table_lines(table: Table) -> list[str]:
    cells = [cell if isinstance(cell, str) else cell.text for row in table.rows for cell in row]
    return [table.title, *table.head, *cells]


def para(*pieces: Piece, numbered: bool = False) -> Paragraph:
    return Paragraph(tuple(pieces), numbered)


def joined(parts: Sequence[Sequence[Piece]], between: str = "，", end: str = "。") -> list[Piece]:
    """Clauses of pieces put together into one sentence."""
    pieces: list[Piece] = []
    for number, part in enumerate(parts):
        if number:
            pieces.append(between)
        pieces += part
    return [*pieces, end] if pieces else []
