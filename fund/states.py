"""States of budget lines and findings."""

from core.enums import Role
from core.rules import SYSTEM, Actor, Verdict, verdict
from core.states import Badge, Machine, Transition
from fund.enums import FindingState as F
from fund.enums import LineState as L


def may_keep_ledger(actor: Actor, _subject=None) -> Verdict:
    return verdict(actor is SYSTEM or actor.role == Role.FINANCE, "只有财务可以办理指标与账务事项。")


def may_decide_finding(actor: Actor, _finding=None) -> Verdict:
    return verdict(actor.role in (Role.FINANCE, Role.OFFICE), "只有财务或组委会办公室可以处理核对问题。")


def may_report(actor: Actor, _indicator=None) -> Verdict:
    return verdict(
        actor.role in (Role.FINANCE, Role.OFFICE, Role.PROGRAMME),
        "只有财务、组委会办公室或计划主管处室可以填报完成情况。",
    )


def may_file_goal(actor: Actor, _year=None) -> Verdict:
    return verdict(actor.role in (Role.FINANCE, Role.OFFICE), "只有财务或组委会办公室可以登记总体目标。")


def may_name_reporters(actor: Actor, _line=None) -> Verdict:
    return verdict(actor.role in (Role.FINANCE, Role.OFFICE), "只有财务或组委会办公室可以指定填报人。")


LINE = Machine(
    Transition(
        "close",
        (L.OPEN,),
        L.CLOSED,
        may_keep_ledger,
        "关闭年度",
        confirm="关闭后只接受退票与冲正。",
        tone="danger",
    ),
    badges={L.OPEN: Badge("执行中", "info", "unlock"), L.CLOSED: Badge("已关闭", "muted", "lock")},
)

FINDING = Machine(
    Transition("explain", (F.OPEN,), F.EXPLAINED, may_decide_finding, "登记说明", needs_reason=True),
    Transition(
        "correct", (F.OPEN, F.EXPLAINED), F.CORRECTED, may_decide_finding, "登记更正", needs_reason=True
    ),
    Transition(
        "reopen", (F.EXPLAINED, F.CORRECTED), F.OPEN, may_decide_finding, "重新打开", needs_reason=True
    ),
    badges={
        F.OPEN: Badge("待处理", "warning", "exclamation-circle"),
        F.EXPLAINED: Badge("已说明", "info", "journal-text"),
        F.CORRECTED: Badge("已更正", "success", "check-circle"),
    },
)
