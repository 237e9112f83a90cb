"""Paragraphs that the floors above say about the programmes they run; they register at start."""

from collections.abc import Callable
from enum import StrEnum

from fund.summary.pieces import Paragraph


class Place(StrEnum):
    """Where in the report a contribution belongs."""

    GOALS = "goals"
    USE = "use"
    MANAGEMENT = "management"
    ORGANISATION = "organisation"
    PLANS = "plans"
    APPRAISAL = "appraisal"


# A writer answers with paragraphs by code of the budget line they speak of; "" stands for the whole fund.
Writer = Callable[[int], dict[str, list[Paragraph]]]
_writers: dict[Place, dict[str, Writer]] = {}


def contribute(place: Place, name: str, writer: Writer) -> None:
    _writers.setdefault(place, {})[name] = writer


def contributed(place: Place, fiscal_year: int) -> dict[str, list[Paragraph]]:
    found: dict[str, list[Paragraph]] = {}
    for writer in _writers.get(place, {}).values():
        for code, paragraphs in writer(fiscal_year).items():
            found.setdefault(code, []).extend(paragraphs)
    return found
