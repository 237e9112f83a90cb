"""The write layer of results: offices report what was achieved, with evidence; nothing reported is overwritten.

A result is one more row; the newest stands. A sheet is taken whole or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from core import accounts, audit
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput
from core.models import StoredFile, User
from core.rules import Actor
from fund import results
from fund.evaluations import target_record
from fund.models import AnnualGoal, IndicatorEvidence, IndicatorReport, ProgrammeReporter
from fund.operations import import_indicators
from fund.result_checks import Fault, Result, checked
from fund.result_sheet import SheetRow
from fund.results import IndicatorRow
from fund.states import may_file_goal, may_name_reporters, may_report
from fund.target_sheet import BadTable


@dataclass(frozen=True)
class SheetFault:
    """One refused cell of a sheet: its line, the indicator's name and what is wrong."""

    line: int
    name: str
    fault: Fault


class BadSheet(InvalidInput):
    """The sheet as a whole is refused; every refused cell is listed."""

    code = "bad_rows"

    def __init__(self, faults: Sequence[SheetFault]):
        super().__init__(f"填报表有 {len(faults)} 处需要修改，没有写入任何一行。")
        self.faults = faults


def set_targets(fiscal_year: int, rows: Sequence[dict], *, actor: Actor, now: datetime) -> int:
    """导入指标: rows of fund.target_sheet are added to the year, all or none. Gives their number."""
    known = {(row.indicator.programme, row.indicator.name) for row in results.indicator_rows(fiscal_year)}
    doubled = []
    for row in rows:
        name = row["programme"], row["name"]
        if name in known:
            doubled.append(f"“{row['programme']}”的“{row['name']}”已有，或在表中重复。")
        known.add(name)
    if doubled:
        raise BadTable(doubled)
    return len(import_indicators(list(rows), fiscal_year=fiscal_year, sources={}, actor=actor, now=now))


def file_goal(
    fiscal_year: int, *, unit: str, expected: str, actual: str, actor: Actor, now: datetime
) -> AnnualGoal:
    """登记总体目标: one more row; an unchanged goal is kept once."""
    may_file_goal(actor).or_raise()
    told = {"unit": unit.strip(), "expected": expected.strip(), "actual": actual.strip()}
    newest = results.newest_goal(fiscal_year)
    if newest is not None and told == {name: getattr(newest, name) for name in told}:
        return newest
    row = AnnualGoal(fiscal_year=fiscal_year, author_id=actor.id, filed_at=now, **told)
    db.session.add(row)
    flush()
    audit.record("annual_goal.file", row, actor=actor, now=now, after=told)
    return row


def report_result(
    row: IndicatorRow, typed: Mapping[str, str], *, seen: int, actor: Actor, now: datetime
) -> list[Fault]:
    """填报: check and keep one result. `seen` is the report the page was made from, 0 for none.

    Gives the faults when it is refused; an unchanged result is kept once.
    """
    _need_scope(row, actor)
    result, faults = checked(target_record(row), typed, computed=row.computed is not None)
    if faults:
        return faults
    if _newest_id(row) != seen:
        raise Conflict("本项刚有新的填报，请看过最新结果后再保存。", code="newer_report")
    _keep(row, result, None, actor, now)
    return []


def report_sheet(
    fiscal_year: int, rows: Sequence[SheetRow], sheet: StoredFile, *, actor: Actor, now: datetime
) -> int:
    """导入填报表: all rows or none. Gives how many results changed; the sheet itself is kept behind each of them."""
    found = {row.indicator.position: row for row in results.indicator_rows(fiscal_year, actor)}
    kept: list[tuple[IndicatorRow, Result]] = []
    faults: list[SheetFault] = []
    for told in rows:
        row = found.pop(told.position, None)
        if row is None or row.indicator.name != told.name:
            sentence = "序号与三级指标不符、重复出现，或不由您填报；行序请勿改动。"
            faults.append(SheetFault(told.line, told.name[:60], Fault("position", "unknown_row", sentence)))
        elif any(told.typed.values()):
            result, wrong = checked(target_record(row), told.typed, computed=row.computed is not None)
            if not _stands(row, result):
                wrong = _outdated(row, told) or wrong
                faults += [SheetFault(told.line, row.indicator.name, each) for each in wrong]
                kept.append((row, result))
    if faults:
        raise BadSheet(faults)
    for row, result in kept:
        _need_scope(row, actor)
        _keep(row, result, sheet, actor, now)
    return len(kept)


def _outdated(row: IndicatorRow, told: SheetRow) -> list[Fault]:
    if told.version == (row.report.id if row.report else 0):
        return []
    return [Fault("version", "newer_report", "下载之后本项又有新的填报，请重新下载。")]


def _stands(row: IndicatorRow, result: Result) -> bool:
    """The line says what already stands, so that a sheet sent twice changes nothing."""
    if row.report is None:
        return result == Result(actual_text=row.told_text, actual_value=row.told_number)
    told = _columns(result)
    return told == {name: getattr(row.report, name) for name in told}


def _keep(row: IndicatorRow, result: Result, sheet: StoredFile | None, actor: Actor, now: datetime) -> None:
    report = IndicatorReport(
        indicator_id=row.indicator.id,
        sheet_id=sheet.id if sheet else None,
        author_id=actor.id,
        reported_at=now,
        **_columns(result),
    )
    db.session.add(report)
    flush()
    after = _columns(result) | {"report": report.id}
    audit.record("indicator.report", row.indicator, actor=actor, now=now, after=after)


def _columns(result: Result) -> dict[str, str | None]:
    return {
        name: value if value is None or isinstance(value, str) else f"{value:f}"
        for name, value in asdict(result).items()
    }


def _newest_id(row: IndicatorRow) -> int:
    """Under the database's write lock, so that of two who saw the same report one comes second."""
    stmt = select(IndicatorReport.id).where(IndicatorReport.indicator_id == row.indicator.id)
    db.session.refresh(row.indicator, with_for_update=True)
    return db.session.scalar(stmt.order_by(IndicatorReport.id.desc()).limit(1)) or 0


def attach_evidence(
    row: IndicatorRow, materials: Sequence[StoredFile], *, actor: Actor, now: datetime
) -> None:
    """上传佐证: each file is one more row."""
    _need_scope(row, actor)
    if not materials:
        raise InvalidInput("请选择佐证文件。", code="no_file", field="files")
    for file in materials:
        evidence = IndicatorEvidence(
            indicator_id=row.indicator.id, file_id=file.id, attached_by_id=actor.id, attached_at=now
        )
        db.session.add(evidence)
        flush()
        after = {"name": file.name, "sha256": file.sha256}
        audit.record("indicator.attach", row.indicator, actor=actor, now=now, after=after)


def _need_scope(row: IndicatorRow, actor: Actor) -> None:
    may_report(actor).or_raise()
    if not results.reports_for(actor, row.indicator.fiscal_year, row.indicator.programme):
        raise InvalidInput("您不是该计划的填报人。", code="not_the_reporter")


def name_reporter(
    fiscal_year: int, programme: str, user: User | None, *, actor: Actor, now: datetime
) -> ProgrammeReporter:
    """指定填报人: an account of the programme's office sees and reports this programme's indicators of this year."""
    may_name_reporters(actor).or_raise()
    if user is None or user.role != Role.PROGRAMME or not user.is_active:
        raise InvalidInput("请选择计划主管处室的账号。", code="bad_reporter", field="user")
    if programme not in results.programmes(fiscal_year):
        raise InvalidInput("本年度没有这个计划。", code="bad_programme", field="programme")
    if results.reports_for(user, fiscal_year, programme):
        raise InvalidInput("该账号已是填报人。", code="known_reporter", field="user")
    row = ProgrammeReporter(
        fiscal_year=fiscal_year, programme=programme, user_id=user.id, named_by_id=actor.id, named_at=now
    )
    db.session.add(row)
    flush()
    after = {"user": user.username, "programme": programme}
    audit.record("programme_reporter.name", row, actor=actor, now=now, after=after)
    title = f"请填报{fiscal_year}年度“{programme}”的绩效指标完成情况"
    accounts.tell(user.id, title, now=now, link=f"/fund/{fiscal_year}/results")
    return row


def end_reporter(reporter: ProgrammeReporter, *, actor: Actor, now: datetime) -> None:
    may_name_reporters(actor).or_raise()
    if reporter.ended_at is not None:
        raise Conflict("该填报人已经停用。", code="ended")
    reporter.ended_at = now
    flush()
    audit.record("programme_reporter.end", reporter, actor=actor, now=now)
