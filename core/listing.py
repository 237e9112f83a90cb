"""Lists: filter, search, sort and page, with the whole state in the URL; the export is exactly the filter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from core.db import db

SIZES = (10, 20, 50, 100)
DEFAULT_SIZE = 20


@dataclass(frozen=True)
class Filter:
    """A choice in the toolbar; `apply(value)` gives the condition."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    apply: Callable[[str], ColumnElement]
    value: str = ""


@dataclass(frozen=True)
class Page:
    items: Sequence[Any]
    total: int
    number: int
    size: int
    path: str
    args: Mapping[str, str]
    filters: Sequence[Filter] = ()
    search: str = ""
    sort: str = ""
    sorts: frozenset[str] = field(default_factory=frozenset)
    sum: int = 0

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def filtered(self) -> bool:
        return bool(self.search) or any(filter_.value for filter_ in self.filters)

    def url(self, **changes: Any) -> str:
        """This list with some of its arguments changed; an empty value drops the argument."""
        args = {**self.args, **{name: str(value) for name, value in changes.items()}}
        if "number" in changes:
            args["page"] = args.pop("number")
        elif changes:
            args.pop("page", None)
        args = {name: value for name, value in args.items() if value not in ("", "None")}
        return self.path + ("?" + urlencode(args) if args else "")


def condition_of(
    args: Mapping[str, str], filters: Sequence[Filter], search: Sequence[ColumnElement]
) -> tuple[list[ColumnElement], list[Filter], str]:
    """The conditions chosen in the URL; an unknown choice is ignored, LIKE wildcards are plain characters."""
    conditions, chosen = [], []
    for filter_ in filters:
        value = args.get(filter_.name, "")
        known = value if any(value == option for option, _ in filter_.options) else ""
        chosen.append(Filter(filter_.name, filter_.label, filter_.options, filter_.apply, known))
        if known:
            conditions.append(filter_.apply(known))
    words = args.get("q", "").replace("\x00", "").strip()[:100]
    if words and search:
        conditions.append(or_(*(column.icontains(words, autoescape=True) for column in search)))
    return conditions, chosen, words


def run(
    stmt: Select,
    *,
    args: Mapping[str, str],
    path: str,
    sorts: Mapping[str, ColumnElement],
    default_sort: str,
    filters: Sequence[Filter] = (),
    search: Sequence[ColumnElement] = (),
    scalars: bool = True,
    summed: InstrumentedAttribute[int] | None = None,
) -> Page:
    """Two statements whatever the size: the count, with the sum of the column `summed` of all rows, and the page."""
    conditions, chosen, words = condition_of(args, filters, search)
    stmt = stmt.where(*conditions)
    every = stmt.order_by(None).subquery()
    amount = func.sum(every.c[summed.key]) if summed is not None else literal(0)
    total, amount = db.session.execute(select(func.count(), amount).select_from(every)).one()
    size = _number(args.get("size"), DEFAULT_SIZE)
    size = size if size in SIZES else DEFAULT_SIZE
    number = min(max(1, _number(args.get("page"), 1)), max(1, -(-total // size)))
    sort = args.get("sort", "")
    sort = sort if sort.lstrip("-") in sorts else default_sort
    paged = stmt.order_by(None).order_by(*_order(sorts, sort)).limit(size).offset((number - 1) * size)
    result = db.session.execute(paged)
    return Page(
        items=list(result.unique().scalars()) if scalars else result.all(),
        total=total,
        number=number,
        size=size,
        path=path,
        args={name: value for name, value in args.items() if name != "export"},
        filters=chosen,
        search=words,
        sort=sort,
        sorts=frozenset(sorts),
        sum=int(amount or 0),
    )


def everything(
    stmt: Select,
    *,
    args: Mapping[str, str],
    sorts: Mapping[str, ColumnElement],
    default_sort: str,
    filters: Sequence[Filter] = (),
    search: Sequence[ColumnElement] = (),
    scalars: bool = True,
) -> Sequence[Any]:
    """All rows the filter shows, in the order shown: what an export holds."""
    conditions, _, _ = condition_of(args, filters, search)
    sort = args.get("sort", "")
    sort = sort if sort.lstrip("-") in sorts else default_sort
    result = db.session.execute(stmt.where(*conditions).order_by(None).order_by(*_order(sorts, sort)))
    return list(result.unique().scalars()) if scalars else result.all()


def _order(sorts: Mapping[str, ColumnElement], sort: str) -> list[ColumnElement]:
    """The chosen column, then the last of `sorts` as the tie-break that makes paging stable."""
    column = sorts[sort.lstrip("-")]
    last = list(sorts.values())[-1]
    return [column.desc() if sort.startswith("-") else column.asc(), last.asc()]


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else default
