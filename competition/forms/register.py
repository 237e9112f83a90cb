"""Forms of registration and of the people who act for an enterprise."""

from wtforms import BooleanField, DateField, Field, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Optional, ValidationError

from core.forms import Form

PASSWORD_HELP = "至少 8 位，含大写、小写、数字、符号中的三类。"
USERNAME_HELP = "3 至 64 位字母、数字或 _ - . @，用于登录。"


class Most:
    """At most so many characters, without the counter that belongs to long texts."""

    def __init__(self, limit: int):
        self.limit = limit

    def __call__(self, _form: Form, field: Field) -> None:
        if len(field.data or "") > self.limit:
            raise ValidationError(f"最多 {self.limit} 个字符。")


class RegisterForm(Form):
    credit_code = StringField(
        "统一社会信用代码",
        [InputRequired("请填写统一社会信用代码。"), Most(40)],
        description="营业执照上的 18 位代码，一个代码注册一次，各届通用。",
        render_kw={"autocomplete": "off", "data-check": "credit-code"},
    )
    name = StringField(
        "企业名称", [InputRequired("请填写企业名称。"), Most(100)], description="与营业执照一致。"
    )
    division_code = SelectField("注册地（县市区）", [InputRequired("请选择注册地。")])
    registered_on = DateField("注册（成立）日期", [InputRequired("请填写注册日期。")])
    contact_name = StringField("经办人姓名", [InputRequired("请填写经办人姓名。"), Most(60)])
    contact_phone = StringField(
        "手机号", [InputRequired("请填写手机号。"), Most(20)], render_kw={"inputmode": "tel"}
    )
    contact_email = StringField("邮箱", [Optional(), Most(254)], description="可不填。站内信始终可用。")
    username = StringField("用户名", [InputRequired("请填写用户名。"), Most(64)], description=USERNAME_HELP)
    password = PasswordField(
        "设置密码", [InputRequired("请设置密码。"), Most(128)], description=PASSWORD_HELP
    )
    repeat = PasswordField("再次输入密码", [EqualTo("password", "两次输入的密码不一致。")])
    agree = BooleanField(
        "已阅读本届规则，同意组委会为办理参赛事项使用上述信息", [InputRequired("请阅读并勾选。")]
    )

    def offer_places(self, places: list[tuple[str, str]]) -> None:
        self.division_code.choices = [("", "请选择"), *places]


class InviteContactForm(Form):
    name = StringField("被邀请人姓名", [InputRequired("请填写姓名。"), Most(60)])
    hand_over = RadioField(
        "邀请方式",
        choices=[("no", "增加一名经办人"), ("yes", "移交给对方，我不再经办")],
        default="no",
    )


class JoinForm(Form):
    username = StringField("用户名", [InputRequired("请填写用户名。"), Most(64)], description=USERNAME_HELP)
    phone = StringField("手机号", [InputRequired("请填写手机号。"), Most(20)], render_kw={"inputmode": "tel"})
    password = PasswordField(
        "设置密码", [InputRequired("请设置密码。"), Most(128)], description=PASSWORD_HELP
    )
    repeat = PasswordField("再次输入密码", [EqualTo("password", "两次输入的密码不一致。")])
