"""The money figures of the performance self-evaluation, by budget year."""

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import func, select

from awards.enums import AwardKind, AwardState, PaymentState
from awards.models import Award, Instalment, Payment
from core.db import db
from core.money import FEN_PER_WAN
from fund import indicators

LIVE = (AwardState.CONFIRMED, AwardState.SETTLED)


def prize_enterprises(fiscal_year: int) -> int:
    return _count(fiscal_year, AwardKind.PRIZE)


def prize_wan(fiscal_year: int) -> Decimal:
    return Decimal(_sum(fiscal_year, AwardKind.PRIZE)) / FEN_PER_WAN


def event_cost_wan(fiscal_year: int) -> Decimal:
    return Decimal(_sum(fiscal_year, AwardKind.EVENT_COST)) / FEN_PER_WAN


def _new_items(fiscal_year: int, kind: AwardKind):
    return (
        Award.fiscal_year == fiscal_year,
        Award.item_carried.is_(False),
        Award.kind == kind,
        Award.state.in_(LIVE),
    )


def _count(fiscal_year: int, kind: AwardKind) -> int:
    stmt = select(func.count(func.distinct(Award.payee_id))).where(*_new_items(fiscal_year, kind))
    return db.session.scalar(stmt) or 0


def _sum(fiscal_year: int, kind: AwardKind) -> int:
    return db.session.scalar(select(func.sum(Award.amount_fen)).where(*_new_items(fiscal_year, kind))) or 0


def paid_wan(fiscal_year: int) -> Decimal:
    stmt = select(func.sum(Payment.fen)).join(Instalment).join(Award)
    paid = db.session.scalar(stmt.where(Award.fiscal_year == fiscal_year, Payment.state == PaymentState.PAID))
    return Decimal(paid or 0) / FEN_PER_WAN


def _page(kind: AwardKind) -> Callable[[int], dict[str, object]]:
    """The list filtered to exactly the awards counted."""
    return lambda year: {"year": year, "carried": 0, "kind": kind.value, "standing": "live"}


def provide() -> None:
    for name, query, label, kind in (
        ("prize_enterprises", prize_enterprises, "获奖企业数", AwardKind.PRIZE),
        ("prize_wan", prize_wan, "奖励经费（万元）", AwardKind.PRIZE),
        ("event_cost_wan", event_cost_wan, "赛事费用（万元）", AwardKind.EVENT_COST),
    ):
        indicators.provide(name, query, label=label, endpoint="awards.awards_list", arguments=_page(kind))
