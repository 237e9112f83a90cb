"""The machines of editions and entries. The machines of rounds and events are in `round_states`."""

from competition import rules
from competition.enums import BatchState, EditionState, EntryState, LineageState, RuleChangeState
from core.states import Badge, Machine, Transition

S = EntryState

EDITION = Machine(
    Transition(
        "publish",
        (EditionState.DRAFT,),
        EditionState.OPEN,
        rules.may_publish,
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

LINEAGE = Machine(
    Transition(
        "confirm", (LineageState.STATED,), LineageState.CONFIRMED, rules.may_keep_enterprises, "确认沿革"
    ),
    Transition(
        "refuse",
        (LineageState.STATED, LineageState.CONFIRMED),
        LineageState.REFUSED,
        rules.may_keep_enterprises,
        "不予认定",
        needs_reason=True,
        tone="danger",
    ),
    badges={
        LineageState.STATED: Badge("待核实", "warning", "hourglass-split"),
        LineageState.CONFIRMED: Badge("已确认", "success", "check-circle"),
        LineageState.REFUSED: Badge("不予认定", "muted", "x-circle"),
    },
)

C = RuleChangeState
RULE_CHANGE = Machine(
    Transition("propose", (C.DRAFTING,), C.PROPOSED, rules.may_propose_rules, "提交复核"),
    Transition("return", (C.PROPOSED,), C.DRAFTING, rules.may_approve_rules, "退回修改", needs_reason=True),
    Transition("publish", (C.PROPOSED,), C.PUBLISHED, rules.may_approve_rules, "复核发布"),
    Transition(
        "withdraw", (C.DRAFTING, C.PROPOSED), C.WITHDRAWN, rules.may_propose_rules, "作废", tone="danger"
    ),
    badges={
        C.DRAFTING: Badge("修改中", "muted", "pencil"),
        C.PROPOSED: Badge("待复核", "warning", "hourglass-split"),
        C.PUBLISHED: Badge("已发布", "success", "check-circle"),
        C.WITHDRAWN: Badge("已作废", "muted", "dash-circle"),
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
    # Taking a review back is a step of its own, from wherever that level had sent the entry.
    Transition(
        "take_back_regional",
        (S.REGIONAL_PASSED, S.RETURNED, S.REJECTED),
        S.SUBMITTED,
        rules.may_pass_regional,
        "撤销审核结论",
        needs_reason=True,
        tone="outline",
    ),
    Transition(
        "take_back_office",
        (S.ACCEPTED, S.RETURNED, S.REJECTED),
        S.REGIONAL_PASSED,
        rules.may_confirm,
        "撤销审核结论",
        needs_reason=True,
        tone="outline",
    ),
    Transition("restart", (S.WITHDRAWN,), S.DRAFT, rules.may_fill, "重新填报"),
    Transition("import", (S.SUBMITTED, S.RETURNED, S.WITHDRAWN), S.SUBMITTED, rules.may_import, "由导入提交"),
    Transition("undo_import", (S.SUBMITTED,), S.WITHDRAWN, rules.may_import, "撤销导入"),
    Transition("restore", (S.SUBMITTED,), S.SUBMITTED, rules.may_import, "恢复导入前的内容"),
    Transition("restore_returned", (S.SUBMITTED,), S.RETURNED, rules.may_import, "恢复为退回修改"),
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

B = BatchState

BATCH = Machine(
    Transition("start", (B.PREPARED,), B.RUNNING, rules.may_run_batch, "确认办理"),
    Transition("finish", (B.RUNNING,), B.DONE, rules.may_run_batch, "办理完成"),
    Transition("drop", (B.PREPARED,), B.DROPPED, rules.may_run_batch, "放弃", tone="outline"),
    Transition("start_back", (B.DONE,), B.TAKING_BACK, rules.may_run_batch, "撤销本批", needs_reason=True),
    Transition("finish_back", (B.TAKING_BACK,), B.TAKEN_BACK, rules.may_run_batch, "撤销完成"),
    badges={
        B.PREPARED: Badge("待确认", "warning", "hourglass-split"),
        B.RUNNING: Badge("办理中", "info", "arrow-repeat"),
        B.DONE: Badge("已办理", "success", "check-circle"),
        B.TAKING_BACK: Badge("撤销中", "info", "arrow-repeat"),
        B.TAKEN_BACK: Badge("已撤销", "muted", "arrow-counterclockwise"),
        B.DROPPED: Badge("已放弃", "muted", "dash-circle"),
    },
)
