"""The list of units that may not be paid (不予支付名单): entered or imported, ended, asked on the day of paying."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from awards.enums import ExclusionReason
from awards.models import Exclusion, Payment
from awards.rules import may_keep_exclusions, words_of
from awards.wording import EXCLUSION_REASONS
from competition.validators import credit_code as read_credit_code
from core import audit
from core.clock import at_beijing
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.imports import need_words, read_day, rows_of
from core.rules import Actor

# Heads of the list handed in, as the export of the page writes them; the last two may be missing.
HEADS = ("统一社会信用代码", "单位名称", "原因", "来源", "列入日期", "移出日期", "备注")
NEEDED = HEADS[:5]


def refuse_excluded(payments: Sequence[Payment], now: datetime) -> None:
    """Names every payment whose payee is on the list at this moment, with the entry."""
    codes = {payment.payee.credit_code for payment in payments}
    found = [
        entry
        for entry in db.session.scalars(select(Exclusion).where(Exclusion.credit_code.in_(codes)))
        if entry.in_force(now)
    ]
    listed = {entry.credit_code: entry for entry in found}
    refused = [
        f"{payment.number} 的收款单位{words_of(listed[payment.payee.credit_code])}"
        for payment in payments
        if payment.payee.credit_code in listed
    ]
    if refused:
        raise InvalidInput("；".join(refused) + "，不能支付。", code="payee_excluded")


def enter_exclusion(
    *,
    credit_code: str,
    name: str,
    reason: ExclusionReason,
    source: str,
    first_day: date,
    last_day: date | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Exclusion:
    may_keep_exclusions(actor).or_raise()
    code = read_credit_code(credit_code)
    _need_believable(first_day, "first_day")
    _need_believable(last_day or first_day, "last_day")
    if last_day is not None and last_day < first_day:
        raise InvalidInput("移出日期不能早于列入日期。", code="exclusion_period", field="last_day")
    starts_at = _midnight(first_day)
    if _same(code, reason, starts_at) is not None:
        raise Conflict("该单位同一日期、同一原因已在名单上。", code="exclusion_exists")
    exclusion = Exclusion(
        credit_code=code,
        name=name,
        reason=reason,
        source=source,
        starts_at=starts_at,
        ends_at=_midnight(last_day + timedelta(days=1)) if last_day else None,
        note=note,
        entered_by_id=actor.id,
        entered_at=now,
    )
    db.session.add(exclusion)
    flush()
    after = {"credit_code": code, "reason": reason, "from": str(first_day), "until": str(last_day or "")}
    audit.record("exclusion.enter", exclusion, actor=actor, now=now, after=after)
    return exclusion


def _need_believable(day: date, field: str) -> None:
    if not 1990 <= day.year <= 2200:
        raise InvalidInput("日期的年份应在 1990 到 2200 之间。", code="exclusion_day", field=field)


def _midnight(day: date) -> datetime:
    return at_beijing(day, time(0))


def _same(code: str, reason: ExclusionReason, starts_at: datetime) -> Exclusion | None:
    stmt = select(Exclusion).where(Exclusion.credit_code == code, Exclusion.reason == reason)
    return db.session.scalar(stmt.where(Exclusion.starts_at == starts_at))


def end_exclusion(
    exclusion: Exclusion, *, last_day: date, reason: str, actor: Actor, now: datetime
) -> Exclusion:
    """Off the list after this day. Never later than it already ends: what was paid since would look unlawful."""
    may_keep_exclusions(actor).or_raise()
    _need_believable(last_day, "last_day")
    ends_at = _midnight(last_day + timedelta(days=1))
    if last_day < exclusion.first_day:
        raise InvalidInput("移出日期不能早于列入日期；录入有误的请作废。", field="last_day")
    if exclusion.ends_at is not None and ends_at > exclusion.ends_at:
        raise InvalidInput("只能提前移出；再次列入的请另行登记。", field="last_day")
    return _end(exclusion, "end", ends_at, reason, actor, now)


def withdraw_exclusion(exclusion: Exclusion, *, reason: str, actor: Actor, now: datetime) -> Exclusion:
    """Entered by mistake: it never held, and stays on record."""
    may_keep_exclusions(actor).or_raise()
    return _end(exclusion, "withdraw", exclusion.starts_at, reason, actor, now)


def _end(exclusion: Exclusion, act: str, ends_at: datetime, reason: str, actor: Actor, now: datetime):
    if not reason.strip():
        raise InvalidInput("请填写理由。", code="reason_needed", field="reason")
    before = {"until": str(exclusion.last_day or "")}
    exclusion.ends_at = ends_at
    flush()
    after = {"until": str(exclusion.last_day)}
    audit.record(
        f"exclusion.{act}", exclusion, actor=actor, now=now, before=before, after=after, reason=reason.strip()
    )
    return exclusion


def import_exclusions(table: list[list[str]], *, actor: Actor, now: datetime) -> tuple[int, int]:
    """(entered, already there) of a list handed in; whole or not at all, each faulty line named."""
    may_keep_exclusions(actor).or_raise()
    rows = rows_of(table, HEADS, NEEDED, _row)
    entered = 0
    for row in rows:
        if _same(row["credit_code"], row["reason"], _midnight(row["first_day"])) is None:
            enter_exclusion(**row, actor=actor, now=now)
            entered += 1
    return entered, len(rows) - entered


def _row(cells: dict[str, str]) -> dict:
    reasons = {label: reason for reason, label in EXCLUSION_REASONS.items()}
    if cells["原因"] not in reasons:
        raise InvalidInput(f"原因应为：{'、'.join(reasons)}。")
    need_words(cells, {"单位名称": 120, "来源": 200, "备注": 2000}, NEEDED)
    first_day, last_day = read_day(cells["列入日期"]), cells.get("移出日期", "")
    if last_day and read_day(last_day) < first_day:
        raise InvalidInput("移出日期不能早于列入日期。")
    return {
        "credit_code": read_credit_code(cells["统一社会信用代码"]),
        "name": cells["单位名称"],
        "reason": reasons[cells["原因"]],
        "source": cells["来源"],
        "first_day": first_day,
        "last_day": read_day(last_day) if last_day else None,
        "note": cells.get("备注", ""),
    }
