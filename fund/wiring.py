"""What fund hangs into the application."""

from flask import Flask

from core import checks, heads, nav, trail, triggers
from core.db import explain_constraint
from core.enums import Role
from fund import invariants, queries
from fund.cli import fund_group
from fund.models import IndicatorEvidence, IndicatorReport
from fund.operations import CHAIN
from fund.views import bp, findings, indicators, ledger, reporting, summary, targets, tree

PAGES = (tree, ledger, indicators, targets, reporting, findings, summary)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.cli.add_command(fund_group)
    nav.provide("专项资金", "fund.years", "diagram-3", *queries.FUND_READERS, order=590, section="资金")
    nav.provide("绩效填报", "fund.reporting_home", "diagram-3", Role.PROGRAMME, order=590, section="资金")
    triggers.append_only("transfer", "indicator_report", "indicator_evidence", "annual_goal")
    checks.leaves_trace(IndicatorReport, "indicator_id", "indicator.report")
    checks.leaves_trace(IndicatorEvidence, "indicator_id", "indicator.attach")
    heads.provide(CHAIN, invariants.ledger_hash_at)
    checks.provide("ledger-balances", invariants.balances_follow_transfers)
    checks.provide("ledger-never-negative", invariants.never_below_zero)
    checks.provide("ledger-chain", invariants.ledger_chain_holds)
    checks.provide("ledger-one-resolution", invariants.payments_resolve_once)
    explain_constraint("ck_fund_account_balance", "余额不足，无法办理。")
    explain_constraint("uq_transfer_hold", "该笔支付已占用额度。")
    explain_constraint("uq_transfer_reverses_seq", "该笔记账已冲正。")
    explain_constraint("uq_budget_line_code", "该科目编码已存在。")
    explain_constraint("uq_indicator_fiscal_year_position", "刚有别人导入了本年度的指标，请刷新后核对。")
    explain_constraint("uq_programme_reporter_open", "该账号已是填报人。")
    trail.name_actions(
        {
            "budget_line.create": "建立科目",
            "budget_line.close": "关闭科目",
            "transfer.issue": "下达",
            "transfer.allocate": "分配",
            "transfer.adjust": "调剂",
            "transfer.hold": "占用额度",
            "transfer.pay": "支付",
            "transfer.release": "释放额度",
            "transfer.bounce": "退票",
            "transfer.carry": "结转",
            "transfer.return": "收回",
            "transfer.reverse": "冲正",
            "indicator.import": "导入绩效指标",
            "indicator.report": "填报完成情况",
            "indicator.attach": "上传佐证",
            "annual_goal.file": "登记总体目标",
            "programme_reporter.name": "指定填报人",
            "programme_reporter.end": "停用填报人",
            "budget_line.reconcile": "核对",
            "report_text.file": "登记报告正文",
            "reconciliation_finding.find": "发现问题",
            "reconciliation_finding.refigure": "数字有变化",
            "reconciliation_finding.explain": "登记说明",
            "reconciliation_finding.correct": "登记更正",
            "reconciliation_finding.reopen": "重新打开",
        }
    )
