"""What the pages of this package share: a list with its export, and the numbers ticked in a form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from core import listing, spreadsheets
from core.errors import InvalidInput
from core.files import send_table
from core.spreadsheets import Column

MAX_ID = 2**31 - 1
NUMERIC = ("fen", "number", "score")


@dataclass(frozen=True)
class Listed:
    """A list page: its columns on the screen (the first `shown`) and in the export (all of them)."""

    title: str
    columns: Sequence[Column]
    sorts: Mapping[str, ColumnElement]
    default_sort: str
    search: Sequence[ColumnElement] = ()
    filters: Callable[[], Sequence[listing.Filter]] = field(default=tuple)
    shown: int | None = None

    def heads(self) -> list[dict[str, str]]:
        return [
            {"key": column.key, "label": column.label, "align": "end" if column.kind in NUMERIC else ""}
            for column in self.columns[: self.shown]
        ]


def list_answer(
    listed: Listed,
    stmt: Select,
    template: str,
    *,
    summed: InstrumentedAttribute[int] | None = None,
    **context: Any,
):
    """The page, or with `?export=1` the workbook of exactly what the filter shows."""
    state = {
        "args": request.args,
        "sorts": listed.sorts,
        "default_sort": listed.default_sort,
        "filters": listed.filters(),
        "search": listed.search,
    }
    if "export" in request.args:
        rows = listing.everything(stmt, **state)
        return send_table(listed.title, listed.columns, rows)
    page = listing.run(stmt, path=request.path, summed=summed, **state)
    return render_template(template, page=page, columns=listed.heads(), **context)


def ticked(name: str = "ids") -> list[int]:
    """The ids ticked in a form; anything that is no id is left out."""
    texts = request.form.getlist(name)
    return sorted(
        {int(text) for text in texts if text.isascii() and text.isdigit() and 0 < int(text[:12]) <= MAX_ID}
    )


def uploaded_table(upload, limit: int = 20 << 20) -> list[list[str]]:
    """The rows of an uploaded xlsx or csv; a refusal stands beside the field `file`."""
    if not upload or not upload.filename:
        raise InvalidInput("请选择名单文件。", field="file")
    content = upload.stream.read(limit + 1)
    if len(content) > limit:
        raise InvalidInput("文件超过 20 MB 的上限。", field="file")
    try:
        return spreadsheets.read_table(content, upload.filename)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.sentence, code=refusal.code, field="file") from refusal
