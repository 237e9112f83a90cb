"""Numbers of papers: series without gaps, ordered by a row lock, within the transaction that uses the number."""

from sqlalchemy import select

from core.db import db
from core.models import Counter


def next_value(series: str) -> int:
    """1, 2, 3 ... of a series; a rolled-back use gives its number back."""
    counter = db.session.scalar(select(Counter).where(Counter.name == series).with_for_update())
    if counter is None:
        counter = Counter(name=series, value=0)
        db.session.add(counter)
    counter.value += 1
    db.session.flush()
    return counter.value


def next_number(series: str, prefix: str, width: int = 4) -> str:
    """For example next_number('entry:xj2018', 'XJ2018-') -> 'XJ2018-0001'."""
    return f"{prefix}{next_value(series):0{width}d}"
