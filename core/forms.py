"""The base of every form: Chinese messages, CSRF, and fields for the values the product speaks."""

from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError

from core.errors import InvalidInput
from core.money import parse_wan, parse_yuan, wan, yuan


class Form(FlaskForm):
    class Meta:
        locales = ("zh",)

    def take(self, refusal: InvalidInput) -> None:
        """Show an operation's refusal beside its field, or above the form when it names none."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(refusal.sentence)
        else:
            field.errors = [*field.errors, refusal.sentence]


class MoneyField(StringField):
    """An amount typed in 万元 or 元, held in 分 as `fen`; what was typed stays in the field."""

    def __init__(self, *args, unit: str = "万元", **options):
        super().__init__(*args, **options)
        self.unit = unit
        self.fen: int | None = None

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        if isinstance(self.data, int):
            return (wan if self.unit == "万元" else yuan)(self.data).replace(",", "")
        return self.data or ""

    def pre_validate(self, form) -> None:
        text = (self.raw_data or [""])[0].strip()
        if not text:
            return
        try:
            self.fen = parse_wan(text) if self.unit == "万元" else parse_yuan(text)
        except InvalidInput as refusal:
            raise ValidationError(refusal.sentence) from refusal
