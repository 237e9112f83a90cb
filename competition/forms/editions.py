"""Forms of editions and their parts."""

from datetime import UTC, datetime
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from competition.enums import Aggregation, AttachmentKind, CriterionMode, Group, StageKind
from core.clock import BEIJING, beijing
from core.forms import Form, MoneyField
from core.money import wan

CODE = Regexp(r"[a-z0-9][a-z0-9-]{1,29}$", message="代码为 2 至 30 位小写字母、数字或横线。")


class BeijingMoment(DateTimeLocalField):
    """A moment typed in Beijing time, held as `moment` in UTC."""

    def process_data(self, value: datetime | None) -> None:
        self.data = beijing(value).replace(tzinfo=None) if value else None

    @property
    def moment(self) -> datetime | None:
        return self.data.replace(tzinfo=BEIJING).astimezone(UTC) if self.data else None


class Checks(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def whole(label: str, low: int, high: int, *, optional: bool = False, **options: Any) -> IntegerField:
    first = Optional() if optional else InputRequired("请填写此项。")
    limits = NumberRange(low, high, f"应为 {low} 至 {high} 的整数。")
    return IntegerField(label, [first, limits], **options)


class ParametersForm(Form):
    name = StringField("届次名称", [InputRequired("请填写名称。"), Length(max=120)])
    opens_at = BeijingMoment("报名开始", [Optional()], description="北京时间，以服务器时钟为准。")
    account_deadline = BeijingMoment("注册截止", [Optional()])
    entry_deadline = BeijingMoment("报名截止", [Optional()])
    revenue_year = whole("营业收入所属年度", 2000, 2100)
    revenue_max = MoneyField("营业收入上限（含）", [InputRequired("请填写上限。")])
    founded_from = DateField("最早成立日期（含）", [Optional()], description="不填则不限。")
    startup_from = DateField(
        "初创组起始日期（含）", [InputRequired("请填写日期。")], description="当日及以后注册的属初创组。"
    )
    ip_min = whole("知识产权最少件数", 0, 100)
    ip_pending_ok = BooleanField("初创组可用已受理的知识产权")
    listed_barred = BooleanField("上市企业不得参赛")
    national_barred = BooleanField("全国赛获奖企业不得参赛")
    recent_years = whole("近几年省市赛获奖企业不得参赛", 1, 20, optional=True, description="不填则不限。")
    award_cap = whole("终身获奖次数上限", 1, 20, optional=True, description="不填则不限。")
    repeat_only_encouragement = BooleanField("往届获奖企业只能获鼓励奖")
    unfinished_acceptance = RadioField(
        "往届奖励项目未验收",
        choices=[("", "不核对"), ("manual", "人工核实"), ("fail", "不得参赛")],
        default="manual",
    )
    guest_divisions = Checks("受邀参赛的兵团师市")
    required_attachments = Checks("必传附件", choices=[(kind.value, kind.label) for kind in AttachmentKind])
    notice_days = whole("公示工作日", 1, 60)
    notice_counts_first = BooleanField("公示当日计入")
    notice_shows = SelectField(
        "公示内容", choices=[("name", "只列名单"), ("rank", "列名次"), ("score", "列名次和得分")]
    )
    recommendation_quota = whole("全国赛推荐名额", 0, 10_000)
    budget_line_code = StringField("经费科目编码", [Optional(), Length(max=40)])

    def show(self, edition: Any) -> None:
        """Fill the switches from the edition's stored rules (the plain columns are read by name)."""
        rules = edition.eligibility
        self.revenue_max.data = wan(edition.revenue_max_fen).replace(",", "")
        self.ip_min.data = rules.get("ip_min", 1)
        self.ip_pending_ok.data = rules.get("ip_pending_ok_for_startup", False)
        self.listed_barred.data = rules.get("listed_barred", True)
        self.national_barred.data = rules.get("national_winner", True) is not None
        self.recent_years.data = (rules.get("recent_winner") or {}).get("within_years")
        self.award_cap.data = (rules.get("award_cap") or {}).get("most")
        self.repeat_only_encouragement.data = bool(rules.get("repeat_winner"))
        self.unfinished_acceptance.data = rules.get("unfinished_acceptance", "manual") or ""
        self.guest_divisions.data = rules.get("guest_divisions", [])

    def values(self) -> dict[str, Any]:
        """As `update_edition` takes them."""
        plain = (
            "name",
            "revenue_year",
            "founded_from",
            "startup_from",
            "required_attachments",
            "notice_days",
        )
        more = ("notice_counts_first", "notice_shows", "recommendation_quota")
        return {
            **{name: self[name].data for name in (*plain, *more)},
            **{name: self[name].moment for name in ("opens_at", "account_deadline", "entry_deadline")},
            "revenue_max_fen": self.revenue_max.fen,
            "budget_line_code": self.budget_line_code.data or None,
            "eligibility": self._switches(),
        }

    def _switches(self) -> dict[str, Any]:
        local, years, cap = ["city", "provincial"], self.recent_years.data, self.award_cap.data
        return {
            "ip_min": self.ip_min.data,
            "ip_pending_ok_for_startup": self.ip_pending_ok.data,
            "listed_barred": self.listed_barred.data,
            "national_winner": {"levels": ["national"]} if self.national_barred.data else None,
            "recent_winner": {"levels": local, "within_years": years} if years else None,
            "award_cap": {"levels": local, "most": cap} if cap else None,
            "repeat_winner": {"levels": local} if self.repeat_only_encouragement.data else None,
            "unfinished_acceptance": self.unfinished_acceptance.data or None,
            "guest_divisions": sorted(self.guest_divisions.data or []),
        }


class NewEditionForm(Form):
    code = StringField(
        "代码", [InputRequired("请填写代码。"), CODE], description="例如 xj2026，用于网址和编号，以后不改。"
    )
    name = StringField("届次名称", [InputRequired("请填写名称。"), Length(max=120)])
    ordinal = whole("第几届", 1, 200)
    year = whole("年度", 2000, 2100)
    source = SelectField("参数来源", description="从以往届次复制后，日期按年度顺延。")

    def offer(self, editions: list[Any]) -> None:
        self.source.choices = [
            ("", "默认参数"),
            *((edition.code, f"复制：{edition.name}") for edition in editions),
        ]


class TrackForm(Form):
    code = StringField("代码", [InputRequired("请填写代码。"), CODE])
    name = StringField("行业名称", [InputRequired("请填写名称。"), Length(max=60)])


class RegionForm(Form):
    region_name = StringField("赛区名称", [InputRequired("请填写名称。"), Length(max=60)])
    host = StringField("承办单位", [Optional(), Length(max=100)])
    prefectures = Checks("包含的地州市")


class CriterionRow(PlainForm):
    code = StringField("代码", [Length(max=30)])
    name = StringField("评分项", [Length(max=60)])
    mode = SelectField(
        "打分方式",
        choices=[(mode.value, mode.label) for mode in CriterionMode],
        default=CriterionMode.POINTS.value,
    )
    points = IntegerField("满分", [Optional(), NumberRange(1, 100, "满分应为 1 至 100。")])
    hint = StringField("要点", [Length(max=200)])


class CriteriaForm(Form):
    group = SelectField("组别", choices=[(group.value, group.label) for group in Group])
    rows = FieldList(FormField(CriterionRow), min_entries=8, max_entries=12)

    def criteria(self) -> list[dict[str, Any]]:
        return [
            {
                "code": (row["code"] or "").strip() or f"c{number}",
                "name": row["name"].strip(),
                "mode": CriterionMode(row["mode"] or CriterionMode.POINTS),
                "max_hundredths": (row["points"] or 0) * 100,
                "hint": row["hint"] or "",
            }
            for number, row in enumerate(self.rows.data, 1)
            if (row["name"] or "").strip()
        ]


DIMENSIONS = [("region", "赛区"), ("track", "行业"), ("group", "组别")]
PLACE_KINDS = [
    ("", "不设名额（末轮）"),
    ("fixed", "每单元固定名额"),
    ("share", "总名额按报名数分配"),
    ("percent", "每单元按比例"),
]
TIES = [("", "不再区分"), ("earlier_round", "上一轮成绩"), ("panel_decision", "评委组合议")]
TIE_STEPS = 4
SECOND_PANELS = [
    ("", "没有"),
    ("weighted", "有，按占比计入得分（例如大众评审）"),
    ("popularity", "有，只给人气分，不计入得分"),
]
SECOND_LOOKS = [
    ("", "不计入，列在正式成绩旁"),
    ("pooled", "计入：复评分与原评委的分一起，按本轮计分规则计算"),
    ("weighted", "计入：原得分与复评平均分按占比相加"),
]


class StageForm(Form):
    kind = SelectField("类别", choices=[(kind.value, kind.label) for kind in StageKind])
    name = StringField("名称", [InputRequired("请填写名称。"), Length(max=60)])
    panel_size = whole("评委人数", 1, 99, default=5)
    aggregation = RadioField(
        "计分",
        choices=[(Aggregation.MEAN.value, "全体平均"), (Aggregation.TRIMMED.value, "去掉最高最低分后平均")],
        default=Aggregation.MEAN.value,
    )
    drop_high = whole("去掉最高分个数", 0, 5, default=0)
    drop_low = whole("去掉最低分个数", 0, 5, default=0)
    score_step = SelectField(
        "打分最小单位", choices=[(1, "0.01"), (10, "0.1"), (50, "0.5"), (100, "1")], coerce=int, default=50
    )
    pitch_minutes = whole("路演分钟", 1, 120, default=8)
    answer_minutes = whole("答辩分钟", 0, 120, default=7)
    tie_basis = RadioField(
        "同分怎样判定",
        choices=[("shown", "保留两位小数后相同即为同分"), ("exact", "未四舍五入的得分相同才是同分")],
        default="shown",
    )
    second_kind = SelectField("第二评审团", choices=SECOND_PANELS, default="")
    second_name = StringField("第二评审团名称", [Optional(), Length(max=20)], default="大众评审")
    second_size = whole("第二评审团人数", 3, 99, optional=True)
    second_weight = whole("第二评审团占比", 1, 99, optional=True)
    look_rule = SelectField(
        "复评分",
        choices=SECOND_LOOKS,
        default="",
        description="计入时，每个项目只复评一次，由两位评委都给分后才计入，并须依最没有把握的次序选取。",
    )
    look_weight = whole("复评占比", 1, 99, optional=True)
    tie_1, tie_2, tie_3, tie_4 = (SelectField(f"同分第{place}步", default="") for place in "一二三四")
    tie_shared = BooleanField("仍同分则并列同时晋级")
    by = Checks("名额按什么分", choices=DIMENSIONS)
    places = SelectField("名额", choices=PLACE_KINDS)
    number = whole("名额数或百分比", 0, 100_000, optional=True)
    backfill = BooleanField("弃赛后依序递补", default="checked")
    has_notice = BooleanField("晋级名单公示")

    def offer(self, criteria: dict[str, str]) -> None:
        """The steps a tie can be parted by; `criteria` names the edition's own by code."""
        named = [(f"criterion:{code}", f"{name}得分") for code, name in criteria.items()]
        for field in self._tie_fields():
            field.choices = [*TIES[:2], *named, *TIES[2:]]

    def _tie_fields(self) -> list[SelectField]:
        return [self[f"tie_{place}"] for place in range(1, TIE_STEPS + 1)]

    def show(self, stage: Any) -> None:
        chain = list(stage.tie_chain)
        self.tie_shared.data = "both_advance" in chain
        steps = [step for step in chain if step != "both_advance"]
        for field, step in zip(self._tie_fields(), steps, strict=False):
            field.data = step
        self.tie_basis.data = "shown" if stage.round_first else "exact"
        if panel := stage.second_panel:
            self.second_kind.data = "weighted" if panel["weight"] else "popularity"
            self.second_name.data, self.second_size.data = panel["name"], panel["size"]
            self.second_weight.data = panel["weight"] or None
        self.look_rule.data = stage.second_look.get("how", "")
        self.look_weight.data = stage.second_look.get("weight")
        places = stage.quota.get("places", {})
        self.by.data = stage.quota.get("by", [])
        self.places.data = places.get("kind", "")
        points = places.get("basis_points")
        self.number.data = (
            points // 100 if points is not None else places.get("total", places.get("otherwise"))
        )

    def values(self) -> dict[str, Any]:
        """As `add_stage` and `change_stage` take them."""
        steps = [field.data for field in self._tie_fields() if field.data]
        names = (
            "name",
            "panel_size",
            "drop_high",
            "drop_low",
            "score_step",
            "pitch_minutes",
            "answer_minutes",
        )
        return {
            **{name: self[name].data for name in (*names, "backfill", "has_notice")},
            "kind": StageKind(self.kind.data),
            "aggregation": Aggregation(self.aggregation.data),
            "tie_chain": [*steps, *(["both_advance"] if self.tie_shared.data else [])],
            "round_first": self.tie_basis.data == "shown",
            "second_panel": self._second_panel(),
            "second_look": self._second_look(),
            "quota": self._quota(),
        }

    def _second_panel(self) -> dict[str, Any]:
        if not self.second_kind.data:
            return {}
        counted = self.second_kind.data == "weighted"
        return {
            "name": (self.second_name.data or "").strip(),
            "size": self.second_size.data,
            "weight": self.second_weight.data if counted else 0,
        }

    def _second_look(self) -> dict[str, Any]:
        if self.look_rule.data == "weighted":
            return {"how": "weighted", "weight": self.look_weight.data}
        return {"how": "pooled"} if self.look_rule.data else {}

    def _quota(self) -> dict[str, Any]:
        number = self.number.data or 0
        by_kind = {
            "fixed": {"kind": "fixed", "otherwise": number},
            "share": {"kind": "share", "total": number},
            "percent": {"kind": "percent", "basis_points": min(number, 100) * 100},
        }
        if not self.places.data:
            return {}
        tie = "both_advance" if self.tie_shared.data else "strict"
        return {"by": self.by.data or [], "places": by_kind[self.places.data], "tie": tie}


class ExtendForm(Form):
    field = RadioField(
        "延长哪个截止时间",
        [InputRequired("请选择。")],
        choices=[("entry_deadline", "报名截止"), ("account_deadline", "注册截止")],
    )
    new_at = BeijingMoment("新的截止时间", [InputRequired("请填写新的截止时间。")], description="北京时间。")
    reason = TextAreaField("延期理由", [InputRequired("请填写理由。"), Length(max=500)])
