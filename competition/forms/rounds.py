"""Forms of rounds, visits, trainings and matchmaking events."""

from wtforms import (
    DateField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from competition.enums import GuestKind, IntentionKind, VisitConclusion
from core.forms import Form, MoneyField


class PlanVisitForm(Form):
    entry = SelectField("晋级项目", [InputRequired("请选择项目。")])
    lead = SelectField("调查组长", [InputRequired("请选择组长。")])
    members = StringField(
        "小组成员", [InputRequired("请填写小组成员。"), Length(max=200)], description="用顿号分隔。"
    )
    planned_on = DateField("计划日期", [InputRequired("请选择日期。")])


class RecordVisitForm(Form):
    visited_at = DateTimeLocalField(
        "到达时间（北京时间）", [InputRequired("请填写到达时间。")], format="%Y-%m-%dT%H:%M"
    )
    place = StringField("地点", [InputRequired("请填写地点。"), Length(max=200)])
    conclusion = RadioField(
        "结论",
        [InputRequired("请选择结论。")],
        choices=[
            (VisitConclusion.PASS.value, "合格"),
            (VisitConclusion.RECTIFY.value, "需整改"),
            (VisitConclusion.FAIL.value, "不合格"),
        ],
    )
    summary = TextAreaField("结论说明", [InputRequired("请填写结论说明。"), Length(max=2000)])


class TrainingForm(Form):
    edition = SelectField("届次", [InputRequired("请选择届次。")])
    title = StringField("名称", [InputRequired("请填写培训名称。"), Length(max=120)])
    kind = SelectField(
        "类型", choices=[(k, k) for k in ("赛前培训", "行业赛培训", "总决赛展示培训", "动员培训")]
    )
    region = SelectField("赛区", [Optional()])
    held_on = DateField("日期", [InputRequired("请选择日期。")])
    place = StringField("地点", [InputRequired("请填写地点。"), Length(max=120)])
    trainer = StringField("授课人", [Length(max=120)])
    capacity = IntegerField(
        "人数上限", [InputRequired("请填写人数上限。"), NumberRange(1, 5000, "应为 1 到 5000。")]
    )


class CheckInForm(Form):
    person = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=60)])
    organisation = StringField("单位", [InputRequired("请填写单位。"), Length(max=120)])


class MatchEventForm(Form):
    edition = SelectField("届次", [InputRequired("请选择届次。")])
    title = StringField("名称", [InputRequired("请填写名称。"), Length(max=120)])
    held_on = DateField("日期", [InputRequired("请选择日期。")])
    place = StringField("地点", [InputRequired("请填写地点。"), Length(max=120)])


class GuestForm(Form):
    kind = RadioField(
        "类别",
        choices=[
            (GuestKind.INSTITUTION.value, "投资机构"),
            (GuestKind.BANK.value, "银行"),
            (GuestKind.ENTERPRISE.value, "参会企业"),
        ],
        default=GuestKind.INSTITUTION.value,
    )
    name = StringField("单位名称或项目编号", [InputRequired("请填写单位名称。"), Length(max=120)])


class IntentionForm(Form):
    funder = SelectField("意向方", [InputRequired("请选择投资机构或银行。")])
    entry = SelectField("企业", [InputRequired("请选择企业。")])
    kind = RadioField(
        "方式",
        choices=[(IntentionKind.EQUITY.value, "股权"), (IntentionKind.LOAN.value, "贷款")],
        default=IntentionKind.EQUITY.value,
    )
    amount = MoneyField("意向金额", [InputRequired("请填写金额。")])
