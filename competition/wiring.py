"""What competition hangs into the application."""

from flask import Flask

from competition import cli, import_wiring, invariants, jobs, review_invariants, round_wiring, summary
from competition.models import Attachment, DeadlineChange, EditionRules, EntryVersion, ReviewDecision
from competition.views import (
    bp,
    claims,
    diligence,
    edition_parts,
    edition_stages,
    editions,
    enterprise,
    enterprises,
    entries,
    events,
    imports,
    papers,
    past_awards,
    progress,
    recommendation,
    register,
    review,
    review_batches,
    reviewers,
    rounds,
    rule_changes,
    uploads,
    wizard,
)
from core import checks, nav, trail, triggers
from core.db import explain_constraint
from core.enums import Role

# Each module of pages registers its routes on `bp` when imported.
PAGES = (
    register,
    enterprise,
    wizard,
    uploads,
    entries,
    review,
    editions,
    edition_parts,
    edition_stages,
    rule_changes,
)
PAGES_OF_REVIEW = (review_batches, reviewers, progress)
PAGES_OF_IMPORTS = (imports, claims)
PAGES_OF_RECORDS = (enterprises, past_awards)
PAGES_OF_ROUNDS = (rounds, diligence, events, recommendation, papers)
RECORD_READERS = (Role.OFFICE, Role.SUPERVISION, Role.REGIONAL)
DECISIONS = (
    *("entry.pass_regional", "entry.confirm", "entry.return", "entry.reject"),
    *("entry.take_back_regional", "entry.take_back_office"),
)
TRACES = (
    (
        EntryVersion,
        "entry_id",
        ("entry.submit", "entry.import", "entry.restore", "entry.restore_returned"),
    ),
    (Attachment, "entry_id", ("entry.attach",)),
    (ReviewDecision, "entry_id", DECISIONS),
    (EditionRules, "edition_id", ("edition.publish", "edition.revise")),
    (DeadlineChange, "edition_id", ("edition.extend_deadline",)),
)
CHECKS = {
    "versions-frozen": invariants.versions_are_frozen,
    "submitted-versions": invariants.submitted_entries_have_versions,
    "receipts-complete": invariants.receipts_have_no_gap,
    "groups-by-licence": invariants.groups_follow_licences,
    "findings-unbroken": invariants.findings_are_unbroken,
    "recommendation-frozen": invariants.sent_recommendations_are_frozen,
    "criteria-hundred": invariants.criteria_sum_to_hundred,
    "enterprise-contacts": invariants.enterprises_have_contacts,
    "reviews-disinterested": review_invariants.reviews_are_disinterested,
    "review-batches": review_invariants.batches_agree_with_decisions,
}
CONSTRAINTS = {
    "uq_edition_code": "该届次代码已存在。",
    "uq_track_edition_id_code": "本届已有相同代码的行业。",
    "uq_region_edition_id_name": "本届已有同名赛区。",
    "uq_region_prefecture": "该地州市已归入另一赛区。",
    "uq_enterprise_credit_code": "该统一社会信用代码已注册。",
    "uq_reviewer_interest_enterprise_id_user_id": "该利害关系已经登记。",
    "interested_review": "审核人与该企业有利害关系，已经回避，不能作出审核决定。",
    "uq_entry_edition_id_enterprise_id": "本企业在本届已有参赛项目。",
}
ACTIONS = {
    "edition.create": "建立届次",
    "edition.update": "修改参数",
    "edition.add_track": "增加行业",
    "edition.remove_track": "删除行业",
    "edition.change_track": "修改行业",
    "edition.add_region": "增加赛区",
    "edition.change_region": "修改赛区",
    "edition.reorder": "调整顺序",
    "edition.remove_region": "删除赛区",
    "edition.set_criteria": "设置评分项",
    "edition.add_stage": "增加轮次",
    "edition.change_stage": "修改轮次",
    "edition.remove_stage": "删除轮次",
    "edition.publish": "发布规则",
    "edition.revise": "规则调整生效",
    "rule_change.start": "建立修改稿",
    "rule_change.propose": "提交复核",
    "rule_change.return": "退回修改",
    "rule_change.publish": "复核发布",
    "rule_change.withdraw": "作废",
    "edition.close_registration": "结束报名",
    "edition.close": "结束届次",
    "edition.extend_deadline": "延长截止时间",
    "enterprise.register": "注册企业",
    "enterprise.invite_contact": "邀请经办人",
    "enterprise.add_contact": "经办人加入",
    "enterprise.end_contact": "经办人退出",
    "enterprise.hand_over": "组委会办公室办理移交",
    "lineage.state": "登记沿革",
    "lineage.confirm": "确认沿革",
    "lineage.refuse": "不予认定沿革",
    "past_award.enter": "登记往届获奖",
    "past_award.withdraw": "撤销往届获奖",
    "past_award.accept": "登记验收通过",
    "entry.start": "开始填报",
    "entry.save": "保存草稿",
    "entry.attach": "上传附件",
    "entry.submit": "提交报名",
    "entry.withdraw": "撤回",
    "entry.restart": "重新填报",
    "entry.pass_regional": "地州市审核通过",
    "entry.return": "退回修改",
    "entry.reject": "审核不通过",
    "entry.confirm": "组委会确认",
    "entry.disqualify": "取消资格",
    "entry.override": "人工认定",
    "entry.take_back_regional": "撤销地州市审核结论",
    "entry.take_back_office": "撤销组委会审核结论",
    "reviewer_interest.declare": "登记利害关系",
    "reviewer_interest.end": "解除回避",
    "canned_reason.add": "增加常用理由",
    "canned_reason.retire": "停用常用理由",
    "review_batch.start": "确认批量办理",
    "review_batch.finish": "批量办理完成",
    "review_batch.drop": "放弃批量办理",
    "review_batch.start_back": "撤销批量办理",
    "review_batch.finish_back": "批量撤销完成",
}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    for name, sentence in CONSTRAINTS.items():
        explain_constraint(name, sentence)
    trail.name_actions(ACTIONS)
    for name, invariant in CHECKS.items():
        checks.provide(name, invariant)
    for model, owner, actions in TRACES:
        checks.leaves_trace(model, owner, *actions)
    _open_doors()
    for name, condition in review_invariants.TRIGGERS.items():
        triggers.refuse_insert(name, "review_decision", condition)
    jobs.init_app()
    round_wiring.provide()
    import_wiring.provide()
    cli.init_app(app)
    summary.provide()


def _open_doors() -> None:
    readers = (Role.OFFICE, Role.REGIONAL, Role.COUNTY, Role.SUPERVISION, Role.LEADER)
    nav.provide("我的参赛", "competition.enterprise", "building", Role.ENTERPRISE, order=100, section="参赛")
    nav.provide(
        "历史与沿革", "competition.own_history", "clock-history", Role.ENTERPRISE, order=185, section="参赛"
    )
    nav.provide("企业", "competition.enterprises", "building", *RECORD_READERS, order=112, section="赛事")
    nav.provide(
        "往届获奖",
        "competition.past_awards",
        "trophy",
        Role.OFFICE,
        Role.SUPERVISION,
        order=114,
        section="赛事",
    )
    nav.provide("经办人", "competition.contacts", "people", Role.ENTERPRISE, order=190, section="参赛")
    nav.provide(
        "届次", "competition.editions", "sliders", Role.OFFICE, Role.SUPERVISION, order=100, section="赛事"
    )
    nav.provide(
        "待审核",
        "competition.review_queue",
        "clipboard-check",
        Role.REGIONAL,
        Role.OFFICE,
        order=105,
        section="赛事",
    )
    seers = (Role.OFFICE, Role.REGIONAL, Role.SUPERVISION, Role.LEADER)
    nav.provide("报名进度", "competition.progress", "bar-chart", *seers, order=108, section="赛事")
    overseers = (Role.OFFICE, Role.SUPERVISION)
    nav.provide("审核回避", "competition.interests", "person-x", *overseers, order=112, section="赛事")
    nav.provide("报名项目", "competition.entries", "card-checklist", *readers, order=110, section="赛事")
    nav.provide(
        "导入", "competition.imports", "upload", Role.OFFICE, Role.SUPERVISION, order=111, section="赛事"
    )
    nav.provide("企业注册", "competition.register", "person-check", order=30, anonymous=True)
