"""Administrative divisions: reference rows with validity, and the ways the product asks for them."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from core.db import db
from core.enums import DivisionLevel
from core.models import Division

DATA = Path(__file__).resolve().parent.parent / "demo" / "data"
# Codes of the 2018 records that the current table no longer lists, with the parent they hung under.
RETIRED_PARENT_DIGITS = 4


def load_reference() -> None:
    """Divisions of today and, with their validity and successor, those retired since 2015."""
    changes = _rows("xinjiang_divisions_changes.csv")
    created = {row["code"]: int(row["year"]) for row in changes if row["change"] == "created"}
    rows = {
        row["code"]: Division(
            code=row["code"],
            name=row["name"],
            parent_code=row["parent_code"] or None,
            level=DivisionLevel(row["level"]),
            valid_from=created.get(row["code"]),
        )
        for row in _rows("xinjiang_divisions.csv")
    }
    for row in changes:
        if row["change"] == "retired":
            parent = row["code"][:RETIRED_PARENT_DIGITS] + "00"
            rows[row["code"]] = Division(
                code=row["code"],
                name=row["name"],
                parent_code="650000" if row["level"] == "prefecture" else parent,
                level=DivisionLevel(row["level"]),
                valid_to=int(row["year"]),
                successor_code=row["successor_code"] or None,
            )
    for row in changes:
        if row["change"] == "retired" and row["successor_code"] in rows:
            successor = rows[row["successor_code"]]
            successor.valid_from = successor.valid_from or int(row["year"])
    order = {level: index for index, level in enumerate(DivisionLevel)}
    for division in sorted(rows.values(), key=lambda d: (order[d.level], d.code)):
        db.session.add(division)
    db.session.flush()


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_force(on: date, *levels: DivisionLevel) -> list[Division]:
    """Divisions that existed in that year, by code."""
    year = on.year
    stmt = (
        select(Division)
        .where(Division.level.in_(levels))
        .where((Division.valid_from.is_(None)) | (Division.valid_from <= year))
        .where((Division.valid_to.is_(None)) | (Division.valid_to > year))
        .order_by(Division.code)
    )
    return list(db.session.scalars(stmt))


def names() -> dict[str, str]:
    """code -> name of every division, retired ones included; read once per process, tests aside."""
    known = current_app.extensions.get("division_names")
    if known is None:
        known = {row.code: row.name for row in db.session.execute(select(Division.code, Division.name))}
        if known and not current_app.config["SETTINGS"].testing:
            current_app.extensions["division_names"] = known
    return dict(known)


@cache
def prefecture_of(code: str) -> str:
    """The prefecture-level code a county's code hangs under; Corps divisions and direct cities stand alone."""
    return code if code.startswith(("BT", "6590")) else code[:4] + "00"
