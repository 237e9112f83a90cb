"""What a run keeps about its sheets, and a sheet about its values: written in the transaction that changes them."""

from collections.abc import Mapping
from datetime import datetime

from core import seals
from core.db import db, flush
from judging import queries, receipts
from judging.enums import SheetState
from judging.models import Run, Session, Sheet
from judging.official import Given, run_score


def hold_session(session: Session) -> None:
    """Lock the session's row: one person conducts at a time. Always before `hold_run`."""
    _hold(session, "state", "board_version")


def hold_run(run: Run) -> None:
    """Lock the run's row, so that two judges submitting at once are both counted."""
    _hold(run, "state", "expected_sheets", "submitted_sheets")


def _hold(row: Session | Run, *columns: str) -> None:
    """On SQLite a writer is alone from the start of its transaction (`core.db`), and reads nothing stale."""
    if db.session.get_bind().dialect.name != "sqlite":
        db.session.refresh(row, columns, with_for_update=True)


def digest_of(sheet: Sheet, values: Mapping[str, int], total: int, comment: str) -> str:
    """The keyed digest over what a judge gave: where, each value, total and comment."""
    content = {
        "run": sheet.run_id,
        "seat": sheet.seat_id,
        "values": dict(values),
        "total": total,
        "comment": comment,
    }
    return seals.mac(b"sheet-values|" + seals.canonical(content))


def proof_of(
    sheet: Sheet, values: Mapping[str, int], total: int, comment: str, submitted_at: datetime
) -> dict[str, str]:
    """What a submitted sheet keeps about its content: the keyed digest and the digest of the judge's receipt."""
    digest = digest_of(sheet, values, total, comment)
    text = receipts.text_of(
        sheet=sheet.id,
        entry=sheet.run.entry.number,
        seat=sheet.seat_id,
        values=values,
        total=total,
        comment=comment,
        submitted_at=submitted_at,
        digest=digest,
    )
    return {"digest": digest, "receipt": receipts.sha256_of(text)}


def count_in(run: Run, sheet: Sheet, total: int) -> None:
    """One more sheet is in (not flushed yet); the score is made when it is the last."""
    run.submitted_sheets += 1
    if run.submitted_sheets == run.expected_sheets:
        own = Given(sheet.seat.judge_id, SheetState.SUBMITTED, total, sheet.seat.panel.value)
        others = [given for given in _given(run) if given.judge != own.judge]
        run.score_hundredths = run_score(run.session.stage, [*others, own])


def _given(run: Run) -> list[Given]:
    return [Given(judge, state, total, panel.value) for judge, state, total, panel in queries.totals_of(run)]


def recount(run: Run) -> None:
    """All aggregates anew from the sheets, after a recusal, a stand-in or a correction."""
    sheets = _given(run)
    run.expected_sheets = sum(sheet.state != SheetState.RECUSED for sheet in sheets)
    run.submitted_sheets = sum(sheet.state == SheetState.SUBMITTED for sheet in sheets)
    complete = run.expected_sheets > 0 and run.submitted_sheets == run.expected_sheets
    run.score_hundredths = run_score(run.session.stage, sheets) if complete else None


def redraw_board(session: Session) -> None:
    """Tell the big screens that something changed."""
    session.board_version += 1
    flush()
