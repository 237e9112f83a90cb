"""What awards hangs into the application."""

from flask import Flask

from awards import indicators, invariants, money_invariants, summary
from awards import jobs as background
from awards.given import given_to
from awards.models import (
    AcceptanceMaterial,
    BatchExport,
    EdgeDecision,
    NoticePosting,
    OperatingCheck,
    PaymentStep,
    Refund,
)
from awards.operations.notices import close_due
from awards.prizes import prizes_of
from awards.queries import OBJECTION_READERS, READERS
from awards.views import (
    acceptance,
    approvals,
    awards,
    banks,
    batches,
    bp,
    certificates,
    clawbacks,
    exclusions,
    fees,
    league,
    letters,
    money,
    notices,
    objections,
    operating_checks,
    parts,
    payees,
    payments,
    plans,
    results,
    site,
    supports,
    task_books,
    treasury,
)
from awards.views.early import EarlyPages
from competition import history, outcomes
from core import checks, jobs, nav, trail, triggers
from core.db import explain_constraint
from core.enums import Role

# Each of these acts leaves one signature.
SIGNING = (
    "payment.submit",
    "payment.review",
    "payment.approve_division",
    "payment.approve_finance",
    "payment.approve_leader",
    "payment.reject",
    "payment.recall",
    "payment.lapse",
)
CHECKS = {
    "award-parts": invariants.parts_make_the_whole,
    "awards-fit-line": invariants.awards_fit_the_line,
    "tier-places": invariants.places_are_not_exceeded,
    "payment-approvals": invariants.approvals_hold,
    "payment-lawful": invariants.money_moved_lawfully,
    "payment-ledger": invariants.payments_match_ledger,
    "refunds-fit": invariants.refunds_fit,
    "acceptances-hold": invariants.acceptances_hold,
    "payees-clear": invariants.payees_were_clear,
    "batch-exports": money_invariants.exports_are_what_was_sent,
    "bank-results": money_invariants.results_were_booked,
    "accounts-confirmed": money_invariants.accounts_were_confirmed,
    "expert-fees": money_invariants.fees_are_what_was_computed,
    "payment-chains": money_invariants.chains_were_kept,
    "published-words": invariants.published_words_stand,
}
CONSTRAINTS = {
    "uq_payment_instalment": "该笔分期已有支付在办。",
    "uq_award_number": "该奖励编号已有。",
    "uq_other_support_credit_code_programme_level_year": "该单位同一计划、级别、年度的支持已登记。",
    "uq_clawback_award": "该奖励已有追回在办。",
    "uq_task_book_award": "该奖励已有任务书。",
    "uq_award_entry": "该项目已有奖励。",
    "uq_payee_credit_code": "该收款单位已存在。",
    "uq_approval_rule_from_fen": "该金额起已有规则，请刷新后再设。",
    "uq_bank_format_name": "已有同名的银行格式。",
    "signed_twice": "同一人不能在同一笔支付中办理两个环节，经办人不能审批，数据库拒绝。",
    "delegate_twice": "委托人已在该笔支付中办理过，或不是受托人代签，数据库拒绝。",
    "altered_signature": "签批只能作废，不能改动。",
    "altered_rule": "审批规则只能停用，不能改动。",
    "altered_chain": "提交后审批环节不能改动。",
    "unsigned_payment": "审批未全部完成，数据库拒绝送银行。",
    "stale_account": "收款账户已变更或未核验，数据库拒绝送银行。",
    "uq_payee_judge": "该专家已登记为收款人。",
    "two_people": "此环节须由另一人办理。",
    "uq_tier_plan_id_group_code": "该组别已有同名奖项。",
    "excluded_payee": "收款单位在不予支付名单上，数据库拒绝占用资金。",
    "uq_exclusion_credit_code_reason_starts_at": "该单位同一日期、同一原因已在名单上。",
    "unlawful_money": "奖励未审定、公示未无异议期满、任务书未签订、验收或核查未通过、规定月数未满，数据库拒绝占用或支付相关资金。",
}
# `rules.money_may_move` again, as the database asks it of every hold and payment.
UNLAWFUL_MONEY = """NEW.kind IN ('hold', 'pay', 'return') AND EXISTS (
  SELECT 1 FROM payment p JOIN instalment i ON i.id = p.instalment_id JOIN award a ON a.id = i.award_id
  LEFT JOIN notice n ON n.id = a.notice_id
  WHERE p.number = NEW.payment_no AND (
    a.state NOT IN ('confirmed', 'settled')
    OR (NOT a.item_carried AND a.kind NOT IN ('event_cost', 'work_fund', 'treasury')
      AND (n.id IS NULL OR n.state NOT IN ('closed', 'final')))
    OR EXISTS (SELECT 1 FROM objection o WHERE o.notice_id = a.notice_id
      AND o.state IN ('received', 'investigating') AND o.objector_kind <> 'anonymous'
      AND (o.entry_id IS NULL OR o.entry_id = a.entry_id))
    OR (i.condition = 'contract_signed' AND NOT EXISTS (
      SELECT 1 FROM task_book b WHERE b.award_id = a.id AND b.state = 'signed'))
    OR (i.condition = 'acceptance_passed' AND NOT EXISTS (
      SELECT 1 FROM acceptance c WHERE c.award_id = a.id AND c.state = 'passed'))
    OR (i.months > 0 AND (i.due_at IS NULL OR i.due_at > NEW.at))
    OR (i.condition = 'check_passed' AND NOT EXISTS (
      SELECT 1 FROM operating_check k WHERE k.award_id = a.id AND k.passed
        AND k.id = (SELECT MAX(l.id) FROM operating_check l WHERE l.award_id = a.id)))
  ))"""
# `rules.payee_is_clear` again, asked of every hold.
EXCLUDED_PAYEE = """NEW.kind = 'hold' AND EXISTS (
  SELECT 1 FROM payment p JOIN payee y ON y.id = p.payee_id JOIN exclusion x ON x.credit_code = y.credit_code
  WHERE p.number = NEW.payment_no AND x.starts_at <= NEW.at AND (x.ends_at IS NULL OR x.ends_at > NEW.at))"""
# Nobody signs twice on one payment, its preparer never; not through a delegate either.
LIVE_STEP = "s.payment_id = p.id AND NOT s.voided AND s.decision = 'approve'"
SIGNED_TWICE = f"""NEW.decision = 'approve' AND EXISTS (
  SELECT 1 FROM payment p WHERE p.id = NEW.payment_id AND (
    p.preparer_id = NEW.actor_id
    OR EXISTS (SELECT 1 FROM payment_step s WHERE {LIVE_STEP} AND (s.actor_id = NEW.actor_id OR s.role = NEW.role))
    OR EXISTS (SELECT 1 FROM payment_step s JOIN delegated_step d ON d.step_id = s.id
      JOIN delegation g ON g.id = d.delegation_id WHERE {LIVE_STEP} AND g.principal_id = NEW.actor_id)))"""
DELEGATE_TWICE = f"""EXISTS (
  SELECT 1 FROM payment_step n JOIN payment p ON p.id = n.payment_id JOIN delegation g ON g.id = NEW.delegation_id
  WHERE n.id = NEW.step_id AND (
    n.actor_id <> g.delegate_id OR g.principal_id = p.preparer_id
    OR EXISTS (SELECT 1 FROM payment_step s WHERE {LIVE_STEP} AND s.actor_id = g.principal_id)
    OR EXISTS (SELECT 1 FROM payment_step s JOIN delegated_step d ON d.step_id = s.id
      JOIN delegation o ON o.id = d.delegation_id WHERE {LIVE_STEP} AND o.principal_id = g.principal_id)))"""
# A signature is only ever voided; a rule only ended; a chain only given its minutes.
ALTERED_SIGNATURE = """NEW.payment_id <> OLD.payment_id OR NEW.actor_id <> OLD.actor_id OR NEW.role <> OLD.role
  OR NEW.decision <> OLD.decision OR NEW.content_hash <> OLD.content_hash OR NEW.at <> OLD.at
  OR (OLD.voided AND NOT NEW.voided)"""
ALTERED_RULE = """OLD.ended_at IS NOT NULL OR NEW.from_fen <> OLD.from_fen
  OR CAST(NEW.steps AS TEXT) <> CAST(OLD.steps AS TEXT) OR NEW.minutes <> OLD.minutes
  OR COALESCE(NEW.division_id, 0) <> COALESCE(OLD.division_id, 0)"""
ALTERED_CHAIN = """NEW.payment_id <> OLD.payment_id OR NEW.attempt <> OLD.attempt OR NEW.rule_id <> OLD.rule_id
  OR CAST(NEW.steps AS TEXT) <> CAST(OLD.steps AS TEXT) OR NEW.approvals <> OLD.approvals
  OR NEW.minutes <> OLD.minutes OR COALESCE(NEW.division_id, 0) <> COALESCE(OLD.division_id, 0)"""
# Nothing leaves for the bank before as many people signed as its chain has steps (three without a rule).
UNSIGNED_PAYMENT = """NEW.state IN ('exported', 'paid') AND OLD.state <> NEW.state AND (
  SELECT COUNT(DISTINCT s.actor_id) FROM payment_step s
  WHERE s.payment_id = NEW.id AND NOT s.voided AND s.decision = 'approve')
  < COALESCE((SELECT c.approvals FROM payment_chain c
    WHERE c.payment_id = NEW.id AND c.attempt = NEW.attempt), 3)"""
# What goes to the bank goes to the payee's account in force.
STALE_ACCOUNT = """NEW.state = 'exported' AND OLD.state <> 'exported' AND NEW.account_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM payee_account a WHERE a.id = NEW.account_id AND a.payee_id = NEW.payee_id AND a.state = 'verified')"""
SIGNING_GUARDS = (
    (triggers.refuse_insert, "signed_twice", "payment_step", SIGNED_TWICE),
    (triggers.refuse_insert, "delegate_twice", "delegated_step", DELEGATE_TWICE),
    (triggers.refuse_update, "altered_signature", "payment_step", ALTERED_SIGNATURE),
    (triggers.refuse_update, "altered_rule", "approval_rule", ALTERED_RULE),
    (triggers.refuse_update, "altered_chain", "payment_chain", ALTERED_CHAIN),
    (triggers.refuse_update, "unsigned_payment", "payment", UNSIGNED_PAYMENT),
    (triggers.refuse_update, "stale_account", "payment", STALE_ACCOUNT),
)
ACTIONS = {
    "tier_plan.create": "建立奖项设置",
    "tier_plan.copy": "复制奖项设置",
    "tier_plan.publish": "公布奖项设置",
    "tier_plan.set_rules": "设置分配规则",
    "tier_plan.decide_tie": "登记并列决定",
    "other_support.enter": "登记其他财政支持",
    "other_support.withdraw": "撤销其他财政支持",
    "tier.add": "增加奖项",
    "tier.change": "修改奖项",
    "award.propose": "拟奖",
    "award.notice": "列入公示",
    "award.confirm": "审定",
    "award.settle": "结清",
    "award.terminate": "终止项目",
    "clawback.demand": "追回资金",
    "clawback.receive": "登记退回到账",
    "clawback.settle": "追回结清",
    "clawback.withdraw": "撤销追回",
    "award.cancel": "取消奖励",
    "award.move_up": "递补上调",
    "award.check": "登记落地经营核查",
    "award.reopen": "递补上调后重新拟奖",
    "award.carry": "登记结转项目",
    "notice.draft": "拟稿公示",
    "notice.approve": "批准并发布公示",
    "notice.close": "结束公示",
    "notice.post": "登记张贴",
    "notice.finalise": "正式公布",
    "objection.file": "提出异议",
    "objection.take": "受理异议",
    "objection.refuse": "不予受理",
    "objection.uphold": "异议成立",
    "objection.dismiss": "异议不成立",
    "edition.ask_certificates": "发起颁发证书",
    "edition.ask_bundle": "合并证书或获奖通知",
    "certificate.issue": "颁发证书",
    "certificate.revoke": "撤销证书",
    "payee.create": "登记收款单位",
    "payee_account.enter": "录入账户",
    "payee_account.verify": "核验账户",
    "payee_account.supersede": "停用账户",
    "payee_account.reveal": "查看完整账号",
    "exclusion.enter": "列入不予支付名单",
    "exclusion.end": "移出不予支付名单",
    "exclusion.withdraw": "作废不予支付记录",
    "task_book.draft": "拟任务书",
    "task_book.change": "修改任务书",
    "task_book.issue": "签发任务书",
    "task_book.scan": "登记任务书扫描件",
    "task_book.sign": "登记任务书签署",
    "task_book.void": "作废任务书",
    "acceptance.apply": "申请验收",
    "acceptance.attach": "提交验收材料",
    "acceptance.seat": "组成验收专家组",
    "acceptance.resubmit": "整改后重新提交",
    "acceptance.pass": "通过验收",
    "acceptance.rectify": "限期整改",
    "acceptance.fail": "验收不通过",
    "payment.prepare": "经办支付申请",
    "payment.submit": "提交支付（占用额度）",
    "payment.review": "复核支付",
    "payment.approve_division": "处室审批",
    "payment.approve_finance": "财务审核",
    "payment.minutes": "上传会议纪要",
    "fee_list.create": "编制专家费清单",
    "approval_rule.set": "设定审批规则",
    "approval_rule.end": "停用审批规则",
    "delegation.give": "委托他人签批",
    "delegation.end": "收回委托",
    "payment.approve_leader": "领导审批",
    "payment.complete": "审批完成",
    "payment.reject": "退回支付",
    "payment.cancel": "撤销支付",
    "payment.export": "送银行",
    "payment.confirm": "登记回单",
    "payment.bounce": "登记退票",
    "payment.repay": "重新支付",
    "payment.recall": "随批次作废退回",
    "payment.lapse": "收款账户变更退回",
    "award.return": "登记缴回国库",
    "payment_batch.create": "组成批次",
    "payment_batch.download": "下载银行文件",
    "payment_batch.void": "作废批次",
    "bank_format.create": "建立银行格式",
    "bank_format.change": "修改银行格式",
    "bank_result.read": "读入银行结果",
    "bank_result.confirm": "确认银行结果",
    "bank_result.discard": "不采用银行结果",
    "bank_result.resolve": "核实结果行",
    "payment_batch.export": "导出银行文件",
    "payment_batch.settle": "批次办结",
}
PAGES = (
    plans,
    awards,
    league,
    notices,
    objections,
    certificates,
    acceptance,
    payments,
    batches,
    payees,
    exclusions,
    task_books,
    supports,
    banks,
    results,
    approvals,
    money,
    fees,
    clawbacks,
    operating_checks,
    treasury,
    parts,
    letters,
)
STAFF_DOORS = (
    ("奖项设置", "awards.plans_list", "sliders", READERS, 500, "奖励"),
    ("奖励", "awards.awards_list", "trophy", READERS, 510, "奖励"),
    ("其他财政支持", "awards.supports_list", "diagram-3", READERS, 505, "奖励"),
    ("组织积分", "awards.league_table", "bar-chart", READERS, 515, "奖励"),
    ("公示", "awards.notices_list", "megaphone", READERS, 520, "奖励"),
    ("异议", "awards.objections_list", "question-circle", OBJECTION_READERS, 530, "奖励"),
    ("证书", "awards.certificates_list", "patch-check", READERS, 540, "奖励"),
    ("任务书", "awards.task_books_list", "file-earmark-text", READERS, 545, "奖励"),
    ("验收", "awards.acceptances_list", "clipboard-check", READERS, 550, "奖励"),
    ("追回", "awards.clawbacks_list", "arrow-counterclockwise", READERS, 640, "资金"),
    ("资金前瞻", "awards.outlook", "calendar-check", READERS, 595, "资金"),
    ("分期", "awards.parts_list", "list-check", READERS, 598, "资金"),
    ("支付", "awards.payments_list", "cash-stack", READERS, 600, "资金"),
    ("支付批次", "awards.batches_list", "bank", READERS, 610, "资金"),
    ("专家费", "awards.fees_list", "receipt", READERS, 605, "资金"),
    ("银行结果待核实", "awards.open_lines_list", "card-checklist", READERS, 612, "资金"),
    ("银行格式", "awards.formats_list", "table", READERS, 614, "资金"),
    ("审批规则与委托", "awards.approvals", "person-check", READERS, 616, "资金"),
    ("收款单位", "awards.payees_list", "wallet2", READERS, 620, "资金"),
    ("不予支付名单", "awards.exclusions_list", "slash-circle", READERS, 630, "资金"),
    ("我的奖励", "awards.own_awards", "trophy", (Role.ENTERPRISE,), 500, "业务"),
)
PUBLIC_DOORS = (
    ("通知公示", "site.notices", "megaphone", 20),
    ("参赛须知", "site.rules", "book", 30),
    ("赛事结果", "site.results", "list-check", 40),
    ("获奖名单", "site.winners", "trophy", 50),
    ("报名统计", "site.figures", "bar-chart", 60),
    ("证书核验", "site.certificates", "patch-check", 70),
)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(site.bp)
    app.wsgi_app = EarlyPages(app)
    history.provide(given_to)
    for label, endpoint, icon, roles, order, section in STAFF_DOORS:
        nav.provide(label, endpoint, icon, *roles, order=order, section=section)
    for label, endpoint, icon, order in PUBLIC_DOORS:
        nav.provide(label, endpoint, icon, order=order, anonymous=True)
    for name, invariant in CHECKS.items():
        checks.provide(name, invariant)
    checks.leaves_trace(PaymentStep, "payment_id", *SIGNING)
    checks.leaves_trace(BatchExport, "batch_id", "payment_batch.export")
    checks.leaves_trace(NoticePosting, "notice_id", "notice.post")
    checks.leaves_trace(AcceptanceMaterial, "acceptance_id", "acceptance.attach")
    checks.leaves_trace(EdgeDecision, "plan_id", "tier_plan.decide_tie")
    checks.leaves_trace(OperatingCheck, "award_id", "award.check")
    triggers.append_only("operating_check")
    checks.leaves_trace(Refund, "clawback_id", "clawback.receive")
    for name, sentence in CONSTRAINTS.items():
        explain_constraint(name, sentence)
    triggers.refuse_insert("unlawful_money", "transfer", UNLAWFUL_MONEY)
    triggers.refuse_insert("excluded_payee", "transfer", EXCLUDED_PAYEE)
    for declare, name, table, condition in SIGNING_GUARDS:
        declare(name, table, condition)
    trail.name_actions(ACTIONS)
    indicators.provide()
    summary.provide()
    outcomes.provide(prizes_of)
    background.init_app()
    jobs.every_minute("close-notices", close_due)
