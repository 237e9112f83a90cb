"""What the fund's pages share: rates, the list answer, and the page of a payment where the floor above has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import current_app, render_template, request, url_for
from sqlalchemy import Select
from sqlalchemy.sql import ColumnElement

from core import listing
from core.files import send_table
from core.money import wan
from core.spreadsheets import Column
from fund.indicators import Source
from fund.labels import ACCOUNTS, TRANSFER_KINDS
from fund.models import Account

PAYMENT_PAGE = "awards.payment"
_AMOUNT_RULES = frozenset(
    {"sum_mismatch", "leaf_total_mismatch", "claim_vs_ledger", "scope_mismatch", "unit_error", "unit_missing"}
)
_LEAST_AMOUNT = 10_000
NUMERIC = ("fen", "number", "score")


@dataclass(frozen=True)
class Listed:
    """A list page: its columns on the screen (the first `shown`) and in the export (all of them)."""

    title: str
    columns: Sequence[Column]
    sorts: Mapping[str, ColumnElement]
    default_sort: str
    search: Sequence[ColumnElement] = ()
    shown: int | None = None


def list_answer(
    listed: Listed, stmt: Select, filters: Sequence[listing.Filter], template: str, **context: Any
):
    """The page, or with `?export=1` the workbook of exactly what the filter shows."""
    state = {
        "args": request.args,
        "sorts": listed.sorts,
        "default_sort": listed.default_sort,
        "filters": filters,
        "search": listed.search,
    }
    if "export" in request.args:
        rows = listing.everything(stmt, **state)
        return send_table(listed.title, listed.columns, rows)
    columns = [
        {"key": column.key, "label": column.label, "align": "end" if column.kind in NUMERIC else ""}
        for column in listed.columns[: listed.shown]
    ]
    page = listing.run(stmt, path=request.path, **state)
    return render_template(template, page=page, columns=columns, **context)


def percent(part: int, whole: int) -> str:
    """'97.14%' of two whole amounts; a dash where there is nothing to divide by."""
    if whole <= 0:
        return "—"
    share = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{share}%"


def signed_percent(part: int | None, whole: int | None) -> str:
    """'+8.00%' of a difference against what it was; a dash where there is nothing to compare."""
    if part is None or not whole:
        return "—"
    sign = "+" if part > 0 else "-" if part < 0 else ""
    return f"{sign}{percent(abs(part), abs(whole))}"


def signed_wan(fen: int) -> str:
    return f"{'+' if fen > 0 else ''}{wan(fen)}"


def payment_url(number: str | None) -> str | None:
    """Where the payment behind a movement is shown; the page belongs to an upper floor and is known by name."""
    if not number or PAYMENT_PAGE not in current_app.view_functions:
        return None
    return url_for(PAYMENT_PAGE, number=number)


def account_label(account: Account) -> str:
    """'F18-C-1 可用', or 财政 for the account outside."""
    words = ACCOUNTS[account.role]
    return f"{account.line.code} {words}" if account.line else words


def transfer_words() -> dict[str, Any]:
    """What the cells of a movement need."""
    return {"transfer_kinds": TRANSFER_KINDS, "account_label": account_label, "payment_url": payment_url}


def page_of(source: Source, year: int) -> str | None:
    """The address of exactly a computed figure's rows, where the floor that computes it has such a page."""
    if source.endpoint not in current_app.view_functions:
        return None
    return url_for(source.endpoint, **source.arguments_of(year))


def figure_of(rule: str, text: str | None) -> str:
    """A finding's figure as it reads best: amounts in 万元, counts and texts as they are."""
    if text is None:
        return "—"
    digits = text.removeprefix("-")
    whole = digits.isascii() and digits.isdigit()
    if rule in _AMOUNT_RULES and whole and int(digits) >= _LEAST_AMOUNT:
        return f"{wan(int(text))} 万元"
    return text
