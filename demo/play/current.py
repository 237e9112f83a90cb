"""This year's edition: a budget line, a plan, and the registration open on the server's own clock."""

from datetime import datetime

from awards.enums import AwardGroup, AwardKind
from awards.operations import plans
from core.clock import beijing_day
from core.money import FEN_PER_WAN
from demo import edition_2018 as data
from demo.play import opening
from demo.play.stage import Play
from fund import operations as ledger
from fund.enums import LineKind


def play(stage: Play, now: datetime) -> None:
    year = beijing_day(now).year
    finance, code = stage.people["finance"], f"F{year % 100}-C"
    line = ledger.create_line(
        code=code,
        fiscal_year=year,
        name="创新创业大赛奖励计划（演示数据）",
        kind=LineKind.PROGRAMME,
        actor=finance,
        now=now,
    )
    ledger.issue(
        line,
        fen=2000 * FEN_PER_WAN,
        document_no=f"演示财建〔{year}〕1号",
        idem=f"{year}:issue",
        actor=finance,
        now=now,
    )
    edition = opening.current(stage, now, code)
    plan = plans.create_plan(
        edition,
        line=line,
        name=f"{year} 年奖项设置（演示数据）",
        note="演示数据",
        actor=stage.office,
        now=now,
    )
    for group, kind, tier, name, places, amount in data.TIERS:
        plans.add_tier(
            plan,
            group=AwardGroup(group),
            kind=AwardKind(kind),
            code=tier,
            name=name,
            places=places,
            amount_fen=amount * FEN_PER_WAN,
            first_bp=7000 if tier == "first" else 10_000,
            actor=stage.office,
            now=now,
        )
    plans.publish_plan(plan, actor=stage.office, now=now)
    stage.step()
