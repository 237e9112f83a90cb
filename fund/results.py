"""Reads of indicators with their results: who sees which row, what was reported when, with which evidence."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.models import StoredFile, User
from fund import indicators, queries
from fund.models import AnnualGoal, Indicator, IndicatorEvidence, IndicatorReport, ProgrammeReporter


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator with the value the system computes now, beside what was last reported and its evidence."""

    indicator: Indicator
    computed: Decimal | None
    report: IndicatorReport | None = None
    evidence: int = 0

    @property
    def told_text(self) -> str:
        """As last reported; before any report, as the table was imported. A computed row is not reported."""
        told = self.report if self.report and self.computed is None else self.indicator
        return told.actual_text

    @property
    def told_value(self) -> str | None:
        told = self.report if self.report and self.computed is None else self.indicator
        return told.actual_value

    @property
    def told_number(self) -> Decimal | None:
        return Decimal(self.told_value) if self.told_value else None

    @property
    def value(self) -> str:
        """What stands as the actual: the computed figure where there is one, else the reported text."""
        if self.computed is None:
            return self.told_text
        return f"{self.computed:f}{self.indicator.unit}"


def _with_report() -> Select:
    """Indicators with their newest report and the number of their evidence files, in one statement."""
    newest = (
        select(func.max(IndicatorReport.id))
        .where(IndicatorReport.indicator_id == Indicator.id)
        .correlate(Indicator)
        .scalar_subquery()
    )
    files = (
        select(func.count())
        .select_from(IndicatorEvidence)
        .where(IndicatorEvidence.indicator_id == Indicator.id)
        .correlate(Indicator)
        .scalar_subquery()
    )
    return select(Indicator, IndicatorReport, files).outerjoin(IndicatorReport, IndicatorReport.id == newest)


def indicator_rows(fiscal_year: int, reader: User | None = None) -> list[IndicatorRow]:
    """The year's table in order; for a programme's reporter, the rows of the programmes entrusted to him."""
    stmt = _with_report().where(Indicator.fiscal_year == fiscal_year).order_by(Indicator.position)
    if reader is not None and not queries.may_read(reader):
        stmt = stmt.where(Indicator.programme.in_(_entrusted(reader, fiscal_year)))
    return [_indicator_row(*found) for found in db.session.execute(stmt)]


def _indicator_row(indicator: Indicator, report: IndicatorReport | None, evidence: int) -> IndicatorRow:
    value = indicators.computed(indicator.source, indicator.fiscal_year) if indicator.source else None
    return IndicatorRow(indicator, value, report, evidence)


def _entrusted(user: User, fiscal_year: int) -> Select:
    return select(ProgrammeReporter.programme).where(
        ProgrammeReporter.user_id == user.id,
        ProgrammeReporter.fiscal_year == fiscal_year,
        ProgrammeReporter.ended_at.is_(None),
    )


def indicator_visible(indicator_id: int, reader: User) -> IndicatorRow:
    found = db.session.execute(_with_report().where(Indicator.id == indicator_id)).one_or_none()
    if found is None or not reads_results(reader, found[0].fiscal_year, found[0].programme):
        raise NotVisible()
    return _indicator_row(*found)


def reads_results(user: User, fiscal_year: int, programme: str) -> bool:
    return queries.may_read(user) or reports_for(user, fiscal_year, programme)


def reports_for(user: User, fiscal_year: int, programme: str) -> bool:
    """Finance and the office report for every programme, a programme's office for those entrusted to it."""
    if user.role in (Role.FINANCE, Role.OFFICE):
        return True
    entrusted = _entrusted(user, fiscal_year).where(ProgrammeReporter.programme == programme)
    return db.session.scalar(select(entrusted.exists()))


def programmes(fiscal_year: int) -> list[str]:
    """Names of the year's programmes as the indicator table has them, in its order."""
    stmt = select(Indicator.programme).where(Indicator.fiscal_year == fiscal_year)
    return list(db.session.scalars(stmt.group_by(Indicator.programme).order_by(func.min(Indicator.position))))


def reporters(fiscal_year: int) -> list[ProgrammeReporter]:
    stmt = select(ProgrammeReporter).where(
        ProgrammeReporter.fiscal_year == fiscal_year, ProgrammeReporter.ended_at.is_(None)
    )
    return list(
        db.session.scalars(stmt.options(joinedload(ProgrammeReporter.user)).order_by(ProgrammeReporter.id))
    )


def reporter_visible(reporter_id: int) -> ProgrammeReporter:
    found = db.session.get(ProgrammeReporter, reporter_id)
    if found is None:
        raise NotVisible()
    return found


def possible_reporters() -> list[User]:
    stmt = select(User).where(User.role == Role.PROGRAMME, User.disabled_at.is_(None))
    return list(db.session.scalars(stmt.order_by(User.username)))


def entrusted_years(user: User) -> list[tuple[int, str]]:
    """(year, programme) of what this person reports, newest year first."""
    stmt = select(ProgrammeReporter.fiscal_year, ProgrammeReporter.programme).where(
        ProgrammeReporter.user_id == user.id, ProgrammeReporter.ended_at.is_(None)
    )
    newest = stmt.order_by(ProgrammeReporter.fiscal_year.desc(), ProgrammeReporter.id)
    return [(year, programme) for year, programme in db.session.execute(newest)]


def goals_of(fiscal_year: int) -> list[AnnualGoal]:
    """Newest first."""
    stmt = select(AnnualGoal).where(AnnualGoal.fiscal_year == fiscal_year)
    return list(
        db.session.scalars(stmt.options(joinedload(AnnualGoal.author)).order_by(AnnualGoal.id.desc()))
    )


def newest_goal(fiscal_year: int) -> AnnualGoal | None:
    stmt = select(AnnualGoal).where(AnnualGoal.fiscal_year == fiscal_year)
    return db.session.scalar(stmt.order_by(AnnualGoal.id.desc()).limit(1))


def reports_of(indicator: Indicator) -> list[IndicatorReport]:
    """Every handing-in of a row, newest first."""
    stmt = select(IndicatorReport).where(IndicatorReport.indicator_id == indicator.id)
    stmt = stmt.options(joinedload(IndicatorReport.author), joinedload(IndicatorReport.sheet))
    return list(db.session.scalars(stmt.order_by(IndicatorReport.id.desc())))


def evidence_of(indicator: Indicator) -> list[IndicatorEvidence]:
    stmt = select(IndicatorEvidence).where(IndicatorEvidence.indicator_id == indicator.id)
    stmt = stmt.options(joinedload(IndicatorEvidence.file), joinedload(IndicatorEvidence.attached_by))
    return list(db.session.scalars(stmt.order_by(IndicatorEvidence.id)))


def evidence_visible(evidence_id: int, reader: User) -> IndicatorEvidence:
    found = db.session.get(IndicatorEvidence, evidence_id)
    if found is None or not reads_results(reader, found.indicator.fiscal_year, found.indicator.programme):
        raise NotVisible()
    return found


def sheet_visible(report_id: int, reader: User) -> StoredFile:
    """The workbook behind a report, for readers of the fund and for who handed it in: it may hold others' rows."""
    found = db.session.get(IndicatorReport, report_id)
    if found is None or found.sheet is None:
        raise NotVisible()
    if not (queries.may_read(reader) or found.author_id == reader.id):
        raise NotVisible()
    return found.sheet
