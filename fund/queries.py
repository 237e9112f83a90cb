"""Reads of the fund: the tree with its rolled-up balances, the movements behind a figure, findings."""

from dataclasses import dataclass

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased, defer, joinedload, selectinload

from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.models import User
from fund.enums import AccountRole, FindingState, TransferKind
from fund.models import Account, BudgetLine, Indicator, ReconciliationFinding, ReportText, Transfer

FUND_READERS = (Role.FINANCE, Role.LEADER, Role.OFFICE, Role.SUPERVISION)


@dataclass(frozen=True)
class LineTotals:
    """分 of a line and everything under it. `issued` is what came in from outside the subtree, net of returns."""

    available_fen: int = 0
    held_fen: int = 0
    paid_fen: int = 0
    carried_fen: int = 0
    returned_fen: int = 0

    @property
    def issued_fen(self) -> int:
        return self.available_fen + self.held_fen + self.paid_fen + self.carried_fen + self.returned_fen

    def __add__(self, other: "LineTotals") -> "LineTotals":
        return LineTotals(
            self.available_fen + other.available_fen,
            self.held_fen + other.held_fen,
            self.paid_fen + other.paid_fen,
            self.carried_fen + other.carried_fen,
            self.returned_fen + other.returned_fen,
        )


@dataclass(frozen=True)
class TreeRow:
    """`children_fen` sums the reported amounts of the children; None without children or with one unreported."""

    line: BudgetLine
    depth: int
    totals: LineTotals
    leaf: bool
    children_fen: int | None = None

    @property
    def difference_fen(self) -> int:
        """Reported children less the reported parent; 0 where there is nothing to compare."""
        if self.children_fen is None or self.line.reported_fen is None:
            return 0
        return self.children_fen - self.line.reported_fen

    @property
    def budget_fen(self) -> int:
        """What the line may spend this year: its issue less what went back."""
        return self.totals.issued_fen - self.totals.returned_fen


def may_read(user: User) -> bool:
    return user.role in FUND_READERS


def years() -> list[int]:
    return sorted(db.session.scalars(select(BudgetLine.fiscal_year).distinct()), reverse=True)


def tree(fiscal_year: int) -> list[TreeRow]:
    """The lines of a year in tree order with rolled-up totals; two statements at any size."""
    lines = list(
        db.session.scalars(
            select(BudgetLine)
            .where(BudgetLine.fiscal_year == fiscal_year)
            .options(selectinload(BudgetLine.accounts))
            .order_by(BudgetLine.code)
        )
    )
    children: dict[int | None, list[BudgetLine]] = {}
    for line in lines:
        children.setdefault(line.parent_id, []).append(line)
    rows: list[TreeRow] = []

    def walk(line: BudgetLine, depth: int) -> LineTotals:
        place = len(rows)
        below = children.get(line.id, [])
        rows.append(TreeRow(line, depth, LineTotals(), not below))
        totals = sum((walk(child, depth + 1) for child in below), own_totals(line))
        rows[place] = TreeRow(line, depth, totals, not below, _reported(below))
        return totals

    for root in children.get(None, []):
        walk(root, 0)
    return rows


def _reported(lines: list[BudgetLine]) -> int | None:
    amounts = [line.reported_fen for line in lines]
    return sum(amounts) if amounts and None not in amounts else None


def own_totals(line: BudgetLine) -> LineTotals:
    return _totals({account.role: account.balance_fen for account in line.accounts})


def _totals(balances: dict[AccountRole, int]) -> LineTotals:
    return LineTotals(
        balances.get(AccountRole.AVAILABLE, 0),
        balances.get(AccountRole.HELD, 0),
        balances.get(AccountRole.PAID, 0),
        balances.get(AccountRole.CARRIED, 0),
        balances.get(AccountRole.RETURNED, 0),
    )


def line_totals(line: BudgetLine) -> LineTotals:
    """A line with its subtree."""
    return next(row.totals for row in tree(line.fiscal_year) if row.line.id == line.id)


def line_by_code(code: str) -> BudgetLine | None:
    return db.session.scalar(select(BudgetLine).where(BudgetLine.code == code))


def line_visible(code: str) -> BudgetLine:
    line = line_by_code(code)
    if line is None:
        raise NotVisible()
    return line


def children_of(line: BudgetLine) -> list[BudgetLine]:
    stmt = select(BudgetLine).where(BudgetLine.parent_id == line.id)
    return list(db.session.scalars(stmt.order_by(BudgetLine.code)))


def siblings_of(line: BudgetLine) -> list[BudgetLine]:
    """The lines money may be adjusted to: same parent, same year."""
    parent = BudgetLine.parent_id == line.parent_id if line.parent_id else BudgetLine.parent_id.is_(None)
    stmt = select(BudgetLine).where(
        parent, BudgetLine.fiscal_year == line.fiscal_year, BudgetLine.id != line.id
    )
    return list(db.session.scalars(stmt.order_by(BudgetLine.code)))


def lines_of(fiscal_year: int) -> list[BudgetLine]:
    stmt = select(BudgetLine).where(BudgetLine.fiscal_year == fiscal_year)
    return list(db.session.scalars(stmt.order_by(BudgetLine.code)))


def subtree(rows: list[TreeRow], line: BudgetLine) -> list[TreeRow]:
    """The line's own row and the rows below it, from a tree in tree order."""
    start = next(index for index, row in enumerate(rows) if row.line.id == line.id)
    below = [rows[start]]
    for row in rows[start + 1 :]:
        if row.depth <= rows[start].depth:
            break
        below.append(row)
    return below


def subtree_ids(line: BudgetLine) -> list[int]:
    return [row.line.id for row in subtree(tree(line.fiscal_year), line)]


def accounts_of(line_ids: list[int], *roles: AccountRole) -> Select:
    """Ids of the accounts of these lines, as a select; of some roles only when they are named."""
    stmt = select(Account.id).where(Account.line_id.in_(line_ids))
    return stmt.where(Account.role.in_(roles)) if roles else stmt


def touching(accounts: Select):
    return or_(Transfer.src_id.in_(accounts), Transfer.dst_id.in_(accounts))


def transfers_touching(line_ids: list[int]) -> Select:
    """The movements touching the accounts of these lines, with all that a row shows."""
    return (
        select(Transfer)
        .where(touching(accounts_of(line_ids)))
        .options(
            joinedload(Transfer.source).joinedload(Account.line),
            joinedload(Transfer.target).joinedload(Account.line),
            joinedload(Transfer.actor),
        )
    )


def recent_transfers(line_ids: list[int], limit: int = 8) -> list[Transfer]:
    stmt = transfers_touching(line_ids).order_by(Transfer.seq.desc()).limit(limit)
    return list(db.session.scalars(stmt))


def flow_through(line_ids: list[int], role: AccountRole) -> tuple[int, int]:
    """分 that came into the accounts of this role and that went out: their balance is the difference."""
    accounts = accounts_of(line_ids, role)
    into = select(func.sum(Transfer.fen)).where(Transfer.dst_id.in_(accounts)).scalar_subquery()
    out = select(func.sum(Transfer.fen)).where(Transfer.src_id.in_(accounts)).scalar_subquery()
    incoming, outgoing = db.session.execute(select(into, out)).one()
    return int(incoming or 0), int(outgoing or 0)


def transfer_visible(seq: int) -> Transfer:
    found = db.session.get(Transfer, seq)
    if found is None:
        raise NotVisible()
    return found


def reversal_of(transfer: Transfer) -> Transfer | None:
    return db.session.scalar(select(Transfer).where(Transfer.reverses_seq == transfer.seq))


def carried_in_fen(fiscal_year: int) -> int:
    """Money of earlier years carried into the lines of this one, less what was reversed."""
    source, target, undone = aliased(Account), aliased(Account), aliased(Transfer)
    stmt = (
        select(func.sum(Transfer.fen))
        .join(source, Transfer.src_id == source.id)
        .join(target, Transfer.dst_id == target.id)
        .join(BudgetLine, target.line_id == BudgetLine.id)
        .where(
            Transfer.kind == TransferKind.CARRY,
            source.role == AccountRole.FISCAL,
            BudgetLine.fiscal_year == fiscal_year,
            ~exists().where(undone.reverses_seq == Transfer.seq),
        )
    )
    return int(db.session.scalar(stmt) or 0)


@dataclass(frozen=True)
class YearSummary:
    year: int
    lines: int
    totals: LineTotals
    indicators: int
    open_findings: int


def year_summaries() -> list[YearSummary]:
    """Every year with its money, newest first; four statements at any number of years."""
    balances: dict[int, dict[AccountRole, int]] = {}
    stmt = select(BudgetLine.fiscal_year, Account.role, func.sum(Account.balance_fen)).join(Account.line)
    for year, role, fen in db.session.execute(stmt.group_by(BudgetLine.fiscal_year, Account.role)):
        balances.setdefault(year, {})[role] = int(fen)
    lines = _counts(BudgetLine)
    rows = _counts(Indicator)
    findings = _counts(ReconciliationFinding, ReconciliationFinding.state == FindingState.OPEN)
    return [
        YearSummary(
            year, lines[year], _totals(balances.get(year, {})), rows.get(year, 0), findings.get(year, 0)
        )
        for year in sorted(lines, reverse=True)
    ]


def _counts(model, *conditions) -> dict[int, int]:
    stmt = select(model.fiscal_year, func.count()).where(*conditions).group_by(model.fiscal_year)
    return {year: count for year, count in db.session.execute(stmt)}


def need_year(fiscal_year: int) -> None:
    if fiscal_year not in years():
        raise NotVisible()


def findings_of(fiscal_year: int) -> Select:
    return (
        select(ReconciliationFinding)
        .where(ReconciliationFinding.fiscal_year == fiscal_year)
        .options(joinedload(ReconciliationFinding.author))
    )


def finding_visible(finding_id: int) -> ReconciliationFinding:
    found = db.session.get(ReconciliationFinding, finding_id)
    if found is None:
        raise NotVisible()
    return found


def finding_counts(fiscal_year: int) -> dict[str, int]:
    """Findings of a year by state."""
    stmt = select(ReconciliationFinding.state, func.count()).group_by(ReconciliationFinding.state)
    rows = db.session.execute(stmt.where(ReconciliationFinding.fiscal_year == fiscal_year))
    return {state.value: count for state, count in rows}


def report_texts(fiscal_year: int) -> list[ReportText]:
    """Newest first; without the texts themselves, which may be long."""
    stmt = select(ReportText).where(ReportText.fiscal_year == fiscal_year)
    stmt = stmt.options(joinedload(ReportText.author), defer(ReportText.text))
    return list(db.session.scalars(stmt.order_by(ReportText.id.desc())))


def newest_report(fiscal_year: int) -> ReportText | None:
    stmt = select(ReportText).where(ReportText.fiscal_year == fiscal_year)
    return db.session.scalar(stmt.order_by(ReportText.id.desc()).limit(1))


def last_reconciled(fiscal_year: int):
    """The moment of the year's newest run that found anything."""
    stmt = select(func.max(ReconciliationFinding.found_at))
    return db.session.scalar(stmt.where(ReconciliationFinding.fiscal_year == fiscal_year))


def holds_of(payment_no: str) -> list[Transfer]:
    return list(
        db.session.scalars(
            select(Transfer)
            .where(Transfer.payment_no == payment_no, Transfer.kind == TransferKind.HOLD)
            .order_by(Transfer.seq)
        )
    )
