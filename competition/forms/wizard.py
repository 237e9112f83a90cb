"""The steps of the registration form, made from `competition.fields`; nothing typed is ever refused here.

The fields only show: what was typed is read from the request by `typed_values`, kept by the operation, and the
sentences come from `fields.check`.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from competition import fields
from competition.enums import AttachmentKind
from competition.fields import Field, Kind, Step
from core.forms import Form, MoneyField

ROW_KEY = re.compile(r"(?P<index>[0-9]{1,3})-(?P<column>[a-z_]{1,20})")
FEW = 5


class UploadStartForm(Form):
    """What the browser says of a file before it sends the first part."""

    name = StringField(validators=[InputRequired(), Length(max=255)])
    size = IntegerField(validators=[InputRequired(), NumberRange(0, 1 << 40)])
    mark = StringField(validators=[Length(max=80)])


class PartForm(Form):
    offset = IntegerField(validators=[InputRequired(), NumberRange(0, 1 << 40)])
    sha256 = StringField(validators=[Length(max=64)])


def step_form(
    step: Step, content: Mapping[str, Any], choices: Mapping[str, list], limits: Mapping[str, int]
) -> Form:
    """The form of a step holding `content`; rows are drawn by the template itself."""
    known = fields.limited(fields.of_step(step), limits)
    shown = [field for field in known if field.kind is not Kind.ROWS]
    made = type(
        "StepForm", (Form,), {field.name: _control(field, choices.get(field.name)) for field in shown}
    )
    return made(formdata=None, data={field.name: _shown(field, content.get(field.name)) for field in shown})


def _shown(field: Field, value: Any) -> Any:
    return bool(value) if field.kind is Kind.TICK else value or ""


def _control(field: Field, choices: list | None) -> Any:
    # maxlength would cut a pasted text without a word; the counter beside the field says when it is too long.
    options: dict[str, Any] = {"description": field.hint, "render_kw": {"maxlength": False}}
    options["validators"] = [
        _Flags(required=field.required, limit=field.longest, counted=field.kind is Kind.TEXT)
    ]
    if field.kind is Kind.CHOICE:
        return _choice(field, choices, options)
    if field.kind is Kind.TICK:
        return BooleanField(field.label, **options)
    if field.kind in (Kind.WAN, Kind.SIGNED_WAN):
        return MoneyField(field.label, **options)
    if field.kind is Kind.TEXT:
        return TextAreaField(field.label, **options)
    if field.kind is Kind.COUNT:
        options["render_kw"]["inputmode"] = "numeric"
    return StringField(field.label, **options)


def _choice(field: Field, choices: list | None, options: dict[str, Any]) -> Any:
    choices = list(field.options) if choices is None else choices
    if len(choices) <= FEW:
        return RadioField(field.label, choices=choices, validate_choice=False, **options)
    return SelectField(field.label, choices=[("", "请选择"), *choices], validate_choice=False, **options)


class _Flags:
    """Marks for the label and the counter; it checks nothing."""

    def __init__(self, *, required: bool, limit: int, counted: bool):
        marks = {"required": True} if required else {}
        self.field_flags = {**marks, **({"maxlength": limit} if counted or limit >= 100 else {})}

    def __call__(self, form: Form, field: Any) -> None:
        """The edition's rules are asked when the entry is submitted."""


def typed_values(step: Step, data: MultiDict, closed: Collection[str] = ()) -> dict[str, Any]:
    """What the browser sent for this step, as `save_entry` takes it; a field that was not sent is left out."""
    values: dict[str, Any] = {}
    for field in fields.of_step(step):
        if field.name in closed:
            continue
        if field.kind is Kind.ROWS:
            if f"{field.name}-shown" in data:
                values[field.name] = _typed_rows(field, data)
        elif field.kind is Kind.TICK:
            values[field.name] = field.name in data
        elif field.name in data:
            values[field.name] = data[field.name]
    return values


def _typed_rows(field: Field, data: MultiDict) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    columns = {column.name for column in field.columns}
    for key, value in data.items():
        found = (
            ROW_KEY.fullmatch(key.removeprefix(f"{field.name}-"))
            if key.startswith(f"{field.name}-")
            else None
        )
        if found and found["column"] in columns:
            rows.setdefault(int(found["index"]), {})[found["column"]] = value
    return [rows[index] for index in sorted(rows)]


def attachment_kinds() -> list[AttachmentKind]:
    """The kinds an enterprise uploads when it registers; slides come later."""
    return [kind for kind in AttachmentKind if kind is not AttachmentKind.SLIDES]
