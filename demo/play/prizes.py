"""Tiers before the contest opens; awards, notice, objections and certificates after the finals."""

from awards.enums import AwardGroup, AwardKind, NoticeKind, ObjectorKind, PayeeKind
from awards.models import Award, TierPlan
from awards.operations import awards, certificates, notices, objections, payees, plans
from core.money import FEN_PER_WAN
from core.rules import SYSTEM
from demo import edition_2018 as data
from demo.cast import BUREAUS
from demo.codes import credit_code
from demo.play.stage import Play
from fund.models import BudgetLine

HOSTS = ("新疆众创空间运营有限公司（演示）", "天山科技企业孵化器（演示）", "新疆生产力促进中心（演示）")
HONOURED = ("652300", "652800", "654000", "652900", "653100")


def plan(stage: Play, line: BudgetLine) -> TierPlan:
    now = data.at(4, 16)
    made = plans.create_plan(
        stage.edition,
        line=line,
        name="第五届奖项设置（演示数据）",
        note="各奖项名额与金额为演示数据；2018 年实际奖项标准未见公开文件。资金从 2018 年科目列支，届次与预算年度分别记录。",
        actor=stage.office,
        now=now,
    )
    for group, kind, code, name, places, amount in data.TIERS:
        plans.add_tier(
            made,
            group=AwardGroup(group),
            kind=AwardKind(kind),
            code=code,
            name=name,
            places=places,
            amount_fen=amount * FEN_PER_WAN,
            actor=stage.office,
            now=now,
        )
    plans.publish_plan(made, actor=stage.office, now=data.at(4, 20))
    stage.step()
    return made


def play(stage: Play, made: TierPlan) -> list[Award]:
    now = data.at(10, 24)
    prizes = awards.allocate_prizes(made, actor=stage.office, now=now)
    units = _units(stage, made, now)
    stage.step()
    notice = notices.draft_notice(
        stage.edition,
        kind=NoticeKind.AWARDS,
        title="第五届新疆创新创业大赛拟奖励名单公示（演示数据）",
        body="经地区赛、行业赛、总决赛评审，现将拟奖励名单予以公示。公示期内，单位或个人可实名提出书面异议并提供证据。",
        document_no="演示新科奖〔2018〕7号",
        awards=[*prizes, *units],
        actor=stage.office,
        now=now,
    )
    notices.approve_notice(notice, actor=stage.second, now=data.at(10, 25, 10))
    stage.step()
    _object(stage, notice, prizes)
    notices.close_notice(notice, actor=stage.office, now=data.at(11, 12, 10))
    notices.finalise_notice(notice, actor=stage.office, now=data.at(11, 13, 11))
    certificates.issue_certificates(stage.edition, actor=stage.office, now=data.at(11, 14))
    stage.step()
    return [*prizes, *units]


def _units(stage: Play, made: TierPlan, now) -> list[Award]:
    """Thirteen items that the seed counts but does not explain: 演示数据."""
    tiers = {tier.code: tier for tier in made.tiers if tier.group == AwardGroup.UNIT}
    granted = []
    for number, code in enumerate(HONOURED):
        bureau = payees.make_payee(
            kind=PayeeKind.BUREAU,
            name=f"{BUREAUS[code]}科技局（演示）",
            credit_code=credit_code(code, 9000 + number),
            division_code=code,
            actor=SYSTEM,
            now=now,
        )
        for tier in ("organiser", "work_fund"):
            granted.append(
                awards.grant_unit(
                    made, tier=tiers[tier], payee=bureau, note="演示数据", actor=stage.office, now=now
                )
            )
    for number, name in enumerate(HOSTS):
        host = payees.make_payee(
            kind=PayeeKind.HOST,
            name=name,
            credit_code=credit_code("650102", 9500 + number),
            actor=SYSTEM,
            now=now,
        )
        granted.append(
            awards.grant_unit(
                made, tier=tiers["event_cost"], payee=host, note="演示数据", actor=stage.office, now=now
            )
        )
    return granted


def _filed(notice, last: Award, first: Award) -> tuple:
    """Against the last of a tier by a unit, against the first of another by a person."""
    upheld = objections.file_objection(
        notice,
        entry=last.entry,
        objector_kind=ObjectorKind.UNIT,
        objector="新疆某科技有限公司（演示）",
        contact="0991-0000000",
        content="该项目核心专利的权利人并非参赛企业，附专利登记簿副本。",
        actor=SYSTEM,
        now=data.at(10, 26, 16),
    )
    dismissed = objections.file_objection(
        notice,
        entry=first.entry,
        objector_kind=ObjectorKind.PERSON,
        objector="艾某（演示）",
        contact="13900000000",
        content="认为该项目得分与现场表现不符，要求复核分数。",
        actor=SYSTEM,
        now=data.at(10, 29, 11),
    )
    return upheld, dismissed


def _object(stage: Play, notice, prizes: list[Award]) -> None:
    """One objection upheld (the award is lost and the next moves up), one dismissed."""
    last = [award for award in prizes if award.tier_name == "鼓励奖" and award.group == AwardGroup.GROWTH][-1]
    first = next(award for award in prizes if award.tier_name == "优秀奖")
    supervision = stage.people["supervision"]
    upheld, dismissed = _filed(notice, last, first)
    for objection in (upheld, dismissed):
        objections.take_objection(objection, handler=supervision, actor=supervision, now=data.at(10, 30))
    objections.decide_objection(
        dismissed,
        upheld=False,
        conclusion="经重新计算，各评委评分与汇总一致，名次不变。",
        actor=supervision,
        now=data.at(11, 1, 12),
    )
    newcomer = objections.decide_objection(
        upheld,
        upheld=True,
        conclusion="经核实专利权属与申报不符，取消奖励，依序递补。",
        actor=supervision,
        now=data.at(11, 2, 17),
    )
    stage.step()
    changed = notices.correct_notice(
        notice,
        title="关于调整第五届新疆创新创业大赛拟奖励名单的更正公示（演示数据）",
        body="因异议成立取消一家企业的拟奖励资格，由下一名递补，原公示内容不变。",
        awards=[newcomer],
        actor=stage.office,
        now=data.at(11, 5, 10),
    )
    notices.approve_notice(changed, actor=stage.second, now=data.at(11, 5, 11))
    stage.step()
    notices.close_notice(changed, actor=stage.office, now=data.at(11, 12, 10))
