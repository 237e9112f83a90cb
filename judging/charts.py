"""Positions for the strips the pages draw: values on a common axis, as whole units of a thousand wide drawing."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH = 1000
MARGIN = 12
TICKS = 6


@dataclass(frozen=True)
class Scale:
    """A linear axis from low to high."""

    low: float
    high: float

    def at(self, value: float) -> int:
        share = (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN))

    @property
    def ticks(self) -> list[tuple[int, str]]:
        """(position, words) of round values inside the axis."""
        step = _round_step((self.high - self.low) or 1)
        first, last = ceil(self.low / step), floor(self.high / step)
        return [(self.at(number * step), f"{number * step:g}") for number in range(first, last + 1)]


def _round_step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that about six fit."""
    rough = span / TICKS
    power = 10.0 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def scale_over(values: Iterable[float], *, about_zero: bool = False) -> Scale:
    """An axis that holds all values, with a little room; `about_zero` makes it symmetric."""
    found = list(values) or [0.0, 1.0]
    low, high = min(found), max(found)
    if about_zero:
        high = max(abs(low), abs(high), 1.0)
        low = -high
    room = (high - low) * 0.04 or 1
    return Scale(low - room, high + room)
