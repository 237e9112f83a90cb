"""What judging hangs into the application."""

from flask import Flask

from core import checks, nav, trail, triggers
from core.db import explain_constraint
from core.enums import Role
from judging import cli, jobs
from judging.diagnosis.models import Diagnosis, RoomDeclaration
from judging.invariants import INVARIANTS
from judging.views import (
    anchors,
    board,
    bp,
    conduct,
    diagnoses,
    flags,
    judges,
    panel,
    rankings,
    receipts,
    second_looks,
    sessions,
    sheets,
)

# Each module of pages registers its routes on `bp` when imported.
PAGES = (
    anchors,
    judges,
    sessions,
    conduct,
    sheets,
    receipts,
    panel,
    rankings,
    diagnoses,
    flags,
    second_looks,
    board,
)
CONSTRAINTS = {
    "uq_judge_user_id": "该账号已关联另一位评委。",
    "uq_pledge_judge_id_edition_id": "本届承诺书已签署。",
    "uq_judge_conflict_judge_id_entry_id": "该回避关系已登记。",
    "uq_seat_session_id_judge_id": "同一评委不能在本场重复就座。",
    "uq_run_session_id_entry_id": "该项目已在本场次中。",
    "uq_signature_session_id_kind_user_id": "您已签字。",
    "uq_second_look_ranking_id_entry_id_judge_id": "已请该评委复评此项目。",
    "uq_anomaly_flag_ranking_id_finding": "该异常已经提示过。",
    "conflicted_sheet": "该评委与该项目有回避关系，数据库拒绝为其设立评分表。",
    "conflicted_score": "该评委与该项目有回避关系，数据库拒绝其评分。",
    "scored_criterion": "已有评委打分，数据库拒绝更改评分项。",
    "scored_stage": "已有评委打分，数据库拒绝更改计分规则。",
    "ck_correction_two_people": "申请人不能审批自己的更正。",
}
CONFLICTED = """EXISTS (
  SELECT 1 FROM run r JOIN seat s ON s.id = NEW.seat_id
  JOIN judge_conflict c ON c.entry_id = r.entry_id AND c.judge_id = s.judge_id
  WHERE r.id = NEW.run_id)"""
# What a score is made by stays as it was from the first score on.
SCORED_CRITERION = """(NEW.mode <> OLD.mode OR NEW.max_hundredths <> OLD.max_hundredths OR NEW.code <> OLD.code)
  AND EXISTS (SELECT 1 FROM score WHERE score.criterion_id = NEW.id)"""
SCORED_STAGE = """(NEW.aggregation <> OLD.aggregation OR NEW.drop_high <> OLD.drop_high
  OR NEW.drop_low <> OLD.drop_low OR NEW.round_first <> OLD.round_first OR NEW.score_step <> OLD.score_step
  OR NEW.panel_size <> OLD.panel_size OR CAST(NEW.tie_chain AS TEXT) <> CAST(OLD.tie_chain AS TEXT)
  OR CAST(NEW.second_panel AS TEXT) <> CAST(OLD.second_panel AS TEXT)
  OR CAST(NEW.second_look AS TEXT) <> CAST(OLD.second_look AS TEXT))
  AND EXISTS (SELECT 1 FROM judging_session s JOIN run r ON r.session_id = s.id JOIN sheet h ON h.run_id = r.id
    WHERE s.stage_id = NEW.id AND h.state IN ('draft', 'submitted'))"""
TRACES = (
    (Diagnosis, "ranking_id", "ranking.diagnose"),
    (RoomDeclaration, "stage_id", "stage.declare_rooms"),
)
ACTIONS = {
    "judge.add": "评委入库",
    "judge.change": "修改评委信息",
    "pledge.sign": "签署承诺书",
    "judge_conflict.note": "登记回避",
    "judging_session.plan": "编排场次",
    "judging_session.change": "修改场次",
    "judging_session.seat_panel": "调整评委",
    "judging_session.add_runs": "加入项目",
    "judging_session.remove_run": "移出项目",
    "judging_session.draw": "抽签",
    "judging_session.start": "开始",
    "judging_session.lock": "锁分",
    "judging_session.sign": "签字齐全",
    "run.call": "上场",
    "run.finish": "结束",
    "run.miss": "缺席",
    "run.reveal": "亮分",
    "run.anchor": "加入标定项目",
    "stage.drop_anchor": "撤下标定项目",
    "run.stand_in": "增补评委",
    "sheet.save": "保存草稿",
    "sheet.submit": "提交评分",
    "sheet.recuse": "回避",
    "sheet.clear": "清除已评分数",
    "sheet.correct": "更正评分",
    "correction.request": "申请更正",
    "correction.approve": "批准更正",
    "correction.refuse": "不予更正",
    "signature.sign": "签字",
    "tie_decision.make": "登记合议",
    "ranking.freeze": "冻结排名",
    "ranking.supersede": "撤回排名",
    "ranking.evidence": "导出证据包",
    "ranking.ask_diagnosis": "发起诊断",
    "ranking.diagnose": "完成诊断",
    "second_look.ask": "请新评委复评",
    "second_look.give": "提交复评",
    "second_look.receipt": "出具复评回执",
    "second_look.decline": "不参加复评",
    "second_look.recall": "收回复评邀请",
    "anomaly_flag.raise": "提示异常",
    "anomaly_flag.ask": "请组长说明",
    "anomaly_flag.answer": "组长说明",
    "anomaly_flag.refer": "移交监督",
    "anomaly_flag.dismiss": "排除异常",
    "anomaly_flag.clear": "监督认定无异常",
    "anomaly_flag.uphold": "监督认定属实",
    "stage.declare_rooms": "声明分室规则",
}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    cli.init_app(app)
    trail.name_actions(ACTIONS)
    for name, invariant in INVARIANTS.items():
        checks.provide(name, invariant)
    for model, owner, action in TRACES:
        checks.leaves_trace(model, owner, action)
    triggers.append_only("diagnosis", "room_declaration")
    triggers.refuse_insert("conflicted_sheet", "sheet", f"NEW.state <> 'recused' AND {CONFLICTED}")
    triggers.refuse_update("conflicted_score", "sheet", f"NEW.state = 'submitted' AND {CONFLICTED}")
    triggers.refuse_update("scored_criterion", "criterion", SCORED_CRITERION)
    triggers.refuse_update("scored_stage", "stage", SCORED_STAGE)
    jobs.init_app()
    for name, sentence in CONSTRAINTS.items():
        explain_constraint(name, sentence)
    _open_doors()


def _open_doors() -> None:
    staff = (Role.OFFICE, Role.SUPERVISION, Role.LEADER)
    nav.provide("我的评审", "judging.my_sheets", "clipboard-check", Role.JUDGE, order=200, section="评审")
    nav.provide(
        "评审场次",
        "judging.session_list",
        "calendar-event",
        *staff,
        Role.RECORDER,
        Role.HOST,
        Role.REGIONAL,
        order=210,
        section="评审",
    )
    nav.provide("评委库", "judging.judge_list", "person-badge", *staff, Role.HOST, order=220, section="评审")
    nav.provide("本组排名", "judging.chaired_rankings", "trophy", Role.JUDGE, order=240, section="评审")
    nav.provide("复评", "judging.second_look_list", "eye", Role.JUDGE, order=235, section="评审")
    nav.provide("异常提示", "judging.flag_list", "flag", *staff, Role.JUDGE, order=245, section="评审")
    nav.provide("排名", "judging.ranking_list", "trophy", *staff, order=240, section="评审")
    nav.provide(
        "更正审批",
        "judging.correction_list",
        "clipboard-data",
        Role.OFFICE,
        Role.SUPERVISION,
        Role.RECORDER,
        order=230,
        section="评审",
    )
    nav.provide(
        "更正申请", "judging.correction_list", "clipboard-data", Role.JUDGE, order=230, section="评审"
    )
