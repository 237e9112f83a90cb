"""What a submission and an import have in common: how files, awards and findings stand in what is frozen."""

from collections.abc import Iterable
from typing import Any

from competition import eligibility
from competition.enums import Outcome
from competition.models import Attachment, PastAward


def file_content(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind.value,
        "name": row.file.name,
        "size": row.file.size,
        "sha256": row.file.sha256,
    }


def past_awards(rows: Iterable[PastAward]) -> tuple[eligibility.PastAward, ...]:
    return tuple(
        eligibility.PastAward(award.level, award.year, award.tier, award.group, award.acceptance_passed)
        for award in rows
    )


def finding_columns(findings: Iterable[eligibility.Finding]) -> list[dict[str, Any]]:
    """The columns of the findings' rows, numbered from 1."""
    return [
        {
            "rule": finding.rule.value,
            "position": position,
            "outcome": Outcome(finding.outcome.value),
            "reason_code": finding.reason.value,
            "fact": _text(finding.fact),
            "bound": _text(finding.limit),
        }
        for position, finding in enumerate(findings, 1)
    ]


def _text(value: Any) -> str:
    parts = value if isinstance(value, tuple) else (value,)
    return "、".join(str(part) for part in parts if part is not None)[:200]
