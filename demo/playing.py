"""The play from beginning to end, in the order in which 2018 happened."""

from datetime import datetime

from sqlalchemy import func, select

from core import cli
from core.db import db
from core.enums import InstallationKind
from core.errors import Conflict
from core.models import User
from demo import cast, edition_2018
from demo.names import enterprises
from demo.play import current, fund, lists, money, opening, prizes, registration, rounds, trainings
from demo.play.stage import Play


def play(now: datetime, say=print) -> None:
    """Into an empty database only. `now` is the real clock: the current edition is open on it."""
    if db.session.scalar(select(func.count(User.id))):
        raise Conflict("数据库里已有内容，不能再演入演示届次。", code="not_empty")
    cli.install(InstallationKind.DEMO)
    stage = Play(people=cast.assemble(edition_2018.at(1, 8)))
    stage.step()
    say("专项资金与往届")
    lines = fund.play(stage)
    earlier = opening.earlier(stage)
    money.carry(stage, lines["F18-C-2"], earlier)
    say("第五届：参数、奖项设置")
    opening.play(stage)
    plan = prizes.plan(stage, lines["F18-C-1"])
    stage.criteria = rounds.load_criteria(stage)
    say("报名与审核")
    registration.play(stage, enterprises(stage.rng, edition_2018.REGISTERED))
    trainings.play(stage)
    say("地区赛与尽职调查")
    rounds.hire_judges(stage)
    rounds.regional(stage)
    lists.advancement(stage)
    rounds.visit(stage)
    say("行业赛、对接会、推荐全国赛")
    rounds.industry(stage)
    rounds.matchmaking(stage)
    draft = rounds.recommend(stage)
    lists.recommendation(stage)
    rounds.send(stage, draft)
    say("总决赛、奖励、公示、拨款")
    rounds.finals(stage)
    prizes.play(stage, plan)
    money.play(stage)
    fund.report(stage)
    opening.close(stage)
    say("当前届次")
    current.play(stage, now)
