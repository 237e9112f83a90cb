"""Forms of awards, notices, objections and money."""

from flask_wtf.file import FileField, MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from awards.enums import AwardGroup, AwardKind, Channel, InstalmentCondition, NoticeKind, PayeeKind
from awards.operations.plans import TAILS
from awards.wording import (
    AWARD_GROUPS,
    AWARD_KINDS,
    CHANNELS,
    CONDITIONS,
    DOUBLE_SUPPORT,
    EXCLUSION_REASONS,
    NOTICE_KINDS,
    OBJECTOR_KINDS,
    PAYEE_KINDS,
    SUPPORT_LEVELS,
    choices,
)
from competition.validators import credit_code as read_credit_code
from core.errors import InvalidInput
from core.forms import Form, MoneyField


class ManyField(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PlanForm(Form):
    edition = SelectField("届次", coerce=int, validators=[InputRequired("请选择届次。")])
    line = SelectField("预算科目", coerce=int, validators=[InputRequired("请选择预算科目。")])
    name = StringField("方案名称", [InputRequired("请填写方案名称。"), Length(max=80)])
    note = TextAreaField("说明", [Optional(), Length(max=2000)])


# What a tier can be; money goes back to the treasury without one.
TIER_KINDS = {kind: label for kind, label in AWARD_KINDS.items() if kind != AwardKind.TREASURY}


class TierForm(Form):
    group = SelectField("组别", choices=choices(AWARD_GROUPS), default=AwardGroup.GROWTH.value)
    kind = SelectField("类别", choices=choices(TIER_KINDS), default=AwardKind.PRIZE.value)
    code = StringField(
        "代码", [InputRequired("请填写代码。"), Length(max=30)], description="如 first、second"
    )
    name = StringField("奖项名称", [InputRequired("请填写奖项名称。"), Length(max=40)])
    places = IntegerField(
        "名额", [InputRequired("请填写名额。"), NumberRange(0, 100_000, "名额应在 0 到 100000 之间。")]
    )
    amount = MoneyField("每个金额", [InputRequired("请填写金额。")])
    first_percent = IntegerField(
        "首款比例",
        [InputRequired("请填写首款比例。"), NumberRange(0, 100, "首款比例应在 0 到 100 之间。")],
        default=100,
        description="100 表示公示期满后一次付清；小于 100 时其余按尾款条件支付。",
    )
    needs_contract = BooleanField("任务书签订后才付首款")
    tail_condition = SelectField(
        "尾款条件",
        choices=choices({condition: CONDITIONS[condition] for condition in TAILS}),
        default=InstalmentCondition.ACCEPTANCE_PASSED.value,
        description="首款比例为 100 时不用。",
    )
    tail_months = IntegerField(
        "审定后至少满",
        [Optional(), NumberRange(0, 120, "月数应在 0 到 120 之间。")],
        default=0,
        description="尾款在审定满这些月之前不付；0 表示不限。",
    )


class TierChangeForm(Form):
    places = IntegerField(
        "名额", [InputRequired("请填写名额。"), NumberRange(0, 100_000, "名额应在 0 到 100000 之间。")]
    )
    amount = MoneyField("每个金额", [InputRequired("请填写金额。")])
    first_percent = IntegerField(
        "首款比例", [InputRequired("请填写首款比例。"), NumberRange(0, 100, "首款比例应在 0 到 100 之间。")]
    )
    needs_contract = BooleanField("任务书签订后才付首款")
    tail_condition = SelectField(
        "尾款条件",
        choices=choices({condition: CONDITIONS[condition] for condition in TAILS}),
        default=InstalmentCondition.ACCEPTANCE_PASSED.value,
        description="首款比例为 100 时不用。",
    )
    tail_months = IntegerField(
        "审定后至少满",
        [Optional(), NumberRange(0, 120, "月数应在 0 到 120 之间。")],
        default=0,
        description="尾款在审定满这些月之前不付；0 表示不限。",
    )


class PlanRulesForm(Form):
    double_support = SelectField("已有其他财政支持的", choices=choices(DOUBLE_SUPPORT))
    support_years = IntegerField(
        "计算年数",
        [InputRequired("请填写年数。"), NumberRange(1, 30, "年数应在 1 到 30 之间。")],
        description="含本届年度向前计算。",
    )


class SupportForm(Form):
    credit_code = StringField("统一社会信用代码", [InputRequired("请填写统一社会信用代码。"), Length(max=18)])
    name = StringField("单位名称", [InputRequired("请填写单位名称。"), Length(max=120)])
    programme = StringField("计划名称", [InputRequired("请填写计划名称。"), Length(max=120)])
    level = SelectField("级别", choices=choices(SUPPORT_LEVELS))
    year = IntegerField("年度", [InputRequired("请填写年度。"), NumberRange(1990, 2200, "年度有误。")])
    amount = MoneyField("金额", [InputRequired("请填写金额。")])
    source = StringField(
        "来源", [InputRequired("请填写来源。"), Length(max=200)], description="文号或查询网址。"
    )


class TieForm(Form):
    """The order of the tied entries is a field of each, read by the view."""

    minutes = StringField("评议记录", [InputRequired("请填写评议记录编号或摘要。"), Length(max=200)])
    decided_on = DateField("评议日期", [InputRequired("请填写评议日期。")])


class GrantForm(Form):
    tier = SelectField("奖项", coerce=int, validators=[InputRequired("请选择奖项。")])
    payee = SelectField("收款单位", coerce=int, validators=[InputRequired("请选择收款单位。")])
    amount = MoneyField("金额", [Optional()], description="不填时按奖项设置的金额。")
    note = TextAreaField("说明", [Optional(), Length(max=1000)])


class CarryForm(Form):
    edition = SelectField("届次", coerce=int, validators=[InputRequired("请选择届次。")])
    line = SelectField("预算科目", coerce=int, validators=[InputRequired("请选择预算科目。")])
    payee = SelectField(
        "承担单位", coerce=int, validators=[InputRequired("请选择承担单位。")], description="先登记收款单位。"
    )
    number = StringField("奖励编号", [InputRequired("请填写奖励编号。"), Length(max=40)])
    group = SelectField("组别", choices=choices(AWARD_GROUPS), default=AwardGroup.GROWTH.value)
    tier_name = StringField("奖项", [InputRequired("请填写奖项。"), Length(max=40)])
    amount = MoneyField("核定金额", [InputRequired("请填写核定金额。")])
    paid_before = MoneyField("以前年度已付", [Optional()])
    money_carried = BooleanField("用结转资金支付")
    note = TextAreaField("说明", [Optional(), Length(max=1000)])


class NoticeForm(Form):
    title = StringField("标题", [InputRequired("请填写公示标题。"), Length(max=160)])
    document_no = StringField("文号", [Optional(), Length(max=80)])
    body = TextAreaField("正文", [InputRequired("请填写正文。"), Length(max=20_000)])
    days = IntegerField("公示工作日", [Optional(), NumberRange(1, 60, "公示期应在 1 到 60 个工作日之间。")])


class PostingForm(Form):
    place = StringField(
        "张贴处", [InputRequired("请填写张贴处。"), Length(max=200)], description="如厅门户网站、一楼公告栏。"
    )
    posted_on = DateField("张贴日期", [InputRequired("请填写张贴日期。")])
    evidence = FileField("照片或网页截图", description="JPG、PNG 或 PDF，20 MB 以内。")


class NoticeKindForm(Form):
    edition = SelectField("届次", coerce=int)
    kind = SelectField("公示类别", choices=choices(NOTICE_KINDS), default=NoticeKind.AWARDS.value)


class ObjectionForm(Form):
    kind = SelectField("异议人", choices=choices(OBJECTOR_KINDS))
    about = SelectField("所指项目", validate_choice=True)
    objector = StringField("姓名或单位名称", [Optional(), Length(max=120)])
    contact = StringField("联系方式", [Optional(), Length(max=120)], description="仅用于核实与答复，不公开。")
    content = TextAreaField("事实与理由", [InputRequired("请写明异议的事实与理由。"), Length(max=5000)])
    evidence = FileField("证据材料", [Optional()], description="PDF、图片、Word 或 ZIP，一个文件。")


class LateObjectionForm(ObjectionForm):
    """What supervision takes up after the period, of its own accord."""

    late_reason = TextAreaField(
        "依职权受理的理由", [InputRequired("公示期已过，请写明依职权受理的理由。"), Length(max=1000)]
    )


class ConclusionForm(Form):
    conclusion = TextAreaField("处理结论", [InputRequired("请填写处理结论。"), Length(max=5000)])


class PayeeForm(Form):
    """A unit by its credit code, or an expert of the library by his entry there."""

    kind = SelectField("类别", choices=choices(PAYEE_KINDS), default=PayeeKind.BUREAU.value)
    name = StringField("单位名称", [Length(max=120)], description="专家个人不填。")
    credit_code = StringField("统一社会信用代码", [Length(max=18)], description="专家个人不填。")
    expert = SelectField("专家", coerce=int, description="只用于专家个人，从评委库选择；不登记证件号码。")

    def validate_name(self, field) -> None:
        if self.kind.data != PayeeKind.EXPERT and not (field.data or "").strip():
            raise ValidationError("请填写单位名称。")

    def validate_credit_code(self, field) -> None:
        if self.kind.data == PayeeKind.EXPERT:
            return
        try:
            field.data = read_credit_code(field.data or "")
        except InvalidInput as refusal:
            raise ValidationError(refusal.sentence) from refusal

    def validate_expert(self, field) -> None:
        if (self.kind.data == PayeeKind.EXPERT) != bool(field.data):
            raise ValidationError("类别为专家个人时请选择专家，其他类别不选。")


class AccountForm(Form):
    account_name = StringField("户名", [InputRequired("请填写户名。"), Length(max=120)])
    number = StringField("账号", [InputRequired("请填写账号。"), Length(max=40)])
    bank = StringField(
        "开户行", [InputRequired("请填写开户行。"), Length(max=120)], description="全称，到支行。"
    )
    bank_code = StringField("行号", [Optional(), Length(max=12)], description="12 位联行号。")


class ExclusionForm(Form):
    credit_code = StringField("统一社会信用代码", [InputRequired("请填写统一社会信用代码。"), Length(max=18)])
    name = StringField("单位名称", [InputRequired("请填写单位名称。"), Length(max=120)])
    reason = SelectField("原因", choices=choices(EXCLUSION_REASONS))
    source = StringField(
        "来源",
        [InputRequired("请填写来源。"), Length(max=200)],
        description="如中国执行信息公开网、国家企业信用信息公示系统，附查询编号。",
    )
    first_day = DateField("列入日期", [InputRequired("请填写列入日期。")])
    last_day = DateField("移出日期", [Optional()], description="不知道的留空，移出时再登记。")
    note = TextAreaField("备注", [Optional(), Length(max=2000)])


class ExclusionFileForm(Form):
    file = FileField("名单文件", description="xlsx 或 csv，20 MB 以内。")


class ExclusionEndForm(Form):
    last_day = DateField(
        "移出日期", [InputRequired("请填写移出日期。")], description="名单在此日之后不再生效。"
    )
    reason = TextAreaField("依据", [InputRequired("请填写依据。"), Length(max=500)])


class TaskBookForm(Form):
    """The targets are rows of their own (`views.target_rows`)."""

    goal = TextAreaField("项目内容与目标", [InputRequired("请填写项目内容与目标。"), Length(max=5000)])
    starts_on = DateField("起始日期", [InputRequired("请填写起始日期。")])
    ends_on = DateField("完成日期", [InputRequired("请填写完成日期。")])


class SignatureForm(Form):
    unit_signatory = StringField("承担单位签字人", [InputRequired("请填写签字人。"), Length(max=60)])
    unit_signed_on = DateField("承担单位签署日期", [InputRequired("请填写签署日期。")])
    office_signatory = StringField("主管部门签字人", [InputRequired("请填写签字人。"), Length(max=60)])
    office_signed_on = DateField("主管部门签署日期", [InputRequired("请填写签署日期。")])


class ScanForm(Form):
    files = MultipleFileField("扫描件", description="PDF、JPG 或 PNG，一次可选多个；文件名中须有任务书编码。")
    code = StringField(
        "任务书编码", [Optional(), Length(max=40)], description="只传一个文件且文件名中没有编码时填写。"
    )


class OperatingCheckForm(Form):
    checked_on = DateField("核查日期", [InputRequired("请填写核查日期。")])
    evidence = FileField("核查材料", description="PDF 或照片，20 MB 以内。")
    resident = BooleanField("注册地仍在本地")
    operating = BooleanField("正常经营")
    findings = TextAreaField("核查情况", [InputRequired("请填写核查情况。"), Length(max=2000)])


class AcceptanceForm(Form):
    """Targets and results are rows of their own (`views.target_rows`)."""

    materials = MultipleFileField(
        "验收材料", description="验收申请书、经费决算、成果证明等，PDF、图片、Office 或 ZIP，可选多个。"
    )


class PanelForm(Form):
    chair = SelectField("专家组组长", coerce=int, validate_choice=False)
    judges = SelectMultipleField("专家", coerce=int, validate_choice=False)


class AcceptanceDecisionForm(Form):
    decision = SelectField(
        "结论", choices=[("pass", "通过验收"), ("rectify", "限期整改"), ("fail", "不通过")], default="pass"
    )
    until = DateField("整改期限", [Optional()], description="限期整改时填写；整改只有一次。")
    opinion = TextAreaField("验收意见", [InputRequired("请填写验收意见。"), Length(max=5000)])


class ClawbackForm(Form):
    amount = MoneyField("追回金额", [InputRequired("请填写追回金额。")])
    due_on = DateField("退回期限", [InputRequired("请填写退回期限。")])
    document_no = StringField("追回通知文号", [InputRequired("请填写文号。"), Length(max=80)])
    reason = TextAreaField("追回理由", [InputRequired("请填写追回理由。"), Length(max=2000)])


class RefundForm(Form):
    amount = MoneyField("到账金额", [InputRequired("请填写到账金额。")], unit="元")
    received_on = DateField("到账日期", [InputRequired("请填写到账日期。")])
    bank_reference = StringField("银行回单号", [InputRequired("请填写银行回单号。"), Length(max=80)])
    document_no = StringField("入账依据文号", [InputRequired("请填写文号。"), Length(max=80)])


class PreparePaymentForm(Form):
    document_no = StringField("拨款文件文号", [InputRequired("请填写拨款文件文号。"), Length(max=80)])
    purpose = StringField("用途", [Optional(), Length(max=200)], description="不填时按“届次＋奖项”生成。")
    channel = SelectField(
        "支付方式",
        choices=choices({channel: label for channel, label in CHANNELS.items() if channel != Channel.REFUND}),
        default=Channel.AUTHORISED.value,
        description="缴回国库的款项按缴回国库支付。",
    )
