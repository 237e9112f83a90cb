"""The registration form as data: every field with its step, kind and limit, and one check for all of them.

What is typed is kept as text in `Entry.content`, valid or not, so that a draft never loses a word; `check` reads it
into values when the entry is submitted. Field list: the usual blocks of the national registration form. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from competition import validators
from competition.enums import AttachmentKind
from core.errors import InvalidInput


class Step(StrEnum):
    BASICS = "basics"
    PROJECT = "project"
    TEAM = "team"
    FINANCE = "finance"
    FILES = "files"
    PLEDGE = "pledge"

    @property
    def label(self) -> str:
        return STEP_LABELS[self]


STEP_LABELS = {
    Step.BASICS: "企业信息",
    Step.PROJECT: "参赛项目",
    Step.TEAM: "团队",
    Step.FINANCE: "财务与知识产权",
    Step.FILES: "附件",
    Step.PLEDGE: "承诺与提交",
}


class Kind(StrEnum):
    LINE = "line"
    TEXT = "text"
    NAME = "name"
    WAN = "wan"
    SIGNED_WAN = "signed_wan"
    COUNT = "count"
    DATE = "date"
    CHOICE = "choice"
    TICK = "tick"
    MOBILE = "mobile"
    EMAIL = "email"
    ROWS = "rows"


@dataclass(frozen=True)
class Field:
    """`longest` counts characters (rows for ROWS); `options` are (value, label); `columns` belong to ROWS."""

    name: str
    label: str
    step: Step
    kind: Kind = Kind.LINE
    required: bool = False
    longest: int = 100
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple["Field", ...] = ()


YES_NO = (("no", "否"), ("yes", "是"))
DEGREES = (
    ("doctor", "博士"),
    ("master", "硕士"),
    ("bachelor", "本科"),
    ("college", "大专"),
    ("other", "其他"),
)
MATURITY = (
    ("idea", "研发中"),
    ("sample", "样机样品"),
    ("pilot", "小批量"),
    ("volume", "批量生产"),
    ("service", "已投入服务"),
)
IP_KINDS = (
    ("invention", "发明专利"),
    ("utility", "实用新型"),
    ("design", "外观设计"),
    ("software", "软件著作权"),
    ("other", "其他"),
)
IP_STATES = (("granted", "已授权"), ("pending", "已受理"))
FINANCING = (("equity", "股权"), ("debt", "债权"), ("both", "股权与债权"), ("none", "暂无需求"))
GRANTED, PENDING = "granted", "pending"

MEMBER = (
    Field("name", "姓名", Step.TEAM, Kind.NAME, True, 60),
    Field("position", "职务", Step.TEAM, longest=60),
    Field("degree", "学历", Step.TEAM, Kind.CHOICE, options=DEGREES),
    Field("background", "专业与经历", Step.TEAM, longest=200),
    Field("share", "持股（%）", Step.TEAM, longest=6),
)
IP_ITEM = (
    Field("kind", "类型", Step.FINANCE, Kind.CHOICE, True, options=IP_KINDS),
    Field("name", "名称", Step.FINANCE, Kind.LINE, True, 120),
    Field("number", "编号", Step.FINANCE, longest=60),
    Field("state", "状态", Step.FINANCE, Kind.CHOICE, True, options=IP_STATES),
    Field("owner", "权利人", Step.FINANCE, longest=120),
)

FIELDS: tuple[Field, ...] = (
    Field(
        "registered_on",
        "注册（成立）日期",
        Step.BASICS,
        Kind.DATE,
        True,
        20,
        "以营业执照为准，组别由此计算。",
    ),
    Field("division_code", "注册地（县市区）", Step.BASICS, Kind.CHOICE, True),
    Field("legal_person", "法定代表人", Step.BASICS, Kind.NAME, True, 60),
    Field("address", "通讯地址", Step.BASICS, Kind.LINE, True, 200),
    Field("capital", "注册资本", Step.BASICS, Kind.WAN, True, 20),
    Field("business", "主营业务", Step.BASICS, Kind.TEXT, True, 300),
    Field("listed", "是否上市", Step.BASICS, Kind.CHOICE, True, options=YES_NO),
    Field("incubator", "入驻的孵化器、众创空间或高新区", Step.BASICS, longest=100, hint="没有可不填。"),
    Field(
        "sme_number",
        "科技型中小企业入库登记编号",
        Step.BASICS,
        longest=40,
        hint="报名时可不填，成长组推荐全国赛前须补齐。",
    ),
    Field("hightech_number", "高新技术企业证书编号", Step.BASICS, longest=40),
    Field("hightech_until", "高企证书有效期至", Step.BASICS, Kind.DATE, longest=20),
    Field("contact_name", "联系人", Step.BASICS, Kind.NAME, True, 60),
    Field("contact_phone", "联系人手机", Step.BASICS, Kind.MOBILE, True, 20),
    Field("contact_email", "联系人邮箱", Step.BASICS, Kind.EMAIL, False, 254),
    Field("track", "行业", Step.PROJECT, Kind.CHOICE, True),
    Field("title", "参赛项目名称", Step.PROJECT, Kind.LINE, True, 100),
    Field("abstract", "项目简介", Step.PROJECT, Kind.TEXT, True, 500),
    Field("keywords", "关键词", Step.PROJECT, longest=100, hint="用顿号分开，最多五个。"),
    Field("maturity", "技术成熟度", Step.PROJECT, Kind.CHOICE, True, options=MATURITY),
    Field("technology", "技术来源与创新点", Step.PROJECT, Kind.TEXT, True, 1500),
    Field("competitors", "竞争对手与比较优势", Step.PROJECT, Kind.TEXT, False, 1000),
    Field("business_model", "商业模式与实施计划", Step.PROJECT, Kind.TEXT, True, 1500),
    Field("market", "行业与市场", Step.PROJECT, Kind.TEXT, True, 1500),
    Field("past_contests", "往届参赛与获奖", Step.PROJECT, Kind.TEXT, False, 500),
    Field("leader_name", "项目负责人", Step.TEAM, Kind.NAME, True, 60),
    Field("leader_position", "负责人职务", Step.TEAM, Kind.LINE, True, 60),
    Field("leader_degree", "负责人学历", Step.TEAM, Kind.CHOICE, options=DEGREES),
    Field("leader_background", "负责人简历", Step.TEAM, Kind.TEXT, False, 500),
    Field("members", "核心成员", Step.TEAM, Kind.ROWS, longest=10, columns=MEMBER),
    Field("staff_count", "员工总数", Step.TEAM, Kind.COUNT, True, 7),
    Field("research_count", "研发人员数", Step.TEAM, Kind.COUNT, True, 7),
    Field(
        "revenue", "上年度营业收入", Step.FINANCE, Kind.WAN, True, 20, "当年新成立、没有完整年度的企业填 0。"
    ),
    Field("profit", "上年度净利润", Step.FINANCE, Kind.SIGNED_WAN, False, 20, "亏损填负数。"),
    Field("research_spend", "上年度研发投入", Step.FINANCE, Kind.WAN, False, 20),
    Field("assets", "上年末资产总额", Step.FINANCE, Kind.WAN, False, 20),
    Field("debts", "上年末负债总额", Step.FINANCE, Kind.WAN, False, 20),
    Field("taxes", "上年度实缴税费", Step.FINANCE, Kind.WAN, False, 20),
    Field("financing_kind", "融资方式", Step.FINANCE, Kind.CHOICE, options=FINANCING),
    Field("financing_amount", "融资需求金额", Step.FINANCE, Kind.WAN, False, 20),
    Field("financing_use", "融资用途", Step.FINANCE, Kind.TEXT, False, 500),
    Field("ip_items", "知识产权", Step.FINANCE, Kind.ROWS, longest=50, columns=IP_ITEM),
    Field("integrity", "真实性与信用承诺", Step.PLEDGE, Kind.TICK, True),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
ATTACHMENT_PREFIX = "attachment:"
# A wall against hostile sizes, far above any limit of a field: beyond it nothing is kept.
LONGEST_TEXT = 20_000
MOST_ROWS = 200


def of_step(step: Step) -> tuple[Field, ...]:
    return tuple(field for field in FIELDS if field.step is step)


def limited(some: tuple[Field, ...], limits: Mapping[str, int]) -> tuple[Field, ...]:
    """The fields with an edition's own most characters."""
    return tuple(
        replace(field, longest=limits[field.name]) if field.name in limits else field for field in some
    )


def label_of(name: str) -> str:
    """The Chinese name of a field or of an attachment ('attachment:licence')."""
    if name.startswith(ATTACHMENT_PREFIX):
        return AttachmentKind(name.removeprefix(ATTACHMENT_PREFIX)).label
    return BY_NAME[name].label


def is_known(name: str) -> bool:
    if name.startswith(ATTACHMENT_PREFIX):
        return name.removeprefix(ATTACHMENT_PREFIX) in set(AttachmentKind)
    return name in BY_NAME


def keep(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft stores of the typed values: known fields only, text as typed without NUL, rows without blanks."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        field = BY_NAME.get(name)
        if field is None:
            raise InvalidInput(f"没有名为“{name[:40]}”的填报项。", code="unknown_field")
        kept[name] = _rows(field, value) if field.kind is Kind.ROWS else _scalar(field, value)
    return kept


def _scalar(field: Field, value: Any) -> str | bool:
    if field.kind is Kind.TICK:
        return value is True or value in ("y", "yes", "on", "true", "1")
    text = "" if value is None else str(value).replace("\x00", "").replace("\r\n", "\n")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            f"{field.label}过长（{len(text)} 字），无法保存。", code="too_long", field=field.name
        )
    return text


def _rows(field: Field, value: Any) -> list[dict[str, str]]:
    if (
        not isinstance(value, list)
        or len(value) > MOST_ROWS
        or not all(isinstance(row, Mapping) for row in value)
    ):
        raise InvalidInput(f"{field.label}无法识别。", code="bad_rows", field=field.name)
    rows = [{column.name: _scalar(column, row.get(column.name)) for column in field.columns} for row in value]
    return [row for row in rows if any(text.strip() for text in row.values())]


@dataclass(frozen=True)
class Checked:
    """`values` of the fields that could be read (dates, 分, numbers, text); `problems` by field name."""

    values: dict[str, Any]
    problems: dict[str, str]

    def of_step(self, step: Step) -> dict[str, str]:
        return {name: sentence for name, sentence in self.problems.items() if BY_NAME[name].step is step}


def check(
    content: Mapping[str, Any], choices: Mapping[str, set[str]], limits: Mapping[str, int] | None = None
) -> Checked:
    """Read everything typed. `choices` gives the allowed values of fields that depend on the edition, `limits` its
    own most characters of texts."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in limited(FIELDS, limits or {}):
        try:
            values[field.name] = _read(field, content.get(field.name), choices.get(field.name))
        except InvalidInput as problem:
            problems[field.name] = problem.sentence
    return Checked(values, problems)


def value_of(name: str, text: str, limits: Mapping[str, int] | None = None) -> Any:
    """One field's text read by itself; raises InvalidInput. Choices that depend on the edition are taken as they are."""
    (field,) = limited((BY_NAME[name],), limits or {})
    free = field.kind is Kind.CHOICE and not field.options
    return _read(field, text, {text.strip()} if free else None)


def _read(field: Field, raw: Any, allowed: set[str] | None) -> Any:
    if field.kind is Kind.ROWS:
        return _read_rows(field, raw or [])
    if field.kind is Kind.TICK:
        if field.required and raw is not True:
            raise InvalidInput(f"请阅读并勾选{field.label}。", code="empty")
        return bool(raw)
    text = (raw or "").strip()
    if not text:
        if field.required:
            raise InvalidInput(f"请填写{field.label}。", code="empty")
        return None
    if len(text) > field.longest:
        raise InvalidInput(f"{field.label}最多 {field.longest} 字，现为 {len(text)} 字。", code="too_long")
    if field.kind is Kind.CHOICE:
        options = allowed if allowed is not None else {value for value, _ in field.options}
        if text not in options:
            raise InvalidInput(f"请重新选择{field.label}。", code="choice")
        return text
    reader = SPECIAL.get(field.name) or READERS.get(field.kind)
    return reader(text) if reader else text


def _read_rows(field: Field, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    if len(rows) > field.longest:
        raise InvalidInput(f"{field.label}最多 {field.longest} 项，现为 {len(rows)} 项。", code="too_many")
    read = []
    for number, row in enumerate(rows, 1):
        try:
            read.append({column.name: _read(column, row.get(column.name), None) for column in field.columns})
        except InvalidInput as problem:
            raise InvalidInput(
                f"{field.label}第 {number} 行：{problem.sentence}", code=problem.code
            ) from problem
    return read


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidInput("请填写整数。", code="count")
    return int(text)


READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.NAME: validators.name_text,
    Kind.WAN: validators.amount_wan,
    Kind.SIGNED_WAN: lambda text: validators.amount_wan(text, allow_negative=True),
    Kind.COUNT: _count,
    Kind.DATE: validators.date_text,
    Kind.MOBILE: validators.mobile,
    Kind.EMAIL: validators.email,
}
SPECIAL: Mapping[str, Callable[[str], Any]] = {
    "sme_number": validators.sme_number,
    "hightech_number": validators.hightech_number,
}


def intellectual_property(values: Mapping[str, Any]) -> tuple[int, int]:
    """(granted, pending) counted from the listed items."""
    states = [item["state"] for item in values.get("ip_items") or ()]
    return states.count(GRANTED), states.count(PENDING)
