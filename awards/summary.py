"""What the awards say in the annual summary: what was granted and paid from the year's money, and how."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from awards.enums import AwardKind, PaymentState
from awards.indicators import LIVE
from awards.models import Award, Instalment, Payment
from core.db import db
from core.money import wan
from fund import summary
from fund.models import BudgetLine
from fund.summary.contributions import Place
from fund.summary.pieces import Figure, Paragraph, Piece, joined, para

AWARDS_PAGE, PAYMENTS_PAGE = "awards.awards_list", "awards.payments_list"
WORDS = {
    AwardKind.PRIZE: "奖励经费",
    AwardKind.ORGANISER: "优秀组织奖",
    AwardKind.WORK_FUND: "工作经费",
    AwardKind.EVENT_COST: "赛事费用",
}
CARRIED = {False: "新上项目", True: "结转项目"}


@dataclass(frozen=True)
class Group:
    """Awards of one kind, new or carried over, on the year's money. `code` is the first line that pays them."""

    carried: bool
    kind: AwardKind
    code: str
    items: int
    payees: int
    granted_fen: int
    payments: int
    paid_fen: int


def groups(fiscal_year: int) -> list[Group]:
    paid = _paid(fiscal_year)
    stmt = (
        select(
            Award.item_carried,
            Award.kind,
            func.min(BudgetLine.code),
            func.count(Award.id),
            func.count(func.distinct(Award.payee_id)),
            func.sum(Award.amount_fen),
        )
        .join(BudgetLine, Award.line_id == BudgetLine.id)
        .where(Award.fiscal_year == fiscal_year, Award.state.in_(LIVE), Award.kind.in_(WORDS))
        .group_by(Award.item_carried, Award.kind)
    )
    found = [
        Group(carried, kind, code, items, payees, int(fen), *paid.get((carried, kind), (0, 0)))
        for carried, kind, code, items, payees, fen in db.session.execute(stmt)
    ]
    order = list(WORDS)
    return sorted(found, key=lambda group: (group.carried, order.index(group.kind)))


def _paid(fiscal_year: int) -> dict[tuple[bool, AwardKind], tuple[int, int]]:
    stmt = (
        select(Award.item_carried, Award.kind, func.count(Payment.id), func.sum(Payment.fen))
        .join(Instalment, Payment.instalment_id == Instalment.id)
        .join(Award, Instalment.award_id == Award.id)
        .where(Award.fiscal_year == fiscal_year, Payment.state == PaymentState.PAID)
        .group_by(Award.item_carried, Award.kind)
    )
    return {(carried, kind): (count, int(fen)) for carried, kind, count, fen in db.session.execute(stmt)}


def use(fiscal_year: int) -> dict[str, list[Paragraph]]:
    """One paragraph per new and carried-over items, under the line that pays them."""
    found: dict[str, list[Paragraph]] = {}
    known = groups(fiscal_year)
    for carried in CARRIED:
        of_kind = [group for group in known if group.carried is carried]
        if of_kind:
            code = min(group.code for group in of_kind)
            found.setdefault(code, []).append(_paragraph(fiscal_year, carried, of_kind))
    return found


def _paragraph(year: int, carried: bool, of_kind: list[Group]) -> Paragraph:
    items = _figure(year, carried, None, "items", str(sum(g.items for g in of_kind)), of_kind)
    paid = _figure(year, carried, None, "paid", wan(sum(g.paid_fen for g in of_kind)), of_kind)
    parts = [_part(year, carried, group) for group in of_kind]
    return para("系统逐笔登记", CARRIED[carried], items, "项，拨款", paid, "万元，其中", *joined(parts, "；"))


def _part(year: int, carried: bool, group: Group) -> list[Piece]:
    word = WORDS[group.kind]
    items = _figure(year, carried, group.kind, "items", str(group.items), [group])
    paid = _figure(year, carried, group.kind, "paid", wan(group.paid_fen), [group])
    count = _figure(year, carried, group.kind, "payments", str(group.payments), [group])
    return [f"{word}", paid, "万元（", items, "项，支付", count, "笔）"]


_LABELS = {"items": "登记数", "paid": "已支付（万元）", "payments": "支付笔数"}


def _figure(
    year: int, carried: bool, kind: AwardKind | None, what: str, text: str, of_kind: Iterable[Group]
) -> Figure:
    chosen = {"year": year, "carried": int(carried)} | ({"kind": kind.value} if kind else {})
    awarded = what == "items"
    return Figure(
        key=f"awards:{int(carried)}:{kind.value if kind else 'all'}:{what}",
        text=text,
        label=f"{CARRIED[carried]}{WORDS[kind] if kind else ''}{_LABELS[what]}",
        counted="已确定的奖励" if awarded else "状态为已支付的支付",
        endpoint=AWARDS_PAGE if awarded else PAYMENTS_PAGE,
        arguments=chosen | ({"standing": "live"} if awarded else {"state": PaymentState.PAID.value}),
        rows=tuple(f"{g.kind.value} {g.items} {g.granted_fen} {g.payments} {g.paid_fen}" for g in of_kind),
    )


def management(fiscal_year: int) -> dict[str, list[Paragraph]]:
    known = groups(fiscal_year)
    count, fen = sum(group.payments for group in known), sum(group.paid_fen for group in known)
    if not count:
        return {}
    page = {"year": fiscal_year, "state": PaymentState.PAID.value}
    rows = tuple(f"{g.kind.value} {int(g.carried)} {g.payments} {g.paid_fen}" for g in known)
    payments = Figure(
        "awards:payments", str(count), "支付笔数", "状态为已支付的支付", PAYMENTS_PAGE, page, rows
    )
    paid = Figure("awards:paid", wan(fen), "已支付（万元）", "状态为已支付的支付", PAYMENTS_PAGE, page, rows)
    told = para(
        "大赛资金按公示结果和拨款文件逐笔支付，经办、复核、审批由不同人员办理，已办结支付",
        payments,
        "笔、共",
        paid,
        "万元，每笔均登记收款账户、批次与银行回单号。",
    )
    return {min(group.code for group in known): [told]}


def provide() -> None:
    summary.contribute(Place.USE, "awards", use)
    summary.contribute(Place.MANAGEMENT, "awards", management)
