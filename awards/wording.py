"""Chinese words for the kinds of notices, objectors, payees and payments, as lists, forms and exports show them."""

from awards.enums import (
    AcceptanceState,
    AwardGroup,
    AwardKind,
    Channel,
    ExclusionReason,
    InstalmentCondition,
    NoticeKind,
    ObjectorKind,
    PayeeKind,
)

NOTICE_KINDS = {
    NoticeKind.ADVANCEMENT: "晋级公示",
    NoticeKind.RECOMMENDATION: "推荐国赛公示",
    NoticeKind.AWARDS: "拟奖励公示",
    NoticeKind.ORGANISERS: "优秀组织单位公示",
    NoticeKind.CORRECTION: "更正公示",
    NoticeKind.RESULT: "结果公布",
    NoticeKind.GENERAL: "通知公告",
}
OBJECTOR_KINDS = {
    ObjectorKind.UNIT: "单位（实名）",
    ObjectorKind.PERSON: "个人（实名）",
    ObjectorKind.ANONYMOUS: "匿名（仅作为线索）",
}
PAYEE_KINDS = {PayeeKind.ENTERPRISE: "企业", PayeeKind.BUREAU: "地州市科技局", PayeeKind.HOST: "承办单位"}
CHANNELS = {
    Channel.AUTHORISED: "财政授权支付",
    Channel.DIRECT: "财政直接支付",
    Channel.INDEX_TRANSFER: "指标文下达",
}
CONDITIONS = {
    InstalmentCondition.NOTICE_OVER: "公示期满",
    InstalmentCondition.CONTRACT_SIGNED: "任务书已签订",
    InstalmentCondition.ACCEPTANCE_PASSED: "验收通过",
}
EXCLUSION_REASONS = {
    ExclusionReason.DISHONEST: "失信被执行人",
    ExclusionReason.ABNORMAL: "经营异常",
    ExclusionReason.DEREGISTERED: "注销或吊销",
    ExclusionReason.ACCIDENT: "重大安全质量环境事故",
    ExclusionReason.MISCONDUCT: "科研失信",
    ExclusionReason.OTHER: "其他",
}
STEP_ROLES = {
    "preparer": "经办",
    "reviewer": "复核",
    "finance": "财务审核",
    "leader": "领导批准",
    "rejecter": "退回",
}
DECISIONS = {"submit": "提交", "approve": "同意", "reject": "退回"}
AWARD_GROUPS = {group: group.label for group in AwardGroup}
AWARD_KINDS = {kind: kind.label for kind in AwardKind}
ACCEPTANCE_STATES = {
    AcceptanceState.APPLIED: "待会评",
    AcceptanceState.RECTIFYING: "整改中",
    AcceptanceState.PASSED: "验收通过",
    AcceptanceState.FAILED: "未通过",
}
# The columns a published list may have, in the order shown.
ROW_COLUMNS = {
    "group": "组别",
    "tier": "奖项",
    "number": "项目编号",
    "name": "单位名称",
    "project": "项目名称",
    "track": "行业",
    "prefecture": "地州市",
    "rank": "名次",
    "score": "得分",
}
ALLOCATION_FAULTS = {
    "bad_tier": "奖项设置有误：名额、金额须为非负数且代码不重复。",
    "tiers_not_descending": "同组奖项的金额须由高到低排列。",
    "duplicate_entry": "名次中同一项目出现两次，请先核对排名。",
    "entry_without_rank": "有项目没有名次，请先冻结排名。",
    "group_without_plan": "有组别没有设置奖项，请先补全奖项设置。",
    "bad_amount": "奖项金额有误。",
    "bad_shares": "分期比例有误。",
}


def choices(words: dict) -> list[tuple[str, str]]:
    return [(key.value, label) for key, label in words.items()]
