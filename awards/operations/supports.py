"""Other public support of enterprises, entered or imported; the plan's rule about it; ties decided with minutes."""

import re
from datetime import date, datetime

from sqlalchemy import select

from awards.enums import DoubleSupport, SupportLevel
from awards.models import EdgeDecision, OtherSupport, TierPlan
from awards.operations.awards import preview_allocation
from awards.operations.plans import need_draft
from awards.rules import may_keep_supports, may_run_awards
from awards.wording import SUPPORT_LEVELS
from competition.validators import credit_code as read_credit_code
from core import audit
from core.clock import beijing_day
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.imports import need_words, rows_of
from core.money import parse_wan
from core.rules import Actor

HEADS = ("统一社会信用代码", "单位名称", "计划名称", "级别", "年度", "金额（万元）", "来源")


def set_rules(
    plan: TierPlan, *, double_support: DoubleSupport, support_years: int, actor: Actor, now: datetime
) -> TierPlan:
    """Before the plan is published: what other support means for a prize, and how many years back it counts."""
    may_run_awards(actor).or_raise()
    need_draft(plan)
    before = {"double_support": plan.double_support, "support_years": plan.support_years}
    plan.double_support, plan.support_years = double_support, support_years
    flush()
    after = {"double_support": double_support, "support_years": support_years}
    audit.record("tier_plan.set_rules", plan, actor=actor, now=now, before=before, after=after)
    return plan


def enter_support(
    *,
    credit_code: str,
    name: str,
    programme: str,
    level: SupportLevel,
    year: int,
    fen: int,
    source: str,
    actor: Actor,
    now: datetime,
) -> OtherSupport:
    may_keep_supports(actor).or_raise()
    code = read_credit_code(credit_code)
    if _same(code, programme, level, year) is not None:
        raise Conflict("该单位同一计划、级别、年度的支持已登记。", code="support_exists")
    if not 1990 <= year <= 2200 or fen <= 0:
        raise InvalidInput("年度或金额有误。", code="support_shape", field="year")
    support = OtherSupport(
        credit_code=code,
        name=name,
        programme=programme,
        level=level,
        year=year,
        fen=fen,
        source=source,
        entered_by_id=actor.id,
        entered_at=now,
    )
    db.session.add(support)
    flush()
    after = {"credit_code": code, "programme": programme, "year": year, "fen": fen}
    audit.record("other_support.enter", support, actor=actor, now=now, after=after)
    return support


def _same(code: str, programme: str, level: SupportLevel, year: int) -> OtherSupport | None:
    stmt = select(OtherSupport).where(OtherSupport.credit_code == code, OtherSupport.programme == programme)
    return db.session.scalar(stmt.where(OtherSupport.level == level, OtherSupport.year == year))


def withdraw_support(support: OtherSupport, *, reason: str, actor: Actor, now: datetime) -> OtherSupport:
    """Entered by mistake or given back: it counts no longer and stays on record."""
    may_keep_supports(actor).or_raise()
    if support.withdrawn_at is not None:
        raise Conflict("该条支持已撤销。", code="support_withdrawn")
    if not reason.strip():
        raise InvalidInput("请填写理由。", code="reason_needed", field="reason")
    support.withdrawn_at = now
    flush()
    audit.record("other_support.withdraw", support, actor=actor, now=now, reason=reason.strip())
    return support


def import_supports(table: list[list[str]], *, actor: Actor, now: datetime) -> tuple[int, int]:
    """(entered, already there) of a list handed in, whole or not at all."""
    may_keep_supports(actor).or_raise()
    rows = rows_of(table, HEADS, HEADS, _row)
    entered = 0
    for row in rows:
        if _same(row["credit_code"], row["programme"], row["level"], row["year"]) is None:
            enter_support(**row, actor=actor, now=now)
            entered += 1
    return entered, len(rows) - entered


def _row(cells: dict[str, str]) -> dict:
    levels = {label: level for level, label in SUPPORT_LEVELS.items()}
    if cells["级别"] not in levels:
        raise InvalidInput(f"级别应为：{'、'.join(levels)}。")
    need_words(cells, {"单位名称": 120, "计划名称": 120, "来源": 200}, HEADS)
    if not re.fullmatch(r"(19|20|21)[0-9]{2}", cells["年度"], re.ASCII):
        raise InvalidInput("年度应写作 2026。")
    fen = parse_wan(cells["金额（万元）"])
    if fen <= 0:
        raise InvalidInput("金额应大于零。")
    return {
        "credit_code": read_credit_code(cells["统一社会信用代码"]),
        "name": cells["单位名称"],
        "programme": cells["计划名称"],
        "level": levels[cells["级别"]],
        "year": int(cells["年度"]),
        "fen": fen,
        "source": cells["来源"],
    }


def decide_tie(
    plan: TierPlan, *, order: list[int], minutes: str, decided_on: date, actor: Actor, now: datetime
) -> EdgeDecision:
    """`order`: the entries of one open tie, best first. It parts equal ranks only, never moves unequal ones."""
    may_run_awards(actor).or_raise()
    open_ties = [set(tie.keys) for tie in preview_allocation(plan).undecided]
    if set(order) not in open_ties or len(set(order)) != len(order):
        raise InvalidInput("请为并列的每个项目填写不同的先后次序。", code="tie_order", field="minutes")
    if decided_on > beijing_day(now):
        raise InvalidInput("评议日期不能晚于今天。", code="tie_day", field="decided_on")
    decision = EdgeDecision(
        plan_id=plan.id,
        entries=order,
        minutes=minutes,
        decided_on=decided_on,
        recorded_by_id=actor.id,
        recorded_at=now,
    )
    db.session.add(decision)
    flush()
    after = {"entries": order, "minutes": minutes}
    audit.record("tier_plan.decide_tie", plan, actor=actor, now=now, after=after)
    return decision
