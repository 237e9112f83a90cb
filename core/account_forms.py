"""Forms of accounts and administration."""

from wtforms import (
    DateField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, EqualTo, InputRequired, Length, Optional, Regexp

from core.enums import ADMINISTRATORS, ROLE_LABELS, Role
from core.forms import Form

PASSWORD_HELP = "至少 8 位，含大写、小写、数字、符号中的三类。"


class SignInForm(Form):
    username = StringField("用户名", [InputRequired("请填写用户名。"), Length(max=64)])
    password = PasswordField("密码", [InputRequired("请填写密码。"), Length(max=128)])
    code = StringField("动态验证码", [Length(max=10)], description="启用了双因素验证的账号填写。")


class AcceptInvitationForm(Form):
    username = StringField(
        "用户名",
        [
            InputRequired("请填写用户名。"),
            Regexp(r"[A-Za-z0-9_.@-]{3,64}$", message="用户名由 3 到 64 位字母、数字、点、横线组成。"),
        ],
    )
    password = PasswordField(
        "设置密码", [InputRequired("请设置密码。"), Length(max=128)], description=PASSWORD_HELP
    )
    repeat = PasswordField("再次输入密码", [EqualTo("password", "两次输入的密码不一致。")])


class ChangePasswordForm(Form):
    old = PasswordField("原密码", [InputRequired("请填写原密码。"), Length(max=128)])
    password = PasswordField(
        "新密码", [InputRequired("请填写新密码。"), Length(max=128)], description=PASSWORD_HELP
    )
    repeat = PasswordField("再次输入新密码", [EqualTo("password", "两次输入的密码不一致。")])


class TotpForm(Form):
    code = StringField("动态验证码", [InputRequired("请填写验证器显示的六位数字。"), Length(max=10)])


class InviteForm(Form):
    role = SelectField("角色", [InputRequired("请选择角色。")])
    display_name = StringField("姓名或单位", [InputRequired("请填写姓名或单位。"), Length(max=100)])
    email = StringField("邮箱", [Optional(), Email("邮箱格式不正确。"), Length(max=255)])
    division_codes = SelectMultipleField(
        "管辖区划", description="地州市科技局选地州市，县市区联络员选县市区。"
    )

    def offer(self, inviter_role: Role, divisions: list[tuple[str, str]]) -> None:
        roles = [role for role in Role if role != Role.ENTERPRISE]
        if inviter_role != Role.SECADMIN:
            roles = [role for role in roles if role not in ADMINISTRATORS]
        self.role.choices = [(role.value, ROLE_LABELS[role]) for role in roles]
        self.division_codes.choices = divisions


class ReasonForm(Form):
    reason = TextAreaField("理由", [InputRequired("请填写理由。"), Length(max=500)])


class CalendarDayForm(Form):
    day = DateField("日期", [InputRequired("请选择日期。")])
    working = RadioField("当天", choices=[("0", "休假"), ("1", "上班")], default="0")
    name = StringField("名称", [InputRequired("请填写名称，例如 古尔邦节。"), Length(max=60)])
