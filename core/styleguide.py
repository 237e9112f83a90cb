"""Sample data for the style guide: invented, shown in demo mode only, so that every component can be looked at."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask import request
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from core.clock import BEIJING, utcnow
from core.forms import Form, MoneyField
from core.listing import Filter, Page
from core.states import Badge

STATES = (
    Badge("草稿", "neutral", "pencil"),
    Badge("待形式审查", "info", "hourglass-split"),
    Badge("退回修改", "warning", "arrow-counterclockwise"),
    Badge("审查通过", "success", "check-circle"),
    Badge("不予受理", "danger", "x-circle"),
    Badge("已撤回", "muted", "slash-circle"),
    Badge("一等奖", "gold", "trophy"),
)
TRACKS = (
    "电子信息",
    "互联网",
    "生物医药",
    "先进制造",
    "新能源及节能环保",
    "新材料",
)
SERVICES = ("融资对接", "场地", "技术合作", "上市辅导")
PREFECTURES = ("乌鲁木齐市", "昌吉回族自治州", "伊犁哈萨克自治州", "克拉玛依市", "喀什地区", "阿克苏地区")
NAMES = (
    ("天山云图信息技术有限公司", "面向绿洲农业的遥感灌溉决策平台"),
    ("准噶尔膜材料有限责任公司", "高盐废水分离用陶瓷膜组件"),
    ("伊河生物科技有限公司", "薰衣草精油低温连续提取工艺"),
    ("博格达储能装备有限公司", "寒区电化学储能热管理系统"),
    ("塔里木智造股份有限公司", "采棉机关键部件在线检测装置"),
    ("昆仑玉源新材料有限公司", "蛭石基保温板绿色制造技术"),
    ("楼兰医学检验有限公司", "包虫病快速检测试剂盒"),
    ("额河冷链物流有限公司", "鲜果产地预冷与全程温控服务"),
)
TILE_VALUES = {
    "6501": 186, "6502": 48, "6504": 24, "6505": 31, "6523": 92, "6527": 19, "6528": 57, "6529": 44,
    "6530": 9, "6531": 38, "6532": 27, "6540": 71, "6542": 22, "6543": 16, "66": 28,
}  # fmt: skip


@dataclass(frozen=True)
class SampleEntry:
    id: int
    number: str
    project: str
    enterprise: str
    prefecture: str
    track: str
    score: int | None
    prize_fen: int
    badge: Badge


@dataclass(frozen=True)
class SampleEvent:
    actor: str
    action: str
    at: datetime
    note: str = ""
    tone: str = "info"
    icon: str = "circle"


class SampleAct(NamedTuple):
    """As much of a transition as its button needs."""

    name: str
    label: str
    tone: str = "primary"
    needs_reason: bool = False
    confirm: str = ""


ACTS = (
    SampleAct("accept", "审查通过"),
    SampleAct("return", "退回修改", needs_reason=True),
    SampleAct(
        "reject", "不予受理", "outline-danger", needs_reason=True, confirm="不予受理后企业不能再提交。"
    ),
)


class ChecklistField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SampleForm(Form):
    name = StringField(
        "企业名称", [InputRequired(), Length(max=60)], description="与营业执照一致，不要使用简称。"
    )
    credit_code = StringField("统一社会信用代码", [InputRequired()], description="18 位，末位为校验码。")
    group = RadioField(
        "参赛组别",
        [InputRequired()],
        choices=[SelectChoice("startup", "初创组"), SelectChoice("growth", "成长组")],
    )
    track = SelectField(
        "行业领域", [InputRequired()], choices=[SelectChoice("", "请选择"), *map(SelectChoice, TRACKS)]
    )
    founded = DateField("成立日期", [InputRequired()])
    revenue = MoneyField(
        "上年度营业收入", [InputRequired()], description="按审计报告填写，精确到 0.01 万元。"
    )
    summary = TextAreaField("项目简介", [InputRequired(), Length(max=500)])
    website = StringField("企业网站", [Optional()])
    needs = ChecklistField("希望获得的服务", choices=[*map(SelectChoice, SERVICES)])
    seal = FileField("盖章扫描件", [InputRequired()], description="PDF 或 JPG，不超过 20 MB。")
    agree = BooleanField("已阅读并同意《参赛承诺书》", [InputRequired()])


def context() -> dict:
    """Everything the sample pages draw; `at` is a fixed moment of the 2018 edition."""
    at = datetime(2018, 8, 20, 14, 30, tzinfo=BEIJING)
    entries = sample_entries()
    return {
        "form": sample_form(),
        "page": sample_page(entries),
        "empty_page": sample_page([]),
        "columns": sample_columns(),
        "entries": entries,
        "states": STATES,
        "acts": ACTS,
        "events": sample_events(at),
        "stages": sample_stages(),
        "at": at,
        "deadline": utcnow() + timedelta(days=3, hours=4),
        "paper_date": date(2018, 8, 28),
        "tiles_by_prefecture": [{"code": code, "value": value} for code, value in TILE_VALUES.items()],
        "bar_chart": sample_chart("bar", TRACKS, (("初创组", (96, 71, 52, 80, 38, 33)), ("成长组", (64, 40, 61, 92, 47, 38)))),
        "line_chart": sample_chart("line", ("2014", "2015", "2016", "2017", "2018"), (("报名企业", (212, 305, 431, 568, 712)),)),
        "pie_chart": sample_chart("pie", ("初创组", "成长组"), (("企业", (370, 342)),)),
    }  # fmt: skip


def sample_form() -> SampleForm:
    """A form as it comes back after a refused submission."""
    form = SampleForm(
        formdata=None, name="天山云图信息技术有限公司", group="startup", summary="以多源遥感估算棉田需水量。"
    )
    form.revenue.data = 128_650_000
    form.credit_code.data = "9165010MA7009001"
    form.credit_code.errors = ["应为 18 位，现为 16 位，请核对营业执照。"]
    form.track.errors = ["请选择行业领域。"]
    return form


def sample_entries() -> list[SampleEntry]:
    return [
        SampleEntry(
            id=index + 1,
            number=f"XJ2018-{index * 37 + 12:04d}",
            project=project,
            enterprise=enterprise,
            prefecture=PREFECTURES[index % len(PREFECTURES)],
            track=TRACKS[index % len(TRACKS)],
            score=None if index == 6 else 9125 - index * 187,
            prize_fen=(80 - index * 8) * 1_000_000,
            badge=STATES[index % len(STATES)],
        )
        for index, (enterprise, project) in enumerate(NAMES)
    ]


def sample_page(entries: list[SampleEntry]) -> Page:
    return Page(
        items=entries,
        total=712 if entries else 0,
        number=4,
        size=20,
        path=request.path,
        args=request.args.to_dict(),
        filters=sample_filters(),
        sort="-score",
        sorts=frozenset({"number", "project", "score"}),
    )


def sample_filters() -> list[Filter]:
    def option(*words: str) -> list[tuple[str, str]]:
        return [(word, word) for word in words]

    return [
        Filter("state", "状态", option(*(state.label for state in STATES)), str, ""),
        Filter("group", "组别", option("初创组", "成长组"), str, ""),
        Filter("track", "行业领域", option(*TRACKS), str, ""),
        Filter("prefecture", "地州市", option(*PREFECTURES), str, ""),
        Filter("round", "轮次", option("初赛", "复赛", "决赛"), str, ""),
    ]


def sample_columns() -> list[dict[str, str]]:
    return [
        {"key": "project", "label": "参赛项目"},
        {"key": "number", "label": "编号"},
        {"key": "prefecture", "label": "地州市"},
        {"key": "track", "label": "行业领域"},
        {"key": "state", "label": "状态"},
        {"key": "score", "label": "得分", "align": "end"},
        {"key": "acts", "label": "操作", "align": "end"},
    ]


def sample_events(at: datetime) -> list[SampleEvent]:
    return [
        SampleEvent("阿依努尔（企业经办人）", "提交报名", at - timedelta(days=19), icon="send"),
        SampleEvent(
            "昌吉州科技局", "退回修改", at - timedelta(days=17), "营业执照扫描件不清晰，请重新上传。",
            "warning", "arrow-counterclockwise",
        ),
        SampleEvent("阿依努尔（企业经办人）", "再次提交", at - timedelta(days=16, hours=3), icon="send"),
        SampleEvent("昌吉州科技局", "审查通过", at - timedelta(days=14), tone="success", icon="check-circle"),
    ]  # fmt: skip


def sample_stages() -> list[dict[str, str]]:
    words = ("报名", "形式审查", "地区赛", "行业赛", "决赛", "公示", "兑付")
    states = ("done", "done", "done", "current", "todo", "todo", "todo")
    notes = ("6月1日—7月31日", "641 家通过", "11 个赛区", "8月20日—24日", "9月", "", "")
    return [
        {"label": word, "state": state, "note": note}
        for word, state, note in zip(words, states, notes, strict=True)
    ]


def sample_chart(kind: str, labels: tuple[str, ...], series: tuple[tuple[str, tuple[int, ...]], ...]) -> dict:
    """The drawing's spec with the head and the rows of the table behind it."""
    return {
        "spec": {
            "kind": kind,
            "labels": list(labels),
            "series": [{"name": name, "data": list(data)} for name, data in series],
            "unit": "家",
        },
        "headers": ["", *(name for name, _ in series)],
        "rows": [[label, *(data[i] for _, data in series)] for i, label in enumerate(labels)],
    }
