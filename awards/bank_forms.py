"""Forms of what goes to the bank and comes back."""

import re
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from awards.enums import AmountUnit, BankField, SheetKind
from awards.fees import DEFAULT, Bracket, Fee, TaxTable, fee
from awards.models import BankFormat
from awards.wording import (
    AMOUNT_UNITS,
    ANSWER_FIELDS,
    BANK_FIELDS,
    DATE_FORMATS,
    ENCODINGS,
    SHEET_KINDS,
    choices,
)
from core.errors import InvalidInput
from core.forms import Form, MoneyField
from core.money import parse_yuan

MAX_RATE_FEN = 10_000_00
SENT_COLUMNS = """序号 | 序号
付款账号 | 付款账号
收款账号 | 收款账号
收款户名 | 收款户名
收款行名称 | 收款开户行
收款行号 | 收款行号
金额 | 金额
币种 | 固定文字 | CNY
用途 | 用途
客户流水号 | 支付编号"""
ANSWER_COLUMNS = """客户流水号 | 支付编号
收款账号 | 收款账号
金额 | 金额
处理结果 | 处理结果
失败原因 | 失败原因
银行流水号 | 银行流水号"""


class BankFormatForm(Form):
    name = StringField("名称", [InputRequired("请填写名称。"), Length(max=80)])
    sheet = SelectField("文件类型", choices=choices(SHEET_KINDS), default=SheetKind.XLSX.value)
    encoding = SelectField("文字编码", choices=list(ENCODINGS.items()), description="只用于 csv。")
    header = BooleanField("第一行写列名", default=True)
    amount_unit = SelectField("金额写法", choices=choices(AMOUNT_UNITS), default=AmountUnit.YUAN.value)
    date_format = SelectField("日期写法", choices=list(DATE_FORMATS.items()))
    columns = TextAreaField(
        "列",
        [InputRequired("请填写列。"), Length(max=4000)],
        default=SENT_COLUMNS,
        description="每行一列，按银行要求的顺序：银行列名 | 内容。内容为固定文字时再加 | 文字。",
    )
    answer_header = BooleanField("结果文件有列名", default=True)
    answer_columns = TextAreaField(
        "结果文件的列",
        [InputRequired("请填写结果文件的列。"), Length(max=4000)],
        default=ANSWER_COLUMNS,
        description="每行一列：银行列名 | 内容。没有列名的文件按此顺序读。",
    )
    paid_words = StringField(
        "表示成功的字样",
        [InputRequired("请填写表示成功的字样。"), Length(max=200)],
        default="成功、已入账",
        description="多个用顿号分开；不认识的字样按处理中对待。",
    )
    failed_words = StringField(
        "表示失败的字样", [InputRequired("请填写表示失败的字样。"), Length(max=200)], default="失败、退票"
    )
    payer_name = StringField("付款户名", [Optional(), Length(max=120)])
    payer_account = StringField("付款账号", [Optional(), Length(max=40)])
    payer_bank = StringField("付款开户行", [Optional(), Length(max=120)])
    note = StringField("说明", [Optional(), Length(max=200)])

    def values(self) -> dict[str, Any]:
        """Raises InvalidInput naming the line of a column that cannot be read."""
        plain = {name: field.data for name, field in self._fields.items() if name != "csrf_token"}
        texts = {name: value.strip() for name, value in plain.items() if isinstance(value, str)}
        return {
            **plain,
            **texts,
            "sheet": SheetKind(self.sheet.data),
            "amount_unit": AmountUnit(self.amount_unit.data),
            "columns": _columns(self.columns, BANK_FIELDS),
            "answer_columns": _columns(self.answer_columns, ANSWER_FIELDS),
        }


def _columns(field, words: dict[BankField, str]) -> list[dict[str, str]]:
    known = {label: key.value for key, label in words.items()}
    found = []
    for number, line in enumerate((field.data or "").splitlines(), 1):
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if parts == [""]:
            continue
        label, content, text = (*parts, "", "")[:3]
        if not label or content not in known or bool(text) != (known[content] == BankField.TEXT):
            raise InvalidInput(
                f"第 {number} 行应为“银行列名 | 内容”，内容为：{'、'.join(known)}。", field=field.name
            )
        found.append({"label": label, "field": known[content], "text": text})
    return found


def written(columns: list[dict[str, str]], words: dict[BankField, str]) -> str:
    """Columns as they are typed."""
    return "\n".join(
        " | ".join(
            part for part in (column["label"], words[BankField(column["field"])], column["text"]) if part
        )
        for column in columns
    )


def form_of(bank_format: BankFormat) -> BankFormatForm:
    form = BankFormatForm(obj=bank_format)
    if not form.is_submitted():
        form.columns.data = written(bank_format.columns, BANK_FIELDS)
        form.answer_columns.data = written(bank_format.answer_columns, ANSWER_FIELDS)
    return form


class ExportForm(Form):
    bank_format = SelectField("银行格式", coerce=int, validators=[InputRequired("请选择银行格式。")])


class ResultForm(Form):
    result_format = SelectField("银行格式", coerce=int, validators=[InputRequired("请选择银行格式。")])
    answer = FileField("银行结果文件", description="银行返回的 xlsx 或 csv，10 MB 以内。")


class ResolveForm(Form):
    note = StringField("核实情况", [InputRequired("请写明核实情况。"), Length(max=500)])


class ApprovalRuleForm(Form):
    from_amount = MoneyField(
        "金额起点", [InputRequired("请填写金额起点。")], description="从这个金额（含）起。"
    )
    reviewer = BooleanField("复核", default=True)
    division = SelectField("处室负责人", coerce=int, description="不选则不经处室。")
    finance = BooleanField("财务审核", default=True)
    leader = BooleanField("分管领导批准", default=True)
    minutes = BooleanField("须附会议纪要")

    def steps(self) -> list[str]:
        return [name for name in ("reviewer", "finance", "leader") if self[name].data]


class DelegationForm(Form):
    to = SelectField("受托人", coerce=int, validators=[InputRequired("请选择受托人。")])
    first_day = DateField("起", [InputRequired("请填写起日。")])
    last_day = DateField("止", [InputRequired("请填写止日。")])
    reason = StringField("事由", [InputRequired("请写明委托事由。"), Length(max=200)])


class TreasuryForm(Form):
    line = SelectField("预算科目", coerce=int, validators=[InputRequired("请选择预算科目。")])
    edition = SelectField("届次", coerce=int, validators=[InputRequired("请选择届次。")])
    payee = SelectField("国库", coerce=int, validators=[InputRequired("请选择国库账户。")])
    amount = MoneyField("金额", [InputRequired("请填写金额。")])
    reason = TextAreaField("缴回原因", [InputRequired("请填写缴回原因。"), Length(max=500)])


class FeeListForm(Form):
    """Experts one per line; the tax table as data, to be checked by finance."""

    edition = SelectField("届次", coerce=int, validators=[InputRequired("请选择届次。")])
    line = SelectField("预算科目", coerce=int, validators=[InputRequired("请选择预算科目。")])
    direct = BooleanField("直接付到每位专家本人账户", default=True)
    payee = SelectField(
        "代发或代缴税款的单位",
        coerce=int,
        validators=[InputRequired("请选择单位。")],
        description="直接付到本人时，该单位只收代扣税款用于申报缴纳。",
    )
    title = StringField("事由", [InputRequired("请填写事由。"), Length(max=160)])
    lines = TextAreaField(
        "专家",
        [InputRequired("请填写专家。"), Length(max=20_000)],
        description="每行一位：姓名 | 高级或其他 | 人天（可为 0.5） | 每人天税后标准（元）。不登记证件号码。",
    )
    allowance = MoneyField(
        "定额减除", [InputRequired("请填写定额减除。")], unit="元", default=DEFAULT.allowance_fen
    )
    small_limit = MoneyField(
        "按定额减除的收入上限",
        [InputRequired("请填写收入上限。")],
        unit="元",
        default=DEFAULT.small_limit_fen,
    )
    share = IntegerField(
        "超过上限时减除比例",
        [InputRequired("请填写比例。"), NumberRange(0, 100, "比例应在 0 到 100 之间。")],
        default=DEFAULT.share_bp // 100,
    )
    brackets = TextAreaField(
        "税率表",
        [InputRequired("请填写税率表。"), Length(max=1000)],
        default="20000 | 20 | 0\n50000 | 30 | 2000\n以上 | 40 | 7000",
        description="每行：应纳税所得额上限（元，最后一行写“以上”） | 税率% | 速算扣除数（元）。由财务按现行税法核对。",
    )

    def table(self) -> TaxTable:
        found = [_bracket(number, parts) for number, parts in _rows(self.brackets, 3)]
        limits = [bracket.upto_fen for bracket in found]
        if not found or limits[-1] is not None or None in limits[:-1] or sorted(limits[:-1]) != limits[:-1]:
            raise InvalidInput("税率表须由低到高，最后一行为“以上”。", field="brackets")
        return TaxTable(self.allowance.fen, self.small_limit.fen, self.share.data * 100, tuple(found))

    def fees(self, table: TaxTable) -> list[Fee]:
        return [_fee(number, parts, table) for number, parts in _rows(self.lines, 4)]


def _rows(field, count: int) -> list[tuple[int, list[str]]]:
    """(number, parts) of every line that is not blank."""
    found = []
    for number, line in enumerate((field.data or "").splitlines(), 1):
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if parts == [""]:
            continue
        if len(parts) != count or not all(parts):
            raise InvalidInput(f"第 {number} 行应为用“|”分开的 {count} 项。", field=field.name)
        found.append((number, parts))
    return found


def _bracket(number: int, parts: list[str]) -> Bracket:
    limit, rate, quick = parts
    if not re.fullmatch(r"[0-9]{1,2}", rate, re.ASCII):
        raise InvalidInput(f"第 {number} 行的税率应为 0 到 99 的整数。", field="brackets")
    try:
        upto = None if limit == "以上" else parse_yuan(limit)
        return Bracket(upto, int(rate) * 100, parse_yuan(quick))
    except InvalidInput as refusal:
        raise InvalidInput(f"第 {number} 行：{refusal.sentence}", field="brackets") from refusal


def _fee(number: int, parts: list[str], table: TaxTable) -> Fee:
    name, title, days, rate = parts
    if (
        title not in ("高级", "其他")
        or not re.fullmatch(r"[0-9]{1,3}(\.[05])?", days, re.ASCII)
        or len(name) > 40
    ):
        raise InvalidInput(f"第 {number} 行：职称写“高级”或“其他”，人天以半天为单位，如 1.5。", field="lines")
    whole, _, half = days.partition(".")
    half_days = int(whole) * 2 + (half == "5")
    try:
        rate_fen = parse_yuan(rate)
    except InvalidInput as refusal:
        raise InvalidInput(f"第 {number} 行：{refusal.sentence}", field="lines") from refusal
    if not half_days or not 0 < rate_fen <= MAX_RATE_FEN:
        raise InvalidInput(f"第 {number} 行的人天或标准有误。", field="lines")
    return fee(name, senior=title == "高级", half_days=half_days, rate_fen=rate_fen, table=table)


class MinutesForm(Form):
    minutes_no = StringField("会议纪要文号", [InputRequired("请填写会议纪要文号。"), Length(max=80)])
    minutes_file = FileField("会议纪要", description="PDF 或扫描图片。")
