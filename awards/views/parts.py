"""The parts of all awards: what stands behind every figure of the outlook, with the payment of each."""

from flask_login import current_user

from awards import outlook, queries
from awards.models import Award, Instalment, Payee, Payment
from awards.states import PAYMENT
from awards.views import bp
from awards.views.answers import Listed, list_answer
from awards.wording import AWARD_KINDS, CONDITIONS, choices
from core import listing, web
from core.access import allow
from core.spreadsheets import Column


def _quarters(years: list[int]) -> list[tuple[str, str]]:
    """From the year before the oldest budget year to the year after the newest: grants and payments stray that far."""
    span = range(min(years) - 1, max(years) + 2) if years else ()
    return [
        (f"{year}-{number}", f"{year} 年 {number} 季度") for year in reversed(span) for number in range(1, 5)
    ]


def _ready(value: str):
    payable = outlook.payable_ids(web.now())
    return Instalment.id.in_([part for part, may in payable.items() if may == (value == "1")])


def _filters() -> list[listing.Filter]:
    known = queries.fiscal_years()
    quarters, years = _quarters(known), [(str(year), f"{year} 年") for year in known]
    return [
        listing.Filter("year", "预算年度", years, lambda value: Award.fiscal_year == int(value)),
        listing.Filter("promised", "承诺季度", quarters, outlook.promised_within),
        listing.Filter("unpaid", "季末未付", quarters, outlook.unpaid_after),
        listing.Filter("ready", "支付条件", [("1", "现在可付"), ("0", "等待条件")], _ready),
        listing.Filter("kind", "类别", choices(AWARD_KINDS), lambda value: Award.kind == value),
        listing.Filter("condition", "条件", choices(CONDITIONS), lambda value: Instalment.condition == value),
    ]


def _live(part: Instalment) -> Payment | None:
    return next((payment for payment in reversed(part.payments) if payment.state != "cancelled"), None)


def _state(part: Instalment) -> str:
    payment = _live(part)
    return PAYMENT.badge(payment).label if payment else "未申请"


PARTS = Listed(
    title="分期",
    columns=[
        Column("award", "奖励", lambda part: part.award.number),
        Column("payee", "收款单位", lambda part: part.award.payee.name, width=36),
        Column("part", "分期", lambda part: part.seq, kind="number"),
        Column("amount", "金额（元）", lambda part: part.fen, kind="fen"),
        Column("condition", "条件", lambda part: CONDITIONS[part.condition], width=24),
        Column("granted_at", "授奖时间", lambda part: part.award.granted_at, kind="time"),
        Column("state", "支付", _state),
        Column("months", "须满月数", lambda part: part.months, kind="number"),
        Column("due_at", "最早支付", lambda part: part.due_at, kind="time"),
    ],
    sorts={
        "award": Award.number,
        "payee": Payee.name,
        "amount": Instalment.fen,
        "granted_at": Award.granted_at,
        "id": Instalment.id,
    },
    default_sort="award",
    search=(Award.number, Payee.name),
    filters=_filters,
    shown=7,
)


@bp.get("/money/parts")
@allow(*queries.READERS)
def parts_list():
    return list_answer(
        PARTS,
        queries.part_rows(current_user),
        "awards/parts.html",
        summed=Instalment.fen,
        conditions=CONDITIONS,
        live=_live,
        badge=PAYMENT.badge,
    )
