"""This year's edition: a budget line, a plan, and the registration open on the server's own clock, ten days in."""

import random
from datetime import datetime, timedelta

from awards.enums import AwardGroup, AwardKind
from awards.operations import plans
from competition.enums import Outcome
from competition.models import Edition
from competition.operations import review
from competition.queries import findings_of
from core.clock import beijing_day
from core.money import FEN_PER_WAN
from demo import edition_2018 as data
from demo.names import enterprises
from demo.play import opening, registration
from demo.play.stage import SEED, Play
from fund import operations as ledger
from fund.enums import LineKind

ARRIVALS, CONFIRMED, SENT_BACK, REVIEWED = 36, 14, 16, 20
# Credit codes of this year's enterprises begin where no earlier edition's are.
SERIAL = 5001
DAY = timedelta(days=1)


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
    _first_days(stage, edition, now)


def _first_days(stage: Play, edition: Edition, now: datetime) -> None:
    """A few dozen have come; the earlier ones are through, one is sent back, the later ones wait for their bureau."""
    opened = edition.opens_at
    entrants = enterprises(
        random.Random(SEED + edition.year), ARRIVALS, year=edition.year, first_serial=SERIAL
    )
    early = [entrant for entrant in entrants if entrant.registered_on < beijing_day(opened)]
    for number, entrant in enumerate(early):
        moment = opened + timedelta(hours=6 * number + 1)
        user = registration.register(stage, f"qy{edition.year}{number:02d}", entrant, moment)
        entry = registration.submit(stage, edition, entrant, user, moment + timedelta(minutes=40))
        bureau = stage.bureau(entry.prefecture_code)
        if any(finding.outcome == Outcome.FAIL for finding in findings_of(entry)) or number > REVIEWED:
            continue
        if number == SENT_BACK:
            reason = "项目简介未写明创新点，请补充。"
            flagged = ["abstract"]
            review.return_entry(entry, reason=reason, flagged_fields=flagged, actor=bureau, now=moment + DAY)
            continue
        review.pass_regional(entry, actor=bureau, now=moment + DAY)
        if number < CONFIRMED:
            review.confirm_entry(entry, actor=stage.office, now=moment + 2 * DAY)
    stage.step()
