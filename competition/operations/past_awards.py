"""The register of past awards (往届获奖): what the repeat-entry rules ask, entered one by one or from a list."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from competition import validators
from competition.eligibility import TIERS
from competition.enums import Group
from competition.models import PastAward
from competition.rules import may_keep_enterprises
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.imports import need_words, rows_of
from core.rules import Actor

LEVELS = {"national": "全国", "provincial": "自治区", "city": "地州市"}
TIER_LABELS = dict(zip(TIERS, ("一等奖", "二等奖", "三等奖", "优秀奖", "鼓励奖"), strict=True))
HEADS = ("统一社会信用代码", "企业名称", "赛事名称", "级别", "年度", "奖项", "组别", "是否通过验收", "来源")
ACCEPTED = {"是": True, "否": False, "不需要": True}
YEARS = range(1990, 2201)


def enter_past_award(
    *,
    credit_code: str,
    name: str,
    contest: str,
    level: str,
    year: int,
    tier: str,
    group: str,
    acceptance_passed: bool,
    source: str,
    actor: Actor,
    now: datetime,
) -> PastAward:
    may_keep_enterprises(actor).or_raise()
    code = validators.credit_code(credit_code)
    if level not in LEVELS or tier not in TIERS or group not in ("", *Group):
        raise InvalidInput("级别、奖项或组别无法识别。", code="past_award_shape", field="level")
    if year not in YEARS or not contest.strip():
        raise InvalidInput("请填写赛事名称和四位年度。", code="past_award_shape", field="year")
    if _same(code, contest, year, tier) is not None:
        raise Conflict("该企业同一赛事、年度、奖项已登记。", code="past_award_exists")
    award = PastAward(
        credit_code=code,
        name=name,
        contest=contest.strip(),
        level=level,
        year=year,
        tier=tier,
        group=group,
        acceptance_passed=acceptance_passed,
        source=source,
    )
    db.session.add(award)
    flush()
    after = {"credit_code": code, "contest": award.contest, "year": year, "tier": tier}
    audit.record("past_award.enter", award, actor=actor, now=now, after=after)
    return award


def _same(code: str, contest: str, year: int, tier: str) -> PastAward | None:
    return db.session.scalar(
        select(PastAward).where(
            PastAward.credit_code == code,
            PastAward.contest == contest.strip(),
            PastAward.year == year,
            PastAward.tier == tier,
            PastAward.withdrawn_at.is_(None),
        )
    )


def withdraw_past_award(award: PastAward, *, reason: str, actor: Actor, now: datetime) -> PastAward:
    """Entered by mistake: it counts no longer and stays on record."""
    may_keep_enterprises(actor).or_raise()
    if award.withdrawn_at is not None:
        raise Conflict("该条记录已撤销。", code="past_award_withdrawn")
    if not reason.strip():
        raise InvalidInput("请填写理由。", code="reason_needed", field="reason")
    award.withdrawn_at = now
    flush()
    audit.record("past_award.withdraw", award, actor=actor, now=now, reason=reason.strip())
    return award


def pass_acceptance(award: PastAward, *, reason: str, actor: Actor, now: datetime) -> PastAward:
    """An older project has passed its acceptance after all."""
    may_keep_enterprises(actor).or_raise()
    if award.acceptance_passed or award.withdrawn_at is not None:
        raise Conflict("该项目不需要登记验收。", code="past_award_accepted")
    if not reason.strip():
        raise InvalidInput("请填写验收依据。", code="reason_needed", field="reason")
    award.acceptance_passed = True
    flush()
    audit.record("past_award.accept", award, actor=actor, now=now, reason=reason.strip())
    return award


def import_past_awards(table: list[list[str]], *, actor: Actor, now: datetime) -> tuple[int, int]:
    """(entered, already there) of a list handed in, whole or not at all."""
    may_keep_enterprises(actor).or_raise()
    rows = rows_of(table, HEADS, HEADS[:6], _row)
    entered = 0
    for row in rows:
        if _same(row["credit_code"], row["contest"], row["year"], row["tier"]) is None:
            enter_past_award(**row, actor=actor, now=now)
            entered += 1
    return entered, len(rows) - entered


def _row(cells: Mapping[str, str]) -> dict:
    cells = dict.fromkeys(HEADS, "") | dict(cells)
    need_words(cells, {"企业名称": 120, "赛事名称": 120, "来源": 200}, ("企业名称", "赛事名称"))
    year = cells["年度"].removesuffix("年").removesuffix("年度")
    if not (year.isascii() and year.isdigit() and int(year) in YEARS):
        raise InvalidInput("年度应为四位数字。")
    return {
        "credit_code": validators.credit_code(cells["统一社会信用代码"]),
        "name": cells["企业名称"],
        "contest": cells["赛事名称"],
        "level": _known(cells["级别"], LEVELS, "级别"),
        "year": int(year),
        "tier": _known(cells["奖项"], TIER_LABELS, "奖项"),
        "group": _known(cells["组别"], {g.value: g.label for g in Group}, "组别") if cells["组别"] else "",
        "acceptance_passed": ACCEPTED.get(cells["是否通过验收"] or "不需要", True),
        "source": cells["来源"],
    }


def _known(text: str, labels: Mapping[str, str], head: str) -> str:
    found = next((value for value, label in labels.items() if text == label), None)
    if found is None:
        raise InvalidInput(f"{head}应为：{'、'.join(labels.values())}。")
    return found
