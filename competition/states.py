"""The machines of editions and entries. The machines of rounds and events are in `round_states`."""

from competition import rules
from competition.enums import EditionState, EntryState
from core.states import Badge, Machine, Transition

S = EntryState

EDITION = Machine(
    Transition(
        "publish",
        (EditionState.DRAFT,),
        EditionState.OPEN,
        rules.may_run_editions,
        "发布规则并开放报名",
        confirm="发布后参数即冻结为第 1 版规则。",
    ),
    Transition(
        "close_registration",
        (EditionState.OPEN,),
        EditionState.RUNNING,
        rules.may_run_editions,
        "结束报名",
        confirm="结束后不再接收报名和补正材料。",
    ),
    Transition(
        "close",
        (EditionState.RUNNING,),
        EditionState.CLOSED,
        rules.may_run_editions,
        "结束届次",
        confirm="结束后本届内容只供查阅。",
    ),
    badges={
        EditionState.DRAFT: Badge("筹备中", "muted", "pencil"),
        EditionState.OPEN: Badge("报名中", "success", "unlock"),
        EditionState.RUNNING: Badge("比赛中", "info", "play-fill"),
        EditionState.CLOSED: Badge("已结束", "neutral", "lock"),
    },
)

ENTRY = Machine(
    Transition("submit", (S.DRAFT, S.RETURNED), S.SUBMITTED, rules.may_fill, "提交报名"),
    Transition(
        "pass_regional",
        (S.SUBMITTED,),
        S.REGIONAL_PASSED,
        rules.may_pass_regional,
        "审核通过",
        tone="success",
    ),
    Transition("confirm", (S.REGIONAL_PASSED,), S.ACCEPTED, rules.may_confirm, "确认参赛", tone="success"),
    Transition(
        "return",
        (S.SUBMITTED, S.REGIONAL_PASSED),
        S.RETURNED,
        rules.may_review,
        "退回修改",
        needs_reason=True,
        tone="outline",
    ),
    Transition(
        "reject",
        (S.SUBMITTED, S.REGIONAL_PASSED),
        S.REJECTED,
        rules.may_review,
        "不通过",
        needs_reason=True,
        tone="danger",
    ),
    Transition(
        "withdraw",
        (S.DRAFT, S.SUBMITTED, S.RETURNED, S.REGIONAL_PASSED, S.ACCEPTED),
        S.WITHDRAWN,
        rules.may_withdraw,
        "撤回",
        needs_reason=True,
        tone="outline",
    ),
    Transition("restart", (S.WITHDRAWN,), S.DRAFT, rules.may_fill, "重新填报"),
    Transition(
        "disqualify",
        (S.ACCEPTED,),
        S.DISQUALIFIED,
        rules.may_disqualify,
        "取消资格",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        S.DRAFT: Badge("草稿", "muted", "pencil"),
        S.SUBMITTED: Badge("待地州市审核", "info", "hourglass-split"),
        S.RETURNED: Badge("退回修改", "warning", "arrow-counterclockwise"),
        S.REGIONAL_PASSED: Badge("待组委会确认", "info", "check-lg"),
        S.REJECTED: Badge("审核不通过", "danger", "x-circle"),
        S.ACCEPTED: Badge("参赛有效", "success", "check-circle"),
        S.WITHDRAWN: Badge("已撤回", "muted", "dash-circle"),
        S.DISQUALIFIED: Badge("取消资格", "danger", "slash-circle"),
    },
)
