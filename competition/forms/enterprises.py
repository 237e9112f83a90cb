"""Forms around an enterprise's record: past awards, where it comes from, hand-over by the office."""

from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from competition.enums import Group, LineageKind
from competition.operations.past_awards import LEVELS, TIER_LABELS
from core.forms import Form

YEAR = NumberRange(1990, 2200, "年度应为四位数字。")


class PastAwardForm(Form):
    credit_code = StringField("统一社会信用代码", [InputRequired("请填写信用代码。"), Length(max=40)])
    name = StringField("企业名称", [InputRequired("请填写企业名称。"), Length(max=120)])
    contest = StringField("赛事名称", [InputRequired("请填写赛事名称。"), Length(max=120)])
    level = SelectField("级别", choices=list(LEVELS.items()))
    year = IntegerField("年度", [InputRequired("请填写年度。"), YEAR])
    tier = SelectField("奖项", choices=list(TIER_LABELS.items()))
    group = SelectField("组别", choices=[("", "不分组"), *((g.value, g.label) for g in Group)])
    unfinished = BooleanField("有奖励项目尚未通过验收")
    source = StringField("来源", [Optional(), Length(max=200)], description="文号或文件名。")


class PastAwardFileForm(Form):
    file = FileField("名单文件")


class LineageForm(Form):
    kind = RadioField(
        "来源",
        choices=[(kind.value, kind.label) for kind in LineageKind],
        default=LineageKind.TEAM.value,
    )
    name = StringField("团队或前身企业名称", [InputRequired("请填写名称。"), Length(max=120)])
    credit_code = StringField(
        "前身企业的统一社会信用代码", [Optional(), Length(max=40)], description="参赛团队不填。"
    )
    contest = StringField("团队参加的赛事", [Optional(), Length(max=120)])
    year = IntegerField("年度", [InputRequired("请填写年度。"), YEAR])
    project = StringField("当时的项目", [Optional(), Length(max=120)])
    leader = StringField("当时的负责人", [Optional(), Length(max=60)])


class HandOverForm(Form):
    name = StringField("新经办人姓名", [InputRequired("请填写姓名。"), Length(max=60)])
    reason = TextAreaField("移交依据", [InputRequired("请填写依据。"), Length(max=500)])
