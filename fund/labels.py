"""Chinese words of kinds and accounts, shown on pages and in exports."""

from collections.abc import Mapping
from enum import StrEnum

from fund.enums import AccountRole, Direction, LineKind, TransferKind

LINE_KINDS = {
    LineKind.FUND: "专项资金",
    LineKind.PROGRAMME: "计划",
    LineKind.SUBPROGRAMME: "子专项",
    LineKind.WORK_FUND: "工作经费",
    LineKind.NEW_PROJECTS: "新上项目",
    LineKind.CARRYOVER_PROJECTS: "结转项目",
    LineKind.TRAINING: "培训经费",
}
TRANSFER_KINDS = {
    TransferKind.ISSUE: "下达",
    TransferKind.ALLOCATE: "分配",
    TransferKind.ADJUST: "调剂",
    TransferKind.HOLD: "占用",
    TransferKind.PAY: "支付",
    TransferKind.RELEASE: "释放",
    TransferKind.BOUNCE: "退票",
    TransferKind.CARRY: "结转",
    TransferKind.RETURN: "收回",
    TransferKind.REVERSE: "冲正",
}
ACCOUNTS = {
    AccountRole.FISCAL: "财政",
    AccountRole.AVAILABLE: "可用",
    AccountRole.HELD: "占用",
    AccountRole.PAID: "已支付",
    AccountRole.CARRIED: "已结转",
    AccountRole.RETURNED: "已收回",
}
DIRECTIONS = {
    Direction.AT_LEAST: "不低于",
    Direction.AT_MOST: "不高于",
    Direction.EQUAL: "等于",
    Direction.QUALITATIVE: "定性",
}
MEASURES = {"reported": "安排", "issued": "下达", "paid": "已支付"}
CHANGES = {"new": "新增", "gone": "不再有", "both": ""}
SEVERITIES = {"error": ("差错", "danger"), "warning": ("提醒", "warning"), "info": ("提示", "info")}
RULES = {
    "sum_mismatch": "分项合计不等于上级",
    "leaf_total_mismatch": "末级合计不等于总额",
    "claim_vs_ledger": "填报数与预算不符",
    "scope_mismatch": "前后口径不同",
    "count_mismatch": "数量不一致",
    "unit_error": "单位错误",
    "unit_missing": "缺少单位",
    "label_collision": "名称混淆",
    "fuzzy_number": "数字不确切",
    "copied_actual": "完成值照抄目标",
    "misplaced_indicator": "指标归类不当",
    "unmeasurable": "无法核实",
    "missing_field": "缺少要素",
    "derived_check": "推算不符",
    "period_mismatch": "期限不一致",
    "edition_vs_year": "届次与年度不同",
    "coverage_denominator": "覆盖范围不一致",
    "goal_vs_year": "多年目标与年度目标混用",
}
PROBLEMS = {
    "copied_actual": "照抄目标",
    "fuzzy_number": "数字不确切",
    "percentage_without_numerator": "缺分子分母",
    "not_assessed": "待评分",
    "missing_value": "缺数值",
    "negative_target": "目标为负",
    "money_over_target": "超出目标",
    "over_achievement": "超额过多",
    "unplaced_row": "无处计分",
}


def choices(words: Mapping[StrEnum, str]) -> list[tuple[str, str]]:
    return [(member.value, label) for member, label in words.items()]
