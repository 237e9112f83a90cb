"""The editions: the frames of two earlier ones, the fifth with all its parameters, and the current one."""

from datetime import date, datetime, time, timedelta

from competition.enums import Aggregation, Group, StageKind
from competition.models import Edition
from competition.operations import editions
from competition.quotas import Rule, Share, describe
from core.clock import at_beijing, beijing_day
from core.rules import Actor
from demo import edition_2018 as data
from demo.play.stage import Play

QUOTAS = {
    StageKind.REGIONAL: describe(
        Rule(by=("region", "group"), places=Share(total=132, at_least=1), reserves=2)
    ),
    StageKind.INDUSTRY: describe(
        Rule(by=("track", "group"), places=Share(total=24, at_least=2, at_most=2), reserves=1)
    ),
    StageKind.FINAL: {},
}


def earlier(stage: Play) -> list[Edition]:
    """Only the frame of the editions that the carried awards were won in."""
    made = []
    for code, name, ordinal, year in data.EARLIER_EDITIONS:
        opened = at_beijing(date(year, 5, 4), time(10))
        edition = _create(stage.office, code, name, ordinal, year, opened, opened)
        _fill(edition, stage.office, opened)
        editions.publish_edition(edition, actor=stage.office, now=opened)
        editions.close_registration(edition, actor=stage.office, now=opened + timedelta(days=60))
        editions.close_edition(edition, actor=stage.office, now=opened + timedelta(days=200))
        made.append(edition)
    stage.step()
    return made


def play(stage: Play) -> None:
    now = data.at(4, 12)
    stage.edition = _create(stage.office, data.CODE, data.NAME, 5, data.YEAR, data.at(5, 4), now)
    _fill(stage.edition, stage.office, now)
    stage.stages = {row.kind.value: row for row in stage.edition.stages}
    editions.publish_edition(stage.edition, actor=stage.office, now=data.at(4, 23))
    stage.step()


def close(stage: Play) -> None:
    """Everything is paid and reported: the fifth edition ends."""
    editions.close_edition(stage.edition, actor=stage.office, now=data.at(12, 28))
    stage.step()


def current(stage: Play, now: datetime, line_code: str) -> Edition:
    """This year's edition on the server's own clock, open for registration, for a newcomer to try."""
    year = beijing_day(now).year
    opened = now - timedelta(days=10)
    edition = _create(
        stage.office,
        f"xj{year}",
        f"{year} 年新疆创新创业大赛（演示数据）",
        year - 2013,
        year,
        opened,
        opened,
        line_code,
    )
    _fill(edition, stage.office, opened)
    editions.publish_edition(edition, actor=stage.office, now=opened)
    stage.step()
    return edition


def _create(
    actor: Actor,
    code: str,
    name: str,
    ordinal: int,
    year: int,
    opens: datetime,
    now: datetime,
    line: str = "F18-C-1",
) -> Edition:
    base = date(year, 1, 1)
    first = at_beijing(date(year, 6, 10), time(18)) if year <= data.YEAR else opens + timedelta(days=60)
    return editions.create_edition(
        code=code,
        name=name,
        ordinal=ordinal,
        year=year,
        opens_at=opens,
        account_deadline=first,
        entry_deadline=first + timedelta(days=5),
        revenue_year=year - 1,
        revenue_max_fen=data.REVENUE_MAX_FEN,
        founded_from=base.replace(year=year - 10),
        startup_from=base.replace(year=year - 1),
        recommendation_quota=data.RECOMMENDATION_QUOTA,
        budget_line_code=line,
        demo=True,
        required_attachments=["licence"],
        actor=actor,
        now=now,
    )


def _fill(edition: Edition, actor: Actor, now: datetime) -> None:
    for code, name in data.TRACKS:
        editions.add_track(edition, code=code, name=name, actor=actor, now=now)
    for name, prefectures in data.REGIONS:
        editions.add_region(
            edition, name=name, host="承办单位（演示）", prefectures=prefectures, actor=actor, now=now
        )
    for group in Group:
        criteria = [
            {"code": code, "name": name, "max_hundredths": points[group.value], "hint": hint}
            for code, name, points, hint in data.CRITERIA
        ]
        editions.set_criteria(edition, group=group, criteria=criteria, actor=actor, now=now)
    for kind, size, trimmed in (
        (StageKind.REGIONAL, 5, False),
        (StageKind.INDUSTRY, 5, True),
        (StageKind.FINAL, 7, True),
    ):
        editions.add_stage(
            edition,
            kind=kind,
            name=kind.label,
            panel_size=size,
            aggregation=Aggregation.TRIMMED if trimmed else Aggregation.MEAN,
            drop_high=int(trimmed),
            drop_low=int(trimmed),
            tie_chain=data.TIE_CHAIN,
            score_step=50,
            pitch_minutes=8,
            answer_minutes=7,
            quota=QUOTAS[kind],
            backfill=True,
            has_notice=kind == StageKind.REGIONAL,
            actor=actor,
            now=now,
        )
