"""The form of a round: panel, format, scoring, ties, places."""

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from competition import quota_table
from competition.enums import Aggregation, Group, StageKind
from competition.forms.editions import Checks, whole
from core.forms import Form

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
    at_least = whole("每单元至少", 0, 10_000, optional=True)
    at_most = whole("每单元至多", 0, 10_000, optional=True)
    table = TextAreaField(
        "单独设定的名额",
        [Optional(), Length(max=5000)],
        description="每单元固定名额时，与众不同的单元一行一个，例如“乌鲁木齐赛区 初创组：5”。",
    )
    reserves = whole("候补人数", 0, 1000, optional=True, description="不填则全部列为候补。")
    backfill = BooleanField("弃赛后依序递补", default="checked")
    has_notice = BooleanField("晋级名单公示")
    visits_after = BooleanField("本轮晋级企业须接受尽职调查")
    recommends = BooleanField("全国赛推荐依据本轮成绩")

    def offer(self, edition: Any, criteria: dict[str, str]) -> None:
        """The steps a tie can be parted by, `criteria` by code; regions and tracks by the names on their pages."""
        self.names = {
            "region": {region.name: str(region.id) for region in edition.regions},
            "track": {track.name: track.code for track in edition.tracks},
            "group": {group.label: group.value for group in Group},
        }
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
        self.at_least.data, self.at_most.data = places.get("at_least"), places.get("at_most")
        self.table.data = quota_table.words(places.get("table", []), self.by.data, self.names)
        self.reserves.data = stage.quota.get("reserves")

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
        switches = ("backfill", "has_notice", "visits_after", "recommends")
        return {
            **{name: self[name].data for name in (*names, *switches)},
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
        if not self.places.data:
            return {}
        by = self.by.data or []
        tie = "both_advance" if self.tie_shared.data else "strict"
        return {"by": by, "places": self._places(by), "tie": tie, "reserves": self.reserves.data}

    def _places(self, by: list[str]) -> dict[str, Any]:
        number = self.number.data or 0
        limits = {"at_most": self.at_most.data}
        if self.at_least.data is not None:
            limits["at_least"] = self.at_least.data
        if self.places.data == "share":
            return {"kind": "share", "total": number, **limits}
        if self.places.data == "percent":
            return {"kind": "percent", "basis_points": min(number, 100) * 100, **limits}
        table = quota_table.parse(self.table.data or "", by, self.names)
        return {"kind": "fixed", "otherwise": number, "table": table}
