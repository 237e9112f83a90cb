"""Chinese words for the kinds of notices, objectors, payees and payments, as lists, forms and exports show them."""

from awards.enums import (
    AcceptanceState,
    AmountUnit,
    AwardGroup,
    AwardKind,
    BankField,
    Channel,
    DoubleSupport,
    ExclusionReason,
    InstalmentCondition,
    NoticeKind,
    ObjectorKind,
    Outcome,
    PayeeKind,
    SheetKind,
    SupportLevel,
)
from core.states import Badge

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
PAYEE_KINDS = {
    PayeeKind.ENTERPRISE: "企业",
    PayeeKind.BUREAU: "地州市科技局",
    PayeeKind.HOST: "承办单位",
    PayeeKind.EXPERT: "专家个人",
    PayeeKind.TREASURY: "国库",
}
CHANNELS = {
    Channel.AUTHORISED: "财政授权支付",
    Channel.DIRECT: "财政直接支付",
    Channel.INDEX_TRANSFER: "指标文下达",
    Channel.REFUND: "缴回国库",
}
CONDITIONS = {
    InstalmentCondition.NOTICE_OVER: "公示期满",
    InstalmentCondition.CONTRACT_SIGNED: "任务书已签订",
    InstalmentCondition.ACCEPTANCE_PASSED: "验收通过",
    InstalmentCondition.MONTHS_PASSED: "满规定月数",
    InstalmentCondition.CHECK_PASSED: "落地经营核查通过",
}
ACCOUNT_DOUBTS = {
    "bank_code": "行号校验位不符",
    "like_bank_code": "账号像是行号",
    "card": "不像银行卡号",
}
EXCLUSION_REASONS = {
    ExclusionReason.DISHONEST: "失信被执行人",
    ExclusionReason.ABNORMAL: "经营异常",
    ExclusionReason.DEREGISTERED: "注销或吊销",
    ExclusionReason.ACCIDENT: "重大安全质量环境事故",
    ExclusionReason.MISCONDUCT: "科研失信",
    ExclusionReason.OTHER: "其他",
}
BANK_FIELDS = {
    BankField.SEQ: "序号",
    BankField.KEY: "支付编号",
    BankField.ACCOUNT_NAME: "收款户名",
    BankField.ACCOUNT: "收款账号",
    BankField.BANK: "收款开户行",
    BankField.BANK_CODE: "收款行号",
    BankField.AMOUNT: "金额",
    BankField.PURPOSE: "用途",
    BankField.DOCUMENT_NO: "拨款文件",
    BankField.DATE: "日期",
    BankField.PAYER_NAME: "付款户名",
    BankField.PAYER_ACCOUNT: "付款账号",
    BankField.PAYER_BANK: "付款开户行",
    BankField.TEXT: "固定文字",
}
ANSWER_FIELDS = {
    BankField.KEY: "支付编号",
    BankField.ACCOUNT: "收款账号",
    BankField.AMOUNT: "金额",
    BankField.STATUS: "处理结果",
    BankField.REASON: "失败原因",
    BankField.REFERENCE: "银行流水号",
}
SHEET_KINDS = {SheetKind.XLSX: "Excel（xlsx）", SheetKind.CSV: "文本（csv）"}
AMOUNT_UNITS = {AmountUnit.YUAN: "元，两位小数", AmountUnit.FEN: "分，整数"}
ENCODINGS = {"utf-8": "UTF-8", "gb18030": "GB 18030"}
DATE_FORMATS = {"%Y-%m-%d": "2018-11-26", "%Y%m%d": "20181126", "%Y/%m/%d": "2018/11/26"}
FEE_TIER = "专家评审费"
TREASURY_TIER = "缴回国库"
OUTCOMES = {
    Outcome.PAID: Badge("已支付", "success", "check-circle"),
    Outcome.FAILED: Badge("失败", "danger", "x-circle"),
    Outcome.REPEATED: Badge("已登记过", "muted", "dash-circle"),
    Outcome.PENDING: Badge("银行处理中", "warning", "hourglass-split"),
    Outcome.MISSING: Badge("文件中缺少", "warning", "question-circle"),
    Outcome.DOUBLED: Badge("重复", "danger", "exclamation-triangle"),
    Outcome.DIFFERS: Badge("金额或账号不符", "danger", "exclamation-triangle"),
    Outcome.UNKNOWN: Badge("不属于本批次", "danger", "question-circle"),
    Outcome.BLOCKED: Badge("资金冻结中", "danger", "slash-circle"),
}
STEP_ROLES = {
    "preparer": "经办",
    "reviewer": "复核",
    "division": "处室审批",
    "finance": "财务审核",
    "leader": "领导批准",
    "rejecter": "退回",
}
DECISIONS = {"submit": "提交", "approve": "同意", "reject": "退回"}
ITEMS = {False: "新上项目", True: "结转项目"}
MONEY = {False: "当年资金", True: "结转资金"}
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
DOUBLE_SUPPORT = {
    DoubleSupport.OFF: "不限制",
    DoubleSupport.HIGHER: "就高：只有高于已得支持的才授奖",
    DoubleSupport.BAR: "不重复：已有其他支持的不再授奖",
}
SUPPORT_LEVELS = {
    SupportLevel.NATIONAL: "国家级",
    SupportLevel.PROVINCIAL: "自治区级",
    SupportLevel.PREFECTURE: "地州市级",
    SupportLevel.COUNTY: "县市区级",
}
SKIPPED = {
    "ineligible": "不具备授奖条件",
    "excluded": "不参与授奖",
    "keeps_higher_award": "已有不低于此的奖励或支持",
    "repeat_winner": "往届获奖企业，只能获鼓励奖",
    "no_place_left": "名额已满",
    "waits_for_decision": "等待并列决定",
}
SKIPPED_DETAILS = {
    "dropped": "退赛、弃赛或取消资格",
    "due_diligence": "尽职调查未通过",
    "objection": "奖励已被取消",
    "double_support": "已有其他财政支持",
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
