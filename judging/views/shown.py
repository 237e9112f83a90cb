"""What several judging pages show in the same way: an entry's material, the matrix of a panel, the summary table."""

from dataclasses import dataclass
from typing import Any

from competition import fields
from competition.fields import Field, Kind, Step
from competition.models import Entry
from core.states import Badge
from judging import queries
from judging.enums import RunState, SheetState
from judging.models import Run, Seat, Session, Sheet
from judging.states import SHEET

# Judges see the project, the team and the figures; never how to reach anybody.
SHOWN_STEPS = (Step.PROJECT, Step.TEAM, Step.FINANCE)
BANDS = ((85, "优"), (70, "良"), (55, "一般"))


def material_of(entry: Entry) -> list[tuple[str, list[tuple[Field, Any]]]]:
    """(heading, [(field, text or rows)]) of the registration form as a judge reads it."""
    content = entry.content | {"track": entry.track.name if entry.track else ""}
    return [
        (step.label, [(field, _words(field, content.get(field.name))) for field in fields.of_step(step)])
        for step in SHOWN_STEPS
    ]


def _words(field: Field, value: Any) -> Any:
    if field.kind is Kind.ROWS:
        return [[_words(column, row.get(column.name)) for column in field.columns] for row in value or []]
    if field.kind is Kind.CHOICE and field.options:
        return dict(field.options).get(value or "", value or "")
    if field.kind in (Kind.WAN, Kind.SIGNED_WAN) and value:
        return f"{value} 万元"
    return value or ""


def bands_of(max_hundredths: int) -> list[tuple[str, int, int]]:
    """(word, lowest, highest) in hundredths of the reference bands 优 85, 良 70, 一般 55 per cent (DOMAIN 2.2)."""
    bands, top = [], max_hundredths
    for percent, word in BANDS:
        low = max_hundredths * percent // 100
        bands.append((word, low, top))
        top = low
    return [*bands, ("差", 0, top)]


@dataclass(frozen=True)
class Cell:
    """One judge's sheet for one entry as the matrix shows it; `total` only where the viewer may see it."""

    sheet: Sheet | None
    badge: Badge
    total: int | None = None


NOT_SEATED = Badge("—", "muted", "dash-circle")
NOT_DUE = Badge("缺席", "muted", "person-x")


def matrix(session: Session, *, values: bool) -> list[tuple[Run, list[Cell]]]:
    """Runs in order, with a cell per seat; totals only when `values` says the viewer may see them."""
    sheets = {(sheet.run_id, sheet.seat_id): sheet for sheet in queries.sheets_of(session)}
    return [
        (run, [_cell(run, sheets.get((run.id, seat.id)), values) for seat in session.seats])
        for run in session.runs
    ]


def _cell(run: Run, sheet: Sheet | None, values: bool) -> Cell:
    if sheet is None:
        return Cell(None, NOT_SEATED)
    if run.state == RunState.ABSENT and sheet.state != SheetState.RECUSED:
        return Cell(sheet, NOT_DUE)
    return Cell(sheet, SHEET.badge(sheet), sheet.total_hundredths if values else None)


@dataclass(frozen=True)
class SummaryLine:
    """One entry of the summary table (评分汇总表)."""

    run: Run
    cells: list[Cell]
    highest: int | None
    lowest: int | None
    rank: int | None


def summary(session: Session) -> list[SummaryLine]:
    """The table of DOMAIN 6 in running order; ranks inside the session, equal scores sharing theirs."""
    ranked = [run for run in session.runs if run.score_hundredths is not None and not run.calibration]
    scores = [run.score_hundredths for run in ranked]
    lines = []
    for run, cells in matrix(session, values=True):
        totals = [cell.total for cell in cells if cell.total is not None]
        score = run.score_hundredths
        rank = None if run not in ranked else 1 + sum(other > score for other in scores)
        lines.append(SummaryLine(run, cells, max(totals, default=None), min(totals, default=None), rank))
    return lines


def seat_title(seat: Seat) -> str:
    return f"{seat.judge.name}（组长）" if seat.is_chair else seat.judge.name
