"""The words of the rule engine: outcomes, rules, reasons, and how each is called on the screen."""

from dataclasses import dataclass
from enum import StrEnum

from competition.enums import Outcome

Value = str | int | bool | None


class Rule(StrEnum):
    CREDIT_CODE = "credit_code"
    REGION = "region"
    FOUNDED = "founded"
    REVENUE = "revenue"
    LISTED = "listed"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    INTEGRITY = "integrity"
    ENTERPRISE_NUMBER = "enterprise_number"
    NATIONAL_WINNER = "national_winner"
    RECENT_WINNER = "recent_winner"
    AWARD_CAP = "award_cap"
    ACCEPTANCE = "acceptance"
    REPEAT_WINNER = "repeat_winner"
    OTHER_ENTRY = "other_entry"


class Reason(StrEnum):
    CREDIT_CODE_VALID = "credit_code_valid"
    CREDIT_CODE_INVALID = "credit_code_invalid"
    CREDIT_CODE_ELSEWHERE = "credit_code_elsewhere"
    REGION_INSIDE = "region_inside"
    REGION_GUEST = "region_guest"
    REGION_OUTSIDE = "region_outside"
    REGION_UNKNOWN = "region_unknown"
    FOUNDED_IN_TIME = "founded_in_time"
    FOUNDED_TOO_EARLY = "founded_too_early"
    FOUNDED_IN_FUTURE = "founded_in_future"
    FOUNDED_UNKNOWN = "founded_unknown"
    REVENUE_WITHIN = "revenue_within"
    REVENUE_ABOVE = "revenue_above"
    REVENUE_NO_YEAR_YET = "revenue_no_year_yet"
    REVENUE_UNKNOWN = "revenue_unknown"
    NOT_LISTED = "not_listed"
    LISTED = "listed"
    LISTED_UNKNOWN = "listed_unknown"
    IP_GRANTED = "ip_granted"
    IP_PENDING_ACCEPTED = "ip_pending_accepted"
    IP_PENDING_ONLY = "ip_pending_only"
    IP_TOO_FEW = "ip_too_few"
    IP_UNKNOWN = "ip_unknown"
    INTEGRITY_SIGNED = "integrity_signed"
    INTEGRITY_UNSIGNED = "integrity_unsigned"
    INTEGRITY_UNKNOWN = "integrity_unknown"
    NUMBER_EXEMPT = "number_exempt"
    NUMBER_NOT_YET_REQUIRED = "number_not_yet_required"
    NUMBER_GROUP_UNKNOWN = "number_group_unknown"
    SME_NUMBER_VALID = "sme_number_valid"
    SME_NUMBER_MALFORMED = "sme_number_malformed"
    SME_NUMBER_OTHER_YEAR = "sme_number_other_year"
    HIGHTECH_VALID = "hightech_valid"
    HIGHTECH_EXPIRED = "hightech_expired"
    HIGHTECH_TERM_UNKNOWN = "hightech_term_unknown"
    NUMBER_MISSING = "number_missing"
    NO_EARLIER_AWARD = "no_earlier_award"
    NATIONAL_WINNER = "national_winner"
    RECENT_WINNER = "recent_winner"
    AWARD_CAP_FREE = "award_cap_free"
    AWARD_CAP_REACHED = "award_cap_reached"
    AWARD_MUST_IMPROVE = "award_must_improve"
    ACCEPTANCE_CLEAR = "acceptance_clear"
    ACCEPTANCE_UNFINISHED = "acceptance_unfinished"
    ENCOURAGEMENT_ONLY = "encouragement_only"
    NO_OTHER_ENTRY = "no_other_entry"
    OTHER_ENTRY = "other_entry"


@dataclass(frozen=True)
class Finding:
    """One rule's answer. `fact` and `limit` are plain values (dates in ISO form), ready to be stored as JSON."""

    rule: Rule
    outcome: Outcome
    reason: Reason
    fact: Value | tuple[Value, ...] = None
    limit: Value | tuple[Value, ...] = None


RULE_LABELS: dict[Rule, str] = {
    Rule.CREDIT_CODE: "统一社会信用代码",
    Rule.REGION: "注册地",
    Rule.FOUNDED: "成立年限",
    Rule.REVENUE: "上年度营业收入",
    Rule.LISTED: "非上市",
    Rule.INTELLECTUAL_PROPERTY: "知识产权",
    Rule.INTEGRITY: "信用承诺",
    Rule.ENTERPRISE_NUMBER: "入库登记编号或高企证书",
    Rule.NATIONAL_WINNER: "往届全国赛获奖",
    Rule.RECENT_WINNER: "近年地方赛获奖",
    Rule.AWARD_CAP: "获奖次数上限",
    Rule.ACCEPTANCE: "往届项目验收",
    Rule.REPEAT_WINNER: "重复获奖限制",
    Rule.OTHER_ENTRY: "同年度重复参赛",
}

OUTCOME_LABELS: dict[Outcome, str] = {
    Outcome.PASS: "符合",
    Outcome.MANUAL: "需人工核实",
    Outcome.FAIL: "不符合",
}

REASON_LABELS: dict[Reason, str] = {
    Reason.CREDIT_CODE_VALID: "统一社会信用代码校验通过",
    Reason.CREDIT_CODE_INVALID: "统一社会信用代码校验不通过",
    Reason.CREDIT_CODE_ELSEWHERE: "代码的登记机关不在本赛区所属省份，请核实是否为迁入企业",
    Reason.REGION_INSIDE: "注册地在参赛地域内",
    Reason.REGION_GUEST: "注册地属受邀参赛地域，请核实邀请",
    Reason.REGION_OUTSIDE: "注册地不在参赛地域内",
    Reason.REGION_UNKNOWN: "未填写注册地",
    Reason.FOUNDED_IN_TIME: "成立日期在规定期限内",
    Reason.FOUNDED_TOO_EARLY: "成立日期早于规定期限",
    Reason.FOUNDED_IN_FUTURE: "成立日期晚于审核之日，请核对营业执照",
    Reason.FOUNDED_UNKNOWN: "未填写成立日期",
    Reason.REVENUE_WITHIN: "上年度营业收入未超过上限",
    Reason.REVENUE_ABOVE: "上年度营业收入超过上限",
    Reason.REVENUE_NO_YEAR_YET: "企业成立于该年度之后，尚无该年度收入",
    Reason.REVENUE_UNKNOWN: "未填写上年度营业收入",
    Reason.NOT_LISTED: "非上市企业",
    Reason.LISTED: "上市企业",
    Reason.LISTED_UNKNOWN: "未说明是否上市",
    Reason.IP_GRANTED: "拥有规定数量的已授权知识产权",
    Reason.IP_PENDING_ACCEPTED: "初创企业以已受理的知识产权参赛",
    Reason.IP_PENDING_ONLY: "知识产权尚在受理中，未获授权",
    Reason.IP_TOO_FEW: "知识产权数量不足",
    Reason.IP_UNKNOWN: "未填写知识产权，请核对证明材料",
    Reason.INTEGRITY_SIGNED: "已签署真实性与信用承诺",
    Reason.INTEGRITY_UNSIGNED: "未签署真实性与信用承诺",
    Reason.INTEGRITY_UNKNOWN: "由导入建立，未在本系统签署承诺，请核对纸质承诺书",
    Reason.NUMBER_EXEMPT: "初创企业组不要求入库登记编号",
    Reason.NUMBER_NOT_YET_REQUIRED: "尚未取得编号，推荐全国赛之前须补齐",
    Reason.NUMBER_GROUP_UNKNOWN: "组别未定，无法判断是否需要编号",
    Reason.SME_NUMBER_VALID: "入库登记编号有效",
    Reason.SME_NUMBER_MALFORMED: "入库登记编号格式不正确",
    Reason.SME_NUMBER_OTHER_YEAR: "入库登记编号不是规定年度的编号",
    Reason.HIGHTECH_VALID: "高新技术企业证书在有效期内",
    Reason.HIGHTECH_EXPIRED: "高新技术企业证书已过有效期",
    Reason.HIGHTECH_TERM_UNKNOWN: "未填写高新技术企业证书有效期",
    Reason.NUMBER_MISSING: "成长企业组须有入库登记编号或有效的高企证书编号",
    Reason.NO_EARLIER_AWARD: "没有受限的往届奖项",
    Reason.NATIONAL_WINNER: "曾在全国赛获奖，不得再次参赛",
    Reason.RECENT_WINNER: "近年曾在地方赛获奖，不得再次参赛",
    Reason.AWARD_CAP_FREE: "获奖次数未达上限",
    Reason.AWARD_CAP_REACHED: "获奖次数已达上限",
    Reason.AWARD_MUST_IMPROVE: "再次获奖须为同组更高等次或另一组别",
    Reason.ACCEPTANCE_CLEAR: "没有未验收的往届奖励项目",
    Reason.ACCEPTANCE_UNFINISHED: "往届奖励项目尚未通过验收",
    Reason.ENCOURAGEMENT_ONLY: "往届获奖企业，只能获鼓励奖，不晋级、不参评等次奖",
    Reason.NO_OTHER_ENTRY: "本年度没有参加其他分赛",
    Reason.OTHER_ENTRY: "本年度已参加其他分赛",
}
