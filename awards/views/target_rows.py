"""The rows of targets in a form: read from the request as typed, and shown again as typed."""

from collections.abc import Mapping, Sequence

from flask import request

FIELDS = ("name", "unit", "sense", "target", "achieved")
EMPTY_ROWS = 4
MOST = 60


def typed() -> list[dict[str, str]]:
    """Every row of the request, the empty ones too, in order."""
    columns = {field: request.form.getlist(f"target.{field}") for field in FIELDS}
    chosen = set(request.form.getlist("target.main"))
    count = min(len(columns["name"]), MOST)
    return [
        {field: values[at] if at < len(values) else "" for field, values in columns.items()}
        | {"main": str(at) in chosen}
        for at in range(count)
    ]


def filled(rows: Sequence[Mapping]) -> list[Mapping]:
    return [
        row for row in rows if any((row.get(field) or "").strip() for field in ("name", "unit", "target"))
    ]


def shown(rows: Sequence[Mapping]) -> list[Mapping]:
    """The rows there are, and some empty ones to fill."""
    return [*filled(rows), *({"sense": "at_least"} for _ in range(EMPTY_ROWS))]


def results(count: int) -> list[str]:
    """What was achieved of `count` given targets, as typed; missing ones are empty."""
    given = request.form.getlist("result")[:count]
    return [*given, *[""] * (count - len(given))]
