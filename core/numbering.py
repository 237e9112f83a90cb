"""Numbers of papers: series without gaps, ordered by a row lock, within the transaction that uses the number."""

from sqlalchemy import select

from core.db import db
from core.models import Counter


def next_value(series: str) -> int:
    """1, 2, 3 ... of a series; a rolled-back use gives its number back."""
    return next_values(series, 1)[0]


def next_values(series: str, count: int) -> range:
    """The next `count` numbers of a series at once."""
    counter = db.session.scalar(select(Counter).where(Counter.name == series).with_for_update())
    if counter is None:
        counter = Counter(name=series, value=0)
        db.session.add(counter)
    first = counter.value + 1
    counter.value += count
    db.session.flush()
    return range(first, first + count)


def next_number(series: str, prefix: str, width: int = 4) -> str:
    """For example next_number('entry:xj2018', 'XJ2018-') -> 'XJ2018-0001'."""
    return next_numbers(series, prefix, 1, width)[0]


def next_numbers(series: str, prefix: str, count: int, width: int = 4) -> list[str]:
    return [f"{prefix}{value:0{width}d}" for value in next_values(series, count)]
