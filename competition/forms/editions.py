"""Forms of editions and their parts."""

import re
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
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from competition import fields, validators
from competition.enums import AttachmentKind, CriterionMode, Group
from core.clock import BEIJING, beijing
from core.errors import InvalidInput
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


LOCAL = ["city", "provincial"]
LEVELS = [("city", "地州市"), ("provincial", "自治区"), ("national", "全国")]
# Texts whose limit an edition may set lower or higher than the form's own.
LIMITED = [field for field in fields.FIELDS if field.kind is fields.Kind.TEXT]


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
    recent_levels = Checks("其中按哪一级的获奖计", choices=LEVELS, default=["city", "provincial"])
    cap_must_improve = BooleanField("再次获奖须为更高等次或另一组别")
    other_entry = RadioField(
        "同一年度已参加其他届次（分赛）",
        choices=[("", "不核对"), ("manual", "人工核实"), ("fail", "不得参赛")],
        default="fail",
    )
    integrity_required = BooleanField("须签署真实性与信用承诺")
    number_required_at = RadioField(
        "入库登记编号",
        choices=[("", "不要求"), ("recommendation", "推荐全国赛前须有"), ("registration", "报名时须有")],
        default="recommendation",
    )
    number_exempts_startup = BooleanField("初创组不要求")
    hightech_accepted = BooleanField("可用有效的高新技术企业证书编号代替")
    sme_number_years = StringField(
        "认可的入库年份", [Optional(), Length(max=60)], description="多个年份用顿号分开，不填则不限。"
    )
    sme_number_pattern = StringField(
        "入库登记编号格式", [Optional(), Length(max=200)], description="正则表达式，不填用通行格式。"
    )
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
        self._show_repeats(rules)
        self._show_number(rules)
        for field in LIMITED:
            self[f"limit_{field.name}"].data = edition.text_limits.get(field.name)
        self.revenue_max.data = wan(edition.revenue_max_fen).replace(",", "")
        self.ip_min.data = rules.get("ip_min", 1)
        self.ip_pending_ok.data = rules.get("ip_pending_ok_for_startup", False)
        self.listed_barred.data = rules.get("listed_barred", True)
        self.integrity_required.data = rules.get("integrity_required", True)
        self.guest_divisions.data = rules.get("guest_divisions", [])

    def _show_repeats(self, rules: dict[str, Any]) -> None:
        recent, cap = rules.get("recent_winner") or {}, rules.get("award_cap") or {}
        self.national_barred.data = rules.get("national_winner", True) is not None
        self.recent_years.data = recent.get("within_years")
        self.recent_levels.data = recent.get("levels") or LOCAL
        self.award_cap.data, self.cap_must_improve.data = cap.get("most"), cap.get("must_improve", True)
        self.repeat_only_encouragement.data = bool(rules.get("repeat_winner"))
        self.unfinished_acceptance.data = rules.get("unfinished_acceptance", "manual") or ""
        self.other_entry.data = rules.get("other_entry", "fail") or ""

    def _show_number(self, rules: dict[str, Any]) -> None:
        self.number_required_at.data = rules.get("number_required_at", "recommendation") or ""
        self.number_exempts_startup.data = rules.get("number_exempts_startup", True)
        self.hightech_accepted.data = rules.get("hightech_accepted", True)
        self.sme_number_years.data = "、".join(map(str, rules.get("sme_number_years") or ()))
        self.sme_number_pattern.data = rules.get("sme_number_pattern", "")

    def leave_moments(self) -> None:
        """For the working copy of a change: moments are moved by extensions, which have a notice of their own."""
        del self.opens_at, self.account_deadline, self.entry_deadline

    def validate_sme_number_years(self, field: StringField) -> None:
        if any(not re.fullmatch(r"20[0-9]{2}", year) for year in _years(field.data)):
            raise ValidationError("年份应为四位数字，例如 2018、2019。")

    def validate_sme_number_pattern(self, field: StringField) -> None:
        try:
            if field.data:
                validators.number_pattern(field.data)
        except InvalidInput as problem:
            raise ValidationError(problem.sentence) from problem

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
            **{
                name: self[name].moment
                for name in ("opens_at", "account_deadline", "entry_deadline")
                if name in self
            },
            "text_limits": {
                field.name: self[f"limit_{field.name}"].data
                for field in LIMITED
                if self[f"limit_{field.name}"].data
            },
            "revenue_max_fen": self.revenue_max.fen,
            "budget_line_code": self.budget_line_code.data or None,
            "eligibility": self._switches(),
        }

    def _switches(self) -> dict[str, Any]:
        years, cap = self.recent_years.data, self.award_cap.data
        levels = sorted(self.recent_levels.data or LOCAL)
        pattern = {"sme_number_pattern": self.sme_number_pattern.data} if self.sme_number_pattern.data else {}
        return {
            **pattern,
            "integrity_required": self.integrity_required.data,
            "other_entry": self.other_entry.data or None,
            "number_required_at": self.number_required_at.data or None,
            "number_exempts_startup": self.number_exempts_startup.data,
            "hightech_accepted": self.hightech_accepted.data,
            "sme_number_years": sorted(int(year) for year in _years(self.sme_number_years.data)),
            "ip_min": self.ip_min.data,
            "ip_pending_ok_for_startup": self.ip_pending_ok.data,
            "listed_barred": self.listed_barred.data,
            "national_winner": {"levels": ["national"]} if self.national_barred.data else None,
            "recent_winner": {"levels": levels, "within_years": years} if years else None,
            "award_cap": {"levels": LOCAL, "most": cap, "must_improve": self.cap_must_improve.data}
            if cap
            else None,
            "repeat_winner": {"levels": LOCAL} if self.repeat_only_encouragement.data else None,
            "unfinished_acceptance": self.unfinished_acceptance.data or None,
            "guest_divisions": sorted(self.guest_divisions.data or []),
        }


def _years(text: str | None) -> list[str]:
    return [year for year in re.split(r"[、，,;；\s]+", text or "") if year]


for _field in LIMITED:
    setattr(
        ParametersForm,
        f"limit_{_field.name}",
        whole(_field.label, 20, 10_000, optional=True, description=f"不填为 {_field.longest} 字。"),
    )


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


class TrackEditForm(Form):
    name = StringField("行业名称", [InputRequired("请填写名称。"), Length(max=60)])
    room_of = SelectField("评审室", description="合并后与所选行业在同一评审室评审，一起排名。")

    def offer(self, track: Any) -> None:
        others = [row for row in track.edition.tracks if row.id != track.id and row.room_of_id is None]
        self.room_of.choices = [("", "单独设评审室"), *((row.code, f"并入“{row.name}”") for row in others)]


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


class ExtendForm(Form):
    field = RadioField(
        "延长哪个截止时间",
        [InputRequired("请选择。")],
        choices=[("entry_deadline", "报名截止"), ("account_deadline", "注册截止")],
    )
    new_at = BeijingMoment("新的截止时间", [InputRequired("请填写新的截止时间。")], description="北京时间。")
    reason = TextAreaField("延期理由", [InputRequired("请填写理由。"), Length(max=500)])
