"""The machine of import batches."""

from competition import rules
from competition.enums import ImportState as I
from core.states import Badge, Machine, Transition

IMPORT = Machine(
    Transition("check", (I.MAPPING, I.CHECKED, I.CHECKING), I.CHECKING, rules.may_import, "开始检查"),
    Transition("report", (I.CHECKING,), I.CHECKED, rules.may_import, "检查完成"),
    Transition("map", (I.CHECKING, I.CHECKED), I.MAPPING, rules.may_import, "重新对应列", tone="outline"),
    Transition("refuse", (I.CHECKING,), I.REFUSED, rules.may_import, "拒收"),
    Transition("import", (I.CHECKED, I.STOPPED), I.IMPORTING, rules.may_import, "开始导入"),
    Transition("stop", (I.IMPORTING, I.UNDOING), I.STOPPED, rules.may_import, "停止"),
    Transition("finish", (I.IMPORTING,), I.IMPORTED, rules.may_import, "导入完成"),
    Transition(
        "undo",
        (I.IMPORTED, I.STOPPED),
        I.UNDOING,
        rules.may_import,
        "撤销本批",
        needs_reason=True,
        tone="danger",
    ),
    Transition("finish_undo", (I.UNDOING,), I.UNDONE, rules.may_import, "撤销完成"),
    Transition("discard", (I.MAPPING, I.CHECKED), I.DISCARDED, rules.may_import, "不导入", tone="outline"),
    badges={
        I.MAPPING: Badge("待对应列", "muted", "pencil"),
        I.CHECKING: Badge("检查中", "info", "hourglass-split"),
        I.CHECKED: Badge("待导入", "warning", "clipboard-check"),
        I.REFUSED: Badge("已拒收", "danger", "x-circle"),
        I.IMPORTING: Badge("导入中", "info", "hourglass-split"),
        I.STOPPED: Badge("已停止", "warning", "exclamation-triangle"),
        I.IMPORTED: Badge("已导入", "success", "check-circle"),
        I.UNDOING: Badge("撤销中", "info", "hourglass-split"),
        I.UNDONE: Badge("已撤销", "muted", "arrow-counterclockwise"),
        I.DISCARDED: Badge("未导入", "muted", "dash-circle"),
    },
)
