"""Forms of lines, movements, findings and results."""

import re
from collections.abc import Sequence

from flask_wtf.file import FileField, MultipleFileField
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from core.forms import Form, MoneyField
from fund.evaluation.scoring import BAND_LABELS
from fund.labels import LINE_KINDS, choices
from fund.result_checks import FIELDS, Fault

_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
NO_PARENT = 0


class KeyedForm(Form):
    """Carries the key that makes a second submission of the same page harmless."""

    idem = HiddenField("业务编号")

    def validate_idem(self, field) -> None:
        if not _KEY.fullmatch(field.data or ""):
            raise ValidationError("页面已失效，请刷新后重新填写。")


class MoveForm(KeyedForm):
    fen = MoneyField("金额", [InputRequired("请填写金额。")], description="单位万元，最小到分。")
    document_no = StringField("文号", [Optional(), Length(max=80, message="文号不超过 80 字。")])
    memo = StringField("摘要", [Optional(), Length(max=300, message="摘要不超过 300 字。")])


class TargetMoveForm(MoveForm):
    target = SelectField("转入科目", coerce=int, validators=[InputRequired("请选择转入科目。")])


class ReverseForm(KeyedForm):
    document_no = StringField(
        "文号", [InputRequired("请填写文号。"), Length(max=80, message="文号不超过 80 字。")]
    )
    memo = TextAreaField(
        "冲正原因", [InputRequired("请填写冲正原因。"), Length(max=300, message="原因不超过 300 字。")]
    )


class LineForm(Form):
    parent = SelectField("上级科目", coerce=int, default=NO_PARENT)
    code = StringField(
        "编码",
        [
            InputRequired("请填写编码。"),
            Length(max=40, message="编码不超过 40 个字符。"),
            Regexp(r"^[A-Za-z0-9][A-Za-z0-9-]*\Z", message="编码只用字母、数字和连字符。"),
        ],
        description="如 F26-C-1；全部年度内不重复。",
    )
    name = StringField(
        "名称", [InputRequired("请填写名称。"), Length(max=120, message="名称不超过 120 字。")]
    )
    kind = SelectField("类别", choices=choices(LINE_KINDS))
    reported_fen = MoneyField("年度安排数", [Optional()], description="文件或报告中的数，与下达的钱分开记。")
    reported_items = IntegerField(
        "项目数", [Optional(), NumberRange(0, 1_000_000, "项目数应在 0 到 1000000 之间。")]
    )
    use_restriction = StringField("用途限制", [Optional(), Length(max=200, message="不超过 200 字。")])
    note = TextAreaField("说明", [Optional(), Length(max=2000, message="说明不超过 2000 字。")])


class ReportForm(Form):
    file = FileField("报告文件", [Optional()], description="Word（docx）或纯文本（txt），不超过 5 MB。")
    text = TextAreaField("或粘贴正文", [Optional()], description="选了文件时以文件为准。")


def _text(label: str, description: str = "") -> StringField:
    return StringField(label, [Optional()], description=description)


class ResultForm(Form):
    """What is typed is read and judged by fund.result_checks, which tells the same to a sheet."""

    seen = HiddenField("已看到的填报")
    actual_text = TextAreaField("实际完成情况", description="写确数和口径，不超过 1000 字。")
    actual_value = StringField("完成数值", description="只填数字。")
    numerator = _text("分子", "百分比指标必填。")
    denominator = _text("分母")
    band = SelectField("档次", choices=[("", "未选"), *BAND_LABELS.items()], validate_choice=False)
    assessed_percent = _text("评分（占分值%）", "达成 80–100，部分达成 60–80，未达成 0–60。")
    reason = TextAreaField(
        "偏差原因及说明", [Optional()], description="未达到目标、超过 130% 或与目标逐字相同时必填。"
    )

    def take_faults(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            self[fault.field].errors = [*self[fault.field].errors, fault.sentence]

    @property
    def typed(self) -> dict[str, str]:
        return {name: (self[name].data or "").replace("\x00", "") for name in FIELDS}


class GoalForm(Form):
    unit = StringField(
        "实施单位", [InputRequired("请填写实施单位。"), Length(max=120, message="不超过 120 字。")]
    )
    expected = TextAreaField(
        "预期目标", [InputRequired("请填写预期目标。"), Length(max=2000, message="不超过 2000 字。")]
    )
    actual = TextAreaField("实际完成情况", [Optional(), Length(max=2000, message="不超过 2000 字。")])


class EvidenceForm(Form):
    files = MultipleFileField("佐证文件", description="PDF、图片、Word、Excel 或 ZIP，一次可选多个。")


class SheetForm(Form):
    sheet = FileField("填报表", description="下载本页的填报表，填好后原样上传（xlsx）。")


class TargetsForm(Form):
    sheet = FileField("指标表", description="按模板填写的 xlsx 或 csv。")


class ReporterForm(Form):
    programme = SelectField("计划", validators=[InputRequired("请选择计划。")])
    user = SelectField("填报人", coerce=int, validators=[InputRequired("请选择账号。")])
