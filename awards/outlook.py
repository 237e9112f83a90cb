"""What finance looks ahead with: what is due next, how old what is under way is, commitments by quarter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, exists, func, select
from sqlalchemy.sql import ColumnElement

from awards import money_queries, queries
from awards.enums import AwardKind, AwardState, BatchState, Channel, PaymentState
from awards.models import Award, Instalment, Payment, PaymentBatch
from awards.rules import money_may_move, payee_is_clear
from core.clock import at_beijing, beijing_day
from core.db import db

P = PaymentState
UNDER_WAY = (
    P.DRAFT,
    P.SUBMITTED,
    P.REVIEWED,
    P.DIVISION_OK,
    P.FINANCE_OK,
    P.APPROVED,
    P.EXPORTED,
    P.BOUNCED,
)
# Days since the payment was prepared, first and last of each column.
AGES = ((0, 7), (8, 15), (16, 30), (31, None))


@dataclass(frozen=True)
class Sum:
    count: int = 0
    fen: int = 0

    def __add__(self, fen: int) -> "Sum":
        return Sum(self.count + 1, self.fen + fen)


@dataclass(frozen=True)
class Quarter:
    """`promised`: parts of awards confirmed in it; `unpaid`: promised so far and not paid by its end."""

    year: int
    number: int
    promised: Sum
    paid: Sum
    unpaid_fen: int

    @property
    def key(self) -> str:
        return f"{self.year}-{self.number}"


@dataclass(frozen=True)
class Due:
    payable: Sum
    waiting: Sum
    to_export: int
    at_bank: int
    open_lines: int


def age_key(first: int, last: int | None) -> str:
    return f"{first}-{last or ''}"


def prepared_within(first: int, last: int | None, now: datetime) -> list[ColumnElement[bool]]:
    """Payments under way whose age in days of Beijing is in this column."""
    today = beijing_day(now)
    found = [Payment.state.in_(UNDER_WAY), Payment.prepared_at < _start(today - timedelta(days=first - 1))]
    if last is not None:
        found.append(Payment.prepared_at >= _start(today - timedelta(days=last)))
    return found


def paid_within(key: str) -> list[ColumnElement[bool]]:
    """`2018-4`: paid in the fourth quarter of 2018."""
    begin, end = _bounds(key)
    spent = Payment.channel != Channel.REFUND
    return [spent, Payment.state == P.PAID, Payment.paid_at >= begin, Payment.paid_at < end]


def _bounds(key: str) -> tuple[datetime, datetime]:
    year, number = (int(part) for part in key.split("-"))
    return _start(date(year, 3 * number - 2, 1)), _start(_after(year, number))


def _after(year: int, number: int) -> date:
    return date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)


def _start(day: date) -> datetime:
    return at_beijing(day, time.min)


def quarter_of(moment: datetime) -> tuple[int, int]:
    day = beijing_day(moment)
    return day.year, (day.month + 2) // 3


def ages(now: datetime) -> dict[PaymentState, list[Sum]]:
    """Sums by state and column of AGES; one statement."""
    today, found = beijing_day(now), {}
    stmt = select(Payment.state, Payment.prepared_at, Payment.fen).where(Payment.state.in_(UNDER_WAY))
    for state, prepared_at, fen in db.session.execute(stmt):
        days = (today - beijing_day(prepared_at)).days
        column = next(i for i, (_, last) in enumerate(AGES) if last is None or days <= last)
        row = found.setdefault(state, [Sum()] * len(AGES))
        row[column] += fen
    return {state: found[state] for state in UNDER_WAY if state in found}


SPENT = Award.kind != AwardKind.TREASURY
LIVE_PARTS = and_(Award.state.in_((AwardState.CONFIRMED, AwardState.SETTLED)), SPENT)


def promised_within(key: str) -> ColumnElement[bool]:
    """Parts of awards granted in this quarter that stand."""
    begin, end = _bounds(key)
    return and_(LIVE_PARTS, Award.granted_at >= begin, Award.granted_at < end)


def unpaid_after(key: str) -> ColumnElement[bool]:
    """Parts that were promised by the end of this quarter and not paid by then."""
    _, end = _bounds(key)
    paid = exists().where(
        Payment.instalment_id == Instalment.id, Payment.state == P.PAID, Payment.paid_at < end
    )
    return and_(LIVE_PARTS, Award.granted_at < end, ~paid)


def quarters(fiscal_year: int) -> list[Quarter]:
    """From the first quarter in which something of this budget year was promised to the last with any movement."""
    of_year = (Award.fiscal_year == fiscal_year,)
    made = and_(Payment.instalment_id == Instalment.id, Payment.state == P.PAID)
    parts = select(Award.granted_at, Instalment.fen, Payment.paid_at).select_from(Instalment)
    parts = parts.join(Award, Award.id == Instalment.award_id).outerjoin(Payment, made)
    live = db.session.execute(parts.where(*of_year, LIVE_PARTS)).all()
    settled = select(Payment.paid_at, Payment.fen).join(Instalment, Instalment.id == Payment.instalment_id)
    settled = settled.join(Award, Award.id == Instalment.award_id)
    paid = _by_quarter(db.session.execute(settled.where(*of_year, SPENT, Payment.state == P.PAID)))
    promised = _by_quarter((granted_at, fen) for granted_at, fen, _ in live)
    rows = []
    for year, number in _between(sorted(promised.keys() | paid.keys())):
        end = _start(_after(year, number))
        unpaid = sum(fen for granted, fen, at in live if granted < end and not (at and at < end))
        now_promised = promised.get((year, number), Sum())
        rows.append(Quarter(year, number, now_promised, paid.get((year, number), Sum()), unpaid))
    return rows


def _by_quarter(rows: Iterable[tuple[datetime, int]]) -> dict[tuple[int, int], Sum]:
    found: dict[tuple[int, int], Sum] = {}
    for moment, fen in rows:
        key = quarter_of(moment)
        found[key] = found.get(key, Sum()) + fen
    return found


def _between(keys: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Every quarter from the first to the last, the empty ones too."""
    if not keys:
        return
    year, number = keys[0]
    while (year, number) <= keys[-1]:
        yield year, number
        year, number = (year + 1, 1) if number == 4 else (year, number + 1)


def payable_ids(now: datetime) -> dict[int, bool]:
    """Parts no payment is under way for, and whether each could be paid now."""
    return {
        part.id: bool(money_may_move(part, now) and payee_is_clear(part.award.payee, now))
        for part in db.session.scalars(queries.instalments_due()).unique()
    }


def due(now: datetime) -> Due:
    """Parts that could be paid today or still wait for their condition; batches and answers that wait for a hand."""
    payable, waiting = Sum(), Sum()
    for part in db.session.scalars(queries.instalments_due()).unique():
        if money_may_move(part, now) and payee_is_clear(part.award.payee, now):
            payable += part.fen
        else:
            waiting += part.fen
    by_state = dict(
        db.session.execute(select(PaymentBatch.state, func.count()).group_by(PaymentBatch.state)).all()
    )
    lines = select(func.count()).select_from(money_queries.open_lines().subquery())
    return Due(
        payable=payable,
        waiting=waiting,
        to_export=by_state.get(BatchState.DRAFT, 0),
        at_bank=by_state.get(BatchState.EXPORTED, 0),
        open_lines=db.session.scalar(lines),
    )
