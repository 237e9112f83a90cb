"""Fund tables: the tree of lines, the ledger, indicators and findings. Amounts are never stored on a line."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UTCDateTime, enum_type, fen_column
from core.models import StoredFile, User
from core.seals import Sealed
from fund.enums import AccountRole, Direction, FindingState, LineKind, LineState, TransferKind


class BudgetLine(Sealed, Base):
    """A node of the fund's tree in one fiscal year. Money sits on accounts; reported figures keep their text."""

    __tablename__ = "budget_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("budget_line.id"), index=True)
    fiscal_year: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[LineKind] = mapped_column(enum_type(LineKind))
    state: Mapped[LineState] = mapped_column(enum_type(LineState), default=LineState.OPEN)
    reported_fen: Mapped[int | None] = fen_column()
    reported_items: Mapped[int | None]
    use_restriction: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    parent: Mapped["BudgetLine | None"] = relationship(remote_side=[id])
    accounts: Mapped[list["Account"]] = relationship(back_populates="line")


class Account(Sealed, Base):
    """A balance the database itself keeps non-negative; it always equals the sum of its transfers.

    The seal says whose account it is; the balance is moved by guarded statements and proven by the transfers.
    """

    __tablename__ = "fund_account"
    UNSEALED = frozenset({"balance_fen"})
    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("budget_line.id"), index=True)
    role: Mapped[AccountRole] = mapped_column(enum_type(AccountRole))
    balance_fen: Mapped[int] = fen_column(default=0)
    line: Mapped[BudgetLine | None] = relationship(back_populates="accounts")
    __table_args__ = (
        UniqueConstraint("line_id", "role"),
        CheckConstraint("balance_fen >= 0 OR role = 'fiscal'", name="balance"),
        CheckConstraint("(line_id IS NULL) = (role = 'fiscal')", name="external"),
    )


class Transfer(Sealed, Base):
    """One balanced, immutable entry of the ledger. `seq` is its place in the chain."""

    __tablename__ = "transfer"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    idem: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[TransferKind] = mapped_column(enum_type(TransferKind))
    src_id: Mapped[int] = mapped_column(ForeignKey("fund_account.id"), index=True)
    dst_id: Mapped[int] = mapped_column(ForeignKey("fund_account.id"), index=True)
    fen: Mapped[int] = fen_column()
    payment_no: Mapped[str | None] = mapped_column(String(40), index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    document_no: Mapped[str] = mapped_column(String(80), default="")
    reverses_seq: Mapped[int | None] = mapped_column(ForeignKey("transfer.seq"), unique=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    memo: Mapped[str] = mapped_column(String(300), default="")
    prev_hash: Mapped[str] = mapped_column(String(64))
    source: Mapped[Account] = relationship(foreign_keys=[src_id], viewonly=True)
    target: Mapped[Account] = relationship(foreign_keys=[dst_id], viewonly=True)
    actor: Mapped[User | None] = relationship(viewonly=True)
    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("src_id <> dst_id", name="two_accounts"),
        Index(
            "uq_transfer_hold",
            "payment_no",
            "attempt",
            unique=True,
            sqlite_where=(kind == TransferKind.HOLD),
            postgresql_where=(kind == TransferKind.HOLD),
        ),
    )


class Indicator(Sealed, Base):
    """A row of the self-evaluation. Numbers are decimal text; `source` names the query that computes the actual."""

    __tablename__ = "indicator"
    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(index=True)
    position: Mapped[int]
    programme: Mapped[str] = mapped_column(String(120))
    level1: Mapped[str] = mapped_column(String(40))
    level2: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    target_text: Mapped[str] = mapped_column(Text)
    actual_text: Mapped[str] = mapped_column(Text)
    target_value: Mapped[str | None] = mapped_column(String(40))
    actual_value: Mapped[str | None] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(20), default="")
    direction: Mapped[Direction] = mapped_column(enum_type(Direction))
    source: Mapped[str | None] = mapped_column(String(60))
    weight: Mapped[str | None] = mapped_column(String(20))
    __table_args__ = (UniqueConstraint("fiscal_year", "position"),)

    @property
    def label(self) -> str:
        return self.name


class ReconciliationFinding(Sealed, Base):
    """A contradiction found by rule, kept with what somebody said of it; as-reported values are never overwritten.

    `places` holds one place of the source per line; `found_at` is the last run that met the contradiction.
    """

    __tablename__ = "reconciliation_finding"
    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int]
    key: Mapped[str] = mapped_column(String(120))
    severity: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(40))
    ref_code: Mapped[str] = mapped_column(String(40))
    statement: Mapped[str] = mapped_column(Text)
    expected: Mapped[str | None] = mapped_column(String(80))
    found: Mapped[str | None] = mapped_column(String(80))
    difference: Mapped[str | None] = mapped_column(String(80))
    explanation: Mapped[str] = mapped_column(Text, default="")
    places: Mapped[str] = mapped_column(Text, default="")
    found_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[FindingState] = mapped_column(enum_type(FindingState), default=FindingState.OPEN)
    note: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    author: Mapped[User | None] = relationship(viewonly=True)
    __table_args__ = (UniqueConstraint("fiscal_year", "key"),)


class ReportText(Sealed, Base):
    """The text of a year's report as it was handed in; the newest is the one that is reconciled, none is changed."""

    __tablename__ = "report_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(index=True)
    source_name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    filed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    author: Mapped[User] = relationship(viewonly=True)

    @property
    def label(self) -> str:
        return self.source_name


class IndicatorReport(Sealed, Base):
    """One handing-in of an indicator's result; the newest stands, none is changed. Numbers are decimal text.

    `assessed_percent` is the share of its points an assessor gives a qualitative row, because the points differ
    from form to form. `sheet_id` is the workbook it came in with, where it was not typed on the page.
    """

    __tablename__ = "indicator_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    actual_text: Mapped[str] = mapped_column(Text)
    actual_value: Mapped[str | None] = mapped_column(String(40))
    numerator: Mapped[str | None] = mapped_column(String(40))
    denominator: Mapped[str | None] = mapped_column(String(40))
    band: Mapped[str] = mapped_column(String(20), default="")
    assessed_percent: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    author: Mapped[User] = relationship(viewonly=True)
    sheet: Mapped[StoredFile | None] = relationship(viewonly=True)


class IndicatorEvidence(Sealed, Base):
    """A file that proves a result (佐证材料); added, never taken away."""

    __tablename__ = "indicator_evidence"
    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    attached_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    attached_at: Mapped[datetime] = mapped_column(UTCDateTime)
    indicator: Mapped[Indicator] = relationship(viewonly=True)
    file: Mapped[StoredFile] = relationship(viewonly=True)
    attached_by: Mapped[User] = relationship(viewonly=True)


class ProgrammeReporter(Sealed, Base):
    """Who reports the results of a programme in a year (填报人); ended, never deleted."""

    __tablename__ = "programme_reporter"
    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int]
    programme: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    named_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    named_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship(foreign_keys=[user_id], viewonly=True)
    __table_args__ = (
        Index(
            "uq_programme_reporter_open",
            "fiscal_year",
            "programme",
            "user_id",
            unique=True,
            sqlite_where=ended_at.is_(None),
            postgresql_where=ended_at.is_(None),
        ),
    )

    @property
    def label(self) -> str:
        return f"{self.fiscal_year} {self.programme}"


class AnnualGoal(Sealed, Base):
    """What the form asks of a whole year: who carries it out, what was to be reached, what was. The newest stands."""

    __tablename__ = "annual_goal"
    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(index=True)
    unit: Mapped[str] = mapped_column(String(120))
    expected: Mapped[str] = mapped_column(Text)
    actual: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    filed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    author: Mapped[User] = relationship(viewonly=True)

    @property
    def label(self) -> str:
        return f"{self.fiscal_year} 年度总体目标"
