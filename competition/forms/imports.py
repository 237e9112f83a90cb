"""Forms of imports."""

from collections.abc import Mapping, Sequence

from flask_wtf.file import FileField
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from competition.importing.targets import SUMMARY, TARGETS, Target
from core.forms import Form


class UploadForm(Form):
    edition = SelectField("届次", [InputRequired("请选择届次。")], description="只有报名中的届次可以导入。")
    source = StringField(
        "来源",
        [InputRequired("请填写来源。"), Length(max=60, message="最多 60 字。")],
        description="例如“全国平台导出”。同一来源的列对应会被记住。",
        render_kw={"list": "sources", "autocomplete": "off"},
    )
    file = FileField("名单文件", description="xlsx，或 UTF-8、GB18030 编码的 csv；32 MB、5 万行以内。")


class MappingForm(Form):
    """One choice of a column for each target; the fields are made for one batch's heads."""

    @classmethod
    def of(cls, heads: Sequence[str], mapping: Mapping[str, str], **options) -> "MappingForm":
        choices = [("", "（没有这一列）"), *((head, head) for head in dict.fromkeys(heads) if head)]
        names = {f"of_{target.name}": _choice(target, choices) for target in TARGETS}
        made = type("MappingFormOfBatch", (cls,), names)
        return made(data={f"of_{name}": head for name, head in mapping.items()}, **options)

    @property
    def mapping(self) -> dict[str, str]:
        return {
            target.name: self[f"of_{target.name}"].data
            for target in TARGETS
            if self[f"of_{target.name}"].data
        }

    @property
    def summary_fields(self) -> list:
        return [self[f"of_{target.name}"] for target in SUMMARY]

    @property
    def more_fields(self) -> list:
        return [self[f"of_{target.name}"] for target in TARGETS if target not in SUMMARY]


def _choice(target: Target, choices: list[tuple[str, str]]) -> SelectField:
    validators = [InputRequired("请选择对应的列。")] if target.required else []
    return SelectField(target.label, validators, choices=choices, default="")


class ClaimForm(Form):
    name = StringField("经办人姓名", [InputRequired("请填写姓名。"), Length(max=60, message="最多 60 字。")])
