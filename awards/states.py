"""Transition tables of plans, awards, notices, objections, acceptance, payments and batches."""

from awards import rules
from awards.enums import AcceptanceState as Acc
from awards.enums import (
    AccountState,
    BatchState,
    NoticeState,
    ObjectionState,
    PaymentState,
    PlanState,
    ResultState,
)
from awards.enums import AwardState as W
from awards.enums import ClawbackState as B
from awards.enums import TaskBookState as K
from core.states import Badge, Machine, Transition

N, J, P = NoticeState, ObjectionState, PaymentState

PLAN = Machine(
    Transition("publish", (PlanState.DRAFT,), PlanState.PUBLISHED, rules.may_run_awards, "公布奖项设置"),
    badges={
        PlanState.DRAFT: Badge("拟定", "neutral", "pencil"),
        PlanState.PUBLISHED: Badge("已公布", "success", "check-circle"),
    },
)

AWARD = Machine(
    Transition("notice", (W.PROPOSED,), W.NOTICED, rules.may_run_awards, "列入公示"),
    Transition("confirm", (W.PROPOSED, W.NOTICED), W.CONFIRMED, rules.may_run_awards, "审定"),
    Transition("settle", (W.CONFIRMED,), W.SETTLED, rules.may_settle_award, "结清"),
    Transition(
        "reopen",
        (W.NOTICED, W.CONFIRMED, W.SETTLED),
        W.PROPOSED,
        rules.may_reopen_award,
        "递补上调后重新拟奖",
    ),
    Transition(
        "terminate",
        (W.CONFIRMED, W.SETTLED),
        W.TERMINATED,
        rules.may_run_awards,
        "终止项目",
        needs_reason=True,
        tone="danger",
        confirm="终止后不再支付，在办支付撤销；已付资金可追回。",
    ),
    Transition(
        "cancel",
        (W.PROPOSED, W.NOTICED, W.CONFIRMED, W.SETTLED),
        W.CANCELLED,
        rules.may_cancel_award,
        "取消奖励",
        needs_reason=True,
        tone="danger",
        confirm="取消后奖励不再支付，并按规则递补。",
    ),
    badges={
        W.PROPOSED: Badge("拟奖", "neutral", "circle"),
        W.NOTICED: Badge("公示中", "warning", "megaphone"),
        W.CONFIRMED: Badge("已审定", "info", "check-circle"),
        W.SETTLED: Badge("已结清", "success", "check-circle-fill"),
        W.TERMINATED: Badge("已终止", "danger", "slash-circle"),
        W.CANCELLED: Badge("已取消", "danger", "x-circle"),
    },
)

NOTICE = Machine(
    Transition(
        "approve",
        (N.DRAFT,),
        N.RUNNING,
        rules.may_approve_notice,
        "批准并发布",
        confirm="发布后内容不能修改，只能另发更正公示。",
    ),
    Transition("close", (N.RUNNING,), N.CLOSED, rules.may_close_notice, "结束公示"),
    Transition("finalise", (N.CLOSED,), N.FINAL, rules.may_run_awards, "正式公布"),
    badges={
        N.DRAFT: Badge("拟稿", "neutral", "pencil"),
        N.RUNNING: Badge("公示中", "warning", "megaphone"),
        N.CLOSED: Badge("公示期满", "info", "check-circle"),
        N.FINAL: Badge("已正式公布", "success", "check-circle-fill"),
    },
)

OBJECTION = Machine(
    Transition("take", (J.RECEIVED,), J.INVESTIGATING, rules.may_take_objection, "受理"),
    Transition(
        "refuse",
        (J.RECEIVED,),
        J.REFUSED,
        rules.may_take_objection,
        "不予受理",
        needs_reason=True,
        tone="outline",
    ),
    Transition(
        "uphold", (J.INVESTIGATING,), J.UPHELD, rules.may_decide_objection, "异议成立", needs_reason=True
    ),
    Transition(
        "dismiss",
        (J.INVESTIGATING,),
        J.DISMISSED,
        rules.may_decide_objection,
        "异议不成立",
        needs_reason=True,
    ),
    badges={
        J.RECEIVED: Badge("待受理", "warning", "inbox"),
        J.CLUE: Badge("作为线索", "muted", "question-circle"),
        J.REFUSED: Badge("不予受理", "muted", "x-circle"),
        J.INVESTIGATING: Badge("调查中", "info", "search"),
        J.UPHELD: Badge("异议成立", "danger", "exclamation-circle"),
        J.DISMISSED: Badge("异议不成立", "success", "check-circle"),
    },
)

TASK_BOOK = Machine(
    Transition(
        "issue",
        (K.DRAFT,),
        K.ISSUED,
        rules.may_run_awards,
        "签发",
        confirm="签发后内容不能修改，只能作废另拟。",
    ),
    Transition("sign", (K.ISSUED,), K.SIGNED, rules.may_run_awards, "登记双方签署"),
    Transition(
        "void",
        (K.DRAFT, K.ISSUED),
        K.VOID,
        rules.may_run_awards,
        "作废",
        needs_reason=True,
        tone="danger",
        confirm="作废后可为该奖励另拟任务书。",
    ),
    badges={
        K.DRAFT: Badge("拟稿", "neutral", "pencil"),
        K.ISSUED: Badge("待签署", "warning", "hourglass-split"),
        K.SIGNED: Badge("已签订", "success", "check-circle"),
        K.VOID: Badge("已作废", "muted", "x-circle"),
    },
)

ACCEPTANCE = Machine(
    Transition("pass", (Acc.APPLIED, Acc.RECTIFYING), Acc.PASSED, rules.may_review_project, "通过验收"),
    Transition(
        "rectify", (Acc.APPLIED,), Acc.RECTIFYING, rules.may_accept_project, "限期整改", needs_reason=True
    ),
    Transition(
        "fail",
        (Acc.APPLIED, Acc.RECTIFYING),
        Acc.FAILED,
        rules.may_accept_project,
        "不通过",
        needs_reason=True,
    ),
    badges={
        Acc.APPLIED: Badge("待会评", "warning", "hourglass-split"),
        Acc.RECTIFYING: Badge("整改中", "warning", "sliders"),
        Acc.PASSED: Badge("验收通过", "success", "check-circle"),
        Acc.FAILED: Badge("未通过", "danger", "x-circle"),
    },
)

CLAWBACK = Machine(
    Transition("settle", (B.DEMANDED,), B.SETTLED, rules.may_receive_refunds, "追回结清"),
    Transition(
        "withdraw",
        (B.DEMANDED,),
        B.WITHDRAWN,
        rules.may_run_awards,
        "撤销追回",
        needs_reason=True,
        tone="outline",
    ),
    badges={
        B.DEMANDED: Badge("待退回", "warning", "hourglass-split"),
        B.SETTLED: Badge("已全部退回", "success", "check-circle"),
        B.WITHDRAWN: Badge("已撤销", "muted", "x-circle"),
    },
)

ACCOUNT = Machine(
    Transition(
        "verify", (AccountState.ENTERED,), AccountState.VERIFIED, rules.may_verify_account, "核验通过"
    ),
    Transition(
        "supersede",
        (AccountState.ENTERED, AccountState.VERIFIED),
        AccountState.SUPERSEDED,
        rules.may_keep_payees,
        "停用",
    ),
    badges={
        AccountState.ENTERED: Badge("待核验", "warning", "hourglass-split"),
        AccountState.VERIFIED: Badge("已核验", "success", "check-circle"),
        AccountState.SUPERSEDED: Badge("已停用", "muted", "slash-circle"),
    },
)

IN_APPROVAL = (P.SUBMITTED, P.REVIEWED, P.DIVISION_OK, P.FINANCE_OK, P.APPROVED)

PAYMENT = Machine(
    Transition("submit", (P.DRAFT,), P.SUBMITTED, rules.may_prepare_payment, "提交（占用额度）"),
    Transition("review", (P.SUBMITTED,), P.REVIEWED, rules.may_review_payment, "复核通过"),
    Transition(
        "approve_division",
        (P.SUBMITTED, P.REVIEWED),
        P.DIVISION_OK,
        rules.may_approve_division,
        "处室审批通过",
    ),
    Transition(
        "approve_finance",
        (P.SUBMITTED, P.REVIEWED, P.DIVISION_OK),
        P.FINANCE_OK,
        rules.may_approve_finance,
        "财务审核通过",
    ),
    Transition(
        "approve_leader",
        (P.SUBMITTED, P.REVIEWED, P.DIVISION_OK, P.FINANCE_OK),
        P.APPROVED,
        rules.may_approve_leader,
        "领导批准",
    ),
    Transition("complete", (P.FINANCE_OK,), P.APPROVED, rules.may_complete_payment, "审批完成"),
    Transition(
        "reject",
        IN_APPROVAL,
        P.DRAFT,
        rules.may_reject_payment,
        "退回经办",
        needs_reason=True,
        tone="outline",
    ),
    Transition("export", (P.APPROVED,), P.EXPORTED, rules.may_operate_bank, "导出银行文件"),
    Transition("confirm", (P.EXPORTED,), P.PAID, rules.may_operate_bank, "登记回单"),
    Transition(
        "bounce",
        (P.PAID, P.EXPORTED),
        P.BOUNCED,
        rules.may_operate_bank,
        "登记退票",
        needs_reason=True,
        tone="danger",
    ),
    Transition(
        "lapse",
        IN_APPROVAL,
        P.DRAFT,
        rules.may_keep_payees,
        "收款账户变更，退回经办",
        needs_reason=True,
    ),
    Transition("recall", (P.EXPORTED,), P.DRAFT, rules.may_operate_bank, "随批次作废退回", needs_reason=True),
    Transition("repay", (P.BOUNCED,), P.DRAFT, rules.may_prepare_payment, "更正后重新支付"),
    Transition(
        "cancel",
        (P.DRAFT, *IN_APPROVAL, P.BOUNCED),
        P.CANCELLED,
        rules.may_cancel_payment,
        "撤销支付",
        needs_reason=True,
        tone="danger",
        confirm="撤销后占用的额度释放。",
    ),
    badges={
        P.DRAFT: Badge("草稿", "neutral", "pencil"),
        P.SUBMITTED: Badge("已提交", "warning", "hourglass-split"),
        P.REVIEWED: Badge("已复核", "warning", "hourglass-split"),
        P.DIVISION_OK: Badge("处室已审批", "warning", "hourglass-split"),
        P.FINANCE_OK: Badge("财务已审核", "warning", "hourglass-split"),
        P.APPROVED: Badge("待支付", "info", "bank"),
        P.EXPORTED: Badge("已送银行", "info", "send"),
        P.PAID: Badge("已支付", "success", "check-circle"),
        P.BOUNCED: Badge("退票", "danger", "arrow-counterclockwise"),
        P.CANCELLED: Badge("已撤销", "muted", "x-circle"),
    },
)

BATCH = Machine(
    Transition("export", (BatchState.DRAFT,), BatchState.EXPORTED, rules.may_operate_bank, "导出银行文件"),
    Transition("settle", (BatchState.EXPORTED,), BatchState.SETTLED, rules.may_operate_bank, "批次办结"),
    Transition(
        "void",
        (BatchState.DRAFT, BatchState.EXPORTED),
        BatchState.VOID,
        rules.may_dissolve_batch,
        "作废批次",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        BatchState.DRAFT: Badge("待导出", "warning", "hourglass-split"),
        BatchState.EXPORTED: Badge("已送银行", "info", "send"),
        BatchState.SETTLED: Badge("已办结", "success", "check-circle"),
        BatchState.VOID: Badge("已作废", "muted", "x-circle"),
    },
)

RESULT = Machine(
    Transition("confirm", (ResultState.READ,), ResultState.CONFIRMED, rules.may_operate_bank, "确认入账"),
    Transition("discard", (ResultState.READ,), ResultState.DISCARDED, rules.may_operate_bank, "不采用"),
    badges={
        ResultState.READ: Badge("待确认", "warning", "hourglass-split"),
        ResultState.CONFIRMED: Badge("已确认", "success", "check-circle"),
        ResultState.DISCARDED: Badge("未采用", "muted", "x-circle"),
    },
)
