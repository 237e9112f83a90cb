"""What changed between two texts, letter by letter, for the page that shows two versions side by side. Pure."""

from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple


class Part(StrEnum):
    SAME = "same"
    OUT = "out"
    IN = "in"


class Segment(NamedTuple):
    part: Part
    text: str


def segments(before: str, after: str) -> list[Segment]:
    """The way from one text to the other: without the IN parts it reads `before`, without the OUT parts `after`."""
    found: list[Segment] = []
    for _, start, end, new_start, new_end in SequenceMatcher(None, before, after, False).get_opcodes():
        old, new = before[start:end], after[new_start:new_end]
        if old == new:
            found.append(Segment(Part.SAME, old))
            continue
        found += [Segment(part, text) for part, text in ((Part.OUT, old), (Part.IN, new)) if text]
    return found
