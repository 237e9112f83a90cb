"""Checks of what is written on a score sheet, the same for the page, the offline queue and the demo."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from competition.models import Criterion
from core.errors import InvalidInput

COMMENT_LIMIT = 1000
CLIENT_ID = re.compile(r"[A-Za-z0-9-]{0,64}")
COUNTER_LIMIT = 2**31 - 1


def checked_values(
    criteria: Sequence[Criterion], values: Mapping[str, int | None], *, step: int, complete: bool
) -> dict[str, int]:
    """The marks in integer hundredths by criterion code, inside 0..top mark and on the step.

    `complete`: every criterion must have its value; a draft may leave some out (or None).
    """
    known = {criterion.code for criterion in criteria}
    if unknown := sorted(set(values) - known):
        raise InvalidInput(f"没有评分项“{unknown[0][:30]}”。", code="criterion_unknown")
    checked = {}
    for criterion in criteria:
        value = values.get(criterion.code)
        if value is None:
            if complete:
                raise InvalidInput(f"“{criterion.name}”还没有打分。", code="incomplete", field=criterion.code)
            continue
        checked[criterion.code] = _checked(criterion, value, step)
    return checked


def _checked(criterion: Criterion, value: int, step: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= criterion.top_mark:
        top = points_text(criterion.top_mark)
        raise InvalidInput(f"“{criterion.name}”应在 0 到 {top} 分之间。", code="range", field=criterion.code)
    if value % step:
        raise InvalidInput(
            f"“{criterion.name}”应按 {points_text(step)} 分一档打分。", code="step", field=criterion.code
        )
    return value


def total_of(criteria: Sequence[Criterion], marks: Mapping[str, int]) -> int:
    """What the marks of a sheet are worth together, in hundredths of a point."""
    return sum(criterion.worth(marks[criterion.code]) for criterion in criteria if criterion.code in marks)


def points_text(hundredths: int) -> str:
    """2500 -> '25', 50 -> '0.5'."""
    return format((Decimal(hundredths) / 100).normalize(), "f")


def parse_points(text: str) -> int | None:
    """Typed points to integer hundredths; an empty field is None. Plain digits only, two decimals at most."""
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text):
        raise InvalidInput("分数请填数字，最多两位小数。", code="points")
    return int(Decimal(text) * 100)


def checked_comment(comment: str) -> str:
    comment = comment.replace("\x00", "").strip()
    if len(comment) > COMMENT_LIMIT:
        raise InvalidInput(f"评语最多 {COMMENT_LIMIT} 字。", code="comment", field="comment")
    return comment


def checked_client(client_id: str, counter: int) -> None:
    """Where a value came from: the device's own random id and its counter."""
    whole = isinstance(counter, int) and not isinstance(counter, bool) and 0 <= counter <= COUNTER_LIMIT
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id) or not whole:
        raise InvalidInput("设备编号或次序无效，请刷新页面。", code="client")
