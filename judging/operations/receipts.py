"""A receipt made anew from what is stored, and whether it is still the one a judge holds."""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import db
from core.models import AuditEvent
from judging import receipts
from judging.enums import SheetState
from judging.models import Run, Sheet
from judging.operations.sheets import values_of
from judging.operations.tallies import digest_of


class Answer(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"same": "一致", "changed": "不一致", "unknown": "无此回执"}[self.value]


def stored_text(sheet: Sheet) -> str:
    """The receipt's text from the stored values; kept digests are not trusted."""
    values = values_of(sheet)
    return receipts.text_of(
        sheet=sheet.id,
        entry=sheet.run.entry.number,
        seat=sheet.seat_id,
        values=values,
        total=sheet.total_hundredths,
        comment=sheet.comment,
        submitted_at=sheet.submitted_at,
        digest=digest_of(sheet, values, sheet.total_hundredths, sheet.comment),
    )


def check(typed: str) -> Answer:
    """一致: the stored sheet gives this code. 不一致: it was given out, and the sheet has changed since."""
    read = receipts.read_code(typed)
    if read is None:
        return Answer.UNKNOWN
    number, code = read
    sheet = db.session.get(Sheet, number, options=[joinedload(Sheet.run).joinedload(Run.entry)])
    if sheet is not None and _current_code(sheet) == code:
        return Answer.SAME
    return Answer.CHANGED if code in _given_out(number) else Answer.UNKNOWN


def _current_code(sheet: Sheet) -> str | None:
    if sheet.state != SheetState.SUBMITTED or sheet.total_hundredths is None or sheet.submitted_at is None:
        return None
    return receipts.code_of(sheet.id, receipts.sha256_of(stored_text(sheet)))


def _given_out(number: int) -> set[str]:
    """The codes of every receipt the trail tells of for this sheet."""
    stmt = select(AuditEvent.after).where(
        AuditEvent.subject_type == Sheet.__tablename__, AuditEvent.subject_id == str(number)
    )
    given = (after.get("receipt") for after in db.session.scalars(stmt))
    return {receipts.code_of(number, sha256) for sha256 in given if sha256}
