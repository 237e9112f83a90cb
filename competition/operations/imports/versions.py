"""The versions an import freezes, with receipts of the edition's gapless series and what the rules say of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from competition.models import EligibilityFinding, EntryVersion
from competition.operations.imports.contents import Contents, Form
from core import seals
from core.numbering import next_numbers
from core.rules import Actor


@dataclass(frozen=True)
class Version:
    """`content` is frozen as it is; the rules are asked about `form`."""

    entry_id: int
    number: int
    content: dict[str, Any]
    form: Form
    enterprise_id: int
    credit_code: str


def freeze(contents: Contents, versions: Sequence[Version], *, actor: Actor, now: datetime) -> None:
    if not versions:
        return
    code = contents.edition.code
    receipts = next_numbers(f"receipt:{code}", f"{code.upper()}-R", len(versions), width=5)
    seals.insert_rows(
        EntryVersion,
        [
            {
                "entry_id": version.entry_id,
                "number": version.number,
                "receipt": receipt,
                "content": version.content,
                "sha256": hashlib.sha256(seals.canonical(version.content)).hexdigest(),
                "submitted_by_id": actor.id,
                "submitted_at": now,
            }
            for version, receipt in zip(versions, receipts, strict=True)
        ],
    )
    seals.insert_rows(
        EligibilityFinding,
        [
            {"entry_id": version.entry_id, "version_number": version.number, **finding}
            for version in versions
            for finding in contents.findings(version.form, version.enterprise_id, version.credit_code)
        ],
    )
