"""A receipt made anew from what is stored, and whether it is still the one a judge holds."""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import seals
from core.db import db
from core.models import AuditEvent
from judging import receipts
from judging.diagnosis.enums import LookState
from judging.diagnosis.models import SecondLook
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


def stored_look_text(look: SecondLook) -> str:
    """The same of a second look that was given."""
    return receipts.look_text_of(
        look=look.id,
        entry=look.entry.number,
        judge=look.judge_id,
        values=look.scores,
        total=look.total_hundredths,
        comment=look.comment,
        given_at=look.closed_at,
        digest=look_digest(look),
    )


def look_digest(look: SecondLook) -> str:
    """The keyed digest over what the judge gave, which nobody outside can guess."""
    content = {
        "look": look.id,
        "values": dict(look.scores),
        "total": look.total_hundredths,
        "comment": look.comment,
    }
    return seals.mac(b"second-look|" + seals.canonical(content))


def look_code(look: SecondLook) -> str:
    """The code of a second look that was given, else nothing."""
    if look.state != LookState.GIVEN or look.total_hundredths is None or look.closed_at is None:
        return ""
    return receipts.code_of(look.id, receipts.sha256_of(stored_look_text(look)), receipts.LOOK)


def check(typed: str) -> Answer:
    """一致: what is stored gives this code. 不一致: it was given out, and the sheet or look has changed since."""
    read = receipts.read_code(typed)
    if read is None:
        return Answer.UNKNOWN
    kind, number, code = read
    if kind:
        table, current = SecondLook.__tablename__, _current_look_code(number)
    else:
        table, current = Sheet.__tablename__, _current_code(number)
    if current == code:
        return Answer.SAME
    return Answer.CHANGED if code in _given_out(table, number, kind) else Answer.UNKNOWN


def _current_code(number: int) -> str | None:
    sheet = db.session.get(Sheet, number, options=[joinedload(Sheet.run).joinedload(Run.entry)])
    if sheet is None or sheet.state != SheetState.SUBMITTED:
        return None
    if sheet.total_hundredths is None or sheet.submitted_at is None:
        return None
    return receipts.code_of(sheet.id, receipts.sha256_of(stored_text(sheet)))


def _current_look_code(number: int) -> str | None:
    look = db.session.get(SecondLook, number, options=[joinedload(SecondLook.entry)])
    return look and look_code(look)


def _given_out(table: str, number: int, kind: str) -> set[str]:
    """The codes of every receipt the trail tells of for this sheet or second look."""
    stmt = select(AuditEvent.after).where(
        AuditEvent.subject_type == table, AuditEvent.subject_id == str(number)
    )
    given = ((after or {}).get("receipt") for after in db.session.scalars(stmt))
    return {receipts.code_of(number, sha256, kind) for sha256 in given if sha256}
