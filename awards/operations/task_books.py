"""Task books (任务书): drafted from the award, issued with a code, the signed paper matched by it, signatures recorded."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from awards import targets as measures
from awards.enums import AwardKind, AwardState, TaskBookState
from awards.models import Award, TaskBook
from awards.rules import may_run_awards
from awards.states import TASK_BOOK
from core import audit, seals
from core.clock import beijing_day
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import StoredFile
from core.numbering import next_number
from core.rules import Actor
from judging.receipts import ALPHABET, MISREAD

LETTERS = 8


def draft_task_book(
    award: Award,
    *,
    goal: str,
    targets: list[dict],
    starts_on: date,
    ends_on: date,
    actor: Actor,
    now: datetime,
) -> TaskBook:
    """`targets`: typed rows, read by `awards.targets.planned`. One live task book per award."""
    may_run_awards(actor).or_raise()
    if award.kind != AwardKind.PRIZE or award.state != AwardState.CONFIRMED:
        raise Conflict("只有已审定的获奖奖励可以拟任务书。", code="award_not_confirmed")
    if any(book.state != TaskBookState.VOID for book in award.task_books):
        raise Conflict("该奖励已有任务书。", code="task_book_exists")
    _check_period(starts_on, ends_on)
    code = award.edition.code
    book = TaskBook(
        number=next_number(f"task-book:{code}", f"{code.upper()}-R", 3),
        award=award,
        goal=goal,
        targets=measures.planned(targets),
        starts_on=starts_on,
        ends_on=ends_on,
        drafted_by_id=actor.id,
        drafted_at=now,
    )
    db.session.add(book)
    flush()
    after = {"number": book.number, "award": award.number, "targets": len(book.targets)}
    audit.record("task_book.draft", book, actor=actor, now=now, after=after)
    return book


def change_task_book(
    book: TaskBook,
    *,
    goal: str,
    targets: list[dict],
    starts_on: date,
    ends_on: date,
    actor: Actor,
    now: datetime,
) -> TaskBook:
    may_run_awards(actor).or_raise()
    if book.state != TaskBookState.DRAFT:
        raise Conflict("任务书已签发，不能修改；请作废后另拟。", code="task_book_issued")
    _check_period(starts_on, ends_on)
    before = {"targets": book.targets, "ends_on": book.ends_on}
    book.goal, book.targets = goal, measures.planned(targets)
    book.starts_on, book.ends_on = starts_on, ends_on
    flush()
    after = {"targets": book.targets, "ends_on": ends_on}
    audit.record("task_book.change", book, actor=actor, now=now, before=before, after=after)
    return book


def _check_period(starts_on: date, ends_on: date) -> None:
    if ends_on <= starts_on:
        raise InvalidInput("完成日期应晚于起始日期。", code="task_period", field="ends_on")


def digest_of(book: TaskBook) -> str:
    """SHA-256 over everything the paper says."""
    award = book.award
    content = {
        "number": book.number,
        "award": award.number,
        "unit": award.payee.credit_code,
        "goal": book.goal,
        "targets": book.targets,
        "parts": book.parts,
        "starts_on": book.starts_on,
        "ends_on": book.ends_on,
    }
    return hashlib.sha256(seals.canonical(content)).hexdigest()


def code_of(book: TaskBook) -> str:
    """`7KQ2-M0XA`: forty bits of a keyed digest, so that a paper with other words cannot carry a code of ours."""
    number = int(seals.mac(f"task-book|{book.content_hash}".encode())[:10], 16)
    letters = "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(LETTERS)))
    return f"{letters[:4]}-{letters[4:]}"


def issue_task_book(book: TaskBook, *, actor: Actor, now: datetime) -> TaskBook:
    """Freezes the words and the instalments, and gives the paper its code."""
    parts = [
        {"seq": p.seq, "fen": p.fen, "condition": p.condition, "months": p.months}
        for p in book.award.instalments
    ]
    if book.state == TaskBookState.DRAFT:
        book.parts = parts
        book.content_hash = digest_of(book)
    TASK_BOOK.fire(book, "issue", actor=actor, now=now, set={"code": code_of(book), "issued_at": now})
    return book


def book_of(text: str) -> TaskBook | None:
    """The issued task book whose code stands in a file's name or in what somebody typed, dash or none."""
    plain = text.upper().translate(MISREAD)
    found = set()
    for start in range(len(plain)):
        letters = plain[start : start + LETTERS + 1].replace("-", "")[:LETTERS]
        if len(letters) == LETTERS and not set(letters) - set(ALPHABET):
            found.add(f"{letters[:4]}-{letters[4:]}")
    return db.session.scalar(
        select(TaskBook).where(TaskBook.code.in_(found), TaskBook.state == TaskBookState.ISSUED)
    )


def match_scans(
    scans: Sequence[tuple[str, StoredFile]], *, actor: Actor, now: datetime
) -> tuple[list[TaskBook], list[str]]:
    """Each scan goes to the issued task book whose code its name carries; the names that carry none come back."""
    may_run_awards(actor).or_raise()
    matched, unknown = [], []
    for name, file in scans:
        book = book_of(name)
        if book is None:
            unknown.append(name)
            continue
        before = {"scan": book.scan.sha256 if book.scan else ""}
        book.scan, book.scanned_at = file, now
        flush()
        after = {"code": book.code, "scan": file.sha256}
        audit.record("task_book.scan", book, actor=actor, now=now, before=before, after=after)
        matched.append(book)
    return matched, unknown


def sign_task_book(
    book: TaskBook,
    *,
    unit_signatory: str,
    unit_signed_on: date,
    office_signatory: str,
    office_signed_on: date,
    actor: Actor,
    now: datetime,
) -> TaskBook:
    """Both signatures as they stand on the scanned paper; from here the first payment may wait no longer."""
    if book.state == TaskBookState.ISSUED:
        if book.scan_id is None:
            raise InvalidInput("请先上传签署后的扫描件。", code="scan_needed")
        for field, day in (("unit_signed_on", unit_signed_on), ("office_signed_on", office_signed_on)):
            if not beijing_day(book.issued_at) <= day <= beijing_day(now):
                raise InvalidInput("签署日期应在签发之后、今天之前。", code="signed_on", field=field)
    facts = {
        "unit_signatory": unit_signatory,
        "unit_signed_on": unit_signed_on,
        "office_signatory": office_signatory,
        "office_signed_on": office_signed_on,
    }
    TASK_BOOK.fire(book, "sign", actor=actor, now=now, set=facts)
    return book


def void_task_book(book: TaskBook, *, reason: str, actor: Actor, now: datetime) -> TaskBook:
    TASK_BOOK.fire(book, "void", actor=actor, now=now, reason=reason)
    return book
