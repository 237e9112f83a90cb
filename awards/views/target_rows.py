"""The rows of targets in a form: read from the request as typed, and shown again as typed."""

from collections.abc import Mapping, Sequence

from flask import request

FIELDS = ("name", "unit", "sense", "target", "main")
EMPTY_ROWS = 4


def typed() -> list[dict[str, str]]:
    """Every row of the request, the empty ones too, in order."""
    columns = {field: request.form.getlist(f"target.{field}") for field in FIELDS[:-1]}
    chosen = set(request.form.getlist("target.main"))
    count = min(len(columns["name"]), 60)
    return [
        {field: values[at] if at < len(values) else "" for field, values in columns.items()}
        | {"main": str(at) in chosen}
        for at in range(count)
    ]


def shown(rows: Sequence[Mapping]) -> list[Mapping]:
    """The rows there are, and some empty ones to fill."""
    filled = [row for row in rows if any(row.get(field) for field in ("name", "unit", "target"))]
    return [*filled, *({"sense": "at_least"} for _ in range(EMPTY_ROWS))]
