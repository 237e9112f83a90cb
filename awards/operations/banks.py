"""Bank formats: kept by finance, edited in place with before and after on record; exports keep their own copy."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from awards.banking.layout import Layout, check_columns
from awards.models import BankFormat
from awards.rules import may_operate_bank
from core import audit
from core.db import db, flush
from core.rules import Actor


def keep_format(
    bank_format: BankFormat | None, *, values: dict[str, Any], actor: Actor, now: datetime
) -> BankFormat:
    """A new format, or the given one with other values; refused when a file in it could not be paid or read back."""
    may_operate_bank(actor).or_raise()
    act, before = ("change", _plain(bank_format)) if bank_format else ("create", {})
    whole = {"payer_name": "", "payer_account": "", "payer_bank": ""} | before | values
    check_columns(Layout(**{field.name: whole[field.name] for field in fields(Layout)}))
    bank_format = bank_format or BankFormat()
    for name, value in values.items():
        setattr(bank_format, name, value)
    bank_format.changed_by_id, bank_format.changed_at = actor.id, now
    db.session.add(bank_format)
    flush()
    after = _plain(bank_format)
    changed = {name for name in after if before.get(name) != after[name]}
    audit.record(
        f"bank_format.{act}",
        bank_format,
        actor=actor,
        now=now,
        before={name: before[name] for name in sorted(changed & before.keys())},
        after={name: after[name] for name in sorted(changed)},
    )
    return bank_format


def _plain(bank_format: BankFormat) -> dict[str, Any]:
    skipped = {"id", "seal", "changed_by_id", "changed_at"}
    columns = (column.name for column in BankFormat.__table__.columns if column.name not in skipped)
    return {name: getattr(bank_format, name) for name in columns}
