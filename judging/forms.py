"""Forms of the judging pages."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from competition.enums import Group
from competition.forms.editions import BeijingMoment
from competition.models import Stage
from core.forms import Form
from core.models import User
from judging.diagnosis.enums import Normalising
from judging.enums import JudgeRole, RecusalReason
from judging.models import Judge

NONE = ("", "不限")


class Checks(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class JudgeForm(Form):
    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=60)])
    role = RadioField("类别", choices=[(role.value, role.label) for role in JudgeRole])
    employer = StringField("工作单位", [InputRequired("请填写工作单位。"), Length(max=120)])
    employer_code = StringField(
        "单位统一社会信用代码",
        [Optional(), Regexp(r"[0-9A-Z]{18}$", message="应为 18 位数字或大写字母。")],
        description="用于自动比对回避关系，可不填。",
    )
    title = StringField("职务职称", [Length(max=60)])
    expertise = StringField(
        "专业领域", [Length(max=200)], description="多个领域用顿号分开，例如：先进制造、新材料。"
    )
    region = StringField("所在地区", [Length(max=60)])
    phone = StringField("手机", [Optional(), Regexp(r"1[0-9]{10}$", message="请填写 11 位手机号。")])
    user_id = SelectField(
        "登录账号", [Optional()], coerce=str, description="评委用该账号打分；账号由安全管理员邀请开通。"
    )
    active = BooleanField("在库（可参加评审）", default=True)

    def offer(self, users: Sequence[User]) -> None:
        self.user_id.choices = [("", "暂不关联")] + [
            (str(u.id), f"{u.display_name}（{u.username}）") for u in users
        ]

    def values(self) -> dict[str, Any]:
        words = [
            word.strip() for word in self.expertise.data.replace(",", "、").replace("，", "、").split("、")
        ]
        return {
            "name": self.name.data.strip(),
            "role": JudgeRole(self.role.data),
            "employer": self.employer.data.strip(),
            "employer_code": self.employer_code.data or "",
            "title": self.title.data or "",
            "expertise": [word for word in words if word],
            "region": self.region.data or "",
            "phone": self.phone.data or "",
            "active": self.active.data,
        }


class ConflictForm(Form):
    entry_number = StringField("项目编号", [InputRequired("请填写项目编号。"), Length(max=30)])
    reason_code = SelectField("理由", choices=[(reason.value, reason.label) for reason in RecusalReason])
    reason = StringField("说明", [Length(max=300)])


class SessionForm(Form):
    name = StringField("场次名称", [InputRequired("请填写场次名称。"), Length(max=80)])
    room = StringField("评审室", [Length(max=80)])
    starts_at = BeijingMoment("开始时间", [InputRequired("请填写开始时间。")], description="北京时间。")
    region = SelectField("赛区", [Optional()], coerce=str)
    track = SelectField("行业", [Optional()], coerce=str)
    group = SelectField("组别", [Optional()], choices=[NONE] + [(g.value, g.label) for g in Group])
    chair = SelectField("评委组长", [InputRequired("请选择组长。")], coerce=str)
    judges = Checks("其他评委", coerce=str)
    second = Checks("第二评审团", coerce=str)
    recorder = SelectField("记分员", [Optional()], coerce=str)
    only_on_stage = BooleanField("只开放已上场项目的评分表", default=True)
    public_board = BooleanField("大屏向公众开放", description="开放后，不登录也能看到本场大屏（现场亮分）。")

    def offer(self, stage: Stage, judges: Sequence[Judge], recorders: Sequence[User]) -> None:
        self.region.choices = [NONE] + [(str(r.id), r.name) for r in stage.edition.regions]
        rooms = [track for track in stage.edition.tracks if track.room_of_id is None]
        self.track.choices = [NONE] + [(str(t.id), "＋".join(s.name for s in t.sharing)) for t in rooms]
        listed = [(str(j.id), f"{j.name}（{j.role.label}，{j.employer}）") for j in judges]
        self.chair.choices = [("", "请选择"), *listed]
        self.judges.choices = self.second.choices = listed
        if stage.second_panel:
            self.second.label.text = stage.second_panel["name"]
        else:
            del self.second
        self.recorder.choices = [("", "暂不指定")] + [(str(u.id), u.display_name) for u in recorders]

    def panel_ids(self) -> list[int]:
        """The chair first, then the others in their order, once each."""
        chosen = [self.chair.data, *(self.judges.data or [])]
        return [int(text) for text in dict.fromkeys(chosen)]

    def second_ids(self) -> list[int]:
        return [int(text) for text in (self.second.data or [])] if "second" in self else []


class EntriesForm(Form):
    entries = Checks("参赛项目", coerce=str)


class DrawForm(Form):
    witness = SelectField("见证人", [InputRequired("请选择见证人。")], coerce=str)
    seed = StringField(
        "抽签种子",
        [Length(max=64)],
        description="由见证人当场给出任意字符；留空则由系统随机产生。种子与名单公开后，任何人可复算次序。",
    )


class RecusalForm(Form):
    reason_code = SelectField("回避理由", choices=[(reason.value, reason.label) for reason in RecusalReason])
    reason = StringField("说明", [Length(max=300)], description="选择“其他”时必须写明。")


class ReasonForm(Form):
    reason = TextAreaField("理由", [InputRequired("请填写理由。"), Length(max=500)])


class StandInForm(Form):
    judge = SelectField("增补评委", [InputRequired("请选择评委。")], coerce=str)
    reason = StringField("增补原因", [InputRequired("请填写原因。"), Length(max=300)])


class TieForm(Form):
    numbers = TextAreaField(
        "先后次序",
        [InputRequired("请填写项目编号。"), Length(max=1000)],
        description="得分相同的项目编号，每行一个，排在前面的名次在前。",
    )
    minutes = TextAreaField("合议纪要", [InputRequired("请填写合议纪要。"), Length(max=2000)])


class DiagnosisForm(Form):
    places = StringField(
        "名额",
        [InputRequired("请填写名额。"), Regexp(r"[0-9]{1,6}$", message="请填整数。")],
        description="分界线以上的项目数，例如晋级或获奖名额。",
    )
    draws = SelectField(
        "抽样次数", choices=[(str(count), f"{count} 次") for count in (200, 1000, 5000)], default="1000"
    )
    seed = StringField(
        "随机种子",
        [InputRequired("请填写种子。"), Regexp(r"[0-9]{1,10}$", message="请填不超过十位的整数。")],
        default="0",
        description="种子相同，结果逐字节相同，任何人可以复算。",
    )

    def values(self) -> dict[str, int]:
        return {name: int(self[name].data) for name in ("places", "draws", "seed")}


class RoomsForm(Form):
    drawn = RadioField(
        "项目怎样分到各评审室",
        choices=[("drawn", "抽签分配"), ("unknown", "按赛区、行业等分配，不是抽签")],
        validators=[InputRequired("请选择。")],
    )
    method = RadioField(
        "各评审室成绩是否换算",
        choices=[(method.value, method.label) for method in Normalising],
        default=Normalising.NONE.value,
    )
    basis = TextAreaField(
        "公布依据",
        [InputRequired("请写明公布该规则的文件或公告。"), Length(max=500)],
        description="打分开始后不能再声明或更改。",
    )


class PledgeForm(Form):
    agreed = BooleanField("我已阅读并承诺遵守以上各条", [InputRequired("请阅读并勾选承诺。")])
