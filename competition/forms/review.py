"""Forms of the review."""

from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from competition import fields
from competition.enums import AttachmentKind, RejectReason
from core.forms import Form


def flaggable() -> list[tuple[str, str]]:
    """(name, 'step: label') of everything a reviewer may ask to be corrected."""
    files = [(f"{fields.ATTACHMENT_PREFIX}{kind.value}", f"附件：{kind.label}") for kind in AttachmentKind]
    typed = [(field.name, f"{field.step.label}：{field.label}") for field in fields.FIELDS]
    return typed + files


class ReturnForm(Form):
    flagged_fields = SelectMultipleField(
        "需要修改的填报项",
        choices=flaggable,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="勾选后企业只能修改这些项；一项都不勾选，则全部可改。",
    )
    reason = TextAreaField("退回理由", [InputRequired("请填写退回理由。"), Length(max=500)])


class RejectForm(Form):
    reason_code = SelectField(
        "不通过的原因",
        [InputRequired("请选择原因。")],
        choices=[("", "请选择"), *((reason.value, reason.label) for reason in RejectReason)],
    )
    reason = TextAreaField("说明", [InputRequired("请填写说明。"), Length(max=500)])


class BatchForm(Form):
    """What a bulk act needs; which of it is asked for depends on the act, and the operation says so."""

    reason = TextAreaField("理由", [Length(max=500)], description="每家企业都会看到。")
    reason_code = SelectField(
        "不通过的原因",
        choices=[("", "请选择"), *((reason.value, reason.label) for reason in RejectReason)],
        default="",
    )
    flagged_fields = SelectMultipleField(
        "需要修改的填报项",
        choices=flaggable,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="勾选后企业只能修改这些项；一项都不勾选，则全部可改。",
    )


class CannedForm(Form):
    kind = RadioField("用于", choices=[("return", "退回修改"), ("reject", "不通过")], default="return")
    text = TextAreaField("理由", [InputRequired("请填写常用理由。"), Length(max=300)])
    flagged_fields = SelectMultipleField(
        "涉及的填报项",
        choices=flaggable,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="选用这条理由时一并勾选。",
    )


class InterestForm(Form):
    user = SelectField("审核人", [InputRequired("请选择审核人。")], choices=[])
    credit_code = StringField("企业的统一社会信用代码", [InputRequired("请填写信用代码。"), Length(max=18)])
    reason = TextAreaField("利害关系", [InputRequired("请写明是什么利害关系。"), Length(max=500)])


class ReasonForm(Form):
    reason = TextAreaField("理由", [InputRequired("请填写理由。"), Length(max=500)])
