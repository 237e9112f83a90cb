"""The file as a table of text: where its heads are, and its rows as a data frame (pandas, only in jobs and commands)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from competition.importing.rows import CheckedRow, Reader, Seen
from competition.importing.targets import HEAD_WITHIN, find_head
from core.errors import InvalidInput
from core.spreadsheets import numbered_rows

if TYPE_CHECKING:
    import pandas

ROW_LIMIT = 50_000


class Head(NamedTuple):
    """The row of heads: its number in the file, its texts, and some rows below it to look at."""

    line: int
    heads: list[str]
    sample: list[list[str]]


def read_head(content: bytes, name: str, wanted: Sequence[str] = ()) -> Head:
    """Reads no further than it must. `wanted` are heads expected besides the known ones."""
    first = list(islice(numbered_rows(content, name, ROW_LIMIT), HEAD_WITHIN))
    at = find_head(first, wanted)
    line, heads = first[at]
    while heads and not heads[-1]:
        heads.pop()
    return Head(line, heads, [texts[: len(heads)] for _, texts in first[at + 1 : at + 4]])


def read_frame(content: bytes, name: str, head: Head) -> "pandas.DataFrame":
    """Every filled row below the heads as text, by its number in the file; columns are counted from 0."""
    import pandas

    width = len(head.heads)
    lines, rows = [], []
    for line, texts in numbered_rows(content, name, ROW_LIMIT):
        if line > head.line and any(texts[:width]):
            lines.append(line)
            rows.append([*texts[:width], *[""] * (width - len(texts))])
    if not rows:
        raise InvalidInput("表头下面没有数据行。", code="table_empty")
    return pandas.DataFrame(rows, index=lines, columns=range(width), dtype=str)


def check_frame(
    frame: "pandas.DataFrame", heads: Sequence[str], places: Mapping[str, int], reader: Reader
) -> Iterator[tuple[CheckedRow, list[str]]]:
    """(checked row, its cells as they stand in the file) of every row, in order. `places` are columns by target."""
    seen, words = Seen(), {target: heads[index] for target, index in places.items()}
    for line, *cells in frame.itertuples(name=None):
        named = {target: cells[index] for target, index in places.items()}
        yield seen.check(reader.check(line, named, words), words["credit_code"]), cells
