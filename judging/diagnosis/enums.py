"""Kinds of what a diagnosis rests on, states of what it raises."""

from enum import StrEnum


class Normalising(StrEnum):
    """Whether the published rules compare rooms by a formula, and by which."""

    NONE = "none"
    STANDARD = "standard"
    COEFFICIENT = "coefficient"

    @property
    def label(self) -> str:
        return {"none": "不换算", "standard": "标准分换算", "coefficient": "平均分修正系数"}[self.value]


class FlagState(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    ANSWERED = "answered"
    REFERRED = "referred"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


class LookState(StrEnum):
    """A second look asked of one judge for one entry."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"
